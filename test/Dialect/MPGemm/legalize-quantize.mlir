// Before fusion: quantize and dequantize become elementwise ops, products of dequantised operands products of codes.
// RUN: mpgemm-opt %s --mpgemm-legalize=only-quantize --canonicalize --split-input-file | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-legalize=only-quantize --canonicalize --split-input-file --remarks-filter='mpgemm-legalize' 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Constant scales are inverted at compile time.
// CHECK-LABEL: @quantize_reads_reciprocals
// CHECK: %[[R:.*]] = arith.constant dense<[2.000000e+00, 2.500000e-01]> : tensor<2xf32>
// CHECK: linalg.generic {{.*}} ins(%arg0, %[[R]] : tensor<2x8xbf16>, tensor<2xf32>)
// CHECK-NOT: arith.divf
// CHECK: arith.minimumf
// CHECK-NEXT: arith.maximumf
// CHECK-NEXT: arith.truncf {{.*}} : f32 to f8E4M3FN
func.func @quantize_reads_reciprocals(%x: tensor<2x8xbf16>) -> tensor<2x8xf8E4M3FN> {
  %s = arith.constant dense<[0.5, 4.0]> : tensor<2xf16>
  %q = mpgemm.quantize(%x : tensor<2x8xbf16> scale <row> %s : tensor<2xf16>) -> tensor<2x8xf8E4M3FN>
  return %q : tensor<2x8xf8E4M3FN>
}

// -----

// CHECK-LABEL: @integer_codes
// CHECK: mpgemm.matmul(%arg0 unsigned : tensor<?x64xi8> scale <per_tensor> %arg2 : tensor<f32> zero_point %arg4 : tensor<i8>,
// CHECK-SAME: %arg1 transposed : tensor<8x64xi8> scale <column> %arg3 : tensor<8xf32>) accumulate <i32>
// CHECK-NOT: linalg.generic
// REMARK: a product of dequantised values becomes a product of i8 x i8 codes; their scales act on sums
func.func @integer_codes(%qa: tensor<?x64xi8>, %qb: tensor<8x64xi8>, %sa: tensor<f32>, %sb: tensor<8xf32>, %za: tensor<i8>) -> tensor<?x8xf32> {
  %a = mpgemm.dequantize(%qa : tensor<?x64xi8> scale <per_tensor> %sa : tensor<f32> zero_point %za : tensor<i8>) unsigned -> tensor<?x64xf32>
  %b = mpgemm.dequantize(%qb : tensor<8x64xi8> scale <row> %sb : tensor<8xf32>) -> tensor<8x64xf32>
  %d = mpgemm.matmul(%a : tensor<?x64xf32>, %b transposed : tensor<8x64xf32>) accumulate <f32> -> tensor<?x8xf32>
  return %d : tensor<?x8xf32>
}

// -----

// Weights stored K x N: a scale for each column, or blocks with their sides swapped. Tokens of a batch are merged.
// CHECK-LABEL: @stored_the_other_way
// CHECK: %[[QA:.*]] = tensor.collapse_shape %arg0 {{\[\[}}0, 1], [2]] : tensor<2x?x256xf8E4M3FN> into tensor<?x256xf8E4M3FN>
// CHECK: %[[SA:.*]] = tensor.collapse_shape %arg2 {{\[\[}}0, 1]] : tensor<2x?xf32> into tensor<?xf32>
// CHECK: mpgemm.matmul(%[[QA]] : tensor<?x256xf8E4M3FN> scale <row> %[[SA]] : tensor<?xf32>, %arg1 : tensor<256x8xf8E4M3FN> scale <block = [64, 128]> %arg3 : tensor<2x1xf32>)
func.func @stored_the_other_way(%qa: tensor<2x?x256xf8E4M3FN>, %qb: tensor<256x8xf8E4M3FN>, %sa: tensor<2x?xf32>, %sb: tensor<2x1xf32>) -> tensor<?x8xbf16> {
  %a = mpgemm.dequantize(%qa : tensor<2x?x256xf8E4M3FN> scale <row> %sa : tensor<2x?xf32>) -> tensor<2x?x256xbf16>
  %m = tensor.collapse_shape %a [[0, 1], [2]] : tensor<2x?x256xbf16> into tensor<?x256xbf16>
  %b = mpgemm.dequantize(%qb : tensor<256x8xf8E4M3FN> scale <block = [128, 64]> %sb : tensor<2x1xf32>) -> tensor<256x8xbf16>
  %d = mpgemm.matmul(%m : tensor<?x256xbf16>, %b : tensor<256x8xbf16>) accumulate <f32> -> tensor<?x8xbf16>
  return %d : tensor<?x8xbf16>
}

// -----

// A scale for each step of K is none of a product: the values are multiplied.
// CHECK-LABEL: @scales_along_k
// CHECK: linalg.generic
// CHECK: mpgemm.matmul({{.*}} : tensor<4x64xf32>, {{.*}} transposed : tensor<8x64xf32>)
// REMARK: a product of dequantised values stays one: the scales of A change at each step of K
func.func @scales_along_k(%qa: tensor<4x64xi8>, %qb: tensor<8x64xi8>, %sa: tensor<64xf32>, %sb: tensor<8xf32>) -> tensor<4x8xf32> {
  %a = mpgemm.dequantize(%qa : tensor<4x64xi8> scale <column> %sa : tensor<64xf32>) -> tensor<4x64xf32>
  %b = mpgemm.dequantize(%qb : tensor<8x64xi8> scale <row> %sb : tensor<8xf32>) -> tensor<8x64xf32>
  %d = mpgemm.matmul(%a : tensor<4x64xf32>, %b transposed : tensor<8x64xf32>) accumulate <f32> -> tensor<4x8xf32>
  return %d : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @one_operand
// CHECK: linalg.generic
// CHECK: mpgemm.matmul(%arg0 : tensor<4x64xf32>,
// REMARK: only B is dequantised; the product stays one of values
func.func @one_operand(%a: tensor<4x64xf32>, %qb: tensor<8x64xi8>, %sb: tensor<8xf32>) -> tensor<4x8xf32> {
  %b = mpgemm.dequantize(%qb : tensor<8x64xi8> scale <row> %sb : tensor<8xf32>) -> tensor<8x64xf32>
  %d = mpgemm.matmul(%a : tensor<4x64xf32>, %b transposed : tensor<8x64xf32>) accumulate <f32> -> tensor<4x8xf32>
  return %d : tensor<4x8xf32>
}
