"""mpgemm: compiles matrix products to PTX and runs them on a GPU or on a simulator.

    import mpgemm
    artifact = mpgemm.compile("model.mlir", target="sm_90a")
    program = mpgemm.load(artifact)                 # a GPU if there is one, else the simulator
    y = program(x)                                  # NumPy arrays, torch tensors, DLPack objects

A thin layer over the C API of include/mpgemm/Runtime/mpgemm.h. `mpgemm.reference` has float64 references with a bound on each
element's error.
"""

from ._compile import Artifact, compile
from ._device import Device, DeviceArray, cuda_device_count
from ._errors import CompileError, Error, LibraryNotFound
from ._observe import Layer
from ._program import Function, Kernel, Program, load

__version__ = "0.1.0"
__all__ = [
    "Artifact",
    "CompileError",
    "Device",
    "DeviceArray",
    "Error",
    "Function",
    "Kernel",
    "Layer",
    "LibraryNotFound",
    "Program",
    "compile",
    "cuda_device_count",
    "load",
]
