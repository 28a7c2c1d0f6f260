// RUN: mpgemm-opt %s | mpgemm-opt | FileCheck %s
// Launches on tensors and on memrefs print what they parse.

gpu.module @kernels [#nvvm.target<chip = "sm_90a">] {
  llvm.func @scale(%x: !llvm.ptr, %y: !llvm.ptr, %n: i32) attributes {nvvm.kernel} {
    llvm.return
  }
}

// CHECK-LABEL: @on_tensors
func.func @on_tensors(%x: tensor<?x8xf32>, %init: tensor<?x8xf32>, %blocks: index) -> tensor<?x8xf32> {
  %c1 = arith.constant 1 : index
  // CHECK: mptile.launch @scale ins(%{{.*}} : tensor<?x8xf32>) outs(%{{.*}} : tensor<?x8xf32>)
  // CHECK-SAME: grid(%{{.*}}, %{{.*}}, %{{.*}}) cost(%{{.*}}, %{{.*}}) {label = "scale"} -> tensor<?x8xf32>
  %y = mptile.launch @scale ins(%x : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>)
    grid(%blocks, %c1, %c1) cost(%blocks, %c1) {label = "scale"} -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: @layer
func.func @layer(%x: tensor<?x8xf32>, %init: tensor<?x8xf32>, %blocks: index) -> tensor<?x8xf32> {
  // CHECK: {layer = "main.0", layer_scales = array<i64: -1>} -> tensor<?x8xf32>
  %y = mptile.launch @scale ins(%x : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>)
    grid(%blocks, %blocks, %blocks) {layer = "main.0", layer_scales = array<i64: -1>} -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: @on_memrefs
func.func @on_memrefs(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  // CHECK: %[[SMS:.*]] = mptile.device_multiprocessors : index
  %sms = mptile.device_multiprocessors : index
  // CHECK: mptile.launch @kernels::@scale ins(%{{.*}} : memref<?x8xf32>) outs(%{{.*}} : memref<?x8xf32>) grid(%[[SMS]]
  mptile.launch @kernels::@scale ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>) grid(%sms, %sms, %sms)
  return
}

// CHECK-LABEL: @buffers
func.func @buffers(%rows: index, %bytes: index) -> memref<?x8xf32> {
  // CHECK: mptile.result_buffer 0(%{{.*}}) : memref<?x8xf32>
  %y = mptile.result_buffer 0(%rows) : memref<?x8xf32>
  // CHECK: mptile.arena %{{.*}} : memref<?xi8>
  %arena = mptile.arena %bytes : memref<?xi8>
  return %y : memref<?x8xf32>
}
