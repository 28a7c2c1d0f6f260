"""What our kernels are measured against, each brought to one launch: the fastest of what the peer offers. Needs torch and a GPU."""

from pathlib import Path

import torch

import mpgemm

from .choose import Candidate, Choice, PeerRefused, choose
from .kinds import KINDS


def ours(path: Path, a: list, b: list, scales, results: list):
    """A launch of an artifact; results[i] is the memory of the i-th result, kept so that the allocator goes round as many buffers."""
    function = mpgemm.load(str(path), device="cuda")["main"]

    def launch(i: int) -> None:
        results[i] = function(a[i], scales[0], b[i], scales[1]) if scales else function(a[i], b[i])

    return launch


def torch_candidates(kind: str, a: list, b: list, scales, out: list) -> list:
    """torch's own product with scales for rows and columns."""

    def launch(i: int) -> None:
        torch._scaled_mm(a[i], b[i].T, scale_a=scales[0][:, None], scale_b=scales[1][None, :], out_dtype=out[i].dtype, out=out[i])

    return [Candidate(f"torch._scaled_mm of {torch.__version__}", launch)]


def peer(name: str, kind: str, a: list, b: list, scales, out: list, heuristics: int) -> Choice:
    """The fastest launch that the peer has for this kind. Raises PeerRefused."""
    copies = len(a)
    if name == "cublaslt":
        from . import cublaslt

        return choose(cublaslt.candidates(kind, a, b, scales, out, heuristics), copies)
    if name == "triton":
        from . import triton_product

        return choose(triton_product.candidates(kind, a, b, scales, out), copies, triton_product.UNUSABLE)
    if name == "torch":
        return choose(torch_candidates(kind, a, b, scales, out), copies, (RuntimeError, ValueError))
    raise PeerRefused(f"there is no peer {name} for {KINDS[kind].element}")
