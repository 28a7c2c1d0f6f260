"""Float64 references of products with epilogues, with a bound on the error of each element.

    acc = reference.matmul(a, b)                       # f32 accumulation
    out = reference.gelu_erf(acc + reference.exact(bias)).to("bf16")
    reference.check(got, out, context="seed 7")

docs/numerics.md derives the bounds.
"""

from .activations import ACTIVATIONS, clamp, gelu_erf, gelu_tanh, relu, sigmoid, silu, tanh
from .bounded import FUNCTION_ULP, Bounded
from .check import Comparison, NumericsError, check, compare
from .formats import FORMATS, Format, Integers, dtype_of, format_of
from .product import NEVER, PROMOTE, Scale, accumulation_bound, matmul
from .quantization import dequantize, dynamic_quantize, quantize, saturate, spread

exact = Bounded.exact
