// RUN: mpgemm-opt %s --mpgemm-prepare --cse --canonicalize | FileCheck %s
// What torch-mlir writes around a model.

// CHECK-NOT: global_seed
ml_program.global private mutable @global_seed(dense<0> : tensor<i64>) : tensor<i64>
ml_program.global private @weight(dense<[1.0, 2.0]> : tensor<2xf32>) : tensor<2xf32>

// CHECK-LABEL: func @global_is_a_constant
func.func @global_is_a_constant() -> tensor<2xf32> {
  // CHECK: %[[W:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00]>
  // CHECK: return %[[W]]
  %w = ml_program.global_load_const @weight : tensor<2xf32>
  return %w : tensor<2xf32>
}

// CHECK-LABEL: func @sizes_of_two_arguments_are_asserted
// CHECK-SAME: (%[[X:.*]]: tensor<?xf32>, %[[Y:.*]]: tensor<?xf32>)
func.func @sizes_of_two_arguments_are_asserted(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-DAG: %[[M:.*]] = tensor.dim %[[X]]
  // CHECK-DAG: %[[N:.*]] = tensor.dim %[[Y]]
  // CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[M]], %[[N]]
  // CHECK: cf.assert %[[SAME]], "sizes of the operands of 'linalg.add' disagree"
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %sum = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  return %sum : tensor<?xf32>
}

// CHECK-LABEL: func @one_argument_needs_no_assertion
func.func @one_argument_needs_no_assertion(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-NOT: cf.assert
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %sum = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  return %sum : tensor<?xf32>
}
