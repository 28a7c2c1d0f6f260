// mma.sync by its operand types: integers with their signs, 8-bit floats, tf32, and the correction
// that makes products of f32 accurate.
// RUN: mpgemm-opt %s --split-input-file --mptile-to-nvvm | FileCheck %s

!a = !mptile.smem<32x64xi8, swizzle = 64>
!b = !mptile.smem<16x64xi8, swizzle = 64>
!ring = !mptile.ring<2 x (!a, !b)>
!slot = !mptile.slot<(!a, !b)>
!pending = !mptile.pending<32x16xi32, warps = 2x1>
!acc = !mptile.acc<32x16xi32, warps = 2x1>
!frag = !mptile.frag<32x16xi32, warps = 2x1>

// Two steps of k32, each of two 16x8 pieces.
// CHECK-LABEL: llvm.func @codes
// CHECK-COUNT-4: nvvm.mma.sync {{.*}} {intOverflowBehavior = #nvvm.mma_int_overflow<wrapped>, layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<s8>, multiplicandBPtxType = #nvvm.mma_type<u8>, shape = #nvvm.shape<m = 16, n = 8, k = 32>}
// CHECK-NOT: nvvm.mma.sync
mptile.kernel @codes(%D: !mptile.view<32x16xi32>) attributes {target = "sm_80", threads = 64 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.wait %ring, %cursor : !ring
  %a = mptile.tile %slot[0] : !slot
  %b = mptile.tile %slot[1] : !slot
  %zero = mptile.acc_zero : !pending
  %p = mptile.mma_async %a, %b, %zero {unsigned_b} : !a, !b, !pending
  %acc = mptile.mma_wait %p : (!pending) -> !acc
  %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
  mptile.store_fragment %f, %D[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<32x16xi32>
  mptile.return
}

// -----

!a = !mptile.smem<16x32xf8E4M3FN, swizzle = 32>
!b = !mptile.smem<8x32xf8E5M2, swizzle = 32>
!ring = !mptile.ring<2 x (!a, !b)>
!slot = !mptile.slot<(!a, !b)>
!pending = !mptile.pending<16x8xf32, warps = 1x1>
!pending16 = !mptile.pending<16x8xf16, warps = 1x1>
!acc = !mptile.acc<16x8xf32, warps = 1x1>
!acc16 = !mptile.acc<16x8xf16, warps = 1x1>
!frag = !mptile.frag<16x8xf32, warps = 1x1>
!frag16 = !mptile.frag<16x8xf16, warps = 1x1>

// An f16 accumulator needs a later PTX than the target's own.
// CHECK: gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_89", features = "+ptx87">]
// CHECK-LABEL: llvm.func @floats_of_8_bits
// CHECK: llvm.call_intrinsic "llvm.nvvm.mma.m16n8k32.row.col.f32.e4m3.e5m2.f32"
// CHECK-SAME: (i32, i32, i32, i32, i32, i32, f32, f32, f32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
// CHECK: llvm.call_intrinsic "llvm.nvvm.mma.m16n8k32.row.col.f16.e4m3.e5m2.f16"
// CHECK-SAME: (i32, i32, i32, i32, i32, i32, vector<2xf16>, vector<2xf16>) -> !llvm.struct<(vector<2xf16>, vector<2xf16>)>
mptile.kernel @floats_of_8_bits(%D: !mptile.view<16x8xf32>, %E: !mptile.view<16x8xf16>) attributes {target = "sm_89", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.wait %ring, %cursor : !ring
  %a = mptile.tile %slot[0] : !slot
  %b = mptile.tile %slot[1] : !slot
  %zero = mptile.acc_zero : !pending
  %p = mptile.mma_async %a, %b, %zero : !a, !b, !pending
  %acc = mptile.mma_wait %p : (!pending) -> !acc
  %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
  mptile.store_fragment %f, %D[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<16x8xf32>
  %zero16 = mptile.acc_zero : !pending16
  %p16 = mptile.mma_async %a, %b, %zero16 : !a, !b, !pending16
  %acc16 = mptile.mma_wait %p16 : (!pending16) -> !acc16
  %f16 = mptile.acc_read %acc16[0, 0] : !acc16 -> !frag16
  mptile.store_fragment %f16, %E[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !frag16, !mptile.view<16x8xf16>
  mptile.return
}

// -----

!a = !mptile.smem<16x8xf32, swizzle = 32>
!b = !mptile.smem<8x8xf32, swizzle = 32>
!ring = !mptile.ring<2 x (!a, !b)>
!slot = !mptile.slot<(!a, !b)>
!pending = !mptile.pending<16x8xf32, warps = 1x1>
!acc = !mptile.acc<16x8xf32, warps = 1x1>
!frag = !mptile.frag<16x8xf32, warps = 1x1>

// Elements go to the tensor core as they are, which reads their upper 19 bits; the correction
// multiplies each with what the other's upper bits leave. On sm_90a too, beside wgmma.
// CHECK-LABEL: llvm.func @f32
// CHECK: nvvm.mma.sync {{.*}} multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>
// CHECK-COUNT-2: llvm.fsub
// CHECK: nvvm.mma.sync
// CHECK-COUNT-4: llvm.fsub
// CHECK: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK-NOT: wgmma
mptile.kernel @f32(%D: !mptile.view<16x8xf32>) attributes {target = "sm_90a", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.wait %ring, %cursor : !ring
  %a = mptile.tile %slot[0] : !slot
  %b = mptile.tile %slot[1] : !slot
  %zero = mptile.acc_zero : !pending
  %p = mptile.mma_async %a, %b, %zero : !a, !b, !pending
  %q = mptile.mma_async %a, %b, %p {correction} : !a, !b, !pending
  %acc = mptile.mma_wait %q : (!pending) -> !acc
  %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
  mptile.store_fragment %f, %D[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<16x8xf32>
  mptile.return
}
