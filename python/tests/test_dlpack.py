"""DLPack structures, with host memory in the place of a GPU's."""

import gc
import types

import numpy as np
import pytest

from mpgemm import _dlpack


class Lender:
    """Stands for a DeviceArray: the same fields, memory of NumPy's."""

    def __init__(self, array, type="f32"):
        self.memory = array
        self.address, self.shape, self.type = array.ctypes.data, array.shape, type
        self.device = types.SimpleNamespace(is_simulator=True)  # DLPack's CPU

    def __dlpack__(self, **options):
        return _dlpack.export(self)

    def __dlpack_device__(self):
        return _dlpack.device_of(self.device)


def test_lent_memory_is_shared_and_given_back():
    before = len(_dlpack._lent)
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    borrowed = np.from_dlpack(Lender(array))
    array[1, 2] = 99
    np.testing.assert_array_equal(borrowed, array)
    assert len(_dlpack._lent) == before + 1
    del borrowed
    gc.collect()
    assert len(_dlpack._lent) == before


def test_a_capsule_that_nobody_takes_is_given_back():
    before = len(_dlpack._lent)
    capsule = _dlpack.export(Lender(np.zeros(3, np.float32)))
    assert len(_dlpack._lent) == before + 1
    del capsule
    gc.collect()
    assert len(_dlpack._lent) == before


def test_borrowed_memory_is_described():
    array = np.zeros((5, 6), np.float16)
    borrowed = _dlpack.Borrowed(array, 0)
    assert (borrowed.type, borrowed.shape, borrowed.address) == ("f16", (5, 6), array.ctypes.data)
    assert borrowed.contiguous and not borrowed.on_cuda


def test_strides_are_looked_at():
    array = np.zeros((6, 4), np.float32)
    assert not _dlpack.Borrowed(array.T, 0).contiguous
    assert not _dlpack.Borrowed(array[:, ::2], 0).contiguous
    assert _dlpack.Borrowed(array[:1], 0).contiguous
    assert _dlpack.Borrowed(array[2:4], 0).address == array.ctypes.data + 32


def test_types_without_a_name_are_refused():
    with pytest.raises(TypeError, match="code 5 with 64 bits"):
        _dlpack.Borrowed(np.zeros(3, np.complex64), 0)
