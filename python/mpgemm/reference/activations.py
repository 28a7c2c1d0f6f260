"""The activations that models use, written op for op as importers write them."""

import math

from .bounded import Bounded


def relu(x: Bounded) -> Bounded:
    return x.maximum(0.0)


def clamp(x: Bounded, low: float, high: float) -> Bounded:
    return x.maximum(low).minimum(high)


def sigmoid(x: Bounded) -> Bounded:
    """1 / (1 + exp(-x))"""
    return 1.0 / ((-x).exp() + 1.0)


def silu(x: Bounded) -> Bounded:
    return x * sigmoid(x)


def gelu_erf(x: Bounded) -> Bounded:
    """x * (1 + erf(x / sqrt 2)) / 2, the exact form"""
    return x * (((x * (1 / math.sqrt(2))).erf() + 1.0) * 0.5)


def gelu_tanh(x: Bounded) -> Bounded:
    """0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))"""
    cubic = x * x * x * 0.044715
    inner = (x + cubic) * math.sqrt(2 / math.pi)
    return x * ((inner.tanh() + 1.0) * 0.5)


def tanh(x: Bounded) -> Bounded:
    return x.tanh()


ACTIVATIONS = {
    "relu": relu,
    "sigmoid": sigmoid,
    "silu": silu,
    "gelu_erf": gelu_erf,
    "gelu_tanh": gelu_tanh,
    "tanh": tanh,
}
