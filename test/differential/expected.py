"""What a problem's result must be: the float64 reference with its bound."""

import numpy as np
from data import part
from problem import Problem
from support import INT8

from mpgemm import reference


def expected_of(problem: Problem, arguments: dict[str, np.ndarray], sequential: bool = False) -> reference.Bounded:
    """`sequential`: as the linalg decomposition sums, instead of a tensor core."""
    value = product_of(problem, arguments, sequential)
    if not problem.steps and problem.form == "linalg" and problem.result != problem.product != value.format.name:
        # Rounded and widened at once: --mpgemm-fuse folds the pair, a saturating result apart
        value = value.perhaps_to(problem.product)
    elif problem.product == "i32" and problem.work == "f32":
        # The canonicalizer converts to a narrower float at once where nothing happens between: one rounding or two.
        value = reference.Bounded(value.value, np.abs(value.to("f32").value - value.value), "f32")
    else:
        value = value.to(problem.product).to(problem.work)
    for i, step in enumerate(problem.steps):
        if not step.extra:
            value = step.apply(value)
            continue
        extra = reference.exact(arguments[f"e{i}"]).to(problem.work)
        if step.extra == "row":
            extra = extra.map_layout(lambda x: x[:, None])
        value = step.apply(value, extra)
    return finish(value, problem)


def finish(value, problem: Problem):
    """The conversion to the type of the result; also runs on `Traced`."""
    if problem.result in INT8 and problem.work == "i32":
        return value.maximum(-128).minimum(127).to(problem.result)
    if problem.saturates:
        return reference.saturate(value, problem.result)
    return value.to(problem.result)


def product_of(problem: Problem, arguments: dict[str, np.ndarray], sequential: bool) -> reference.Bounded:
    a, b = (part(problem, name, arguments[name]) for name in "ab")
    a = a.swapaxes(-1, -2) if problem.transpose_a else a
    b = b.swapaxes(-1, -2) if problem.transpose_b else b
    sides = {}
    for side, scaling, transposed in (
        ("a", problem.a_scaling, problem.transpose_a), ("b", problem.b_scaling, problem.transpose_b),
    ):  # fmt: skip
        for what in ("scale", "zero"):
            values = arguments.get(f"{side}_{what}")
            if values is None:
                continue
            # As the formula writes A and B; a zero point of rank 0 is one for all.
            is_one = what == "zero" and values.ndim == 0
            if transposed and scaling.outer and scaling.k and not is_one:
                values = values.swapaxes(-1, -2)
            sides[f"{side}_{what}"] = reference.Scale(values, *((0, 0) if is_one else (scaling.outer, scaling.k)))
    return reference.matmul(
        a, b, arguments.get("c"), problem.accumulate, tf32=problem.family.tf32, promote=problem.promote,
        short=problem.family.short, sequential=sequential, **sides,
    )  # fmt: skip


def is_exact(problem: Problem) -> bool:
    """Whether the bound of every element must be 0."""
    return problem.data == "integers" and problem.product in ("f32", "i32") and problem.work != "bf16"


