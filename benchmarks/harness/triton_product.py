"""Products in Triton, and the configurations that are tried for each. Needs torch and triton.

Two kernels: one reads through pointers and takes every shape; one reads through tensor maps (TMA), walks its tiles persistently, and
wants rows that are multiples of 16 bytes.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import torch
import triton
import triton.language as tl
from triton.tools.tensor_descriptor import TensorDescriptor

from .choose import Candidate, PeerRefused
from .kinds import BYTES, KINDS

SHARED_BYTES = 227 * 1024
LARGE_RESULT_BYTES = 64 * 1024
UNUSABLE = (triton.runtime.errors.OutOfResources, triton.runtime.errors.PTXASError)


class Configuration(NamedTuple):
    block_m: int
    block_n: int
    k_bytes: int  # of a row of a block of A or B
    warps: int
    stages: int
    descriptors: bool

    def __str__(self):
        return (f"{'tensor maps' if self.descriptors else 'pointers'} {self.block_m}x{self.block_n}x{self.k_bytes}B "
                f"warps {self.warps} stages {self.stages}")  # fmt: skip

    def shared_bytes(self) -> int:
        return self.stages * (self.block_m + self.block_n) * self.k_bytes


LARGE = [(128, 256, 128, 8, 3), (128, 256, 128, 8, 4), (256, 128, 128, 8, 3), (256, 128, 128, 8, 4), (128, 128, 128, 4, 4),
         (128, 128, 128, 8, 4), (128, 128, 128, 8, 6), (64, 256, 128, 4, 4), (128, 64, 128, 4, 5), (64, 128, 128, 4, 5),
         (64, 64, 128, 4, 6)]  # fmt: skip
# Columns of a block and the rest, for M <= 64; the rows are M rounded up.
SMALL = [(16, 512, 4, 4), (32, 256, 4, 5), (32, 512, 4, 4), (64, 256, 4, 4), (64, 128, 4, 8), (64, 512, 4, 3), (128, 128, 4, 6),
         (128, 256, 4, 3), (128, 256, 8, 3), (256, 128, 8, 4)]  # fmt: skip


def configurations(kind: str, m: int, n: int, k: int) -> list:
    element, result = BYTES[KINDS[kind].element], BYTES[KINDS[kind].result]
    if m <= 64:
        plain = [(max(16, triton.next_power_of_2(m)), *rest) for rest in SMALL]
    else:
        plain = LARGE
    aligned = (k * element) % 16 == 0 and (n * result) % 16 == 0
    all_ = [Configuration(*words, descriptors) for words in plain for descriptors in ((False, True) if aligned else (False,))]
    return [c for c in all_ if c.shared_bytes() <= SHARED_BYTES]


@triton.jit
def tile_of(tile, m, n, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, GROUP: tl.constexpr):
    """Row and column of a tile: strips of GROUP tile rows are walked column by column, so that tiles that run together share operands."""
    columns = tl.cdiv(n, BLOCK_N)
    strip = tile // (GROUP * columns)
    height = min(tl.cdiv(m, BLOCK_M) - strip * GROUP, GROUP)
    inside = tile % (GROUP * columns)
    return strip * GROUP + inside % height, inside // height


@triton.jit
def scaled(sums, scale_a, scale_b, rows, columns, m, n, SCALES: tl.constexpr):
    """SCALES: 0 none, 1 one for each operand, 2 one for each row of A and each column of B."""
    if SCALES == 1:
        sums = sums * (tl.load(scale_a) * tl.load(scale_b))
    elif SCALES == 2:
        of_rows = tl.load(scale_a + rows, mask=rows < m, other=0.0)
        of_columns = tl.load(scale_b + columns, mask=columns < n, other=0.0)
        sums = sums.to(tl.float32) * of_rows[:, None] * of_columns[None, :]
    return sums


@triton.jit
def by_pointers(a, b, d, scale_a, scale_b, m, n, k, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
                GROUP: tl.constexpr, SUM: tl.constexpr, PROMOTE: tl.constexpr, SCALES: tl.constexpr, WHOLE_K: tl.constexpr):  # fmt: skip
    tile_m, tile_n = tile_of(tl.program_id(0), m, n, BLOCK_M, BLOCK_N, GROUP)
    rows = tile_m * BLOCK_M + tl.arange(0, BLOCK_M)
    columns = tile_n * BLOCK_N + tl.arange(0, BLOCK_N)
    steps = tl.arange(0, BLOCK_K)
    a_at = a + (rows % m)[:, None] * k + steps[None, :]
    b_at = b + (columns % n)[None, :] * k + steps[:, None]
    sums = tl.zeros((BLOCK_M, BLOCK_N), dtype=SUM)
    for first in range(0, k, BLOCK_K):
        if WHOLE_K:
            x, y = tl.load(a_at), tl.load(b_at)
        else:
            x = tl.load(a_at, mask=steps[None, :] < k - first, other=0.0)
            y = tl.load(b_at, mask=steps[:, None] < k - first, other=0.0)
        sums = tl.dot(x, y, sums, input_precision="tf32", max_num_imprecise_acc=PROMOTE, out_dtype=SUM)
        a_at += BLOCK_K
        b_at += BLOCK_K
    sums = scaled(sums, scale_a, scale_b, rows, columns, m, n, SCALES)
    inside = (rows[:, None] < m) & (columns[None, :] < n)
    tl.store(d + rows[:, None] * n + columns[None, :], sums.to(d.dtype.element_ty), mask=inside)


@triton.jit
def by_descriptors(a, b, d, scale_a, scale_b, m, n, k, PROGRAMS, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
                   GROUP: tl.constexpr, SUM: tl.constexpr, PROMOTE: tl.constexpr, SCALES: tl.constexpr, HALVES: tl.constexpr):  # fmt: skip
    tiles = tl.cdiv(m, BLOCK_M) * tl.cdiv(n, BLOCK_N)
    for tile in tl.range(tl.program_id(0), tiles, PROGRAMS, flatten=True):
        tile_m, tile_n = tile_of(tile, m, n, BLOCK_M, BLOCK_N, GROUP)
        row, column = tile_m * BLOCK_M, tile_n * BLOCK_N
        sums = tl.zeros((BLOCK_M, BLOCK_N), dtype=SUM)
        for step in range(tl.cdiv(k, BLOCK_K)):
            x = a.load([row, step * BLOCK_K])
            y = b.load([column, step * BLOCK_K])
            sums = tl.dot(x, y.T, sums, input_precision="tf32", max_num_imprecise_acc=PROMOTE, out_dtype=SUM)
        result = scaled(sums, scale_a, scale_b, row + tl.arange(0, BLOCK_M), column + tl.arange(0, BLOCK_N), m, n, SCALES).to(d.dtype)
        if HALVES:  # half the shared memory for the result, another stage for the operands
            left, right = result.reshape(BLOCK_M, 2, BLOCK_N // 2).permute(0, 2, 1).split()
            d.store([row, column], left)
            d.store([row, column + BLOCK_N // 2], right)
        else:
            d.store([row, column], result)


def constants(kind: str, configuration: Configuration) -> dict:
    """The compile-time arguments that both kernels share. fp8 sums restart every 128 of K, or never in the fast kind."""
    element, _, result, scaling, _, _ = KINDS[kind]
    block_k = configuration.k_bytes // BYTES[element]
    promote = 0
    if element == "f8E4M3FN":
        promote = None if kind == "e4m3-fast" else min(128, block_k)
    return {"BLOCK_M": configuration.block_m, "BLOCK_N": configuration.block_n, "BLOCK_K": block_k, "GROUP": 8,
            "SUM": tl.int32 if element == "i8" else tl.float32, "PROMOTE": promote,
            "SCALES": {"": 0, "per_tensor": 1, "row": 2}[scaling]}  # fmt: skip


class Launch:
    """One configuration on all copies of the buffers."""

    def __init__(self, kind: str, configuration: Configuration, a, b, scales, out):
        self.m, self.k = a[0].shape
        self.n = b[0].shape[0]
        self.options = constants(kind, configuration) | {"num_warps": configuration.warps, "num_stages": configuration.stages}
        block_m, block_n, block_k = (self.options[name] for name in ("BLOCK_M", "BLOCK_N", "BLOCK_K"))
        self.tiles = triton.cdiv(self.m, block_m) * triton.cdiv(self.n, block_n)
        self.scales = scales or (a[0], a[0])  # never read where SCALES is 0
        if configuration.descriptors:
            halves = self.options["HALVES"] = block_m * block_n * out[0].element_size() >= LARGE_RESULT_BYTES
            boxes = ((a, [block_m, block_k]), (b, [block_n, block_k]), (out, [block_m, block_n // 2 if halves else block_n]))
            self.operands = list(zip(*([TensorDescriptor.from_tensor(x, box) for x in of] for of, box in boxes)))
            programs = self.tiles  # few rows want as many loads in flight as fit; large tiles one program a multiprocessor
            if self.m > 64:
                programs = min(self.tiles, torch.cuda.get_device_properties(0).multi_processor_count)
            self.kernel, self.grid, self.sizes = by_descriptors, (programs,), (self.m, self.n, self.k, programs)
        else:
            self.operands = list(zip(a, b, out))
            self.options["WHOLE_K"] = self.k % block_k == 0
            self.kernel, self.grid, self.sizes = by_pointers, (self.tiles,), (self.m, self.n, self.k)

    def __call__(self, i: int) -> None:
        self.kernel[self.grid](*self.operands[i], *self.scales, *self.sizes, **self.options)

    def compile(self) -> None:
        self.kernel.warmup(*self.operands[0], *self.scales, *self.sizes, grid=self.grid, **self.options)


def candidates(kind: str, a: list, b: list, scales, out: list) -> list:
    """All configurations, compiled side by side."""
    m, k = a[0].shape
    n = b[0].shape[0]
    if max(m * k, n * k, m * n) >= 1 << 31:
        raise PeerRefused(f"{m} x {n} x {k} has a matrix of 2^31 elements; the Triton kernels index in 32 bits")
    launches = [(c, Launch(kind, c, a, b, scales, out)) for c in configurations(kind, m, n, k)]
    with ThreadPoolExecutor() as pool, triton.AsyncCompileMode(pool, ignore_errors=True):
        for _, launch in launches:
            launch.compile()
    return [Candidate(str(configuration), launch) for configuration, launch in launches]
