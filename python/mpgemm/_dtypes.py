"""Element types: MLIR's names, NumPy's dtypes, DLPack's codes."""

import ml_dtypes
import numpy as np

# MLIR name: (NumPy dtype, DLPack code, torch's name)
_TABLE = {
    "f64": (np.float64, 2, "float64"),
    "f32": (np.float32, 2, "float32"),
    "f16": (np.float16, 2, "float16"),
    "bf16": (ml_dtypes.bfloat16, 4, "bfloat16"),
    "f8E4M3FN": (ml_dtypes.float8_e4m3fn, 10, "float8_e4m3fn"),
    "f8E5M2": (ml_dtypes.float8_e5m2, 12, "float8_e5m2"),
    "f8E8M0FNU": (ml_dtypes.float8_e8m0fnu, 14, "float8_e8m0fnu"),
    "i64": (np.int64, 0, "int64"),
    "i32": (np.int32, 0, "int32"),
    "i16": (np.int16, 0, "int16"),
    "i8": (np.int8, 0, "int8"),
    "u8": (np.uint8, 1, "uint8"),
    "i1": (np.bool_, 6, "bool"),
}
_DTYPES = {name: np.dtype(row[0]) for name, row in _TABLE.items()}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_TORCH = {row[2]: name for name, row in _TABLE.items()}
_DLPACK = {(row[1], np.dtype(row[0]).itemsize * 8): name for name, row in _TABLE.items()}


def dtype_of(type: str) -> np.dtype:
    """The NumPy dtype of an MLIR element type."""
    try:
        return _DTYPES[type]
    except KeyError:
        raise TypeError(f"NumPy has no dtype for {type}; there are {', '.join(_DTYPES)}") from None


def type_of(dtype) -> str:
    """The MLIR element type of a NumPy dtype."""
    try:
        return _NAMES[np.dtype(dtype)]
    except KeyError:
        raise TypeError(f"no element type for NumPy's {dtype}; there are {', '.join(map(str, _NAMES))}") from None


def type_of_torch(dtype) -> str:
    """The MLIR element type of a torch.dtype, by its name."""
    name = str(dtype).removeprefix("torch.")
    try:
        return _TORCH[name]
    except KeyError:
        raise TypeError(f"no element type for {dtype}; there are {', '.join(_TORCH)}") from None


def torch_name(type: str) -> str:
    return _TABLE[type][2]


def dlpack_code(type: str) -> tuple[int, int]:
    """DLPack's type code and bits."""
    return _TABLE[type][1], _DTYPES[type].itemsize * 8


def type_of_dlpack(code: int, bits: int, lanes: int) -> str:
    if lanes != 1 or (code, bits) not in _DLPACK:
        raise TypeError(f"no element type for DLPack's code {code} with {bits} bits and {lanes} lanes")
    return _DLPACK[code, bits]
