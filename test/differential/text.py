"""A problem as MLIR: a function @main of its arguments, in the mpgemm dialect or in linalg as importers write it."""

from problem import Problem
from traced import Body, Traced


def mlir_of(problem: Problem) -> str:
    writer = _MpgemmText(problem) if problem.form == "mpgemm" else _LinalgText(problem)
    return writer.module()


class _Text:
    """What both forms share: types with dynamic sizes, and the function around the body."""

    def __init__(self, problem: Problem):
        self.problem, self.lines, self.count = problem, [], 0
        self.element_types = problem.types()
        p = problem
        batch = [f"batch{i}" for i in range(len(p.batch))]
        self.batch_b = batch[len(batch) - len(p.batch_b) :]
        self.output = [*batch, "m", "n"]
        kinds = {"row": ["m"], "column": ["n"], "scalar": [], "matrix": self.output}
        self.dims = {
            "a": [*batch, *(["k", "m"] if p.transpose_a else ["m", "k"])],
            "b": [*self.batch_b, *(["n", "k"] if p.transpose_b else ["k", "n"])],
        }
        if p.init:
            self.dims["c"] = self.output
        self.dims |= {f"e{i}": kinds[step.extra] for i, step in enumerate(p.steps) if step.extra}
        self.sizes = {"m": p.m, "n": p.n, "k": p.k, **{f"batch{i}": size for i, size in enumerate(p.batch)}}

    def is_dynamic(self, dim: str) -> bool:
        return dim.rstrip("0123456789") in self.problem.dynamic

    def type(self, dims: list[str], element: str) -> str:
        sizes = ["?" if self.is_dynamic(dim) else str(self.sizes[dim]) for dim in dims]
        return f"tensor<{'x'.join([*sizes, element])}>"

    def argument_type(self, name: str) -> str:
        return self.type(self.dims[name], self.element_types[name])

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
        arguments = ", ".join(f"%{name}: {self.argument_type(name)}" for name in self.dims)
        result = self.type(self.output, self.problem.result)
        returned = self.body()
        body = "\n".join(self.lines)
        return f"func.func @main({arguments}) -> {result} {{\n{body}\n  return {returned} : {result}\n}}\n"


class _MpgemmText(_Text):
    def body(self) -> str:
        p = self.problem
        a = f"%a{' transposed' if p.transpose_a else ''} : {self.argument_type('a')}"
        b = f"%b{' transposed' if p.transpose_b else ''} : {self.argument_type('b')}"
        text = f"mpgemm.matmul({a}, {b})"
        if p.init:
            text += f" init(%c : {self.argument_type('c')})"
        text += f" accumulate <{p.accumulate}>"
        if p.steps:
            text += self.epilogue()
        return self.value(f"{text} -> {self.type(self.output, p.result)}")

    def epilogue(self) -> str:
        p, body = self.problem, Body()
        value, parts = Traced(body, "%acc", p.accumulate), [f"%acc : {p.accumulate}"]
        for i, step in enumerate(p.steps):
            if not step.extra:
                value = step.apply(value)
                continue
            name = f"e{i}"
            map_ = self.map_of(self.dims[name], self.output)
            parts.append(f"%x{i} = %{name}[{map_}] : {self.argument_type(name)}")
            value = step.apply(value, Traced(body, f"%x{i}", self.element_types[name]))
        value = value.to(p.result)
        yield_ = f"    mpgemm.yield {value.name} : {p.result}\n"
        return f"\n      epilogue({', '.join(parts)}) {{\n{body.text()}{yield_}  }}"


class _LinalgText(_Text):
    """Transposes as ops of their own or in the maps of a contraction, as importers write both."""

    def body(self) -> str:
        value = self.product()
        return self.elementwise(value)

    def size_of(self, dim: str) -> str:
        """The SSA value of a dynamic size, from the first argument that has it."""
        name = next(name for name, dims in self.dims.items() if dim in dims)
        index = self.value(f"arith.constant {self.dims[name].index(dim)} : index")
        return self.value(f"tensor.dim %{name}, {index} : {self.argument_type(name)}")

    def empty(self, dims: list[str], element: str) -> str:
        sizes = ", ".join(self.size_of(dim) for dim in dims if self.is_dynamic(dim))
        return self.value(f"tensor.empty({sizes}) : {self.type(dims, element)}")

    def product(self) -> str:
        p, type_ = self.problem, self.type(self.output, self.problem.product)
        start = "%c"
        if not p.init:
            zero = self.value(f"arith.constant 0.000000e+00 : {p.product}")
            out = self.empty(self.output, p.product)
            start = self.value(f"linalg.fill ins({zero} : {p.product}) outs({out} : {type_}) -> {type_}")
        shared = len(p.batch_b) < len(p.batch)
        if p.split and not shared:  # named op behind transposes
            a = self.transposed("a", p.transpose_a)
            b = self.transposed("b", p.transpose_b)
            op, maps = "linalg.batch_matmul" if p.batch else "linalg.matmul", ""
            a_type = self.type([*self.output[:-1], "k"], p.element)
            b_type = self.type([*self.output[:-2], "k", "n"], p.element)
        else:  # the same as maps
            domain = [*self.output, "k"]
            dims = (self.dims["a"], self.dims["b"], self.output)
            listed = ", ".join(f"affine_map<{self.map_of(d, domain)}>" for d in dims)
            a, b, a_type, b_type = "%a", "%b", self.argument_type("a"), self.argument_type("b")
            if shared:
                return self.contraction(listed, start, type_)
            op, maps = "linalg.batch_matmul" if p.batch else "linalg.matmul", f" indexing_maps = [{listed}]"
        return self.value(f"{op}{maps} ins({a}, {b} : {a_type}, {b_type}) outs({start} : {type_}) -> {type_}")

    def transposed(self, name: str, is_transposed: bool) -> str:
        if not is_transposed:
            return f"%{name}"
        dims = self.dims[name]
        turned = [*dims[:-2], dims[-1], dims[-2]]
        order = [*range(len(dims) - 2), len(dims) - 1, len(dims) - 2]
        out = self.empty(turned, self.problem.element)
        types = f"{self.argument_type(name)}) outs({out} : {self.type(turned, self.problem.element)})"
        return self.value(f"linalg.transpose ins(%{name} : {types} permutation = {order}")

    def contraction(self, maps: str, start: str, type_: str) -> str:
        """A linalg.generic that multiplies and adds."""
        p, body = self.problem, Body()
        kinds = ", ".join(['"parallel"'] * len(self.output) + ['"reduction"'])
        wide = [Traced(body, f"%{n}", p.element).to(p.product) for n in ("in", "in_0")]
        total = Traced(body, "%out", p.product) + wide[0] * wide[1]
        return self.value(
            f"linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}} "
            f"ins(%a, %b : {self.argument_type('a')}, {self.argument_type('b')}) outs({start} : {type_}) {{\n"
            f"  ^bb0(%in: {p.element}, %in_0: {p.element}, %out: {p.product}):\n{body.text()}"
            f"    linalg.yield {total.name} : {p.product}\n  }} -> {type_}"
        )

    def elementwise(self, value: str) -> str:
        """The steps: one op for all of them, or one each."""
        p, element = self.problem, self.problem.product
        steps = list(enumerate(p.steps))
        groups = [[step] for step in steps] if p.split else [steps] if steps else []
        for number, group in enumerate(groups):
            last = number == len(groups) - 1
            to = p.result if last else p.product
            value, element = self.generic(value, group, to), to
        if element != p.result:
            value = self.generic(value, [], p.result)
        return value

    def generic(self, value: str, group, to: str) -> str:
        p, body = self.problem, Body()
        given = self.type(self.output, p.product)
        names, types, maps = [value], [given], [self.map_of(self.output, self.output)]
        scalars = [f"%in: {p.product}"]
        result = Traced(body, "%in", p.product)
        for i, step in group:
            if not step.extra:
                result = step.apply(result)
                continue
            name = f"e{i}"
            names.append(f"%{name}")
            types.append(self.argument_type(name))
            maps.append(self.map_of(self.dims[name], self.output))
            scalars.append(f"%in_{i}: {self.element_types[name]}")
            result = step.apply(result, Traced(body, f"%in_{i}", self.element_types[name]))
        result = result.to(to)
        out, out_type = self.empty(self.output, to), self.type(self.output, to)
        maps.append(maps[0])
        kinds = ", ".join(['"parallel"'] * len(self.output))
        return self.value(
            f"linalg.generic {{indexing_maps = [{', '.join(f'affine_map<{m}>' for m in maps)}], "
            f"iterator_types = [{kinds}]}} ins({', '.join(names)} : {', '.join(types)}) outs({out} : {out_type}) {{\n"
            f"  ^bb0({', '.join([*scalars, f'%out: {to}'])}):\n{body.text()}"
            f"    linalg.yield {result.name} : {to}\n  }} -> {out_type}"
        )
