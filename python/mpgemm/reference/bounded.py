"""Scalar arithmetic on (value, error) pairs: what a kernel's result may be, element by element.

A `Bounded` holds, for each element, the value in exact arithmetic (computed in float64) and a bound on the distance of
what a correct kernel computes from it. Each operation propagates the errors of its operands and adds its own rounding.
The operations mirror the `arith` and `math` ops of an epilogue, so that a reference is written op for op like the
model; docs/numerics.md derives the rules.
"""

from __future__ import annotations

import math

import numpy as np

from .formats import Format, Integers, format_of

# Largest error of the functions of f32, in units in the last place: the "bound" column of docs/math.md.
FUNCTION_ULP = {"exp": 4, "exp2": 2, "tanh": 4, "erf": 3, "log": 2, "log1p": 2, "rsqrt": 2, "sqrt": 0.5}

_erf = np.frompyfunc(math.erf, 1, 1)


def _erf64(values: np.ndarray) -> np.ndarray:
    return np.asarray(_erf(values), np.float64)


class Bounded:
    """Elements of one number format: exact values and bounds on a correct kernel's distance from them."""

    def __init__(self, value, error=0.0, type="f32"):
        self.format: Format | Integers = format_of(type)
        self.value = np.asarray(value, np.float64)
        self.error = np.broadcast_to(np.asarray(error, np.float64), self.value.shape)

    @classmethod
    def exact(cls, array, type=None) -> "Bounded":
        """The elements of an input, which are known exactly."""
        array = np.asarray(array)
        return cls(array.astype(np.float64), 0.0, format_of(array) if type is None else type)

    @property
    def shape(self):
        return self.value.shape

    def map_layout(self, function) -> "Bounded":
        """Applies a change of layout (reshape, transpose, broadcast, ...) to values and errors alike."""
        return Bounded(function(self.value), function(self.error), self.format)

    # Rounding ----------------------------------------------------------------------------------------------

    def _rounded(self, value, error, roundings=1.0) -> "Bounded":
        """A result in this format after `roundings` half units in the last place.

        Where the operands were exact and the format holds the result, nothing is rounded. Integers wrap."""
        form = self.format
        value, error = np.broadcast_arrays(value, error)
        if form.is_integer:
            if error.any():
                raise TypeError(f"arithmetic on {form.name} needs operands that are known exactly")
            return Bounded(form.wrap(value), 0.0, form)
        with np.errstate(invalid="ignore", over="ignore"):
            own = roundings * (form.roundoff * (np.abs(value) + error) + form.smallest_step / 2)
            kept = (error == 0) & (form.round(value) == value) if roundings == 1.0 else False
            # Past the largest number a correct kernel may already have overflowed.
            own = np.where(np.isfinite(value) & (np.abs(value) + error + own >= form.largest), np.inf, own)
        # What is infinite or NaN is so for certain: an error beside it means nothing.
        return Bounded(value, np.where(kept | ~np.isfinite(value), 0.0, error + own), form)

    def _operand(self, other) -> "Bounded":
        if isinstance(other, Bounded):
            if other.format is not self.format:
                raise TypeError(f"operands of different formats: {self.format.name} and {other.format.name}")
            return other
        return Bounded(other if self.format.is_integer else self.format.round(np.float64(other)), 0.0, self.format)

    def _between(self, low, high, type=None) -> "Bounded":
        """Results that lie between two numbers, both possible: where they agree they are certain."""
        low, high = np.broadcast_arrays(low, high)
        with np.errstate(invalid="ignore"):
            certain = (low == high) | (np.isnan(low) & np.isnan(high)) | ~np.isfinite(self.value)
            value = np.where(certain, low, self.value)
            error = np.where(certain, 0.0, np.maximum(np.abs(high - value), np.abs(value - low)))
        # NaN or infinity at one end only: an overflow may happen or not
        return Bounded(value, np.where(np.isnan(error), np.inf, error), self.format if type is None else type)

    def _ends(self):
        with np.errstate(invalid="ignore", over="ignore"):
            return self.value - self.error, self.value + self.error

    def to(self, type) -> "Bounded":
        """arith.extf, arith.truncf or arith.sitofp: one rounding to nearest even where the format is narrower; to an
        integer of values that are integers already (or certain to become one by truncation)."""
        form = format_of(type)
        if form is self.format:
            return self
        if form.is_integer:
            low, high = (np.trunc(end) for end in self._ends())
            return self._between(low, high, form)
        if not self.format.is_integer and form.precision >= self.format.precision and form.largest >= self.format.largest:
            return Bounded(self.value, self.error, form)
        # Rounding is monotone: the result lies between the rounded ends.
        low, high = (form.round(end) for end in self._ends())
        result = self._between(low, high, form)
        # An unbounded error stays one: that both ends overflow says nothing of what lies between.
        unbounded = np.isfinite(self.value) & np.isinf(self.error)
        nearest = form.round(np.clip(self.value, -form.largest, form.largest))
        result = Bounded(np.where(unbounded, nearest, result.value), np.where(unbounded, np.inf, result.error), form)
        # Where the value overflows with certainty, only what an overflow makes will do.
        surely = np.isfinite(self.value) & (np.abs(self.value) - self.error >= form.overflow_limit)
        with np.errstate(invalid="ignore"):
            beyond = np.copysign(np.inf, self.value) if form.overflow == "infinity" else np.nan
        return Bounded(np.where(surely, beyond, result.value), np.where(surely, 0.0, result.error), form)

    def perhaps_to(self, type) -> "Bounded":
        """A rounding to `type` that a compiler may leave out (a truncation that is widened again at once): the elements
        in their own format, with room for both answers."""
        rounded = self.to(type)
        with np.errstate(invalid="ignore"):
            apart = np.where(rounded.value == self.value, 0.0, np.abs(rounded.value - self.value))
        error = np.where(np.isnan(apart), 0.0, apart) + rounded.error
        return Bounded(self.value, np.maximum(error, self.error), self.format)

    # Arithmetic --------------------------------------------------------------------------------------------

    def __add__(self, other):
        other = self._operand(other)
        with np.errstate(invalid="ignore", over="ignore"):
            value = self.value + other.value
        return self._rounded(value, self.error + other.error)

    def __sub__(self, other):
        other = self._operand(other)
        with np.errstate(invalid="ignore", over="ignore"):
            value = self.value - other.value
        return self._rounded(value, self.error + other.error)

    def __rsub__(self, other):
        return self._operand(other) - self

    def __mul__(self, other):
        other = self._operand(other)
        with np.errstate(invalid="ignore", over="ignore"):
            # 0 x an unbounded error is still unbounded
            error = np.abs(self.value) * other.error + np.abs(other.value) * self.error + self.error * other.error
            value = self.value * other.value
        exact = (self.error == 0) & (other.error == 0)  # 0 x infinity is NaN by its value alone
        return self._rounded(value, np.where(exact, 0.0, np.where(np.isnan(error), np.inf, error)))

    def __truediv__(self, other):
        other = self._operand(other)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            value = self.value / other.value
            # |x/y - v/w| <= (|x - v| + |v/w| |y - w|) / (|w| - |y - w|)
            room = np.abs(other.value) - other.error
            error = np.where(room > 0, (self.error + np.abs(value) * other.error) / room, np.inf)
            error = np.where((self.error == 0) & (other.error == 0), 0.0, error)
        return self._rounded(value, error)

    def __rtruediv__(self, other):
        return self._operand(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return Bounded(-self.value, self.error, self.format)

    def __abs__(self):
        return Bounded(np.abs(self.value), self.error, self.format)

    def _monotone(self, function, *others) -> "Bounded":
        """An increasing function that rounds nothing: over intervals it is farthest at the ends."""
        operands = (self, *(self._operand(other) for other in others))
        value = function(*(x.value for x in operands))
        low, high = (function(*ends) for ends in zip(*(x._ends() for x in operands)))
        with np.errstate(invalid="ignore"):
            error = np.maximum(np.abs(high - value), np.abs(value - low))
        known = (low == high) | ~np.isfinite(value)
        return Bounded(value, np.where(known, 0.0, np.where(np.isnan(error), np.inf, error)), self.format)

    def maximum(self, other):
        return self._monotone(np.maximum, other)

    def minimum(self, other):
        return self._monotone(np.minimum, other)

    def round_even(self):
        """math.roundeven"""
        low, high = (np.rint(end) for end in self._ends())
        return self._between(low, high)

    def nan_to_zero(self):
        """NaN becomes 0, as conversions to integers that saturate have it."""
        unknown = np.isnan(self.value)
        return Bounded(np.where(unknown, 0.0, self.value), np.where(unknown, 0.0, self.error), self.format)

    def select_greater(self, threshold, then: "Bounded", otherwise: "Bounded") -> "Bounded":
        """arith.select on self > threshold; where the errors leave the condition open, both answers are allowed."""
        threshold, then, otherwise = self._operand(threshold), self._operand(then), self._operand(otherwise)
        condition = self.value > threshold.value
        value = np.where(condition, then.value, otherwise.value)
        error = np.where(condition, then.error, otherwise.error)
        open_ = np.abs(self.value - threshold.value) < self.error + threshold.error
        either = np.abs(then.value - otherwise.value) + np.maximum(then.error, otherwise.error)
        return Bounded(value, np.where(open_, either, error), self.format)

    # Functions ---------------------------------------------------------------------------------------------

    def _increasing(self, function, name) -> "Bounded":
        """A monotonically increasing function: over an interval it is farthest at the ends.

        Functions of 16-bit formats are computed in f32 and rounded once."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value = function(self.value)
            low, high = function(self.value - self.error), function(self.value + self.error)
            error = np.maximum(np.abs(high - value), np.abs(value - low))
            error = np.where((self.error == 0) & np.isfinite(value), 0.0, np.where(np.isnan(error), np.inf, error))
            # an ulp is at most two roundoffs of the value
            single = format_of("f32")
            approximation = 2 * FUNCTION_ULP[name] * (single.roundoff * np.abs(value) + single.smallest_step / 2)
            approximation = np.where(np.isfinite(approximation), approximation, 0.0)
        if self.format is single:
            return Bounded(value, error + approximation, single)
        return Bounded(value, error + approximation, single).to(self.format)

    def exp(self):
        return self._increasing(np.exp, "exp")

    def tanh(self):
        return self._increasing(np.tanh, "tanh")

    def erf(self):
        return self._increasing(_erf64, "erf")

    def log(self):
        return self._increasing(np.log, "log")

    def sqrt(self):
        return self._increasing(np.sqrt, "sqrt")

    def rsqrt(self):
        return -(-self)._increasing(lambda x: -1 / np.sqrt(-x), "rsqrt")
