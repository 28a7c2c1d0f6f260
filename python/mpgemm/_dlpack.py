"""DLPack: borrowing another library's device memory, and lending ours. No copy either way."""

import ctypes
from ctypes import POINTER, Structure, c_int32, c_int64, c_uint8, c_uint16, c_uint64, c_void_p

from . import _dtypes

CPU, CUDA, CUDA_HOST, CUDA_MANAGED = 1, 2, 3, 13


class _Device(Structure):
    _fields_ = [("type", c_int32), ("id", c_int32)]


class _DataType(Structure):
    _fields_ = [("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16)]


class _Tensor(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("device", _Device),
        ("ndim", c_int32),
        ("dtype", _DataType),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


class _Managed(Structure):
    pass


_Deleter = ctypes.CFUNCTYPE(None, POINTER(_Managed))
_Managed._fields_ = [("tensor", _Tensor), ("context", c_void_p), ("deleter", _Deleter)]

_new = ctypes.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = ctypes.py_object, [c_void_p, ctypes.c_char_p, c_void_p]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = c_void_p, [ctypes.py_object, ctypes.c_char_p]
_is_valid = ctypes.pythonapi.PyCapsule_IsValid
_is_valid.restype, _is_valid.argtypes = ctypes.c_int, [c_void_p, ctypes.c_char_p]


class Borrowed:
    """What an object's __dlpack__ says about its memory; holds the capsule, and with it the memory."""

    def __init__(self, source, stream: int):
        kind, self.ordinal = source.__dlpack_device__()
        self.on_cuda = int(kind) in (CUDA, CUDA_MANAGED)
        # DLPack numbers CUDA's legacy default stream 1, and 0 is not allowed.
        self.capsule = source.__dlpack__(stream=stream or 1) if self.on_cuda else source.__dlpack__()
        tensor = ctypes.cast(_pointer(self.capsule, b"dltensor"), POINTER(_Managed)).contents.tensor
        self.shape = tuple(tensor.shape[i] for i in range(tensor.ndim))
        self.address = (tensor.data or 0) + tensor.byte_offset
        self.type = _dtypes.type_of_dlpack(tensor.dtype.code, tensor.dtype.bits, tensor.dtype.lanes)
        strides = [tensor.strides[i] for i in range(tensor.ndim)] if tensor.strides else None
        self.contiguous = strides is None or _is_dense(self.shape, strides)


def _is_dense(shape, strides) -> bool:
    if 0 in shape:
        return True
    expected = 1
    for size, stride in zip(reversed(shape), reversed(strides)):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


# What has been lent out and not yet been given back, by the address of its structure.
_lent: dict[int, tuple] = {}


@_Deleter
def _give_back(managed) -> None:
    _lent.pop(ctypes.addressof(managed.contents), None)


@ctypes.CFUNCTYPE(None, c_void_p)
def _capsule_gone(capsule) -> None:
    """A capsule that nobody consumed still holds its structure."""
    if _is_valid(capsule, b"dltensor"):
        get = ctypes.PYFUNCTYPE(c_void_p, c_void_p, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
        _lent.pop(get(capsule, b"dltensor"), None)


def device_of(device) -> tuple[int, int]:
    """DLPack's name of a device; simulated memory is lent as a copy on the host."""
    if device.is_simulator:
        return CPU, 0
    return CUDA, int(device.specification.partition(":")[2] or 0)


def export(array):
    """A capsule that lends a DeviceArray's memory; the array lives until the borrower gives it back."""
    shape = (c_int64 * max(len(array.shape), 1))(*array.shape)
    code, bits = _dtypes.dlpack_code(array.type)
    tensor = _Tensor(
        data=array.address,
        device=_Device(*device_of(array.device)),
        ndim=len(array.shape),
        dtype=_DataType(code, bits, 1),
        shape=shape,
        strides=None,
        byte_offset=0,
    )
    managed = _Managed(tensor=tensor, context=None, deleter=_give_back)
    address = ctypes.addressof(managed)
    _lent[address] = (managed, shape, array)
    return _new(address, b"dltensor", ctypes.cast(_capsule_gone, c_void_p))
