"""The C API of include/mpgemm/Runtime/mpgemm.h in ctypes; nothing here knows about arrays."""

import ctypes
import functools
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)

from . import _locate
from ._errors import Error

API_VERSION = 1


class DeviceInfo(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("specification", c_char_p),
        ("is_simulator", c_int32),
        ("compute_major", c_int32),
        ("compute_minor", c_int32),
        ("multiprocessors", c_int32),
        ("shared_bytes_per_block", c_int64),
        ("l2_bytes", c_int64),
        ("global_bytes", c_int64),
    ]


class Dimension(Structure):
    _fields_ = [("size", c_int64), ("symbol", c_char_p)]


class TensorInfo(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("type", c_char_p),
        ("logical_type", c_char_p),
        ("element_bytes", c_size_t),
        ("rank", c_int32),
        ("dimensions", POINTER(Dimension)),
        ("alias", c_int32),
    ]


class KernelInfo(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("block", c_uint32 * 3),
        ("cluster", c_uint32 * 3),
        ("shared_bytes", c_uint32),
        ("registers_per_thread", c_int32),
        ("local_bytes_per_thread", c_int32),
        ("schedule", c_char_p),
        ("source", c_char_p),
    ]


class Tensor(Structure):
    _fields_ = [("data", c_uint64), ("type", c_char_p), ("rank", c_int32), ("shape", POINTER(c_int64))]


class ObservedValues(Structure):
    _fields_ = [("values", Tensor), ("scale", Tensor)]


class ObservedLayer(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("a", ObservedValues),
        ("b", ObservedValues),
        ("result_count", c_int32),
        ("results", POINTER(ObservedValues)),
    ]


LayerObserver = CFUNCTYPE(c_int32, c_void_p, POINTER(ObservedLayer))

_tensors = POINTER(Tensor)
_handle = c_void_p

# Functions that return a status, which `call` turns into an exception.
_STATUS = {
    "cuda_device_count": [POINTER(c_int32)],
    "device_open": [c_char_p, POINTER(_handle)],
    "device_allocate": [_handle, c_size_t, POINTER(c_uint64)],
    "device_free": [_handle, c_uint64],
    "copy_to_device": [_handle, c_uint64, c_void_p, c_size_t, c_uint64],
    "copy_to_host": [_handle, c_void_p, c_uint64, c_size_t, c_uint64],
    "copy_on_device": [_handle, c_uint64, c_uint64, c_size_t, c_uint64],
    "fill": [_handle, c_uint64, c_uint8, c_size_t, c_uint64],
    "stream_create": [_handle, POINTER(c_uint64)],
    "stream_destroy": [_handle, c_uint64],
    "stream_synchronize": [_handle, c_uint64],
    "event_create": [_handle, POINTER(c_uint64)],
    "event_destroy": [_handle, c_uint64],
    "event_record": [_handle, c_uint64, c_uint64],
    "event_elapsed": [_handle, c_uint64, c_uint64, POINTER(c_double)],
    "program_load": [_handle, c_char_p, POINTER(_handle)],
    "read_manifest": [c_char_p, POINTER(c_void_p)],
    "program_find_function": [_handle, c_char_p, POINTER(c_int32)],
    "function_result_shapes": [_handle, c_int32, _tensors, c_int32, POINTER(POINTER(c_int64)), c_int32],
    "function_arena_bytes": [_handle, c_int32, _tensors, c_int32, POINTER(c_int64)],
    "context_create": [_handle, POINTER(_handle)],
    "context_reserve": [_handle, c_int32, _tensors, c_int32],
    "context_call": [_handle, c_int32, _tensors, c_int32, _tensors, c_int32, c_uint64, c_uint32],
    "context_call_observed": [
        _handle, c_int32, _tensors, c_int32, _tensors, c_int32, c_uint64, LayerObserver, c_void_p,
    ],  # fmt: skip
}

# The others, with what they return.
_PLAIN = {
    "api_version": (c_int32, []),
    "version": (c_char_p, []),
    "last_error": (c_char_p, []),
    "status_name": (c_char_p, [c_int32]),
    "device_release": (None, [_handle]),
    "device_get_info": (POINTER(DeviceInfo), [_handle]),
    "program_release": (None, [_handle]),
    "program_manifest": (c_char_p, [_handle]),
    "text_free": (None, [c_void_p]),
    "program_function_count": (c_int32, [_handle]),
    "program_function_name": (c_char_p, [_handle, c_int32]),
    "function_argument_count": (c_int32, [_handle, c_int32]),
    "function_result_count": (c_int32, [_handle, c_int32]),
    "function_argument": (POINTER(TensorInfo), [_handle, c_int32, c_int32]),
    "function_result": (POINTER(TensorInfo), [_handle, c_int32, c_int32]),
    "function_layer_count": (c_int32, [_handle, c_int32]),
    "function_layer_name": (c_char_p, [_handle, c_int32, c_int32]),
    "program_kernel_count": (c_int32, [_handle]),
    "program_kernel": (POINTER(KernelInfo), [_handle, c_int32]),
    "context_release": (None, [_handle]),
}


@functools.cache
def library() -> ctypes.CDLL:
    """Loads the runtime library once and declares its functions."""
    path = _locate.runtime_library()
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        raise Error(f"cannot load {path}: {error}") from None
    for name, (result, arguments) in _PLAIN.items():
        function = getattr(loaded, f"mpgemm_{name}")
        function.restype, function.argtypes = result, arguments
    version = loaded.mpgemm_api_version()
    if version != API_VERSION:
        raise Error(f"{path} has version {version} of the C API; this package speaks version {API_VERSION}")
    for name, arguments in _STATUS.items():
        function = getattr(loaded, f"mpgemm_{name}")
        function.restype, function.argtypes = c_int32, arguments
    return loaded


def call(name: str, *arguments) -> None:
    """Calls a function that returns a status; raises Error with the runtime's message if it is not ok."""
    status = getattr(library(), f"mpgemm_{name}")(*arguments)
    if status:
        message = library().mpgemm_last_error().decode(errors="replace")
        raise Error(message, library().mpgemm_status_name(status).decode())


def get(name: str, *arguments):
    """Calls a function that cannot fail."""
    return getattr(library(), f"mpgemm_{name}")(*arguments)


def text(value) -> str:
    """A C string that may be NULL."""
    return "" if value is None else value.decode(errors="replace")
