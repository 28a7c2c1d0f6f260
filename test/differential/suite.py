"""What the driver and the tests ask of a problem, be it a product or one of codes."""

import random

import numpy as np
from codes import CodesProblem, draw_codes
from data import arguments_of as product_arguments
from expected import expected_of as product_expected
from problem import Problem
from problem import draw as draw_product
from support import CODES, TARGETS
from text import mlir_of

from mpgemm import reference

CODES_SHARE = 12  # of a hundred problems


def draw(seed: int, target: str | None = None) -> Problem | CodesProblem:
    """The problem of a seed."""
    random_ = random.Random(f"kind {seed}")
    drawn_target = target or random_.choice(TARGETS)
    if random_.randrange(100) < CODES_SHARE and CODES[drawn_target]:
        return draw_codes(random_, seed, drawn_target)
    return draw_product(seed, target)


def text_of(problem) -> str:
    return problem.text() if isinstance(problem, CodesProblem) else mlir_of(problem)


def arguments_of(problem) -> dict[str, np.ndarray]:
    return problem.arguments() if isinstance(problem, CodesProblem) else product_arguments(problem)


def argument_types_of(problem) -> dict[str, str]:
    """The type of each argument as the function has it."""
    from text import Text

    if isinstance(problem, CodesProblem):
        return problem.argument_types()
    return {name: Text(problem).given_type(name) for name in problem.dims()}


def expected_of(problem, arguments, sequential: bool = False) -> list[reference.Bounded]:
    """A reference for each result; `sequential`: of the linalg decomposition instead of a tensor core."""
    if isinstance(problem, CodesProblem):
        return problem.expected(arguments)
    return [product_expected(problem, arguments, sequential)]
