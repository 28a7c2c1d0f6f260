#!/usr/bin/env python3
"""Products of all types side by side with cuBLASLt (through torch), in one process on the same tensors.

    benchmarks/build.py --out build/bench --type bf16 --type e4m3      on any machine: compiles the artifacts
    benchmarks/dense.py --artifacts build/bench                        on a machine with an H100 or H200 and torch

For each shape: random normal data, several copies of every buffer so that no launch finds its data in the L2 cache, one CUDA graph
of launches for each side, a common preheating, then the sides in turns; the medians give the ratio. The results of all sides are
checked per element in the same run against a float64 product with the bound of docs/numerics.md. Figures are sustained: a hot
card clocks down, and all sides see the same card.

Artifacts of the same kind and shape (schedules by hand, block scales beside one scale) are measured as sides of one run.
"""
import argparse
import datetime
import itertools
import json
import pathlib

import torch
from timing import copies_beyond_l2, make_graph, time_in_turns

import mpgemm
from build import KINDS, scale_shape

TORCH = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32, "f8E4M3FN": torch.float8_e4m3fn, "i8": torch.int8,
         "i32": torch.int32}
# Unit roundoff of a result; a product's own error as a share of sum |a b|, for all of K and for each step of K (docs/numerics.md).
RESULT_ROUNDING = {"bf16": 2.0 ** -8, "f16": 2.0 ** -11, "f32": 2.0 ** -24, "i32": 0.0}
# fp8: terms are cut 13 bits below the largest of 32; accurate sums restart every 128 of K, fast ones never.
SHARE = {"bf16": lambda k: (k + 1) * 2.0 ** -23, "f16": lambda k: (k + 1) * 2.0 ** -23,
         "e4m3": lambda k: 4 * 34 * 2.0 ** -13, "e4m3-fast": lambda k: k / 32 * 34 * 2.0 ** -13,
         "tf32": lambda k: 2.0 ** -9 + 2.0 ** -20 + (k + 1) * 2.0 ** -23, "f32": lambda k: 8 * 2.0 ** -22 + (k + 1) * 2.0 ** -23,
         "int8": lambda k: 0.0}


def peer(kind, a, b, scales, out):
    """cuBLASLt's call for a kind, or None: a function without arguments that returns the result."""
    one = torch.ones((), device="cuda", dtype=torch.float32)
    if kind in ("bf16", "f16", "tf32", "f32"):
        torch.backends.cuda.matmul.allow_tf32 = kind == "tf32"
        return lambda: torch.mm(a, b.T, out=out)
    if kind in ("e4m3", "e4m3-fast"):
        sa, sb = scales or (one, one)
        return lambda: torch._scaled_mm(a, b.T, scale_a=sa, scale_b=sb, out_dtype=torch.bfloat16, use_fast_accum=kind == "e4m3-fast",
                                        out=out)
    if kind == "e4m3-row":
        return lambda: torch._scaled_mm(a, b.T, scale_a=scales[0][:, None], scale_b=scales[1][None, :], out_dtype=torch.bfloat16, out=out)
    if kind == "int8":
        return lambda: torch._int_mm(a, b.T, out=out)
    return None


def spread(scale, scaling, shape):
    """Scales as float64, one for each element of an operand (or one that spreads)."""
    s = scale.double()
    if scaling == "per_tensor":
        return s
    if scaling in ("row", "column"):
        return s[:, None]
    s = s.repeat_interleave(128, 1)[:, : shape[1]]
    return s.repeat_interleave(128, 0)[: shape[0]] if scaling.startswith("block") else s


def errors(kind, a, b, scales, result):
    """The largest error as a share of its bound, and the root of the mean squared error as a share of the root mean square."""
    _, _, out, scaling_a, scaling_b, _ = KINDS[kind]
    family = "e4m3-fast" if kind == "e4m3-fast" else kind.split("-")[0]
    share = SHARE[family](a.shape[1]) + (4 * 2.0 ** -24 if scales else 0.0)
    a64, b64 = (x.double() if x.dtype != torch.float8_e4m3fn else x.float().double() for x in (a, b))
    if scales:
        a64, b64 = a64 * spread(scales[0], scaling_a, a64.shape), b64 * spread(scales[1], scaling_b, b64.shape)
    worst = squares = total = 0.0
    b_abs = b64.abs()
    rows = max(1, (1 << 27) // b64.shape[0])
    for first in range(0, a.shape[0], rows):
        part = a64[first:first + rows]
        exact = part @ b64.T
        error = (result[first:first + rows].double() - exact).abs()
        bound = RESULT_ROUNDING[out] * exact.abs() + (1 + RESULT_ROUNDING[out]) * share * (part.abs() @ b_abs.T)
        worst = max(worst, torch.where(error == 0, 0.0, error / bound).max().item())
        squares += error.square().sum().item()
        total += exact.square().sum().item()
    return worst, (squares / total) ** 0.5


def draw(shape, dtype, generator):
    if dtype == torch.int8:
        return torch.randint(-127, 128, shape, device="cuda", generator=generator, dtype=torch.int32).to(torch.int8)
    return torch.randn(*shape, device="cuda", generator=generator, dtype=torch.float32).to(dtype)


def measure(entries, folder, arguments):
    """One shape: every artifact of it and cuBLASLt. Artifacts with scales per block run on the same codes with their own scales."""
    (m, n, k), kind = entries[0]["shape"], entries[0]["type"]
    element, _, out, _, _, _ = KINDS[kind]
    width = {"bf16": 2, "f16": 2, "f32": 4, "f8E4M3FN": 1, "i8": 1, "i32": 4}
    bytes_once = width[element] * (m * k + n * k) + width[out] * m * n
    copies = copies_beyond_l2(bytes_once)
    generator = torch.Generator("cuda").manual_seed(1)
    a = [draw((m, k), TORCH[element], generator) for _ in range(copies)]
    b = [draw((n, k), TORCH[element], generator) for _ in range(copies)]
    turns = max(copies, int(arguments.graph_ms * 1e-3 / (2.0 * m * n * k / (600e12 * 2 / width[element]) + bytes_once / 4e12 + 3e-6)))

    sides, checks = {}, {}
    alive = []  # a program that is unloaded takes the kernels of its graph with it

    def side(name, launch, results, side_kind, scales):
        alive.append(launch)
        sides[name] = make_graph(launch, copies, turns)
        checks[name] = (side_kind, scales, results)

    for entry in entries:
        _, _, result, scaling_a, scaling_b, _ = KINDS[entry["type"]]
        scales = None
        if scaling_a:
            scales = [torch.rand(scale_shape(s, outer, k), device="cuda", generator=generator) + 0.5
                      for s, outer in ((scaling_a, m), (scaling_b, n))]
        function = mpgemm.load(str(folder / entry["artifact"]), device="cuda")["main"]
        results = [None] * copies  # keeping the last ones makes the allocator rotate through as many buffers

        def ours(i, function=function, results=results, scales=scales):
            results[i] = function(a[i], scales[0], b[i], scales[1]) if scales else function(a[i], b[i])

        side(entry.get("schedule") or entry["type"], ours, results, entry["type"], scales)
        if entry is entries[0]:
            theirs = [torch.empty((m, n), device="cuda", dtype=TORCH[result]) for _ in range(copies)]
            calls = [peer(kind, a[i], b[i], scales, theirs[i]) for i in range(copies)]
            if calls[0]:
                side("cublaslt", lambda i: calls[i](), theirs, kind, scales)
    for graph in sides.values():
        graph.replay()
    torch.cuda.synchronize()
    found = {}
    for name, (side_kind, scales, results) in checks.items():
        pairs = [errors(side_kind, a[i], b[i], scales, results[i]) for i in {0, copies - 1}]
        found[name] = (max(p[0] for p in pairs), max(p[1] for p in pairs))
    times = time_in_turns(sides, turns, arguments.preheat, arguments.rounds)
    base = "cublaslt" if "cublaslt" in sides else next(iter(sides))
    rows = []
    for name in sides:
        rows.append({"shape": [m, n, k], "type": checks[name][0], "side": name, "date": datetime.date.today().isoformat(),
                     "device": torch.cuda.get_device_name(), "copies": copies, "launches_per_graph": turns, **times[name],
                     "tflops": 2.0 * m * n * k / times[name]["us"] * 1e-6, "error_of_bound": found[name][0], "relative_rms": found[name][1],
                     "base": base, "ratio": times[base]["us"] / times[name]["us"]})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=pathlib.Path, required=True, help="folder that build.py wrote")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file for the results")
    parser.add_argument("--preheat", type=float, default=5, help="seconds of all sides before each shape is timed")
    parser.add_argument("--rounds", type=int, default=40, help="turns of each side")
    parser.add_argument("--graph-ms", type=float, default=30, help="length of one CUDA graph, milliseconds")
    parser.add_argument("--together", action="store_true", help="artifacts of one shape and the same operand type are sides of one run")
    arguments = parser.parse_args()
    torch.backends.cuda.preferred_blas_library("cublaslt")
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    index = json.loads((arguments.artifacts / "index.json").read_text())

    def key(entry):
        return (KINDS[entry["type"]][0] if arguments.together else entry["type"], entry["shape"])

    rows, failed = [], []
    print("| M x N x K | side | us | TFLOP/s | ratio to | | error / bound | relative rms |\n|---|---|---|---|---|---|---|---|")
    for _, entries in itertools.groupby(sorted(index, key=lambda e: (str(key(e)), index.index(e))), key=key):
        for row in measure(list(entries), arguments.artifacts, arguments):
            rows.append(row)
            print("| {} | {} | {:.1f} ({:.1f} to {:.1f}) | {:.0f} | {} | {:.3f} | {:.3f} | {:.2e} |".format(
                " x ".join(map(str, row["shape"])), row["side"], row["us"], row["p10"], row["p90"], row["tflops"], row["base"],
                row["ratio"], row["error_of_bound"], row["relative_rms"]), flush=True)
            if not row["error_of_bound"] <= 1:
                failed.append(row)
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n")
    if failed:
        raise SystemExit("beyond the bound: " + ", ".join(f"{row['side']} {row['shape']}" for row in failed))


if __name__ == "__main__":
    main()
