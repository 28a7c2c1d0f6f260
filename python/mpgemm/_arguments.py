"""Brings the arguments of a call to the device, and results back in the kind of the arguments.

Three kinds: NumPy arrays (and what lies in host memory: torch CPU tensors, DLPack objects on the CPU) are copied; torch
CUDA tensors and DLPack objects on CUDA are used where they are; DeviceArrays as they are. torch is never imported:
whoever passes a tensor has done that.
"""

import sys

import numpy as np

from . import _dlpack, _dtypes
from ._device import DeviceArray


def is_torch(value) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


class Argument:
    """An argument of a call as the runtime sees it: type, shape, address; and how to make results like it."""

    def __init__(self, value, device, stream: int, where: str):
        self.value, self.device = value, device
        self.kind = "numpy"
        self.keep = value  # what holds the memory until the call is enqueued
        if isinstance(value, DeviceArray):
            self.kind = "device"
            if value.device.specification != device.specification:
                raise ValueError(f"{where} lies on {value.device.specification}, the program on {device.specification}")
            self._describe(value.type, value.shape, value.address)
        elif is_torch(value):
            self._take_torch(value, where)
        elif isinstance(value, (np.ndarray, np.generic)):
            self._take_host(np.asarray(value), stream)
        elif hasattr(value, "__dlpack__"):
            self._take_dlpack(value, stream, where)
        else:
            raise TypeError(
                f"{where} is a {type(value).__name__}; it has to be a NumPy array, a torch tensor, an object with "
                "__dlpack__, or an mpgemm.DeviceArray"
            )

    def _describe(self, type: str, shape, address: int) -> None:
        self.type, self.shape, self.address = type, tuple(shape), address

    def _take_host(self, array: np.ndarray, stream: int) -> None:
        self.keep = self.device.put(array, stream)
        self._describe(self.keep.type, array.shape, self.keep.address)

    def _take_torch(self, tensor, where: str) -> None:
        element = _dtypes.type_of_torch(tensor.dtype)
        if tensor.device.type == "cpu":
            self.kind = "torch-cpu"
            self._take_host(_host_view(tensor, element), 0)
            return
        self.kind = "torch"
        self._expect_cuda(tensor.device.type == "cuda", tensor.device.index or 0, str(tensor.device), where)
        if not tensor.is_contiguous():
            raise ValueError(f"{where} is not dense and row-major; pass it with .contiguous()")
        self._describe(element, tensor.shape, tensor.data_ptr())

    def _take_dlpack(self, value, stream: int, where: str) -> None:
        if int(value.__dlpack_device__()[0]) in (_dlpack.CPU, _dlpack.CUDA_HOST):
            self._take_host(np.from_dlpack(value), stream)
            return
        self.kind = "device"
        borrowed = self.keep = _dlpack.Borrowed(value, stream)
        kind, ordinal = value.__dlpack_device__()
        self._expect_cuda(borrowed.on_cuda, borrowed.ordinal, f"DLPack device ({int(kind)}, {ordinal})", where)
        if not borrowed.contiguous:
            raise ValueError(f"{where} is not dense and row-major; make it contiguous first")
        self._describe(borrowed.type, borrowed.shape, borrowed.address)

    def _expect_cuda(self, on_cuda: bool, ordinal: int, place: str, where: str) -> None:
        own = int(self.device.specification.partition(":")[2] or 0) if not self.device.is_simulator else None
        if not on_cuda or ordinal != own:
            raise ValueError(f"{where} lies on {place}, the program on {self.device.specification}")

    def write_back(self, stream: int) -> None:
        """The function wrote this argument: a host array gets the new contents."""
        if self.kind == "numpy" and isinstance(self.value, np.ndarray):
            if self.value.flags.c_contiguous:
                self.keep.copy_to(self.value, stream)
            else:
                self.value[...] = self.keep.numpy(stream)
        elif self.kind == "torch-cpu":
            _host_view(self.value, self.type)[...] = self.keep.numpy(stream)


class Result:
    """Memory for a result in the kind of the arguments."""

    def __init__(self, kind: str, type: str, shape, device, like):
        self.kind, self.type, self.shape = kind, type, tuple(shape)
        if kind == "torch":
            torch = sys.modules["torch"]
            dtype = getattr(torch, _dtypes.torch_name(type))
            self.value = torch.empty(self.shape, dtype=dtype, device=like.device)
            self.address = self.value.data_ptr()
        else:
            self.value = device.allocate(type, self.shape)
            self.address = self.value.address

    def finish(self, stream: int):
        """What the caller gets. Host kinds wait for the stream."""
        if self.kind in ("torch", "device"):
            return self.value
        array = self.value.numpy(stream)
        return array if self.kind == "numpy" else _to_torch(array, self.type)


def _host_view(tensor, element: str) -> np.ndarray:
    """A torch CPU tensor as NumPy sees it; types that torch does not convert go as integers of their width."""
    torch, dtype = sys.modules["torch"], _dtypes.dtype_of(element)
    if dtype.kind != "V" and element not in ("bf16", "f8E4M3FN", "f8E5M2", "f8E8M0FNU"):
        return tensor.detach().numpy()
    integer = {1: torch.uint8, 2: torch.int16}[dtype.itemsize]
    return tensor.detach().view(integer).numpy().view(dtype)


def _to_torch(array: np.ndarray, element: str):
    torch = sys.modules["torch"]
    if element not in ("bf16", "f8E4M3FN", "f8E5M2", "f8E8M0FNU"):
        return torch.from_numpy(array)
    integer = {1: np.uint8, 2: np.int16}[array.dtype.itemsize]
    return torch.from_numpy(array.view(integer)).view(getattr(torch, _dtypes.torch_name(element)))
