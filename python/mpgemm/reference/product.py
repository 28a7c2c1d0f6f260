"""The sum of products that tensor cores compute, with its bound."""

import numpy as np

from .bounded import Bounded
from .formats import format_of


def accumulation_bound(k: int, magnitude: np.ndarray, accumulate: str) -> np.ndarray:
    """Largest error of a sum of k products accumulated in f32 or f16; `magnitude` is the sum of their absolute values.

    docs/numerics.md derives it: products of 16-bit floats are exact in f32; a tensor core adds a block of them to the
    accumulator after aligning all to the largest, and truncates. The order of the sum is left open.
    """
    blocks = -(-k // 16)
    if accumulate == "f32":
        # Two halves of 8 products a block, each: 9 terms truncated at 2^-24 of the largest, the sum at 2^-23. Four
        # more roundings: the initial value, the partial sums of a K split over warps or CTAs.
        return (blocks * 2 * (9 * 2.0**-24 + 2.0**-23) + 4 * 2.0**-24) * magnitude + (k + 1) * 2.0**-149
    if accumulate == "f16":
        # Each half block ends in f16, truncated at worst; subnormals keep a step of 2^-24.
        steps = 2 * blocks + 4
        bound = steps * (2.0**-10 + 10 * 2.0**-24) * magnitude + steps * 2.0**-24
        return np.where(magnitude * (1 + steps * 2.0**-10) >= format_of("f16").largest, np.inf, bound)
    raise ValueError(f"no bound for accumulation in {accumulate}; there are f32 and f16")


def matmul(a, b, init=None, accumulate: str = "f32") -> Bounded:
    """a @ b + init, with leading batch dimensions as numpy.matmul has them.

    Sums of integers that the accumulator holds exactly are exact in any order: their bound is 0."""
    form = format_of(accumulate)
    a64, b64 = np.asarray(a).astype(np.float64), np.asarray(b).astype(np.float64)
    k = a64.shape[-1]
    start = None if init is None else np.asarray(init).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        value = a64 @ b64
        magnitude = np.abs(a64) @ np.abs(b64)
        if start is not None:
            value, magnitude = value + start, magnitude + np.abs(start)
        error = accumulation_bound(k, magnitude, accumulate)
        error = error + k * 2.0**-52 * magnitude  # float64's own rounding
        integers = all(
            bool(np.all(np.isfinite(x)) and np.all(x == np.rint(x))) for x in (a64, b64, start) if x is not None
        )
        if integers:
            error = np.where(magnitude <= 2.0**form.precision, 0.0, error)
        if k == 0:
            error = np.zeros_like(magnitude)
    return Bounded(value, error, accumulate)
