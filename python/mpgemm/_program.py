"""Programs on devices, and calls of their functions."""

import ctypes
import json
import os
import threading
import weakref

from . import _capi
from ._arguments import Argument, Result, is_torch
from ._device import Device
from ._errors import Error
from ._observe import Observer

CALL_GRAPH = 1


def load(path, device: Device | str | None = None) -> "Program":
    """Loads an artifact that `compile` or mpgemm-opt wrote.

    `device`: "cuda", "cuda:1", "sim", "sim:sms=3", or a Device. Without one a GPU is taken if there is one, else the
    simulator; `program.device` says which.

        program = mpgemm.load("model.ptx")
        y = program(x)                # where there is one function, or
        y = program.main(x)           # by name; program["main"] for any name
    """
    if not isinstance(device, Device):
        device = Device(device)
    return Program(os.fspath(path), device)


class Tensor:
    """What a function says about an argument or a result."""

    def __init__(self, info: _capi.TensorInfo):
        self.name = _capi.text(info.name)
        self.type = _capi.text(info.type)
        """The element type as in MLIR: "bf16", "f32", ..."""
        dimensions = [info.dimensions[i] for i in range(info.rank)]
        self.shape = tuple(d.size if d.size >= 0 else _capi.text(d.symbol) for d in dimensions)
        """Numbers, and symbols for what the arguments of a call decide."""
        self.alias = info.alias if info.alias >= 0 else None
        """Of an argument that the function writes: the result that it becomes. Of that result: the argument."""

    def __str__(self) -> str:
        return f"{self.name}: {'x'.join(map(str, (*self.shape, self.type)))}"


class Kernel:
    """A kernel of a program, for reports."""

    def __init__(self, info: _capi.KernelInfo):
        self.name = _capi.text(info.name)
        self.block = tuple(info.block)
        self.cluster = tuple(info.cluster)
        self.shared_bytes = info.shared_bytes
        self.registers_per_thread = None if info.registers_per_thread < 0 else info.registers_per_thread
        self.schedule = _capi.text(info.schedule)
        self.source = _capi.text(info.source)

    def __repr__(self) -> str:
        return f"<mpgemm.Kernel {self.name}: {self.schedule}>"


class Program:
    """An artifact on a device. Immutable; may be shared by threads, each of which gets contexts of its own."""

    def __init__(self, path: str, device: Device):
        handle = ctypes.c_void_p()
        _capi.call("program_load", device._handle, os.fsencode(path), ctypes.byref(handle))
        self._handle = handle
        self._finalizer = weakref.finalize(self, _capi.get, "program_release", handle)
        self.path, self.device = path, device
        count = _capi.get("program_function_count", handle)
        names = [_capi.text(_capi.get("program_function_name", handle, i)) for i in range(count)]
        self.functions: dict[str, Function] = {name: Function(self, i, name) for i, name in enumerate(names)}
        kernels = range(_capi.get("program_kernel_count", handle))
        self.kernels = [Kernel(_capi.get("program_kernel", handle, i).contents) for i in kernels]
        self._local = threading.local()

    @property
    def manifest(self) -> dict:
        return json.loads(_capi.text(_capi.get("program_manifest", self._handle)))

    def __getitem__(self, name: str) -> "Function":
        try:
            return self.functions[name]
        except KeyError:
            raise KeyError(f"{self.path} has no function {name!r}; it has {', '.join(self.functions)}") from None

    def __getattr__(self, name: str) -> "Function":
        functions = self.__dict__.get("functions", {})
        if name in functions:
            return functions[name]
        raise AttributeError(f"no function or attribute {name!r}; functions: {', '.join(functions) or 'none'}")

    def __call__(self, *arguments, **options):
        if len(self.functions) != 1:
            raise TypeError(f"the program has {len(self.functions)} functions; name one: {', '.join(self.functions)}")
        return next(iter(self.functions.values()))(*arguments, **options)

    def __repr__(self) -> str:
        return f"<mpgemm.Program {self.path!r} on {self.device.specification}: {', '.join(self.functions)}>"

    def _context(self) -> "_Context":
        """This thread's context."""
        if not hasattr(self._local, "context"):
            self._local.context = _Context(self._handle)
        return self._local.context


class _Context:
    """A context of the runtime, and what it was made ready for."""

    def __init__(self, program: ctypes.c_void_p):
        handle = ctypes.c_void_p()
        _capi.call("context_create", program, ctypes.byref(handle))
        self.handle, self._reserved = handle, set()
        self._finalizer = weakref.finalize(self, _capi.get, "context_release", handle)

    def reserve(self, function: int, arguments, shapes: tuple) -> None:
        if (function, shapes) not in self._reserved:
            _capi.call("context_reserve", self.handle, function, arguments, len(shapes))
            self._reserved.add((function, shapes))


class Function:
    """A function of a program; call it with arrays.

    NumPy arrays are copied to the device and the results back, and the call waits. torch CUDA tensors, DLPack objects on
    CUDA and mpgemm.DeviceArray are used in place: the call enqueues on the stream and returns. Results are of the kind of
    the arguments: one result is returned as it is, several as a tuple. An argument that the function writes
    is written in place, and returned as that result.

    stream  a CUstream as a number, or a torch.cuda.Stream. Without one: torch's current stream where a torch CUDA tensor
            is among the arguments, else the default stream.
    graph   launch through a CUDA graph, which the context keeps for these shapes.
    observe a function that is called with each mpgemm.Layer right behind the launch that computes it: the call runs step
            by step and waits. The names are in `layers`.
    """

    def __init__(self, program: Program, index: int, name: str):
        # The program holds its functions; a function that outlives the name of its program needs it still.
        self._program, self._index, self.name = program, index, name
        handle = program._handle
        arguments = range(_capi.get("function_argument_count", handle, index))
        results = range(_capi.get("function_result_count", handle, index))
        self.arguments = [Tensor(_capi.get("function_argument", handle, index, i).contents) for i in arguments]
        self.results = [Tensor(_capi.get("function_result", handle, index, i).contents) for i in results]
        layers = range(_capi.get("function_layer_count", handle, index))
        self.layers = [_capi.text(_capi.get("function_layer_name", handle, index, i)) for i in layers]

    def __repr__(self) -> str:
        arguments, results = ", ".join(map(str, self.arguments)), ", ".join(map(str, self.results))
        return f"<mpgemm.Function {self.name}({arguments}) -> ({results})>"

    def __call__(self, *values, stream=None, graph: bool = False, observe=None):
        if len(values) != len(self.arguments):
            takes = ", ".join(map(str, self.arguments))
            raise TypeError(f"{self.name} takes {len(self.arguments)} arguments ({takes}); got {len(values)}")
        program, device = self._program, self._program.device
        stream = _stream_of(stream, values)
        arguments = [
            Argument(value, device, stream, f"argument {i} ('{info.name}') of {self.name}")
            for i, (value, info) in enumerate(zip(values, self.arguments))
        ]
        kind, like = _kind_of_results(arguments)
        passed = _tensors(arguments)
        context = program._context()
        context.reserve(self._index, passed, tuple(a.shape for a in arguments))
        results = self._allocate(passed, arguments, kind, like)
        call = context.handle, self._index, passed, len(arguments), _tensors(results), len(results), stream
        if observe is None:
            _capi.call("context_call", *call, CALL_GRAPH if graph else 0)
        elif graph:
            raise Error("layers cannot be observed inside a CUDA graph; leave out graph=True or observe=")
        else:
            Observer(device, observe, stream).call(*call)
        # Host memory is complete when the call returns, and nothing of ours is freed under a running kernel.
        if any(a.kind in ("numpy", "torch-cpu") for a in arguments) or (not arguments and kind == "numpy"):
            device.synchronize(stream)
        finished = tuple(self._finish(info, result, arguments, stream) for info, result in zip(self.results, results))
        return finished[0] if len(finished) == 1 else finished

    def result_shapes(self, *shapes) -> list[tuple[int, ...]]:
        """The shapes of the results for arguments of the given shapes."""
        infos = [_Described(info.type, shape) for info, shape in zip(self.arguments, shapes, strict=True)]
        return self._shapes(_tensors(infos), len(infos))

    def _shapes(self, passed, count: int) -> list[tuple[int, ...]]:
        rooms = [(ctypes.c_int64 * max(len(info.shape), 1))() for info in self.results]
        pointers = (ctypes.POINTER(ctypes.c_int64) * max(len(rooms), 1))(
            *(ctypes.cast(room, ctypes.POINTER(ctypes.c_int64)) for room in rooms)
        )
        _capi.call(
            "function_result_shapes", self._program._handle, self._index, passed, count, pointers, len(rooms)
        )
        return [tuple(room[: len(info.shape)]) for room, info in zip(rooms, self.results)]

    def _allocate(self, passed, arguments, kind: str, like) -> list:
        shapes = self._shapes(passed, len(arguments))
        return [
            arguments[info.alias] if info.alias is not None
            else Result(kind, info.type, shape, self._program.device, like)
            for info, shape in zip(self.results, shapes)
        ]  # fmt: skip

    @staticmethod
    def _finish(info: Tensor, result, arguments, stream: int):
        if info.alias is None:
            return result.finish(stream)
        arguments[info.alias].write_back(stream)
        return arguments[info.alias].value


class _Described:
    """A tensor of which only type and shape matter."""

    def __init__(self, type: str, shape):
        self.type, self.shape, self.address = type, tuple(shape), 0


def _tensors(items):
    array = (_capi.Tensor * max(len(items), 1))()
    for slot, item in zip(array, items):
        shape = (ctypes.c_int64 * max(len(item.shape), 1))(*item.shape)
        slot.data, slot.type, slot.rank = item.address, item.type.encode(), len(item.shape)
        slot.shape = ctypes.cast(shape, ctypes.POINTER(ctypes.c_int64))
    return array


def _kind_of_results(arguments) -> tuple[str, object]:
    """Device kinds win over host kinds: a host array among CUDA tensors is a small extra input."""
    for kind in ("torch", "device", "torch-cpu"):
        for argument in arguments:
            if argument.kind == kind:
                return kind, argument.value
    return "numpy", None


def _stream_of(stream, values) -> int:
    if stream is None:
        for value in values:
            if is_torch(value) and value.device.type == "cuda":
                import torch  # imported already: a tensor of it is here

                return torch.cuda.current_stream(value.device).cuda_stream
        return 0
    handle = getattr(stream, "cuda_stream", stream)
    if not isinstance(handle, int):
        raise Error(f"stream is a {type(stream).__name__}; it has to be a CUstream's number or a torch.cuda.Stream")
    return handle
