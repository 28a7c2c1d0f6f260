"""The shapes that are measured, and how they, kinds and peers are written on a command line.

M x N x K: M is tokens, N x K the stored weights. The layers are those of Llama 3 8B and 70B.
"""

import argparse
import re

from .kinds import KINDS, PEER_NAMES

SUITES = {
    "prefill": [(8192, 8192, 8192), (4096, 4096, 4096), (2048, 2048, 2048), (4096, 14336, 4096), (4096, 4096, 14336),
                (4096, 6144, 4096), (8192, 8192, 28672), (2048, 10240, 8192)],
    "medium": [(64, 4096, 4096), (64, 14336, 4096), (128, 6144, 4096), (128, 14336, 4096), (128, 4096, 14336), (256, 28672, 8192),
               (512, 6144, 4096), (512, 4096, 14336)],
    "decode": [(1, 4096, 4096), (1, 14336, 4096), (1, 4096, 14336), (1, 28672, 8192), (8, 14336, 4096), (16, 4096, 4096),
               (16, 14336, 4096), (32, 6144, 4096)],
    "odd": [(1, 1, 1), (7, 13, 17), (77, 333, 1000), (129, 257, 65), (1000, 1000, 1000), (63, 4095, 4097), (4096, 14336, 4100)],
}  # fmt: skip
ACTIVATIONS = [(8192, 4096), (16384, 8192), (4096, 14336), (2048, 28672)]


def parse_sizes(text: str, count: int) -> tuple:
    """'4096x14336x4096' with `count` sizes from 1 on."""
    form = "x".join("MNK" if count == 3 else "MK")
    if not re.fullmatch(r"\d+(x\d+)*", text) or text.count("x") != count - 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a shape; write {form}, as in {'x'.join(['4096'] * count)}")
    sizes = tuple(map(int, text.split("x")))
    if min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' has a size of 0; every size of {form} has to be at least 1")
    return sizes


def parse_shapes(text: str) -> list:
    return [parse_sizes(word, 3) for word in text.split(",")]


def choice_list(known, what: str):
    """A parser of comma-separated words out of `known`."""

    def parse(text: str) -> list:
        words = text.split(",")
        for word in words:
            if word not in known:
                raise argparse.ArgumentTypeError(f"'{word}' is not a {what}; there are {', '.join(known)}")
        return words

    return parse


parse_suites = choice_list(SUITES, "suite")
parse_kinds = choice_list(KINDS, "type")
parse_peers = choice_list(PEER_NAMES, "peer")


def add_problem_arguments(parser: argparse.ArgumentParser) -> None:
    """--suite, --shape, --type, --schedule, --target, the same words for compiling and for measuring."""
    parser.add_argument("--suite", type=parse_suites, action="extend", default=[], metavar="S,...", help=f"of {', '.join(SUITES)}")
    parser.add_argument("--shape", type=parse_shapes, action="extend", default=[], metavar="MxNxK,...", help="shapes beside the suites")
    parser.add_argument("--type", type=parse_kinds, action="extend", default=[], metavar="T,...",
                        help=f"of {', '.join(KINDS)} (default: bf16)")  # fmt: skip
    parser.add_argument("--schedule", action="append", default=[], metavar="TEXT",
                        help="a schedule by hand, as in 'tile = [128, 256, 64]'; repeated: measured side by side")  # fmt: skip
    parser.add_argument("--target", default="sm_90a", help="what to compile for (default: sm_90a)")


def chosen_shapes(arguments) -> list:
    """(suite, shape) without repetition: the suites named, then the single shapes; prefill where none is named."""
    suites = arguments.suite or ([] if arguments.shape else ["prefill"])
    pairs = [(suite, shape) for suite in suites for shape in SUITES[suite]]
    known = {shape for _, shape in pairs}
    for shape in arguments.shape:
        if shape not in known:
            known.add(shape)
            pairs.append((next((name for name, shapes in SUITES.items() if shape in shapes), "single"), shape))
    return pairs
