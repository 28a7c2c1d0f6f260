"""Number formats: what rounding to one costs, and rounding itself, once, from float64."""

from dataclasses import dataclass

import ml_dtypes
import numpy as np


@dataclass(frozen=True)
class Format:
    """A binary floating-point format, named as in MLIR."""

    name: str
    precision: int  # bits of the significand, the leading one included
    min_exponent: int  # of the smallest normal number
    largest: float
    dtype: np.dtype
    overflow: str = "infinity"  # what a conversion to it makes of a value that is too large

    is_integer = False

    @property
    def roundoff(self) -> float:
        """Rounding to nearest changes a normal value by at most this part of it."""
        return 2.0**-self.precision

    @property
    def smallest_step(self) -> float:
        """The distance of subnormal numbers."""
        return 2.0 ** (self.min_exponent - self.precision + 1)

    @property
    def overflow_limit(self) -> float:
        """From this magnitude on, rounding to nearest even gives no finite number."""
        if self.overflow == "nan":  # no infinity: the last significand belongs to NaN
            return np.nextafter(464.0, np.inf)  # halfway to the missing 480, and there even is 448
        top = 2.0 ** np.floor(np.log2(self.largest))
        return self.largest + top * 2.0**-self.precision

    def round(self, values: np.ndarray) -> np.ndarray:
        """Values rounded once to the format, ties to even, as float64."""
        with np.errstate(invalid="ignore"):  # signalling NaNs
            values = np.asarray(values, np.float64)
        if self.name == "f64":
            return values
        if self.name == "f32":
            with np.errstate(over="ignore", invalid="ignore"):
                return values.astype(np.float32).astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            exponent = np.maximum(np.frexp(values)[1] - 1, self.min_exponent)
            step = exponent - (self.precision - 1)
            rounded = np.ldexp(np.rint(np.ldexp(values, -step)), step)
            rounded = np.where(np.isfinite(values), rounded, values)
            beyond = np.copysign(np.inf, values) if self.overflow == "infinity" else np.nan
            return np.where(np.abs(values) >= self.overflow_limit, beyond, rounded)


@dataclass(frozen=True)
class Integers:
    """An integer format. Sums and products wrap; a conversion to it takes integer values in its range."""

    name: str
    smallest: int
    largest: int
    dtype: np.dtype

    is_integer = True

    @property
    def bits(self) -> int:
        return self.dtype.itemsize * 8

    def wrap(self, values: np.ndarray) -> np.ndarray:
        """Integer values modulo 2^bits, as the hardware keeps them."""
        return np.mod(np.asarray(values, np.float64) - self.smallest, 2.0**self.bits) + self.smallest


FORMATS = {
    "f64": Format("f64", 53, -1022, np.finfo(np.float64).max, np.dtype(np.float64)),
    "f32": Format("f32", 24, -126, float(np.finfo(np.float32).max), np.dtype(np.float32)),
    "f16": Format("f16", 11, -14, 65504.0, np.dtype(np.float16)),
    "bf16": Format("bf16", 8, -126, float(ml_dtypes.finfo(ml_dtypes.bfloat16).max), np.dtype(ml_dtypes.bfloat16)),
    "f8E4M3FN": Format("f8E4M3FN", 4, -6, 448.0, np.dtype(ml_dtypes.float8_e4m3fn), "nan"),
    "f8E5M2": Format("f8E5M2", 3, -14, 57344.0, np.dtype(ml_dtypes.float8_e5m2)),
    "i32": Integers("i32", -(2**31), 2**31 - 1, np.dtype(np.int32)),
    "i8": Integers("i8", -128, 127, np.dtype(np.int8)),
    "u8": Integers("u8", 0, 255, np.dtype(np.uint8)),
}
# Powers of two; scales only, so nothing is ever rounded to it but up (quantization.py).
E8M0 = np.dtype(ml_dtypes.float8_e8m0fnu)


def format_of(name_or_dtype):
    """The format of an MLIR type name, a NumPy dtype, or an array."""
    if isinstance(name_or_dtype, (Format, Integers)):
        return name_or_dtype
    if isinstance(name_or_dtype, str) and name_or_dtype in FORMATS:
        return FORMATS[name_or_dtype]
    if isinstance(name_or_dtype, np.ndarray):
        name_or_dtype = name_or_dtype.dtype
    for candidate in FORMATS.values():
        if candidate.dtype == name_or_dtype:
            return candidate
    raise TypeError(f"no number format {name_or_dtype!r}; there are {', '.join(FORMATS)}")


def dtype_of(name: str) -> np.dtype:
    """The NumPy dtype of the elements of an MLIR type, scales included."""
    return E8M0 if name == "f8E8M0FNU" else format_of(name).dtype
