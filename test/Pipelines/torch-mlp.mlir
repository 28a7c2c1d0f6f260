// The MLP block of a transformer in the form torch-mlir writes it, any number of tokens: two products remain, and every
// elementwise op is in an epilogue.
// RUN: mpgemm-opt %s --target=sm_90a --emit=mpgemm -o - | FileCheck %s
// RUN: mpgemm-opt %s --target=sm_90a --emit=mpgemm --remarks-filter="mpgemm-.*" -o %t.mlir 2>&1 | FileCheck %s --check-prefix=REMARKS

// REMARKS: torch-mlp.mlir:{{.*}}: remark: {{.*}}mpgemm-fuse
// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x384xbf16>, %[[W1:[a-z0-9]+]]: tensor<1536x384xbf16>, %[[B1:[a-z0-9]+]]: tensor<1536xbf16>, %[[W2:[a-z0-9]+]]: tensor<384x1536xbf16>, %[[B2:[a-z0-9]+]]: tensor<384xbf16>
// CHECK-NOT: linalg.
// CHECK: %[[H:.*]] = mpgemm.matmul(%[[X]] : tensor<?x384xbf16>, %[[W1]] transposed : tensor<1536x384xbf16>) accumulate <f32>
// CHECK-SAME: %{{.*}} = %[[B1]][(d0, d1) -> (d1)] : tensor<1536xbf16>
// CHECK: math.erf
// CHECK: -> tensor<?x1536xbf16>
// CHECK-NOT: linalg.
// CHECK: %[[Y:.*]] = mpgemm.matmul(%[[H]] : tensor<?x1536xbf16>, %[[W2]] transposed : tensor<384x1536xbf16>) accumulate <f32>
// CHECK-SAME: %{{.*}} = %[[B2]][(d0, d1) -> (d1)] : tensor<384xbf16>, %{{.*}} = %[[X]][(d0, d1) -> (d0, d1)] : tensor<?x384xbf16>
// CHECK-NOT: linalg.
// CHECK: return %[[Y]]
func.func @main(%x: tensor<?x384xbf16>, %w1: tensor<1536x384xbf16>, %b1: tensor<1536xbf16>, %w2: tensor<384x1536xbf16>, %b2: tensor<384xbf16>) -> tensor<?x384xbf16> {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x384xbf16>
  %zero = arith.constant 0.000000e+00 : bf16
  %0 = tensor.empty() : tensor<384x1536xbf16>
  %1 = linalg.transpose ins(%w1 : tensor<1536x384xbf16>) outs(%0 : tensor<384x1536xbf16>) permutation = [1, 0]
  %2 = tensor.empty(%tokens) : tensor<?x1536xbf16>
  %3 = linalg.fill ins(%zero : bf16) outs(%2 : tensor<?x1536xbf16>) -> tensor<?x1536xbf16>
  %4 = linalg.matmul ins(%x, %1 : tensor<?x384xbf16>, tensor<384x1536xbf16>) outs(%3 : tensor<?x1536xbf16>) -> tensor<?x1536xbf16>
  %5 = tensor.empty(%tokens) : tensor<?x1536xbf16>
  %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%4, %b1 : tensor<?x1536xbf16>, tensor<1536xbf16>) outs(%5 : tensor<?x1536xbf16>) {
  ^bb0(%in: bf16, %in_0: bf16, %out: bf16):
    %r = arith.addf %in, %in_0 : bf16
    linalg.yield %r : bf16
  } -> tensor<?x1536xbf16>
  %7 = tensor.empty(%tokens) : tensor<?x1536xf32>
  %8 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%6 : tensor<?x1536xbf16>) outs(%7 : tensor<?x1536xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %r = arith.extf %in : bf16 to f32
    linalg.yield %r : f32
  } -> tensor<?x1536xf32>
  %9 = tensor.empty(%tokens) : tensor<?x1536xf32>
  %10 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%8 : tensor<?x1536xf32>) outs(%9 : tensor<?x1536xf32>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.constant 5.000000e-01 : f32
    %r = arith.mulf %in, %c : f32
    linalg.yield %r : f32
  } -> tensor<?x1536xf32>
  %11 = tensor.empty(%tokens) : tensor<?x1536xf32>
  %12 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%8 : tensor<?x1536xf32>) outs(%11 : tensor<?x1536xf32>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.constant 0.707106769 : f32
    %r = arith.mulf %in, %c : f32
    linalg.yield %r : f32
  } -> tensor<?x1536xf32>
  %13 = tensor.empty(%tokens) : tensor<?x1536xf32>
  %14 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%12 : tensor<?x1536xf32>) outs(%13 : tensor<?x1536xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = math.erf %in : f32
    linalg.yield %r : f32
  } -> tensor<?x1536xf32>
  %15 = tensor.empty(%tokens) : tensor<?x1536xf32>
  %16 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%14 : tensor<?x1536xf32>) outs(%15 : tensor<?x1536xf32>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.constant 1.000000e+00 : f32
    %r = arith.addf %in, %c : f32
    linalg.yield %r : f32
  } -> tensor<?x1536xf32>
  %17 = tensor.empty(%tokens) : tensor<?x1536xf32>
  %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%10, %16 : tensor<?x1536xf32>, tensor<?x1536xf32>) outs(%17 : tensor<?x1536xf32>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %r = arith.mulf %in, %in_0 : f32
    linalg.yield %r : f32
  } -> tensor<?x1536xf32>
  %19 = tensor.empty(%tokens) : tensor<?x1536xbf16>
  %20 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%18 : tensor<?x1536xf32>) outs(%19 : tensor<?x1536xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %r = arith.truncf %in : f32 to bf16
    linalg.yield %r : bf16
  } -> tensor<?x1536xbf16>
  %21 = tensor.empty() : tensor<1536x384xbf16>
  %22 = linalg.transpose ins(%w2 : tensor<384x1536xbf16>) outs(%21 : tensor<1536x384xbf16>) permutation = [1, 0]
  %23 = tensor.empty(%tokens) : tensor<?x384xbf16>
  %24 = linalg.fill ins(%zero : bf16) outs(%23 : tensor<?x384xbf16>) -> tensor<?x384xbf16>
  %25 = linalg.matmul ins(%20, %22 : tensor<?x1536xbf16>, tensor<1536x384xbf16>) outs(%24 : tensor<?x384xbf16>) -> tensor<?x384xbf16>
  %26 = tensor.empty(%tokens) : tensor<?x384xbf16>
  %27 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%25, %b2 : tensor<?x384xbf16>, tensor<384xbf16>) outs(%26 : tensor<?x384xbf16>) {
  ^bb0(%in: bf16, %in_0: bf16, %out: bf16):
    %r = arith.addf %in, %in_0 : bf16
    linalg.yield %r : bf16
  } -> tensor<?x384xbf16>
  %28 = tensor.empty(%tokens) : tensor<?x384xbf16>
  %29 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%27, %x : tensor<?x384xbf16>, tensor<?x384xbf16>) outs(%28 : tensor<?x384xbf16>) {
  ^bb0(%in: bf16, %in_0: bf16, %out: bf16):
    %r = arith.addf %in, %in_0 : bf16
    linalg.yield %r : bf16
  } -> tensor<?x384xbf16>
  return %29 : tensor<?x384xbf16>
}
