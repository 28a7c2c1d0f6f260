// Slices of a larger tensor, read in place: columns of A that another slice and the rest of the tensor surround, rows of B, and an
// elementwise kernel. The differential suite compares the values.
// RUN: mpgemm-opt %s --target=sm_90a --emit=ptx -o %t.90.ptx
// RUN: mpgemm-opt %s --target=sm_80 --emit=ptx -o %t.80.ptx
// RUN: mpgemm-run %t.90.ptx --print-manifest | FileCheck %s

// Two steps and no copy of a slice.
// CHECK: "arena_bytes": 0
// CHECK-NOT: "label": "slice"

#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @main(%x: tensor<?x192xbf16>, %w: tensor<40x64xbf16>) -> (tensor<?x32xf32>, tensor<?x4xbf16>) {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x192xbf16>
  %a = tensor.extract_slice %x[0, 64] [%m, 64] [1, 1] : tensor<?x192xbf16> to tensor<?x64xbf16>
  %b = tensor.extract_slice %w[8, 0] [32, 64] [1, 1] : tensor<40x64xbf16> to tensor<32x64xbf16>
  %y = mpgemm.matmul(%a : tensor<?x64xbf16>, %b transposed : tensor<32x64xbf16>) accumulate <f32> -> tensor<?x32xf32>
  %four = tensor.extract_slice %a[0, 0] [%m, 4] [1, 1] : tensor<?x64xbf16> to tensor<?x4xbf16>
  %e = tensor.empty(%m) : tensor<?x4xbf16>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%four : tensor<?x4xbf16>) outs(%e : tensor<?x4xbf16>) {
  ^bb0(%in: bf16, %out: bf16):
    %0 = arith.addf %in, %in : bf16
    linalg.yield %0 : bf16
  } -> tensor<?x4xbf16>
  return %y, %z : tensor<?x32xf32>, tensor<?x4xbf16>
}
