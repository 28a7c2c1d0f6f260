"""mpgemm.dynamic_quantize, compiled and run, against its definition in f32 arithmetic: codes and scales to the bit.

They run in the simulator, or on the device that MPGEMM_TEST_DEVICE names (cuda)."""

import os

import ml_dtypes
import numpy as np
import pytest

import mpgemm

DTYPES = {
    "f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "i8": np.int8, "f8E4M3FN": ml_dtypes.float8_e4m3fn,
    "f8E5M2": ml_dtypes.float8_e5m2, "f8E8M0FNU": ml_dtypes.float8_e8m0fnu,
}
LARGEST = {"f8E4M3FN": 448.0, "f8E5M2": 57344.0, "i8": 127.0}
DEVICE = os.environ.get("MPGEMM_TEST_DEVICE")
DEVICES = {"sm_80": DEVICE or "sim:arch=sm_80,sms=2", "sm_90a": DEVICE or "sim:sms=2"}


def reference(x, codes, group, scale_type):
    """Codes and scales by the formula of the op, in f32."""
    length = x.shape[-1]
    group = group or max(length, 1)
    wide = x.astype(np.float32)
    with np.errstate(all="ignore"):
        blocks = [np.abs(wide[..., i : i + group]).max(-1) for i in range(0, length, group)]
        amax = np.stack(blocks, -1) if blocks else np.zeros(x.shape[:-1] + (1,), np.float32)
        scale = np.maximum(amax / np.float32(LARGEST[codes]), np.float32(2.0**-126))
        if scale_type == "f8E8M0FNU":
            exponent = (scale.view(np.uint32) + np.uint32(0x7FFFFF)) >> 23
            stored = np.where(np.isnan(scale), 255, exponent).astype(np.uint8).view(DTYPES[scale_type])
        else:
            stored = scale
        reciprocal = np.float32(1) / stored.astype(np.float32)
        scaled = wide * np.repeat(reciprocal, group, -1)[..., :length]
        if codes == "i8":
            code = np.nan_to_num(np.clip(np.rint(scaled), -128, 127), nan=0).astype(np.int8)
        else:
            code = np.clip(scaled, -LARGEST[codes], LARGEST[codes]).astype(DTYPES[codes])
    return code, stored


def tensor(shape, element, dynamic):
    return "tensor<" + "".join(f"{'?' if dynamic else n}x" for n in shape) + element + ">"


def model(shape, element, codes, group, scale_type, dynamic):
    scales = list(shape[:-1]) + ([-(-shape[-1] // group)] if group else [])
    granularity = f"group = {group}" if group else "row"
    x, q, s = tensor(shape, element, dynamic), tensor(shape, codes, dynamic), tensor(scales, scale_type, dynamic)
    return f"""
func.func @main(%x: {x}) -> ({q}, {s}) {{
  %q, %s = mpgemm.dynamic_quantize(%x : {x}) <{granularity}> -> {q}, {s}
  return %q, %s : {q}, {s}
}}
"""


def draw(shape, element, seed=1):
    """Rows of very different magnitudes, and a row of zeros."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape) * 2.0 ** rng.integers(-12, 12, shape[:-1] + (1,))
    x.reshape(-1, shape[-1])[1::5] = 0
    return x.astype(DTYPES[element])


def check(x, element, codes, group, scale_type="f32", target="sm_90a", dynamic=False):
    text = model(x.shape, element, codes, group, scale_type, dynamic)
    code, scale = mpgemm.load(mpgemm.compile(text, target), DEVICES[target]).main(x)
    want_code, want_scale = reference(x, codes, group, scale_type)
    want_scale = want_scale.reshape(scale.shape)
    np.testing.assert_array_equal(scale.astype(np.float32), want_scale.astype(np.float32))
    code, want_code = np.asarray(code), np.asarray(want_code)
    if codes == "i8":
        np.testing.assert_array_equal(code, want_code)
    else:
        nan = np.isnan(want_code.astype(np.float32))
        assert np.all(np.isnan(code.astype(np.float32)) == nan)
        np.testing.assert_array_equal(code.view(np.uint8)[~nan], want_code.view(np.uint8)[~nan])


# A row is shared by a few lanes, by a warp, by 2, 4, 8 warps, or is read twice; whole vectors, ragged ones, single elements.
SHAPES = [(1, 1), (3, 7), (5, 8), (9, 100), (6, 128), (5, 1000), (3, 4096), (2, 4104), (3, 11008), (2, 14336), (2, 20000), (2, 33000),
          (2, 40000), (2, 8191), (2, 9001)]


@pytest.mark.parametrize("shape", SHAPES)
def test_rows(shape):
    check(draw(shape, "bf16"), "bf16", "f8E4M3FN", 0)


@pytest.mark.parametrize("shape", [(5, 64), (4, 100), (3, 4096), (2, 20000), (2, 4097)])
@pytest.mark.parametrize("group", [0, 32])
def test_unknown_sizes(shape, group):
    check(draw(shape, "bf16"), "bf16", "i8", group, dynamic=True)


@pytest.mark.parametrize("group", [32, 64, 128, 48])
@pytest.mark.parametrize("shape", [(3, 128), (1, 384), (7, 96), (2, 4096), (5, 200), (3, 77)])
def test_groups(shape, group):
    check(draw(shape, "bf16"), "bf16", "f8E4M3FN", group)


@pytest.mark.parametrize("target", ["sm_80", "sm_90a"])
@pytest.mark.parametrize("codes", ["f8E4M3FN", "f8E5M2", "i8"])
@pytest.mark.parametrize("element", ["f32", "f16", "bf16"])
def test_types(element, codes, target):
    for shape, group in (((4, 328), 0), ((4, 256), 64)):
        check(draw(shape, element), element, codes, group, target=target)


@pytest.mark.parametrize("group", [0, 32, 128])
def test_power_of_two_scales(group):
    check(draw((6, 256), "bf16"), "bf16", "f8E4M3FN", group, "f8E8M0FNU")


@pytest.mark.parametrize("shape", [(2, 3, 64), (2, 2, 3, 40)])
@pytest.mark.parametrize("group", [0, 32])
@pytest.mark.parametrize("dynamic", [False, True])
def test_batches(shape, group, dynamic):
    check(draw(shape, "f16"), "f16", "f8E5M2", group, dynamic=dynamic)


@pytest.mark.parametrize("codes", ["f8E4M3FN", "f8E5M2", "i8"])
@pytest.mark.parametrize("element", ["f32", "f16", "bf16"])
def test_special_values(element, codes):
    x = draw((8, 256), element)
    x[0, 3], x[2, 255], x[3, 0], x[3, 7] = np.nan, np.inf, -np.inf, np.nan
    x[4] = np.finfo(np.float32).tiny / 16  # subnormal in f32
    x[5] = ml_dtypes.finfo(DTYPES[element]).max
    x[6] = -0.0
    for group in (0, 64):
        check(x, element, codes, group)


def test_every_16_bit_value():
    x = np.arange(2**16, dtype=np.uint16).view(DTYPES["bf16"]).reshape(-1, 64)
    check(x, "bf16", "f8E4M3FN", 0)
    check(x.T.copy(), "bf16", "i8", 128)


# Groups of the result's columns, or narrow rows, that a tile holds: the product quantises in its epilogue. The others are the same
# to the bit by a kernel of their own.
PRODUCTS = [
    ((150, 256, 64), "f8E4M3FN", 128), ((70, 192, 40), "i8", 64), ((33, 96, 32), "f8E5M2", 0), ((64, 256, 64), "f8E4M3FN", 32),
    ((200, 512, 64), "f8E4M3FN", 256), ((5, 160, 72), "i8", 0), ((40, 300, 64), "i8", 0), ((20, 200, 64), "f8E4M3FN", 128),
]


@pytest.mark.parametrize("target", ["sm_80", "sm_90a"])
@pytest.mark.parametrize("sizes, codes, group", PRODUCTS)
def test_product(sizes, codes, group, target):
    m, n, k = sizes
    granularity, scales = (f"group = {group}", f"{m}x{-(-n // group)}") if group else ("row", f"{m}")
    text = f"""
func.func @main(%a: tensor<{m}x{k}xbf16>, %b: tensor<{n}x{k}xbf16>) -> (tensor<{m}x{n}x{codes}>, tensor<{scales}xf32>) {{
  %d = mpgemm.matmul(%a : tensor<{m}x{k}xbf16>, %b transposed : tensor<{n}x{k}xbf16>) accumulate <f32> -> tensor<{m}x{n}xf32>
  %q, %s = mpgemm.dynamic_quantize(%d : tensor<{m}x{n}xf32>) <{granularity}> -> tensor<{m}x{n}x{codes}>, tensor<{scales}xf32>
  return %q, %s : tensor<{m}x{n}x{codes}>, tensor<{scales}xf32>
}}
"""
    rng = np.random.default_rng(3)
    a, b = (rng.integers(-4, 5, shape).astype(ml_dtypes.bfloat16) for shape in ((m, k), (n, k)))
    a[3] = 0
    code, scale = mpgemm.load(mpgemm.compile(text, target), DEVICES[target]).main(a, b)
    exact = a.astype(np.float32) @ b.astype(np.float32).T  # sums of small integers
    want_code, want_scale = reference(exact, codes, group, "f32")
    np.testing.assert_array_equal(scale, want_scale.reshape(scale.shape))
    np.testing.assert_array_equal(np.asarray(code).view(np.uint8), np.asarray(want_code).view(np.uint8))
