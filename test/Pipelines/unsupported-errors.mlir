// RUN: rm -rf %t && split-file %s %t
// What the whole way down refuses, each with its place in the input.

// RUN: not mpgemm-opt %t/mixed.mlir --target=sm_90a --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=MIXED
// MIXED: mixed.mlir:2:{{.*}}error: 'mpgemm.matmul' op sm_90a has no lowered product of 'f16' x 'bf16'
//--- mixed.mlir
func.func @main(%a: tensor<64x64xf16>, %b: tensor<64x64xbf16>) -> tensor<64x64xf32> {
  %d = mpgemm.matmul(%a : tensor<64x64xf16>, %b : tensor<64x64xbf16>) accumulate <f32> -> tensor<64x64xf32>
  return %d : tensor<64x64xf32>
}

// RUN: not mpgemm-opt %t/complex.mlir --target=sm_90a --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=COMPLEX
// COMPLEX: complex.mlir:1:{{.*}}error: @main takes 'tensor<4xcomplex<f32>>', which no kernel can compute with
//--- complex.mlir
func.func @main(%a: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  return %a : tensor<4xcomplex<f32>>
}

// RUN: not mpgemm-opt %t/branch.mlir --target=sm_90a --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=BRANCH
// BRANCH: branch.mlir:4:{{.*}}error: 'scf.if' is control flow; a program is straight-line code
//--- branch.mlir
func.func @main(%a: tensor<4xf32>, %b: tensor<i1>) -> tensor<4xf32> {
  %c = tensor.extract %b[] : tensor<i1>

  %r = scf.if %c -> tensor<4xf32> {
    scf.yield %a : tensor<4xf32>
  } else {
    %s = tensor.empty() : tensor<4xf32>
    scf.yield %s : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// RUN: not mpgemm-opt %t/schedule.mlir --target=sm_90a --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=SCHEDULE
// SCHEDULE: schedule.mlir:2:{{.*}}error: 'mpgemm.matmul' op {{.*}}3 consumers; sm_90a kernels have 1 or 2
//--- schedule.mlir
func.func @main(%a: tensor<64x64xf16>, %b: tensor<64x64xf16>) -> tensor<64x64xf16> {
  %d = mpgemm.matmul(%a : tensor<64x64xf16>, %b : tensor<64x64xf16>) accumulate <f32> schedule <tile = [192, 64, 64], consumers = 3> -> tensor<64x64xf16>
  return %d : tensor<64x64xf16>
}

// RUN: not mpgemm-opt %t/sort.mlir --target=sm_90a --emit=ptx -o %t/x.ptx 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: sort.mlir:2:{{.*}}error:
//--- sort.mlir
func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = "model.sort"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
