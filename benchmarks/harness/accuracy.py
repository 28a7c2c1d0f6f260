"""Checks products per element against float64 with the bounds of docs/numerics.md. Needs torch and a GPU."""

import torch

from .kinds import KINDS

TORCH = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32, "f8E4M3FN": torch.float8_e4m3fn, "i8": torch.int8,
         "i32": torch.int32}  # fmt: skip
# Unit roundoff of a result; a product's own error as a share of sum |a b|, for all of K.
RESULT_ROUNDING = {"bf16": 2.0**-8, "f16": 2.0**-11, "f32": 2.0**-24, "i32": 0.0}
# fp8: terms are cut 13 bits below the largest of 32; accurate sums restart every 128 of K, fast ones never.
SHARE = {
    "bf16": lambda k: (k + 1) * 2.0**-23,
    "f16": lambda k: (k + 1) * 2.0**-23,
    "e4m3": lambda k: 4 * 34 * 2.0**-13,
    "e4m3-fast": lambda k: max(1.0, k / 32) * 34 * 2.0**-13,
    "tf32": lambda k: 2.0**-9 + 2.0**-20 + (k + 1) * 2.0**-23,
    "f32": lambda k: 8 * 2.0**-22 + (k + 1) * 2.0**-23,
    "int8": lambda k: 0.0,
}
BEYOND = 1e30  # stands for infinity and for what is not a number: JSON has neither


def draw(shape, element: str, generator) -> torch.Tensor:
    if element == "i8":
        return torch.randint(-127, 128, shape, device="cuda", generator=generator, dtype=torch.int32).to(torch.int8)
    return torch.randn(*shape, device="cuda", generator=generator, dtype=torch.float32).to(TORCH[element])


def poison(result: torch.Tensor) -> None:
    """Fills a result with what no product gives, so that a side that writes nothing is found."""
    result.fill_(float("nan") if result.is_floating_point() else -0x5A5A5A5B)


def spread(scale, scaling: str, shape):
    """Scales as float64, one for each element of an operand (or one that spreads)."""
    s = scale.double()
    if scaling == "per_tensor":
        return s
    if scaling in ("row", "column"):
        return s[:, None]
    s = s.repeat_interleave(128, 1)[:, : shape[1]]
    return s.repeat_interleave(128, 0)[: shape[0]] if scaling.startswith("block") else s


def share_of_sum(kind: str, k: int, scaled: bool) -> float:
    family = kind if kind in SHARE else kind.split("-")[0]
    return SHARE[family](k) + (4 * 2.0**-24 if scaled else 0.0)


def errors(kind: str, a, b, scales, results: dict) -> dict:
    """Name -> (largest error as a share of its bound, root of the mean squared error as a share of the root mean square).

    `results` are of sides that computed the same kind from the same a, b and scales.
    """
    rounding = RESULT_ROUNDING[KINDS[kind].result]
    share = share_of_sum(kind, a.shape[1], scales is not None)
    a64, b64 = (x.float().double() if x.dtype == torch.float8_e4m3fn else x.double() for x in (a, b))
    if scales is not None:
        a64 = a64 * spread(scales[0], KINDS[kind].scaling_a, a64.shape)
        b64 = b64 * spread(scales[1], KINDS[kind].scaling_b, b64.shape)
    b_abs = b64.abs()
    worst, squares, total = dict.fromkeys(results, 0.0), dict.fromkeys(results, 0.0), 0.0
    rows = max(1, (1 << 27) // b64.shape[0])
    for first in range(0, a.shape[0], rows):
        part = a64[first : first + rows]
        exact = part @ b64.T
        bound = rounding * exact.abs() + (1 + rounding) * share * (part.abs() @ b_abs.T)
        total += exact.square().sum().item()
        for name, result in results.items():
            error = (result[first : first + rows].double() - exact).abs()
            shares = torch.where(error == 0, 0.0, error / bound).nan_to_num(nan=BEYOND, posinf=BEYOND)
            worst[name] = max(worst[name], shares.max().item())
            squares[name] += error.square().sum().nan_to_num(nan=BEYOND, posinf=BEYOND).item()
    return {name: (worst[name], (squares[name] / total) ** 0.5 if total else squares[name] ** 0.5) for name in results}
