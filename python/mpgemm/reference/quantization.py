"""Codes and scales: quantize, dequantize, dynamic_quantize as the mpgemm dialect defines them.

    quantize:          q = saturate(roundeven(x * (1 / s)) + z)     in f32, 1 / s one division
    dynamic_quantize:  s = max(amax / qmax, 2^-126) of each block, then as above
    dequantize:        (q - z) * s in f32, one rounding to the result

Where x and s are known exactly, so is x / s but for two roundings: a code has room for a neighbour only where the
quotient is within them of a tie.
"""

import numpy as np

from .bounded import Bounded
from .formats import format_of

SMALLEST_SCALE = 2.0**-126
LARGEST_CODE = {"f8E4M3FN": 448.0, "f8E5M2": 57344.0, "i8": 127.0}


def saturate(x: Bounded, type: str, zero=0.0) -> Bounded:
    """f32 to codes: clamped to the finite range; NaN stays NaN, or becomes 0 in an integer type."""
    form = format_of(type)
    if not form.is_integer:
        return x.maximum(-form.largest).minimum(form.largest).to(type)
    x = x.round_even()
    if np.any(zero):
        x = x._monotone(lambda y: y + np.asarray(zero, np.float64))
    return x.maximum(float(form.smallest)).minimum(float(form.largest)).nan_to_zero().to(type)


def quantize(x: Bounded, scale, type: str, zero=0.0) -> Bounded:
    """`scale` (an array, or Bounded) and `zero` broadcast against x."""
    scale = scale if isinstance(scale, Bounded) else Bounded(np.asarray(scale).astype(np.float64))
    return saturate(x.to("f32") * (1.0 / scale), type, zero)


def dequantize(codes, scale, type: str = "f32", zero=0.0) -> Bounded:
    """(codes - zero) * scale"""
    values = np.asarray(codes).astype(np.float64) - np.asarray(zero, np.float64)
    return (Bounded(values) * Bounded(np.asarray(scale).astype(np.float64))).to(type)


def spread(values, block: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Scales or zero points of blocks of rows and columns (0 is all of them, and a dimension the values lack), an element for
    each of a matrix; batch dimensions come first."""
    values = np.asarray(values).astype(np.float64)
    if not block[0] and not block[1]:
        return values
    values = values[..., None, :] if not block[0] else values[..., :, None] if not block[1] else values
    for axis, extent, size in ((-2, block[0], shape[0]), (-1, block[1], shape[1])):
        values = np.take(values, np.arange(size) // extent if extent else np.zeros(size, int), axis)
    return values


def dynamic_quantize(x: Bounded, type: str, block=(1, 0), scale_type: str = "f32") -> tuple[Bounded, Bounded]:
    """Codes and the scales they were made with: of blocks of rows and columns, (1, 0) a row, (1, 128) groups of a row. A
    scale of type f8E8M0FNU is rounded up to a power of two, and NaN where it would be infinite."""
    x = x.to("f32")
    rows, columns = x.shape[-2:]
    block = (block[0] or max(rows, 1), block[1] or max(columns, 1))
    with np.errstate(invalid="ignore"):
        high, low, middle = (
            _block_maximum(v, block) for v in (np.abs(x.value) + x.error, np.maximum(np.abs(x.value) - x.error, 0.0), np.abs(x.value))
        )
        amax = Bounded(middle, np.where(np.isfinite(middle), np.maximum(high - middle, middle - low), 0.0))
    scale = (amax / LARGEST_CODE[type]).maximum(SMALLEST_SCALE)
    if scale_type == "f8E8M0FNU":
        low, high = (_power_above(end) for end in scale._ends())
        scale = scale._between(low, high)
        scale = Bounded(np.where(np.isinf(scale.value), np.nan, scale.value), scale.error)  # the type has no infinity
    codes = quantize(x, scale.map_layout(lambda s: spread(s, block, (rows, columns))), type)
    return codes, scale


def _block_maximum(values, block) -> np.ndarray:
    for axis, extent in ((-2, block[0]), (-1, block[1])):
        values = np.maximum.reduceat(values, np.arange(0, values.shape[axis], extent), axis=axis)
    return values


def _power_above(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        mantissa, exponent = np.frexp(values)
        return np.where(np.isfinite(values), np.ldexp(1.0, np.where(mantissa == 0.5, exponent - 1, exponent)), values)
