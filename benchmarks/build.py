#!/usr/bin/env python3
"""Compiles the artifacts that benchmarks/dense.py and benchmarks/quantize.py measure.

D = A * B^T for each kind and shape; a kind is the types and scales of one product (KINDS below). With --quantize also the kernels of
dynamic quantisation, for each shape of activations.
"""
import argparse
import json
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
import mpgemm  # noqa: E402

DEFAULT = [(8192, 8192, 8192), (4096, 4096, 4096), (4096, 14336, 4096), (2048, 2048, 2048), (4096, 4096, 14336)]
ACTIVATIONS = [(8192, 4096), (16384, 8192), (4096, 14336), (2048, 28672)]

# kind: operand type, accumulation, result, scaling of A and B ("" or the attribute), shapes of the scales, other attributes
KINDS = {
    "bf16": ("bf16", "f32", "bf16", "", "", ""),
    "f16": ("f16", "f32", "f16", "", "", ""),
    "e4m3": ("f8E4M3FN", "f32", "bf16", "per_tensor", "per_tensor", ""),
    "e4m3-fast": ("f8E4M3FN", "f32, promote = never", "bf16", "per_tensor", "per_tensor", ""),
    "e4m3-row": ("f8E4M3FN", "f32", "bf16", "row", "column", ""),
    "e4m3-block": ("f8E4M3FN", "f32", "bf16", "group = 128", "block = [128, 128]", ""),
    "e4m3-group": ("f8E4M3FN", "f32", "bf16", "group = 128", "group = 128", ""),
    "int8": ("i8", "i32", "i32", "", "", ""),
    "int8-row": ("i8", "i32", "bf16", "row", "column", ""),
    "tf32": ("f32", "f32", "f32", "", "", " f32_precision <tf32>"),
    "f32": ("f32", "f32", "f32", "", "", ""),
}


def scale_shape(scaling, outer, k):
    """The shape of the scales of an operand with `outer` rows that is stored outer x K."""
    blocks = -(-k // 128)
    return {"per_tensor": (), "row": (outer,), "column": (outer,), "group = 128": (outer, blocks),
            "block = [128, 128]": (-(-outer // 128), blocks)}[scaling]


def tensor(shape, element):
    return f"tensor<{''.join(f'{size}x' for size in shape)}{element}>"


def product_text(kind, m, n, k, schedule=""):
    """One function of A (MxK), B (NxK) and their scales, where there are any."""
    element, accumulate, result, scaling_a, scaling_b, attributes = KINDS[kind]
    operands, arguments = [], []
    for name, outer, scaling, storage in (("a", m, scaling_a, ""), ("b", n, scaling_b, " transposed")):
        type_ = tensor((outer, k), element)
        arguments.append(f"%{name}: {type_}")
        text = f"%{name}{storage} : {type_}"
        if scaling:
            type_ = tensor(scale_shape(scaling, outer, k), "f32")
            arguments.append(f"%s{name}: {type_}")
            text += f" scale <{scaling}> %s{name} : {type_}"
        operands.append(text)
    schedule = f" schedule <{schedule}>" if schedule else ""
    out = tensor((m, n), result)
    return f"""func.func @main({', '.join(arguments)}) -> {out} {{
  %d = mpgemm.matmul({', '.join(operands)}) accumulate <{accumulate}>{attributes}{schedule} -> {out}
  return %d : {out}
}}
"""


def quantize_text(m, k, element, codes, scaling):
    scales = tensor((m,) if scaling == "row" else (m, k // 128), "f32")
    return f"""func.func @main(%x: {tensor((m, k), element)}) -> ({tensor((m, k), codes)}, {scales}) {{
  %q, %s = mpgemm.dynamic_quantize(%x : {tensor((m, k), element)}) <{scaling}> -> {tensor((m, k), codes)}, {scales}
  return %q, %s : {tensor((m, k), codes)}, {scales}
}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--type", action="append", choices=KINDS, help="kind of product; can be repeated (default: bf16)")
    parser.add_argument("--target", default="sm_90a")
    parser.add_argument("--shape", action="append", help="MxNxK; can be repeated (default: the squares and the layers of DEFAULT)")
    parser.add_argument("--schedule", action="append", help="a schedule by hand, as in tile = [128, 256, 64]; repeated: one artifact each")
    parser.add_argument("--quantize", action="store_true", help="the kernels of dynamic quantisation instead")
    arguments = parser.parse_args()
    shapes = [tuple(map(int, s.split("x"))) for s in arguments.shape or []] or (ACTIVATIONS if arguments.quantize else DEFAULT)
    arguments.out.mkdir(parents=True, exist_ok=True)
    jobs = []
    if arguments.quantize:
        for m, k in shapes:
            for codes, scaling in (("f8E4M3FN", "row"), ("f8E4M3FN", "group = 128"), ("i8", "row")):
                name = f"quantize_{codes}_{scaling.split()[0]}_{m}x{k}.ptx"
                jobs.append(({"shape": [m, k], "codes": codes, "scaling": scaling, "artifact": name},
                             quantize_text(m, k, "bf16", codes, scaling)))
    else:
        for kind in arguments.type or ["bf16"]:
            for m, n, k in shapes:
                for i, schedule in enumerate(arguments.schedule or [""]):
                    name = f"dense_{kind}_{m}x{n}x{k}{f'_{i}' if schedule else ''}.ptx"
                    entry = {"shape": [m, n, k], "type": kind, "artifact": name}
                    if schedule:
                        entry["schedule"] = schedule
                    jobs.append((entry, product_text(kind, m, n, k, schedule)))

    def build(job):
        entry, text = job
        mpgemm.compile(text, target=arguments.target, output=arguments.out / entry["artifact"])
        print(entry["artifact"], flush=True)
        return entry

    with ThreadPoolExecutor() as pool:
        index = list(pool.map(build, jobs))
    (arguments.out / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
