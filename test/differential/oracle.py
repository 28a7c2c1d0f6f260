"""A problem run on the CPU by mlir-runner: what the linalg decomposition of the dialect computes.

It shares nothing with the way to a GPU but the parser and `--mpgemm-to-linalg`, and nothing with the NumPy references. The
text of a problem becomes a module whose @main calls it with its arguments as constants and prints the bits of the result."""

import os
import re
import shutil
import subprocess

import numpy as np
from suite import argument_types_of, text_of

from mpgemm import _locate, reference

TOOLS = os.environ.get("MPGEMM_LLVM_BINDIR", "/usr/lib/llvm-22/bin")
LIBRARIES = ("libmlir_runner_utils.so", "libmlir_c_runner_utils.so", "libmlir_float16_utils.so", "libmlir_apfloat_wrappers.so")
PASSES = [
    "--mpgemm-to-linalg", "--one-shot-bufferize=bufferize-function-boundaries", "--convert-linalg-to-loops",
    "--expand-strided-metadata", "--lower-affine", "--convert-arith-to-apfloat", "--convert-scf-to-cf",
    "--convert-math-to-libm", "--convert-to-llvm", "--reconcile-unrealized-casts",
]  # fmt: skip


def runner() -> str | None:
    """mlir-runner of the LLVM that the compiler is built with."""
    return shutil.which("mlir-runner", path=TOOLS)


def run(problem, arguments: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Every result of a problem."""
    lowered = _checked([str(_locate.compiler()), "-", *PASSES], module_of(problem, arguments))
    folder = os.path.join(os.path.dirname(TOOLS), "lib")
    libraries = ",".join(os.path.join(folder, name) for name in LIBRARIES)
    printed = _checked([runner(), "-e", "main", "--entry-point-result=void", f"-shared-libs={libraries}"], lowered)
    results = []
    for (shape, type_), part in zip(problem.results(), printed.split("data =")[1:], strict=True):
        words = re.findall(r"-?\d+", part.split("Unranked", 1)[0])
        bits = np.array([int(word) for word in words], np.int64).astype(np.int32).reshape(shape)
        dtype = reference.dtype_of(type_)
        # f32 holds the values of all narrower floats
        results.append(bits.astype(dtype) if type_ in ("i8", "u8", "i32") else bits.view(np.float32).astype(dtype))
    return results


def _checked(command: list[str], text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:2])} failed: {done.stderr.strip()[:2000]}")
    return done.stdout


def module_of(problem, arguments: dict[str, np.ndarray]) -> str:
    lines, given, types = [], [], argument_types_of(problem)
    for name, array in arguments.items():
        element = re.search(r"(\w+)>$", types[name]).group(1).rpartition("x")[2]
        static = f"tensor<{'x'.join([*map(str, array.shape), element])}>"
        hexadecimal = f'"0x{array.tobytes().hex().upper()}"' if array.size else ""
        lines.append(f"  %{name} = arith.constant dense<{hexadecimal}> : {static}")
        lines.append(f"  %{name}_given = tensor.cast %{name} : {static} to {types[name]}")
        given.append(f"%{name}_given")
    text = text_of(problem)
    results = re.search(r"\) -> (.*) {\n", text).group(1).strip("()").split(", ")
    lines.append(f"  %result:{len(results)} = call @problem({', '.join(given)}) : ({', '.join(types.values())}) -> ({', '.join(results)})")
    for i, ((shape, element), type_) in enumerate(zip(problem.results(), results, strict=True)):
        lines += _print_bits(f"%result#{i}", type_, shape, "i8" if element == "u8" else element, i)
    return f"""{text.replace("@main", "@problem")}
func.func private @printMemrefI32(tensor<*xi32>) attributes {{llvm.emit_c_interface}}
func.func @main() {{
{chr(10).join(lines)}
  return
}}
"""


def _print_bits(value: str, type_: str, shape, element: str, i: int) -> list[str]:
    static, bits = (f"tensor<{'x'.join(map(str, (*shape, e)))}>" for e in (element, "i32"))
    dims = ", ".join(f"d{d}" for d in range(len(shape)))
    kinds = ", ".join(['"parallel"'] * len(shape))
    return [
        f"  %known{i} = tensor.cast {value} : {type_} to {static}",
        f"  %words{i} = tensor.empty() : {bits}",
        f"  %bits{i} = linalg.generic {{indexing_maps = [affine_map<({dims}) -> ({dims})>, affine_map<({dims}) -> ({dims})>],",
        f"      iterator_types = [{kinds}]}} ins(%known{i} : {static}) outs(%words{i} : {bits}) {{",
        f"  ^bb0(%in: {element}, %out: i32):",
        _bits_of(element),
        "    linalg.yield %x : i32",
        f"  }} -> {bits}",
        f"  %unranked{i} = tensor.cast %bits{i} : {bits} to tensor<*xi32>",
        f"  call @printMemrefI32(%unranked{i}) : (tensor<*xi32>) -> ()",
    ]


def _bits_of(type_: str) -> str:
    """%in as the i32 %x: an integer, or the bits of the f32 of that value."""
    if type_ == "i32":
        return "    %zero = arith.constant 0 : i32\n    %x = arith.addi %in, %zero : i32"
    if type_ == "i8":
        return "    %x = arith.extsi %in : i8 to i32"
    if type_ == "f32":
        return "    %x = arith.bitcast %in : f32 to i32"
    return f"    %w = arith.extf %in : {type_} to f32\n    %x = arith.bitcast %w : f32 to i32"
