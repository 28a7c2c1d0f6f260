"""Products of warpgroups (sm_90a) in 8-bit and tf32 types and their scales, run with exact values: every element must match to the bit.

They run in the simulator, or on the device that MPGEMM_TEST_DEVICE names (cuda)."""

import os

import ml_dtypes
import numpy as np
import pytest

import mpgemm

DEVICE = os.environ.get("MPGEMM_TEST_DEVICE")
DTYPES = {"f8E4M3FN": ml_dtypes.float8_e4m3fn, "f8E5M2": ml_dtypes.float8_e5m2, "f32": np.float32, "i8": np.int8,
          "u8": np.uint8, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "i32": np.int32,
          "f8E8M0FNU": ml_dtypes.float8_e8m0fnu}
FP8 = ["f8E4M3FN", "f8E5M2"]
# One of everything; below, at and above tiles and 16-byte rows; primes.
SIZES = [(1, 1, 1), (61, 75, 77), (64, 64, 128), (130, 272, 400), (200, 96, 333)]


def codes(rng, kind, shape, largest=2):
    """Small integers, whose sums no accumulator rounds; all codes of an integer type."""
    if kind in ("i8", "u8"):
        info = np.iinfo(DTYPES[kind])
        return rng.integers(info.min, info.max + 1, shape).astype(DTYPES[kind])
    return rng.integers(-largest, largest + 1, shape).astype(np.float32).astype(DTYPES[kind])


def tensor(shape, kind):
    return "tensor<" + "".join(f"{size}x" for size in shape) + kind.replace("u8", "i8") + ">"


def check(a, b, accumulate, result, m, n, k, a_scale=None, b_scale=None, batch=(), schedule="", attributes="",
          epilogue="", function=lambda sums: sums, seed=1, target="sm_90a"):
    """D = A B^T with scales: (attribute, type, rows or columns of a block, steps of K of a block)."""
    rng = np.random.default_rng(seed)
    operands = {"a": codes(rng, a, (*batch, m, k)), "b": codes(rng, b, (n, k))}
    wide = {name: value.astype(np.float64) for name, value in operands.items()}
    arguments, text = [], {}
    for name, kind, scale in (("a", a, a_scale), ("b", b, b_scale)):
        value = operands[name]
        unsigned = " unsigned" if kind == "u8" else ""
        text[name] = f"%{name}{' transposed' if name == 'b' else ''}{unsigned} : {tensor(value.shape, kind)}"
        arguments.append((f"%{name}: {tensor(value.shape, kind)}", value.view(np.int8) if kind == "u8" else value))
        if scale:
            attribute, scale_type, outer, steps = scale
            *lead, rows, _ = value.shape
            shape = (*lead, -(-rows // outer), -(-k // steps))
            values = np.exp2(rng.integers(-3, 4, shape)).astype(np.float32).astype(DTYPES[scale_type])
            spread = np.repeat(values.astype(np.float64), outer, -2)[..., :rows, :]
            wide[name] *= np.repeat(spread, steps, -1)[..., :k]
            text[name] += f" scale <{attribute}> %s{name} : {tensor(shape, scale_type)}"
            arguments.append((f"%s{name}: {tensor(shape, scale_type)}", values))
    out = tensor((*batch, m, n), result)
    module = f"""
func.func @main({", ".join(argument for argument, _ in arguments)}) -> {out} {{
  %d = mpgemm.matmul({text["a"]}, {text["b"]}) accumulate <{accumulate}> {attributes} {schedule} {epilogue} -> {out}
  return %d : {out}
}}"""
    program = mpgemm.load(mpgemm.compile(module, target), DEVICE or f"sim:arch={target},sms=3")
    got = program.main(*[value for _, value in arguments])
    expected = function(wide["a"] @ wide["b"].T).astype(DTYPES[result])
    np.testing.assert_array_equal(np.asarray(got).astype(np.float64), expected.astype(np.float64), f"{m}x{n}x{k}")


@pytest.mark.parametrize("a", FP8)
@pytest.mark.parametrize("b", FP8)
@pytest.mark.parametrize("accumulate", ["f32", "f16", "f32, promote = never"])
def test_fp8(a, b, accumulate):
    for size in SIZES if (a, b) == tuple(FP8) else SIZES[3:4]:
        check(a, b, accumulate, accumulate[:3], *size)


@pytest.mark.parametrize("promote", [32, 64, 96, 256, 384])
def test_promotion_at_other_intervals(promote):
    check("f8E4M3FN", "f8E4M3FN", f"f32, promote = {promote}", "f32", 70, 48, 1000)


@pytest.mark.parametrize("a", ["i8", "u8"])
@pytest.mark.parametrize("b", ["i8", "u8"])
def test_integers(a, b):
    for size in SIZES:
        check(a, b, "i32", "i32", *size)


def test_tf32():
    for size in SIZES:
        check("f32", "f32", "f32", "f32", *size, attributes="f32_precision <tf32>")


@pytest.mark.parametrize("tile_n", [128, 160, 192])
def test_blocks_of_b_and_any_tile(tile_n):
    check("f8E4M3FN", "f8E4M3FN", "f32", "f32", 200, 330, 400, ("group = 128", "f32", 1, 128),
          ("block = [128, 128]", "f32", 128, 128), schedule=f"schedule <tile = [128, {tile_n}, 128]>")


@pytest.mark.parametrize("size", SIZES)
def test_groups_of_both(size):
    check("f8E4M3FN", "f8E5M2", "f32", "f32", *size, ("group = 128", "f16", 1, 128), ("group = 128", "bf16", 1, 128))


def test_blocks_of_both():
    check("f8E4M3FN", "f8E4M3FN", "f32", "f32", 70, 100, 320, ("block = [128, 64]", "f32", 128, 64),
          ("block = [64, 128]", "f32", 64, 128))


def test_microscaling():
    check("f8E4M3FN", "f8E4M3FN", "f32", "f32", 70, 100, 330, ("mx", "f8E8M0FNU", 1, 32), ("mx", "f8E8M0FNU", 1, 32))


@pytest.mark.parametrize("group", [32, 96, 128])
def test_integers_in_groups(group):
    # f32 holds the scaled partial sums exactly: 7 bits of scale and at most 17 of a small K.
    check("i8", "i8", "i32", "f32", 70, 100, 8, (f"group = {group}", "f16", 1, group), ("group = 64", "bf16", 1, 64))


def test_groups_of_16_bit_operands():
    check("f16", "f16", "f32", "f32", 70, 100, 320, ("group = 64", "f16", 1, 64), ("group = 32", "f32", 1, 32))


def test_batches_share_b_and_its_scales():
    check("f8E4M3FN", "f8E4M3FN", "f32", "bf16", 70, 100, 320, ("group = 128", "f32", 1, 128),
          ("block = [128, 128]", "f32", 128, 128), batch=(2,))


def test_no_k():
    check("f8E4M3FN", "f8E4M3FN", "f32", "bf16", 64, 64, 0)
    check("i8", "i8", "i32", "i32", 64, 64, 0)


def clamped(low, high, result):
    return f"""epilogue(%acc : f32) {{
      %low = arith.constant {low} : f32
      %high = arith.constant {high} : f32
      %0 = arith.maximumf %acc, %low : f32
      %1 = arith.minimumf %0, %high : f32
      %2 = arith.truncf %1 : f32 to {result}
      mpgemm.yield %2 : {result}
    }}"""


@pytest.mark.parametrize("store", ["staged", "direct"])
@pytest.mark.parametrize("result,largest", [("f8E4M3FN", 448.0), ("f8E5M2", 57344.0)])
def test_results_of_8_bits(store, result, largest):
    for m, n in ((130, 272), (61, 64)):
        schedule = f'schedule <tile = [64, 64, 128], store = "{store}">'
        # Sums of up to 4 x 1000 overflow f8E4M3FN, to NaN.
        check("f8E4M3FN", "f8E4M3FN", "f32", result, m, n, 1000, schedule=schedule)
        check("f8E4M3FN", "f8E4M3FN", "f32", result, m, n, 1000, schedule=schedule,
              epilogue=clamped(-largest, largest, result), function=lambda sums: np.clip(sums, -largest, largest))


@pytest.mark.parametrize("size", [(160, 272, 400), (61, 75, 77)])
def test_requantised_codes(size):
    check("i8", "i8", "i32", "i8", *size, function=lambda sums: np.clip(np.floor(sums / 512), -128, 127),
          epilogue="""epilogue(%acc : i32) {
      %low = arith.constant -128 : i32
      %high = arith.constant 127 : i32
      %bits = arith.constant 9 : i32
      %0 = arith.shrsi %acc, %bits : i32
      %1 = arith.maxsi %0, %low : i32
      %2 = arith.minsi %1, %high : i32
      %3 = arith.trunci %2 : i32 to i8
      mpgemm.yield %3 : i8
    }""")
