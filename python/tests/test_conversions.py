"""Conversions between formats in kernels, exhaustively, against ml_dtypes.

All codes of 8 bits to wider formats, all values of 16 bits to 8 bits, and of f32 the values at every boundary between two
codes: each midpoint, the numbers next to it, and the codes themselves. With arith's meaning (f8E4M3FN overflows to NaN, f8E5M2 to
infinity) and with the one of `quantize`, which saturates. sm_80 converts by arithmetic on bits, later targets by instructions."""

import numpy as np
import pytest
from scalar_kernels import BF16, E4M3, E5M2, F16, F32, NAMES, every_16_bit_value, run

TARGETS = ["sm_80", "sm_90a"]
LARGEST = {E4M3: 448.0, E5M2: 57344.0}
FP8 = [E4M3, E5M2]


def every_8_bit_code(dtype):
    return np.arange(256, dtype=np.uint8).view(dtype)


def boundaries(values):
    """f32 numbers at each value of a format, halfway between neighbours, and next to both."""
    values = np.unique(values[np.isfinite(values)].astype(np.float64))
    limit = values[-1] + (values[-1] - values[-2])  # where the next code would be
    values = np.concatenate([[-limit], values, [limit]])
    exact = np.concatenate([values, (values[1:] + values[:-1]) / 2, [limit * 2, -limit * 2, 1e30, -1e30]])
    with np.errstate(over="ignore"):
        exact = exact.astype(F32)
    near = [np.nextafter(exact, F32(direction)) for direction in (-np.inf, np.inf)]
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 2.0**-149, -(2.0**-149), 2.0**-126], F32)
    return np.concatenate([exact, *near, special])


def same(got, expected, x):
    """To the bit, signs of zeros included; NaN is NaN."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.dtype == expected.dtype
    width = {1: np.uint8, 2: np.uint16, 4: np.uint32}[got.dtype.itemsize]
    nan = np.isnan(got.astype(F32)) & np.isnan(expected.astype(F32))
    wrong = np.flatnonzero((got.view(width) != expected.view(width)) & ~nan)
    assert wrong.size == 0, f"{wrong.size} of {got.size} differ: " + "; ".join(
        f"of {float(x[i])!r}: got {float(got[i])!r}, expected {float(expected[i])!r}" for i in wrong[:5]
    )


def converted(x, dtype):
    """One rounding to nearest even, by ml_dtypes."""
    with np.errstate(all="ignore"):
        return x.astype(F32).astype(dtype)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("wide", [F32, F16, BF16])
@pytest.mark.parametrize("dtype", FP8)
def test_every_code_of_8_bits_is_widened_exactly(dtype, wide, target):
    x = every_8_bit_code(dtype)
    got = run(f"%r = arith.extf %a : {NAMES[dtype]} to {NAMES[wide]}", [x], wide, target)
    same(got, converted(x, wide), x)


def sources(source, dtype):
    if source is not F32:
        return every_16_bit_value(source)
    return boundaries(every_8_bit_code(dtype))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", [F32, F16, BF16])
@pytest.mark.parametrize("dtype", FP8)
def test_truncation_to_8_bits_is_ariths(dtype, source, target):
    x = sources(source, dtype)
    got = run(f"%r = arith.truncf %a : {NAMES[source]} to {NAMES[dtype]}", [x], dtype, target)
    same(got, converted(x, dtype), x)


def clamp(type_, largest):
    bits = int(np.array(largest, np.float32).astype(type_).view(np.uint32 if type_ is F32 else np.uint16))
    digits, name = (8 if type_ is F32 else 4), NAMES[type_]
    negative = bits | (1 << (4 * digits - 1))
    return (
        f"%high = arith.constant 0x{bits:0{digits}X} : {name}\n    %low = arith.constant 0x{negative:0{digits}X} : {name}\n"
        f"    %c = arith.maximumf %a, %low : {name}\n    %d = arith.minimumf %c, %high : {name}\n    "
    )


def saturated(x, dtype):
    with np.errstate(invalid="ignore"):
        return converted(np.clip(x.astype(F32), -LARGEST[dtype], LARGEST[dtype]), dtype)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", [F32, F16, BF16])
@pytest.mark.parametrize("dtype", FP8)
def test_clamped_truncation_to_8_bits_saturates(dtype, source, target):
    """What `quantize` becomes; NaN stays NaN."""
    x = sources(source, dtype)
    body = clamp(source, LARGEST[dtype]) + f"%r = arith.truncf %d : {NAMES[source]} to {NAMES[dtype]}"
    same(run(body, [x], dtype, target), saturated(x, dtype), x)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", [F16, BF16])
def test_truncation_of_f32_to_16_bits_at_every_boundary(dtype, target):
    x = boundaries(every_16_bit_value(dtype))
    got = run(f"%r = arith.truncf %a : f32 to {NAMES[dtype]}", [x], dtype, target)
    same(got, converted(x, dtype), x)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source, wide", [(F16, F32), (BF16, F32)])
def test_every_value_of_16_bits_is_widened_exactly(source, wide, target):
    x = every_16_bit_value(source)
    got = run(f"%r = arith.extf %a : {NAMES[source]} to {NAMES[wide]}", [x], wide, target)
    same(got, converted(x, wide), x)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", [F32, F16, BF16])
def test_saturating_conversion_to_i8(source, target):
    """roundeven, clamp, NaN to 0, fptosi: what `quantize` becomes."""
    x = boundaries(np.arange(-128, 128)) if source is F32 else every_16_bit_value(source)
    body = f"""%w = arith.extf %a : {NAMES[source]} to f32""" if source is not F32 else "%w = arith.addf %a, %zero : f32"
    body = f"""%zero = arith.constant 0.0 : f32
    {body}
    %low = arith.constant -128.0 : f32
    %high = arith.constant 127.0 : f32
    %q = math.roundeven %w : f32
    %c = arith.maximumf %q, %low : f32
    %d = arith.minimumf %c, %high : f32
    %u = arith.cmpf uno, %d, %d : f32
    %s = arith.select %u, %zero, %d : f32
    %r = arith.fptosi %s : f32 to i8"""
    with np.errstate(invalid="ignore"):
        expected = np.clip(np.rint(np.nan_to_num(x.astype(F32), nan=0)), -128, 127).astype(np.int8)
    same(run(body, [x], np.int8, target), expected, x)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("wide", [F32, F16, BF16])
@pytest.mark.parametrize("signed", [True, False])
def test_every_integer_of_8_bits_is_widened_exactly(signed, wide, target):
    x = np.arange(256, dtype=np.uint8).view(np.int8)
    op = "sitofp" if signed else "uitofp"
    got = run(f"%r = arith.{op} %a : i8 to {NAMES[wide]}", [x], wide, target)
    same(got, (x if signed else x.view(np.uint8)).astype(F32).astype(wide), x)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", FP8)
@pytest.mark.parametrize("signed", [True, False])
def test_integers_become_8_bit_floats_by_one_rounding(signed, dtype, target):
    near = (np.arange(-70000, 70000), 2 ** np.arange(31), -(2 ** np.arange(32)), [2**31 - 1])
    x = np.concatenate(near).astype(np.int64).astype(np.int32)
    op = "sitofp" if signed else "uitofp"
    got = run(f"%r = arith.{op} %a : i32 to {NAMES[dtype]}", [x], dtype, target)
    exact = (x if signed else x.view(np.uint32)).astype(np.float64)
    same(got, converted(exact, dtype), x)
