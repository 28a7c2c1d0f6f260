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

// A size that a chain of doublings computes would be an expression of 2^16 terms.
// RUN: not mpgemm-opt %t/doublings.mlir --target=sm_80 --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=DOUBLINGS
// DOUBLINGS: doublings.mlir:{{[0-9]+}}:{{[0-9]+}}: error: a size, grid or condition of the program takes more than 4096 steps, or an expression nested deeper than 40 levels
//--- doublings.mlir
func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %0 = arith.addi %n, %n : index
  %1 = arith.maxsi %0, %n : index
  %2 = arith.addi %1, %0 : index
  %3 = arith.maxsi %2, %1 : index
  %4 = arith.addi %3, %2 : index
  %5 = arith.maxsi %4, %3 : index
  %6 = arith.addi %5, %4 : index
  %7 = arith.maxsi %6, %5 : index
  %8 = arith.addi %7, %6 : index
  %9 = arith.maxsi %8, %7 : index
  %10 = arith.addi %9, %8 : index
  %11 = arith.maxsi %10, %9 : index
  %12 = arith.addi %11, %10 : index
  %13 = arith.maxsi %12, %11 : index
  %14 = arith.addi %13, %12 : index
  %15 = arith.maxsi %14, %13 : index
  %16 = arith.addi %15, %14 : index
  %17 = arith.maxsi %16, %15 : index
  %18 = arith.addi %17, %16 : index
  %19 = arith.maxsi %18, %17 : index
  %20 = arith.addi %19, %18 : index
  %e = tensor.empty(%20) : tensor<?xf32>
  %r = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// RUN: not mpgemm-opt %t/splat.mlir --target=sm_80 --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=SPLAT
// SPLAT: splat.mlir:{{[0-9]+}}:{{[0-9]+}}: error: a constant of 4294967296 bytes repeats one value; linalg.fill makes such a tensor without storing it
//--- splat.mlir
func.func @main(%x: tensor<4xf32>) -> tensor<65536x16384xf32> {
  %0 = arith.constant dense<1.0> : tensor<65536x16384xf32>
  return %0 : tensor<65536x16384xf32>
}
