#!/usr/bin/env python3
"""Compiles the artifacts that benchmarks/dense.py measures: D = A * B^T for each shape, bf16 (or f16)."""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
import mpgemm  # noqa: E402

DEFAULT = [(8192, 8192, 8192), (4096, 4096, 4096), (4096, 14336, 4096), (2048, 2048, 2048), (4096, 4096, 14336)]

TEXT = """
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#d = affine_map<(m, n, k) -> (m, n)>
func.func @main(%a: tensor<{m}x{k}x{t}>, %b: tensor<{n}x{k}x{t}>) -> tensor<{m}x{n}x{t}> {{
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<{m}x{n}xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  %product = linalg.matmul indexing_maps = [#a, #b, #d] ins(%a, %b : tensor<{m}x{k}x{t}>, tensor<{n}x{k}x{t}>)
      outs(%fill : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  %out = tensor.empty() : tensor<{m}x{n}x{t}>
  %result = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}}
      ins(%product : tensor<{m}x{n}xf32>) outs(%out : tensor<{m}x{n}x{t}>) {{
  ^bb0(%x: f32, %unused: {t}):
    %y = arith.truncf %x : f32 to {t}
    linalg.yield %y : {t}
  }} -> tensor<{m}x{n}x{t}>
  return %result : tensor<{m}x{n}x{t}>
}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--type", default="bf16", choices=["bf16", "f16"])
    parser.add_argument("--target", default="sm_90a")
    parser.add_argument("--shape", action="append", help="MxNxK; can be repeated (default: the squares and the layers of DEFAULT)")
    arguments = parser.parse_args()
    shapes = [tuple(map(int, s.split("x"))) for s in arguments.shape or []] or DEFAULT
    arguments.out.mkdir(parents=True, exist_ok=True)
    index = []
    for m, n, k in shapes:
        name = f"dense_{arguments.type}_{m}x{n}x{k}.ptx"
        mpgemm.compile(TEXT.format(m=m, n=n, k=k, t=arguments.type), target=arguments.target, output=arguments.out / name)
        index.append({"shape": [m, n, k], "type": arguments.type, "artifact": name})
        print(name)
    (arguments.out / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
