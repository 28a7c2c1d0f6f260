"""The product: scaled codes summed as tensor cores sum them, with the bound of each element.

    matmul(a, b)                                              f32 sums of 16-bit floats
    matmul(a8, b8, short=True, promote=128)                   8-bit floats on sm_90a
    matmul(a8, b8, a_scale=Scale(s, 1, 128), b_scale=Scale(t, 128, 128), short=True)
    matmul(i, j, accumulate="i32", a_zero=Scale(z))           exact
"""

import math
from dataclasses import dataclass

import numpy as np

from . import sums
from .bounded import Bounded
from .formats import format_of

PROMOTE = 128
"""By default short sums are promoted to f32 every so many steps of K."""
NEVER = "never"


@dataclass
class Scale:
    """Scales (or zero points) of an operand: one for each block of `outer` rows of A (columns of B) by `k` steps of K.

    An extent of 0 is the whole dimension, which the values then lack. Else they have the dimensions of the operand as the
    formula writes it, A: MxK and B: KxN; batch dimensions come first or are left out."""

    values: np.ndarray
    outer: int = 0
    k: int = 0

    def spread(self, rows: int, columns: int, k_first: bool) -> np.ndarray:
        """The scale of each element of an operand; dimensions that one block spans have size 1."""
        values = np.asarray(self.values).astype(np.float64)
        first, second = (self.k, self.outer) if k_first else (self.outer, self.k)
        if not first and not second:
            return values[..., None, None]
        values = values[..., None, :] if not first else values[..., :, None] if not second else values
        for axis, block, size in ((-2, first, rows), (-1, second, columns)):
            if block:
                values = np.take(values, np.arange(size) // block, axis)
        return values


def accumulation_bound(k: int, magnitude: np.ndarray, accumulate: str, element: str = "f16") -> np.ndarray:
    """Largest error of a sum of k products of `element`; `magnitude` is the sum of their absolute values."""
    if element == "sequential":
        return sums.sequential_sum(k, magnitude, accumulate)
    if accumulate == "f16":
        return sums.f16_sum(k, magnitude)
    if accumulate != "f32":
        raise ValueError(f"no bound for accumulation in {accumulate}; there are f32, f16 and i32")
    if element in sums.CODES:  # mma.sync adds up 32 products first, then the accumulator
        return sums.f32_sum(k, magnitude) + -(-k // 32) * 2.0**-24 * magnitude
    return sums.f32_sum(k, magnitude, 4 if element == "tf32" else 8)


def matmul(a, b, init=None, accumulate: str = "f32", *, tf32=False, promote=None, short=False, sequential=False,
           a_scale: Scale | None = None, b_scale: Scale | None = None, a_zero: Scale | None = None,
           b_zero: Scale | None = None) -> Bounded:
    """(sA (a - zA)) @ (sB (b - zB)) + init, with leading batch dimensions as numpy.matmul has them.

    Operands are arrays, whose dtype is their type, or `Bounded` where they are results of something before. f32
    operands are multiplied with f32 accuracy, or with `tf32` as the tensor core reads them. `short`: the target sums
    8-bit floats in a short accumulator, promoted every `promote` steps of K or `NEVER`. `sequential`: products are rounded
    and added one by one, as the linalg decomposition does it, and no tensor core.

    Sums of numbers that the accumulator holds exactly are exact in any order: their bound is 0."""
    a, b = _bounded(a), _bounded(b)
    types = [x.format.name for x in (a, b)]
    m, k, n = a.shape[-2], a.shape[-1], b.shape[-1]
    if tf32:
        a, b, types = Bounded(sums.to_tf32(a.value), a.error), Bounded(sums.to_tf32(b.value), b.error), ["tf32", "tf32"]
    if a_zero is not None:
        a = Bounded(a.value - a_zero.spread(m, k, False), 0.0, "i32")
    if b_zero is not None:
        b = Bounded(b.value - b_zero.spread(k, n, True), 0.0, "i32")

    if sequential:
        short, types = False, ["sequential", "sequential"]
    short = short and accumulate == "f32" and set(types) <= set(sums.CODES)
    run = math.gcd(*(s.k for s in (a_scale, b_scale) if s is not None))
    if short and promote != NEVER:
        run = math.gcd(run, promote or PROMOTE)
    factors = []
    if a_scale is not None:
        factors.append(np.broadcast_to(spread := a_scale.spread(m, k, False), (*spread.shape[:-1], k)))
    if b_scale is not None:
        factors.append(np.broadcast_to(spread := b_scale.spread(k, n, True), (*spread.shape[:-2], k, spread.shape[-1])))
        factors[-1] = np.moveaxis(factors[-1], -2, -1)[..., None, :, :]
    if a_scale is not None:
        factors[0] = factors[0][..., :, None, :]

    if run and k:
        total = _sum_of_runs(a, b, types, accumulate, run, short, factors)
    else:
        # Where scales act on the sum, the initial value is added after them.
        start = None if factors or accumulate == "i32" or init is None else _bounded(init)
        total = _sum(a, b, types, accumulate, short, start)
        if factors:
            total = total.to("f32")
            for factor in factors:
                total = total * Bounded(factor[..., 0] if k else np.ones(1))
        if start is not None:
            return total
    if init is not None:
        start = _bounded(init)
        total = total + Bounded(start.value, start.error, total.format)
    return total


def _sum_of_runs(a, b, types, accumulate, run, short, factors) -> Bounded:
    """Partial sums over runs of K, each scaled in f32, added in f32."""
    parts = []
    for k in range(0, a.shape[-1], run):
        ks = slice(k, min(k + run, a.shape[-1]))
        left, right = (
            Bounded(x.value[at], x.error[at], x.format) for x, at in ((a, (..., slice(None), ks)), (b, (..., ks, slice(None))))
        )
        part = _sum(left, right, types, accumulate, short).to("f32")
        unscaled = part.value
        for factor in factors:
            part = part * Bounded(factor[..., k])
        if len(factors) == 2:  # a kernel may multiply the scales with each other first, which rounds their product
            both = factors[0][..., k] * factors[1][..., k]
            with np.errstate(over="ignore", invalid="ignore"):
                rounding = np.abs(both.astype(np.float32).astype(np.float64) - both) * np.abs(unscaled)
            part = Bounded(part.value, part.error + np.nan_to_num(rounding, nan=0.0), part.format)
        parts.append(part)
    with np.errstate(invalid="ignore", over="ignore"):
        value = sum(part.value for part in parts)
        magnitude = sum(np.abs(part.value) + part.error for part in parts)
        error = sum(part.error for part in parts)
        own = (len(parts) + 1) * 2.0**-24 * magnitude
        if len(parts) > 1 and not any(part.error.any() for part in parts):
            unit = min(sums.lowest_bit(part.value) for part in parts)
            own = np.where(magnitude <= 2.0**24 * unit, 0.0, own)
        own = own if len(parts) > 1 else 0.0  # the first is added to nothing
        error = np.where(np.isfinite(value), np.where(np.isnan(error + own), np.inf, error + own), 0.0)
        error = np.where(magnitude >= format_of("f32").largest * (1 - 2.0**-8), np.inf, error)
    return Bounded(value, np.where(np.isfinite(value), error, 0.0), "f32")


def _sum(a: Bounded, b: Bounded, types, accumulate, short, start: Bounded | None = None) -> Bounded:
    """Codes multiplied and summed in the accumulation type, without promotion."""
    k = a.shape[-1]
    with np.errstate(invalid="ignore", over="ignore"):
        value = a.value @ b.value
        if accumulate == "i32":
            return Bounded(format_of("i32").wrap(value), 0.0, "i32")
        absolute_a, absolute_b = np.abs(a.value), np.abs(b.value)
        inherited = a.error @ (absolute_b + b.error) + absolute_a @ b.error
        magnitude = absolute_a @ absolute_b
        unit = sums.lowest_bit(a.value) * sums.lowest_bit(b.value)
        is_exact = not a.error.any() and not b.error.any()
        if start is not None:
            value, magnitude = value + start.value, magnitude + np.abs(start.value)
            inherited = inherited + start.error
            unit = min(unit, sums.lowest_bit(start.value))
            is_exact = is_exact and not start.error.any()
        if short:
            error = sums.short_sum(a.value, b.value, types, a.error, b.error)
            if start is not None:
                error = error + np.where((error == 0) & (magnitude <= 2.0**24 * unit), 0.0, 4 * 2.0**-24 * magnitude)
        else:
            if types[0] == "f32":
                error = sums.three_product_sum(a.value, b.value, magnitude + inherited)
            else:
                error = accumulation_bound(k, magnitude + inherited, accumulate, types[0])
            form = format_of(accumulate)
            if is_exact and unit >= form.smallest_step:
                error = np.where(magnitude <= 2.0**form.precision * unit, 0.0, error)
        error = np.where(magnitude >= format_of(accumulate).largest * (1 - 2.0**-8), np.inf, error)
        error = np.where(error > 0, error + k * 2.0**-52 * magnitude, 0.0)  # float64's own rounding
        if k == 0:
            error = np.zeros_like(magnitude)
        # An infinity or NaN among the inputs decides alone.
        error = np.where(np.isfinite(value), error + inherited, 0.0)
    return Bounded(value, error, accumulate)


def _bounded(x) -> Bounded:
    return x if isinstance(x, Bounded) else Bounded.exact(x)
