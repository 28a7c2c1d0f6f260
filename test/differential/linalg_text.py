"""A problem in linalg, as importers of models write it."""

from expected import finish
from text import Text
from traced import Body, Traced


class LinalgText(Text):
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
            zero = self.value(f"arith.constant {'0' if p.product == 'i32' else '0.000000e+00'} : {p.product}")
            out = self.empty(self.output, p.product)
            start = self.value(f"linalg.fill ins({zero} : {p.product}) outs({out} : {type_}) -> {type_}")
        shared = len(p.batch_b) < len(p.batch)
        if p.split and not shared:  # named op behind transposes
            a = self.transposed("a", p.transpose_a)
            b = self.transposed("b", p.transpose_b)
            op, maps = "linalg.batch_matmul" if p.batch else "linalg.matmul", ""
            a_type = self.type([*self.output[:-1], "k"], p.a_type)
            b_type = self.type([*self.output[:-2], "k", "n"], p.b_type)
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
        element = self.element_types[name]
        out = self.empty(turned, element)
        types = f"{self.argument_type(name)}) outs({out} : {self.type(turned, element)})"
        return self.value(f"linalg.transpose ins(%{name} : {types} permutation = {order}")

    def contraction(self, maps: str, start: str, type_: str) -> str:
        """A linalg.generic that multiplies and adds."""
        p, body = self.problem, Body()
        kinds = ", ".join(['"parallel"'] * len(self.output) + ['"reduction"'])
        wide = [Traced(body, f"%{n}", t).to(p.product) for n, t in (("in", p.a_type), ("in_0", p.b_type))]
        total = Traced(body, "%out", p.product) + wide[0] * wide[1]
        return self.value(
            f"linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}} "
            f"ins(%a, %b : {self.argument_type('a')}, {self.argument_type('b')}) outs({start} : {type_}) {{\n"
            f"  ^bb0(%in: {p.a_type}, %in_0: {p.b_type}, %out: {p.product}):\n{body.text()}"
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
            value, element = self.generic(value, group, last), to
        if element != p.result:
            value = self.generic(value, [], True)
        return value

    def generic(self, value: str, group, last: bool) -> str:
        p, body = self.problem, Body()
        to = p.result if last else p.product
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
        result = finish(result, p) if last else result
        out, out_type = self.empty(self.output, to), self.type(self.output, to)
        maps.append(maps[0])
        kinds = ", ".join(['"parallel"'] * len(self.output))
        return self.value(
            f"linalg.generic {{indexing_maps = [{', '.join(f'affine_map<{m}>' for m in maps)}], "
            f"iterator_types = [{kinds}]}} ins({', '.join(names)} : {', '.join(types)}) outs({out} : {out_type}) {{\n"
            f"  ^bb0({', '.join([*scalars, f'%out: {to}'])}):\n{body.text()}"
            f"    linalg.yield {result.name} : {to}\n  }} -> {out_type}"
        )
