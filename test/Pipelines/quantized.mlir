// Products of codes, from text to PTX: scales, zero points and requantisation are part of the product's epilogue, so that
// one kernel computes all of it beside those for what does not depend on the product.
// RUN: mpgemm-opt %s --target=sm_90a --emit=mpgemm -o - | FileCheck %s
// RUN: mpgemm-opt %s --target=sm_80 --emit=mpgemm -o - | FileCheck %s
// RUN: mpgemm-opt %s --target=sm_90a --emit=ptx -o - | FileCheck %s --check-prefix=SM90
// RUN: mpgemm-opt %s --target=sm_80 --emit=ptx -o - | FileCheck %s --check-prefix=SM80
// SM90: wgmma.mma_async.sync.aligned.m64n{{[0-9]+}}k32.s32.u8.s8
// SM80: mma.sync.aligned.m16n8k32{{.*}}.s32.u8.s8

// The sums of the weights' codes depend on them alone; the reciprocal of the result's scale is computed once.
// CHECK-LABEL: func.func @requantised
// CHECK-DAG: %[[SUMS:.*]] = linalg.generic {{.*}} ins(%arg1 : tensor<64x128xi8>) outs(%{{.*}} : tensor<64xi32>)
// CHECK-DAG: %[[RECIPROCAL:.*]] = linalg.generic {{.*}} ins(%arg4 : tensor<f32>) outs(%{{.*}} : tensor<f32>)
// CHECK: %[[D:.*]] = mpgemm.matmul(%arg0 unsigned : tensor<?x128xi8>, %arg1 transposed : tensor<64x128xi8>) accumulate <i32>
// CHECK-SAME: epilogue(%[[ACC:[^ ]*]] : i32
// CHECK: arith.subi %[[ACC]]
// CHECK: arith.sitofp {{.*}} : i32 to f32
// CHECK: math.roundeven
// CHECK: mpgemm.yield %{{.*}} : i8
// CHECK-NEXT: } -> tensor<?x64xi8>
// CHECK-NEXT: return %[[D]]
func.func @requantised(%a: tensor<?x128xi8>, %b: tensor<64x128xi8>, %za: tensor<i32>, %sb: tensor<64xf32>, %s: tensor<f32>) -> tensor<?x64xi8> {
  %d = mpgemm.matmul(%a unsigned : tensor<?x128xi8> zero_point %za : tensor<i32>,
                     %b transposed : tensor<64x128xi8> scale <column> %sb : tensor<64xf32>) accumulate <i32> -> tensor<?x64xf32>
  %q = mpgemm.quantize(%d : tensor<?x64xf32> scale <per_tensor> %s : tensor<f32>) -> tensor<?x64xi8>
  return %q : tensor<?x64xi8>
}
