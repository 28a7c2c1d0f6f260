"""Devices, their memory, and arrays in it."""

import ctypes
import weakref

import numpy as np

from . import _capi, _dtypes


class Device:
    """A GPU ("cuda", "cuda:1") or a simulated one ("sim", "sim:sms=3,order=random,seed=7").

    None takes the first GPU if there is one, else the simulator. May be shared by threads."""

    def __init__(self, specification: str | None = None):
        if specification is None:
            specification = "cuda" if cuda_device_count() else "sim"
        handle = ctypes.c_void_p()
        _capi.call("device_open", specification.encode(), ctypes.byref(handle))
        self._handle = handle
        self._finalizer = weakref.finalize(self, _capi.get, "device_release", handle)
        info = _capi.get("device_get_info", handle).contents
        self.name: str = _capi.text(info.name)
        """For people: "NVIDIA H200", "simulator (sm_90a, 2 SMs)"."""
        self.specification: str = _capi.text(info.specification)
        """Opens the same device again."""
        self.is_simulator: bool = bool(info.is_simulator)
        self.compute_capability: tuple[int, int] = (info.compute_major, info.compute_minor)
        self.multiprocessors: int = info.multiprocessors

    def __repr__(self) -> str:
        return f"<mpgemm.Device {self.specification!r}: {self.name}>"

    def synchronize(self, stream: int = 0) -> None:
        """Waits until everything on the stream is done."""
        _capi.call("stream_synchronize", self._handle, stream)

    def allocate(self, type: str, shape) -> "DeviceArray":
        """An array in the device's memory with undefined contents."""
        return DeviceArray(self, type, tuple(int(size) for size in shape))

    def put(self, array: np.ndarray, stream: int = 0) -> "DeviceArray":
        """Copies a NumPy array to the device."""
        array = np.asarray(array, order="C")
        result = self.allocate(_dtypes.type_of(array.dtype), array.shape)
        if array.nbytes:
            _capi.call("copy_to_device", self._handle, result.address, array.ctypes.data, array.nbytes, stream)
        return result


class DeviceArray:
    """A dense row-major array in a device's memory, freed with the object."""

    def __init__(self, device: Device, type: str, shape: tuple[int, ...]):
        self.device, self.type, self.shape = device, type, shape
        self.nbytes = int(np.prod(shape, dtype=np.int64)) * _dtypes.dtype_of(type).itemsize
        address = ctypes.c_uint64()
        _capi.call("device_allocate", device._handle, max(self.nbytes, 1), ctypes.byref(address))
        self.address: int = address.value
        # The closure keeps the device; it must not keep the array.
        self._finalizer = weakref.finalize(self, _free, device, self.address)

    def numpy(self, stream: int = 0) -> np.ndarray:
        """Copies the contents to the host once everything before on the stream is done."""
        result = np.empty(self.shape, _dtypes.dtype_of(self.type))
        self.copy_to(result, stream)
        return result

    def copy_to(self, array: np.ndarray, stream: int = 0) -> None:
        """Copies the contents into a C-contiguous NumPy array of the same type and shape."""
        if self.nbytes:
            _capi.call("copy_to_host", self.device._handle, array.ctypes.data, self.address, self.nbytes, stream)

    def __dlpack_device__(self) -> tuple[int, int]:
        from . import _dlpack

        return _dlpack.device_of(self.device)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """Hands GPU memory to another library without a copy; simulated memory as a copy on the host.

        The consumer has to work on the stream that the array was computed on, or wait for it."""
        from . import _dlpack

        if self.device.is_simulator:
            return self.numpy().__dlpack__()
        return _dlpack.export(self)

    def __repr__(self) -> str:
        return f"<mpgemm.DeviceArray {'x'.join(map(str, self.shape + (self.type,)))} on {self.device.specification}>"


def _free(device: Device, address: int) -> None:
    # At interpreter exit the device may be gone first; its memory went with it.
    if device._finalizer.alive:
        _capi.library().mpgemm_device_free(device._handle, address)


def cuda_device_count() -> int:
    """The number of CUDA devices; 0 where there is no driver."""
    count = ctypes.c_int32()
    _capi.call("cuda_device_count", ctypes.byref(count))
    return count.value
