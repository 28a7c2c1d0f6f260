"""The MLP block as MLIR text in the form that torch-mlir writes, and its float64 reference.

    h = gelu(x W1^T + b1);  y = (h W2^T + b2) + x

torch-mlir turns nn.Linear into a transpose of the weight, a zero fill, a linalg.matmul and an addition of the bias; GELU
of a 16-bit tensor, once PyTorch has decomposed it, is a cast to f32, five elementwise ops and a cast back. Each is
a linalg.generic of its own. Weights are dense_resource constants.
"""

import ml_dtypes
import numpy as np

from mpgemm import reference
from weights import HIDDEN, INTERMEDIATE, Weights

LAYER = "encoder.layer.0"
DTYPES = {"bf16": np.dtype(ml_dtypes.bfloat16), "f16": np.dtype(np.float16), "f32": np.dtype(np.float32)}
PARAMETERS = {
    "up_weight": f"{LAYER}.intermediate.dense.weight",
    "up_bias": f"{LAYER}.intermediate.dense.bias",
    "down_weight": f"{LAYER}.output.dense.weight",
    "down_bias": f"{LAYER}.output.dense.bias",
}

SAME = "affine_map<(d0, d1) -> (d0, d1)>"
COLUMN = "affine_map<(d0, d1) -> (d1)>"


def parameters(weights: Weights, element: str) -> dict[str, np.ndarray]:
    """The block's four parameters, rounded to the element type."""
    return {short: weights[name].astype(DTYPES[element]) for short, name in PARAMETERS.items()}


def reference_of(x: np.ndarray, values: dict[str, np.ndarray], element: str) -> reference.Bounded:
    """The block in float64, with a bound on each element of a correct kernel's result; op for op as in the text."""
    up = reference.matmul(x, values["up_weight"].T).to(element) + reference.exact(values["up_bias"])
    hidden = reference.gelu_erf(up.to("f32")).to(element)
    down = reference.matmul(hidden, values["down_weight"].T).to(element) + reference.exact(values["down_bias"])
    return down + reference.exact(x)


def autocast_reference_of(x: np.ndarray, values: dict[str, np.ndarray], precision: str, short: bool) -> reference.Bounded:
    """The f32 block with both products in a lower precision, as `--autocast` makes them, with a bound. `short`: the
    target sums 8-bit floats in a short accumulator (sm_90a)."""
    up = lower_product(reference.exact(x), values["up_weight"], precision, short) + reference.exact(values["up_bias"])
    hidden = reference.gelu_erf(up.to("f32"))
    down = lower_product(hidden, values["down_weight"], precision, short) + reference.exact(values["down_bias"])
    return (down + reference.exact(x)).to("f32")


def lower_product(x: reference.Bounded, weight: np.ndarray, precision: str, short: bool) -> reference.Bounded:
    """x W^T of f32 values as autocast computes it: weights per channel, activations per token."""
    if precision == "tf32":
        return reference.matmul(x, weight.T, tf32=True)
    if precision in ("f16", "bf16"):
        return reference.matmul(x.to(precision), weight.T.astype(DTYPES[precision]))
    code = {"fp8": "f8E4M3FN", "int8": "i8"}[precision]
    codes, scales = reference.dynamic_quantize(x, code)
    weight_codes, weight_scales = quantize_weight(weight, code)
    product = reference.matmul(
        codes, weight_codes.T, accumulate="i32" if code == "i8" else "f32", short=short,
        a_scale=reference.Scale(scales.value[:, 0], 1), b_scale=reference.Scale(weight_scales, 1),
    )  # fmt: skip
    factors = np.abs(scales.value) * weight_scales
    error = product.error + 1.01 * np.abs(product.value) * (scales.error / scales.value)
    if code == "i8":  # a sum of integers is exact, but an uncertain code is not
        error += codes.error @ np.abs(weight_codes.astype(np.float64)).T * factors
    return reference.Bounded(product.value, error, "f32")


def quantize_weight(weight: np.ndarray, code: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes and scales of the rows of a weight, to the bit: the compiler's operations in f32."""
    largest = np.float32({"f8E4M3FN": 448, "i8": 127}[code])
    scales = np.maximum(np.abs(weight).max(axis=1) / largest, np.float32(2.0**-126))
    scaled = weight * (np.float32(1) / scales)[:, None]
    codes = np.clip(scaled, -largest, largest) if code != "i8" else np.clip(np.rint(scaled), -128, 127)
    return codes.astype(reference.dtype_of(code)), scales


class _Text:
    """Lines of a function body; each op's result gets the next number."""

    def __init__(self):
        self.lines, self.count = [], 0

    def add(self, text: str) -> str:
        name, self.count = f"%{self.count}", self.count + 1
        self.lines.append(f"    {name} = {text}")
        return name

    def empty(self, type: str) -> str:
        size = "%tokens" if type.startswith("tensor<?") else ""
        return self.add(f"tensor.empty({size}) : {type}")

    def generic(self, inputs: list[tuple[str, str, str]], result: str, body: list[str]) -> str:
        """`inputs`: name, type and map of each. In the body, %in, %in_0, ... are the elements, %out the result's last."""
        out = self.empty(result)
        maps = ", ".join([*(m for _, _, m in inputs), SAME])
        names, types = ", ".join(n for n, _, _ in inputs), ", ".join(t for _, t, _ in inputs)
        scalars = ["%in", *(f"%in_{i}" for i in range(len(inputs) - 1)), "%out"]
        elements = [t.rsplit("x", 1)[1][:-1] for t in (*(t for _, t, _ in inputs), result)]
        block = ", ".join(f"{s}: {e}" for s, e in zip(scalars, elements))
        text = (
            f'linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel", "parallel"]}} '
            f"ins({names} : {types}) outs({out} : {result}) {{\n    ^bb0({block}):\n"
        )
        text += "".join(f"      {line}\n" for line in body)
        text += f"      linalg.yield %r : {elements[-1]}\n    }} -> {result}"
        return self.add(text)

    def linear(self, x: str, rows, inner: int, columns: int, element: str, weight: str, bias: str) -> str:
        """x W^T + b; `rows` may be "?"."""
        stored, turned = f"tensor<{columns}x{inner}x{element}>", f"tensor<{inner}x{columns}x{element}>"
        given, result = f"tensor<{rows}x{inner}x{element}>", f"tensor<{rows}x{columns}x{element}>"
        out = self.empty(turned)
        transposed = self.add(
            f"linalg.transpose ins({weight} : {stored}) outs({out} : {turned}) permutation = [1, 0]"
        )
        zeros = self.add(f"linalg.fill ins(%zero : {element}) outs({self.empty(result)} : {result}) -> {result}")
        product = self.add(
            f"linalg.matmul ins({x}, {transposed} : {given}, {turned}) outs({zeros} : {result}) -> {result}"
        )
        operands = [(product, result, SAME), (bias, f"tensor<{columns}x{element}>", COLUMN)]
        return self.generic(operands, result, [f"%r = arith.addf %in, %in_0 : {element}"])

    def gelu(self, x: str, rows, columns: int, element: str) -> str:
        narrow, wide = f"tensor<{rows}x{columns}x{element}>", f"tensor<{rows}x{columns}xf32>"
        single = x
        if element != "f32":
            single = self.generic([(x, narrow, SAME)], wide, [f"%r = arith.extf %in : {element} to f32"])
        half = self.generic(
            [(single, wide, SAME)], wide, ["%c = arith.constant 5.000000e-01 : f32", "%r = arith.mulf %in, %c : f32"]
        )
        scaled = self.generic(
            [(single, wide, SAME)], wide, ["%c = arith.constant 0.707106769 : f32", "%r = arith.mulf %in, %c : f32"]
        )
        erf = self.generic([(scaled, wide, SAME)], wide, ["%r = math.erf %in : f32"])
        shifted = self.generic(
            [(erf, wide, SAME)], wide, ["%c = arith.constant 1.000000e+00 : f32", "%r = arith.addf %in, %c : f32"]
        )
        product = self.generic([(half, wide, SAME), (shifted, wide, SAME)], wide, ["%r = arith.mulf %in, %in_0 : f32"])
        if element == "f32":
            return product
        return self.generic([(product, wide, SAME)], narrow, [f"%r = arith.truncf %in : f32 to {element}"])


def mlir_text(values: dict[str, np.ndarray], element: str, tokens: int | None) -> str:
    """The module; with tokens=None the number of tokens is left to the call."""
    rows = "?" if tokens is None else tokens
    outer = f"tensor<{rows}x{HIDDEN}x{element}>"
    body = _Text()
    if tokens is None:
        body.lines += ["    %c0 = arith.constant 0 : index", f"    %tokens = tensor.dim %x, %c0 : {outer}"]
    body.lines.append(f"    %zero = arith.constant 0.000000e+00 : {element}")
    for name, value in values.items():
        type = f"tensor<{'x'.join(map(str, value.shape))}x{element}>"
        body.lines.append(f"    %{name} = arith.constant dense_resource<{name}> : {type}")
    up = body.linear("%x", rows, HIDDEN, INTERMEDIATE, element, "%up_weight", "%up_bias")
    hidden = body.gelu(up, rows, INTERMEDIATE, element)
    down = body.linear(hidden, rows, INTERMEDIATE, HIDDEN, element, "%down_weight", "%down_bias")
    result = body.generic(
        [(down, outer, SAME), ("%x", outer, SAME)], outer, [f"%r = arith.addf %in, %in_0 : {element}"]
    )
    lines = [f"func.func @main(%x: {outer}) -> {outer} {{", *body.lines, f"    return {result} : {outer}", "}", ""]
    lines += ["{-#", "  dialect_resources: {", "    builtin: {"]
    # A blob starts with its alignment as four little-endian bytes.
    blobs = [f'      {name}: "0x10000000{value.tobytes().hex().upper()}"' for name, value in values.items()]
    lines += [",\n".join(blobs), "    }", "  }", "#-}", ""]
    return "\n".join(lines)
