"""Slightly broken modules for mlir_fuzz.py: one to three edits of a module that was valid."""

import random
import re

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[%@#!^]?[A-Za-z_][\w.$]*|%\d+|0x[0-9A-Fa-f]+|-?\d+(?:\.\d+)?|->|\s+|.', re.DOTALL)
NUMBERS = ["0", "1", "2", "3", "7", "8", "16", "17", "31", "32", "33", "48", "64", "96", "100", "127", "128", "129", "192", "255", "256",
           "257", "512", "1024", "4096", "65536", "1048576", "2147483647", "2147483648", "4294967296", "4611686018427387904",
           "9223372036854775807", "9223372036854775808", "99999999999999999999999", "-1", "-9223372036854775808", "?", "1.5", "0x7FFFFFFF"]
TYPES = ["f32", "f16", "bf16", "f64", "f8E4M3FN", "f8E5M2", "f8E8M0FNU", "f4E2M1FN", "f6E3M2FN", "f8E4M3", "tf32", "f80", "f128", "i1", "i4",
         "i7", "i8", "i16", "i32", "i64", "i128", "i257", "si8", "ui8", "index", "none", "complex<f32>", "vector<4xf32>", "tuple<f32>",
         "!llvm.ptr", "memref<4xf32>", "tensor<*xf32>", "tensor<f32>", "tensor<?x?xbf16>"]
TYPE = re.compile(r"(?<![\w.%])(?:f64|f32|f16|bf16|tf32|f8E4M3FN|f8E5M2|f8E8M0FNU|f4E2M1FN|i1|i4|i8|i16|i32|i64|index)(?![\w.])")
# The same behind the `x` of a shape.
SHAPED = re.compile(r"(?<=[0-9?]x)(?:f64|f32|f16|bf16|tf32|f8E4M3FN|f8E5M2|f8E8M0FNU|f4E2M1FN|i1|i4|i8|i16|i32|i64|index)(?=[>,])")
OPERATIONS = {
    "arith": ["addf", "mulf", "subf", "divf", "remf", "maximumf", "minimumf", "addi", "muli", "subi", "divsi", "divui", "remsi", "ceildivui",
              "floordivsi", "shli", "shrui", "andi", "ori", "xori", "extf", "truncf", "extsi", "extui", "trunci", "sitofp", "fptosi", "bitcast",
              "index_cast", "negf", "select", "cmpf", "cmpi", "constant", "maxsi", "minui", "scaling_extf", "scaling_truncf", "mulsi_extended"],
    "math": ["exp", "exp2", "log", "tanh", "erf", "sqrt", "rsqrt", "sin", "cos", "tan", "atan", "powf", "fma", "absf", "absi", "ceil", "floor",
             "round", "roundeven", "cbrt", "ctlz", "ipowi", "isnan", "copysign"],
    "linalg": ["generic", "matmul", "batch_matmul", "matvec", "dot", "fill", "transpose", "broadcast", "reduce", "map", "add", "exp", "softmax",
               "copy", "elementwise", "contract", "pack", "unpack", "index", "yield", "conv_2d", "pooling_nhwc_max", "mmt4d", "vecmat"],
    "tensor": ["empty", "cast", "expand_shape", "collapse_shape", "extract_slice", "insert_slice", "pad", "dim", "extract", "insert", "concat",
               "reshape", "splat", "generate", "from_elements", "gather", "scatter", "rank", "bitcast", "yield"],
    "scf": ["for", "if", "while", "forall", "parallel", "yield", "execute_region", "index_switch", "condition", "reduce"],
}


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def words(parts: list[str]) -> list[int]:
    return [i for i, part in enumerate(parts) if not part.isspace()]


def delete_token(rng, parts):
    del parts[rng.choice(words(parts))]


def duplicate_token(rng, parts):
    at = rng.choice(words(parts))
    parts.insert(at, parts[at] + " ")


def swap_tokens(rng, parts):
    a, b = rng.choice(words(parts)), rng.choice(words(parts))
    parts[a], parts[b] = parts[b], parts[a]


def replace_token(rng, parts):
    parts[rng.choice(words(parts))] = parts[rng.choice(words(parts))]


def same_kind(rng, parts):
    """Exchanges a value, symbol or word for another of its kind: what comes out mostly parses."""
    at = rng.choice(words(parts))
    first = parts[at][0]
    kin = [part for part in parts if part[0] == first and not part.isspace()] if first in '%@#!^"' else []
    if kin:
        parts[at] = rng.choice(kin)
    else:
        edit_number(rng, parts)


def edit_number(rng, parts):
    places = [i for i, part in enumerate(parts) if part[0].isdigit() or (part[0] == "-" and len(part) > 1 and part[1].isdigit())]
    if places:
        parts[rng.choice(places)] = rng.choice(NUMBERS)


def edit_operation(rng, parts):
    places = [i for i, part in enumerate(parts) if part.split(".")[0] in OPERATIONS and "." in part]
    if places:
        at = rng.choice(places)
        dialect = parts[at].split(".")[0]
        if rng.random() < 0.1:
            dialect = rng.choice(list(OPERATIONS))
        parts[at] = f"{dialect}.{rng.choice(OPERATIONS[dialect])}"


TOKEN_EDITS = [delete_token, duplicate_token, swap_tokens, replace_token, same_kind, same_kind, same_kind, edit_number, edit_number, edit_number,
               edit_operation, edit_operation]


def edit_tokens(rng: random.Random, text: str) -> str:
    parts = tokens(text)
    for _ in range(rng.choice([1, 1, 2, 3])):
        if words(parts):
            rng.choice(TOKEN_EDITS)(rng, parts)
    return "".join(parts)


def replace_everywhere(rng: random.Random, text: str) -> str:
    """One number or type becomes another at all of its places (or at most of them): shapes keep fitting together."""
    pattern = rng.choice([r"(?<![\w.%#@!^-])\d+(?=x)|(?<=x)\d+(?=x)|(?<![\w.%#@!^-])\d+(?![\w.])", TYPE, SHAPED])
    found = sorted({match.group() for match in re.finditer(pattern, text)})
    if not found:
        return edit_tokens(rng, text)
    old = rng.choice(found)
    new = rng.choice(NUMBERS if old[0].isdigit() else TYPES)
    keep = 0.0 if rng.random() < 0.7 else 0.2
    return re.sub(pattern, lambda match: new if match.group() == old and rng.random() >= keep else match.group(), text)


def edit_lines(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        del lines[a]
    elif kind == 1:
        lines.insert(b, lines[a])
    elif kind == 2:
        lines[a], lines[b] = lines[b], lines[a]
    else:
        a, b = min(a, b), max(a, b)
        del lines[a : min(b, a + 6)]
    return "\n".join(lines)


def truncate(rng: random.Random, text: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def nest(rng: random.Random, text: str) -> str:
    """Brackets, types, attributes, regions or affine expressions nested deeply."""
    depth = rng.choice([10, 100, 1000, 20000])
    what = rng.randrange(7)
    if what == 0:
        return "module {" * depth + text + "}" * depth
    if what == 1:
        return f"func.func private @deep({'tuple<' * depth}f32{'>' * depth})\n{text}"
    if what == 2:
        return f"module attributes {{deep = {'[' * depth}{']' * depth}}} {{\n{text}\n}}"
    if what == 3:
        return f"#deep = affine_map<(d0) -> ({'(' * depth}d0{')' * depth})>\n{text}"
    if what == 4:
        return f"#deep = affine_map<(d0) -> ({' + '.join(['d0'] * depth)})>\n{text}"
    if what == 5:
        opening = "".join(f"scf.if %c {{\n" for _ in range(depth))
        return f"func.func @deep(%c: i1) {{\n{opening}{'}' * depth}\n  return\n}}\n{text}"
    chain = "\n".join(f"  %d{i + 1} = arith.addf %d{i}, %d{i} : tensor<4xf32>" for i in range(min(depth, 1000)))
    return f"func.func @chain(%d0: tensor<4xf32>) -> tensor<4xf32> {{\n{chain}\n  return %d{min(depth, 1000)} : tensor<4xf32>\n}}\n{text}"


def edit_bytes(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(["\0", "\x7f", "é", "\ufeff", '"', "\\", "//", "{-#", "<<<<", "\r", "loc(", "dense<\"0x"]) + text[at:]


EDITS = [(edit_tokens, 10), (replace_everywhere, 10), (edit_lines, 3), (truncate, 0.5), (nest, 0.2), (edit_bytes, 0.3)]


def mutate(rng: random.Random, text: str) -> str:
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        text = rng.choices([edit for edit, _ in EDITS], [weight for _, weight in EDITS])[0](rng, text)
        if not text:
            break
    return text
