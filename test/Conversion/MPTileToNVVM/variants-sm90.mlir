// Single mechanisms of the sm_90a lowering, each in a kernel of its own.
// RUN: mpgemm-opt %s --split-input-file --mptile-to-nvvm | FileCheck %s

// An MN-major operand: wgmma transposes it; the leading offset of its descriptor is one panel (64 rows of K x 128 bytes = 512 units of 16), and
// the second step of K starts 16 rows of 128 bytes (128 units) further.
// CHECK-LABEL: llvm.func @mn_major
// CHECK: llvm.mlir.constant(4611686293338849280 : i64)
// CHECK: nvvm.wgmma.mma_async {{.*}}<m = 64, n = 128, k = 16>{{.*}}A[<bf16>, <one>, <row>], B[<bf16>, <one>, <row>]
// CHECK: llvm.mlir.constant(128 : i64)
mptile.kernel @mn_major() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x64xbf16, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<64x128xbf16, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x128xf32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z {b_major = #mptile.major<mn>} : !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.smem<64x128xbf16, swizzle = 128>, !mptile.pending<64x128xf32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x128xf32, warps = 4x1>) -> !mptile.acc<64x128xf32, warps = 4x1>
  mptile.return
}

// -----

// f16 accumulators are packed in pairs: 64x64 elements over 128 threads are 16 registers.
// CHECK-LABEL: llvm.func @f16_accumulator
// CHECK: nvvm.wgmma.mma_async {{.*}}D[<f16>, <one>]{{.*}} : !llvm.struct<(i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32)>
mptile.kernel @f16_accumulator() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x64xf16, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x64xf16, warps = 4x1>
  %p = mptile.mma_async %a, %a, %z : !mptile.smem<64x64xf16, swizzle = 128>, !mptile.smem<64x64xf16, swizzle = 128>, !mptile.pending<64x64xf16, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x64xf16, warps = 4x1>) -> !mptile.acc<64x64xf16, warps = 4x1>
  mptile.return
}

// -----

// A tile of two panels is two copies, 64 columns apart.
// CHECK-LABEL: llvm.func @two_panels
// CHECK-SAME: box = array<i64: 64, 32>, kind = "tensormap"
// CHECK: llvm.mlir.constant(8192 : i32)
// CHECK-COUNT-2: nvvm.cp.async.bulk.tensor.shared.cluster.global
mptile.kernel @two_panels(%x: !mptile.view<?x4096xbf16>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !mptile.ring<2 x (!mptile.smem<32x128xbf16, swizzle = 128>)>
  %c = mptile.cursor : !mptile.cursor
  %s = mptile.acquire %ring, %c : !mptile.ring<2 x (!mptile.smem<32x128xbf16, swizzle = 128>)>
  mptile.copy %x[%c0, %c0] -> %s[0] : !mptile.view<?x4096xbf16>, !mptile.slot<(!mptile.smem<32x128xbf16, swizzle = 128>)>
  mptile.commit %s : !mptile.slot<(!mptile.smem<32x128xbf16, swizzle = 128>)>
  mptile.return
}

// -----

// A ring filled by threads: each of the 128 threads copies, makes its stores visible to wgmma, and arrives; no tensor map.
// CHECK-LABEL: llvm.func @filled_by_threads
// CHECK-SAME: mptile.parameters = [{kind = "pointer", view = 0 : i64}, {dim = 0 : i64, kind = "size", view = 0 : i64}]
// CHECK: %[[ARRIVALS:.*]] = llvm.mlir.constant(128 : i32) : i32
// CHECK: nvvm.mbarrier.init %{{.*}}, %[[ARRIVALS]]
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK-NOT: nvvm.cp.async.bulk
// CHECK: llvm.load {{.*}} {alignment = 2 : i64}
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<8xi16>
// CHECK: nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
// CHECK: nvvm.mbarrier.arrive
mptile.kernel @filled_by_threads(%x: !mptile.view<?x67xbf16>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<threads>} : !mptile.ring<2 x (!mptile.smem<32x64xbf16, swizzle = 128>)>
  %c = mptile.cursor : !mptile.cursor
  %s = mptile.acquire %ring, %c : !mptile.ring<2 x (!mptile.smem<32x64xbf16, swizzle = 128>)>
  mptile.copy %x[%c0, %c0] -> %s[0] {alignment = 2 : i64} : !mptile.view<?x67xbf16>, !mptile.slot<(!mptile.smem<32x64xbf16, swizzle = 128>)>
  mptile.commit %s : !mptile.slot<(!mptile.smem<32x64xbf16, swizzle = 128>)>
  mptile.return
}
