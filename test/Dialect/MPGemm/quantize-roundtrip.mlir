// The assembly of quantize, dequantize, dynamic_quantize and of quantize_result, and their shapes.
// RUN: mpgemm-opt %s | mpgemm-opt | FileCheck %s
// RUN: mpgemm-opt %s --mlir-print-op-generic | mpgemm-opt | FileCheck %s
// RUN: mpgemm-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize --cse | FileCheck %s --check-prefix=DIMS

// CHECK-LABEL: @granularities
func.func @granularities(%x: tensor<?x4096xbf16>, %t: tensor<f32>, %r: tensor<?xf16>, %c: tensor<4096xbf16>,
                         %g: tensor<?x32xf8E8M0FNU>, %b: tensor<?x32xf32>, %z: tensor<4096xi8>) {
  // CHECK: mpgemm.quantize(%{{.*}} : tensor<?x4096xbf16> scale <per_tensor> %{{.*}} : tensor<f32>) -> tensor<?x4096xf8E4M3FN>
  %0 = mpgemm.quantize(%x : tensor<?x4096xbf16> scale <per_tensor> %t : tensor<f32>) -> tensor<?x4096xf8E4M3FN>
  // CHECK: mpgemm.quantize(%{{.*}} : tensor<?x4096xbf16> scale <row> %{{.*}} : tensor<?xf16>) -> tensor<?x4096xf8E5M2>
  %1 = mpgemm.quantize(%x : tensor<?x4096xbf16> scale <row> %r : tensor<?xf16>) -> tensor<?x4096xf8E5M2>
  // CHECK: mpgemm.quantize(%{{.*}} : tensor<?x4096xbf16> scale <column> %{{.*}} : tensor<4096xbf16> zero_point %{{.*}} : tensor<4096xi8>) unsigned -> tensor<?x4096xi8>
  %2 = mpgemm.quantize(%x : tensor<?x4096xbf16> scale <column> %c : tensor<4096xbf16> zero_point %z : tensor<4096xi8>) unsigned
      -> tensor<?x4096xi8>
  // CHECK: mpgemm.quantize(%{{.*}} : tensor<?x4096xbf16> scale <group = 128> %{{.*}} : tensor<?x32xf32>) {note = 1 : i32} -> tensor<?x4096xi8>
  %3 = mpgemm.quantize(%x : tensor<?x4096xbf16> scale <group = 128> %b : tensor<?x32xf32>) {note = 1 : i32} -> tensor<?x4096xi8>
  // CHECK: mpgemm.dequantize(%{{.*}} : tensor<?x4096xf8E4M3FN> scale <block = [128, 128]> %{{.*}} : tensor<?x32xf8E8M0FNU>) -> tensor<?x4096xf16>
  %4 = mpgemm.dequantize(%0 : tensor<?x4096xf8E4M3FN> scale <block = [128, 128]> %g : tensor<?x32xf8E8M0FNU>) -> tensor<?x4096xf16>
  // CHECK: mpgemm.dequantize(%{{.*}} : tensor<?x4096xi8> scale <column> %{{.*}} : tensor<4096xbf16> zero_point %{{.*}} : tensor<4096xi8>) unsigned -> tensor<?x4096xf32>
  %5 = mpgemm.dequantize(%2 : tensor<?x4096xi8> scale <column> %c : tensor<4096xbf16> zero_point %z : tensor<4096xi8>) unsigned
      -> tensor<?x4096xf32>
  return
}

// CHECK-LABEL: @dynamic
// CHECK: mpgemm.dynamic_quantize(%{{.*}} : tensor<?x4096xbf16>) <group = 128> -> tensor<?x4096xf8E4M3FN>, tensor<?x32xf32>
// CHECK: mpgemm.dynamic_quantize(%{{.*}} : tensor<?x4096xbf16>) <mx> -> tensor<?x4096xf8E5M2>, tensor<?x128xf8E8M0FNU>
func.func @dynamic(%x: tensor<?x4096xbf16>) -> (tensor<?x4096xf8E4M3FN>, tensor<?x32xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<?x4096xbf16>) <group = 128> -> tensor<?x4096xf8E4M3FN>, tensor<?x32xf32>
  %q2, %s2 = mpgemm.dynamic_quantize(%x : tensor<?x4096xbf16>) <mx> -> tensor<?x4096xf8E5M2>, tensor<?x128xf8E8M0FNU>
  return %q, %s : tensor<?x4096xf8E4M3FN>, tensor<?x32xf32>
}

// CHECK-LABEL: @quantize_result
// CHECK: accumulate <f32> quantize_result <row> epilogue
func.func @quantize_result(%a: tensor<?x64xf16>, %b: tensor<32x64xf16>) -> (tensor<?x32xf8E4M3FN>, tensor<?xf32>) {
  %q, %s = mpgemm.matmul(%a : tensor<?x64xf16>, %b transposed : tensor<32x64xf16>) accumulate <f32> quantize_result <row>
      epilogue(%acc : f32) {
    mpgemm.yield %acc : f32
  } -> (tensor<?x32xf8E4M3FN>, tensor<?xf32>)
  return %q, %s : tensor<?x32xf8E4M3FN>, tensor<?xf32>
}

// The sizes of codes are those of the values; those of scales are divided by the block, rounded up.
// DIMS-LABEL: @sizes
// DIMS-SAME: %[[X:.*]]: tensor<?x?x?xf32>
// DIMS-DAG: %[[BATCH:.*]] = tensor.dim %[[X]], %c0
// DIMS-DAG: %[[K:.*]] = tensor.dim %[[X]], %c2
// DIMS-DAG: %[[GROUPS:.*]] = affine.apply {{.*}}()[%[[K]]]
// DIMS: return %[[BATCH]], %[[K]], %[[BATCH]], %[[GROUPS]]
func.func @sizes(%x: tensor<?x?x?xf32>) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<?x?x?xf32>) <group = 128> -> tensor<?x?x?xi8>, tensor<?x?x?xf32>
  %0 = tensor.dim %q, %c0 : tensor<?x?x?xi8>
  %1 = tensor.dim %q, %c2 : tensor<?x?x?xi8>
  %2 = tensor.dim %s, %c0 : tensor<?x?x?xf32>
  %3 = tensor.dim %s, %c2 : tensor<?x?x?xf32>
  return %0, %1, %2, %3 : index, index, index, index
}
