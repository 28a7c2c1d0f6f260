#!/usr/bin/env python3
"""Compiles what benchmarks/run.py and benchmarks/quantize.py measure, on a machine with mpgemm-opt.

    benchmarks/build.py --out build/bench --suite prefill,decode --type bf16,e4m3
    benchmarks/run.py --artifacts build/bench --suite prefill,decode --type bf16,e4m3       on a machine with a GPU

With --quantize the kernels of dynamic quantisation instead, for each shape of activations.
"""

import argparse
import pathlib

from harness import artifacts, kinds, require, shapes


def quantize_jobs(activations) -> list:
    jobs = []
    for m, k in activations:
        for codes, scaling in (("f8E4M3FN", "row"), ("f8E4M3FN", "group = 128"), ("i8", "row")):
            entry = {"shape": [m, k], "codes": codes, "scaling": scaling, "artifact": f"quantize_{codes}_{scaling.split()[0]}_{m}x{k}.ptx"}
            jobs.append((entry, kinds.quantize_text(m, k, "bf16", codes, scaling)))
    return jobs


def main(words=None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the artifacts and their index")
    shapes.add_problem_arguments(parser)
    parser.add_argument("--quantize", action="store_true", help="the kernels of dynamic quantisation instead")
    parser.add_argument("--activations", type=lambda text: shapes.parse_sizes(text, 2), action="append", metavar="MxK",
                        help="with --quantize: shapes of activations instead of the usual ones")  # fmt: skip
    arguments = parser.parse_args(words)
    if arguments.quantize:
        index = artifacts.compile_all(quantize_jobs(arguments.activations or shapes.ACTIVATIONS), arguments.out, arguments.target)
    else:
        chosen = [shape for _, shape in shapes.chosen_shapes(arguments)]
        entries = artifacts.entries_of(arguments.type or ["bf16"], chosen, arguments.schedule)
        index = artifacts.compile_products(entries, arguments.out, arguments.target)
    failed = [entry["artifact"] for entry in index if "error" in entry]
    if failed:
        raise require.Refusal(f"{len(failed)} of {len(index)} did not compile: {', '.join(failed)}")


if __name__ == "__main__":
    main()
