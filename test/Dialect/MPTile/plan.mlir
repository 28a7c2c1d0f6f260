// RUN: mpgemm-opt %s --mptile-plan --canonicalize --cse --split-input-file | FileCheck %s
// Where the buffers of a function go.

llvm.func @k() attributes {nvvm.kernel} { llvm.return }

// CHECK-LABEL: func @result_needs_no_copy
func.func @result_needs_no_copy(%x: memref<?x8xf32>) -> memref<?x2x4xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  // CHECK: %[[N:.*]] = memref.dim
  // CHECK: %[[RESULT:.*]] = mptile.result_buffer 0(%[[N]]) : memref<?x8xf32>
  // CHECK-NOT: mptile.arena
  // CHECK: mptile.launch @k ins(%{{.*}}) outs(%[[RESULT]] : memref<?x8xf32>)
  %out = memref.alloc(%n) : memref<?x8xf32>
  mptile.launch @k ins(%x : memref<?x8xf32>) outs(%out : memref<?x8xf32>) grid(%n, %n, %n)
  %shaped = memref.expand_shape %out [[0], [1, 2]] output_shape [%n, 2, 4] : memref<?x8xf32> into memref<?x2x4xf32>
  return %shaped : memref<?x2x4xf32>
}

// CHECK-LABEL: func @argument_and_double_result_are_copied
// CHECK-SAME: (%[[X:.*]]: memref<8xf32>)
func.func @argument_and_double_result_are_copied(%x: memref<8xf32>) -> (memref<8xf32>, memref<8xf32>, memref<8xf32>) {
  %c1 = arith.constant 1 : index
  %out = memref.alloc() : memref<8xf32>
  mptile.launch @k ins(%x : memref<8xf32>) outs(%out : memref<8xf32>) grid(%c1, %c1, %c1)
  // CHECK: %[[OUT:.*]] = mptile.result_buffer 1()
  // CHECK: %[[FIRST:.*]] = mptile.result_buffer 0()
  // CHECK: memref.copy %[[X]], %[[FIRST]]
  // CHECK: %[[THIRD:.*]] = mptile.result_buffer 2()
  // CHECK: memref.copy %[[OUT]], %[[THIRD]]
  // CHECK: return %[[FIRST]], %[[OUT]], %[[THIRD]]
  return %x, %out, %out : memref<8xf32>, memref<8xf32>, memref<8xf32>
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }

// %a lives over launches 0 and 1, %b over 1 and 2, %c over 2 and 3: %c takes the place of %a. The largest,
// %b, comes first.
// CHECK-LABEL: func @static_buffers_share_by_lifetime
func.func @static_buffers_share_by_lifetime(%x: memref<8xf32>) -> memref<8xf32> {
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<100xf32>
  %b = memref.alloc() : memref<200xf32>
  %c = memref.alloc() : memref<90xf32>
  %out = memref.alloc() : memref<8xf32>
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[BEHIND_B:.*]] = arith.constant 1024 : index
  // CHECK-DAG: %[[END:.*]] = arith.constant 1536 : index
  // CHECK: %[[ARENA:.*]] = mptile.arena %[[END]] : memref<?xi8>
  // CHECK-DAG: memref.view %[[ARENA]][%[[BEHIND_B]]][] : memref<?xi8> to memref<100xf32>
  // CHECK-DAG: memref.view %[[ARENA]][%[[ZERO]]][] : memref<?xi8> to memref<200xf32>
  // CHECK-DAG: memref.view %[[ARENA]][%[[BEHIND_B]]][] : memref<?xi8> to memref<90xf32>
  mptile.launch @k ins(%x : memref<8xf32>) outs(%a : memref<100xf32>) grid(%c1, %c1, %c1)
  mptile.launch @k ins(%a : memref<100xf32>) outs(%b : memref<200xf32>) grid(%c1, %c1, %c1)
  mptile.launch @k ins(%b : memref<200xf32>) outs(%c : memref<90xf32>) grid(%c1, %c1, %c1)
  mptile.launch @k ins(%c : memref<90xf32>) outs(%out : memref<8xf32>) grid(%c1, %c1, %c1)
  return %out : memref<8xf32>
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }

// Sizes that are not known: %a and %c share a region, %b meets both.
// CHECK-LABEL: func @dynamic_buffers_share_regions
func.func @dynamic_buffers_share_regions(%x: memref<?xf32>) -> memref<8xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?x64xf32>
  %b = memref.alloc(%n) : memref<?x64xf32>
  %c = memref.alloc(%n) : memref<?x64xf32>
  %out = memref.alloc() : memref<8xf32>
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[ROW:.*]] = arith.constant 256 : index
  // CHECK: %[[N:.*]] = memref.dim
  // CHECK: %[[REGION:.*]] = arith.muli %[[N]], %[[ROW]]
  // CHECK: %[[SIZE:.*]] = arith.addi %[[REGION]], %[[REGION]]
  // CHECK: %[[ARENA:.*]] = mptile.arena %[[SIZE]]
  // CHECK: memref.view %[[ARENA]][%[[ZERO]]][%[[N]]]
  // CHECK: memref.view %[[ARENA]][%[[REGION]]][%[[N]]]
  mptile.launch @k ins(%x : memref<?xf32>) outs(%a : memref<?x64xf32>) grid(%n, %n, %n)
  mptile.launch @k ins(%a : memref<?x64xf32>) outs(%b : memref<?x64xf32>) grid(%n, %n, %n)
  mptile.launch @k ins(%b : memref<?x64xf32>) outs(%c : memref<?x64xf32>) grid(%n, %n, %n)
  mptile.launch @k ins(%c : memref<?x64xf32>) outs(%out : memref<8xf32>) grid(%n, %n, %n)
  return %out : memref<8xf32>
}
