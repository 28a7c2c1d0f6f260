"""Random modules for mlir_fuzz.py: what they contain is valid, or refused for a reason that a message can give."""

import json
import random

FLOATS = ["f32", "f16", "bf16", "f8E4M3FN", "f8E5M2", "f64", "f8E8M0FNU", "f4E2M1FN", "f6E2M3FN", "tf32"]
INTEGERS = ["i8", "i32", "i4", "i16", "i64", "i1", "ui8", "si8", "index", "i7", "i128"]
COMMON = ["f32", "f16", "bf16", "f8E4M3FN", "f8E5M2", "i8"]
SIZES = [0, 1, 2, 3, 7, 8, 16, 17, 31, 64, 96, 127, 128, 129, 200, 256, 384, 1000, 4096]
HUGE = [1 << 20, (1 << 31) - 1, 1 << 31, 1 << 33, 1 << 47, (1 << 62) - 1, (1 << 63) - 1]


class Writer:
    """One module under construction."""

    def __init__(self, rng: random.Random, element: str | None = None):
        self.rng, self.count, self.lines, self.arguments, self.results = rng, 0, [], [], []
        self.preferred = element
        self.wild = rng.random() < 0.25  # attributes and types in combinations that are refused

    def size(self) -> int:
        return self.rng.choice(HUGE) if self.wild and self.rng.random() < 0.05 else self.rng.choice(SIZES)

    def element(self) -> str:
        if self.preferred and self.rng.random() < 0.9:
            return self.preferred
        if not self.wild or self.rng.random() < 0.5:
            return self.rng.choice(COMMON)
        return self.rng.choice(FLOATS + INTEGERS)

    def name(self) -> str:
        self.count += 1
        return f"%v{self.count}"

    def value(self, text: str) -> str:
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def argument(self, type_: str) -> str:
        name = self.name()
        self.arguments.append((name, type_))
        return name

    def finish(self) -> str:
        inout = f" {{mpgemm.inout = {self.rng.choice([0, 0, 1, -1])} : i64}}" if self.rng.random() < 0.03 else ""
        arguments = ", ".join(f"{name}: {type_}{inout}" for name, type_ in self.arguments)
        types = ", ".join(type_ for _, type_ in self.results)
        values = ", ".join(name for name, _ in self.results)
        ending = f"  return {values} : {types}" if self.results else "  return"
        body = "\n".join([*self.lines, ending])
        function = self.rng.choice(["main", "main", "forward", "init", "a.b"])
        return f"func.func @{function}({arguments}) -> ({types}) {{\n{body}\n}}\n"


def tensor(shape, element: str) -> str:
    return f"tensor<{''.join(f'{size}x' for size in shape)}{element}>"


def dynamic(rng: random.Random, shape: list, chance: float = 0.15) -> list:
    return ["?" if rng.random() < chance else size for size in shape]


def is_float(element: str) -> bool:
    return element.startswith(("f", "bf", "tf"))


def scalar_ops(rng: random.Random, accumulator: str, others: list, result: str, indent: str) -> tuple[list, str]:
    """Lines of arithmetic from scalars (name, type) to one value of type `result`."""
    lines, count = [], 0

    def emit(text: str) -> str:
        nonlocal count
        count += 1
        lines.append(f"{indent}%s{count} = {text}")
        return f"%s{count}"

    def cast(name: str, from_: str, to: str) -> str:
        if from_ == to:
            return name
        if from_ == "index":
            return cast(emit(f"arith.index_cast {name} : index to i64"), "i64", to)
        if to == "index":
            return emit(f"arith.index_cast {cast(name, from_, 'i64')} : i64 to index")
        if is_float(from_) and is_float(to):
            wide = {"f64": 4, "f32": 3, "tf32": 3, "f16": 2, "bf16": 2}
            a, b = wide.get(from_, 1), wide.get(to, 1)
            if a == b and b < 4:
                return emit(f"arith.truncf {emit(f'arith.extf {name} : {from_} to f64')} : f64 to {to}")
            return emit(f"arith.{'extf' if a < b else 'truncf'} {name} : {from_} to {to}")
        if is_float(from_):
            return emit(f"arith.{rng.choice(['fptosi', 'fptoui'])} {name} : {from_} to {to}")
        if is_float(to):
            return emit(f"arith.{rng.choice(['sitofp', 'uitofp'])} {name} : {from_} to {to}")
        a, b = int(from_.lstrip("usi")), int(to.lstrip("usi"))
        if a == b:
            return name
        return emit(f"arith.{'trunci' if a > b else rng.choice(['extsi', 'extui'])} {name} : {from_} to {to}")

    work = accumulator if rng.random() < 0.7 else rng.choice(["f32", "f64", "f16", "i32"])
    value = cast("%acc", accumulator, work)
    for _ in range(rng.randrange(0, 5)):
        if others and rng.random() < 0.5:
            name, type_ = rng.choice(others)
            other = cast(name, type_, work)
        else:
            number = rng.choice(["0.0", "1.0", "-3.5", "0x7FC00000" if work == "f32" else "2.0", "1.0e30"])
            number = number if is_float(work) else rng.choice(["0", "1", "-1", "31", "127"])
            other = emit(f"arith.constant {number} : {work}")
        if is_float(work):
            op = rng.choice(["addf", "mulf", "subf", "divf", "maximumf", "minimumf", "maxnumf", "remf", "math", "select"])
        else:
            op = rng.choice(["addi", "muli", "subi", "maxsi", "minui", "shli", "shrsi", "divsi", "remui", "floordivsi", "xori"])
        if op == "math":
            function = rng.choice(["tanh", "exp", "erf", "rsqrt", "sqrt", "log", "sin", "absf", "floor", "roundeven", "exp2"])
            function = rng.choice([function, function, "atan2", "powf", "fma", "cbrt", "tan", "copysign", "acosh", "fpowi"])
            operands = {"atan2": 2, "powf": 2, "fma": 3, "copysign": 2}.get(function, 1)
            if function == "fpowi":
                two = emit("arith.constant 2 : i32")
                value = emit(f"math.fpowi {value}, {two} : {work}, i32")
            else:
                value = emit(f"math.{function} {', '.join(([value, other, value])[:operands])} : {work}")
        elif op == "select":
            condition = emit(f"arith.cmpf {rng.choice(['ogt', 'ult', 'une', 'ord', 'uno', 'false'])}, {value}, {other} : {work}")
            value = emit(f"arith.select {condition}, {value}, {other} : {work}")
        else:
            value = emit(f"arith.{op} {value}, {other} : {work}")
    return lines, cast(value, work, result)


def scale(writer: Writer, batch: list, rows: int, columns: int, row_word: str) -> str:
    """` scale <..> %s : tensor<..>` of an operand of rows x K in its logical order."""
    rng = writer.rng
    kind = rng.choice(["per_tensor", row_word, "group", "block", *(["mx", "nvfp4"] if writer.wild else [])])
    element = rng.choice(["f32", "f32", "f16", "bf16", "f8E8M0FNU", *(["f8E4M3FN"] if writer.wild else [])])
    other_kind, shape = kind, [rows]
    if kind == "per_tensor":
        shape = []
    elif kind == "group":
        group = rng.choice([1, 32, 64, 128, 100])
        other_kind, shape = f"group = {group}", [rows, -(-columns // group)]
    elif kind == "block":
        a, b = rng.choice([(1, 128), (128, 128), (1, 32), (7, 5)])
        other_kind, shape = f"block = [{a}, {b}]", [-(-rows // a), -(-columns // b)]
    elif kind == "mx":
        element, shape = "f8E8M0FNU", [rows, -(-columns // 32)]
    elif kind == "nvfp4":
        element, shape = "f8E4M3FN", [rows, -(-columns // 16)]
    if rng.random() < (0.3 if writer.wild else 0.0):
        shape = [*batch, *shape]
    type_ = tensor(shape, element)
    text = f" scale <{other_kind}> {writer.argument(type_)} : {type_}"
    if rng.random() < 0.15:
        zero = tensor(shape, rng.choice(["i8", "i4", "i32"]))
        text += f" zero_point {writer.argument(zero)} : {zero}"
    if kind == "nvfp4" and rng.random() < 0.6:
        text += f" global_scale {writer.argument('tensor<f32>')} : tensor<f32>"
    return text


def product(writer: Writer, a: tuple | None = None) -> tuple:
    """An mpgemm.matmul; returns its result as (name, shape, element)."""
    rng = writer.rng
    batch = [rng.choice([1, 2, 3, 5]) for _ in range(rng.choice([0, 0, 0, 1, 2]))]
    m, n, k = writer.size(), writer.size(), writer.size()
    element_a = writer.element()
    fp8 = ["f8E4M3FN", "f8E5M2"]
    element_b = rng.choice(fp8) if element_a in fp8 else element_a
    if writer.wild and rng.random() < 0.4:
        element_b = writer.element()
    if a is not None:
        name_a, shape_a, element_a = a
        if len(shape_a) < 2 or "?" in shape_a:
            return product(writer)
        *batch, m, k = shape_a
        element_b = element_a if not writer.wild else element_b
    transposed_a, transposed_b = rng.random() < 0.2 and a is None, rng.random() < 0.6
    if a is None:
        shape_a = dynamic(rng, [*batch, *([k, m] if transposed_a else [m, k])])
        name_a = writer.argument(tensor(shape_a, element_a))
    batch_b = batch[rng.randrange(len(batch) + 1) :]
    shape_b = dynamic(rng, [*batch_b, *([n, k] if transposed_b else [k, n])])
    name_b = writer.argument(tensor(shape_b, element_b))
    accumulate = rng.choice(["f32", "f32", "f32", "f16"]) if is_float(element_a) or is_float(element_b) else "i32"
    if not writer.wild and accumulate == "f16" and element_a not in ["f16", *fp8]:
        accumulate = "f32"
    integers = not is_float(element_a) or writer.wild
    text = f"mpgemm.matmul({name_a}{' transposed' if transposed_a else ''}"
    text += f"{' unsigned' if integers and rng.random() < 0.2 else ''} : {tensor(shape_a, element_a)}"
    scales = 0.25 if writer.wild or element_a not in ["f32", "f16", "bf16", "f64"] else 0.0
    if rng.random() < scales:
        text += scale(writer, batch, m, k, "row")
    text += f", {name_b}{' transposed' if transposed_b else ''}{' unsigned' if integers and rng.random() < 0.2 else ''} : {tensor(shape_b, element_b)}"
    if rng.random() < scales:
        text += scale(writer, batch_b, n, k, "column")
    text += ")"
    # Sizes of the result are those of the operands, dynamic where these are.
    m_shown = shape_a[-1] if transposed_a else shape_a[-2]
    n_shown = shape_b[-2] if transposed_b else shape_b[-1]
    shape = [*shape_a[:-2], m_shown, n_shown]
    if rng.random() < 0.15:
        type_ = tensor(shape, accumulate)
        text += f" init({writer.argument(type_)} : {type_})"
    promote = rng.choice(["", "", "", ", promote = 128", ", promote = never", ", promote = 64"])
    if not writer.wild and (element_a not in fp8 or accumulate != "f32"):
        promote = ""
    text += f" accumulate <{accumulate}{promote}>"
    if rng.random() < (0.15 if writer.wild else 0.3 if element_a == "f32" else 0.0):
        text += f" f32_precision <{rng.choice(['tf32', 'exact'])}>"
    if writer.wild and rng.random() < 0.1:
        text += f" weight_scale <{rng.choice(['partial_sum', 'operand'])}>"
    if rng.random() < 0.1:
        tile = f"[{rng.choice([16, 64, 128, 256])}, {rng.choice([8, 64, 128, 256])}, {rng.choice([16, 32, 64, 128])}]"
        more = rng.choice(["", ', store = "direct"', ', store = "staged"', ", warps = [2, 2]", ", cluster = [2, 1]", ", raster = 4"])
        text += f" schedule <tile = {tile}, stages = {rng.choice([1, 2, 3, 4, 7, 40])}{more}>"
    results = [accumulate if rng.random() < 0.3 else rng.choice([*COMMON, "i32", "i1"])]
    if rng.random() < 0.5:
        extra = []
        others = []
        for i in range(rng.randrange(0, 3)):
            dims = rng.choice([[], [len(shape) - 1], [len(shape) - 2], list(range(len(shape)))])
            element = writer.element()
            type_ = tensor([shape[d] for d in dims], element)
            domain = ", ".join(f"d{d}" for d in range(len(shape)))
            image = ", ".join(f"d{d}" for d in dims)
            extra.append(f"%x{i} = {writer.argument(type_)}[({domain}) -> ({image})] : {type_}")
            others.append((f"%x{i}", element))
        lines, value = scalar_ops(rng, accumulate, others, results[0], "    ")
        text += f" epilogue({', '.join([f'%acc : {accumulate}', *extra])}) {{\n"
        text += "\n".join([*lines, f"    mpgemm.yield {value} : {results[0]}"]) + "\n  }"
    else:
        results = [rng.choice([accumulate, "bf16" if accumulate == "f32" else accumulate])]
    type_ = tensor(shape, results[0])
    return writer.value(f"{text} -> {type_}"), shape, results[0]


def contraction(writer: Writer) -> tuple:
    """A linalg.generic, linalg.matmul or linalg.batch_matmul as importers write it."""
    rng = writer.rng
    element, result = writer.element(), rng.choice(["f32", "f32", "f16", "bf16", "i32"])
    if is_float(element) != is_float(result) or {element, result} == {"f16", "bf16"}:
        result = "f32" if is_float(element) else "i32"
    # The region that MLIR writes for a named op does not verify with these, and has no place.
    nameless = element[0] in "us" or {element, result} == {"f16", "bf16"}
    m, n, k = writer.size(), writer.size(), writer.size()
    batch = [rng.choice([1, 3])] if rng.random() < 0.3 else []
    transposed = rng.random() < 0.5
    a, b = tensor([*batch, m, k], element), tensor([*batch, *([n, k] if transposed else [k, n])], element)
    out = tensor([*batch, m, n], result)
    name_a, name_b = writer.argument(a), writer.argument(b)
    zero = writer.value(f"arith.constant {'0.0' if is_float(result) else '0'} : {result}")
    empty = writer.value(f"tensor.empty() : {out}")
    filled = writer.value(f"linalg.fill ins({zero} : {result}) outs({empty} : {out}) -> {out}")
    if rng.random() < 0.5 and not transposed and not nameless:
        op = "linalg.batch_matmul" if batch else "linalg.matmul"
        name = writer.value(f"{op} ins({name_a}, {name_b} : {a}, {b}) outs({filled} : {out}) -> {out}")
        return name, [*batch, m, n], result
    domain = "(b, m, n, k)" if batch else "(m, n, k)"
    prefix = "b, " if batch else ""
    maps = [f"{prefix}m, k", f"{prefix}{'n, k' if transposed else 'k, n'}", f"{prefix}m, n"]
    if writer.wild and rng.random() < 0.3:
        maps[rng.randrange(3)] = f"{prefix}{rng.choice(['m, m', 'k, m', 'm + n, k', 'n, m', 'm floordiv 2, k', '0, k'])}"
    kinds = ["parallel"] * (len(batch) + 2) + ["reduction"]
    if writer.wild and rng.random() < 0.2:
        kinds[rng.randrange(len(kinds))] = rng.choice(["parallel", "reduction", "window"])
    lines = []
    x, y = "%x", "%y"
    if element != result:
        cast = ("arith.truncf" if element in ["f32", "f64"] else "arith.extf") if is_float(element) else rng.choice(["arith.extsi", "arith.extui"])
        lines = [f"    %xw = {cast} %x : {element} to {result}", f"    %yw = {cast} %y : {element} to {result}"]
        x, y = "%xw", "%yw"
    suffix = "f" if is_float(result) else "i"
    lines += [f"    %p = arith.mul{suffix} {x}, {y} : {result}", f"    %t = arith.add{suffix} %z, %p : {result}"]
    text = f"linalg.generic {{indexing_maps = [{', '.join(f'affine_map<{domain} -> ({m})>' for m in maps)}], iterator_types = ["
    text += ", ".join(f'"{kind}"' for kind in kinds)
    text += f"]}} ins({name_a}, {name_b} : {a}, {b}) outs({filled} : {out}) {{\n  ^bb0(%x: {element}, %y: {element}, %z: {result}):\n"
    text += "\n".join([*lines, f"    linalg.yield %t : {result}"]) + f"\n  }} -> {out}"
    return writer.value(text), [*batch, m, n], result


def elementwise(writer: Writer, source: tuple) -> tuple:
    """A linalg.generic over a value, with another operand that may be broadcast."""
    rng = writer.rng
    name, shape, element = source
    if "?" in shape:
        return shape_change(writer, source)
    result = rng.choice(["f32", "bf16", "f16", "i8", "f8E4M3FN", element])
    dims = rng.choice([list(range(len(shape))), [len(shape) - 1] if shape else [], []])
    other = writer.element()
    other_type = tensor([shape[d] for d in dims], other)
    other_name = writer.argument(other_type) if rng.random() < 0.7 else constant(writer, [shape[d] for d in dims], other)
    out = tensor(shape, result)
    empty = writer.value(f"tensor.empty() : {out}")
    domain = ", ".join(f"d{d}" for d in range(len(shape)))
    maps = [domain, ", ".join(f"d{d}" for d in dims), domain]
    lines, value = scalar_ops(rng, element, [("%y", other)], result, "    ")
    text = f"linalg.generic {{indexing_maps = [{', '.join(f'affine_map<({domain}) -> ({m})>' for m in maps)}], iterator_types = ["
    text += ", ".join(['"parallel"'] * len(shape))
    text += f"]}} ins({name}, {other_name} : {tensor(shape, element)}, {other_type}) outs({empty} : {out}) {{\n"
    text += f"  ^bb0(%acc: {element}, %y: {other}, %z: {result}):\n"
    text += "\n".join([*lines, f"    linalg.yield {value} : {result}"]) + f"\n  }} -> {out}"
    return writer.value(text), shape, result


def constant(writer: Writer, shape: list, element: str) -> str:
    rng = writer.rng
    type_ = tensor(shape, element)
    if element == "index" or not is_float(element):
        return writer.value(f"arith.constant dense<{rng.choice([0, 1])}> : {type_}")
    return writer.value(f"arith.constant dense<{rng.choice(['0.0', '1.0', '0.5'])}> : {type_}")


def reduction(writer: Writer, source: tuple) -> tuple:
    rng = writer.rng
    name, shape, element = source
    if "?" in shape or not shape or not is_float(element):
        return source
    axis = rng.randrange(len(shape))
    kept = [size for d, size in enumerate(shape) if d != axis]
    out = tensor(kept, element)
    empty = writer.value(f"tensor.empty() : {out}")
    zero = writer.value(f"arith.constant 0.0 : {element}")
    filled = writer.value(f"linalg.fill ins({zero} : {element}) outs({empty} : {out}) -> {out}")
    op = rng.choice(["arith.addf", "arith.maximumf", "arith.mulf"])
    text = f"linalg.reduce {{ {op} }} ins({name} : {tensor(shape, element)}) outs({filled} : {out}) dimensions = [{axis}]"
    return writer.value(text), kept, element


def shape_change(writer: Writer, source: tuple) -> tuple:
    rng = writer.rng
    name, shape, element = source
    type_ = tensor(shape, element)
    if "?" in shape or not shape:
        return source
    kind = rng.choice(["transpose", "expand", "collapse", "slice", "cast", "pad", "concat", "bitcast"])
    if kind == "transpose":
        order = list(range(len(shape)))
        rng.shuffle(order)
        new = [shape[d] for d in order]
        empty = writer.value(f"tensor.empty() : {tensor(new, element)}")
        text = f"linalg.transpose ins({name} : {type_}) outs({empty} : {tensor(new, element)}) permutation = {order}"
        return writer.value(text), new, element
    if kind == "expand":
        groups = ", ".join(f"[{d}]" for d in range(len(shape) - 1))
        groups = f"[{groups}{', ' if groups else ''}[{len(shape) - 1}, {len(shape)}]]"
        new = [*shape[:-1], 1, shape[-1]]
        text = f"tensor.expand_shape {name} {groups} output_shape {new} : {type_} into {tensor(new, element)}"
        return writer.value(text), new, element
    if kind == "collapse" and len(shape) > 1:
        product_ = shape[0] * shape[1]
        groups = ", ".join(["[0, 1]", *(f"[{d}]" for d in range(2, len(shape)))])
        new = [product_, *shape[2:]]
        if product_ < 1 << 62:
            return writer.value(f"tensor.collapse_shape {name} [{groups}] : {type_} into {tensor(new, element)}"), new, element
    if kind == "slice":
        new = [rng.randrange(size + 1) if size < 1 << 40 else 1 for size in shape]
        new = [part or 1 if size else 0 for part, size in zip(new, shape)]
        offsets = [rng.randrange(size - part + 1) if size < 1 << 40 else 0 for size, part in zip(shape, new)]
        strides = [1] * len(shape)
        text = f"tensor.extract_slice {name}{offsets} {new} {strides} : {type_} to {tensor(new, element)}"
        return writer.value(text), new, element
    if kind == "cast":
        new = ["?" if rng.random() < 0.5 else size for size in shape]
        return writer.value(f"tensor.cast {name} : {type_} to {tensor(new, element)}"), new, element
    if kind == "concat":
        new = [shape[0] * 2, *shape[1:]]
        return writer.value(f"tensor.concat dim(0) {name}, {name} : ({type_}, {type_}) -> {tensor(new, element)}"), new, element
    if kind == "pad" and is_float(element):
        new = [size + 1 for size in shape]
        zero = writer.value(f"arith.constant 0.0 : {element}")
        names = ", ".join(f"%i{d}: index" for d in range(len(shape)))
        text = f"tensor.pad {name} low{[0] * len(shape)} high{[1] * len(shape)} {{\n  ^bb0({names}):\n    tensor.yield {zero} : {element}\n  }}"
        return writer.value(f"{text} : {type_} to {tensor(new, element)}"), new, element
    if kind == "bitcast" and element == "f32":
        return writer.value(f"tensor.bitcast {name} : {type_} to {tensor(shape, 'i32')}"), shape, "i32"
    return source


def quantisation(writer: Writer, source: tuple) -> tuple:
    """quantize and dequantize, or dynamic_quantize with its scales, of a value."""
    rng = writer.rng
    name, shape, element = source
    if "?" in shape or not shape or not (writer.wild or element in ["f32", "f16", "bf16"]):
        return source
    type_ = tensor(shape, element)
    code = rng.choice(["f8E4M3FN", "f8E5M2", "i8"])
    *outer, columns = shape
    group = rng.choice([32, 64, 128, 100])
    scalings = {"per_tensor": [], "row": outer, "column": [columns], f"group = {group}": [*outer, -(-columns // group)]}
    if len(shape) == 2:
        scalings["block = [128, 128]"] = [-(-outer[0] // 128), -(-columns // 128)]
    scaling = rng.choice(list(scalings))
    if rng.random() < 0.5:
        scaling = rng.choice(["row", f"group = {group}", "per_tensor"]) if not writer.wild else scaling
        scale = tensor(scalings[scaling], "f32")
        codes = writer.name()
        scales = writer.name()
        text = f"mpgemm.dynamic_quantize({name} : {type_}) <{scaling}> -> {tensor(shape, code)}, {scale}"
        writer.lines.append(f"  {codes}, {scales} = {text}")
    else:
        scale = tensor(scalings[scaling], rng.choice(["f32", "f32", "f16", "bf16", "f8E8M0FNU"]))
        scales = writer.argument(scale)
        unsigned = " unsigned" if code == "i8" and rng.random() < 0.3 else ""
        codes = writer.value(f"mpgemm.quantize({name} : {type_} scale <{scaling}> {scales} : {scale}){unsigned} -> {tensor(shape, code)}")
    if rng.random() < 0.5:
        return codes, shape, code
    result = rng.choice(["f32", "bf16", "f16"])
    text = f"mpgemm.dequantize({codes} : {tensor(shape, code)} scale <{scaling}> {scales} : {scale}) -> {tensor(shape, result)}"
    return writer.value(text), shape, result


def computed_sizes(writer: Writer) -> tuple:
    """A filled tensor whose sizes index arithmetic computes from those of an argument."""
    rng = writer.rng
    element = rng.choice(COMMON)
    type_ = tensor(["?", "?"], element)
    source = writer.argument(type_)
    values = []
    for number in range(rng.choice([2, 2, 3])):
        index = writer.value(f"arith.constant {number if rng.random() < 0.97 else rng.choice([-1, 2, 9])} : index")
        values.append(writer.value(f"tensor.dim {source}, {index} : {type_}") if number < 2 else index)
    operations = ["addi", "muli", "subi", "divui", "divsi", "remui", "remsi", "floordivsi", "ceildivsi", "ceildivui", "maxsi", "minui", "shli"]
    for _ in range(rng.choice([0, 1, 3, 10, 40])):
        if rng.random() < 0.2:
            values.append(writer.value(f"arith.constant {rng.choice(SIZES + HUGE + [-1, -128])} : index"))
        a, b = rng.choice(values[-4:]), rng.choice(values)
        kind = rng.random()
        if kind < 0.1:
            condition = writer.value(f"arith.cmpi {rng.choice(['slt', 'uge', 'eq', 'sgt'])}, {a}, {b} : index")
            values.append(writer.value(f"arith.select {condition}, {a}, {b} : index"))
        elif kind < 0.15:
            narrow = writer.value(f"arith.index_cast {a} : index to {rng.choice(['i64', 'i64'])}")
            values.append(writer.value(f"arith.index_castui {narrow} : i64 to index"))
        else:
            values.append(writer.value(f"arith.{rng.choice(operations)} {a}, {b} : index"))
    empty = writer.value(f"tensor.empty({values[-1]}, {rng.choice(values)}) : {type_}")
    zero = writer.value(f"arith.constant {'0.0' if is_float(element) else '0'} : {element}")
    filled = writer.value(f"linalg.fill ins({zero} : {element}) outs({empty} : {type_}) -> {type_}")
    return filled, ["?", "?"], element


def calibration(rng: random.Random, function: str) -> str:
    """What mpgemm-run --calibrate writes, of a few layers."""

    def observed() -> dict:
        least, most = sorted(rng.uniform(-10, 10) for _ in range(2))
        return {"min": least, "max": most, "absmax": max(abs(least), abs(most)), "samples": rng.choice([0, 1, 32])}

    layers = {f"{function}.{i}": {"a": observed(), "b": observed()} for i in range(rng.choice([0, 1, 3, 8]))}
    return json.dumps({"format": 1, "function": function, "layers": layers}, indent=1)


def model(rng: random.Random, element: str | None = None) -> str:
    """A function of products, contractions and what stands between them in models, mostly of `element` where one is given."""
    writer = Writer(rng, element)
    values = [rng.choice([product, product, product, contraction, contraction, contraction, computed_sizes])(writer)]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3, 5])):
        source = rng.choice(values)
        steps = ["product", "chain", "contraction", "elementwise", "elementwise", "reduction", "shape", "shape", "quantise"]
        step = rng.choice(steps)
        if step == "product":
            values.append(product(writer))
        elif step == "chain":
            values.append(product(writer, source))
        elif step == "contraction":
            values.append(contraction(writer))
        elif step == "elementwise":
            values.append(elementwise(writer, source))
        elif step == "quantise":
            values.append(quantisation(writer, source))
        elif step == "reduction":
            values.append(reduction(writer, source))
        else:
            values.append(shape_change(writer, source))
    returned = [values[-1]] if rng.random() < 0.8 else rng.sample(values, min(2, len(values)))
    writer.results = [(name, tensor(shape, element)) for name, shape, element in returned]
    return writer.finish()
