// Operands of mma.sync by their storage, and the accumulator types.
// RUN: mpgemm-opt %s --mptile-to-nvvm | FileCheck %s

!k = !mptile.smem<64x32xbf16, swizzle = 64>
!mn = !mptile.smem<32x64xbf16, swizzle = 128>
!kring = !mptile.ring<2 x (!k, !k)>
!kslot = !mptile.slot<(!k, !k)>
!mnring = !mptile.ring<2 x (!mn, !mn)>
!mnslot = !mptile.slot<(!mn, !mn)>
!pending = !mptile.pending<64x64xf32, warps = 2x2>
!acc = !mptile.acc<64x64xf32, warps = 2x2>
!frag = !mptile.frag<64x64xf32, warps = 2x2>

// Where K is contiguous, the 8x8 matrices are loaded as they are.
// CHECK-LABEL: llvm.func @k_major
// CHECK-COUNT-8: nvvm.ldmatrix %{{.*}} {eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<row>, num = 4 : i32
// CHECK-COUNT-16: nvvm.mma.sync {{.*}} {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>
mptile.kernel @k_major(%D: !mptile.view<64x64xf32>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !kring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.wait %ring, %cursor : !kring
  %a = mptile.tile %slot[0] : !kslot
  %b = mptile.tile %slot[1] : !kslot
  %zero = mptile.acc_zero : !pending
  %p = mptile.mma_async %a, %b, %zero : !k, !k, !pending
  %acc = mptile.mma_wait %p : (!pending) -> !acc
  %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
  mptile.store_fragment %f, %D[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<64x64xf32>
  mptile.return
}

// Where M or N is, they are transposed on the way.
// CHECK-LABEL: llvm.func @mn_major
// CHECK-COUNT-8: nvvm.ldmatrix %{{.*}} {eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<col>, num = 4 : i32
// CHECK-COUNT-16: nvvm.mma.sync {{.*}} {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>
mptile.kernel @mn_major(%D: !mptile.view<64x64xf32>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !mnring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.wait %ring, %cursor : !mnring
  %a = mptile.tile %slot[0] : !mnslot
  %b = mptile.tile %slot[1] : !mnslot
  %zero = mptile.acc_zero : !pending
  %p = mptile.mma_async %a, %b, %zero {a_major = #mptile.major<mn>, b_major = #mptile.major<mn>} : !mn, !mn, !pending
  %acc = mptile.mma_wait %p : (!pending) -> !acc
  %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
  mptile.store_fragment %f, %D[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<64x64xf32>
  mptile.return
}

!a16 = !mptile.smem<32x16xf16, swizzle = 32>
!b16 = !mptile.smem<24x16xf16, swizzle = 32>
!ring16 = !mptile.ring<2 x (!a16, !b16)>
!slot16 = !mptile.slot<(!a16, !b16)>
!pending16 = !mptile.pending<32x24xf16, warps = 2x1>
!acc16 = !mptile.acc<32x24xf16, warps = 2x1>
!frag16 = !mptile.frag<32x24xf16, warps = 2x1>

// An accumulator of f16 is pairs; a third unit of 8 columns is loaded alone.
// CHECK-LABEL: llvm.func @f16_accumulator_odd_units
// CHECK: nvvm.ldmatrix %{{.*}} num = 4 : i32
// CHECK: nvvm.ldmatrix %{{.*}} num = 4 : i32
// CHECK: nvvm.ldmatrix %{{.*}} num = 2 : i32
// CHECK-COUNT-3: nvvm.mma.sync {{.*}} : (vector<2xf16>, vector<2xf16>, vector<2xf16>) -> !llvm.struct<(vector<2xf16>, vector<2xf16>)>
// CHECK-NOT: nvvm.mma.sync
mptile.kernel @f16_accumulator_odd_units(%D: !mptile.view<32x24xf16>) attributes {target = "sm_80", threads = 64 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring16
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.wait %ring, %cursor : !ring16
  %a = mptile.tile %slot[0] : !slot16
  %b = mptile.tile %slot[1] : !slot16
  %zero = mptile.acc_zero : !pending16
  %p = mptile.mma_async %a, %b, %zero : !a16, !b16, !pending16
  %acc = mptile.mma_wait %p : (!pending16) -> !acc16
  %f = mptile.acc_read %acc[0, 0] : !acc16 -> !frag16
  mptile.store_fragment %f, %D[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !frag16, !mptile.view<32x24xf16>
  mptile.return
}
