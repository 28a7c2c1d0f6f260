"""The elements of a problem's arguments, by the kind of data it asks for.

    integers      small ones, of which every sum is exact; scales are powers of two: results must match to the bit
    codes         integer codes of the whole range
    extreme       integer codes at both ends of the range, so that sums grow (and wrap, at large K)
    normal, wide  random signs; magnitudes of one order, and over several powers of two
    positive      one sign: sums grow, which is what a short accumulator cannot follow
    special       infinities, NaN, signed zeros and tiny values among normal ones
    saturating    results beyond the range of 8- and 16-bit formats
    cancellation  the second half of K takes away what the first half added, but for little
    denormal      elements around the smallest numbers of their format
"""

import numpy as np
from problem import Problem
from support import FP8, INT8

from mpgemm import reference


def arguments_of(problem: Problem) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(problem.seed)
    types, values = problem.types(), {}
    for name, dims in problem.dims().items():
        shape = tuple(problem.size(dim) for dim in dims)
        values[name] = _elements(generator, problem, name, shape, types[name])
    if problem.data == "cancellation":
        _cancel(generator, problem, values)
    for name in problem.view:
        margins = [(0, 0)] * (values[name].ndim - 2) + problem.margins()
        whole = _elements(generator, problem, name, tuple(n + sum(m) for n, m in zip(values[name].shape, margins)), types[name])
        part(problem, name, whole)[...] = values[name]
        values[name] = whole
    return values


def part(problem: Problem, name: str, whole: np.ndarray) -> np.ndarray:
    """An operand as the product sees it: itself, or its part of a larger tensor."""
    if name not in problem.view:
        return whole
    sizes = [problem.size(dim) for dim in problem.dims()[name][-2:]]
    return whole[(..., *(slice(before, before + n) for (before, _), n in zip(problem.margins(), sizes)))]


def _elements(generator, problem: Problem, name: str, shape, type_: str) -> np.ndarray:
    dtype = reference.dtype_of(type_)
    if name.endswith("_scale"):
        return _scales(generator, problem, shape).astype(dtype)
    if name.endswith("_zero"):
        low, high = (0, 256) if problem.types()[name[0]] == "u8" else (-128, 128)
        return generator.integers(low, high, shape).astype(dtype)
    if type_ in INT8 and name in ("a", "b"):
        return _codes(generator, problem.data, shape, dtype)
    if type_ in ("i32", *INT8):
        return generator.integers(-3, 4, shape).astype(dtype)
    return _floats(generator, problem, name, shape, type_).astype(np.float32).astype(dtype)


def _codes(generator, data: str, shape, dtype) -> np.ndarray:
    info = np.iinfo(dtype)
    if data == "integers":
        return generator.integers(max(-3, info.min), 4, shape).astype(dtype)
    if data == "extreme":
        ends = (info.min, info.max) if info.min else (info.max, info.min)
        return generator.choice(ends, shape, p=(7 / 8, 1 / 8)).astype(dtype)
    return generator.integers(info.min, info.max + 1, shape).astype(dtype)


def _scales(generator, problem: Problem, shape) -> np.ndarray:
    powers = np.exp2(generator.integers(-2, 3, shape))
    return powers if problem.data == "integers" else powers * generator.uniform(0.5, 1.5, shape).astype(np.float32)


def _floats(generator, problem: Problem, name: str, shape, type_: str) -> np.ndarray:
    data, is_operand = problem.data, name in ("a", "b")
    if data == "integers":
        # f16 accumulation holds integers up to 2048
        reach = 1 if problem.accumulate == "f16" else 3
        return generator.integers(-reach, reach + 1, shape)
    values = generator.standard_normal(shape)
    if data == "wide":  # sums that cancel
        values = values * np.exp2(generator.integers(-3, 4, shape))
    if data == "positive" and is_operand:
        values = np.abs(values) + 0.25
    if data == "saturating" and is_operand:
        values = np.clip(values * 40, -440, 440)
    if data == "denormal" and is_operand:
        form = reference.format_of(type_)
        # products of bf16 and f32 vanish: the other operand is large
        magnitude = 2.0 ** (form.min_exponent + 1) if name == "a" or type_ in (*FP8, "f16") else 2.0 ** -(form.min_exponent + 20)
        values = values * magnitude
    if data == "special" and is_operand and values.size:
        specials = [np.nan, -0.0, 1e-7] + ([] if "f8E4M3FN" in (type_,) else [np.inf, -np.inf])
        flat = values.reshape(-1)
        for special in specials:
            flat[generator.integers(0, flat.size)] = special
    return values


def _cancel(generator, problem: Problem, values: dict) -> None:
    """Makes the second half of K of A what the first half is, and of B its negative; a part of 2^-5 stays."""
    half = problem.k // 2
    if half == 0:
        return
    for name, axis, sign in (("a", -2 if problem.transpose_a else -1, 1), ("b", -1 if problem.transpose_b else -2, -1)):
        array = np.moveaxis(values[name], axis, 0)
        first = array[:half].astype(np.float32)
        keep = generator.random(first.shape) < 2.0**-5
        array[half : 2 * half] = np.where(keep, array[half : 2 * half].astype(np.float32), sign * first).astype(array.dtype)
