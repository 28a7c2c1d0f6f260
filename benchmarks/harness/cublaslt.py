"""cuBLASLt through its C API (cublasLt.h of CUDA 13): the algorithms that its heuristics propose for a product, each as a launch.

Needs torch and a GPU. cuBLASLt is column-major: D[M,N] = A[M,K] * B[N,K]^T in rows is D^T = B * A^T in its terms, with the stored B
as its transposed first operand. Enumerators carry the header's names.
"""

import ctypes
import functools

import torch

from .choose import Candidate, PeerRefused
from .kinds import KINDS

WORKSPACE_BYTES = 64 << 20

CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_FAST_TF32, CUBLAS_COMPUTE_32I = 68, 77, 72
CUDA_R = {"f32": 0, "f16": 2, "i8": 3, "i32": 10, "bf16": 14, "f8E4M3FN": 28}
CUBLAS_OP_T = 1
DESC_TRANSA, DESC_A_SCALE_POINTER, DESC_B_SCALE_POINTER, DESC_FAST_ACCUM, DESC_A_SCALE_MODE, DESC_B_SCALE_MODE = 3, 17, 18, 25, 31, 32
SCALE_SCALAR_32F, SCALE_OUTER_VEC_32F = 0, 3
PREF_MAX_WORKSPACE_BYTES = 1
CONFIG = {"algorithm": 0, "tile": 1, "split": 2, "swizzle": 4, "option": 5, "stages": 6, "inner": 7, "cluster": 8}


class Algorithm(ctypes.Structure):
    _fields_ = [("data", ctypes.c_uint64 * 8)]


class HeuristicResult(ctypes.Structure):
    _fields_ = [("algorithm", Algorithm), ("workspace", ctypes.c_size_t), ("state", ctypes.c_int), ("waves", ctypes.c_float),
                ("reserved", ctypes.c_int * 4)]  # fmt: skip


_pointer, _size = ctypes.c_void_p, ctypes.c_size_t
_out = ctypes.POINTER(ctypes.c_void_p)
_SIGNATURES = {
    "cublasLtCreate": [_out],
    "cublasLtMatmulDescCreate": [_out, ctypes.c_int, ctypes.c_int],
    "cublasLtMatmulDescSetAttribute": [_pointer, ctypes.c_int, _pointer, _size],
    "cublasLtMatmulDescDestroy": [_pointer],
    "cublasLtMatrixLayoutCreate": [_out, ctypes.c_int, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_int64],
    "cublasLtMatrixLayoutDestroy": [_pointer],
    "cublasLtMatmulPreferenceCreate": [_out],
    "cublasLtMatmulPreferenceSetAttribute": [_pointer, ctypes.c_int, _pointer, _size],
    "cublasLtMatmulPreferenceDestroy": [_pointer],
    "cublasLtMatmulAlgoGetHeuristic": [_pointer] * 7 + [ctypes.c_int, _pointer, ctypes.POINTER(ctypes.c_int)],
    "cublasLtMatmulAlgoConfigGetAttribute": [_pointer, ctypes.c_int, _pointer, _size, ctypes.POINTER(_size)],
    "cublasLtMatmul": [_pointer] * 14 + [_size, _pointer],
}


@functools.cache
def library() -> ctypes.CDLL:
    """The cublasLt that torch has loaded: both sides of a comparison with torch are then of one version."""
    with open("/proc/self/maps") as maps:
        paths = [line.split()[-1] for line in maps if "libcublasLt.so" in line]
    if not paths:
        raise PeerRefused("torch has loaded no libcublasLt.so: it is a build without CUDA")
    loaded = ctypes.CDLL(paths[0])
    loaded.cublasLtGetVersion.restype = ctypes.c_size_t
    loaded.cublasLtGetStatusString.restype = ctypes.c_char_p
    for name, arguments in _SIGNATURES.items():
        getattr(loaded, name).argtypes = arguments
    return loaded


def version() -> int:
    return library().cublasLtGetVersion()


def call(name: str, *arguments) -> None:
    status = getattr(library(), name)(*arguments)
    if status:
        raise PeerRefused(f"{name}: {library().cublasLtGetStatusString(status).decode()} ({status})")


class Handle:
    """A cublasLt object that is destroyed with this one."""

    def __init__(self, kind: str, *arguments):
        self.value, self._kind = ctypes.c_void_p(), kind
        call(f"cublasLt{kind}Create", ctypes.byref(self.value), *arguments)

    def set(self, attribute: int, value) -> None:
        call(f"cublasLt{self._kind}SetAttribute", self.value, attribute, ctypes.byref(value), ctypes.sizeof(value))

    def __del__(self):
        if self.value:
            getattr(library(), f"cublasLt{self._kind}Destroy")(self.value)


@functools.cache
def context() -> ctypes.c_void_p:
    handle = ctypes.c_void_p()
    call("cublasLtCreate", ctypes.byref(handle))
    return handle


@functools.cache
def workspace() -> torch.Tensor:
    return torch.empty(WORKSPACE_BYTES, dtype=torch.uint8, device="cuda")


def describe(algorithm: Algorithm) -> str:
    words = []
    for name, attribute in CONFIG.items():
        value, written = ctypes.c_int32(), ctypes.c_size_t()
        status = library().cublasLtMatmulAlgoConfigGetAttribute(
            ctypes.byref(algorithm), attribute, ctypes.byref(value), 2 if name in ("inner", "cluster") else 4, ctypes.byref(written)
        )
        if status == 0:
            words.append(f"{name} {value.value}")
    return " ".join(words)


class Product:
    """The descriptors of one product; D^T[N,M] = B[N,K] * A^T[K,M] in columns."""

    def __init__(self, kind: str, m: int, n: int, k: int, scales):
        element, _, result, scaling, _, _ = KINDS[kind]
        integer = result == "i32"
        compute = CUBLAS_COMPUTE_32I if integer else CUBLAS_COMPUTE_32F_FAST_TF32 if kind == "tf32" else CUBLAS_COMPUTE_32F
        self.operation = Handle("MatmulDesc", compute, CUDA_R["i32" if integer else "f32"])
        self.operation.set(DESC_TRANSA, ctypes.c_int32(CUBLAS_OP_T))
        if scales is not None:
            mode = SCALE_SCALAR_32F if scaling == "per_tensor" else SCALE_OUTER_VEC_32F
            for attribute, scale in ((DESC_A_SCALE_POINTER, scales[1]), (DESC_B_SCALE_POINTER, scales[0])):
                self.operation.set(attribute, ctypes.c_void_p(scale.data_ptr()))
            for attribute in (DESC_A_SCALE_MODE, DESC_B_SCALE_MODE):
                self.operation.set(attribute, ctypes.c_int32(mode))
        if element == "f8E4M3FN":
            self.operation.set(DESC_FAST_ACCUM, ctypes.c_int8(kind == "e4m3-fast"))
        self.first = Handle("MatrixLayout", CUDA_R[element], k, n, k)
        self.second = Handle("MatrixLayout", CUDA_R[element], k, m, k)
        self.result = Handle("MatrixLayout", CUDA_R[result], n, m, n)
        number = ctypes.c_int32 if integer else ctypes.c_float
        self.one, self.zero = number(1), number(0)

    def heuristics(self, count: int) -> list:
        preference = Handle("MatmulPreference")
        preference.set(PREF_MAX_WORKSPACE_BYTES, ctypes.c_uint64(WORKSPACE_BYTES))
        results, found = (HeuristicResult * count)(), ctypes.c_int()
        call("cublasLtMatmulAlgoGetHeuristic", context(), self.operation.value, self.first.value, self.second.value, self.result.value,
             self.result.value, preference.value, count, results, ctypes.byref(found))  # fmt: skip
        usable = [results[i] for i in range(found.value) if results[i].state == 0]
        if not usable:
            raise PeerRefused("cublasLtMatmulAlgoGetHeuristic proposes no algorithm")
        return usable

    def launch(self, algorithm: Algorithm, a, b, out) -> None:
        call("cublasLtMatmul", context(), self.operation.value, ctypes.byref(self.one), b.data_ptr(), self.first.value, a.data_ptr(),
             self.second.value, ctypes.byref(self.zero), out.data_ptr(), self.result.value, out.data_ptr(), self.result.value,
             ctypes.byref(algorithm), workspace().data_ptr(), WORKSPACE_BYTES, torch.cuda.current_stream().cuda_stream)  # fmt: skip


def candidates(kind: str, a: list, b: list, scales, out: list, count: int) -> list:
    """At most `count` algorithms in the order of cuBLASLt's own estimate."""
    product = Product(kind, a[0].shape[0], b[0].shape[0], a[0].shape[1], scales)
    workspace()  # not inside a capture
    return [
        Candidate(describe(result.algorithm), lambda i, algorithm=result.algorithm: product.launch(algorithm, a[i], b[i], out[i]))
        for result in product.heuristics(count)
    ]
