"""The scalar functions of docs/math.md, compiled and run, against float64: every value of the 16-bit formats, and f32 over its
whole range of bits, around the places where a method changes, and at special values.

They run in the simulator, or on the device that MPGEMM_TEST_DEVICE names (cuda)."""

import math

import ml_dtypes
import numpy as np
import pytest
from scalar_kernels import BF16, F16, F32, NAMES, every_16_bit_value, run

erf = np.vectorize(math.erf, otypes=[np.float64])

# Function, reference in float64, bound in units in the last place of f32 (docs/math.md).
FUNCTIONS = {
    "exp": (np.exp, 4),
    "exp2": (np.exp2, 2),
    "expm1": (np.expm1, 2),
    "tanh": (np.tanh, 4),
    "erf": (erf, 3),
    "log": (np.log, 2),
    "log2": (np.log2, 2),
    "log10": (np.log10, 4),
    "log1p": (np.log1p, 2),
    "sin": (lambda x: np.where(abs(x) <= 2.0**48, np.sin(x), np.nan), 2),
    "cos": (lambda x: np.where(abs(x) <= 2.0**48, np.cos(x), np.nan), 2),
    "rsqrt": (lambda x: 1 / np.sqrt(x), 2),
    "sqrt": (np.sqrt, 0.5),
    "floor": (np.floor, 0),
    "ceil": (np.ceil, 0),
    "trunc": (np.trunc, 0),
    "roundeven": (np.rint, 0),
    "round": (lambda x: np.copysign(np.floor(abs(x) + 0.5), x), 0),
    "absf": (np.abs, 0),
}


def many_f32():
    """Values of all exponents and both signs, values around 0 to 4 times a power of two, and special ones."""
    bits = np.arange(0, 2**32, 65521, dtype=np.uint32).view(F32)
    dense = np.linspace(-110, 110, 65537).astype(F32)
    near = np.concatenate([1 + np.linspace(-0.5, 0.5, 16385), np.linspace(-5, 5, 32769), np.linspace(-1e-3, 1e-3, 4097)])
    special = [0, -0.0, np.inf, -np.inf, np.nan, 88.72283, 88.722835, 88.72284, -103.97, -104.1, 2.0**-149, 2.0**-126, 2.0**48,
               0.6, np.nextafter(F32(0.6), F32(0)), 1, -1, np.nextafter(F32(1), F32(0)), 4, 3.4028235e38, 0.5, -0.5, 2.5, 8388609]
    return np.concatenate([bits, dense, near.astype(F32), np.array(special, dtype=F32)])


def unit_in_last_place(reference, dtype):
    """The distance of neighbouring values of the format at the reference."""
    info = ml_dtypes.finfo(dtype)
    _, exponent = np.frexp(np.abs(reference))
    smallest = np.log2(float(info.smallest_subnormal))
    return np.exp2(np.maximum(exponent - 1 - info.nmant, smallest))


def check(got, reference, bound, dtype, arguments):
    got = got.astype(np.float64)
    with np.errstate(over="ignore"):
        rounded = reference.astype(dtype).astype(np.float64)
    largest = float(ml_dtypes.finfo(dtype).max)
    finite = np.isfinite(rounded)
    same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    with np.errstate(invalid="ignore"):
        error = np.abs(got - reference) / unit_in_last_place(np.where(finite, reference, 1), dtype)
    # Next to overflow one of them may be infinite.
    edge = np.isinf(rounded) ^ np.isinf(got)
    edge &= np.minimum(np.abs(np.nan_to_num(reference, nan=0)), largest) >= largest * (1 - 2.0 ** -(ml_dtypes.finfo(dtype).nmant - 2))
    good = same | (finite & np.isfinite(got) & (error <= bound)) | (edge & (bound > 0.5))
    bad = np.flatnonzero(~good)
    assert bad.size == 0, "; ".join(
        f"f({', '.join(repr(float(a[i])) for a in arguments)}): got {got[i]!r}, expected {reference[i]!r}, bound {bound} ulp"
        for i in bad[:5]
    ) + f"; {bad.size} of {got.size} differ"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_f32_function_is_within_its_bound(name):
    function, bound = FUNCTIONS[name]
    x = many_f32()
    got = run(f"%r = math.{name} %a : f32", [x], F32)
    with np.errstate(all="ignore"):
        check(got, function(x.astype(np.float64)), bound, F32, [x])


@pytest.mark.parametrize("dtype", [BF16, F16])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_16_bit_function_of_every_value_is_rounded_once(name, dtype):
    function, bound = FUNCTIONS[name]
    x = every_16_bit_value(dtype)
    got = run(f"%r = math.{name} %a : {NAMES[dtype]}", [x], dtype)
    # Half a unit of the result, and the error of the f32 function in units of the result.
    bits = 23 - ml_dtypes.finfo(dtype).nmant
    with np.errstate(all="ignore"):
        check(got, function(x.astype(np.float64)), 0.5 + bound * 2.0**-bits if bound else 0, dtype, [x])


def test_powf_is_within_its_bound_and_has_the_special_cases_of_c():
    rng = np.random.default_rng(3)
    special = np.array([0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, np.inf, -np.inf, np.nan, 1e30, 16777217, 1e-40], dtype=F32)
    x = np.concatenate([np.exp2(rng.uniform(-20, 20, 50000)), 1 + rng.uniform(-0.01, 0.01, 50000), np.repeat(special, len(special))])
    y = np.concatenate([rng.uniform(-6, 6, 50000), rng.uniform(-5000, 5000, 50000), np.tile(special, len(special))])
    x, y = x.astype(F32), y.astype(F32)
    got = run("%r = math.powf %a, %b : f32", [x, y], F32)
    with np.errstate(all="ignore"):
        check(got, np.power(x.astype(np.float64), y.astype(np.float64)), 6, F32, [x, y])


@pytest.mark.parametrize("source", [F32, BF16, F16])
@pytest.mark.parametrize("format", [ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2])
def test_truncation_to_8_bits_overflows_as_arith_says(format, source):
    name = {ml_dtypes.float8_e4m3fn: "f8E4M3FN", ml_dtypes.float8_e5m2: "f8E5M2"}[format]
    x = many_f32() if source is F32 else every_16_bit_value(source)
    there_and_back = f"%n = arith.truncf %a : {NAMES[source]} to {name}\n    %r = arith.extf %n : {name} to f32"
    got = run(there_and_back, [x], F32)
    with np.errstate(all="ignore"):
        expected = x.astype(F32).astype(format).astype(np.float64)
    check(got, expected, 0, F32, [x.astype(F32)])


@pytest.mark.parametrize("target", ["sm_80", "sm_90a"])
@pytest.mark.parametrize("op", ["addf", "mulf", "subf", "divf", "maximumf", "minimumf"])
def test_bf16_arithmetic_rounds_once(op, target):
    rng = np.random.default_rng(5)
    x, y = (rng.integers(0, 2**16, 20000, dtype=np.uint16).view(BF16) for _ in range(2))
    got = run(f"%r = arith.{op} %a, %b : bf16", [x, y], BF16, target)
    function = {"addf": np.add, "mulf": np.multiply, "subf": np.subtract, "divf": np.divide, "maximumf": np.maximum,
                "minimumf": np.minimum}[op]
    with np.errstate(all="ignore"):
        exact = function(x.astype(np.float64), y.astype(np.float64))
    # float64 holds these results exactly or far closer than a tie of bf16.
    check(got, exact, 0, BF16, [x, y])
