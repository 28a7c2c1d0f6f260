"""The differential suite itself: problems are reproducible, cover what the support table promises, and a wrong kernel
would be seen."""

import numpy as np
import pytest
import text
from data import arguments_of
from expected import expected_of, is_exact
from problem import draw
from report import Outcome, Report
from support import SUPPORT, TARGETS

from mpgemm import reference

FIRST = [draw(seed) for seed in range(1, 301)]  # what CI runs


def test_a_seed_is_one_problem():
    assert str(draw(17)) == str(draw(17))
    assert text.mlir_of(draw(17)) == text.mlir_of(draw(17))
    for left, right in zip(arguments_of(draw(17)).values(), arguments_of(draw(17)).values()):
        assert left.tobytes() == right.tobytes()


def test_the_problems_of_ci_cover_what_they_should():
    for attribute, least in {"form": 2, "accumulate": 2, "data": 6, "k": 20, "result": 3, "extra": 3}.items():
        assert len({getattr(problem, attribute) for problem in FIRST}) >= least, attribute
    assert {p.target for p in FIRST} == set(TARGETS)
    assert {step.name for p in FIRST for step in p.steps} >= {"bias", "gelu_erf", "silu", "row-scale"}
    assert any(p.k == 0 for p in FIRST) and any(p.init for p in FIRST) and any(p.dynamic for p in FIRST)
    assert any(p.batch and not p.batch_b for p in FIRST) and any(p.schedule for p in FIRST) and any(p.k >= 4096 for p in FIRST)


def test_the_problems_of_ci_have_every_family_and_every_result():
    for target, families in SUPPORT.items():
        for family in families:
            mine = [p for p in FIRST if p.target == target and p.family is family]
            assert mine, (target, family.name)
    for family in {family.name: family for families in SUPPORT.values() for family in families}.values():
        mine = [p for p in FIRST if p.family.name == family.name]
        assert {p.accumulate for p in mine} == set(family.accumulate), family.name


def test_integer_problems_have_no_slack():
    exact = [p for p in FIRST if is_exact(p) and p.m * p.n * p.k < 1 << 20][:60]
    assert len(exact) > 20
    for problem in exact:
        assert not expected_of(problem, arguments_of(problem)).error.any(), problem


@pytest.mark.parametrize("seed", range(1, 60))
def test_a_value_that_is_off_is_seen(seed):
    problem = draw(seed)
    if problem.m * problem.n * problem.k > 1 << 21:
        return
    expected = expected_of(problem, arguments_of(problem))
    form = reference.format_of(problem.result)
    got = expected.value.copy() if form.is_integer else form.round(expected.value)
    reference.check(got, expected)
    usable = np.isfinite(expected.value) & np.isfinite(expected.error)
    if usable.any():
        index = tuple(np.argwhere(usable)[0])
        step = 1 if form.is_integer else form.smallest_step + abs(got[index]) * form.roundoff
        got[index] += 2 * expected.error[index] + 2 * step
        with pytest.raises(reference.NumericsError):
            reference.check(got, expected)


def test_the_report_counts_every_failure_once(tmp_path):
    report = Report(3, "sim")
    report.add(Outcome(1, "f16 -> f32", "f32", share=0.5, elements=4), "first")
    report.add(Outcome(2, "f16 -> f32", "f32", exact=True, elements=4), "second")
    report.add(Outcome(3, "i8 -> i32", "i32", "does not compile: no\nmore", "compile"), "third")
    assert (report.passed, len(report.failures)) == (2, 1)
    row = report.by_kind()["f16 -> f32"]
    assert (row["problems"], row["exact"], row["worst_share"], row["worst_seed"]) == (2, 1, 0.5, 1)
    report.write(tmp_path / "report.json")
    assert '"seed 3: third: does not compile: no"' in (tmp_path / "report.json").read_text()
