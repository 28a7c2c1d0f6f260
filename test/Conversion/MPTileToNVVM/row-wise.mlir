// Row-wise fragments: vectors of 16 bytes, reductions by shuffles and by way of shared memory.
// RUN: mpgemm-opt %s --split-input-file --mptile-to-nvvm --canonicalize --cse | FileCheck %s

// Sixteen lanes share a row of 128 columns: eight elements of a lane meet in pairs, then four shuffles. A row's maximum is stored
// by its first lane.
// CHECK-LABEL: llvm.func @a_warp_holds_rows
// CHECK-NOT: llvm.mlir.addressof @smem
// CHECK-COUNT-2: llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<8xbf16>
// CHECK: llvm.intr.fabs({{.*}}) : (vector<2xbf16>) -> vector<2xbf16>
// CHECK: llvm.intr.maximum({{.*}}) : (vector<2xbf16>, vector<2xbf16>) -> vector<2xbf16>
// CHECK-NOT: nvvm.barrier
// CHECK: nvvm.shfl.sync bfly {{.*}}, %{{.*}} : i32 -> i32
// CHECK-COUNT-7: nvvm.shfl.sync bfly
// CHECK-NOT: nvvm.shfl.sync
mptile.kernel @a_warp_holds_rows(%x: !mptile.view<?x128xbf16>, %y: !mptile.view<?xbf16>) attributes {target = "sm_90a", threads = 64 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>, alignment = 16 : i64}
      : !mptile.view<?x128xbf16> -> !mptile.frag<8x128xbf16, warps = 2x1, lanes = 16, vector = 8>
  %m = mptile.reduce %f {kind = #mptile.reduction<abs_max>, axis = 1 : i64}
      : !mptile.frag<8x128xbf16, warps = 2x1, lanes = 16, vector = 8> -> !mptile.frag<8x1xbf16, warps = 2x1, lanes = 16, vector = 8>
  mptile.store_fragment %m, %y[%c0] {map = affine_map<(r, c) -> (r)>}
      : !mptile.frag<8x1xbf16, warps = 2x1, lanes = 16, vector = 8>, !mptile.view<?xbf16>
  mptile.return
}

// -----

// Four warps share a row: one value of each, in shared memory, between two barriers.
// CHECK-LABEL: llvm.func @warps_share_a_row
// CHECK-SAME: mptile.shared_bytes = 32
// CHECK-COUNT-10: nvvm.shfl.sync bfly
// CHECK: llvm.store {{.*}} : f32, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK-COUNT-8: llvm.load {{.*}} : !llvm.ptr<3> -> f32
// CHECK: nvvm.barrier
// CHECK-NOT: nvvm.barrier
mptile.kernel @warps_share_a_row(%x: !mptile.view<2x1024xf32>, %y: !mptile.view<2xf32>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>, alignment = 16 : i64}
      : !mptile.view<2x1024xf32> -> !mptile.frag<2x1024xf32, warps = 1x4, lanes = 32, vector = 8>
  %m = mptile.reduce %f {kind = #mptile.reduction<add>, axis = 1 : i64}
      : !mptile.frag<2x1024xf32, warps = 1x4, lanes = 32, vector = 8> -> !mptile.frag<2x1xf32, warps = 1x4, lanes = 32, vector = 8>
  mptile.store_fragment %m, %y[%c0] {map = affine_map<(r, c) -> (r)>}
      : !mptile.frag<2x1xf32, warps = 1x4, lanes = 32, vector = 8>, !mptile.view<2xf32>
  mptile.return
}

// -----

// In the layout of products four lanes share a row.
// CHECK-LABEL: llvm.func @quads
// CHECK-COUNT-4: nvvm.shfl.sync bfly
// CHECK-NOT: nvvm.shfl.sync
mptile.kernel @quads(%y: !mptile.view<64xf32>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  %f = mptile.acc_read %z[0, 0] : !mptile.acc<64x64xf32, warps = 4x1> -> !mptile.frag<64x64xf32, warps = 4x1>
  %m = mptile.reduce %f {kind = #mptile.reduction<max>, axis = 1 : i64} : !mptile.frag<64x64xf32, warps = 4x1> -> !mptile.frag<64x1xf32, warps = 4x1>
  mptile.store_fragment %m, %y[%c0] {map = affine_map<(r, c) -> (r)>} : !mptile.frag<64x1xf32, warps = 4x1>, !mptile.view<64xf32>
  mptile.return
}
