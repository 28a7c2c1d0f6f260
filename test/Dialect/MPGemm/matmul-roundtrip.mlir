// RUN: mpgemm-opt %s | mpgemm-opt | FileCheck %s
// RUN: mpgemm-opt %s --mlir-print-op-generic | mpgemm-opt | FileCheck %s

// CHECK-LABEL: @plain
// CHECK: mpgemm.matmul(%{{.*}} : tensor<128x64xf16>, %{{.*}} : tensor<64x32xf16>) accumulate <f32> -> tensor<128x32xf16>
func.func @plain(%a: tensor<128x64xf16>, %b: tensor<64x32xf16>) -> tensor<128x32xf16> {
  %d = mpgemm.matmul(%a : tensor<128x64xf16>, %b : tensor<64x32xf16>) accumulate <f32> -> tensor<128x32xf16>
  return %d : tensor<128x32xf16>
}

// The example of the op's description.
// CHECK-LABEL: @bias
// CHECK: mpgemm.matmul(%{{.*}} : tensor<?x384xbf16>, %{{.*}} transposed : tensor<1536x384xbf16>) accumulate <f32>
// CHECK-SAME: epilogue(%[[ACC:.*]] : f32, %[[X:.*]] = %{{.*}}[(d0, d1) -> (d1)] : tensor<1536xbf16>) {
// CHECK: arith.extf %[[X]]
// CHECK: arith.addf %[[ACC]]
// CHECK: mpgemm.yield %{{.*}} : bf16
// CHECK: } -> tensor<?x1536xbf16>
func.func @bias(%a: tensor<?x384xbf16>, %b: tensor<1536x384xbf16>, %bias: tensor<1536xbf16>) -> tensor<?x1536xbf16> {
  %d = mpgemm.matmul(%a : tensor<?x384xbf16>, %b transposed : tensor<1536x384xbf16>) accumulate <f32>
      epilogue(%acc : f32, %x = %bias[(d0, d1) -> (d1)] : tensor<1536xbf16>) {
    %0 = arith.extf %x : bf16 to f32
    %1 = arith.addf %acc, %0 : f32
    %2 = arith.truncf %1 : f32 to bf16
    mpgemm.yield %2 : bf16
  } -> tensor<?x1536xbf16>
  return %d : tensor<?x1536xbf16>
}

// B serves every batch of A; C is given; two results of different types.
// CHECK-LABEL: @shared_weights
// CHECK: mpgemm.matmul(%{{.*}} transposed : tensor<3x5x64x7xf16>, %{{.*}} : tensor<5x64x9xf16>)
// CHECK-SAME: init(%{{.*}} : tensor<3x5x7x9xf32>) accumulate <f32> schedule <tile = [128, 256, 64], stages = 3, store = "direct">
// CHECK-SAME: attributes {note = "kept"}
// CHECK: } -> (tensor<3x5x7x9xf16>, tensor<3x5x7x9xi1>)
func.func @shared_weights(%a: tensor<3x5x64x7xf16>, %b: tensor<5x64x9xf16>, %c: tensor<3x5x7x9xf32>)
    -> (tensor<3x5x7x9xf16>, tensor<3x5x7x9xi1>) {
  %d:2 = mpgemm.matmul(%a transposed : tensor<3x5x64x7xf16>, %b : tensor<5x64x9xf16>)
      init(%c : tensor<3x5x7x9xf32>) accumulate <f32>
      schedule <tile = [128, 256, 64], stages = 3, store = "direct"> attributes {note = "kept"}
      epilogue(%acc : f32) {
    %zero = arith.constant 0.0 : f32
    %0 = arith.truncf %acc : f32 to f16
    %1 = arith.cmpf ogt, %acc, %zero : f32
    mpgemm.yield %0, %1 : f16, i1
  } -> (tensor<3x5x7x9xf16>, tensor<3x5x7x9xi1>)
  return %d#0, %d#1 : tensor<3x5x7x9xf16>, tensor<3x5x7x9xi1>
}

// CHECK-LABEL: @fp8_rows_and_columns
// CHECK: mpgemm.matmul(%{{.*}} : tensor<8x64xf8E4M3FN> scale <row> %{{.*}} : tensor<8xf32>,
// CHECK-SAME: %{{.*}} transposed : tensor<16x64xf8E5M2> scale <column> %{{.*}} : tensor<16xf32>)
// CHECK-SAME: accumulate <f32, promote = 128> -> tensor<8x16xbf16>
func.func @fp8_rows_and_columns(%a: tensor<8x64xf8E4M3FN>, %sa: tensor<8xf32>, %b: tensor<16x64xf8E5M2>, %sb: tensor<16xf32>) -> tensor<8x16xbf16> {
  %d = mpgemm.matmul(%a : tensor<8x64xf8E4M3FN> scale <row> %sa : tensor<8xf32>,
                     %b transposed : tensor<16x64xf8E5M2> scale <column> %sb : tensor<16xf32>)
      accumulate <f32, promote = 128> -> tensor<8x16xbf16>
  return %d : tensor<8x16xbf16>
}

// CHECK-LABEL: @int4_weights_in_groups
// CHECK: mpgemm.matmul(%{{.*}} : tensor<8x256xbf16>,
// CHECK-SAME: %{{.*}} transposed unsigned : tensor<16x256xi4> scale <group = 128> %{{.*}} : tensor<16x2xf16> zero_point %{{.*}} : tensor<16x2xi4>)
// CHECK-SAME: accumulate <f32> weight_scale <partial_sum> -> tensor<8x16xbf16>
func.func @int4_weights_in_groups(%a: tensor<8x256xbf16>, %b: tensor<16x256xi4>, %sb: tensor<16x2xf16>, %zb: tensor<16x2xi4>) -> tensor<8x16xbf16> {
  %d = mpgemm.matmul(%a : tensor<8x256xbf16>,
                     %b transposed unsigned : tensor<16x256xi4> scale <group = 128> %sb : tensor<16x2xf16> zero_point %zb : tensor<16x2xi4>)
      accumulate <f32> weight_scale <partial_sum> -> tensor<8x16xbf16>
  return %d : tensor<8x16xbf16>
}

// CHECK-LABEL: @blocks
// CHECK: scale <block = [1, 128]> %{{.*}} : tensor<8x2xf32>, %{{.*}} : tensor<256x200xf8E4M3FN> scale <block = [128, 128]> %{{.*}} : tensor<2x2xf32>)
// CHECK-SAME: accumulate <f32, promote = never>
func.func @blocks(%a: tensor<8x256xf8E4M3FN>, %sa: tensor<8x2xf32>, %b: tensor<256x200xf8E4M3FN>, %sb: tensor<2x2xf32>) -> tensor<8x200xbf16> {
  %d = mpgemm.matmul(%a : tensor<8x256xf8E4M3FN> scale <block = [1, 128]> %sa : tensor<8x2xf32>,
                     %b : tensor<256x200xf8E4M3FN> scale <block = [128, 128]> %sb : tensor<2x2xf32>)
      accumulate <f32, promote = never> -> tensor<8x200xbf16>
  return %d : tensor<8x200xbf16>
}

// CHECK-LABEL: @nvfp4
// CHECK: scale <nvfp4> %{{.*}} : tensor<8x4xf8E4M3FN> global_scale %{{.*}} : tensor<f32>
// CHECK: scale <mx> %{{.*}} : tensor<16x2xf8E8M0FNU>
func.func @nvfp4(%a: tensor<8x64xf4E2M1FN>, %sa: tensor<8x4xf8E4M3FN>, %ga: tensor<f32>, %b: tensor<16x64xf4E2M1FN>, %sb: tensor<16x4xf8E4M3FN>, %mx: tensor<16x2xf8E8M0FNU>) -> (tensor<8x16xf32>, tensor<8x16xf32>) {
  %d = mpgemm.matmul(%a : tensor<8x64xf4E2M1FN> scale <nvfp4> %sa : tensor<8x4xf8E4M3FN> global_scale %ga : tensor<f32>,
                     %b transposed : tensor<16x64xf4E2M1FN> scale <nvfp4> %sb : tensor<16x4xf8E4M3FN>)
      accumulate <f32> -> tensor<8x16xf32>
  %e = mpgemm.matmul(%a : tensor<8x64xf4E2M1FN> scale <nvfp4> %sa : tensor<8x4xf8E4M3FN> global_scale %ga : tensor<f32>,
                     %b transposed : tensor<16x64xf4E2M1FN> scale <mx> %mx : tensor<16x2xf8E8M0FNU>)
      accumulate <f32> -> tensor<8x16xf32>
  return %d, %e : tensor<8x16xf32>, tensor<8x16xf32>
}

// CHECK-LABEL: @integers
// CHECK: %{{.*}} unsigned : tensor<?x?xi8>, %{{.*}} : tensor<?x?xi8>) accumulate <i32> -> tensor<?x?xi32>
func.func @integers(%a: tensor<?x?xi8>, %b: tensor<?x?xi8>) -> tensor<?x?xi32> {
  %d = mpgemm.matmul(%a unsigned : tensor<?x?xi8>, %b : tensor<?x?xi8>) accumulate <i32> -> tensor<?x?xi32>
  return %d : tensor<?x?xi32>
}

// CHECK-LABEL: @tf32
// CHECK: accumulate <f32> f32_precision <tf32>
func.func @tf32(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %d = mpgemm.matmul(%a : tensor<4x4xf32>, %b : tensor<4x4xf32>) accumulate <f32> f32_precision <tf32> -> tensor<4x4xf32>
  return %d : tensor<4x4xf32>
}
