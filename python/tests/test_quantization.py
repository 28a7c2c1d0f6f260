"""quantize, dequantize, dynamic_quantize and products with scales and zero points, compiled and run, against the formulas
of the mpgemm dialect step by step in NumPy's float32 and int32: to the bit."""

import numpy as np
import pytest
from scalar_kernels import BF16, DEVICES, E4M3, E5M2, E8M0, F16, F32, NAMES

import mpgemm

TARGETS = ["sm_80", "sm_90a"]
CODES = [E4M3, E5M2, np.int8]
LARGEST = {E4M3: 448.0, E5M2: 57344.0, np.int8: 127.0}


def tensor(array):
    return f"tensor<{'x'.join(map(str, [*array.shape, NAMES.get(array.dtype.type, str(array.dtype).replace('int', 'i'))]))}>"


def run(text, arrays, target, function="main"):
    return getattr(mpgemm.load(mpgemm.compile(text, target), DEVICES[target]), function)(*arrays)


def same(got, expected):
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.dtype == expected.dtype and got.shape == expected.shape
    width = {1: np.uint8, 2: np.uint16, 4: np.uint32}[got.dtype.itemsize]
    with np.errstate(all="ignore"):
        nan = np.isnan(got.astype(F32)) & np.isnan(expected.astype(F32))
    wrong = np.argwhere((got.view(width) != expected.view(width)) & ~nan)
    assert len(wrong) == 0, f"{len(wrong)} of {got.size} differ: " + "; ".join(
        f"{tuple(map(int, i))}: got {got[tuple(i)]!r}, expected {expected[tuple(i)]!r}" for i in wrong[:5]
    )


def values(shape, dtype=F32, seed=0):
    """Normal ones of many magnitudes, with zeros, infinities and NaN among them."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal(shape) * np.exp2(generator.integers(-8, 9, shape))
    flat = x.reshape(-1)
    flat[generator.choice(flat.size, 4, replace=False)] = [np.nan, np.inf, -np.inf, 0.0]
    return x.astype(dtype)


def codes_of(x, scale, code, zero=0, unsigned=False):
    with np.errstate(all="ignore"):
        y = x.astype(F32) * (F32(1) / scale.astype(F32))
        if code is not np.int8:
            y = np.where(np.isnan(y), y, np.clip(y, -LARGEST[code], LARGEST[code]))
            return y.astype(F32).astype(code)
        y = np.rint(y) + F32(zero)
        low, high = (0, 255) if unsigned else (-128, 127)
        return np.where(np.isnan(y), 0, np.clip(y, low, high)).astype(np.int32).astype(np.uint8).view(np.int8)


def spread(scale, shape, kind):
    """The scale of each element."""
    if kind == "<per_tensor>":
        return np.broadcast_to(scale, shape)
    if kind == "<row>":
        return np.broadcast_to(scale[..., None], shape)
    if kind == "<column>":
        return np.broadcast_to(scale[..., None, :], shape)
    outer, inner = (1, 32) if kind in ("<group = 32>", "<mx>") else (16, 32)
    return np.repeat(np.repeat(scale, outer, -2), inner, -1)[..., : shape[-2], : shape[-1]]


def scale_shape(shape, kind):
    rows, columns = shape[-2:]
    own = {"<per_tensor>": (), "<row>": (rows,), "<column>": (columns,), "<group = 32>": (rows, -(-columns // 32)),
           "<mx>": (rows, -(-columns // 32)), "<block = [16, 32]>": (-(-rows // 16), -(-columns // 32))}  # fmt: skip
    return (*shape[:-2], *own[kind])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ["<per_tensor>", "<row>", "<column>", "<group = 32>", "<block = [16, 32]>"])
@pytest.mark.parametrize("code", CODES)
def test_given_scales_there_and_back(code, kind, target):
    x = values((21, 77), BF16)
    scale_type = {E4M3: F16, E5M2: E8M0, np.int8: F32}[code]
    scale = np.exp2(np.random.default_rng(1).integers(-4, 5, scale_shape(x.shape, kind))) * (1 if scale_type is E8M0 else 1.3)
    scale = np.asarray(scale).astype(scale_type)
    q = codes_of(x, spread(scale, x.shape, kind), code)
    text = f"""
func.func @main(%x: {tensor(x)}, %s: {tensor(scale)}) -> ({tensor(q)}, tensor<21x77xf32>) {{
  %q = mpgemm.quantize(%x : {tensor(x)} scale {kind} %s : {tensor(scale)}) -> {tensor(q)}
  %y = mpgemm.dequantize(%q : {tensor(q)} scale {kind} %s : {tensor(scale)}) -> tensor<21x77xf32>
  return %q, %y : {tensor(q)}, tensor<21x77xf32>
}}"""
    got, back = run(text, [x, scale], target)
    same(got, q)
    with np.errstate(all="ignore"):
        same(back, q.astype(F32) * spread(scale, x.shape, kind).astype(F32))


@pytest.mark.parametrize("target", TARGETS)
def test_unsigned_codes_with_zero_points(target):
    x, scale = values((9, 40), seed=2), np.linspace(0.5, 3, 9, dtype=F32)
    zero = np.arange(9, dtype=np.int32) * 25
    q = codes_of(x, scale[:, None], np.int8, zero[:, None], unsigned=True)
    text = f"""
func.func @main(%x: {tensor(x)}, %s: {tensor(scale)}, %z: {tensor(zero)}) -> ({tensor(q)}, tensor<9x40xf32>) {{
  %q = mpgemm.quantize(%x : {tensor(x)} scale <row> %s : {tensor(scale)} zero_point %z : {tensor(zero)}) unsigned -> {tensor(q)}
  %y = mpgemm.dequantize(%q : {tensor(q)} scale <row> %s : {tensor(scale)} zero_point %z : {tensor(zero)}) unsigned -> tensor<9x40xf32>
  return %q, %y : {tensor(q)}, tensor<9x40xf32>
}}"""
    got, back = run(text, [x, scale, zero], target)
    same(got, q)
    same(back, (q.view(np.uint8).astype(np.int32) - zero[:, None]).astype(F32) * scale[:, None])


def dynamic_scales(x, kind, code, scale_type):
    """max(amax / qmax, 2^-126) in f32; a power of two not below it for f8E8M0FNU."""
    magnitude = np.abs(x.astype(F32))
    rows, columns = x.shape[-2:]
    outer, inner = {"<per_tensor>": (rows, columns), "<row>": (1, columns), "<column>": (rows, 1), "<group = 32>": (1, 32),
                    "<mx>": (1, 32), "<block = [16, 32]>": (16, 32)}[kind]  # fmt: skip
    amax = np.maximum.reduceat(np.maximum.reduceat(magnitude, np.arange(0, rows, outer), -2), np.arange(0, columns, inner), -1)
    scale = np.maximum(amax / F32(LARGEST[code]), F32(2.0**-126)).astype(F32).reshape(scale_shape(x.shape, kind))
    if scale_type is F32:
        return scale
    mantissa, exponent = np.frexp(scale)
    with np.errstate(all="ignore"):
        power = np.ldexp(F32(1), np.where(mantissa == 0.5, exponent - 1, exponent))
    return np.where(np.isfinite(scale), power, np.nan).astype(E8M0)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind, scale_type", [("<row>", F32), ("<group = 32>", F32), ("<mx>", E8M0), ("<per_tensor>", F32),
                                              ("<block = [16, 32]>", F32), ("<column>", F32)])  # fmt: skip
@pytest.mark.parametrize("code", CODES)
def test_dynamic_scales(code, kind, scale_type, target):
    x = values((21, 77), BF16, seed=3)
    if kind == "<per_tensor>":
        x = np.where(np.isfinite(x), x, BF16(1))
    x[2] = 0
    scale = dynamic_scales(x, kind, code, scale_type)
    q = codes_of(x, spread(scale, x.shape, kind), code)
    text = f"""
func.func @main(%x: tensor<?x77xbf16>) -> (tensor<?x77x{NAMES[code]}>, {tensor(scale)}) {{
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<?x77xbf16>) {kind} -> tensor<?x77x{NAMES[code]}>, {tensor(scale)}
  return %q, %s : tensor<?x77x{NAMES[code]}>, {tensor(scale)}
}}"""
    got, scales = run(text, [x], target)
    same(scales, scale)
    same(got, q)


def integers(shape, dtype, seed, low=-128, high=127):
    return np.random.default_rng(seed).integers(low, high + 1, shape).astype(dtype)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("layout", ["transposed", "", "constant"])
@pytest.mark.parametrize("unsigned", ["", "unsigned"])
def test_int8_products_with_scales_and_zero_points(unsigned, layout, target):
    m, n, k = 37, 48, 112
    a, b = integers((m, k), np.int8, 1), integers((n, k), np.int8, 2)
    za, zb = integers((m,), np.int32, 3, -100, 200), np.array(-7, np.int32)
    sa, sb = np.linspace(0.01, 2, m, dtype=F32), np.linspace(0.5, 1.7, n).astype(F16)
    c = values((m, n), F16, seed=4)
    codes = a.view(np.uint8) if unsigned else a
    total = (codes.astype(np.int32) - za[:, None]) @ (b.astype(np.int32) - zb).T
    with np.errstate(all="ignore"):
        expected = ((total.astype(F32) * sa[:, None]) * sb.astype(F32) + c.astype(F32)).astype(BF16)
    stored = b if layout == "transposed" else np.ascontiguousarray(b.T)
    literal = "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in stored.tolist()) + "]"
    weights, constant = f", %b: {tensor(stored)}", ""
    if layout == "constant":
        weights, constant = "", f"%b = arith.constant dense<{literal}> : {tensor(stored)}"
    text = f"""
func.func @main(%a: {tensor(a)}, %za: {tensor(za)}, %zb: tensor<i32>, %sa: {tensor(sa)}, %sb: {tensor(sb)}, %c: {tensor(c)}{weights})
    -> {tensor(expected)} {{
  {constant}
  %d = mpgemm.matmul(%a {unsigned} : {tensor(a)} scale <row> %sa : {tensor(sa)} zero_point %za : {tensor(za)},
                     %b {"transposed" if layout == "transposed" else ""} : {tensor(stored)} scale <column> %sb : {tensor(sb)}
                     zero_point %zb : tensor<i32>) init(%c : {tensor(c)}) accumulate <i32> -> {tensor(expected)}
  return %d : {tensor(expected)}
}}"""
    arrays = [a, za, zb, sa, sb, c] + ([] if layout == "constant" else [stored])
    same(run(text, arrays, target), expected)


@pytest.mark.parametrize("target", TARGETS)
def test_quantize_dequantize_form_is_a_product_of_codes(target):
    """Activations quantised with a given scale, weights of a scale for each row, as exporters write them; the result is
    requantised. The program must hold no product of f32."""
    m, n, k = 40, 32, 96
    x, w = values((m, k), F32, seed=5), integers((n, k), np.int8, 6)
    x = np.where(np.isfinite(x), x, F32(1)).astype(F32)
    sx, sw, sy = np.array(0.25, F32), np.linspace(0.001, 0.01, n, dtype=F32), np.array(3.0, F32)
    codes = codes_of(x, sx, np.int8)
    total = codes.astype(np.int32) @ w.astype(np.int32).T
    expected = codes_of((total.astype(F32) * sx) * sw, sy, np.int8)
    text = f"""
func.func @main(%x: {tensor(x)}, %w: {tensor(w)}, %sx: tensor<f32>, %sw: {tensor(sw)}, %sy: tensor<f32>) -> {tensor(expected)} {{
  %q = mpgemm.quantize(%x : {tensor(x)} scale <per_tensor> %sx : tensor<f32>) -> tensor<{m}x{k}xi8>
  %dq = mpgemm.dequantize(%q : tensor<{m}x{k}xi8> scale <per_tensor> %sx : tensor<f32>) -> {tensor(x)}
  %dw = mpgemm.dequantize(%w : {tensor(w)} scale <row> %sw : {tensor(sw)}) -> tensor<{n}x{k}xf32>
  %t = tensor.empty() : tensor<{k}x{n}xf32>
  %wt = linalg.transpose ins(%dw : tensor<{n}x{k}xf32>) outs(%t : tensor<{k}x{n}xf32>) permutation = [1, 0]
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<{m}x{n}xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  %d = linalg.matmul ins(%dq, %wt : {tensor(x)}, tensor<{k}x{n}xf32>) outs(%f : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  %r = mpgemm.quantize(%d : tensor<{m}x{n}xf32> scale <per_tensor> %sy : tensor<f32>) -> {tensor(expected)}
  return %r : {tensor(expected)}
}}"""
    program = mpgemm.compile(text, target)
    same(mpgemm.load(program, DEVICES[target]).main(x, w, sx, sw, sy), expected)
    ptx = program.path.read_text()
    assert ".s32.s8.s8" in ptx and "mma.f32" not in ptx and ".tf32" not in ptx


@pytest.mark.parametrize("target", ["sm_89", "sm_90a"])
@pytest.mark.parametrize("layout", ["transposed", ""])
def test_fp8_products_of_integers_with_scales(layout, target):
    m, n, k = 20, 24, 160
    a, b = integers((m, k), E4M3, 7, -8, 8), integers((n, k), E5M2, 8, -3, 3)
    sa, sb = np.linspace(0.5, 4, m).astype(F32), np.array(1.7, F32)
    total = (a.astype(F32) @ b.astype(F32).T).astype(F32)
    expected = codes_of((total * sa[:, None]) * sb, np.array(2.0, F32), E4M3)
    stored = b if layout else np.ascontiguousarray(b.T)
    text = f"""
func.func @main(%a: {tensor(a)}, %b: {tensor(stored)}, %sa: {tensor(sa)}, %sb: tensor<f32>) -> {tensor(expected)} {{
  %d = mpgemm.matmul(%a : {tensor(a)} scale <row> %sa : {tensor(sa)}, %b {layout} : {tensor(stored)} scale <per_tensor> %sb : tensor<f32>)
      accumulate <f32> -> tensor<{m}x{n}xf32>
  %s = arith.constant dense<2.0> : tensor<f32>
  %q = mpgemm.quantize(%d : tensor<{m}x{n}xf32> scale <per_tensor> %s : tensor<f32>) -> {tensor(expected)}
  return %q : {tensor(expected)}
}}"""
    same(run(text, [a, stored, sa, sb], target), expected)
