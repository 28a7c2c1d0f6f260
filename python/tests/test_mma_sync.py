"""Every mma.sync of the atom table, compiled and run: odd sizes, exact integer values, and the accuracy of f32.

They run in the simulator, or on the device that MPGEMM_TEST_DEVICE names (cuda)."""

import os

import ml_dtypes
import numpy as np
import pytest

import mpgemm
from mpgemm import reference
from test_scaled_products import check

DEVICE = os.environ.get("MPGEMM_TEST_DEVICE")
DTYPES = {"f8E4M3FN": ml_dtypes.float8_e4m3fn, "f8E5M2": ml_dtypes.float8_e5m2, "f32": np.float32, "i8": np.int8,
          "f16": np.float16, "bf16": ml_dtypes.bfloat16}
FP8 = ["f8E4M3FN", "f8E5M2"]


def load(text, target):
    return mpgemm.load(mpgemm.compile(text, target), DEVICE or f"sim:arch={target},sms=2")


def product(a, b, result, m, n, k, accumulate="f32", attributes=""):
    """A is M x K and B is N x K: K is contiguous in both."""
    return f"""
func.func @main(%a: tensor<{m}x{k}x{a}>, %b: tensor<{n}x{k}x{b}>) -> tensor<{m}x{n}x{result}> {{
  %d = mpgemm.matmul(%a : tensor<{m}x{k}x{a}>, %b transposed : tensor<{n}x{k}x{b}>) accumulate <{accumulate}>
      {attributes} -> tensor<{m}x{n}x{result}>
  return %d : tensor<{m}x{n}x{result}>
}}
"""


# Of the tiles of a kernel, of a step of the instruction, and of a 16-byte copy: below, above, and a prime.
SIZES = [(1, 1, 1), (17, 9, 33), (64, 48, 64), (130, 67, 257), (37, 129, 100)]


def integers(rng, shape, dtype, largest):
    return rng.integers(-largest, largest + 1, shape).astype(dtype)


@pytest.mark.parametrize("target", ["sm_80", "sm_89", "sm_120a"])
@pytest.mark.parametrize("signs", ["ss", "su", "us", "uu"])
def test_products_of_codes_are_exact(target, signs):
    rng = np.random.default_rng(1)
    for m, n, k in SIZES if target == "sm_80" else SIZES[-1:]:
        views = [np.int8 if s == "s" else np.uint8 for s in signs]
        a, b = rng.integers(-128, 128, (m, k), np.int8), rng.integers(-128, 128, (n, k), np.int8)
        unsigned = [" unsigned" if s == "u" else "" for s in signs]
        text = product("i8", "i8", "i32", m, n, k, "i32").replace("(%a :", f"(%a{unsigned[0]} :").replace(
            "transposed :", f"transposed{unsigned[1]} :")
        expected = a.view(views[0]).astype(np.int32) @ b.view(views[1]).astype(np.int32).T
        np.testing.assert_array_equal(load(text, target).main(a, b), expected, f"{m}x{n}x{k}")


@pytest.mark.parametrize("target", ["sm_89", "sm_120a"])
@pytest.mark.parametrize("a_type", FP8)
@pytest.mark.parametrize("b_type", FP8)
@pytest.mark.parametrize("accumulate", ["f32", "f16", "f32, promote = never"])
def test_products_of_small_fp8_integers_are_exact(target, a_type, b_type, accumulate):
    rng = np.random.default_rng(2)
    result = accumulate[:3]
    for m, n, k in SIZES if (target, a_type, b_type) == ("sm_89", *FP8) else SIZES[3:4]:
        # The sum of magnitudes fits the significand of the narrowest accumulator: 11 bits of f16, 14 of fp8 in f32.
        largest = 2 if k < 256 else 1
        a, b = integers(rng, (m, k), DTYPES[a_type], largest), integers(rng, (n, k), DTYPES[b_type], largest)
        got = load(product(a_type, b_type, result, m, n, k, accumulate), target).main(a, b)
        np.testing.assert_array_equal(got, (a.astype(np.float32) @ b.astype(np.float32).T).astype(DTYPES[result]),
                                      f"{m}x{n}x{k}")


def f32_bound(a, b):
    """docs/numerics.md, "f32 by three products of tf32"; a: M x K, b: N x K."""
    k = a.shape[1]
    magnitude = np.abs(a) @ np.abs(b).T
    sums = np.abs(a).sum(1)[:, None] + np.abs(b).sum(1)[None, :]
    return (15 * np.ceil(k / 8) + 30) * 2.0**-24 * magnitude + 2.0**-136 * sums + (3 * k + 1) * 2.0**-149


@pytest.mark.parametrize("target", ["sm_80", "sm_89", "sm_90a", "sm_120a"])
def test_f32_keeps_its_accuracy(target):
    rng = np.random.default_rng(3)
    for m, n, k in SIZES:
        a, b = (rng.standard_normal((rows, k)).astype(np.float32) for rows in (m, n))
        got = load(product("f32", "f32", "f32", m, n, k), target).main(a, b).astype(np.float64)
        a64, b64 = a.astype(np.float64), b.astype(np.float64)
        exact, bound = a64 @ b64.T, f32_bound(a64, b64)
        assert (np.abs(got - exact) <= bound).all(), f"{m}x{n}x{k}: {np.max(np.abs(got - exact) / bound)} of the bound"
        # What tf32 alone would give lies outside: the test can tell them apart.
        if k > 8:
            short = [(x.view(np.uint32) & 0xFFFFE000).view(np.float32).astype(np.float64) for x in (a, b)]
            assert (np.abs(short[0] @ short[1].T - exact) > bound).any()


@pytest.mark.parametrize("target", ["sm_80", "sm_90a"])
def test_f32_with_24_bits_in_one_operand_is_exact(target):
    """Each product has one operand with few bits, so that nothing is lost but what accumulation loses: a single term."""
    rng = np.random.default_rng(4)
    m, n = 33, 21
    a = rng.integers(-(2**24) + 1, 2**24, (m, 1)).astype(np.float32)
    b = np.float32(2.0) ** rng.integers(-20, 20, (n, 1)).astype(np.float32)
    # lo keeps 11 of its up to 13 bits.
    got = load(product("f32", "f32", "f32", m, n, 1), target).main(a, b)
    np.testing.assert_allclose(got, a @ b.T, rtol=2.0**-22)
    a = rng.integers(-(2**21) + 1, 2**21, (m, 1)).astype(np.float32)
    np.testing.assert_array_equal(load(product("f32", "f32", "f32", m, n, 1), target).main(a, b), a @ b.T)


@pytest.mark.parametrize("target", ["sm_80", "sm_90a"])
def test_f32_infinities_nan_zeros_and_tiny_values(target):
    values = np.array([0.0, -0.0, 1.0, -3.0, np.inf, -np.inf, np.nan, 3.4e38, -3.4e38, 1e-38, 1e-40, 2.0**-126, 1e30],
                      np.float32)
    count = len(values)
    got = load(product("f32", "f32", "f32", count, count, 1), target).main(values[:, None], values[:, None])
    with np.errstate(all="ignore"):
        expected = np.outer(values, values)
    exact = np.outer(values.astype(np.float64), values.astype(np.float64))
    bound = f32_bound(*[np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)[:, None]] * 2)
    for i in range(count):
        for j in range(count):
            g, e, name = got[i, j], expected[i, j], f"{values[i]} * {values[j]}: got {got[i, j]}, expected {expected[i, j]}"
            if np.isfinite(e):
                assert abs(np.float64(g) - exact[i, j]) <= bound[i, j], name
            else:
                assert np.array_equal(g, e, equal_nan=True), name


@pytest.mark.parametrize("target", ["sm_80", "sm_89", "sm_120a"])
def test_tf32_reads_the_upper_19_bits(target):
    rng = np.random.default_rng(5)
    for m, n, k in SIZES:
        a, b = (rng.standard_normal((rows, k)).astype(np.float32) for rows in (m, n))
        got = load(product("f32", "f32", "f32", m, n, k, attributes="f32_precision <tf32>"), target).main(a, b)
        short = [(x.view(np.uint32) & 0xFFFFE000).view(np.float32).astype(np.float64) for x in (a, b)]
        bound = (15 * np.ceil(k / 8) + 4) * 2.0**-24 * (np.abs(short[0]) @ np.abs(short[1]).T)
        assert (np.abs(got - short[0] @ short[1].T) <= bound).all(), f"{m}x{n}x{k}"


@pytest.mark.parametrize("target", ["sm_89", "sm_120a"])
@pytest.mark.parametrize("scales", [
    (None, None), (("group = 128", "f32", 1, 128), ("group = 128", "bf16", 1, 128)),
    (("group = 128", "f16", 1, 128), ("block = [128, 128]", "f32", 128, 128)),
    (("mx", "f8E8M0FNU", 1, 32), ("mx", "f8E8M0FNU", 1, 32)),
], ids=["promoted", "groups", "blocks", "mx"])
def test_fp8_sums_in_two_levels(target, scales):
    for m, n, k in [(17, 9, 33), (130, 272, 400)]:
        check("f8E4M3FN", "f8E5M2", "f32", "f32", m, n, k, *scales, target=target)


@pytest.mark.parametrize("promote", [32, 96, 384])
def test_fp8_promotion_at_other_intervals(promote):
    check("f8E4M3FN", "f8E4M3FN", f"f32, promote = {promote}", "bf16", 70, 48, 1000, target="sm_89")


@pytest.mark.parametrize("target", ["sm_80", "sm_120a"])
@pytest.mark.parametrize("group", [32, 96, 128])
def test_integers_in_groups(target, group):
    check("i8", "i8", "i32", "f32", 70, 100, 8, (f"group = {group}", "f16", 1, group), ("group = 64", "bf16", 1, 64),
          target=target)


def test_groups_of_16_bit_operands():
    check("f16", "f16", "f32", "f32", 70, 100, 320, ("group = 64", "f16", 1, 64), ("group = 32", "f32", 1, 32),
          target="sm_80")


@pytest.mark.parametrize("target", ["sm_80", "sm_90a"])
def test_groups_of_exact_f32(target):
    check("f32", "f32", "f32", "f32", 70, 100, 320, ("group = 64", "f32", 1, 64), ("group = 32", "f32", 1, 32),
          target=target)


def test_fp8_results_of_mma_sync():
    check("f8E4M3FN", "f8E4M3FN", "f32", "f8E4M3FN", 61, 64, 1000, target="sm_89")


def test_a_short_sum_is_outside_the_bound_of_a_promoted_one():
    """Positive terms lose the most: their sum grows, and the tensor core's 14 bits with it."""
    m, n, k = 16, 16, 4096
    rng = np.random.default_rng(6)
    a, b = (rng.uniform(1, 2, (rows, k)).astype(DTYPES["f8E4M3FN"]) for rows in (m, n))
    expected = reference.matmul(a, b.T, short=True, promote=128)
    outside = {}
    for accumulate in ["f32", "f32, promote = never"]:
        got = load(product("f8E4M3FN", "f8E4M3FN", "f32", m, n, k, accumulate), "sm_89").main(a, b)
        outside[accumulate] = (np.abs(got - expected.value) > expected.error).any()
    assert outside == {"f32": False, "f32, promote = never": True}
