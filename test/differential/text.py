"""A problem as MLIR: a function @main of its arguments, in the mpgemm dialect or in linalg as importers write it."""

from expected import finish
from problem import Problem
from support import INT8
from traced import Body, Traced


def mlir_of(problem: Problem) -> str:
    from linalg_text import LinalgText

    writer = MpgemmText(problem) if problem.form == "mpgemm" else LinalgText(problem)
    return writer.module()


class Text:
    """What both forms share: types with dynamic sizes, and the function around the body."""

    def __init__(self, problem: Problem):
        self.problem, self.lines, self.count = problem, [], 0
        # Unsigned codes are signless integers that the op calls unsigned.
        self.element_types = {name: "i8" if type_ in INT8 else type_ for name, type_ in problem.types().items()}
        self.dims = problem.dims()
        self.output = [*(f"batch{i}" for i in range(len(problem.batch))), "m", "n"]

    def is_dynamic(self, dim: str) -> bool:
        return dim.partition("/")[0].rstrip("0123456789") in self.problem.dynamic

    def type(self, dims: list[str], element: str) -> str:
        sizes = ["?" if self.is_dynamic(dim) else str(self.problem.size(dim)) for dim in dims]
        return f"tensor<{'x'.join([*sizes, element])}>"

    def argument_type(self, name: str) -> str:
        return self.type(self.dims[name], self.element_types[name])

    def given_type(self, name: str) -> str:
        """Of the function's argument: as above, or of the larger tensor that a view is part of."""
        if name not in self.problem.view:
            return self.argument_type(name)
        sizes, margins = self.static_sizes(name), [0] * (len(self.dims[name]) - 2) + [sum(m) for m in self.problem.margins()]
        return f"tensor<{'x'.join([*(str(n + m) for n, m in zip(sizes, margins)), self.element_types[name]])}>"

    def static_sizes(self, name: str) -> list[int]:
        return [self.problem.size(dim) for dim in self.dims[name]]

    def views(self) -> None:
        for name in self.problem.view:
            offsets = [0] * (len(self.dims[name]) - 2) + [before for before, _ in self.problem.margins()]
            strides = [1] * len(offsets)
            types = f"{self.given_type(name)} to {self.argument_type(name)}"
            self.line(f"%{name} = tensor.extract_slice %{name}_whole{offsets} {self.static_sizes(name)} {strides} : {types}")

    def map_of(self, dims: list[str], domain: list[str]) -> str:
        names = ", ".join(f"d{i}" for i in range(len(domain)))
        return f"({names}) -> ({', '.join(f'd{domain.index(dim)}' for dim in dims)})"

    def line(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def value(self, text: str) -> str:
        name, self.count = f"%{self.count}", self.count + 1
        self.line(f"{name} = {text}")
        return name

    def module(self) -> str:
        suffixes = {name: "_whole" for name in self.problem.view}
        arguments = ", ".join(f"%{name}{suffixes.get(name, '')}: {self.given_type(name)}" for name in self.dims)
        self.views()
        result = self.type(self.output, self.problem.result)
        returned = self.body()
        body = "\n".join(self.lines)
        return f"func.func @main({arguments}) -> {result} {{\n{body}\n  return {returned} : {result}\n}}\n"


class MpgemmText(Text):
    def body(self) -> str:
        p = self.problem
        text = f"mpgemm.matmul({self.side('a', p.transpose_a, p.a_scaling)}, {self.side('b', p.transpose_b, p.b_scaling)})"
        if p.init:
            text += f" init(%c : {self.argument_type('c')})"
        promote = f", promote = {p.promote}" if p.promote else ""
        text += f" accumulate <{p.accumulate}{promote}>"
        if p.family.tf32:
            text += " f32_precision <tf32>"
        if p.schedule:
            text += f" schedule {p.schedule}"
        if p.steps or p.result != p.product:
            text += self.epilogue()
        return self.value(f"{text} -> {self.type(self.output, p.result)}")

    def side(self, name: str, transposed: bool, scaling) -> str:
        words = f"%{name}{' transposed' if transposed else ''}{' unsigned' if self.problem.types()[name] == 'u8' else ''}"
        words += f" : {self.argument_type(name)}"
        if f"{name}_scale" in self.dims:
            words += f" scale {scaling.attribute} %{name}_scale : {self.argument_type(f'{name}_scale')}"
        if f"{name}_zero" in self.dims:
            words += f" zero_point %{name}_zero : {self.argument_type(f'{name}_zero')}"
        return words

    def epilogue(self) -> str:
        p, body = self.problem, Body()
        value, parts = Traced(body, "%acc", p.product), [f"%acc : {p.product}"]
        value = value.to(p.work)
        for i, step in enumerate(p.steps):
            if not step.extra:
                value = step.apply(value)
                continue
            name = f"e{i}"
            map_ = self.map_of(self.dims[name], self.output)
            parts.append(f"%x{i} = %{name}[{map_}] : {self.argument_type(name)}")
            value = step.apply(value, Traced(body, f"%x{i}", self.element_types[name]).to(p.work))
        value = finish(value, p)
        yield_ = f"    mpgemm.yield {value.name} : {p.result}\n"
        return f"\n      epilogue({', '.join(parts)}) {{\n{body.text()}{yield_}  }}"
