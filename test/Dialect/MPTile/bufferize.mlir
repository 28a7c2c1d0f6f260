// RUN: mpgemm-opt %s --mptile-bufferize --canonicalize --cse | FileCheck %s
// Tensors become buffers: launches write in place where nobody reads the old value any more.

llvm.func @k() attributes {nvvm.kernel} { llvm.return }

// CHECK-LABEL: func @second_launch_reuses_the_buffer
// CHECK-SAME: (%[[X:.*]]: memref<8xf32>)
func.func @second_launch_reuses_the_buffer(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c1 = arith.constant 1 : index
  %empty = tensor.empty() : tensor<8xf32>
  // CHECK: %[[BUFFER:.*]] = memref.alloc() : memref<8xf32>
  // CHECK-NEXT: mptile.launch @k ins(%[[X]] : memref<8xf32>) outs(%[[BUFFER]] : memref<8xf32>)
  %1 = mptile.launch @k ins(%x : tensor<8xf32>) outs(%empty : tensor<8xf32>) grid(%c1, %c1, %c1) -> tensor<8xf32>
  // CHECK-NEXT: mptile.launch @k outs(%[[BUFFER]] : memref<8xf32>) {{.*}} {keeps_outs}
  %2 = mptile.launch @k outs(%1 : tensor<8xf32>) grid(%c1, %c1, %c1) {keeps_outs} -> tensor<8xf32>
  // CHECK-NEXT: return %[[BUFFER]]
  return %2 : tensor<8xf32>
}

// CHECK-LABEL: func @argument_is_read_only
// CHECK-SAME: (%[[X:.*]]: memref<8xf32>)
func.func @argument_is_read_only(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c1 = arith.constant 1 : index
  // CHECK: %[[COPY:.*]] = memref.alloc() : memref<8xf32>
  // CHECK: memref.copy %[[X]], %[[COPY]]
  // CHECK: mptile.launch @k outs(%[[COPY]] : memref<8xf32>)
  %1 = mptile.launch @k outs(%x : tensor<8xf32>) grid(%c1, %c1, %c1) {keeps_outs} -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: func @inout_is_written
// CHECK-SAME: (%[[CACHE:.*]]: memref<8xf32> {mpgemm.inout = 0 : i64})
func.func @inout_is_written(%cache: tensor<8xf32> {mpgemm.inout = 0 : i64}) -> tensor<8xf32> {
  %c1 = arith.constant 1 : index
  // CHECK-NOT: memref.alloc
  // CHECK: mptile.launch @k outs(%[[CACHE]] : memref<8xf32>)
  %1 = mptile.launch @k outs(%cache : tensor<8xf32>) grid(%c1, %c1, %c1) {keeps_outs} -> tensor<8xf32>
  // CHECK: return %[[CACHE]]
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: func @inout_gets_the_result
// CHECK-SAME: (%[[CACHE:.*]]: memref<8xf32> {mpgemm.inout = 0 : i64}, %[[NEW:.*]]: memref<8xf32>)
func.func @inout_gets_the_result(%cache: tensor<8xf32> {mpgemm.inout = 0 : i64}, %new: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: memref.copy %[[NEW]], %[[CACHE]]
  // CHECK: return %[[CACHE]]
  return %new : tensor<8xf32>
}
