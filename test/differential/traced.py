"""Scalars that write themselves down as arith and math ops.

`Traced` has the operations of `mpgemm.reference.Bounded`. An epilogue is a Python function over either of them: run on
Bounded it gives the reference, run on Traced the MLIR text; so the two cannot drift apart.
"""

from __future__ import annotations

import numpy as np

from mpgemm.reference import format_of

INTEGER_OPS = {
    "arith.addf": "arith.addi", "arith.subf": "arith.subi", "arith.mulf": "arith.muli", "arith.maximumf": "arith.maxsi",
    "arith.minimumf": "arith.minsi",
}  # fmt: skip


class Body:
    """The lines of a region, each with a fresh name."""

    def __init__(self, indent: str = "    "):
        self.lines, self.indent = [], indent

    def add(self, text: str, type: str) -> "Traced":
        name = f"%v{len(self.lines)}"
        self.lines.append(f"{self.indent}{name} = {text}")
        return Traced(self, name, type)

    def text(self) -> str:
        return "".join(line + "\n" for line in self.lines)


class Traced:
    def __init__(self, body: Body, name: str, type: str):
        self.body, self.name, self.type = body, name, type

    def _operand(self, other) -> "Traced":
        if isinstance(other, Traced):
            return other
        form = format_of(self.type)
        if form.is_integer:
            return self.body.add(f"arith.constant {int(other)} : {self.type}", self.type)
        # The constant that the type holds, in bits: decimal text would be rounded by someone else.
        bits = np.float32(other).astype(form.dtype).view({2: np.uint16, 4: np.uint32}[form.dtype.itemsize])
        return self.body.add(f"arith.constant 0x{int(bits):0{form.dtype.itemsize * 2}X} : {self.type}", self.type)

    def _binary(self, op: str, left: "Traced", right: "Traced") -> "Traced":
        op = INTEGER_OPS[op] if format_of(self.type).is_integer else op
        return self.body.add(f"{op} {left.name}, {right.name} : {self.type}", self.type)

    def _unary(self, op: str) -> "Traced":
        return self.body.add(f"{op} {self.name} : {self.type}", self.type)

    def __add__(self, other):
        return self._binary("arith.addf", self, self._operand(other))

    def __radd__(self, other):
        return self._binary("arith.addf", self._operand(other), self)

    def __sub__(self, other):
        return self._binary("arith.subf", self, self._operand(other))

    def __mul__(self, other):
        return self._binary("arith.mulf", self, self._operand(other))

    def __rmul__(self, other):
        return self._binary("arith.mulf", self._operand(other), self)

    def __truediv__(self, other):
        return self._binary("arith.divf", self, self._operand(other))

    def __rtruediv__(self, other):
        return self._binary("arith.divf", self._operand(other), self)

    def __neg__(self):
        return self._unary("arith.negf")

    def maximum(self, other):
        return self._binary("arith.maximumf", self, self._operand(other))

    def minimum(self, other):
        return self._binary("arith.minimumf", self, self._operand(other))

    def exp(self):
        return self._unary("math.exp")

    def tanh(self):
        return self._unary("math.tanh")

    def erf(self):
        return self._unary("math.erf")

    def round_even(self):
        return self._unary("math.roundeven")

    def nan_to_zero(self):
        unknown = self.body.add(f"arith.cmpf uno, {self.name}, {self.name} : {self.type}", "i1")
        zero = self._operand(0.0)
        return self.body.add(f"arith.select {unknown.name}, {zero.name}, {self.name} : {self.type}", self.type)

    def to(self, type: str) -> "Traced":
        if type == self.type:
            return self
        source, target = format_of(self.type), format_of(type)
        if source.is_integer:
            op = "arith.sitofp" if not target.is_integer else "arith.extsi" if target.bits > source.bits else "arith.trunci"
        elif target.is_integer:
            op = "arith.fptosi"
        elif {self.type, type} == {"f16", "bf16"}:  # neither holds the other
            return self.to("f32").to(type)
        else:
            op = "arith.extf" if target.precision > source.precision else "arith.truncf"
        return self.body.add(f"{op} {self.name} : {self.type} to {type}", type)
