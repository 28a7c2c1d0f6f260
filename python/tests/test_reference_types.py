"""The references of every type: careful arithmetic stays inside its bound, each known mistake does not."""

import ml_dtypes
import numpy as np
import pytest

from mpgemm import reference
from mpgemm.reference import Scale

E4M3, E5M2 = np.dtype(ml_dtypes.float8_e4m3fn), np.dtype(ml_dtypes.float8_e5m2)
MIN_EXPONENT = {E4M3: -6, E5M2: -14}
PAIRS = [(E4M3, E4M3), (E4M3, E5M2), (E5M2, E4M3), (E5M2, E5M2)]


def draw(shape, dtype, data="normal", seed=0):
    generator = np.random.default_rng([seed, *shape])
    if data == "integers":
        return generator.integers(-3, 4, shape).astype(dtype)
    values = generator.standard_normal(shape)
    if data == "positive":
        values = np.abs(values) + 0.25
    if data == "wide":
        values = values * np.exp2(generator.integers(-6, 6, shape))
    if data == "small":  # among subnormal codes
        values = values * 2.0 ** MIN_EXPONENT[np.dtype(dtype)]
    return values.astype(np.float32).astype(dtype)


def exponents(values, smallest):
    return np.maximum(np.frexp(values)[1] - 1, smallest)


def short_steps(a, b, acc):
    """wgmma of fp8 as docs/simulator.md states it: everything aligned to the largest exponent, cut off 13 bits below."""
    for k in range(0, a.shape[1], 32):
        x, y = a[:, k : k + 32, None].astype(np.float64), b[None, k : k + 32, :].astype(np.float64)
        power = exponents(x, MIN_EXPONENT[a.dtype]) + exponents(y, MIN_EXPONENT[b.dtype])
        power = np.where(x * y == 0, -126, power)
        top = np.maximum(power.max(axis=1), np.where(acc == 0, -126, np.frexp(acc)[1] - 1))
        q = np.exp2(top - 13.0)
        total = (np.trunc(x * y / q[:, None, :]).sum(axis=1) + np.trunc(acc / q)) * q
        own = np.exp2(np.frexp(total)[1] - 1 - 13.0)
        acc = np.where(total == 0, 0.0, np.trunc(total / own) * own)
    return acc


def short_product(a, b, promote):
    """A kernel of sm_90a: short sums promoted to f32 every `promote` steps."""
    total = np.zeros((a.shape[0], b.shape[1]), np.float32)
    promote = promote or max(a.shape[1], 1)
    for k in range(0, a.shape[1], promote):
        total += short_steps(a[:, k : k + promote], b[k : k + promote], np.zeros(total.shape)).astype(np.float32)
    return total


@pytest.mark.parametrize("data", ["normal", "positive", "wide", "small"])
@pytest.mark.parametrize("types", PAIRS, ids=lambda pair: "-".join(t.name for t in pair))
@pytest.mark.parametrize("promote", [32, 128, 512, 0])
def test_short_sums_are_within_their_bound(types, promote, data):
    a, b = draw((9, 700), types[0], data), draw((700, 11), types[1], data, 1)
    expected = reference.matmul(a, b, short=True, promote=promote or reference.NEVER)
    share = reference.check(short_product(a, b, promote), expected).largest_share
    assert share < 1
    if data == "positive" and expected.error.any():
        assert share > 0.02  # a bound that is far from everything is no bound


@pytest.mark.parametrize("types, k", [*((pair, 4096) for pair in PAIRS), (PAIRS[0], 16384), (PAIRS[0], 131072)])
def test_a_missing_promotion_fails(types, k):
    """Sums of one sign grow, and a short accumulator that is never promoted cuts off all that is added to it."""
    a, b = draw((3, k), types[0], "positive"), draw((k, 5), types[1], "positive", 1)
    expected = reference.matmul(a, b, short=True, promote=128)
    reference.check(short_product(a, b, 128), expected)
    for missing in (0, 2048):
        with pytest.raises(reference.NumericsError, match="15 of 15 differ"):
            reference.check(short_product(a, b, missing), expected)


def test_a_promotion_that_comes_half_as_often_fails():
    a, b = draw((8, 8192), E4M3, "positive"), draw((8192, 8), E4M3, "positive", 1)
    with pytest.raises(reference.NumericsError):
        reference.check(short_product(a, b, 512), reference.matmul(a, b, short=True, promote=128))


@pytest.mark.parametrize("promote", [128, 0])
def test_short_sums_of_small_integers_are_exact(promote):
    a, b = draw((9, 1024), E4M3, "integers"), draw((1024, 11), E5M2, "integers", 1)
    expected = reference.matmul(a, b, short=True, promote=promote or reference.NEVER)
    assert not expected.error.any()
    np.testing.assert_array_equal(short_product(a, b, promote), expected.value)


def test_integers_beyond_the_short_significand_are_not_exact():
    a, b = np.full((1, 4096), 3.0, np.float32).astype(E4M3), np.full((4096, 1), 3.0, np.float32).astype(E4M3)
    assert not reference.matmul(a, b, short=True).error.any()  # 9 * 128 is below 2^14, 9 * 4096 below 2^24
    assert reference.matmul(a, b, short=True, promote=reference.NEVER).error.all()


def truncated(values):
    return (values.view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32)


def nearest(values):
    """f32 rounded to 10 bits of mantissa, ties away from zero."""
    return truncated((values.view(np.uint32) + np.uint32(0x1000)).view(np.float32))


def three_products(a, b):
    """f32 by tf32 products: hi hi, and hi lo + lo hi in a sum of their own."""
    high_a, high_b = truncated(a), truncated(b)
    low_a, low_b = nearest(a - high_a), nearest(b - high_b)
    main, second = np.zeros((2, a.shape[0], b.shape[1]), np.float32)
    for k in range(a.shape[1]):
        main += high_a[:, k : k + 1] * high_b[k : k + 1]
        second += high_a[:, k : k + 1] * low_b[k : k + 1]
        second += low_a[:, k : k + 1] * high_b[k : k + 1]
    return main + second, main


@pytest.mark.parametrize("k", [1, 8, 300])
@pytest.mark.parametrize("data", ["normal", "positive", "wide"])
def test_three_tf32_products_have_the_accuracy_of_f32_and_one_has_not(k, data):
    a, b = draw((17, k), np.float32, data), draw((k, 13), np.float32, data, 1)
    got, main = three_products(a, b)
    reference.check(got, reference.matmul(a, b))
    reference.check(main, reference.matmul(a, b, tf32=True))
    if k < 100 or data == "positive":
        with pytest.raises(reference.NumericsError):
            reference.check(main, reference.matmul(a, b))
        with pytest.raises(reference.NumericsError):
            reference.check(got, reference.matmul(a, b, tf32=True))


def test_integer_sums_are_exact_and_wrap():
    a = np.full((1, 200000), -128, np.int8)
    b = np.full((200000, 1), 255, np.uint8)
    expected = reference.matmul(a, b, accumulate="i32")
    assert expected.value[0, 0] == -128 * 255 * 200000 + 2 * 2**32 and not expected.error.any()
    with np.errstate(over="ignore"):
        got = (a.astype(np.int32) @ b.astype(np.int32)).astype(np.int32)
    reference.check(got, expected)


def test_zero_points_of_every_shape():
    generator = np.random.default_rng(3)
    a, b = generator.integers(0, 256, (5, 96)).astype(np.uint8), generator.integers(-128, 128, (96, 7)).astype(np.int8)
    rows, groups = generator.integers(0, 256, 5), generator.integers(-128, 128, (3, 7))
    expected = reference.matmul(a, b, accumulate="i32", a_zero=Scale(rows, outer=1), b_zero=Scale(groups, 1, 32))
    left = a.astype(np.int64) - rows[:, None]
    right = b.astype(np.int64) - np.repeat(groups, 32, 0)
    np.testing.assert_array_equal(expected.value, left @ right)


@pytest.mark.parametrize("scales", ["row-column", "group", "block", "one-side", "tensor"])
@pytest.mark.parametrize("batch", [(), (2,)])
def test_scales_act_where_they_should(scales, batch):
    generator = np.random.default_rng(4)
    a, b = draw((*batch, 6, 200), E4M3), draw((200, 9), E4M3, seed=1)

    def powers(*shape):
        return np.exp2(generator.integers(-3, 4, shape)).astype(np.float32)

    a_scale, b_scale = {
        "row-column": lambda: (Scale(powers(*batch, 6), 1), Scale(powers(9), 1)),
        "group": lambda: (Scale(powers(*batch, 6, 4), 1, 64), Scale(powers(4, 9), 1, 64)),
        "block": lambda: (Scale(powers(6, 2), 1, 128), Scale(powers(2, 3), 4, 128)),
        "one-side": lambda: (None, Scale(powers(7, 9), 1, 32)),
        "tensor": lambda: (Scale(powers(1)[0]), Scale(powers(1)[0])),
    }[scales]()
    expected = reference.matmul(a, b, a_scale=a_scale, b_scale=b_scale, short=True)
    left, right = a.astype(np.float64), b.astype(np.float64)

    def scale_of(scale, batch_index, outer, k, k_first):
        """The definition, one element at a time."""
        if scale is None:
            return 1.0
        at = [k // scale.k] if scale.k else []
        at = [*at, *([outer // scale.outer] if scale.outer else [])]
        at = at if k_first else at[::-1]
        values = np.asarray(scale.values, np.float64)
        return values[tuple(at)] if values.ndim == len(at) else values[(*batch_index, *at)]

    for index in np.ndindex(left.shape):
        left[index] *= scale_of(a_scale, index[:-2], index[-2], index[-1], False)
    for index in np.ndindex(right.shape):
        right[index] *= scale_of(b_scale, (), index[1], index[0], True)
    np.testing.assert_allclose(expected.value, left @ right, rtol=1e-12, atol=1e-12)
    assert expected.error.max() < 0.02 * np.abs(expected.value).max()


@pytest.mark.parametrize("type", ["f8E4M3FN", "f8E5M2", "i8"])
def test_quantized_codes_are_certain_but_next_to_ties(type):
    x = np.random.default_rng(6).standard_normal((64, 256)).astype(np.float32) * 3
    x[0, :3] = np.inf, -np.inf, np.nan
    scale = np.float32(0.0173)
    expected = reference.quantize(reference.exact(x), scale, type)
    assert (expected.error > 0).mean() < 1e-3
    form = reference.format_of(type)
    quotient = x * (np.float32(1) / scale)
    if form.is_integer:
        got = np.clip(np.rint(np.nan_to_num(quotient, nan=0, posinf=1e9, neginf=-1e9)), -128, 127).astype(np.int8)
    else:
        got = np.clip(quotient, -form.largest, form.largest).astype(form.dtype)
    reference.check(got, expected)
    wrong = got.copy()
    wrong[5, 5] = 1 if got[5, 5] != 1 else 2
    with pytest.raises(reference.NumericsError):
        reference.check(wrong, expected)


def test_a_code_next_to_a_tie_may_be_either_neighbour_and_no_third():
    expected = reference.quantize(reference.Bounded(2.5, 1e-6), np.float32(1), "i8")
    for code, right in ((2, True), (3, True), (1, False), (4, False)):
        assert (reference.compare(np.int8(code), expected).different == 0) == right, code


@pytest.mark.parametrize("type", ["f8E4M3FN", "f8E5M2", "i8"])
@pytest.mark.parametrize("group", [0, 32])
def test_dynamic_scales_reach_the_largest_code(type, group):
    x = np.random.default_rng(7).standard_normal((5, 80)).astype(np.float32)
    x[3] = 0
    codes, scales = reference.dynamic_quantize(reference.exact(x), type, (1, group))
    blocks = [x[:, i : i + (group or 80)] for i in range(0, 80, group or 80)]
    largest = {"f8E4M3FN": 448, "f8E5M2": 57344, "i8": 127}[type]
    own = np.stack([np.maximum(np.abs(b).max(1) / np.float32(largest), np.float32(2.0**-126)) for b in blocks], 1)
    reference.check(own, scales)
    assert np.abs(codes.value).max() == largest and not codes.value[3].any()
    mx = reference.dynamic_quantize(reference.exact(x), type, (1, group), "f8E8M0FNU")[1]
    assert (np.frexp(mx.value)[0] == 0.5).all() and ((mx.value >= own) & (mx.value < 2 * own)).all()


@pytest.mark.parametrize("name", ["f16", "bf16", "f8E4M3FN", "f8E5M2"])
def test_rounding_is_that_of_ml_dtypes(name):
    form = reference.format_of(name)
    bits = np.random.default_rng(8).integers(0, 2**32, 200000, dtype=np.uint32)
    x = np.concatenate([bits.view(np.float32), np.linspace(-600, 600, 30001, dtype=np.float32), np.float32([0, -0.0, np.inf, np.nan])])
    with np.errstate(all="ignore"):
        expected = x.astype(form.dtype).astype(np.float64)
    got = form.round(x)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.signbit(got[~np.isnan(got)]), np.signbit(expected[~np.isnan(got)]))
