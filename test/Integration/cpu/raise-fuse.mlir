// Raising and fusing keep the values: the model as written and its fused product print the same numbers, which can be
// checked by hand. A feed-forward block in the form torch-mlir writes: [batch, sequence, K], transposed and broadcast
// weights, bias, ReLU and a residual.
// RUN: mpgemm-opt %s --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-scf-to-cf --convert-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-runner -e main --entry-point-result=void -shared-libs=%mlir_libs/libmlir_runner_utils.so,%mlir_libs/libmlir_c_runner_utils.so,%mlir_libs/libmlir_float16_utils.so \
// RUN: | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-raise --canonicalize --mpgemm-fuse --canonicalize --mpgemm-to-linalg --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-scf-to-cf --convert-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-runner -e main --entry-point-result=void -shared-libs=%mlir_libs/libmlir_runner_utils.so,%mlir_libs/libmlir_c_runner_utils.so,%mlir_libs/libmlir_float16_utils.so \
// RUN: | FileCheck %s
// One product is left, and nothing else computes:
// RUN: mpgemm-opt %s --mpgemm-raise --canonicalize --mpgemm-fuse --canonicalize | FileCheck %s --check-prefix=FUSED

func.func private @printMemrefF32(tensor<*xf32>) attributes {llvm.emit_c_interface}

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#last = affine_map<(d0, d1, d2) -> (d2)>
#weight = affine_map<(d0, d1, d2) -> (d1, d2)>

// FUSED-LABEL: func.func @block
// FUSED-NOT: linalg.
// FUSED: mpgemm.matmul
// FUSED-NOT: linalg.
// FUSED: return
func.func @block(%x: tensor<2x2x3xf16>, %w: tensor<2x3xf16>, %bias: tensor<2xf32>, %r: tensor<2x2x2xf32>) -> tensor<2x2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<3x2xf16>
  %wt = linalg.transpose ins(%w : tensor<2x3xf16>) outs(%e0 : tensor<3x2xf16>) permutation = [1, 0]
  %e1 = tensor.empty() : tensor<2x3x2xf16>
  %wb = linalg.generic {indexing_maps = [#weight, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%wt : tensor<3x2xf16>) outs(%e1 : tensor<2x3x2xf16>) {
  ^bb0(%in: f16, %out: f16):
    linalg.yield %in : f16
  } -> tensor<2x3x2xf16>
  %e = tensor.empty() : tensor<2x2x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2x2xf32>) -> tensor<2x2x2xf32>
  %d = linalg.batch_matmul ins(%x, %wb : tensor<2x2x3xf16>, tensor<2x3x2xf16>) outs(%init : tensor<2x2x2xf32>) -> tensor<2x2x2xf32>
  %0 = linalg.generic {indexing_maps = [#id, #last, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%d, %bias : tensor<2x2x2xf32>, tensor<2xf32>) outs(%e : tensor<2x2x2xf32>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %1 = arith.addf %in, %in_0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x2x2xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%0 : tensor<2x2x2xf32>) outs(%e : tensor<2x2x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %3 = arith.cmpf ugt, %in, %zero : f32
    %4 = arith.select %3, %in, %zero : f32
    linalg.yield %4 : f32
  } -> tensor<2x2x2xf32>
  %5 = linalg.sub ins(%2, %r : tensor<2x2x2xf32>, tensor<2x2x2xf32>) outs(%e : tensor<2x2x2xf32>) -> tensor<2x2x2xf32>
  return %5 : tensor<2x2x2xf32>
}

// x w^T: [1 2 3][4 5 6][7 8 9][-1 -2 -3] times rows [1 0 2] and [0 -1 1]: (7 1) (16 1) (25 1) (-7 -1);
// + bias (0.5 -2): (7.5 -1) (16.5 -1) (25.5 -1) (-6.5 -3); ReLU; - r, r = 1 2 ... 8.
// CHECK: sizes = [2, 2, 2]
// CHECK: [6.5,    -2]
// CHECK: [13.5,    -4]
// CHECK: [20.5,    -6]
// CHECK: [-7,    -8]
func.func @main() {
  %x = arith.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0], [-1.0, -2.0, -3.0]]]> : tensor<2x2x3xf16>
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]]> : tensor<2x3xf16>
  %bias = arith.constant dense<[0.5, -2.0]> : tensor<2xf32>
  %r = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>
  %d = call @block(%x, %w, %bias, %r) : (tensor<2x2x3xf16>, tensor<2x3xf16>, tensor<2xf32>, tensor<2x2x2xf32>) -> tensor<2x2x2xf32>
  %u = tensor.cast %d : tensor<2x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}
