// f32 products in fp8 and int8: weights as codes with scales, activations quantised as the program runs or with
// calibrated ranges.
// RUN: split-file %s %t
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 policy=%t/all.json" --cse | FileCheck %t/model.mlir
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="fp8 policy=%t/all.json" --cse | FileCheck %t/model.mlir --check-prefix=FP8
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="fp8 policy=%t/blocks.json" --cse | FileCheck %t/model.mlir --check-prefix=BLOCKS
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 policy=%t/all.json calibration=%t/ranges.json" --cse | FileCheck %t/model.mlir --check-prefix=STATIC
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 policy=%t/zero-point.json calibration=%t/ranges.json" --cse | FileCheck %t/model.mlir --check-prefix=ZERO
// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 policy=%t/zero-point.json calibration=%t/ranges.json" --remarks-filter=mpgemm-autocast 2>&1 >/dev/null | FileCheck %t/model.mlir --check-prefix=REMARK

//--- all.json
{"format": 1, "rules": [{"match": {}, "action": {"precision": "asked"}}]}

//--- blocks.json
{"format": 1, "rules": [{"match": {}, "action": {"precision": "asked", "weights": "2x4", "activations": "1x2"}}]}

//--- zero-point.json
{"format": 1, "rules": [{"match": {}, "action": {"precision": "asked", "zero_point": true, "weights": "tensor"}}]}

//--- ranges.json
{"format": 1, "function": "weight", "layers": {
  "weight.0": {"a": {"min": -1.0, "max": 4.1, "absmax": 6.35, "samples": 10}, "result": {"min": 0, "max": 1, "absmax": 1, "samples": 10}},
  "arguments.0": {"a": {"min": 0, "max": 0, "absmax": 0, "samples": 0}}}}

//--- model.mlir
// The weight is turned: codes have K last. Its scales belong to channels: 12.7 / 127 and 254 / 127 in int8. The rows of the
// activation are tokens.
// CHECK-LABEL: func @weight
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK: %[[Q:.*]], %[[S:.*]] = mpgemm.dynamic_quantize(%[[X]] : tensor<?x4xf32>) <row> -> tensor<?x4xi8>, tensor<?xf32>
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[}}[127, -64, 0, 5], [127, 0, 1, -127]]> : tensor<2x4xi8>
// CHECK-DAG: %[[WS:.*]] = arith.constant dense<[1.000000e-01, 2.000000e+00]> : tensor<2xf32>
// CHECK: mpgemm.matmul(%[[Q]] : tensor<?x4xi8> scale <row> %[[S]] : tensor<?xf32>, %[[W]] transposed : tensor<2x4xi8> scale <column> %[[WS]] : tensor<2xf32>) accumulate <i32> -> tensor<?x2xf32>

// FP8-LABEL: func @weight
// FP8: mpgemm.dynamic_quantize(%{{.*}} : tensor<?x4xf32>) <row> -> tensor<?x4xf8E4M3FN>, tensor<?xf32>
// FP8: mpgemm.matmul(%{{.*}} : tensor<?x4xf8E4M3FN> scale <row> %{{.*}} : tensor<?xf32>, %{{.*}} transposed : tensor<2x4xf8E4M3FN> scale <column> %{{.*}} : tensor<2xf32>) accumulate <f32> -> tensor<?x2xf32>

// BLOCKS-LABEL: func @weight
// BLOCKS: mpgemm.dynamic_quantize(%{{.*}} : tensor<?x4xf32>) <group = 2> -> tensor<?x4xf8E4M3FN>, tensor<?x2xf32>
// BLOCKS: mpgemm.matmul(%{{.*}} scale <group = 2> %{{.*}} : tensor<?x2xf32>, %{{.*}} scale <block = [2, 4]> %{{.*}} : tensor<1x1xf32>)

// One scale for the tensor: 6.35 / 127.
// STATIC-LABEL: func @weight
// STATIC-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>
// STATIC: %[[S:.*]] = arith.constant dense<5.000000e-02> : tensor<f32>
// STATIC: %[[Q:.*]] = mpgemm.quantize(%[[X]] : tensor<?x4xf32> scale <per_tensor> %[[S]] : tensor<f32>) -> tensor<?x4xi8>
// STATIC: mpgemm.matmul(%[[Q]] : tensor<?x4xi8> scale <per_tensor> %[[S]] : tensor<f32>, {{.*}} scale <column>

// The range -1 to 4.1 over 256 codes: steps of 5.1 / 255, zero at -128 + 50.
// ZERO-LABEL: func @weight
// ZERO-DAG: %[[S:.*]] = arith.constant dense<2.000000e-02> : tensor<f32>
// ZERO-DAG: %[[Z:.*]] = arith.constant dense<-78> : tensor<i8>
// ZERO: mpgemm.quantize(%{{.*}} : tensor<?x4xf32> scale <per_tensor> %[[S]] : tensor<f32> zero_point %[[Z]] : tensor<i8>) -> tensor<?x4xi8>
// ZERO: mpgemm.matmul({{.*}} scale <per_tensor> %[[S]] : tensor<f32> zero_point %[[Z]] : tensor<i8>, {{.*}} scale <per_tensor> {{.*}} : tensor<f32>)
// REMARK: weight.0 in int8: A quantised per tensor with the calibrated range and a zero point, B quantised per tensor at compile time
// REMARK: arguments.0 in int8: A quantised per token as the program runs (the calibration file has no range of it), B quantised per tensor as the program runs
func.func @weight(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[12.7, 254.0], [-6.4, 0.4], [0.04, 2.9], [0.5, -254.0]]> : tensor<4x2xf32>
  %d = mpgemm.matmul(%x : tensor<?x4xf32>, %w : tensor<4x2xf32>) accumulate <f32> -> tensor<?x2xf32>
  return %d : tensor<?x2xf32>
}

// What is not stored with K last is turned before it is quantised.
// CHECK-LABEL: func @arguments
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4x?xf32>, %[[W:[a-z0-9]+]]: tensor<4x2xf32>
// CHECK-DAG: %[[XT:.*]] = linalg.transpose ins(%[[X]] : tensor<4x?xf32>)
// CHECK-DAG: mpgemm.dynamic_quantize(%[[XT]] : tensor<?x4xf32>) <row>
// CHECK-DAG: %[[WT:.*]] = linalg.transpose ins(%[[W]] : tensor<4x2xf32>)
// CHECK-DAG: mpgemm.dynamic_quantize(%[[WT]] : tensor<2x4xf32>) <row>
// CHECK: mpgemm.matmul(%{{.*}} : tensor<?x4xi8> scale <row> %{{.*}} : tensor<?xf32>, %{{.*}} transposed : tensor<2x4xi8> scale <column> %{{.*}} : tensor<2xf32>)
func.func @arguments(%x: tensor<4x?xf32>, %w: tensor<4x2xf32>) -> tensor<?x2xf32> {
  %d = mpgemm.matmul(%x transposed : tensor<4x?xf32>, %w : tensor<4x2xf32>) accumulate <f32> -> tensor<?x2xf32>
  return %d : tensor<?x2xf32>
}
