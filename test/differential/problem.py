"""Random problems: a product with its operands' layout, sizes, epilogue and data, all decided by one seed."""

import random
from dataclasses import dataclass
from typing import Callable

import numpy as np

from mpgemm import reference

# Sizes that find mistakes: 1, around powers of two and the tiles of the kernels (64, 128, 256), primes.
SIZES = [1, 2, 3, 5, 7, 8, 13, 15, 16, 17, 31, 32, 33, 37, 63, 64, 65, 72, 97, 127, 128, 129, 131, 192, 255, 256, 257]
# K also as nothing, and beyond two turns of a ring of four stages of 64.
DEPTHS = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 40, 63, 64, 65, 96, 127, 128, 129, 191, 256, 257, 320, 521, 577]
# Products of all sizes: what the simulator does in a second.
LARGEST = 1 << 23


@dataclass
class Step:
    """One elementwise step behind the product; with an extra operand of a shape, if `extra` names one."""

    name: str
    apply: Callable
    extra: str | None = None  # row, column, matrix, scalar
    exact: bool = False  # keeps small integers exact


def arithmetic_steps() -> list[Step]:
    return [
        Step("bias", lambda x, e: x + e, "column", True),
        Step("residual", lambda x, e: x + e, "matrix", True),
        Step("row-scale", lambda x, e: x * e, "row", True),
        Step("column-scale", lambda x, e: x * e, "column", True),
        Step("gate", lambda x, e: x * e, "matrix", True),
        Step("offset", lambda x, e: x + e, "scalar", True),
        Step("relu", reference.relu, None, True),
        Step("clamp", lambda x: reference.clamp(x, -8.0, 48.0), None, True),
    ]


def activation_steps() -> list[Step]:
    return [Step(name, function) for name, function in reference.ACTIVATIONS.items() if name != "relu"]


@dataclass
class Problem:
    seed: int
    target: str
    form: str  # mpgemm or linalg: what the text is written in
    element: str  # of A and B
    accumulate: str
    product: str  # type of the product's value: of the linalg op's result; the accumulator's in mpgemm form
    result: str
    batch: tuple[int, ...]
    batch_b: tuple[int, ...]
    m: int
    n: int
    k: int
    transpose_a: bool
    transpose_b: bool
    init: str | None
    steps: list[Step]
    split: bool  # linalg: one op a step
    dynamic: frozenset  # of "batch", "m", "n", "k"
    data: str  # integers, normal, wide, special

    def __str__(self) -> str:
        sizes = f"{'x'.join(map(str, self.batch)) + ' x ' if self.batch else ''}m={self.m} n={self.n} k={self.k}"
        layout = f"{'At ' if self.transpose_a else ''}{'Bt ' if self.transpose_b else ''}"
        layout += "shared B " if len(self.batch_b) < len(self.batch) else ""
        steps = ", ".join(step.name for step in self.steps) or "no epilogue"
        return (
            f"{self.target} {self.form} {sizes} {layout}{self.element}*{self.element}->{self.accumulate}->{self.result}"
            f"{f' init {self.init}' if self.init else ''} [{steps}]"
            f"{f' dynamic {sorted(self.dynamic)}' if self.dynamic else ''} {self.data}"
        )

    # Data --------------------------------------------------------------------------------------------------

    def shapes(self) -> dict[str, tuple]:
        """The shape of every argument, in the order of the function."""
        a = (self.k, self.m) if self.transpose_a else (self.m, self.k)
        b = (self.n, self.k) if self.transpose_b else (self.k, self.n)
        shapes = {"a": (*self.batch, *a), "b": (*self.batch_b, *b)}
        if self.init:
            shapes["c"] = (*self.batch, self.m, self.n)
        kinds = {"row": (self.m,), "column": (self.n,), "scalar": (), "matrix": (*self.batch, self.m, self.n)}
        for i, step in enumerate(self.steps):
            if step.extra:
                shapes[f"e{i}"] = kinds[step.extra]
        return shapes

    def types(self) -> dict[str, str]:
        """The element type of every argument."""
        types = {"a": self.element, "b": self.element}
        if self.init:
            types["c"] = self.init
        types.update({f"e{i}": self.product for i, step in enumerate(self.steps) if step.extra})
        return types

    def arguments(self) -> dict[str, np.ndarray]:
        generator = np.random.default_rng(self.seed)
        types = self.types()
        return {
            name: self._draw(generator, name, shape).astype(reference.format_of(types[name]).dtype)
            for name, shape in self.shapes().items()
        }

    def _draw(self, generator, name: str, shape) -> np.ndarray:
        if self.data == "integers":
            # f16 accumulation holds integers up to 2048
            reach = 1 if self.accumulate == "f16" else 3
            return generator.integers(-reach, reach + 1, shape).astype(np.float32)
        values = generator.standard_normal(shape).astype(np.float32)
        if self.data == "wide":  # magnitudes over six orders of two: sums that cancel
            values *= np.exp2(generator.integers(-3, 4, shape)).astype(np.float32)
        if self.data == "special" and name in "ab" and values.size:
            flat = values.reshape(-1)
            for special in (np.inf, -np.inf, np.nan, 1e-7, -0.0):
                flat[generator.integers(0, flat.size)] = special
            values = flat.reshape(shape)
        return values

    def reference(self, arguments: dict[str, np.ndarray]) -> reference.Bounded:
        a, b = arguments["a"], arguments["b"]
        a = a.swapaxes(-1, -2) if self.transpose_a else a
        b = b.swapaxes(-1, -2) if self.transpose_b else b
        value = reference.matmul(a, b, arguments.get("c"), self.accumulate)
        if not self.steps and self.result == "f32":
            value = value.perhaps_to(self.product)  # widened at once: --mpgemm-fuse folds the pair
        else:
            value = value.to(self.product)
        for i, step in enumerate(self.steps):
            if step.extra:
                extra = reference.exact(arguments[f"e{i}"])
                if step.extra == "row":
                    extra = extra.map_layout(lambda x: x[:, None])
                value = step.apply(value, extra)
            else:
                value = step.apply(value)
        return value.to(self.result)


def draw(seed: int, target: str | None = None) -> Problem:
    """The problem of a seed."""
    random_ = random.Random(seed)
    choose = random_.choice

    def chance(percent: int) -> bool:
        return random_.randrange(100) < percent

    drawn_target = choose(["sm_90a", "sm_80"])
    form, element = choose(["mpgemm", "linalg"]), choose(["f16", "bf16"])
    accumulate = "f16" if form == "mpgemm" and element == "f16" and chance(30) else "f32"
    data = random_.choices(["integers", "normal", "wide", "special"], [40, 40, 12, 8])[0]

    batch = choose([(), (), (), (1,), (2,), (3,), (2, 3)])
    if form == "linalg":
        batch = batch[-1:]
    batch_b = batch if chance(60) else ()
    while True:
        m, n, k = choose(SIZES), choose(SIZES), choose(DEPTHS)
        if data == "integers" and accumulate == "f16":
            k = min(k, 256)
        if int(np.prod(batch, dtype=int)) * m * n * max(k, 16) <= LARGEST:
            break

    product = accumulate if form == "mpgemm" else choose([element, "f32"])
    result = product if form == "linalg" and chance(30) else choose([element, element, "f32"])
    pool = arithmetic_steps() if data == "integers" else arithmetic_steps() + activation_steps()
    steps = random_.sample(pool, choose([0, 1, 1, 2, 3]))
    if product != "f32":  # polynomials of 16-bit ops are all rounding: not what models do
        steps = [step for step in steps if step.exact]
    init = None
    if chance(30):
        init = product if form == "linalg" else choose([accumulate, element])
    dynamic = frozenset(d for d in ("batch", "m", "n", "k") if chance(50)) if chance(40) else frozenset()
    return Problem(
        seed=seed, target=target or drawn_target, form=form, element=element, accumulate=accumulate, product=product,
        result=result, batch=batch, batch_b=batch_b, m=m, n=n, k=k, transpose_a=chance(40), transpose_b=chance(50),
        init=init, steps=steps, split=chance(50), dynamic=dynamic, data=data,
    )  # fmt: skip
