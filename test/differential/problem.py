"""Random problems: a product with its operands' types, scales, layout, sizes, epilogue, schedule and data, all decided by
one seed. What is drawn for a target stands in support.py."""

import random
from dataclasses import dataclass, replace
from typing import Callable

import numpy as np
from schedules import draw_schedule
from support import FP8, INT8, SUPPORT, TARGETS, Family

from mpgemm import reference

# Sizes that find mistakes: 1, around powers of two and the tiles of the kernels (64, 128, 256), primes.
SIZES = [1, 2, 3, 5, 7, 8, 13, 15, 16, 17, 31, 32, 33, 37, 63, 64, 65, 72, 97, 127, 128, 129, 131, 192, 255, 256, 257]
# K also as nothing, and beyond two turns of a ring of four stages of 64.
DEPTHS = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 40, 63, 64, 65, 96, 127, 128, 129, 191, 256, 257, 320, 521, 577]
# Long sums, of thin operands.
DEEP, THIN = [2048, 4096, 4112, 16384], [1, 2, 5, 8, 16, 17]
# Products of all sizes: what the simulator does in a second.
LARGEST = 1 << 23


@dataclass
class Step:
    """One elementwise step behind the product; with an extra operand of a shape, if `extra` names one."""

    name: str
    apply: Callable
    extra: str | None = None  # row, column, matrix, scalar
    exact: bool = False  # keeps small integers exact; also means something for integers


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


@dataclass(frozen=True)
class Scaling:
    """Which elements of an operand share a scale: `outer` rows of A (columns of B) by `k` steps of K, 0 is all."""

    attribute: str  # as the dialect writes it
    outer: int
    k: int
    type: str
    zero: str | None = None  # type of the zero points that go with it
    has_scale: bool = True


@dataclass
class Problem:
    seed: int
    target: str
    family: Family
    form: str  # mpgemm or linalg: what the text is written in
    a_type: str
    b_type: str
    accumulate: str
    promote: object  # None, a number, or reference.NEVER
    product: str  # type of the product's value: of the linalg op's result; of the epilogue's first argument in mpgemm form
    work: str  # type the steps are computed in
    result: str
    saturates: bool  # a result of 8 bits is clamped before it is converted
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
    data: str
    a_scaling: Scaling | None = None
    b_scaling: Scaling | None = None
    extra: str = "f32"  # element type of the steps' operands
    schedule: str = ""
    view: str = ""  # of "a", "b": given as a part of a larger tensor

    def __str__(self) -> str:
        sizes = f"{'x'.join(map(str, self.batch)) + ' x ' if self.batch else ''}m={self.m} n={self.n} k={self.k}"
        layout = f"{'At ' if self.transpose_a else ''}{'Bt ' if self.transpose_b else ''}"
        layout += "shared B " if len(self.batch_b) < len(self.batch) else ""
        promote = f" promote {self.promote}" if self.promote else ""
        sides = [
            f" {name} {s.attribute if s.has_scale else ''}{s.type if s.has_scale else ''}{f' zero {s.zero}' if s.zero else ''}"
            for name, s in (("A", self.a_scaling), ("B", self.b_scaling))
            if s
        ]
        steps = ", ".join(step.name for step in self.steps) or "no epilogue"
        return (
            f"{self.target} {self.form} {sizes} {layout}{self.a_type}*{self.b_type}{' tf32' if self.family.tf32 else ''}"
            f"->{self.accumulate}{promote}{''.join(sides)}->{self.result}{' saturated' if self.saturates else ''}"
            f"{f' init {self.init}' if self.init else ''} [{steps}]"
            f"{f' dynamic {sorted(self.dynamic)}' if self.dynamic else ''}{f' view {self.view}' if self.view else ''} {self.data}"
            f"{f' {self.schedule}' if self.schedule else ''}"
        )

    @property
    def kind(self) -> str:
        """Under which name results are summed up."""
        scaled = any(s and s.has_scale for s in (self.a_scaling, self.b_scaling))
        types = self.a_type if self.a_type == self.b_type else f"{self.a_type} x {self.b_type}"
        promote = f" promote {self.promote}" if self.promote else ""
        tf32 = " tf32" if self.family.tf32 else ""
        return f"{types}{tf32} -> {self.accumulate}{promote}{' scaled' if scaled else ''}"

    def dims(self) -> dict[str, list[str]]:
        """The dimensions of every argument by name, in the order of the function; "k/32" is a 32nd of k, rounded up."""
        batch = [f"batch{i}" for i in range(len(self.batch))]
        batch_b = batch[len(batch) - len(self.batch_b) :]
        dims = {
            "a": [*batch, *(["k", "m"] if self.transpose_a else ["m", "k"])],
            "b": [*batch_b, *(["n", "k"] if self.transpose_b else ["k", "n"])],
        }
        if self.init:
            dims["c"] = [*batch, "m", "n"]
        kinds = {"row": ["m"], "column": ["n"], "scalar": [], "matrix": [*batch, "m", "n"]}
        dims |= {f"e{i}": kinds[step.extra] for i, step in enumerate(self.steps) if step.extra}
        for side, scaling in (("a", self.a_scaling), ("b", self.b_scaling)):
            if scaling is None:
                continue
            blocks = {"k": scaling.k, "m": scaling.outer, "n": scaling.outer}
            own = [d if blocks[d] == 1 else f"{d}/{blocks[d]}" for d in dims[side][-2:] if blocks[d]]
            if own and len(dims[side]) > 2 and self.seed % 2:  # a set of scales for each of the batch, or one for all
                own = [*dims[side][:-2], *own]
            if scaling.has_scale:
                dims[f"{side}_scale"] = own
            if scaling.zero:
                dims[f"{side}_zero"] = own if self.seed % 3 and scaling.has_scale else []
        return dims

    def margins(self) -> list[tuple[int, int]]:
        """Of a view: what the larger tensor has before and after it, along its last two dimensions."""
        return [(self.seed % 3, 1), ((8, 8), (16, 16), (3, 2), (0, 5))[self.seed % 4]]

    def sizes(self) -> dict[str, int]:
        return {"m": self.m, "n": self.n, "k": self.k, **{f"batch{i}": size for i, size in enumerate(self.batch)}}

    def size(self, dim: str) -> int:
        name, _, block = dim.partition("/")
        return -(-self.sizes()[name] // int(block or 1))

    def results(self) -> list[tuple[tuple[int, ...], str]]:
        """Shape and element type of each result."""
        return [((*self.batch, self.m, self.n), self.result)]

    def types(self) -> dict[str, str]:
        """The element type of every argument."""
        types = {"a": self.a_type, "b": self.b_type}
        if self.init:
            types["c"] = self.init
        types.update({f"e{i}": self.extra for i, step in enumerate(self.steps) if step.extra})
        for side, scaling in (("a", self.a_scaling), ("b", self.b_scaling)):
            if scaling:
                types[f"{side}_scale"], types[f"{side}_zero"] = scaling.type, scaling.zero
        return {name: types[name] for name in self.dims()}


def draw(seed: int, target: str | None = None, families: tuple | None = None) -> Problem:
    """The problem of a seed; `families` instead of those that the target lowers."""
    random_ = random.Random(seed)
    choose = random_.choice

    def chance(percent: int) -> bool:
        return random_.randrange(100) < percent

    drawn_target = choose(TARGETS)
    target = target or drawn_target
    families = families or SUPPORT[target]
    family = random_.choices(families, [f.weight for f in families])[0]
    form = choose(family.forms)
    a_type, b_type = choose(family.pairs)
    if form == "linalg" and "u8" in (a_type, b_type):
        form = "mpgemm"
    accumulate = choose(family.accumulate)
    promote = choose(family.promote) if form == "mpgemm" else None
    is_integer = a_type in INT8
    data = draw_data(random_, family, accumulate)

    batch = choose([(), (), (), (1,), (2,), (3,), (2, 3)])
    if form == "linalg":
        batch = batch[-1:]
    batch_b = batch if chance(60) else ()
    is_deep = chance(5)
    while True:
        m, n, k = (choose(THIN), choose(THIN), choose(DEEP)) if is_deep else (choose(SIZES), choose(SIZES), choose(DEPTHS))
        if data == "integers" and accumulate == "f16":
            k = min(k, 256)
        if int(np.prod(batch, dtype=int)) * m * n * max(k, 16) <= LARGEST:
            break

    a_scaling = b_scaling = None
    if form == "mpgemm" and family.scalings and chance(60):
        a_scaling, b_scaling = draw_scalings(random_, family, a_type, b_type)
    is_scaled = any(s and s.has_scale for s in (a_scaling, b_scaling))

    if form == "linalg" and is_integer:
        product = "i32"
    elif form == "linalg":
        product = choose([a_type, "f32"]) if a_type in ("f16", "bf16") else "f32"
    else:
        product = "f32" if is_scaled else accumulate
    work = choose(["i32", "f32"]) if product == "i32" and form == "mpgemm" else product
    results = ["i32", "i8"] if work == "i32" else [r for r in family.results if r != "i32"]
    result = choose([*results, *(r for r in results if r in (a_type, "bf16"))])
    if form == "linalg" and (product == "i32" or chance(30)):
        result = product
    saturates = result in INT8 or (result in FP8 and chance(60))

    exact_only = data in ("integers", "codes") or work not in ("f32",)  # activations of 16-bit ops are all rounding
    steps = random_.sample(arithmetic_steps() + ([] if exact_only else activation_steps()), choose([0, 1, 1, 2, 3]))
    if exact_only:
        steps = [step for step in steps if step.exact]
    init = None
    if chance(25):
        init = product if form == "linalg" or product == "i32" else choose([product, "f16" if product == "f16" else "bf16"])
    dynamic = frozenset(d for d in ("batch", "m", "n", "k") if chance(50)) if chance(35) else frozenset()
    problem = Problem(
        seed=seed, target=target, family=family, form=form, a_type=a_type, b_type=b_type, accumulate=accumulate,
        promote=promote, product=product, work=work, result=result, saturates=saturates, batch=batch, batch_b=batch_b,
        m=m, n=n, k=k, transpose_a=chance(35) and not family.k_major, transpose_b=chance(60) or family.k_major, init=init,
        steps=steps, split=chance(50), dynamic=dynamic, data=data, a_scaling=a_scaling, b_scaling=b_scaling,
        extra=choose(["f16", "bf16", "f32"]) if work == "f32" and form == "mpgemm" else work,
    )  # fmt: skip
    if chance(12) and not dynamic:
        problem.view = choose(["a", "b", "ab"])
    if form == "mpgemm" and family.schedules and chance(30):
        problem.schedule = draw_schedule(random_, problem)
    return problem


def draw_data(random_: random.Random, family: Family, accumulate: str) -> str:
    """What the elements are like; data.py makes them."""
    if family.pairs[0][0] in INT8:
        return random_.choices(["integers", "codes", "extreme"], [40, 50, 10])[0]
    kinds = ["integers", "normal", "wide", "positive", "special", "saturating", "cancellation", "denormal"]
    return random_.choices(kinds, [36, 26, 8, 8, 7, 5, 5, 5])[0]


def draw_scalings(random_: random.Random, family: Family, a_type: str, b_type: str):
    """Scales of A, of B or of both, from the kinds that the family has; with them zero points of integer codes."""
    choose = random_.choice
    sides = []
    kind = choose(family.scalings)
    for side in "ab":
        own = choose([kind, kind, kind, None]) if kind != "two-sided block" else kind
        type_ = choose(family.scale_types)
        zero = choose(["i8", "i32", None, None]) if family.zero_points and side == "a" else None
        code = a_type if side == "a" else b_type
        zero = code if zero == "i8" else zero
        scaling = {
            "tensor": Scaling("<per_tensor>", 0, 0, type_, zero),
            "outer": Scaling("<row>" if side == "a" else "<column>", 1, 0, type_, zero),
            "group 32": Scaling("<group = 32>", 1, 32, type_),
            "group 128": Scaling("<group = 128>", 1, 128, type_),
            "two-sided block": Scaling("<block = [1, 128]>", 1, 128, type_) if side == "a" else Scaling(
                "<block = [128, 128]>", 128, 128, type_),
            "mx": Scaling("<mx>", 1, 32, "f8E8M0FNU"),
            None: Scaling("", 0, 0, "", zero, has_scale=False) if zero else None,
        }[own]  # fmt: skip
        sides.append(scaling)
    if any(s and s.k for s in sides):  # zero points are folded into whole sums only
        sides = [replace(s, zero=None) if s and s.has_scale else None if s and s.zero else s for s in sides]
    return sides
