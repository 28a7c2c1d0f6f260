"""The differential suite itself: problems are reproducible, and a wrong kernel would be seen."""

import numpy as np
import pytest
import text
from problem import draw

from mpgemm import reference


def test_a_seed_is_one_problem():
    assert str(draw(17)) == str(draw(17))
    assert text.mlir_of(draw(17)) == text.mlir_of(draw(17))
    for left, right in zip(draw(17).arguments().values(), draw(17).arguments().values()):
        np.testing.assert_array_equal(left.view(np.uint8), right.view(np.uint8))


def test_the_first_two_hundred_seeds_cover_what_they_should():
    problems = [draw(seed) for seed in range(1, 201)]
    for attribute, least in {"target": 2, "form": 2, "element": 2, "accumulate": 2, "data": 4, "k": 20}.items():
        assert len({getattr(problem, attribute) for problem in problems}) >= least, attribute
    assert {step.name for problem in problems for step in problem.steps} >= {"bias", "gelu_erf", "silu", "row-scale"}
    assert any(p.k == 0 for p in problems) and any(p.init for p in problems) and any(p.dynamic for p in problems)
    assert any(p.batch and not p.batch_b for p in problems)


def test_integer_problems_have_no_slack():
    exact = [p for p in map(draw, range(1, 60)) if p.data == "integers" and p.product == p.accumulate == "f32"]
    assert exact
    for problem in exact:
        assert not problem.reference(problem.arguments()).error.any(), problem


@pytest.mark.parametrize("seed", range(1, 20))
def test_a_value_that_is_off_is_seen(seed):
    problem = draw(seed)
    expected = problem.reference(problem.arguments())
    form = reference.format_of(problem.result)
    got = form.round(expected.value)
    reference.check(got, expected)
    usable = np.isfinite(expected.value) & np.isfinite(expected.error)
    if usable.any():
        index = tuple(np.argwhere(usable)[0])
        got[index] += 2 * expected.error[index] + 2 * form.smallest_step + abs(got[index]) * 2 * form.roundoff
        with pytest.raises(reference.NumericsError):
            reference.check(got, expected)
