#!/usr/bin/env python3
"""Writes the seed corpora of the fuzzing harnesses: seeds.py FOLDER makes FOLDER/<harness>/<seed>.

The seeds are the repository's own test inputs and small files made here; none is stored.
"""

import json
import pathlib
import struct
import sys

TEST = pathlib.Path(__file__).resolve().parents[1]


def vector_add():
    """Manifest and PTX text of the artifact made by hand."""
    text = (TEST / "inputs" / "vector-add.ptx").read_text()
    head, ptx = text.split("// mpgemm-artifact end\n", 1)
    return json.loads("\n".join(line[3:] for line in head.splitlines()[1:])), ptx, text


def rich_manifest():
    """A manifest in which every kind of step, buffer, argument and operator appears once."""
    place = {"buffer": 3, "offset": ["mul", 256, ["floordiv", ["mul", 2, "s0"], 256]]}
    tensormap = {
        "place": {"buffer": 0},
        "type": "bf16",
        "sizes": [64, ["max", "s0", 1], ["min", 2, "s1"]],
        "strides": [128, ["mul", 128, ["max", "s0", 1]]],
        "box": [64, 64, 1],
        "swizzle": 128,
        "l2_promotion": 256,
    }
    variant = {
        "when": ["and", ["aligned", 0, 128], ["ge", "s0", 64], ["not", ["eq", ["mod", "s0", 3], 1]]],
        "kernel": 0,
        "grid": [["min", ["ceildiv", "s0", 64], "device.multiprocessors"], 1, 1],
        "arguments": [
            {"tensormap": tensormap},
            {"pointer": place},
            {"value": ["select", ["lt", "s0", "s1"], "s0", ["sub", "s1", "s0"]]},
            {"value": ["add", "s0", 1, 2]},
            {"float": 0.5},
        ],
    }
    plain = {**variant, "when": ["or", ["le", "s0", 64], ["ne", "s0", "s1"], ["gt", 2, 1]], "kernel": 1, "arguments": []}
    return {
        "format": 1,
        "compiler": "seeds.py",
        "target": "sm_90a",
        "image_sha256": "0" * 64,
        "constants_file": {"name": "constants", "sha256": "0" * 64},
        "constants": [
            {"name": "base", "type": "f32", "shape": [8], "bytes": 32, "source": "file"},
            {"name": "packed", "type": "u8", "logical_type": "i4", "shape": [4, 8], "bytes": 32, "source": "init"},
        ],
        "kernels": [
            {
                "name": "k0",
                "block": [384, 1, 1],
                "cluster": [2, 1, 1],
                "shared_bytes": 213248,
                "programmatic_dependent_launch": True,
                "parameters": ["tensormap", "pointer", "i64", "i32", "f32"],
                "schedule": "tile 128x256x64",
                "source": "here",
            },
            {"name": "k1", "block": [32, 2, 1], "shared_bytes": 0, "parameters": []},
        ],
        "functions": [
            {
                "name": "init",
                "arguments": [],
                "results": [{"name": "packed", "type": "u8", "shape": [4, 8]}],
                "arena_bytes": 0,
                "buffers": [{"kind": "constant", "index": 0}, {"kind": "result", "index": 0}],
                "steps": [{"op": "copy", "from": {"buffer": 0}, "to": {"buffer": 1}, "bytes": 32}],
            },
            {
                "name": "main",
                "arguments": [
                    {"name": "x", "type": "bf16", "shape": ["s1", "s0", 64]},
                    {"name": "state", "type": "f32", "shape": ["s0"], "inout_result": 1},
                ],
                "results": [
                    {"name": "y", "type": "bf16", "shape": [["mul", 2, "s0"], 4]},
                    {"name": "state_out", "type": "f32", "shape": ["s0"]},
                ],
                "arena_bytes": ["mul", 512, ["add", "s0", 1]],
                "buffers": [
                    {"kind": "argument", "index": 0},
                    {"kind": "argument", "index": 1},
                    {"kind": "result", "index": 0},
                    {"kind": "arena", "offset": 0, "bytes": ["mul", 256, ["add", "s0", 1]]},
                    {"kind": "constant", "index": 1},
                ],
                "steps": [
                    {"op": "assert", "condition": ["lt", "s0", 1000000], "message": "too many rows"},
                    {"op": "fill", "to": {"buffer": 3, "offset": 0}, "bytes": ["mul", 4, "s0"], "value": 255},
                    {"op": "copy", "from": {"buffer": 3}, "to": {"buffer": 1}, "bytes": ["mul", 4, "s0"]},
                    {"op": "launch", "variants": [variant, plain], "flops": ["mul", 2, "s0"], "bytes": 8, "label": "first"},
                ],
            },
        ],
    }


def artifacts():
    manifest, _, text = vector_add()
    yield "manifest", json.dumps(manifest).encode()
    yield "rich", json.dumps(rich_manifest()).encode()
    yield "whole", text.encode()


def ptx_texts():
    yield "vector-add", vector_add()[1].encode()
    for case in sorted((TEST / "golden" / "cases").glob("*.json")):
        text = json.loads(case.read_text())["ptx"]
        if len(text) < 12000:
            yield case.stem, text.encode()


def npy(descr, shape, data, version=1):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + data


def npy_files():
    yield "f32", npy("<f4", "(2, 3)", bytes(24))
    yield "scalar", npy("<f8", "()", bytes(8))
    yield "bfloat16", npy("<V2", "(4,)", bytes(8), version=2)
    yield "named", npy("bfloat16", "(1, 4)", bytes(8), version=3)
    yield "bool", npy("|b1", "(0, 5)", b"")


def safetensors(tensors, data):
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + data


def safetensors_files():
    one = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    two = {"dtype": "BF16", "shape": [3], "data_offsets": [16, 22]}
    yield "two", safetensors({"__metadata__": {"format": "pt"}, "a": one, "b": two}, bytes(22))
    yield "low", safetensors({"w": {"dtype": "F8_E4M3", "shape": [0, 4], "data_offsets": [0, 0]}}, b"")
    yield "empty", safetensors({}, b"")


def input_texts():
    yield "random", b"4x4xf32=random:seed=7,normal,scale=2\nrandom:int\nsim:sms=3,order=random,seed=7,arch=sm_80,checks=off"
    yield "values", b"2x2xf32=1,2,3,4\n2x2xbf16=1.5\nsim:threads=2"
    yield "brackets", b"2x2xf8E4M3FN=[1 -inf][nan 0x1p3]\n1x2xi8\nsim"
    yield "zeros", b"0x4xf64\nbf16=3\nsim:order=latest,checks=on"


CORPORA = {
    "fuzz-artifact": artifacts,
    "fuzz-input": input_texts,
    "fuzz-npy": npy_files,
    "fuzz-ptx": ptx_texts,
    "fuzz-safetensors": safetensors_files,
}


def write(folder: pathlib.Path) -> None:
    for harness, seeds in CORPORA.items():
        (folder / harness).mkdir(parents=True, exist_ok=True)
        for name, contents in seeds():
            (folder / harness / name).write_bytes(contents)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(pathlib.Path(sys.argv[1]))
