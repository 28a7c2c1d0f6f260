// What --mpgemm-raise says about contractions it changes or leaves alone.
// RUN: mpgemm-opt %s --mpgemm-raise --split-input-file --remarks-filter=mpgemm-raise 2>&1 >/dev/null | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-raise --split-input-file | FileCheck %s --check-prefix=IR

// CHECK: remark: [Passed] linalg.matmul | Category:mpgemm-raise | Function=sums_in_f16 | Remark="summed in f16 as written; raised to sums in f32 with one rounding to f16"
func.func @sums_in_f16(%a: tensor<3x5xf16>, %b: tensor<5x4xf16>, %c: tensor<3x4xf16>) -> tensor<3x4xf16> {
  %d = linalg.matmul ins(%a, %b : tensor<3x5xf16>, tensor<5x4xf16>) outs(%c : tensor<3x4xf16>) -> tensor<3x4xf16>
  return %d : tensor<3x4xf16>
}
// IR: func.func @sums_in_f16
// IR: mpgemm.matmul

// -----

// CHECK: remark: [Missed] linalg.matmul | {{.*}}Reason="it converts an operand from f32 to f16, which loses values before the product; only casts that widen are part of one"
// IR: func.func @operands_are_truncated
// IR: linalg.matmul
func.func @operands_are_truncated(%a: tensor<3x5xf32>, %b: tensor<5x4xf32>, %c: tensor<3x4xf16>) -> tensor<3x4xf16> {
  %d = linalg.matmul ins(%a, %b : tensor<3x5xf32>, tensor<5x4xf32>) outs(%c : tensor<3x4xf16>) -> tensor<3x4xf16>
  return %d : tensor<3x4xf16>
}

// -----

// CHECK: remark: [Missed] {{.*}}Reason="it converts an operand from f32 to i32
// IR: func.func @float_to_integer
func.func @float_to_integer(%a: tensor<3x5xf32>, %b: tensor<5x4xi8>, %c: tensor<3x4xi32>) -> tensor<3x4xi32> {
  %d = linalg.matmul ins(%a, %b : tensor<3x5xf32>, tensor<5x4xi8>) outs(%c : tensor<3x4xi32>) -> tensor<3x4xi32>
  return %d : tensor<3x4xi32>
}

// -----

// CHECK: remark: [Missed] {{.*}}Reason="an operand is stored as f64; products are of f32, f16, bf16, f8E4M3FN, f8E5M2, i8 and narrower codes"
func.func @doubles(%a: tensor<3x5xf64>, %b: tensor<5x4xf64>, %c: tensor<3x4xf64>) -> tensor<3x4xf64> {
  %d = linalg.matmul ins(%a, %b : tensor<3x5xf64>, tensor<5x4xf64>) outs(%c : tensor<3x4xf64>) -> tensor<3x4xf64>
  return %d : tensor<3x4xf64>
}

// -----

// CHECK: remark: [Missed] {{.*}}Reason="i8 x i8 is summed in i8; integers are summed in i32"
func.func @sums_in_i8(%a: tensor<3x5xi8>, %b: tensor<5x4xi8>, %c: tensor<3x4xi8>) -> tensor<3x4xi8> {
  %d = linalg.matmul ins(%a, %b : tensor<3x5xi8>, tensor<5x4xi8>) outs(%c : tensor<3x4xi8>) -> tensor<3x4xi8>
  return %d : tensor<3x4xi8>
}

// -----

// CHECK: remark: [Missed] linalg.matvec | {{.*}}Reason="an operand is a vector", Suggestion="give it a dimension of size 1"
func.func @vector(%a: tensor<3x5xf32>, %b: tensor<5xf32>, %c: tensor<3xf32>) -> tensor<3xf32> {
  %d = linalg.matvec ins(%a, %b : tensor<3x5xf32>, tensor<5xf32>) outs(%c : tensor<3xf32>) -> tensor<3xf32>
  return %d : tensor<3xf32>
}

// -----

// The batch is the middle dimension of A.
// CHECK: remark: [Missed] linalg.contract | {{.*}}Reason="the dimensions of its operands are not batch, then M and K (or N)", Suggestion="transpose an operand with linalg.transpose"
func.func @batch_in_the_middle(%a: tensor<3x2x5xf16>, %b: tensor<2x5x4xf16>, %c: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %d = linalg.contract indexing_maps = [affine_map<(b, m, n, k) -> (m, b, k)>, affine_map<(b, m, n, k) -> (b, k, n)>, affine_map<(b, m, n, k) -> (b, m, n)>]
      ins(%a, %b : tensor<3x2x5xf16>, tensor<2x5x4xf16>) outs(%c : tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %d : tensor<2x3x4xf32>
}
