"""Inputs chosen to break kernels, for every type that a target lowers: sums over K = 131072, sums that cancel, subnormal
numbers, overflow of f16 accumulators, wrapping i32, saturated results."""

from dataclasses import replace

import numpy as np
import pytest
from data import arguments_of
from differential import run_problem
from expected import expected_of
from problem import draw
from support import FP8, INT8, SUPPORT
from text import mlir_of

import mpgemm
from mpgemm import reference

DEEP = 131072


def plain(target, family, pair, seed=1, **changes):
    """A product of a family without scales or epilogue, in the dialect's own form."""
    problem = draw(seed, target, (family,))
    accumulate = family.accumulate[0]
    result = "i32" if accumulate == "i32" else "f32"
    return replace(
        problem, form="mpgemm", a_type=pair[0], b_type=pair[1], accumulate=accumulate, promote=None, product=accumulate,
        work=accumulate, result=result, saturates=False, batch=(), batch_b=(), m=16, n=16, k=256, transpose_a=False,
        transpose_b=True, init=None, steps=[], dynamic=frozenset(), a_scaling=None, b_scaling=None, schedule="", **changes,
    )  # fmt: skip


def families(pairs=2):
    """The first pair of operand types and a mixed one show what a family does; the differential suite has all."""
    for target, rows in SUPPORT.items():
        for family in rows:
            for pair in family.pairs[:pairs]:
                yield pytest.param(target, family, pair, id=f"{target}-{family.name}-{'-'.join(pair)}".replace(" ", "_"))


def of_families(choose):
    """Fails where no target has such a family: a test that runs nowhere is none."""
    rows = [row for row in families() if choose(row.values[1])]
    assert rows
    return rows


def passes(problem, device="sim"):
    outcome = run_problem(problem, device)
    assert not outcome.reason, f"{problem}: {outcome.reason}"
    return outcome


@pytest.mark.parametrize("target, family, pair", families())
def test_a_very_long_sum(target, family, pair):
    """Integers match to the bit as far as the accumulator holds them; sums of one sign show what is cut off."""
    kinds = ["codes", "extreme"] if pair[0] in INT8 else ["integers", "positive"]
    depth = DEEP if pair == family.pairs[0] else DEEP // 8
    for data in kinds if family.accumulate != ("f16",) else ["positive"]:  # so many integers are beyond f16
        problem = replace(plain(target, family, pair, data=data), k=min(depth, 8192) if family.accumulate == ("f16",) else depth)
        passes(replace(problem, m=5, n=8), f"sim:arch={target},sms=1")


@pytest.mark.parametrize("target, family, pair", of_families(lambda family: family.pairs[0][0] not in INT8))
@pytest.mark.parametrize("data", ["cancellation", "denormal", "special"])
def test_sums_of_difficult_numbers(target, family, pair, data):
    passes(replace(plain(target, family, pair, data=data), k=1033, m=17, n=24), f"sim:arch={target},sms=1")


@pytest.mark.parametrize("target, family, pair", of_families(lambda family: family.accumulate == ("f16",)))
def test_f16_accumulators_overflow_to_infinity_and_never_to_nan(target, family, pair):
    problem = replace(plain(target, family, pair, data="positive"), k=4096, result="f16")
    arguments = arguments_of(problem)
    arguments["a"] = (arguments["a"].astype(np.float32) * 16).astype(arguments["a"].dtype)
    assert np.isinf(expected_of(problem, arguments).error).any()
    passes(problem)


@pytest.mark.parametrize("target, family, pair", of_families(lambda family: family.pairs[0][0] in INT8))
def test_integer_sums_wrap(target, family, pair):
    problem = replace(plain(target, family, pair, data="extreme"), k=DEEP * 2, m=3, n=8)
    arguments = arguments_of(problem)
    sums = arguments["a"].astype(np.float64) @ arguments["b"].astype(np.float64).T
    assert (np.abs(sums) >= 2**31).all(), "the test means nothing without"
    passes(problem)


def narrow_results():
    for row in families():
        for result in ("f16", "bf16", *FP8, "i8"):
            # one pair of operand types shows what becomes of a result
            if result in row.values[1].results and row.values[2] == row.values[1].pairs[0]:
                yield pytest.param(*row.values, result, id=f"{row.id}-{result}")


@pytest.mark.parametrize("target, family, pair, result", narrow_results())
def test_results_beyond_their_format(target, family, pair, result):
    problem = plain(target, family, pair, data="extreme" if pair[0] in INT8 else "saturating")
    for saturates in (False, True) if result in FP8 else (result == "i8",):
        outcome = passes(replace(problem, result=result, saturates=saturates, work="f32", k=130))
        assert outcome.elements == 256


def test_the_bound_of_a_long_sum_is_not_the_value_itself():
    """A bound that K makes larger than the sum would pass anything."""
    a = np.abs(np.random.default_rng(1).standard_normal((2, DEEP))).astype(np.float16)
    for accumulate, share in (("f32", 0.02),):
        expected = reference.matmul(a, a.T, accumulate=accumulate)
        assert (expected.error < share * expected.value).all()


@pytest.mark.parametrize("target, family, pair", of_families(lambda family: family.short and "never" in family.promote))
def test_a_kernel_without_promotion_fails_the_bound_of_one_with(target, family, pair):
    """`promote = never` is right by its own bound, and wrong by the bound of the default: the bounds tell them apart."""
    problem = replace(plain(target, family, pair, data="positive"), k=4096, m=5, n=8, view="")
    fast = replace(problem, promote=reference.NEVER)
    passes(fast)
    arguments = arguments_of(fast)
    got = mpgemm.load(mpgemm.compile(mlir_of(fast), target), f"sim:arch={target}")(*arguments.values())
    with pytest.raises(reference.NumericsError):
        reference.check(got, expected_of(problem, arguments))
