// RUN: mpgemm-opt %s --mpgemm-legalize --split-input-file | FileCheck %s

// Scales that are constant along K are multiplications at the head of the epilogue: first A's, then B's, in f32, then C.
// CHECK-LABEL: @scales_move_to_the_epilogue
// CHECK-SAME: %[[A:.*]]: tensor<4x64xi8>, %[[B:.*]]: tensor<8x64xi8>, %[[SA:.*]]: tensor<4xf16>, %[[SB:.*]]: tensor<8xf32>, %[[C:.*]]: tensor<4x8xf16>
// CHECK: mpgemm.matmul(%[[A]] : tensor<4x64xi8>, %[[B]] transposed : tensor<8x64xi8>) accumulate <i32> epilogue(%[[ACC:.*]] : i32,
// CHECK-SAME: %[[X:.*]] = %[[SA]][(d0, d1) -> (d0)] : tensor<4xf16>, %[[Y:.*]] = %[[SB]][(d0, d1) -> (d1)] : tensor<8xf32>, %[[Z:.*]] = %[[C]][(d0, d1) -> (d0, d1)] : tensor<4x8xf16>)
// CHECK-NEXT: %[[SUM:.*]] = arith.sitofp %[[ACC]] : i32 to f32
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[X]] : f16 to f32
// CHECK-NEXT: %[[SCALED:.*]] = arith.mulf %[[SUM]], %[[WIDE]]
// CHECK-NEXT: %[[BOTH:.*]] = arith.mulf %[[SCALED]], %[[Y]]
// CHECK-NEXT: %[[INIT:.*]] = arith.extf %[[Z]] : f16 to f32
// CHECK-NEXT: %[[FULL:.*]] = arith.addf %[[BOTH]], %[[INIT]]
// CHECK-NEXT: arith.negf %[[FULL]] : f32
func.func @scales_move_to_the_epilogue(%a: tensor<4x64xi8>, %b: tensor<8x64xi8>, %sa: tensor<4xf16>, %sb: tensor<8xf32>,
                                       %c: tensor<4x8xf16>) -> tensor<4x8xbf16> {
  %d = mpgemm.matmul(%a : tensor<4x64xi8> scale <row> %sa : tensor<4xf16>,
                     %b transposed : tensor<8x64xi8> scale <column> %sb : tensor<8xf32>)
      init(%c : tensor<4x8xf16>) accumulate <i32> epilogue(%acc : f32) {
    %0 = arith.negf %acc : f32
    %1 = arith.truncf %0 : f32 to bf16
    mpgemm.yield %1 : bf16
  } -> tensor<4x8xbf16>
  return %d : tensor<4x8xbf16>
}

// -----

// A matrix for the whole batch: its scales are read at N alone, those of A at the batch and M, a scalar at nothing.
// CHECK-LABEL: @batches
// CHECK: epilogue(%{{.*}} : f32, %{{.*}} = %arg2[(d0, d1, d2) -> (d0, d1)] : tensor<3x?xf32>, %{{.*}} = %arg3[(d0, d1, d2) -> (d2)]
// CHECK: epilogue(%{{.*}} : f32, %{{.*}} = %arg4[(d0, d1, d2) -> ()] : tensor<f32>)
func.func @batches(%a: tensor<3x?x64xf8E4M3FN>, %b: tensor<8x64xf8E5M2>, %sa: tensor<3x?xf32>, %sb: tensor<8xf32>,
                   %t: tensor<f32>) -> (tensor<3x?x8xf32>, tensor<3x?x8xf32>) {
  %d = mpgemm.matmul(%a : tensor<3x?x64xf8E4M3FN> scale <row> %sa : tensor<3x?xf32>,
                     %b transposed : tensor<8x64xf8E5M2> scale <column> %sb : tensor<8xf32>) accumulate <f32> -> tensor<3x?x8xf32>
  %e = mpgemm.matmul(%a : tensor<3x?x64xf8E4M3FN> scale <per_tensor> %t : tensor<f32>,
                     %b transposed : tensor<8x64xf8E5M2>) accumulate <f32> -> tensor<3x?x8xf32>
  return %d, %e : tensor<3x?x8xf32>, tensor<3x?x8xf32>
}

// -----

// A scale that varies along K stays; the other one moves and acts on the whole sum.
// CHECK-LABEL: @groups_stay
// CHECK: mpgemm.matmul(%arg0 : tensor<4x256xf8E4M3FN> scale <group = 128> %arg2 : tensor<4x2xf32>, %arg1 transposed : tensor<8x256xf8E4M3FN>) accumulate <f32>
// CHECK-SAME: epilogue(%[[ACC:.*]] : f32, %[[X:.*]] = %arg3[(d0, d1) -> (d1)]
// CHECK-NEXT: arith.mulf %[[ACC]], %[[X]] : f32
func.func @groups_stay(%a: tensor<4x256xf8E4M3FN>, %b: tensor<8x256xf8E4M3FN>, %sa: tensor<4x2xf32>, %sb: tensor<8xf32>) -> tensor<4x8xf32> {
  %d = mpgemm.matmul(%a : tensor<4x256xf8E4M3FN> scale <group = 128> %sa : tensor<4x2xf32>,
                     %b transposed : tensor<8x256xf8E4M3FN> scale <column> %sb : tensor<8xf32>) accumulate <f32> -> tensor<4x8xf32>
  return %d : tensor<4x8xf32>
}

// -----

// sum (A - zA)(B - zB) is sum A B - zA sum (B - zB) - zB sum A. A is unsigned, its zero point of i8 too; zB is an i32.
// CHECK-LABEL: @zero_points
// CHECK-SAME: %[[A:.*]]: tensor<?x64xi8>, %[[B:.*]]: tensor<8x64xi8>, %[[ZA:.*]]: tensor<?xi8>, %[[ZB:.*]]: tensor<i32>
// CHECK: %[[SUMB:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%[[B]], %[[ZB]] : tensor<8x64xi8>, tensor<i32>) outs({{.*}} : tensor<8xi32>)
// CHECK: arith.extsi
// CHECK-NEXT: arith.subi
// CHECK: %[[SUMA:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%[[A]] : tensor<?x64xi8>) outs({{.*}} : tensor<?xi32>)
// CHECK: arith.extui
// CHECK: mpgemm.matmul(%[[A]] unsigned : tensor<?x64xi8>, %[[B]] transposed : tensor<8x64xi8>) accumulate <i32> epilogue(%[[ACC:[^ ]*]] : i32,
// CHECK-SAME: = %[[ZA]][(d0, d1) -> (d0)] : tensor<?xi8>, %{{.*}} = %[[SUMB]][(d0, d1) -> (d1)] : tensor<8xi32>, %{{.*}} = %[[ZB]][(d0, d1) -> ()] : tensor<i32>, %{{.*}} = %[[SUMA]][(d0, d1) -> (d0)] : tensor<?xi32>)
// CHECK-NEXT: %[[Z:.*]] = arith.extui %{{.*}} : i8 to i32
// CHECK-NEXT: %[[T0:.*]] = arith.muli %[[Z]], %{{.*}} : i32
// CHECK-NEXT: %[[D0:.*]] = arith.subi %[[ACC]], %[[T0]] : i32
// CHECK-NEXT: %[[T1:.*]] = arith.muli
// CHECK-NEXT: %[[D1:.*]] = arith.subi %[[D0]], %[[T1]] : i32
// CHECK-NEXT: arith.sitofp %[[D1]] : i32 to f32
func.func @zero_points(%a: tensor<?x64xi8>, %b: tensor<8x64xi8>, %za: tensor<?xi8>, %zb: tensor<i32>, %sa: tensor<?xf32>) -> tensor<?x8xf32> {
  %d = mpgemm.matmul(%a unsigned : tensor<?x64xi8> scale <row> %sa : tensor<?xf32> zero_point %za : tensor<?xi8>,
                     %b transposed : tensor<8x64xi8> zero_point %zb : tensor<i32>) accumulate <i32> -> tensor<?x8xf32>
  return %d : tensor<?x8xf32>
}

// -----

// Operands of 8 bits and of f32 are read along K; 16-bit ones either way. Scales of blocks are transposed with them.
// CHECK-LABEL: @layouts
// CHECK: %[[BT:.*]] = linalg.transpose ins(%arg1 : tensor<256x8xf8E4M3FN>) outs({{.*}} : tensor<8x256xf8E4M3FN>) permutation = [1, 0]
// CHECK: %[[ST:.*]] = linalg.transpose ins(%arg2 : tensor<2x1xf32>) outs({{.*}} : tensor<1x2xf32>) permutation = [1, 0]
// CHECK: mpgemm.matmul(%arg0 : tensor<4x256xf8E4M3FN>, %[[BT]] transposed : tensor<8x256xf8E4M3FN> scale <block = [128, 128]> %[[ST]] : tensor<1x2xf32>)
// CHECK: %[[AT:.*]] = linalg.transpose ins(%arg3 : tensor<5x64x4xf32>) outs({{.*}} : tensor<5x4x64xf32>) permutation = [0, 2, 1]
// CHECK: mpgemm.matmul(%[[AT]] : tensor<5x4x64xf32>,
// CHECK-NOT: linalg.transpose
// CHECK: mpgemm.matmul(%arg5 transposed : tensor<64x4xbf16>, %arg6 : tensor<64x8xbf16>)
func.func @layouts(%a: tensor<4x256xf8E4M3FN>, %b: tensor<256x8xf8E4M3FN>, %s: tensor<2x1xf32>, %a4: tensor<5x64x4xf32>,
                   %b4: tensor<8x64xf32>, %a2: tensor<64x4xbf16>, %b2: tensor<64x8xbf16>)
    -> (tensor<4x8xf32>, tensor<5x4x8xf32>, tensor<4x8xf32>) {
  %d = mpgemm.matmul(%a : tensor<4x256xf8E4M3FN>, %b : tensor<256x8xf8E4M3FN> scale <block = [128, 128]> %s : tensor<2x1xf32>)
      accumulate <f32> -> tensor<4x8xf32>
  %e = mpgemm.matmul(%a4 transposed : tensor<5x64x4xf32>, %b4 transposed : tensor<8x64xf32>) accumulate <f32> -> tensor<5x4x8xf32>
  %f = mpgemm.matmul(%a2 transposed : tensor<64x4xbf16>, %b2 : tensor<64x8xbf16>) accumulate <f32> -> tensor<4x8xf32>
  return %d, %e, %f : tensor<4x8xf32>, tensor<5x4x8xf32>, tensor<4x8xf32>
}

// -----

// Constants are transposed at compile time: of a batch each matrix.
// CHECK-LABEL: @constant_weights
// CHECK: arith.constant dense<{{\[\[\[}}1, 3, 5], [2, 4, 6]], {{\[\[}}7, 9, 11], [8, 10, 12]]]> : tensor<2x2x3xi8>
// CHECK-NOT: linalg.transpose
func.func @constant_weights(%a: tensor<2x4x3xi8>) -> tensor<2x4x2xi32> {
  %b = arith.constant dense<[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]]> : tensor<2x3x2xi8>
  %d = mpgemm.matmul(%a : tensor<2x4x3xi8>, %b : tensor<2x3x2xi8>) accumulate <i32> -> tensor<2x4x2xi32>
  return %d : tensor<2x4x2xi32>
}

// -----

// CHECK-LABEL: @resource_weights
// CHECK: arith.constant dense_resource<w.transposed> : tensor<2x3xi8>
// CHECK: w.transposed: "0x40000000010305020406"
func.func @resource_weights(%a: tensor<4x3xi8>) -> tensor<4x2xi32> {
  %b = arith.constant dense_resource<w> : tensor<3x2xi8>
  %d = mpgemm.matmul(%a : tensor<4x3xi8>, %b : tensor<3x2xi8>) accumulate <i32> -> tensor<4x2xi32>
  return %d : tensor<4x2xi32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x01000000010203040506"
    }
  }
#-}

// -----

// Plain products and weight-only ones are left as they are.
// CHECK-LABEL: @nothing_to_do
// CHECK: mpgemm.matmul(%arg0 : tensor<4x64xbf16>, %arg1 : tensor<64x8xbf16>) accumulate <f32> -> tensor<4x8xf32>
// CHECK: mpgemm.matmul(%arg0 : tensor<4x64xbf16>, %arg2 transposed : tensor<8x64xi4> scale <column> %arg3 : tensor<8xf32>) accumulate <f32> -> tensor<4x8xf32>
func.func @nothing_to_do(%a: tensor<4x64xbf16>, %b: tensor<64x8xbf16>, %w: tensor<8x64xi4>, %s: tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %d = mpgemm.matmul(%a : tensor<4x64xbf16>, %b : tensor<64x8xbf16>) accumulate <f32> -> tensor<4x8xf32>
  %e = mpgemm.matmul(%a : tensor<4x64xbf16>, %w transposed : tensor<8x64xi4> scale <column> %s : tensor<8xf32>) accumulate <f32> -> tensor<4x8xf32>
  return %d, %e : tensor<4x8xf32>, tensor<4x8xf32>
}
