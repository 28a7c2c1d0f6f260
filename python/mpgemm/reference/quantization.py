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


def dynamic_quantize(x: Bounded, type: str, group: int = 0, scale_type: str = "f32") -> tuple[Bounded, Bounded]:
    """Codes and the scales they were made with: of each row, or of each `group` elements of a row (the last may be
    shorter). A scale of type f8E8M0FNU is rounded up to a power of two."""
    x = x.to("f32")
    length = x.shape[-1]
    group = group or max(length, 1)
    starts = np.arange(0, length, group)
    with np.errstate(invalid="ignore"):
        low, high = np.maximum(np.abs(x.value) - x.error, 0.0), np.abs(x.value) + x.error
        highest, lowest, middle = (np.maximum.reduceat(v, starts, axis=-1) for v in (high, low, np.abs(x.value)))
        amax = Bounded(middle, np.where(np.isfinite(middle), np.maximum(highest - middle, middle - lowest), 0.0))
    scale = (amax / LARGEST_CODE[type]).maximum(SMALLEST_SCALE)
    if scale_type == "f8E8M0FNU":
        low, high = (_power_above(end) for end in scale._ends())
        scale = scale._between(low, high)
    spread = scale.map_layout(lambda s: np.repeat(s, group, -1)[..., :length])
    return quantize(x, spread, type), scale


def _power_above(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        mantissa, exponent = np.frexp(values)
        return np.where(np.isfinite(values), np.ldexp(1.0, np.where(mantissa == 0.5, exponent - 1, exponent)), values)
