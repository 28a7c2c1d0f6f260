// A loop that carries only a scalar counts in 32 bits like everything else in a kernel.
// RUN: mpgemm-opt %s --mpgemm-kernelize --mptile-to-nvvm | FileCheck %s
// CHECK-LABEL: llvm.func @sum_reduce_0
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (f32) : i32
// CHECK-NOT: unrealized_conversion_cast
func.func @sum(%x: tensor<4x64xf32>) -> tensor<4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %0 = linalg.reduce ins(%x : tensor<4x64xf32>) outs(%f : tensor<4xf32>) dimensions = [1]
      (%in: f32, %sum: f32) {
        %1 = arith.addf %in, %sum : f32
        linalg.yield %1 : f32
      }
  return %0 : tensor<4xf32>
}
