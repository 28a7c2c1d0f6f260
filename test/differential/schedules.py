"""Schedules written by hand, from what the compiler itself could choose: tiles, stages, roles, fills, stores, raster."""

import random

# Tile and warps of one role on targets without warp specialisation
ONE_ROLE = [
    (128, 128, 2, 4), (128, 64, 2, 2), (64, 128, 2, 2), (64, 64, 2, 2), (64, 32, 2, 2), (32, 64, 2, 2), (32, 128, 1, 4),
    (16, 64, 1, 4), (16, 128, 1, 4),
]  # fmt: skip
BYTES = {"f32": 4, "f16": 2, "bf16": 2}


def _inner_pitch(problem, name: str, type_: str) -> bool:
    """Whether rows of an argument are a known multiple of 16 bytes apart, as TMA wants it."""
    # Operands of other widths than 16 bits are stored with K contiguous first.
    inner = problem.dims()[name][-1] if BYTES.get(type_) == 2 else "k"
    size = problem.size(inner)
    if any(dim not in problem.dynamic and problem.size(dim) == 0 for dim in ("k",)) or "k" in problem.dynamic:
        return False
    return inner not in problem.dynamic and size > 0 and size * BYTES.get(type_, 1) % 16 == 0


def _tile_k(problem, width: int) -> int:
    """128 bytes, or what shares a partial sum if that is less."""
    runs = [s.k for s in (problem.a_scaling, problem.b_scaling) if s and s.k]
    return min([128 // width, *runs])


def draw_schedule(random_: random.Random, problem) -> str:
    """The attribute's text; empty where the compiler shall choose."""
    choose = random_.choice
    if problem.family.name == "f32":  # two accumulators and mma.sync: tiles of its own
        return ""
    parts = _warp_specialised(choose, problem) if problem.target == "sm_90a" else _one_role(choose, problem)
    parts.append(f"raster = {choose([1, 2, 8, 16])}")
    return f"<{', '.join(parts)}>"


def _has_two_sums(problem) -> bool:
    """An accumulator and an f32 sum of partial sums, both in registers."""
    is_promoted = problem.family.short and problem.promote != "never"
    return is_promoted or any(s and s.k for s in (problem.a_scaling, problem.b_scaling))


def _one_role(choose, problem) -> list[str]:
    width = max(BYTES.get(problem.a_type, 1), BYTES.get(problem.b_type, 1))
    most = 32 if _has_two_sums(problem) else 64  # accumulators of a thread
    m, n, warps_m, warps_n = choose([t for t in ONE_ROLE if t[0] * t[1] // (32 * t[2] * t[3]) <= most])
    k = _tile_k(problem, width)
    fit = (160000 if problem.target == "sm_80" else 95000) // ((m + n) * k * width)
    stages = choose([s for s in (2, 3, 4) if s <= fit])
    return [f"tile = [{m}, {n}, {k}]", f"stages = {stages}", f"warps = [{warps_m}, {warps_n}]"]


def _warp_specialised(choose, problem) -> list[str]:
    width = max(BYTES.get(problem.a_type, 1), BYTES.get(problem.b_type, 1))
    consumers = choose([1, 2])
    m, k = 64 * consumers, _tile_k(problem, width)
    columns = [16, 32, 64, 96, 128, 160, 192, 224, 256]
    n = choose([c for c in columns if (c * width % 128 == 0 or problem.transpose_b) and (c <= 128 or not _has_two_sums(problem))])
    fit = 180000 // ((m + n) * k * width)
    parts = [f"tile = [{m}, {n}, {k}]", f"stages = {choose([s for s in (2, 3, 4, 6) if s <= fit])}", f"consumers = {consumers}"]
    for name, type_ in (("a", problem.a_type), ("b", problem.b_type)):
        can = _inner_pitch(problem, name, type_)
        fill = choose(["", "threads", "tma"] if can else ["", "threads"])
        if fill:
            parts.append(f'fill_{name} = "{fill}"')
    if choose([True, False]):
        parts.append('store = "direct"')
    return parts
