"""Three independent answers to the same problems: NumPy with ml_dtypes (the float64 reference), the linalg decomposition run
by mlir-runner on the CPU, and the compiled kernel in the simulator. The first two also of what no target lowers.

Each is within the bound of its way to sum; where everything is exact, all three agree to the bit. docs/numerics.md says where
the first two are allowed to differ, and why."""

import collections

import numpy as np
import oracle
import pytest
from codes import draw_codes
from differential import run_problem
from problem import draw
from suite import arguments_of, expected_of
from support import EVERY_CODE_OP, EVERYTHING

from mpgemm import reference

needs_runner = pytest.mark.skipif(oracle.runner() is None, reason="no mlir-runner on this machine")


def problems(first_seed, count, of_a_kind, families=None):
    """Small ones, a few of each kind. A 16-bit linalg.matmul sums in 16 bits where it is run literally: not comparable."""
    chosen, kinds = [], collections.Counter()
    for seed in range(first_seed, first_seed + 4000):
        p = draw(seed, families=families)
        size = int(np.prod(p.batch, dtype=int)) * p.m * p.n
        is_small = 0 < size <= 2000 and size * max(p.k, 1) <= 60_000
        is_comparable = p.form == "mpgemm" or p.product == p.accumulate
        # A product of two f8 codes overflows f16 by itself, before a sum could bring it back.
        is_comparable &= not (p.accumulate == "f16" and p.data == "saturating")
        if is_small and is_comparable and kinds[p.kind] < of_a_kind:
            kinds[p.kind] += 1
            chosen.append(p)
        if len(chosen) == count:
            break
    return chosen


def name_of(problem):
    return f"{problem.seed}-{problem.kind}-{problem.data}".replace(" ", "_")


def check_decomposition(problem, arguments, expected):
    got = oracle.run(problem, arguments)
    for i, (one, want) in enumerate(zip(got, expected, strict=True)):
        reference.check(one, want, name=f"result {i} of the decomposition", context=str(problem))


@needs_runner
@pytest.mark.parametrize("problem", problems(20_000, 40, 2), ids=name_of)
def test_three_answers_agree(problem):
    arguments = arguments_of(problem)
    with np.errstate(all="ignore"):
        check_decomposition(problem, arguments, expected_of(problem, arguments, sequential=True))
        outcome = run_problem(problem)  # compares the simulator with the reference
        assert not outcome.reason, outcome.reason
        if outcome.exact:
            check_decomposition(problem, arguments, expected_of(problem, arguments))


@needs_runner
@pytest.mark.parametrize("problem", problems(30_000, 60, 1, EVERYTHING), ids=name_of)
def test_the_decomposition_of_every_type_is_the_reference(problem):
    arguments = arguments_of(problem)
    with np.errstate(all="ignore"):
        check_decomposition(problem, arguments, expected_of(problem, arguments, sequential=True))
