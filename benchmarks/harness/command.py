"""Measures mpgemm, cuBLASLt and Triton side by side, in one process on the same tensors.

    benchmarks/run.py --suite prefill,medium,decode,odd --type bf16,f16,tf32,e4m3,e4m3-row,int8

On a machine with an NVIDIA GPU, PyTorch and Triton. Artifacts are compiled on the fly where mpgemm-opt is found, or come from a folder
that benchmarks/build.py filled elsewhere (--artifacts). Writes JSON, a Markdown table and a plot into benchmarks/results; a run that
was ended goes on where it was when it is started again with the same words. benchmarks/README.md explains the figures.
"""

import argparse
import datetime
import pathlib
import re

from . import BENCHMARKS, ROOT, artifacts, report, require, results, shapes
from .kinds import PEER_NAMES, PEERS
from .session import measure_all
from .tables import shape_text


def parse(words=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shapes.add_problem_arguments(parser)
    parser.add_argument("--peer", type=shapes.parse_peers, action="extend", default=[], metavar="P,...",
                        help=f"of {', '.join(PEER_NAMES)} (default: all that have the type)")  # fmt: skip
    parser.add_argument("--artifacts", type=pathlib.Path, help="folder that build.py filled (default: compile now, into build/bench)")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file; the table and the plot lie beside it (default: "
                        "benchmarks/results/DATE-DEVICE-NAME.json)")  # fmt: skip
    parser.add_argument("--name", default="products", help="NAME of the default --out")
    parser.add_argument("--fresh", action="store_true", help="start a file that exists anew instead of going on with it")
    parser.add_argument("--no-plot", action="store_true", help="leave the plot out; --draw makes it later")
    parser.add_argument("--draw", type=pathlib.Path, metavar="FILE", help="write the table and the plot of this JSON file anew and measure "
                        "nothing; needs no GPU")  # fmt: skip
    parser.add_argument("--preheat", type=float, default=20, help="seconds of large products before the first sustained series (20)")
    parser.add_argument("--rewarm", type=float, default=3, help="seconds of all sides before each sustained series (3)")
    parser.add_argument("--rounds", type=int, default=40, help="turns of each side in a sustained series (40)")
    parser.add_argument("--cool-rounds", type=int, default=9, help="turns of each side in a cool series (9)")
    parser.add_argument("--cool-rest", type=float, default=0.1, help="seconds of idleness before each turn of a cool series (0.1)")
    parser.add_argument("--graph-ms", type=float, default=20, help="length of one CUDA graph, milliseconds (20)")
    parser.add_argument("--heuristics", type=int, default=32, help="algorithms asked of cuBLASLt's heuristics (32)")
    arguments = parser.parse_args(words)
    arguments.type = list(dict.fromkeys(arguments.type)) or ["bf16"]
    for name, least in (("rounds", 1), ("cool_rounds", 1), ("heuristics", 1), ("preheat", 0), ("rewarm", 0), ("graph_ms", 1),
                        ("cool_rest", 0.001)):  # fmt: skip
        if getattr(arguments, name) < least:
            parser.error(f"--{name.replace('_', '-')} is {getattr(arguments, name)}; it has to be at least {least}")
    return arguments


def peers_of(kind: str, asked: list) -> list:
    """The peers of a kind, of those asked for; a kind without one cannot be compared."""
    found = [name for name in PEERS[kind] if name in (asked or PEER_NAMES)]
    if not found:
        raise require.Refusal(f"--type {kind} has no peer {' or '.join(asked)}; it has {', '.join(PEERS[kind])}")
    return found


def plan(arguments) -> list:
    """(suite, kind, shape, entries of ours, peers, entry of the peer "own" or None) for each case."""
    cases = []
    for kind in arguments.type:
        peers = peers_of(kind, arguments.peer)
        for suite, shape in shapes.chosen_shapes(arguments):
            ours = artifacts.entries_of([kind], [shape], arguments.schedule, own=False)
            own = artifacts.entries_of([PEERS[kind]["own"]], [shape], own=False)[0] if "own" in peers else None
            cases.append((suite, kind, shape, ours, peers, own))
    return cases


def obtain(cases: list, arguments) -> tuple:
    """The folder of the artifacts, and what is known of each by its name."""
    entries = {entry["artifact"]: entry for *_, ours, _, own in cases for entry in [*ours, *([own] if own else [])]}
    if arguments.artifacts:
        folder, index = arguments.artifacts, artifacts.find_products(entries.values(), arguments.artifacts)
    else:
        folder = ROOT / "build" / "bench"
        index = artifacts.compile_products(list(entries.values()), folder, arguments.target)
    other = [entry for entry in index if entry["target"] != arguments.target]
    if other:
        raise require.Refusal(f"{other[0]['artifact']} in {folder} is for {other[0]['target']}, the run for {arguments.target}")
    return folder, {entry["artifact"]: entry for entry in index}


def default_path(name: str, device: str) -> pathlib.Path:
    words = re.sub(r"[^a-z0-9]+", "-", device.lower().removeprefix("nvidia ")).strip("-")
    return BENCHMARKS / "results" / f"{datetime.date.today().isoformat()}-{words}-{name}.json"


def versions(torch, peers: set) -> dict:
    found = {"torch": torch.__version__}
    if "triton" in peers:
        import triton

        found["triton"] = triton.__version__
    if "cublaslt" in peers:
        from . import cublaslt

        found["cublaslt"] = str(cublaslt.version())
    return found


def measurer(settings: dict):
    """A function that measures one case on this machine's GPU; the first one preheats the card."""
    import torch

    from . import timing
    from .measure import Case, measure

    heated = []

    def preheat() -> None:
        if not heated:
            heated.append(True)
            timing.heat_by_products(settings["preheat"])

    def one(suite, kind, shape, ours, peers, own, say) -> list:
        try:
            return measure(Case(suite, kind, shape, ours, peers, own), settings, say, preheat)
        finally:
            try:
                torch.cuda.synchronize()
            except RuntimeError as error:
                raise require.Refusal(f"the GPU stopped working in {kind} {shape_text(shape)}: {error}; what was measured before is saved, "
                                      "start again with the same words to go on") from None  # fmt: skip
            torch.cuda.empty_cache()

    return one


def main(words=None) -> None:
    arguments = parse(words)
    if arguments.draw:
        print("\n".join(map(str, report.redraw(arguments.draw, not arguments.no_plot))))
        return
    cases = plan(arguments)
    peers = {name for *_, names, _ in cases for name in names}
    torch = require.torch_with_gpu(arguments.target)
    require.peers(peers)
    if not arguments.no_plot:
        require.plotting()
    folder, known = obtain(cases, arguments)
    settings = {name: getattr(arguments, name) for name in ("target", "preheat", "rewarm", "rounds", "cool_rounds", "cool_rest",
                                                            "graph_ms", "heuristics")}  # fmt: skip
    settings |= {"device": torch.cuda.get_device_name(), "versions": versions(torch, peers)}
    path = arguments.out or default_path(arguments.name, settings["device"])
    document = results.start(path, settings, arguments.fresh)
    try:
        failed = measure_all(cases, folder, known, document, path, measurer(settings))
    except KeyboardInterrupt:
        failed = ["the run was interrupted; start it again with the same words to go on"]
    if document["rows"]:
        print("\n".join(map(str, [path, *report.write(document, path, not arguments.no_plot)])))
    failed += [f"beyond the bound: {row['type']} {shape_text(row['shape'])}, {row['error']}" for row in results.wrong(document["rows"])]
    if failed:
        raise require.Refusal("\n".join([f"{len(failed)} failed:", *failed]))
