// f32 products in tf32, f16 and bf16: what is converted, where, and how often.
// RUN: split-file %s %t
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/all.json" --cse | FileCheck %t/model.mlir
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="f16 policy=%t/all.json" --cse | FileCheck %t/model.mlir --check-prefix=F16
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="precision=tf32 policy=%t/all.json" | FileCheck %t/model.mlir --check-prefix=TF32
// RUN: mpgemm-opt %t/model.mlir --pass-pipeline='builtin.module(mpgemm-autocast{bf16 policy=%t/all.json},cse)' | FileCheck %t/model.mlir

//--- all.json
{"format": 1, "rules": [{"match": {}, "action": {"precision": "asked"}}]}

//--- model.mlir
// The activation is cast by an elementwise op, the weight is stored in the low type; the sum and the result stay f32.
// CHECK-LABEL: func @weight
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK: %[[LOW:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<?x4xf32>)
// CHECK-NEXT: ^bb0(%[[IN:.*]]: f32, %{{.*}}: bf16):
// CHECK-NEXT: arith.truncf %[[IN]] : f32 to bf16
// CHECK: %[[W:.*]] = arith.constant dense<{{\[}}[1.000000e+00, 2.500000e-01, -3.000000e+00, 9.994{{.*}}e-04], [5.000000e-01, 6.562500e+00, 0.000000e+00, 0xFF80]]> : tensor<2x4xbf16>
// CHECK: mpgemm.matmul(%[[LOW]] : tensor<?x4xbf16>, %[[W]] transposed : tensor<2x4xbf16>) accumulate <f32> -> tensor<?x2xf32>
// F16-LABEL: func @weight
// F16: arith.constant dense<{{.*}}0xFC00]]> : tensor<2x4xf16>
// F16: mpgemm.matmul({{.*}} : tensor<?x4xf16>, {{.*}} transposed : tensor<2x4xf16>) accumulate <f32> -> tensor<?x2xf32>
// TF32-LABEL: func @weight
// TF32: mpgemm.matmul({{.*}} : tensor<?x4xf32>, {{.*}} transposed : tensor<2x4xf32>) accumulate <f32> f32_precision <tf32>
func.func @weight(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 0.25, -3.0, 0.001], [0.5, 6.5625, 0.0, 0xFF800000]]> : tensor<2x4xf32>
  %d = mpgemm.matmul(%x : tensor<?x4xf32>, %w transposed : tensor<2x4xf32>) accumulate <f32> -> tensor<?x2xf32>
  return %d : tensor<?x2xf32>
}

// Two products share an activation and a weight: one cast, one constant.
// CHECK-LABEL: func @shared
// CHECK: arith.truncf
// CHECK-NOT: arith.truncf
// CHECK: arith.constant dense_resource<w.bf16> : tensor<2x2xbf16>
// CHECK-NOT: arith.constant
// CHECK-COUNT-2: mpgemm.matmul({{.*}}xbf16>, {{.*}}xbf16>)
func.func @shared(%x: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense_resource<w> : tensor<2x2xf32>
  %d = mpgemm.matmul(%x : tensor<?x2xf32>, %w : tensor<2x2xf32>) accumulate <f32> -> tensor<?x2xf32>
  %e = mpgemm.matmul(%x : tensor<?x2xf32>, %w transposed : tensor<2x2xf32>) accumulate <f32> -> tensor<?x2xf32>
  return %d, %e : tensor<?x2xf32>, tensor<?x2xf32>
}

// A cast stands behind the value itself, before its reshapes, where it can join the epilogue of what computes the value.
// CHECK-LABEL: func @below_reshapes
// CHECK: %[[E:.*]] = linalg.exp
// CHECK: %[[LOW:.*]] = linalg.generic {{.*}} ins(%[[E]] : tensor<3x5x4xf32>)
// CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[LOW]] {{\[\[}}0, 1], [2]] : tensor<3x5x4xbf16> into tensor<15x4xbf16>
// CHECK: mpgemm.matmul(%[[FLAT]] : tensor<15x4xbf16>,
func.func @below_reshapes(%x: tensor<3x5x4xf32>, %w: tensor<4x2xf32>) -> tensor<15x2xf32> {
  %empty = tensor.empty() : tensor<3x5x4xf32>
  %e = linalg.exp ins(%x : tensor<3x5x4xf32>) outs(%empty : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %flat = tensor.collapse_shape %e [[0, 1], [2]] : tensor<3x5x4xf32> into tensor<15x4xf32>
  %d = mpgemm.matmul(%flat : tensor<15x4xf32>, %w : tensor<4x2xf32>) accumulate <f32> -> tensor<15x2xf32>
  return %d : tensor<15x2xf32>
}

// A constant behind a reshape is a weight; so is one that fills a tensor with one value.
// CHECK-LABEL: func @reshaped_weight
// CHECK-DAG: arith.constant dense<5.000000e-01> : tensor<3x4x2xbf16>
// CHECK-DAG: arith.constant dense_resource<v.bf16> : tensor<2x2xbf16>
// CHECK-NOT: tensor.expand_shape
func.func @reshaped_weight(%x: tensor<3x5x4xf32>, %y: tensor<?x2xf32>) -> (tensor<3x5x2xf32>, tensor<?x2xf32>) {
  %w = arith.constant dense<0.5> : tensor<12x2xf32>
  %batch = tensor.expand_shape %w [[0, 1], [2]] output_shape [3, 4, 2] : tensor<12x2xf32> into tensor<3x4x2xf32>
  %d = mpgemm.matmul(%x : tensor<3x5x4xf32>, %batch : tensor<3x4x2xf32>) accumulate <f32> -> tensor<3x5x2xf32>
  %v = arith.constant dense_resource<v> : tensor<4xf32>
  %square = tensor.expand_shape %v [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  %e = mpgemm.matmul(%y : tensor<?x2xf32>, %square : tensor<2x2xf32>) accumulate <f32> -> tensor<?x2xf32>
  return %d, %e : tensor<3x5x2xf32>, tensor<?x2xf32>
}

// A weight that is an argument is cast once, by an op that reads nothing but the argument.
// CHECK-LABEL: func @argument
// CHECK-SAME: %[[W:[a-z0-9]+]]: tensor<4x4xf32>
// CHECK-COUNT-1: ins(%[[W]] : tensor<4x4xf32>)
// CHECK-NOT: ins(%[[W]]
// CHECK: return
func.func @argument(%w: tensor<4x4xf32>, %x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %d = mpgemm.matmul(%x : tensor<?x4xf32>, %w : tensor<4x4xf32>) accumulate <f32> -> tensor<?x4xf32>
  %e = mpgemm.matmul(%d : tensor<?x4xf32>, %w : tensor<4x4xf32>) accumulate <f32> -> tensor<?x4xf32>
  return %e : tensor<?x4xf32>
}

// An initial value and an epilogue stay f32.
// CHECK-LABEL: func @epilogue
// CHECK: mpgemm.matmul({{.*}} : tensor<?x4xbf16>, {{.*}} : tensor<4x2xbf16>) init({{.*}} : tensor<?x2xf32>) accumulate <f32>
// CHECK: math.exp %{{.*}} : f32
func.func @epilogue(%x: tensor<?x4xf32>, %w: tensor<4x2xf32>, %c: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %d = mpgemm.matmul(%x : tensor<?x4xf32>, %w : tensor<4x2xf32>) init(%c : tensor<?x2xf32>) accumulate <f32>
      epilogue(%acc : f32) {
    %0 = math.exp %acc : f32
    mpgemm.yield %0 : f32
  } -> tensor<?x2xf32>
  return %d : tensor<?x2xf32>
}

{-# dialect_resources: { builtin: {
  w: "0x040000000000803F000000400000404000008040",
  v: "0x040000000000803F000000400000404000008040"
} } #-}
