"""The kinds of products that are measured: their types and scales, their MLIR, and the peers that compute the same.

A kind is D[M,N] = A[M,K] * B[K,N] with B stored N x K, as layers store their weights.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    element: str  # of A and B
    accumulate: str
    result: str
    scaling_a: str = ""  # "" or the attribute of the scales
    scaling_b: str = ""
    attributes: str = ""


KINDS = {
    "bf16": Kind("bf16", "f32", "bf16"),
    "f16": Kind("f16", "f32", "f16"),
    "tf32": Kind("f32", "f32", "f32", attributes=" f32_precision <tf32>"),
    "f32": Kind("f32", "f32", "f32"),
    "e4m3": Kind("f8E4M3FN", "f32", "bf16", "per_tensor", "per_tensor"),
    "e4m3-fast": Kind("f8E4M3FN", "f32, promote = never", "bf16", "per_tensor", "per_tensor"),
    "e4m3-row": Kind("f8E4M3FN", "f32", "bf16", "row", "column"),
    "e4m3-block": Kind("f8E4M3FN", "f32", "bf16", "group = 128", "block = [128, 128]"),
    "e4m3-group": Kind("f8E4M3FN", "f32", "bf16", "group = 128", "group = 128"),
    "int8": Kind("i8", "i32", "i32"),
    "int8-row": Kind("i8", "i32", "bf16", "row", "column"),
}

# kind: peer -> the kind that the peer computes. cuBLASLt has no int8 product with scales, so it is measured without them; "own" is
# our own product of another kind, for kinds that no peer has.
PEERS = {
    "bf16": {"cublaslt": "bf16", "triton": "bf16"},
    "f16": {"cublaslt": "f16", "triton": "f16"},
    "tf32": {"cublaslt": "tf32", "triton": "tf32"},
    "f32": {"cublaslt": "f32"},
    "e4m3": {"cublaslt": "e4m3", "triton": "e4m3"},
    "e4m3-fast": {"cublaslt": "e4m3-fast", "triton": "e4m3-fast"},
    "e4m3-row": {"torch": "e4m3-row", "cublaslt": "e4m3-row", "triton": "e4m3-row"},
    "e4m3-block": {"own": "e4m3"},
    "e4m3-group": {"own": "e4m3"},
    "int8": {"cublaslt": "int8", "triton": "int8"},
    "int8-row": {"cublaslt": "int8", "triton": "int8-row", "own": "int8"},
}
PEER_NAMES = ("cublaslt", "triton", "torch", "own")

BYTES = {"bf16": 2, "f16": 2, "f32": 4, "f8E4M3FN": 1, "i8": 1, "i32": 4}


def operations(shape) -> float:
    m, n, k = shape
    return 2.0 * m * n * k


def bytes_moved(kind: str, shape) -> int:
    """Every operand read once and the result written once; scales are too few to count."""
    m, n, k = shape
    return BYTES[KINDS[kind].element] * (m * k + n * k) + BYTES[KINDS[kind].result] * m * n


def scale_shape(scaling: str, outer: int, k: int) -> tuple:
    """The shape of the scales of an operand with `outer` rows that is stored outer x K."""
    blocks = -(-k // 128)
    return {"per_tensor": (), "row": (outer,), "column": (outer,), "group = 128": (outer, blocks),
            "block = [128, 128]": (-(-outer // 128), blocks)}[scaling]  # fmt: skip


def tensor(shape, element: str) -> str:
    return f"tensor<{''.join(f'{size}x' for size in shape)}{element}>"


def product_text(kind: str, m: int, n: int, k: int, schedule: str = "") -> str:
    """One function of A (MxK), B (NxK) and their scales, where there are any."""
    element, accumulate, result, scaling_a, scaling_b, attributes = KINDS[kind]
    operands, arguments = [], []
    for name, outer, scaling, storage in (("a", m, scaling_a, ""), ("b", n, scaling_b, " transposed")):
        type_ = tensor((outer, k), element)
        arguments.append(f"%{name}: {type_}")
        text = f"%{name}{storage} : {type_}"
        if scaling:
            type_ = tensor(scale_shape(scaling, outer, k), "f32")
            arguments.append(f"%s{name}: {type_}")
            text += f" scale <{scaling}> %s{name} : {type_}"
        operands.append(text)
    schedule = f" schedule <{schedule}>" if schedule else ""
    out = tensor((m, n), result)
    return f"""func.func @main({', '.join(arguments)}) -> {out} {{
  %d = mpgemm.matmul({', '.join(operands)}) accumulate <{accumulate}>{attributes}{schedule} -> {out}
  return %d : {out}
}}
"""


def quantize_text(m: int, k: int, element: str, codes: str, scaling: str) -> str:
    """One function that quantises activations of M x K."""
    scales = tensor((m,) if scaling == "row" else (m, k // 128), "f32")
    return f"""func.func @main(%x: {tensor((m, k), element)}) -> ({tensor((m, k), codes)}, {scales}) {{
  %q, %s = mpgemm.dynamic_quantize(%x : {tensor((m, k), element)}) <{scaling}> -> {tensor((m, k), codes)}, {scales}
  return %q, %s : {tensor((m, k), codes)}, {scales}
}}
"""
