"""Kernels written in mptile that load a fragment, reduce it and store it, in every layout, against NumPy.

They run in the simulator, or on the device that MPGEMM_TEST_DEVICE names (cuda)."""

import os

import ml_dtypes
import numpy as np
import pytest

import mpgemm

BF16, F16, F32, I32 = ml_dtypes.bfloat16, np.float16, np.float32, np.int32
NAMES = {BF16: "bf16", F16: "f16", F32: "f32", I32: "i32"}
DEVICE = os.environ.get("MPGEMM_TEST_DEVICE")
DEVICES = {"sm_80": DEVICE or "sim:arch=sm_80,sms=2", "sm_90a": DEVICE or "sim:sms=2"}
REDUCE = {
    "add": lambda x, axis: x.sum(axis),
    "max": lambda x, axis: x.max(axis),
    "min": lambda x, axis: x.min(axis),
    "abs_max": lambda x, axis: np.abs(x).max(axis),
}

BODY = """
    %f = mptile.load_fragment %x[%row, %c0] {{map = affine_map<(r, c) -> (r, c)>, alignment = {alignment} : i64}}
        : !mptile.view<{shape}> -> !mptile.frag<{rows}x{columns}x{t}, {layout}>
    %m = mptile.reduce %f {{kind = #mptile.reduction<{kind}>, axis = {axis} : i64}}
        : !mptile.frag<{rows}x{columns}x{t}, {layout}> -> !mptile.frag<{reduced}x{t}, {layout}>
    %d = mptile.map %f, %m {{
    ^bb0(%a: {t}, %b: {t}):
      %s = arith.{sub} %a, %b : {t}
      mptile.yield %s : {t}
    }} : (!mptile.frag<{rows}x{columns}x{t}, {layout}>, !mptile.frag<{reduced}x{t}, {layout}>) -> !mptile.frag<{rows}x{columns}x{t}, {layout}>
    mptile.store_fragment %m, %y[{place}] {{map = affine_map<(r, c) -> ({kept})>}} : !mptile.frag<{reduced}x{t}, {layout}>, !mptile.view<{out}x{t}>
    mptile.store_fragment %d, %z[%row, %c0] {{map = affine_map<(r, c) -> (r, c)>, alignment = {alignment} : i64}}
        : !mptile.frag<{rows}x{columns}x{t}, {layout}>, !mptile.view<{shape}>
"""

MODULE = """
mptile.kernel @k(%x: !mptile.view<{shape}>, %y: !mptile.view<{out}x{t}>, %z: !mptile.view<{shape}>) attributes {{target = "{target}", threads = {threads} : i64}} {{
  %c0 = arith.constant 0 : index
  {body}
  mptile.return
}}
func.func @main(%x: tensor<{shape}>) -> (tensor<{out}x{t}>, tensor<{shape}>) {{
  %one = arith.constant 1 : index
  %y = tensor.empty() : tensor<{out}x{t}>
  %z = tensor.empty() : tensor<{shape}>
  %r:2 = mptile.launch @k ins(%x : tensor<{shape}>) outs(%y, %z : tensor<{out}x{t}>, tensor<{shape}>)
      grid(%one, %one, %one) -> tensor<{out}x{t}>, tensor<{shape}>
  return %r#0, %r#1 : tensor<{out}x{t}>, tensor<{shape}>
}}
"""


def write(view, fragment, layout, dtype, kind, axis, target, alignment, warps, instances=1):
    """A kernel whose `instances` take a fragment each, one below the other."""
    rows, columns = fragment
    values = {
        "shape": f"{view[0]}x{view[1]}x{NAMES[dtype]}", "t": NAMES[dtype], "rows": rows, "columns": columns, "layout": layout,
        "kind": kind, "axis": axis, "target": target, "alignment": alignment, "threads": 32 * warps * instances,
        "reduced": f"{rows}x1" if axis == 1 else f"1x{columns}", "out": view[1 - axis], "kept": "r" if axis == 1 else "c",
        "place": "%row" if axis == 1 else "%c0", "sub": "subi" if dtype == I32 else "subf",
    }
    body = BODY.format(**values)
    if instances == 1:
        body = body.replace("%row", "%c0")
    else:
        body = f"""
  %rows = arith.constant {rows} : index
  mptile.roles [#mptile.role<"worker", instances = {instances}, warps = {warps}, registers = 0>] {{
  ^bb0(%instance: index):
    %row = arith.muli %instance, %rows : index
    {body}
  }}"""
    return MODULE.format(body=body, **values)


def draw(view, dtype, seed=1):
    """Integers so small that their sums are exact in 8 bits."""
    return np.random.default_rng(seed).integers(-1, 2, view).astype(dtype)


def check(view, fragment, layout, dtype, kind, axis, target, alignment, warps, instances=1, x=None):
    text = write(view, fragment, layout, dtype, kind, axis, target, alignment, warps, instances)
    x = draw(view, dtype) if x is None else x
    y, z = mpgemm.load(mpgemm.compile(text, target), DEVICES[target]).main(x)
    # What lies outside the view is 0.
    padded = np.zeros((fragment[0] * instances, fragment[1]), np.float32)
    padded[: view[0], : view[1]] = x
    expected = REDUCE[kind](padded, axis)
    np.testing.assert_array_equal(y.astype(np.float32), expected[: len(y)])
    expected = expected.astype(dtype)[: len(y)]
    spread = expected[:, None] if axis == 1 else expected[None, :]
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(z.astype(np.float32), (x - spread).astype(np.float32))


# View, fragment, layout, type, alignment, warps: whole fragments and ragged ones, vectors of each width, and rows that one lane,
# a few lanes, a warp or several warps share.
CASES = {
    "product layout": ((64, 64), (64, 64), "warps = 4x1", F32, 8, 4),
    "product layout, ragged": ((61, 58), (64, 64), "warps = 4x1", BF16, 4, 4),
    "product layout, odd columns": ((50, 61), (64, 64), "warps = 2x2", BF16, 2, 4),
    "a warp a row": ((8, 512), (8, 512), "warps = 4x1, lanes = 32, vector = 8", BF16, 16, 4),
    "a warp a row, ragged": ((7, 504), (8, 512), "warps = 4x1, lanes = 32, vector = 8", F16, 16, 4),
    "unaligned": ((7, 501), (8, 512), "warps = 4x1, lanes = 32, vector = 8", BF16, 2, 4),
    "four lanes a row": ((32, 64), (32, 64), "warps = 2x1, lanes = 4, vector = 8", BF16, 16, 2),
    "a lane a row": ((64, 24), (64, 24), "warps = 1x1, lanes = 1, vector = 4", F32, 16, 1),
    "four warps a row": ((3, 2040), (3, 2048), "warps = 1x4, lanes = 32, vector = 8", BF16, 16, 4),
    "two by two warps": ((8, 320), (8, 384), "warps = 2x2, lanes = 16, vector = 4", F32, 16, 4),
    "32 bytes a lane": ((4, 1024), (4, 1024), "warps = 2x1, lanes = 32, vector = 8", F32, 16, 2),
    "integers": ((5, 250), (8, 256), "warps = 2x1, lanes = 16, vector = 4", I32, 4, 2),
}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("case", CASES)
def test_reduce(case, axis):
    view, fragment, layout, dtype, alignment, warps = CASES[case]
    check(view, fragment, layout, dtype, "add", axis, "sm_90a", alignment, warps)


@pytest.mark.parametrize(
    "kind, dtype",
    [(kind, dtype) for kind in ("max", "min") for dtype in (BF16, F16, F32, I32)] + [("abs_max", dtype) for dtype in (BF16, F16, F32)],
)
def test_kinds(kind, dtype):
    x = np.random.default_rng(2).integers(-100, 100, (8, 250)).astype(dtype)
    check(x.shape, (8, 256), "warps = 1x2, lanes = 16, vector = 4", dtype, kind, 1, "sm_80", 4, 2, x=x)


@pytest.mark.parametrize("layout", ["warps = 2x2", "warps = 2x2, lanes = 8, vector = 4"])
def test_instances_reduce_apart(layout):
    check((64, 128), (32, 128), layout, F32, "add", 1, "sm_90a", 8, 4, instances=2)


@pytest.mark.parametrize("kind", ["max", "min", "abs_max"])
@pytest.mark.parametrize("dtype", [BF16, F32])
def test_nan_and_infinity(kind, dtype):
    x = draw((8, 256), dtype)
    x[1, 255] = np.nan
    x[2, 17], x[3, 18] = np.inf, -np.inf
    text = write((8, 256), (8, 256), "warps = 1x2, lanes = 16, vector = 8", dtype, kind, 1, "sm_90a", 16, 2)
    y, _ = mpgemm.load(mpgemm.compile(text, "sm_90a"), DEVICES["sm_90a"]).main(x)
    np.testing.assert_array_equal(y.astype(np.float32), REDUCE[kind](x.astype(np.float32), 1))
