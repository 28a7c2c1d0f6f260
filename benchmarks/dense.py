#!/usr/bin/env python3
"""Dense products side by side with cuBLASLt (through torch), in one process on the same tensors.

    benchmarks/build.py --out build/bench                  on any machine: compiles the artifacts
    benchmarks/dense.py --artifacts build/bench            on a machine with an H100 or H200 and torch

For each shape: random normal data, several copies of every buffer so that no launch finds its data in the L2 cache, one CUDA graph
of launches for each side, a common preheating, then the two sides in turns; the medians give the ratio. The results of both are
checked per element in the same run against a float64 product with the bound of docs/numerics.md. Figures are sustained: a hot
card clocks down, and both sides see the same card.
"""
import argparse
import datetime
import gc
import json
import pathlib
import statistics
import time

import torch

import mpgemm

L2_MULTIPLE = 4


def make_graph(launches):
    """Captures the calls as one CUDA graph; the first run outside the capture loads and warms everything."""
    stream = torch.cuda.Stream()
    gc.collect()  # a program that is unloaded during a capture would end it
    gc.disable()
    with torch.cuda.stream(stream):
        launches[0]()
        stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            for launch in launches:
                launch()
    gc.enable()
    return graph


def time_graph(graph, count):
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    graph.replay()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) * 1e3 / count


def worst_ratio(a, b_transposed, result, rounding):
    """Largest error of an element as a share of its bound: one rounding to the result type, and a sum of K products in f32."""
    k, worst = a.shape[1], 0.0
    rows = max(1, (1 << 27) // b_transposed.shape[0])
    b64 = b_transposed.double()
    b_abs = b64.abs()
    for first in range(0, a.shape[0], rows):
        part = a[first:first + rows].double()
        exact = part @ b64.T
        magnitude = part.abs() @ b_abs.T
        bound = rounding * exact.abs() + (1 + rounding) * (k + 1) * 2.0 ** -23 * magnitude
        error = (result[first:first + rows].double() - exact).abs()
        worst = max(worst, (error / bound).max().item())
    return worst


def measure(shape, dtype, artifact, arguments):
    m, n, k = shape
    torch_type = getattr(torch, {"bf16": "bfloat16", "f16": "float16"}[dtype])
    l2 = torch.cuda.get_device_properties(0).L2_cache_size
    bytes_once = 2 * (m * k + n * k + m * n)
    copies = max(2, min(64, -(-L2_MULTIPLE * l2 // bytes_once)))
    generator = torch.Generator("cuda").manual_seed(1)
    a = [torch.randn(m, k, device="cuda", generator=generator, dtype=torch.float32).to(torch_type) for _ in range(copies)]
    b = [torch.randn(n, k, device="cuda", generator=generator, dtype=torch.float32).to(torch_type) for _ in range(copies)]
    ours = [None] * copies  # results; keeping the last ones makes the allocator rotate through as many buffers
    theirs = [torch.empty((m, n), device="cuda", dtype=torch_type) for _ in range(copies)]
    function = mpgemm.load(artifact, device="cuda")["main"]

    def run_ours(i):
        ours[i] = function(a[i], b[i])

    turns = max(copies, int(arguments.graph_ms * 1e-3 / (2.0 * m * n * k / 600e12 + bytes_once / 4e12 + 3e-6)))
    graphs = {
        "ours": make_graph([lambda i=i % copies: run_ours(i) for i in range(turns)]),
        "cublaslt": make_graph([lambda i=i % copies: torch.mm(a[i], b[i].T, out=theirs[i]) for i in range(turns)]),
    }
    for graph in graphs.values():
        graph.replay()
    torch.cuda.synchronize()
    rounding = {"bf16": 2.0 ** -9, "f16": 2.0 ** -11}[dtype]
    errors = {"ours": max(worst_ratio(a[i], b[i], ours[i], rounding) for i in (0, copies - 1)),
              "cublaslt": worst_ratio(a[0], b[0], theirs[0], rounding)}

    stop = time.time() + arguments.preheat
    while time.time() < stop:
        for graph in graphs.values():
            graph.replay()
        torch.cuda.synchronize()
    times = {name: [] for name in graphs}
    for _ in range(arguments.rounds):
        for name, graph in graphs.items():
            times[name].append(time_graph(graph, turns))
    row = {"shape": [m, n, k], "type": dtype, "date": datetime.date.today().isoformat(),
           "device": torch.cuda.get_device_name(), "copies": copies, "launches_per_graph": turns}
    for name, values in times.items():
        values.sort()
        row[name] = {"us": statistics.median(values), "p10": values[len(values) // 10], "p90": values[-len(values) // 10 - 1],
                     "tflops": 2.0 * m * n * k / statistics.median(values) * 1e-6, "error_of_bound": errors[name]}
    row["ratio"] = row["cublaslt"]["us"] / row["ours"]["us"]
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=pathlib.Path, required=True, help="folder that build.py wrote")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file for the results")
    parser.add_argument("--preheat", type=float, default=5, help="seconds of both sides before each shape is timed")
    parser.add_argument("--rounds", type=int, default=40, help="turns of each side")
    parser.add_argument("--graph-ms", type=float, default=30, help="length of one CUDA graph, milliseconds")
    arguments = parser.parse_args()
    torch.backends.cuda.preferred_blas_library("cublaslt")
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    rows = []
    print("| M x N x K | type | ours us | TFLOP/s | cuBLASLt us | TFLOP/s | ratio | error / bound |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    for entry in json.loads((arguments.artifacts / "index.json").read_text()):
        row = measure(entry["shape"], entry["type"], str(arguments.artifacts / entry["artifact"]), arguments)
        rows.append(row)
        print("| {} | {} | {:.1f} ({:.1f} to {:.1f}) | {:.0f} | {:.1f} | {:.0f} | {:.3f} | {:.3f} |".format(
            " x ".join(map(str, row["shape"])), row["type"], row["ours"]["us"], row["ours"]["p10"], row["ours"]["p90"],
            row["ours"]["tflops"], row["cublaslt"]["us"], row["cublaslt"]["tflops"], row["ratio"], row["ours"]["error_of_bound"]),
            flush=True)
        if not row["ours"]["error_of_bound"] <= 1:
            raise SystemExit(f"{row['shape']}: an element exceeds its bound {row['ours']['error_of_bound']:.3g} times")
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
