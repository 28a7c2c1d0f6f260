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
    """a @ b + init, with leading batch dimensions as numpy.matmul has them. Operands are arrays, or `Bounded` where they
    are results of something before.

    Sums of integers that the accumulator holds exactly are exact in any order: their bound is 0."""
    form = format_of(accumulate)
    a, b = _bounded(a), _bounded(b)
    start = None if init is None else _bounded(init)
    inputs = [x for x in (a, b, start) if x is not None]
    with np.errstate(invalid="ignore", over="ignore"):
        value = a.value @ b.value
        absolute_a, absolute_b = np.abs(a.value), np.abs(b.value)
        inherited = a.error @ (absolute_b + b.error) + absolute_a @ b.error
        magnitude = absolute_a @ absolute_b
        if start is not None:
            value, magnitude = value + start.value, magnitude + np.abs(start.value)
            inherited = inherited + start.error
        k = a.shape[-1]
        error = accumulation_bound(k, magnitude + inherited, accumulate)
        error = error + k * 2.0**-52 * magnitude  # float64's own rounding
        if all(_are_integers(x) for x in inputs):
            error = np.where(magnitude <= 2.0**form.precision, 0.0, error)
        if k == 0:
            error = np.zeros_like(magnitude)
        # An infinity or NaN among the inputs decides alone.
        error = np.where(np.isfinite(value), error + inherited, 0.0)
    return Bounded(value, error, accumulate)


def _bounded(x) -> Bounded:
    return x if isinstance(x, Bounded) else Bounded(np.asarray(x).astype(np.float64))


def _are_integers(x: Bounded) -> bool:
    return bool(np.all(np.isfinite(x.value)) and np.all(x.value == np.rint(x.value)) and not x.error.any())
