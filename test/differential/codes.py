"""Random problems of quantize, dequantize and dynamic_quantize: values to codes and back, with scales of every granularity.

What stands in support.py under CODES is drawn, as products are, from a seed alone."""

import random
from dataclasses import dataclass

import numpy as np
from support import CODES, SCALE_TYPES, VALUE_TYPES

from mpgemm import reference

ROWS = [1, 2, 3, 7, 8, 16, 17, 33, 64, 100, 129]
COLUMNS = [1, 2, 7, 31, 32, 33, 64, 96, 127, 128, 130, 256, 384, 513, 1000]
# Rows and columns of a block by scaling, 0 is all
BLOCKS = {
    "<per_tensor>": (0, 0), "<row>": (1, 0), "<column>": (0, 1), "<group = 32>": (1, 32), "<group = 128>": (1, 128),
    "<block = [4, 64]>": (4, 64), "<block = [128, 128]>": (128, 128), "<mx>": (1, 32),
}  # fmt: skip


@dataclass
class CodesProblem:
    seed: int
    target: str
    op: str  # quantize, dequantize, dynamic_quantize
    value_type: str
    code_type: str  # i8, u8, f8E4M3FN, f8E5M2
    scale_type: str
    scaling: str
    zero: str | None  # type of the zero points
    batch: tuple[int, ...]
    rows: int
    columns: int
    shares_scales: bool  # of the batch
    dynamic: frozenset  # of "batch", "rows", "columns"
    data: str

    @property
    def kind(self) -> str:
        return f"{self.op} {self.code_type}"

    @property
    def result(self) -> str:
        return self.value_type if self.op == "dequantize" else self.code_type

    def __str__(self) -> str:
        shape = "x".join(map(str, (*self.batch, self.rows, self.columns)))
        return (
            f"{self.target} {self.op} {shape} {self.value_type} {self.code_type} {self.scaling} {self.scale_type}"
            f"{f' zero {self.zero}' if self.zero else ''}{f' dynamic {sorted(self.dynamic)}' if self.dynamic else ''} {self.data}"
        )

    # Shapes ------------------------------------------------------------------------------------------------

    def dims(self) -> list[tuple[str, int]]:
        """Name and size of each dimension of the values."""
        batch = [("batch", size) for size in self.batch]
        return [*batch, ("rows", self.rows), ("columns", self.columns)]

    def scale_dims(self) -> list[tuple[str, int]]:
        batch = self.dims()[:-2]
        own = [(name, -(-size // block)) for (name, size), block in zip(self.dims()[-2:], BLOCKS[self.scaling]) if block]
        return [*([] if self.shares_scales or not own else batch), *own]

    def type_of(self, dims, element: str) -> str:
        sizes = ["?" if name in self.dynamic else str(size) for name, size in dims]
        return f"tensor<{'x'.join([*sizes, 'i8' if element == 'u8' else element])}>"

    def results(self) -> list[tuple[tuple[int, ...], str]]:
        """Shape and element type of each result."""
        shape = tuple(size for _, size in self.dims())
        if self.op == "dynamic_quantize":
            return [(shape, self.code_type), (tuple(size for _, size in self.scale_dims()), self.scale_type)]
        return [(shape, self.result)]

    # Text --------------------------------------------------------------------------------------------------

    def text(self) -> str:
        values, codes = self.type_of(self.dims(), self.value_type), self.type_of(self.dims(), self.code_type)
        scales = self.type_of(self.scale_dims(), self.scale_type)
        arguments = ", ".join(f"%{name}: {type_}" for name, type_ in self.argument_types().items())
        zero = f" zero_point %z : {self.argument_types()['z']}" if self.zero else ""
        unsigned = " unsigned" if self.code_type == "u8" else ""
        if self.op == "dynamic_quantize":
            returned, types = "%q, %s", f"{codes}, {scales}"
            line = f"%q, %s = mpgemm.dynamic_quantize(%x : {values}) {self.scaling} -> {types}"
        else:
            source, types = (values, codes) if self.op == "quantize" else (codes, values)
            returned = "%y"
            line = f"%y = mpgemm.{self.op}(%x : {source} scale {self.scaling} %s : {scales}{zero}){unsigned} -> {types}"
        wrapped = f"({types})" if "," in returned else types
        return f"func.func @main({arguments}) -> {wrapped} {{\n  {line}\n  return {returned} : {types}\n}}\n"

    def argument_types(self) -> dict[str, str]:
        types = {"x": self.type_of(self.dims(), self.code_type if self.op == "dequantize" else self.value_type)}
        if self.op != "dynamic_quantize":
            types["s"] = self.type_of(self.scale_dims(), self.scale_type)
        if self.zero:
            types["z"] = self.type_of(self.scale_dims(), self.zero)
        return types

    # Data --------------------------------------------------------------------------------------------------

    def arguments(self) -> dict[str, np.ndarray]:
        generator = np.random.default_rng(self.seed)
        shape, scale_shape = (tuple(size for _, size in dims) for dims in (self.dims(), self.scale_dims()))
        if self.op == "dequantize":
            x = generator.integers(0, 256, shape).astype(np.uint8).view(reference.dtype_of(self.code_type))
        else:
            x = self.values(generator, shape).astype(np.float32).astype(reference.dtype_of(self.value_type))
        given = {"x": x}
        if self.op != "dynamic_quantize":
            scales = np.exp2(generator.integers(-6, 1, scale_shape)) * generator.uniform(0.5, 1.5, scale_shape)
            given["s"] = scales.astype(np.float32).astype(reference.dtype_of(self.scale_type))
        if self.zero:
            low, high = (0, 256) if self.code_type == "u8" else (-128, 128)
            given["z"] = generator.integers(low, high, scale_shape).astype(reference.dtype_of(self.zero))
        return given

    def values(self, generator, shape) -> np.ndarray:
        values = generator.standard_normal(shape)
        if self.data == "wide":
            values = values * np.exp2(generator.integers(-10, 10, shape))
        if self.data == "tiny":
            values = values * 2.0**-130
        if self.data == "zeros":
            values = values * (generator.random(shape) < 0.1) * (np.arange(shape[-2])[:, None] % 3 > 0)
        if self.data == "special" and values.size:
            flat = values.reshape(-1)
            for special in (np.inf, -np.inf, np.nan, -0.0):
                flat[generator.integers(0, flat.size)] = special
        return values

    def expected(self, arguments: dict[str, np.ndarray]) -> list[reference.Bounded]:
        block = BLOCKS[self.scaling]
        if self.op == "dynamic_quantize":
            codes, scales = reference.dynamic_quantize(reference.exact(arguments["x"]), self.code_type, block, self.scale_type)
            return [codes, scales.map_layout(lambda s: s.reshape(self.results()[1][0]))]
        scale = reference.spread(arguments["s"], block, (self.rows, self.columns))
        zero = reference.spread(arguments["z"], block, (self.rows, self.columns)) if self.zero else 0.0
        if self.op == "quantize":
            return [reference.quantize(reference.exact(arguments["x"]), scale, self.code_type, zero)]
        return [reference.dequantize(arguments["x"], scale, self.value_type, zero)]


def draw_codes(random_: random.Random, seed: int, target: str, ops: tuple | None = None) -> CodesProblem:
    choose = random_.choice
    op, scalings, code_types = choose(ops or CODES[target])
    scaling, code_type = choose(scalings), choose(code_types)
    scale_type = choose(["f32", "f8E8M0FNU"] if op == "dynamic_quantize" else SCALE_TYPES)
    # A scale for the whole of a batch is not asked for: its definition leaves two readings.
    batches = [()] if op == "dynamic_quantize" and scaling == "<per_tensor>" else [(), (), (2,), (3, 2)]
    has_zero = op != "dynamic_quantize" and code_type in ("i8", "u8") and random_.random() < 0.5
    kinds = ["normal", "wide", "tiny", "zeros", "special"]
    return CodesProblem(
        seed=seed, target=target, op=op, value_type=choose(VALUE_TYPES), code_type=code_type,
        scale_type="f8E8M0FNU" if scaling == "<mx>" else scale_type, scaling=scaling,
        zero=choose([code_type, "i32"]) if has_zero else None, batch=choose(batches), rows=choose(ROWS),
        columns=choose(COLUMNS), shares_scales=random_.random() < 0.3 and op != "dynamic_quantize",
        dynamic=frozenset(d for d in ("batch", "rows", "columns") if random_.random() < 0.25), data=choose(kinds),
    )  # fmt: skip


