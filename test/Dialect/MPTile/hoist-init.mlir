// RUN: mpgemm-opt %s --mptile-hoist-init --canonicalize --cse --split-input-file | FileCheck %s
// RUN: mpgemm-opt %s --mptile-hoist-init --mptile-hoist-init --canonicalize --cse --split-input-file | FileCheck %s
// RUN: mpgemm-opt %s --mptile-hoist-init --remarks-filter='mptile-hoist-init' --split-input-file -o %t 2>&1 | FileCheck %s --check-prefix=REMARK

llvm.func @pack() attributes {nvvm.kernel} { llvm.return }
llvm.func @add() attributes {nvvm.kernel} { llvm.return }

// Two launches in a row and a reshape between them move; two functions that need the same share it. What lies in between
// is not stored, and a layer's name does not keep two computations apart.
// CHECK: memref.global "private" @init_0 : memref<64xbf16> = uninitialized
// CHECK-NOT: memref.global
// CHECK-LABEL: func.func @init() -> (tensor<64xbf16> {mptile.init_global = @init_0})
// CHECK-DAG: %[[W:.*]] = arith.constant dense_resource<weights> : tensor<8x8xf32>
// CHECK-DAG: %[[SMS:.*]] = mptile.device_multiprocessors
// CHECK: %[[P:.*]] = mptile.launch @pack ins(%[[W]] {{.*}} grid(%[[SMS]], {{.*}} {label = "pack"}
// CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[P]]
// CHECK: %[[Q:.*]] = mptile.launch @pack ins(%[[FLAT]]
// CHECK-NOT: launch
// CHECK: return %[[Q]] : tensor<64xbf16>
// CHECK-LABEL: func.func @main
// CHECK: %[[M:.*]] = memref.get_global @init_0 : memref<64xbf16>
// CHECK: %[[T:.*]] = bufferization.to_tensor %[[M]] restrict : memref<64xbf16> to tensor<64xbf16>
// CHECK-NOT: @pack
// CHECK: mptile.launch @add ins(%{{.*}}, %[[T]] :
// REMARK-DAG: computed when the program is loaded, 0 bytes stored
// REMARK-DAG: depends on constants only (256 bytes); computed when the program is loaded, 128 bytes stored
func.func @main(%x: tensor<64xbf16>) -> tensor<64xbf16> {
  %w = arith.constant dense_resource<weights> : tensor<8x8xf32>
  %c1 = arith.constant 1 : index
  %sms = mptile.device_multiprocessors : index
  %e2 = tensor.empty() : tensor<8x8xf32>
  %p = mptile.launch @pack ins(%w : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) grid(%sms, %c1, %c1) {label = "pack"} -> tensor<8x8xf32>
  %flat = tensor.collapse_shape %p [[0, 1]] : tensor<8x8xf32> into tensor<64xf32>
  %e = tensor.empty() : tensor<64xbf16>
  %q = mptile.launch @pack ins(%flat : tensor<64xf32>) outs(%e : tensor<64xbf16>) grid(%c1, %c1, %c1) {layer = "main.0"} -> tensor<64xbf16>
  %y = mptile.launch @add ins(%x, %q : tensor<64xbf16>, tensor<64xbf16>) outs(%e : tensor<64xbf16>) grid(%c1, %c1, %c1) -> tensor<64xbf16>
  return %y : tensor<64xbf16>
}

// CHECK-LABEL: func.func @other
// CHECK: %[[M:.*]] = memref.get_global @init_0 : memref<64xbf16>
// CHECK: %[[T:.*]] = bufferization.to_tensor %[[M]] restrict
// CHECK-NOT: launch
// CHECK: %[[R:.*]] = tensor.expand_shape %[[T]]
// CHECK: return %[[R]]
func.func @other() -> tensor<1x64xbf16> {
  %w = arith.constant dense_resource<weights> : tensor<8x8xf32>
  %c1 = arith.constant 1 : index
  %sms = mptile.device_multiprocessors : index
  %e2 = tensor.empty() : tensor<8x8xf32>
  %p = mptile.launch @pack ins(%w : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) grid(%sms, %c1, %c1) {label = "pack"} -> tensor<8x8xf32>
  %flat = tensor.collapse_shape %p [[0, 1]] : tensor<8x8xf32> into tensor<64xf32>
  %e = tensor.empty() : tensor<64xbf16>
  %q = mptile.launch @pack ins(%flat : tensor<64xf32>) outs(%e : tensor<64xbf16>) grid(%c1, %c1, %c1) {layer = "other.0"} -> tensor<64xbf16>
  %r = tensor.expand_shape %q [[0, 1]] output_shape [1, 64] : tensor<64xbf16> into tensor<1x64xbf16>
  return %r : tensor<1x64xbf16>
}

{-# dialect_resources: { builtin: { weights: "0x04000000000000000000803f0000004000004040000080400000a0400000c0400000e0400000004100001041000020410000304100004041000050410000604100007041000080410000884100009041000098410000a0410000a8410000b0410000b8410000c0410000c8410000d0410000d8410000e0410000e8410000f0410000f84100000042000004420000084200000c4200001042000014420000184200001c4200002042000024420000284200002c4200003042000034420000384200003c4200004042000044420000484200004c4200005042000054420000584200005c4200006042000064420000684200006c4200007042000074420000784200007c42" } } #-}

// -----

llvm.func @convert() attributes {nvvm.kernel} { llvm.return }
llvm.func @broadcast() attributes {nvvm.kernel} { llvm.return }
llvm.func @fill() attributes {nvvm.kernel} { llvm.return }

// A broadcast stays where it is read; what it reads moves. So does a wide value that only a narrow one comes from.
// CHECK-LABEL: func.func @init() -> (tensor<4xbf16> {mptile.init_global = @init_0}, tensor<4xf32> {mptile.init_global = @init_0_0})
// CHECK: @convert
// CHECK: @broadcast ins({{.*}} -> tensor<4096xf32>
// CHECK: @convert ins({{.*}} -> tensor<4xf32>
// CHECK-LABEL: func.func @grows
// CHECK: @broadcast
// CHECK-NOT: @convert
// CHECK: @fill
// REMARK: depends on constants only, but its 8192 bytes are more than 2 times the 16 bytes of those; computed at each call
func.func @grows() -> (tensor<4096xbf16>, tensor<4xf32>, tensor<8xf32>) {
  %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = arith.constant 1 : index
  %e4 = tensor.empty() : tensor<4xbf16>
  %n = mptile.launch @convert ins(%w : tensor<4xf32>) outs(%e4 : tensor<4xbf16>) grid(%c1, %c1, %c1) -> tensor<4xbf16>
  %e = tensor.empty() : tensor<4096xbf16>
  %wide = mptile.launch @broadcast ins(%n : tensor<4xbf16>) outs(%e : tensor<4096xbf16>) grid(%c1, %c1, %c1) -> tensor<4096xbf16>
  %ef = tensor.empty() : tensor<4096xf32>
  %between = mptile.launch @broadcast ins(%w : tensor<4xf32>) outs(%ef : tensor<4096xf32>) grid(%c1, %c1, %c1) -> tensor<4096xf32>
  %e4f = tensor.empty() : tensor<4xf32>
  %sum = mptile.launch @convert ins(%between : tensor<4096xf32>) outs(%e4f : tensor<4xf32>) grid(%c1, %c1, %c1) -> tensor<4xf32>
  %e8 = tensor.empty() : tensor<8xf32>
  %zero = mptile.launch @fill outs(%e8 : tensor<8xf32>) grid(%c1, %c1, %c1) -> tensor<8xf32>
  return %wide, %sum, %zero : tensor<4096xbf16>, tensor<4xf32>, tensor<8xf32>
}

// -----

llvm.func @add() attributes {nvvm.kernel} { llvm.return }

// Nothing depends on constants only: there is no @init.
// CHECK-LABEL: module
// CHECK-NOT: @init
// CHECK: func.func @nothing
func.func @nothing(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = arith.constant dense<1.0> : tensor<4xf32>
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xf32>
  %y = mptile.launch @add ins(%x, %w : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) grid(%c1, %c1, %c1) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
