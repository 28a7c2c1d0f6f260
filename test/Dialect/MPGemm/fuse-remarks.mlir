// What --mpgemm-fuse leaves alone, and what it says about it.
// RUN: mpgemm-opt %s --mpgemm-fuse --split-input-file --remarks-filter=mpgemm-fuse 2>&1 >/dev/null | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-fuse --split-input-file | FileCheck %s --check-prefix=IR
// RUN: mpgemm-opt %s --mpgemm-fuse=fold-intermediate-rounding=false --split-input-file | FileCheck %s --check-prefix=EXACT

// The product's result leaves the function: its value before the activation is needed as well.
// CHECK: remark: [Missed] linalg.exp | Category:mpgemm-fuse | Function=no_fuse_when_result_is_returned | Reason="the result it reads is also used by func.return, which needs the value before this op"
// IR-LABEL: @no_fuse_when_result_is_returned
// IR: linalg.exp
func.func @no_fuse_when_result_is_returned(%a: tensor<3x8xf16>, %b: tensor<8x4xf16>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %e = tensor.empty() : tensor<3x4xf32>
  %d = mpgemm.matmul(%a : tensor<3x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<3x4xf32>
  %0 = linalg.exp ins(%d : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %d, %0 : tensor<3x4xf32>, tensor<3x4xf32>
}

// -----

// CHECK: remark: [Missed] linalg.generic | {{.*}}Reason="it reads the product at (d0, d1) -> (d1, d0), not at its own element"
// IR-LABEL: @no_fuse_of_transposed_use
// IR: linalg.generic
func.func @no_fuse_of_transposed_use(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%d : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.exp %in : f32
    linalg.yield %1 : f32
  } -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// CHECK: remark: [Missed] linalg.generic | {{.*}}Reason="its body has linalg.index, which an epilogue does not take"
// IR-LABEL: @no_fuse_of_mask
// IR: linalg.index
func.func @no_fuse_of_mask(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>) -> tensor<4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%d : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c = arith.cmpi sge, %i, %j : index
    %1 = arith.select %c, %in, %zero : f32
    linalg.yield %1 : f32
  } -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// CHECK: remark: [Missed] linalg.generic | {{.*}}Reason="its body uses a scalar from outside that is not constant"
func.func @no_fuse_of_captured_scalar(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>, %s: f32) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%d : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.mulf %in, %s : f32
    linalg.yield %1 : f32
  } -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// A position embedding [sequence, N] is part of the dimensions that the product merged.
// CHECK: remark: [Missed] linalg.generic | {{.*}}Reason="an operand uses only part of the dimensions that a reshape merges"
func.func @no_fuse_of_part_of_merged_dimensions(%a: tensor<14x8xf16>, %b: tensor<8x4xf16>, %p: tensor<7x4xf32>) -> tensor<2x7x4xf32> {
  %e = tensor.empty() : tensor<2x7x4xf32>
  %d = mpgemm.matmul(%a : tensor<14x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<14x4xf32>
  %x = tensor.expand_shape %d [[0, 1], [2]] output_shape [2, 7, 4] : tensor<14x4xf32> into tensor<2x7x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(b, s, n) -> (b, s, n)>, affine_map<(b, s, n) -> (s, n)>, affine_map<(b, s, n) -> (b, s, n)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %p : tensor<2x7x4xf32>, tensor<7x4xf32>) outs(%e : tensor<2x7x4xf32>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %1 = arith.addf %in, %in_0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x7x4xf32>
  return %0 : tensor<2x7x4xf32>
}

// -----

// The product rounds to bf16, its user widens again: by default the rounding goes, and a remark says so.
// CHECK: remark: [Passed] linalg.generic | {{.*}}Remark="moved into the epilogue of a product"
// CHECK: remark: [Passed] arith.extf | {{.*}}Remark="rounding to bf16 between two fused ops dropped; fold-intermediate-rounding=false keeps it"
// IR-LABEL: @intermediate_rounding
// IR: epilogue(%[[ACC:.*]] : f32) {
// IR-NOT: arith.extf
// IR: math.exp %[[ACC]]
// EXACT-LABEL: @intermediate_rounding
// EXACT: %[[ROUNDED:.*]] = arith.truncf %{{.*}} : f32 to bf16
// EXACT: %[[WIDE:.*]] = arith.extf %[[ROUNDED]] : bf16 to f32
// EXACT: math.exp %[[WIDE]]
func.func @intermediate_rounding(%a: tensor<4x8xbf16>, %b: tensor<8x4xbf16>) -> tensor<4x4xbf16> {
  %e = tensor.empty() : tensor<4x4xbf16>
  %d = mpgemm.matmul(%a : tensor<4x8xbf16>, %b : tensor<8x4xbf16>) accumulate <f32> -> tensor<4x4xbf16>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%d : tensor<4x4xbf16>) outs(%e : tensor<4x4xbf16>) {
  ^bb0(%in: bf16, %out: bf16):
    %1 = arith.extf %in : bf16 to f32
    %2 = math.exp %1 : f32
    %3 = arith.truncf %2 : f32 to bf16
    linalg.yield %3 : bf16
  } -> tensor<4x4xbf16>
  return %0 : tensor<4x4xbf16>
}

// -----

// A softmax is no elementwise op: nothing is fused, nothing is said.
// CHECK-NOT: remark
// IR-LABEL: @declines_reductions
// IR: linalg.softmax
func.func @declines_reductions(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<4x4xf32>
  %0 = linalg.softmax dimension(1) ins(%d : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// An op that only writes to the tensor the product gave does not read it.
// IR-LABEL: @declines_ops_that_only_write
// IR: mpgemm.matmul({{.*}}) accumulate <f32> -> tensor<4x4xf32>
// IR: linalg.exp
func.func @declines_ops_that_only_write(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>, %x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<4x4xf32>
  %0 = linalg.exp ins(%x : tensor<4x4xf32>) outs(%d : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %d : tensor<4x4xf32>, tensor<4x4xf32>
}
