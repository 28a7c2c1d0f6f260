#!/usr/bin/env python3
"""Writes vector-add.ptx and vector-add.safetensors: a small artifact made by hand, for the tests of the runtime.

It holds one kernel, out[i] = a[i] + scale * b[i], and functions that use each kind of buffer.
"""
import hashlib
import json
import pathlib
import struct

PTX = """\
.version 8.0
.target sm_80
.address_size 64

// out[i] = a[i] + scale * b[i] for i < n
.visible .entry add_scaled(
    .param .u64 a,
    .param .u64 b,
    .param .u64 out,
    .param .u64 n,
    .param .f32 scale
)
.reqntid 128, 1, 1
{
    .reg .pred %p<2>;
    .reg .b32 %r<4>;
    .reg .b64 %rd<13>;
    .reg .f32 %f<5>;

    mov.u32 %r1, %ctaid.x;
    mov.u32 %r2, %ntid.x;
    mov.u32 %r3, %tid.x;
    mul.wide.u32 %rd1, %r1, %r2;
    cvt.u64.u32 %rd2, %r3;
    add.s64 %rd3, %rd1, %rd2;
    ld.param.u64 %rd4, [n];
    setp.ge.s64 %p1, %rd3, %rd4;
    @%p1 bra DONE;
    ld.param.u64 %rd5, [a];
    ld.param.u64 %rd6, [b];
    ld.param.u64 %rd7, [out];
    ld.param.f32 %f1, [scale];
    shl.b64 %rd8, %rd3, 2;
    add.s64 %rd9, %rd5, %rd8;
    add.s64 %rd10, %rd6, %rd8;
    add.s64 %rd11, %rd7, %rd8;
    ld.global.f32 %f2, [%rd9];
    ld.global.f32 %f3, [%rd10];
    fma.rn.f32 %f4, %f3, %f1, %f2;
    st.global.f32 [%rd11], %f4;
DONE:
    ret;
}
"""


def tensor(name, shape, **more):
    return {"name": name, "type": "f32", "shape": shape, **more}


def place(buffer, offset=0):
    return {"buffer": buffer, "offset": offset}


def add(a, b, out, n, scale, label):
    return {
        "op": "launch",
        "variants": [{
            "when": 1,
            "kernel": 0,
            "grid": [["ceildiv", n, 128], 1, 1],
            "arguments": [{"pointer": place(a)}, {"pointer": place(b)}, {"pointer": place(out)}, {"value": n},
                          {"float": scale}],
        }],
        "flops": ["mul", 2, n],
        "bytes": ["mul", 12, n],
        "label": label,
    }


def observed(buffer, shape):
    return {"place": place(buffer), "type": "f32", "shape": shape}


def layer(name, step, a, result, **more):
    return {"name": name, "step": step, "a": a, "results": [result], **more}


def function(name, arguments, results, buffers, steps, arena=0, **more):
    return {"name": name, "arguments": arguments, "results": results, "arena_bytes": arena, "buffers": buffers,
            "steps": steps, **more}


def main():
    here = pathlib.Path(__file__).parent
    data = struct.pack("<8f", *range(8))
    header = json.dumps({"base": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}}).encode()
    weights = struct.pack("<Q", len(header)) + header + data
    (here / "vector-add.safetensors").write_bytes(weights)

    elements = ["mul", 4, "s0"]
    bytes_ = ["mul", 16, "s0"]
    argument = [{"kind": "argument", "index": 0}, {"kind": "argument", "index": 1}]
    result = {"kind": "result", "index": 0}
    manifest = {
        "format": 1,
        "compiler": "written by hand",
        "target": "sm_80",
        "image_sha256": hashlib.sha256(PTX.encode()).hexdigest(),
        "constants_file": {"name": "vector-add.safetensors", "sha256": hashlib.sha256(weights).hexdigest()},
        "constants": [{"name": "base", "type": "f32", "shape": [8], "bytes": 32, "source": "file"},
                      {"name": "twice", "type": "f32", "shape": [8], "bytes": 32, "source": "init"}],
        "kernels": [{"name": "add_scaled", "block": [128, 1, 1], "cluster": [1, 1, 1], "shared_bytes": 0,
                     "parameters": ["pointer", "pointer", "pointer", "i64", "f32"], "schedule": "128 threads",
                     "source": "make_vector_add.py"}],
        "functions": [
            # twice = base + base, once, when the program is loaded
            function("init", [], [tensor("twice", [8])], [{"kind": "constant", "index": 0}, result],
                     [add(0, 0, 1, 8, 1.0, "pack")]),
            # x + 2y by way of the arena
            function("main", [tensor("x", ["s0", 4]), tensor("y", ["s0", 4])], [tensor("result0", ["s0", 4])],
                     argument + [result, {"kind": "arena", "offset": 0, "bytes": bytes_}],
                     [{"op": "assert", "condition": ["le", "s0", 1000000], "message": "too many rows"},
                      add(0, 1, 3, elements, 1.0, "first"), add(3, 1, 2, elements, 1.0, "second")],
                     arena=["mul", 256, ["ceildiv", bytes_, 256]],
                     layers=[layer("main.0", 1, observed(0, ["s0", 4]), observed(3, ["s0", 4]),
                                   b=observed(1, ["s0", 4])),
                             layer("main.1", 2, observed(3, ["s0", 4]), observed(2, ["s0", 4]))]),
            # x + twice
            function("plus_twice", [tensor("x", [8])], [tensor("result0", [8])],
                     argument[:1] + [{"kind": "constant", "index": 1}, result], [add(0, 1, 2, 8, 1.0, "constant")]),
            # acc += x, in place
            function("accumulate", [tensor("acc", ["n"], inout_result=0), tensor("x", ["n"])],
                     [tensor("result0", ["n"])], argument + [result], [add(0, 1, 2, "n", 1.0, "accumulate")]),
            # a fill, and a copy of x behind it
            function("pad", [tensor("x", ["n"])], [tensor("result0", [["add", "n", 4]])], argument[:1] + [result],
                     [{"op": "fill", "to": place(1), "bytes": 16, "value": 0},
                      {"op": "copy", "from": place(0), "to": place(1, 16), "bytes": ["mul", 4, "n"]}]),
        ],
    }
    lines = json.dumps(manifest, indent=1).splitlines()
    comment = "".join("// " + line + "\n" for line in lines)
    (here / "vector-add.ptx").write_text("// mpgemm-artifact 1\n" + comment + "// mpgemm-artifact end\n" + PTX)


if __name__ == "__main__":
    main()
