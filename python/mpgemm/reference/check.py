"""Compares a kernel's result with its reference, element by element."""

from dataclasses import dataclass

import numpy as np

from .bounded import Bounded


class NumericsError(AssertionError):
    """Elements of a result are farther from the reference than a correct kernel can be."""


@dataclass
class Comparison:
    """How a result compares: the element nearest to (or farthest past) its bound, and the number past it."""

    elements: int
    different: int
    largest_error: float
    largest_share: float  # of error / bound over elements with a bound
    index: tuple
    got: float
    expected: float
    bound: float

    def __str__(self) -> str:
        share = f"{100 * self.largest_share:.0f} % of its bound" if self.largest_share else "exact"
        return f"{self.elements} elements, largest error {self.largest_error:.3g}, at most {share}"


def compare(got, reference: Bounded) -> Comparison:
    """Compares without raising. NaN matches NaN only, an infinity the same infinity only."""
    array = np.asarray(got)
    if array.shape != reference.shape:
        raise ValueError(f"the result has shape {array.shape}, its reference {reference.shape}")
    if array.size == 0:
        return Comparison(0, 0, 0.0, 0.0, (), 0.0, 0.0, 0.0)
    values = array.astype(np.float64)
    expected, bound = reference.value, reference.error
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        same = (values == expected) | (np.isnan(values) & np.isnan(expected))
        distance = np.where(same, 0.0, np.abs(values - expected))
        # Where the reference is NaN or infinite, only the same will do. An unbounded error allows what an overflow
        # makes: infinity, or NaN where the format has none, but no other NaN where the exact result is a number.
        distance = np.where(np.isfinite(expected) | same, distance, np.inf)
        limit = np.where(np.isfinite(expected), bound, 0.0)
        allowed = ~np.isnan(values) | (getattr(reference.format, "overflow", "") == "nan")
        wrong = ~same & ~(distance <= limit) & ~(np.isinf(limit) & allowed)
        share = np.where(same, 0.0, np.where(limit > 0, distance / limit, np.inf))
        share = np.where(np.isnan(share), np.where(wrong, np.inf, 0.0), share)
        share = np.where(wrong, np.maximum(share, 1.0), np.where(np.isinf(limit), 0.0, share))
    worst = np.unravel_index(int(np.argmax(np.where(wrong, np.inf, share) if wrong.any() else share)), share.shape)
    finite = distance[np.isfinite(distance)]
    return Comparison(
        elements=array.size,
        different=int(wrong.sum()),
        largest_error=float(finite.max(initial=0.0)),
        largest_share=float(share[worst]),
        index=tuple(int(i) for i in worst),
        got=float(values[worst]),
        expected=float(expected[worst]),
        bound=float(limit[worst]),
    )


def check(got, reference: Bounded, *, name: str = "D", context: str = "") -> Comparison:
    """Raises NumericsError where any element is out of its bound.

        D[37,129]: got 12.0625, expected 12.5, bound 0.031 (m=128 n=256 k=512, seed 7); 1 of 32768 differ
    """
    result = compare(got, reference)
    if result.different:
        where = ",".join(str(i) for i in result.index)
        raise NumericsError(
            f"{name}[{where}]: got {result.got:.6g}, expected {result.expected:.6g}, bound {result.bound:.2g}"
            f"{f' ({context})' if context else ''}; {result.different} of {result.elements} differ"
        )
    return result
