"""Layers of a function, looked at while it runs."""

import dataclasses

import numpy as np

from . import _capi, _dtypes
from ._device import Device
from ._errors import Error


@dataclasses.dataclass
class Values:
    """A tensor of a layer, on the host. Where it holds codes, `scale` has as many dimensions and each of its sizes
    divides that of the codes."""

    codes: np.ndarray
    scale: np.ndarray | None

    def numpy(self) -> np.ndarray:
        """The values as float64: codes times scale."""
        values = self.codes.astype(np.float64)
        if self.scale is None:
            return values
        scale = self.scale.astype(np.float64)
        for axis, (size, scales) in enumerate(zip(values.shape, scale.shape)):
            scale = np.repeat(scale, size // max(scales, 1), axis=axis)
        return values * scale


@dataclasses.dataclass
class Layer:
    """A layer right behind the launch that computes it: the operands of its product, and its results."""

    name: str
    a: Values
    b: Values | None
    results: list[Values]


def _fetch(device: Device, tensor: _capi.Tensor, stream: int) -> np.ndarray:
    shape = tuple(tensor.shape[i] for i in range(tensor.rank))
    array = np.empty(shape, _dtypes.dtype_of(tensor.type.decode()))
    if array.nbytes:
        _capi.call("copy_to_host", device._handle, array.ctypes.data, tensor.data, array.nbytes, stream)
    return array


def _values(device: Device, observed: _capi.ObservedValues, stream: int) -> Values:
    scale = _fetch(device, observed.scale, stream) if observed.scale.rank >= 0 else None
    return Values(_fetch(device, observed.values, stream), scale)


class Observer:
    """Calls `look` with each Layer. An exception of it ends the call and is raised again there."""

    def __init__(self, device: Device, look, stream: int):
        self._device, self._look, self._stream = device, look, stream
        self._error: BaseException | None = None
        self._callback = _capi.LayerObserver(self._observe)

    def _observe(self, _user, pointer) -> int:
        try:
            seen = pointer.contents
            results = [_values(self._device, seen.results[i], self._stream) for i in range(seen.result_count)]
            a = _values(self._device, seen.a, self._stream)
            b = _values(self._device, seen.b, self._stream) if seen.b.values.rank >= 0 else None
            self._look(Layer(seen.name.decode(), a, b, results))
        except BaseException as error:  # must not cross the C frames below
            self._error = error
            return 1
        return 0

    def call(self, *arguments) -> None:
        try:
            _capi.call("context_call_observed", *arguments, self._callback, None)
        except Error:
            if self._error is None:
                raise
            raise self._error from None
