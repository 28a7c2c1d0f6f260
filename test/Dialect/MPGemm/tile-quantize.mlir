// Dynamic quantisation becomes one kernel whose layout follows the length of what shares a scale.
// RUN: mpgemm-opt %s --split-input-file --mpgemm-tile=target=sm_90a | FileCheck %s

// A warp holds a row of 4096, a lane 16 vectors of 8.
// CHECK-LABEL: func.func @rows
// CHECK: mptile.launch @rows_quantize_0
// CHECK-LABEL: mptile.kernel @rows_quantize_0
// CHECK-SAME: !mptile.view<?x4096xbf16>, %{{.*}}: !mptile.view<?x4096xf8E4M3FN>, %{{.*}}: !mptile.view<?xf32>
// CHECK-SAME: threads = 128
// CHECK: mptile.for_each_work
// CHECK: %[[X:.*]] = mptile.load_fragment {{.*}}alignment = 16 : i64{{.*}} -> !mptile.frag<4x4096xbf16, warps = 4x1, lanes = 32, vector = 8>
// CHECK: mptile.reduce %[[X]] {axis = 1 : i64, kind = #mptile.reduction<abs_max>}
// CHECK: mptile.store_fragment {{.*}} : !mptile.frag<4x1xf32
// CHECK: mptile.store_fragment {{.*}}alignment = 8 : i64{{.*}} : !mptile.frag<4x4096xf8E4M3FN
func.func @rows(%x: tensor<?x4096xbf16>) -> (tensor<?x4096xf8E4M3FN>, tensor<?xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<?x4096xbf16>) <row> -> tensor<?x4096xf8E4M3FN>, tensor<?xf32>
  return %q, %s : tensor<?x4096xf8E4M3FN>, tensor<?xf32>
}

// -----

// Four warps share a row.
// CHECK-LABEL: mptile.kernel @long_rows_quantize_0
// CHECK: -> !mptile.frag<1x14336xbf16, warps = 1x4, lanes = 32, vector = 8>
func.func @long_rows(%x: tensor<64x14336xbf16>) -> (tensor<64x14336xi8>, tensor<64xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<64x14336xbf16>) <row> -> tensor<64x14336xi8>, tensor<64xf32>
  return %q, %s : tensor<64x14336xi8>, tensor<64xf32>
}

// -----

// A row too long for registers is read twice.
// CHECK-LABEL: mptile.kernel @streamed_quantize_0
// CHECK: scf.for
// CHECK: mptile.load_fragment
// CHECK: mptile.reduce
// CHECK: scf.for
// CHECK: mptile.load_fragment
// CHECK: mptile.store_fragment
func.func @streamed(%x: tensor<8x65536xbf16>) -> (tensor<8x65536xf8E4M3FN>, tensor<8xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<8x65536xbf16>) <row> -> tensor<8x65536xf8E4M3FN>, tensor<8xf32>
  return %q, %s : tensor<8x65536xf8E4M3FN>, tensor<8xf32>
}

// -----

// Rows of unknown length: in vectors if they are whole ones, else element by element.
// CHECK-LABEL: mptile.kernel @unknown_quantize_0
// CHECK: scf.if
// CHECK: mptile.load_fragment {{.*}}alignment = 16 : i64
// CHECK: else
// CHECK: mptile.load_fragment {{.*}}alignment = 2 : i64
func.func @unknown(%x: tensor<?x?xf16>) -> (tensor<?x?xf8E5M2>, tensor<?xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<?x?xf16>) <row> -> tensor<?x?xf8E5M2>, tensor<?xf32>
  return %q, %s : tensor<?x?xf8E5M2>, tensor<?xf32>
}

// -----

// Groups that divide a row are rows of their own, sixteen lanes each, eight in the registers of a lane.
// CHECK-LABEL: func.func @groups
// CHECK: tensor.expand_shape %{{.*}} {{\[}}[0], [1, 2]] {{.*}} into tensor<4096x32x128xbf16>
// CHECK: tensor.collapse_shape
// CHECK: mptile.launch @groups_quantize_0
// CHECK-LABEL: mptile.kernel @groups_quantize_0
// CHECK-SAME: !mptile.view<131072x128xbf16>
// CHECK: -> !mptile.frag<64x128xbf16, warps = 4x1, lanes = 16, vector = 8>
func.func @groups(%x: tensor<4096x4096xbf16>) -> (tensor<4096x4096xf8E4M3FN>, tensor<4096x32xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<4096x4096xbf16>) <group = 128> -> tensor<4096x4096xf8E4M3FN>, tensor<4096x32xf32>
  return %q, %s : tensor<4096x4096xf8E4M3FN>, tensor<4096x32xf32>
}

// -----

// The last group of a row is shorter: groups are tiles of a row.
// CHECK-LABEL: mptile.kernel @ragged_groups_quantize_0
// CHECK-SAME: !mptile.view<16x200xbf16>, %{{.*}}: !mptile.view<16x200xi8>, %{{.*}}: !mptile.view<16x4xf8E8M0FNU>
// CHECK: -> !mptile.frag<{{[0-9]+}}x64xbf16, warps = 4x1, lanes = 8, vector = 8>
func.func @ragged_groups(%x: tensor<16x200xbf16>) -> (tensor<16x200xi8>, tensor<16x4xf8E8M0FNU>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<16x200xbf16>) <group = 64> -> tensor<16x200xi8>, tensor<16x4xf8E8M0FNU>
  return %q, %s : tensor<16x200xi8>, tensor<16x4xf8E8M0FNU>
}

// -----

// One scale for everything needs more than one kernel: the linalg form.
// CHECK-LABEL: func.func @per_tensor
// CHECK-NOT: mpgemm.dynamic_quantize
// CHECK: linalg.generic
func.func @per_tensor(%x: tensor<16x200xbf16>) -> (tensor<16x200xi8>, tensor<f32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<16x200xbf16>) <per_tensor> -> tensor<16x200xi8>, tensor<f32>
  return %q, %s : tensor<16x200xi8>, tensor<f32>
}
