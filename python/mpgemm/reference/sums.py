"""How far the sums of tensor cores are from exact ones: one function for each kind of sum.

Each takes operands A: MxK and B: KxN in float64 (their exact values) and gives a bound for each element of A B, however
a correct kernel orders the sum; short sums of 8-bit floats alone assume that K ascends. docs/numerics.md derives them.
"""

import numpy as np

from .formats import format_of

# K of one instruction on 8-bit floats; fraction bits that wgmma keeps of a sum of them
SHORT_STEPS, SHORT_BITS = 32, 13
# Smallest exponent and fraction bits of a code, by its type
CODES = {"f8E4M3FN": (-6, 3), "f8E5M2": (-14, 2)}


def f32_sum(k: int, magnitude: np.ndarray, block: int = 8) -> np.ndarray:
    """Exact products summed in f32, `block` of them at a time; `magnitude` is the sum of their absolute values.

    A tensor core aligns a block's terms and the accumulator to the largest and truncates each (2^-24 of the largest), then
    the sum (2^-23). Four more roundings: the initial value, and partial sums of a K split over warps or CTAs."""
    blocks = -(-k // 16) * (16 // block)
    return (blocks * ((block + 1) * 2.0**-24 + 2.0**-23) + 4 * 2.0**-24) * magnitude + (k + 1) * 2.0**-149


def f16_sum(k: int, magnitude: np.ndarray) -> np.ndarray:
    """The same with each block of 8 ending in f16, truncated at worst; subnormals keep a step of 2^-24."""
    steps = 2 * (-(-k // 16)) + 4
    bound = steps * (2.0**-10 + 10 * 2.0**-24) * magnitude + steps * 2.0**-24
    return np.where(magnitude * (1 + steps * 2.0**-10) >= format_of("f16").largest, np.inf, bound)


def sequential_sum(k: int, magnitude: np.ndarray, accumulate: str) -> np.ndarray:
    """Each product rounded to the accumulation type and added by itself, as the linalg decomposition does it."""
    form = format_of(accumulate)
    growth = 2 * k * form.roundoff
    bound = growth * (1 + growth) * magnitude + (k + 1) * form.smallest_step
    return np.where(magnitude * (1 + growth) >= form.largest, np.inf, bound)


def three_product_sum(a: np.ndarray, b: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """f32 operands as three tf32 products: hi hi in one accumulator, hi lo + lo hi in another.

    Dropping lo lo costs 2^-20 of a product, rounding both lo to 11 bits 2^-22 each; the second accumulator sums two
    products of 2^-10 the size for each k, and one rounding adds it to the first. tf32 has no steps below 2^-136."""
    k = a.shape[-1]
    main, second = f32_sum(k, magnitude, 4), f32_sum(2 * k, 2 * 2.0**-10 * magnitude, 4)
    underflow = 2.0**-136 * (np.abs(a).sum(-1)[..., :, None] + np.abs(b).sum(-2)[..., None, :])
    return main + second + (2.0**-20 + 2 * 2.0**-22 + 2.0**-24) * magnitude + underflow


def to_tf32(values: np.ndarray) -> np.ndarray:
    """f32 as the tensor core reads it: the upper 19 bits."""
    bits = np.asarray(values, np.float64).astype(np.float32).view(np.uint32)
    return (bits & np.uint32(0xFFFFE000)).view(np.float32).astype(np.float64)


def lowest_bit(values: np.ndarray) -> float:
    """The largest power of two that all (finite) values are multiples of; infinity if all are 0."""
    values = values[(values != 0) & np.isfinite(values)]
    if not values.size:
        return np.inf
    mantissa, exponent = np.frexp(values)
    whole = np.abs(np.ldexp(mantissa, 53)).astype(np.int64)
    return float(np.min(np.ldexp((whole & -whole).astype(np.float64), exponent - 53)))


def _power_below(values: np.ndarray) -> np.ndarray:
    """The power of two of each value's exponent; 0 of 0."""
    with np.errstate(invalid="ignore"):
        return np.where(values == 0, 0.0, np.ldexp(1.0, np.frexp(values)[1] - 1))


def short_sum(a, b, types: tuple[str, str], error_a=0.0, error_b=0.0) -> np.ndarray:
    """The error of codes multiplied and summed over all of K in wgmma's short accumulator, which starts at 0.

    For each 32 steps of K: products and accumulator are aligned to the largest exponent among them, 2^E (of a product: the
    sum of its operands' exponents), and truncated to multiples of q = 2^(E-13); their sum is truncated to 13 fraction
    bits of its own. Follows the exact prefix sums, so that the bound is near what the data can do. `error_a`, `error_b`:
    of codes that are not known exactly; what those do to the sum itself is not part of the result."""
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    error_a, error_b = np.broadcast_to(error_a, a.shape), np.broadcast_to(error_b, b.shape)
    count = int(np.prod(batch, dtype=int))
    operands = [np.broadcast_to(x, batch + x.shape[-2:]).reshape(count, *x.shape[-2:]) for x in (a, error_a, b, error_b)]
    bound = np.zeros((count, a.shape[-2], b.shape[-1]))
    for i, one in enumerate(zip(*operands)):
        bound[i] = _short_sum_of_one(*one, types)
    return bound.reshape(*batch, a.shape[-2], b.shape[-1])


def _short_sum_of_one(a, error_a, b, error_b, types) -> np.ndarray:
    a, b = (np.where(np.isfinite(x), x, 0.0) for x in (a, b))
    most_a, most_b = np.abs(a) + error_a, np.abs(b) + error_b
    # Exponents as the hardware takes them: of a subnormal code the smallest.
    power_a, power_b = (
        np.where(x == 0, 0.0, np.maximum(_power_below(x), 2.0 ** CODES[t][0])) for x, t in zip((most_a, most_b), types)
    )
    last_bit = 2.0 ** -(CODES[types[0]][1] + CODES[types[1]][1])  # of a product, as part of its power
    grid = 0.0 if np.any(error_a) or np.any(error_b) else lowest_bit(a) * lowest_bit(b)
    value, reach, error = (np.zeros((a.shape[0], b.shape[1])) for _ in range(3))
    for k in range(0, a.shape[1], SHORT_STEPS):
        ks = slice(k, k + SHORT_STEPS)
        powers = power_a[:, ks, None] * power_b[None, ks, :]
        products = most_a[:, ks, None] * most_b[None, ks, :]
        q_products = 2.0**-SHORT_BITS * powers.max(axis=1)
        q = np.maximum(q_products, 2.0**-SHORT_BITS * _power_below(reach))
        lost = np.where(powers * last_bit < q[:, None, :], np.minimum(products, q[:, None, :]), 0.0).sum(axis=1)
        # The accumulator is a multiple of 2^-13 of its own power: it loses bits only where a product is above it.
        lost += np.minimum(q_products, reach)
        lost = np.where(q <= grid, 0.0, lost)
        value = value + a[:, ks] @ b[ks]
        inherited = 0.0
        if grid == 0:
            till = slice(0, ks.stop)
            inherited = most_a[:, till] @ most_b[till] - np.abs(a[:, till]) @ np.abs(b[till])
        reach = np.abs(value) + inherited + error + lost
        # The sum is a multiple of q, at least of q_products: it loses bits only where its exponent is above E.
        q_sum = 2.0**-SHORT_BITS * _power_below(reach)
        lost += np.where(q_sum <= grid, 0.0, np.maximum(0.0, q_sum - q_products))
        error = error + lost
        reach = reach + lost
    return error
