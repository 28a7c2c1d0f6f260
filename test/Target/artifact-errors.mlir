// RUN: rm -rf %t && split-file %s %t
// What the artifact writer refuses.

// RUN: not mpgemm-opt %t/resource.mlir --target=sm_80 --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=RESOURCE
// RESOURCE: resource.mlir:2:{{.*}}error: the resource 'short' has 4 bytes, but 'tensor<4xf32>' takes 16
//--- resource.mlir
func.func @main() -> tensor<4xf32> {
  %0 = arith.constant dense_resource<short> : tensor<4xf32>
  return %0 : tensor<4xf32>
}
{-# dialect_resources: { builtin: { short: "0x0400000000000000" } } #-}

// RUN: not mpgemm-opt %t/elided.mlir --target=sm_80 --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=ELIDED
// ELIDED: error: the resource '__elided__' has no data in this file; it was elided when the file was printed
//--- elided.mlir
func.func @main() -> tensor<4xf32> {
  %0 = arith.constant dense_resource<__elided__> : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// RUN: not mpgemm-opt %t/type.mlir --target=sm_80 --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: type.mlir:1:{{.*}}error: a program cannot take or give a tensor of 'i4'
//--- type.mlir
func.func @main(%x: tensor<4xi4>) -> tensor<4xi4> {
  return %x : tensor<4xi4>
}
