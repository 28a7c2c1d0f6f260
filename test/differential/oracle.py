"""A problem run on the CPU by mlir-runner: what the linalg decomposition of the dialect computes.

It shares nothing with the way to a GPU but the parser and `--mpgemm-to-linalg`, and nothing with the NumPy references. The
text of a problem becomes a module whose @main calls it with its arguments as constants and prints the bits of the result."""

import os
import re
import shutil
import subprocess

import numpy as np
from problem import Problem
from text import Text, mlir_of

from mpgemm import _locate, reference

TOOLS = os.environ.get("MPGEMM_LLVM_BINDIR", "/usr/lib/llvm-22/bin")
LIBRARIES = ("libmlir_runner_utils.so", "libmlir_c_runner_utils.so", "libmlir_float16_utils.so", "libmlir_apfloat_wrappers.so")
PASSES = [
    "--mpgemm-to-linalg", "--one-shot-bufferize=bufferize-function-boundaries", "--convert-linalg-to-loops",
    "--expand-strided-metadata", "--lower-affine", "--convert-arith-to-apfloat", "--convert-scf-to-cf", "--convert-math-to-libm",
    "--convert-to-llvm", "--reconcile-unrealized-casts",
]  # fmt: skip


def runner() -> str | None:
    """mlir-runner of the LLVM that the compiler is built with."""
    return shutil.which("mlir-runner", path=TOOLS)


def run(problem: Problem, arguments: dict[str, np.ndarray]) -> np.ndarray:
    lowered = _checked([str(_locate.compiler()), "-", *PASSES], module_of(problem, arguments))
    folder = os.path.join(os.path.dirname(TOOLS), "lib")
    libraries = ",".join(os.path.join(folder, name) for name in LIBRARIES)
    printed = _checked([runner(), "-e", "main", "--entry-point-result=void", f"-shared-libs={libraries}"], lowered)
    words = re.findall(r"-?\d+", printed.split("data =", 1)[1])
    shape = tuple(problem.size(dim) for dim in Text(problem).output)
    bits = np.array([int(word) for word in words], np.int64).astype(np.int32).reshape(shape)
    if reference.format_of(problem.result).is_integer:
        return bits.astype(reference.dtype_of(problem.result))
    return bits.view(np.float32).astype(reference.dtype_of(problem.result))


def _checked(command: list[str], text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:2])} failed: {done.stderr.strip()[:2000]}")
    return done.stdout


def module_of(problem: Problem, arguments: dict[str, np.ndarray]) -> str:
    text = Text(problem)
    lines, given = [], []
    for name, array in arguments.items():
        static = "x".join([*map(str, array.shape), text.element_types[name]])
        hexadecimal = f'"0x{array.tobytes().hex().upper()}"' if array.size else ""
        lines.append(f"  %{name} = arith.constant dense<{hexadecimal}> : tensor<{static}>")
        type_ = text.argument_type(name)
        lines.append(f"  %{name}_given = tensor.cast %{name} : tensor<{static}> to {type_}")
        given.append((f"%{name}_given", type_))
    result = text.type(text.output, problem.result)
    types = ", ".join(type_ for _, type_ in given)
    sizes = [problem.size(dim) for dim in text.output]
    static, bits = ("x".join(map(str, [*sizes, type_])) for type_ in (problem.result, "i32"))
    map_ = text.map_of(text.output, text.output)
    kinds = ", ".join(['"parallel"'] * len(sizes))
    return f"""{mlir_of(problem).replace("@main", "@problem")}
func.func private @printMemrefI32(tensor<*xi32>) attributes {{llvm.emit_c_interface}}
func.func @main() {{
{chr(10).join(lines)}
  %result = call @problem({", ".join(name for name, _ in given)}) : ({types}) -> {result}
  %known = tensor.cast %result : {result} to tensor<{static}>
  %words = tensor.empty() : tensor<{bits}>
  %bits = linalg.generic {{indexing_maps = [affine_map<{map_}>, affine_map<{map_}>], iterator_types = [{kinds}]}}
      ins(%known : tensor<{static}>) outs(%words : tensor<{bits}>) {{
  ^bb0(%in: {problem.result}, %out: i32):
{_bits_of(problem.result)}
    linalg.yield %x : i32
  }} -> tensor<{bits}>
  %unranked = tensor.cast %bits : tensor<{bits}> to tensor<*xi32>
  call @printMemrefI32(%unranked) : (tensor<*xi32>) -> ()
  return
}}
"""


def _bits_of(type_: str) -> str:
    """%in as the i32 %x: an integer, or the bits of the f32 of that value."""
    if type_ == "i32":
        return "    %zero = arith.constant 0 : i32\n    %x = arith.addi %in, %zero : i32"
    if type_ == "i8":
        return "    %x = arith.extsi %in : i8 to i32"
    if type_ == "f32":
        return "    %x = arith.bitcast %in : f32 to i32"
    return f"    %w = arith.extf %in : {type_} to f32\n    %x = arith.bitcast %w : f32 to i32"
