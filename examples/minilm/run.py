#!/usr/bin/env python3
"""The MLP block of all-MiniLM-L6-v2, layer 0: compiled, run on a real sentence, checked element by element.

    run.py                                compile for sm_90a, run on a GPU if there is one, else in the simulator: in bf16 and f16,
                                          and from f32 by --autocast in fp8 and int8 (W8A8) with the error against f32
    run.py --target=sm_80 --dynamic       for another generation; the number of tokens left to the call
    run.py --autocast=int8                the block in f32, cast by the compiler (tf32, f16, bf16, fp8, int8), and its error
"""

import argparse
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "python"), str(HERE)]

import numpy as np  # noqa: E402

import mpgemm  # noqa: E402
from encoder import mlp_input, tokenize  # noqa: E402
from model import DTYPES, autocast_reference_of, mlir_text, parameters, reference_of  # noqa: E402
from mpgemm import reference  # noqa: E402
from weights import Weights, load_weights  # noqa: E402

SENTENCE = (
    "A compiler reads what a model means, and writes how a machine computes it: the same few lines of "
    "linear algebra become a kernel for whatever processor happens to be in the room."
)
# Compiling, loading and running in one process would hide what a user of the files sees: they are left to look at.
OUTPUT = ROOT / "build" / "demo"
PRECISIONS = ("tf32", "f16", "bf16", "fp8", "int8")


def say(label: str, text) -> None:
    lines = str(text).splitlines() or [""]
    print(f"  {label:10} {lines[0]}", *lines[1:], sep=f"\n  {'':10} ", flush=True)


def describe_products(path: pathlib.Path, target: str) -> list[str]:
    """One line for each product: its sizes and what became part of it, from the compiler's own output."""
    artifact = mpgemm.compile(
        path, target, path.with_suffix(f".{target}.mpgemm.mlir"), emit="mpgemm", mlir_elide_resource_strings_if_larger=16
    )
    text = artifact.path.read_text()
    lines = []
    for match in re.finditer(r"mpgemm\.matmul\((.*?)\n", text):
        head = match.group(1)
        sizes = re.findall(r"tensor<([^>]*)>", head)
        ops = _epilogue_ops(text, match) if "epilogue(" in head else []
        lines.append(f"{sizes[0]} * {sizes[1]}: " + (", ".join(ops) if ops else "no epilogue"))
    return lines


def _epilogue_ops(text: str, match: re.Match) -> list[str]:
    body = text[match.end() : text.index("mpgemm.yield", match.end())]
    ops = re.findall(r"= (?:arith|math)\.(\w+)", body)
    names = {"addf": "add", "subf": "subtract", "mulf": "multiply", "divf": "divide", "truncf": "round", "extf": "widen"}
    return [names.get(op, op) for op in ops if op != "constant"]


def describe_launches(manifest: dict) -> list[str]:
    """One line for each launch: its kernel, or how many it chooses among."""
    lines = []
    for step in manifest["functions"][0]["steps"]:
        if step["op"] != "launch":
            continue
        kernels = [manifest["kernels"][variant["kernel"]] for variant in step["variants"]]
        last = f"{kernels[-1]['name']}: {_plain(kernels[-1].get('schedule', ''))}"
        others = len({kernel["name"] for kernel in kernels} - {kernels[-1]["name"]})
        lines.append(last + (f"; for fewer rows {others} more" if others else ""))
    return lines


def _plain(schedule: str) -> str:
    """A schedule without the attribute's name around it."""
    return schedule.removeprefix("#mpgemm.schedule<").removesuffix(">") or "no schedule in the artifact"


def run_block(element: str, weights: Weights, tokens: list[int], options) -> bool:
    """Everything for one element type; False where the result is wrong."""
    values = parameters(weights, element)
    x = mlp_input(tokens, weights).astype(DTYPES[element])
    source = OUTPUT / f"minilm-{element}.mlir"
    source.write_text(mlir_text(values, element, None if options.dynamic else len(tokens)))
    np.save(OUTPUT / f"x-{element}.npy", x)

    print(f"\n{element}: y = gelu(x W1^T + b1) W2^T + b2 + x, x {len(tokens)}x{x.shape[1]}, for {options.target}")
    begin = time.perf_counter()
    output = OUTPUT / f"minilm-{element}.{options.target}.ptx"
    artifact = mpgemm.compile(source, options.target, output)
    seconds = time.perf_counter() - begin
    say("compiled", f"{output.relative_to(ROOT)} in {seconds:.2f} s")
    for line in describe_products(source, options.target):
        say("fused", line)

    program = mpgemm.load(artifact, options.device or (None if mpgemm.cuda_device_count() else f"sim:arch={options.target}"))
    for line in describe_launches(artifact.manifest):
        say("launch", line)
    say("ran on", f"{program.device.name}")
    begin = time.perf_counter()
    y = program.main(x)
    seconds = time.perf_counter() - begin
    np.save(OUTPUT / f"y-{element}.npy", y)

    try:
        comparison = reference.check(y, reference_of(x, values, element), name="y", context=f"{element}, {options.target}")
    except reference.NumericsError as error:
        say("WRONG", error)
        return False
    say("checked", f"{comparison.elements} elements against float64, each within its bound")
    say("", f"nearest to it: y{list(comparison.index)} = {comparison.got:.6g}, expected {comparison.expected:.6g}, "
            f"bound {comparison.bound:.2g} ({100 * comparison.largest_share:.0f} % used)")  # fmt: skip
    say("", f"largest error {comparison.largest_error:.3g} where |y| reaches {np.abs(y.astype(np.float64)).max():.4g}")
    if program.device.is_simulator:
        say("time", f"{seconds:.2f} s in the simulator, which checks every access; it says nothing about a GPU")
    else:
        say("time", f"{measure(program, x):.1f} us a call on the GPU (median)")
    return True


def run_autocast(precision: str, weights: Weights, tokens: list[int], options) -> bool:
    """The block in f32, its products cast by the compiler; False where the result is not what the casts promise."""
    values = parameters(weights, "f32")
    x = mlp_input(tokens, weights).astype(np.float32)
    source = OUTPUT / "minilm-f32.mlir"
    source.write_text(mlir_text(values, "f32", None if options.dynamic else len(tokens)))
    np.save(OUTPUT / "x-f32.npy", x)
    output = OUTPUT / f"minilm-autocast-{precision}.{options.target}.ptx"
    artifact = mpgemm.compile(
        source, options.target, output, autocast=precision, autocast_last_layer=True,
        arguments=["--remarks-filter-passed=mpgemm-autocast"],
    )  # fmt: skip
    print(f"\n--autocast={precision}: the block in f32, cast by the compiler, for {options.target}")
    say("compiled", output.relative_to(ROOT))
    for remark in re.findall(r'Remark="([^"]*)"', artifact.diagnostics):
        say("cast", remark)
    weight_bytes = sum(constant["bytes"] for constant in artifact.manifest["constants"])
    say("weights", f"{weight_bytes} bytes, {sum(value.nbytes for value in values.values())} in f32")

    program = mpgemm.load(artifact, options.device or (None if mpgemm.cuda_device_count() else f"sim:arch={options.target}"))
    y = program.main(x)
    np.save(OUTPUT / f"y-autocast-{precision}.npy", y)
    try:
        promised = autocast_reference_of(x, values, precision, short=options.target == "sm_90a")
        comparison = reference.check(y, promised, name="y", context=f"autocast={precision}, {options.target}")
    except reference.NumericsError as error:
        say("WRONG", error)
        return False
    say("checked", f"{comparison.elements} elements against the cast model in float64, each within its bound "
                   f"({100 * comparison.largest_share:.0f} % used)")  # fmt: skip
    say("error", describe_error(y, reference_of(x, values, "f32").value))
    if not program.device.is_simulator:
        say("time", f"{measure(program, x):.1f} us a call on the GPU (median)")
    return True


def describe_error(y: np.ndarray, expected: np.ndarray) -> str:
    """Against the f32 model: the largest error, and the root mean square relative to the values'."""
    error = y.astype(np.float64) - expected
    relative = np.sqrt((error**2).mean() / (expected**2).mean())
    return f"against f32: largest {np.abs(error).max():.3g} where |y| reaches {np.abs(expected).max():.4g}, relative RMS {relative:.2e}"


def measure(program: mpgemm.Program, x: np.ndarray, calls: int = 100) -> float:
    """Microseconds of a call with its arguments on the device, launched through a graph."""
    device = program.device
    on_device = device.put(x)
    for _ in range(10):
        program.main(on_device, graph=True)
    device.synchronize()
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        kept = [program.main(on_device, graph=True) for _ in range(calls)]
        device.synchronize()
        times.append((time.perf_counter() - begin) / calls * 1e6)
        del kept
    return float(np.median(times))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="sm_90a", help="sm_90a (default) or sm_80")
    parser.add_argument("--device", help="default: a GPU if there is one, else the simulator")
    parser.add_argument("--element", choices=["bf16", "f16"], action="append", help="default: both")
    parser.add_argument("--autocast", choices=PRECISIONS, action="append", help="the block in f32, cast by the compiler; default: fp8 and int8")
    parser.add_argument("--dynamic", action="store_true", help="leave the number of tokens to the call")
    parser.add_argument("--sentence", default=SENTENCE)
    parser.add_argument("--random-weights", action="store_true", help="even where the model's are installed")
    options = parser.parse_args()

    OUTPUT.mkdir(parents=True, exist_ok=True)
    weights = Weights.random() if options.random_weights else load_weights()
    tokens = tokenize(options.sentence, weights.vocabulary)
    print("The MLP block of a real transformer: all-MiniLM-L6-v2, layer 0 (384 -> 1536 -> 384)")
    say("weights", weights.origin)
    say("sentence", f'"{options.sentence}"')
    asked = options.element or options.autocast
    elements = options.element or ([] if asked else ["bf16", "f16"])
    precisions = options.autocast or ([] if asked else ["fp8", "int8"])
    if not asked and options.target == "sm_80":
        precisions.remove("fp8")  # it has no fp8 instructions
    try:
        right = [run_block(element, weights, tokens, options) for element in elements]
        right += [run_autocast(precision, weights, tokens, options) for precision in precisions]
    except mpgemm.Error as error:
        print(f"\nfailed: {error}", file=sys.stderr)
        return 1
    if all(right) and elements:
        print(f"\nEverything is in {OUTPUT.relative_to(ROOT)}/; the same by hand:")
        name = elements[0]
        device = "" if mpgemm.cuda_device_count() else f" --device=sim:arch={options.target}"
        print(f"  cd {OUTPUT.relative_to(ROOT)} && ../dev/bin/mpgemm-opt minilm-{name}.mlir --target={options.target} --emit=ptx -o again.ptx")
        print(f"  ../dev/bin/mpgemm-run again.ptx --function=main --input=@x-{name}.npy --expected_output=@y-{name}.npy{device}")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
