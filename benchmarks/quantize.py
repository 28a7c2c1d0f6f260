#!/usr/bin/env python3
"""Dynamic quantisation of activations against a plain copy of as many bytes, in one process.

    benchmarks/build.py --quantize --out build/bench-quantize
    benchmarks/quantize.py --artifacts build/bench-quantize

The figure is bandwidth: bytes read and written over time, as a share of what torch's copy of a bf16 tensor of the same size reaches in
the same run. Codes and scales are checked: every scale to the bit, every code against the float64 quotient.
"""
import argparse
import datetime
import json
import pathlib

from harness import artifacts, require, summary

torch = require.torch_with_gpu("sm_80")

import mpgemm  # noqa: E402
from harness import timing  # noqa: E402

LARGEST = {"f8E4M3FN": 448.0, "i8": 127.0}


def check(x, codes, scales, kind, scaling):
    """The number of wrong scales and codes."""
    group = x.shape[1] if scaling == "row" else 128
    blocks = x.float().reshape(x.shape[0], -1, group)
    largest = torch.full_like(blocks[:, :, 0], LARGEST[kind])  # torch multiplies by the reciprocal of a number
    expected = torch.clamp(blocks.abs().amax(2) / largest, min=2.0 ** -126)
    wrong = (scales.reshape(expected.shape) != expected).sum().item()
    scaled = torch.clamp(blocks * (torch.ones_like(expected) / expected)[:, :, None], -LARGEST[kind], LARGEST[kind])
    want = torch.round(scaled).to(torch.int8) if kind == "i8" else scaled.to(torch.float8_e4m3fn)
    return wrong + (want.view(torch.int8).reshape(codes.shape) != codes.view(torch.int8)).sum().item()


def measure(entry, folder, arguments):
    (m, k), kind, scaling = entry["shape"], entry["codes"], entry["scaling"]
    count = m if scaling == "row" else m * k // 128
    moved = 3 * m * k + 4 * count
    copies = timing.copies_beyond_l2(moved)
    generator = torch.Generator("cuda").manual_seed(1)
    x = [torch.randn(m, k, device="cuda", generator=generator, dtype=torch.float32).bfloat16() for _ in range(copies)]
    y = [torch.empty_like(x[0]) for _ in range(copies)]
    results = [None] * copies
    function = mpgemm.load(str(folder / entry["artifact"]), device="cuda")["main"]

    def ours(i):
        results[i] = function(x[i])

    graphs = {"ours": timing.graph_of(ours, copies, arguments.graph_ms),
              "copy": timing.graph_of(lambda i: y[i].copy_(x[i]), copies, arguments.graph_ms)}
    for side in graphs.values():
        side.graph.replay()
    torch.cuda.synchronize()
    wrong = sum(check(x[i], *results[i], kind, scaling) for i in (0, copies - 1))
    timing.heat(graphs, arguments.preheat)
    times = {name: summary.summarize(turns) for name, turns in timing.time_in_turns(graphs, arguments.rounds).items()}
    row = {**entry, "date": datetime.date.today().isoformat(), "device": torch.cuda.get_device_name(), "wrong": wrong,
           "us": times["ours"]["us"], "tb_per_s": moved / times["ours"]["us"] * 1e-6,
           "copy_tb_per_s": 4 * m * k / times["copy"]["us"] * 1e-6}
    row["share_of_copy"] = row["tb_per_s"] / row["copy_tb_per_s"]
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=pathlib.Path, required=True, help="folder that build.py --quantize wrote")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file for the results")
    parser.add_argument("--preheat", type=float, default=1, help="seconds of both sides before each shape is timed")
    parser.add_argument("--rounds", type=int, default=40, help="turns of each side")
    parser.add_argument("--graph-ms", type=float, default=10, help="length of one CUDA graph, milliseconds")
    arguments = parser.parse_args()
    rows = []
    print("| M x K | codes | scales | us | TB/s | copy TB/s | share | wrong |\n|---|---|---|---|---|---|---|---|")
    for entry in artifacts.read_index(arguments.artifacts):
        row = measure(entry, arguments.artifacts, arguments)
        rows.append(row)
        print("| {} | {} | {} | {:.1f} | {:.2f} | {:.2f} | {:.3f} | {} |".format(
            " x ".join(map(str, row["shape"])), row["codes"], row["scaling"], row["us"], row["tb_per_s"], row["copy_tb_per_s"],
            row["share_of_copy"], row["wrong"]), flush=True)
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n")
    if any(row["wrong"] for row in rows):
        raise SystemExit("wrong codes or scales")


if __name__ == "__main__":
    main()
