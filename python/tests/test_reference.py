"""The references: their bounds hold for careful arithmetic, and catch what is wrong."""

import math

import ml_dtypes
import numpy as np
import pytest

from mpgemm import reference

BF16 = np.dtype(ml_dtypes.bfloat16)


def draw(*shape, dtype=BF16, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def single(a, b):
    """A product in f32, one k after the other: a valid kernel."""
    total = np.zeros((a.shape[0], b.shape[1]), np.float32)
    for k in range(a.shape[1]):
        total += a[:, k : k + 1].astype(np.float32) * b[k : k + 1].astype(np.float32)
    return total


@pytest.mark.parametrize("dtype", [BF16, np.dtype(np.float16)])
@pytest.mark.parametrize("k", [1, 7, 64, 1000])
def test_a_sequential_sum_is_within_the_bound(dtype, k):
    a, b = draw(33, k, dtype=dtype), draw(k, 29, dtype=dtype, seed=1)
    result = reference.check(single(a, b), reference.matmul(a, b))
    assert result.largest_share < 1


def test_a_truncating_sum_is_within_the_bound():
    """Tensor cores truncate: the worst of them is a sum truncated to 24 bits after each product."""
    a, b = np.abs(draw(16, 512)), np.abs(draw(512, 16, seed=1))
    total = np.zeros((16, 16))
    for k in range(512):
        total = total + a[:, k : k + 1].astype(np.float64) * b[k : k + 1].astype(np.float64)
        mantissa, exponent = np.frexp(total)
        total = np.ldexp(np.trunc(mantissa * 2**24) / 2**24, exponent)
    reference.check(total.astype(np.float32), reference.matmul(a, b))


def test_a_sum_in_f16_needs_the_bound_of_f16():
    a, b = draw(8, 256, dtype=np.float16), draw(256, 8, dtype=np.float16, seed=1)
    total = np.zeros((8, 8), np.float16)
    for k in range(0, 256, 8):
        block = a[:, k : k + 8].astype(np.float32) @ b[k : k + 8].astype(np.float32)
        total = (total.astype(np.float32) + block).astype(np.float16)
    reference.check(total, reference.matmul(a, b, accumulate="f16"))
    with pytest.raises(reference.NumericsError):
        reference.check(total, reference.matmul(a, b))


def test_one_wrong_element_of_many_is_found_and_named():
    a, b = draw(128, 64), draw(64, 96, seed=1)
    got = single(a, b).astype(BF16)
    expected = reference.matmul(a, b).to("bf16")
    reference.check(got, expected)
    got[37, 29] += np.asarray(2.0, BF16)
    with pytest.raises(reference.NumericsError, match=r"^D\[37,29\]: got .*expected .*bound .*seed 7\); 1 of 12288 differ"):
        reference.check(got, expected, context="seed 7")


def test_a_missing_k_step_is_found():
    a, b = draw(16, 256), draw(256, 16, seed=1)
    with pytest.raises(reference.NumericsError):
        reference.check(single(a[:, :240], b[:240]), reference.matmul(a, b))


def test_integers_must_match_to_the_bit():
    generator = np.random.default_rng(5)
    a = generator.integers(-3, 4, (9, 300)).astype(BF16)
    b = generator.integers(-3, 4, (300, 11)).astype(BF16)
    expected = reference.relu(reference.matmul(a, b))
    assert not expected.error.any()
    got = np.maximum(single(a, b), 0)
    assert str(reference.check(got, expected)).endswith("exact")
    got[3, 3] = np.nextafter(got[3, 3], np.float32(np.inf))
    with pytest.raises(reference.NumericsError):
        reference.check(got, expected)


def test_one_rounding_of_an_exact_sum_is_certain():
    a, b = np.full((1, 1), 257, np.float32), np.ones((1, 1), np.float32)
    expected = reference.matmul(a, b).to("bf16")  # 257 lies halfway: to even is 256
    assert expected.value[0, 0] == 256 and expected.error[0, 0] == 0


def test_k_of_nothing_is_exactly_the_initial_value():
    init = draw(3, 4, dtype=np.float32)
    expected = reference.matmul(np.zeros((3, 0), BF16), np.zeros((0, 4), BF16), init)
    np.testing.assert_array_equal(expected.value, init)
    assert not expected.error.any()


def test_infinities_and_nan_must_be_where_they_belong():
    a, b = np.ones((2, 4), BF16), np.ones((4, 2), BF16)
    a[0, 1] = np.inf
    expected = reference.matmul(a, b).to("bf16")
    good = np.array([[np.inf, np.inf], [4, 4]], BF16)
    reference.check(good, expected)
    for wrong in (np.nan, -np.inf, 3e38):
        bad = good.copy()
        bad[0, 0] = wrong
        with pytest.raises(reference.NumericsError):
            reference.check(bad, expected)
    finite = good.copy()
    finite[1, 1] = np.nan
    with pytest.raises(reference.NumericsError):
        reference.check(finite, expected)


def test_a_clamped_infinity_is_certain():
    a, b = np.ones((1, 4), BF16), np.ones((4, 1), BF16)
    a[0, 1] = np.inf
    expected = reference.clamp(reference.matmul(a, b).to("bf16"), -8.0, 48.0) + 1.0
    assert expected.value[0, 0] == 49 and expected.error[0, 0] == 0


def test_overflow_to_f16_is_infinity_only_where_it_must_be():
    a, b = np.full((1, 1), 300, np.float16), np.full((1, 1), 300, np.float16)
    expected = reference.matmul(a, b).to("f16")
    assert expected.value[0, 0] == np.inf
    with pytest.raises(reference.NumericsError):
        reference.check(np.full((1, 1), 65504, np.float16), expected)


def test_overflow_to_f8_e4m3_is_nan():
    value = reference.exact(np.array([1000.0, 448.0, -1000.0], np.float32)).to("f8E4M3FN").value
    np.testing.assert_array_equal(value, [np.nan, 448, np.nan])


ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, np.float32(0)),
    "sigmoid": lambda x: np.float32(1) / (np.float32(1) + np.exp(-x)),
    "silu": lambda x: x * (np.float32(1) / (np.float32(1) + np.exp(-x))),
    "tanh": np.tanh,
    "gelu_erf": lambda x: x
    * (np.float32(0.5) * (np.vectorize(math.erf)(x * np.float32(math.sqrt(0.5))).astype(np.float32) + np.float32(1))),
    "gelu_tanh": lambda x: np.float32(0.5)
    * x
    * (np.float32(1) + np.tanh(np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x))),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_f32_activations_are_within_their_bounds(name):
    a, b = draw(32, 48), draw(48, 40, seed=1)
    acc = single(a, b)
    expected = reference.ACTIVATIONS[name](reference.matmul(a, b))
    with np.errstate(over="ignore"):
        got = ACTIVATIONS[name](acc).astype(np.float32)
    reference.check(got, expected)
    got[5, 6] += np.float32(0.01)
    with pytest.raises(reference.NumericsError):
        reference.check(got, expected)


def test_errors_of_one_product_reach_the_next():
    a, b, c = draw(8, 512), draw(512, 16, seed=1), draw(16, 8, seed=2)
    hidden = single(a, b).astype(BF16)
    expected = reference.matmul(reference.matmul(a, b).to("bf16"), c)
    reference.check(single(hidden, c), expected)
    nearer = reference.matmul(hidden, c)
    assert (expected.error >= nearer.error).all() and (expected.error > nearer.error).any()


def test_formats_that_do_not_meet_are_refused():
    x, y = reference.exact(np.zeros(3, np.float32)), reference.exact(np.zeros(3, np.float16))
    with pytest.raises(TypeError, match="f32 and f16"):
        x + y


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        reference.check(np.zeros((2, 3), np.float32), reference.exact(np.zeros((3, 2), np.float32)))


def test_a_rounding_that_may_be_left_out_allows_both_answers_and_no_third():
    sums = reference.matmul(np.array([[259.0]]), np.array([[1.0]]), None, "f32")
    either = sums.perhaps_to("bf16")
    for value, right in ((259.0, True), (260.0, True), (262.0, False)):
        assert (reference.compare(np.array([[value]], np.float32), either).different == 0) == right
