"""Elementwise kernels made of a few lines of arith and math, compiled and run: what tests of scalar arithmetic share.

They run in the simulator, or on the device that MPGEMM_TEST_DEVICE names (cuda)."""

import os

import ml_dtypes
import numpy as np

import mpgemm

BF16, F16, F32 = ml_dtypes.bfloat16, np.float16, np.float32
E4M3, E5M2, E8M0 = ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2, ml_dtypes.float8_e8m0fnu
NAMES = {BF16: "bf16", F16: "f16", F32: "f32", E4M3: "f8E4M3FN", E5M2: "f8E5M2", E8M0: "f8E8M0FNU", np.int8: "i8", np.int32: "i32"}
DEVICE = os.environ.get("MPGEMM_TEST_DEVICE")
DEVICES = {
    "sm_80": DEVICE or "sim:arch=sm_80,sms=2", "sm_89": DEVICE or "sim:arch=sm_89,sms=2", "sm_90a": DEVICE or "sim:sms=2",
}  # fmt: skip


def elementwise(body, inputs, output, count):
    """A model that applies `body` (of %a, %b, ...; its last value is %r) to the elements of vectors."""
    letters = "abc"[: len(inputs)]
    names = [NAMES.get(t, t) for t in inputs]
    out = NAMES.get(output, output)
    arguments = ", ".join(f"%x{c}: tensor<{count}x{t}>" for c, t in zip(letters, names))
    operands = ", ".join(f"%x{c}" for c in letters)
    types = ", ".join(f"tensor<{count}x{t}>" for t in names)
    block = ", ".join(f"%{c}: {t}" for c, t in zip(letters, names))
    maps = ", ".join(["affine_map<(i) -> (i)>"] * (len(inputs) + 1))
    return f"""
func.func @main({arguments}) -> tensor<{count}x{out}> {{
  %e = tensor.empty() : tensor<{count}x{out}>
  %y = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel"]}}
      ins({operands} : {types}) outs(%e : tensor<{count}x{out}>) {{
  ^bb0({block}, %unused: {out}):
    {body}
    linalg.yield %r : {out}
  }} -> tensor<{count}x{out}>
  return %y : tensor<{count}x{out}>
}}
"""


def run(body, arrays, output, target="sm_80"):
    text = elementwise(body, [a.dtype.type for a in arrays], output, len(arrays[0]))
    return mpgemm.load(mpgemm.compile(text, target), DEVICES[target]).main(*arrays)


def every_16_bit_value(dtype):
    return np.arange(2**16, dtype=np.uint16).view(dtype)
