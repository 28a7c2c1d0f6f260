// RUN: mpgemm-opt %s --canonicalize --split-input-file | FileCheck %s
// Equal products are one after common subexpression elimination.
// RUN: mpgemm-opt %s --cse --split-input-file | FileCheck %s --check-prefix=CSE

// CHECK-LABEL: @transposes_are_folded
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<2x5x3xf16>, %[[B:[a-z0-9]+]]: tensor<4x5xf16>
// CHECK: mpgemm.matmul(%[[A]] transposed : tensor<2x5x3xf16>, %[[B]] transposed : tensor<4x5xf16>)
func.func @transposes_are_folded(%a: tensor<2x5x3xf16>, %b: tensor<4x5xf16>) -> tensor<2x3x4xf32> {
  %ea = tensor.empty() : tensor<2x3x5xf16>
  %eb = tensor.empty() : tensor<5x4xf16>
  %at = linalg.transpose ins(%a : tensor<2x5x3xf16>) outs(%ea : tensor<2x3x5xf16>) permutation = [0, 2, 1]
  %bt = linalg.transpose ins(%b : tensor<4x5xf16>) outs(%eb : tensor<5x4xf16>) permutation = [1, 0]
  %d = mpgemm.matmul(%at : tensor<2x3x5xf16>, %bt : tensor<5x4xf16>) accumulate <f32> -> tensor<2x3x4xf32>
  return %d : tensor<2x3x4xf32>
}

// -----

// A transpose that moves the batch is not one of the matrix; scales lie as their operand does.
// CHECK-LABEL: @other_transposes_stay
// CHECK-COUNT-2: linalg.transpose
// CHECK: mpgemm.matmul(%{{.*}} : tensor<3x2x5xf16>, %{{.*}} : tensor<5x4xi8> scale
func.func @other_transposes_stay(%a: tensor<2x3x5xf16>, %b: tensor<4x5xi8>, %s: tensor<4xf32>) -> tensor<3x2x4xf32> {
  %ea = tensor.empty() : tensor<3x2x5xf16>
  %eb = tensor.empty() : tensor<5x4xi8>
  %at = linalg.transpose ins(%a : tensor<2x3x5xf16>) outs(%ea : tensor<3x2x5xf16>) permutation = [1, 0, 2]
  %bt = linalg.transpose ins(%b : tensor<4x5xi8>) outs(%eb : tensor<5x4xi8>) permutation = [1, 0]
  %d = mpgemm.matmul(%at : tensor<3x2x5xf16>, %bt : tensor<5x4xi8> scale <column> %s : tensor<4xf32>) accumulate <f32> -> tensor<3x2x4xf32>
  return %d : tensor<3x2x4xf32>
}

// -----

// CHECK-LABEL: @zero_init_is_dropped
// CHECK-NOT: init
// CHECK: return
func.func @zero_init_is_dropped(%a: tensor<3x5xf16>, %b: tensor<5x4xf16>) -> tensor<3x4xf32> {
  %c = arith.constant dense<0.0> : tensor<3x4xf32>
  %d = mpgemm.matmul(%a : tensor<3x5xf16>, %b : tensor<5x4xf16>) init(%c : tensor<3x4xf32>) accumulate <f32> -> tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// -----

// CHECK-LABEL: @casts_are_folded
// CHECK: mpgemm.matmul(%arg0 : tensor<3x5xf16>, %arg1 : tensor<5x4xf16>) accumulate <f32> -> tensor<3x4xf32>
// CHECK: tensor.cast
func.func @casts_are_folded(%a: tensor<3x5xf16>, %b: tensor<5x4xf16>) -> tensor<?x?xf32> {
  %0 = tensor.cast %a : tensor<3x5xf16> to tensor<?x5xf16>
  %1 = tensor.cast %b : tensor<5x4xf16> to tensor<?x?xf16>
  %d = mpgemm.matmul(%0 : tensor<?x5xf16>, %1 : tensor<?x?xf16>) accumulate <f32> -> tensor<?x?xf32>
  return %d : tensor<?x?xf32>
}

// -----

// A cast of the result says how many rows there are, B how many columns.
// CHECK-LABEL: @results_state_what_is_known
// CHECK: %[[D:.*]] = mpgemm.matmul({{.*}}) accumulate <f32> -> tensor<3x4xf32>
// CHECK-NEXT: return %[[D]]
func.func @results_state_what_is_known(%a: tensor<?x?xf16>, %b: tensor<?x4xf16>) -> tensor<3x4xf32> {
  %d = mpgemm.matmul(%a : tensor<?x?xf16>, %b : tensor<?x4xf16>) accumulate <f32> -> tensor<?x?xf32>
  %0 = tensor.cast %d : tensor<?x?xf32> to tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

// %y is read as %x is, %z by nobody; reading %x along M is another operand.
// CHECK-LABEL: @extra_operands_are_merged
// CHECK: epilogue(%[[ACC:.*]] : f32, %[[X:.*]] = %arg2[(d0, d1) -> (d1)] : tensor<4xf32>, %[[ROW:.*]] = %arg2[(d0, d1) -> (d0)] : tensor<4xf32>) {
// CHECK: arith.addf %[[ACC]], %[[X]]
// CHECK: arith.mulf %{{.*}}, %[[X]]
// CHECK: arith.mulf %{{.*}}, %[[ROW]]
func.func @extra_operands_are_merged(%a: tensor<4x5xf16>, %b: tensor<5x4xf16>, %v: tensor<4xf32>) -> tensor<4x4xf32> {
  %d = mpgemm.matmul(%a : tensor<4x5xf16>, %b : tensor<5x4xf16>) accumulate <f32>
      epilogue(%acc : f32, %x = %v[(i, j) -> (j)] : tensor<4xf32>, %y = %v[(i, j) -> (j)] : tensor<4xf32>,
               %z = %v[(i, j) -> (j)] : tensor<4xf32>, %row = %v[(i, j) -> (i)] : tensor<4xf32>) {
    %0 = arith.addf %acc, %x : f32
    %1 = arith.mulf %0, %y : f32
    %2 = arith.mulf %1, %row : f32
    mpgemm.yield %2 : f32
  } -> tensor<4x4xf32>
  return %d : tensor<4x4xf32>
}

// -----

// CHECK-LABEL: @unused_results_are_dropped
// CHECK: mpgemm.yield %{{.*}} : f16
// CHECK-NEXT: } -> tensor<4x4xf16>
func.func @unused_results_are_dropped(%a: tensor<4x5xf16>, %b: tensor<5x4xf16>) -> tensor<4x4xf16> {
  %d:2 = mpgemm.matmul(%a : tensor<4x5xf16>, %b : tensor<5x4xf16>) accumulate <f32> epilogue(%acc : f32) {
    %0 = arith.truncf %acc : f32 to f16
    mpgemm.yield %acc, %0 : f32, f16
  } -> (tensor<4x4xf32>, tensor<4x4xf16>)
  return %d#1 : tensor<4x4xf16>
}

// -----

// CSE-LABEL: @equal_products
// CSE: %[[D:.*]] = mpgemm.matmul
// CSE-NOT: mpgemm.matmul
// CSE: return %[[D]], %[[D]]
func.func @equal_products(%a: tensor<4x5xf16>, %b: tensor<5x4xf16>) -> (tensor<4x4xf16>, tensor<4x4xf16>) {
  %d = mpgemm.matmul(%a : tensor<4x5xf16>, %b : tensor<5x4xf16>) accumulate <f32> epilogue(%acc : f32) {
    %0 = arith.truncf %acc : f32 to f16
    mpgemm.yield %0 : f16
  } -> tensor<4x4xf16>
  %e = mpgemm.matmul(%a : tensor<4x5xf16>, %b : tensor<5x4xf16>) accumulate <f32> epilogue(%acc : f32) {
    %0 = arith.truncf %acc : f32 to f16
    mpgemm.yield %0 : f16
  } -> tensor<4x4xf16>
  return %d, %e : tensor<4x4xf16>, tensor<4x4xf16>
}

// -----

// The cast that keeps a result's type is an op of another dialect, which this module does not mention.

// CHECK-LABEL: @refined_without_a_cast_in_the_module
// CHECK:         %[[REFINED:.+]] = mpgemm.matmul({{.*}}) {{.*}}-> tensor<2x8x127xf32>
// CHECK:         tensor.cast %[[REFINED]] : tensor<2x8x127xf32> to tensor<?x8x127xf32>
func.func @refined_without_a_cast_in_the_module(%a: tensor<2x8x256xf8E4M3FN>, %b: tensor<2x256x127xf8E4M3FN>) -> tensor<?x8x127xf32> {
  %d = mpgemm.matmul(%a : tensor<2x8x256xf8E4M3FN>, %b : tensor<2x256x127xf8E4M3FN>) accumulate <f32> -> tensor<?x8x127xf32>
  return %d : tensor<?x8x127xf32>
}
