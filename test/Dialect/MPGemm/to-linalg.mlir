// RUN: mpgemm-opt %s --mpgemm-to-linalg --split-input-file | FileCheck %s

// CHECK-LABEL: @plain_product_is_one_contraction
// CHECK: %[[ZERO:.*]] = linalg.fill {{.*}} -> tensor<3x4xf32>
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}}["parallel", "parallel", "reduction"]{{.*}} ins({{.*}} : tensor<3x5xf16>, tensor<5x4xf16>) outs(%[[ZERO]]
// CHECK: arith.mulf {{.*}} : f32
// CHECK: arith.addf {{.*}} : f32
// CHECK: linalg.generic {{.*}} ins(%[[SUM]]
// CHECK: arith.truncf {{.*}} : f32 to f16
// CHECK-NOT: mpgemm.
func.func @plain_product_is_one_contraction(%a: tensor<3x5xf16>, %b: tensor<5x4xf16>) -> tensor<3x4xf16> {
  %d = mpgemm.matmul(%a : tensor<3x5xf16>, %b : tensor<5x4xf16>) accumulate <f32> -> tensor<3x4xf16>
  return %d : tensor<3x4xf16>
}

// -----

// A K that is not a multiple of the group is padded with codes that add nothing.
// CHECK-LABEL: @ragged_groups_are_padded
// CHECK: tensor.pad %arg0 low[0, 0] high[0, 28]
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<3x4x4xf32>)
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<3x4xf32>)
// CHECK: tensor.extract
func.func @ragged_groups_are_padded(%a: tensor<3x100xf8E4M3FN>, %b: tensor<4x100xf8E4M3FN>, %s: tensor<4x4xf8E8M0FNU>) -> tensor<3x4xf32> {
  %d = mpgemm.matmul(%a : tensor<3x100xf8E4M3FN>, %b transposed : tensor<4x100xf8E4M3FN> scale <mx> %s : tensor<4x4xf8E8M0FNU>)
      accumulate <f32> -> tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// -----

// Every size is dynamic; a result that says less than its operands is cast.
// CHECK-LABEL: @dynamic_sizes
// CHECK-DAG: %[[BATCH:.*]] = tensor.dim %arg0, %c0
// CHECK-DAG: %[[M:.*]] = tensor.dim %arg0, %c2
// CHECK-DAG: %[[N:.*]] = tensor.dim %arg1, %c0
// CHECK: tensor.empty(%[[BATCH]], %[[M]], %[[N]])
func.func @dynamic_sizes(%a: tensor<?x?x?xbf16>, %b: tensor<?x?xbf16>) -> tensor<?x?x?xf32> {
  %d = mpgemm.matmul(%a transposed : tensor<?x?x?xbf16>, %b transposed : tensor<?x?xbf16>) accumulate <f32> -> tensor<?x?x?xf32>
  return %d : tensor<?x?x?xf32>
}

// -----

// CHECK-LABEL: @other_ops_stay
// CHECK: linalg.matmul
func.func @other_ops_stay(%a: tensor<3x5xf32>, %b: tensor<5x4xf32>, %c: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %d = linalg.matmul ins(%a, %b : tensor<3x5xf32>, tensor<5x4xf32>) outs(%c : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}
