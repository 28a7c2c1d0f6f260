// What a copy into a ring with fill = async becomes, by its alignment.
// RUN: mpgemm-opt %s --mptile-to-nvvm --canonicalize | FileCheck %s

!tile = !mptile.smem<32x64xf16, swizzle = 128>
!ring = !mptile.ring<2 x (!tile)>
!slot = !mptile.slot<(!tile)>

// 256 chunks of 16 bytes, 128 threads: two each. Outside the view the source size is 0.
// CHECK-LABEL: llvm.func @sixteen_bytes
// CHECK-DAG: %[[ZERO:.*]] = llvm.mlir.constant(0 : i32) : i32
// CHECK-DAG: %[[SIZE:.*]] = llvm.mlir.constant(16 : i32) : i32
// CHECK: llvm.select %{{.*}}, %[[SIZE]], %[[ZERO]]
// CHECK-COUNT-2: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg, %{{.*}} : !llvm.ptr<3>, !llvm.ptr<1>, i32
// CHECK-NOT: nvvm.cp.async.shared
mptile.kernel @sixteen_bytes(%A: !mptile.view<100x?xf16>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.acquire %ring, %cursor : !ring
  mptile.copy %A[%c0, %c0] -> %slot[0] {alignment = 16 : i64} : !mptile.view<100x?xf16>, !slot
  mptile.commit %slot : !slot
  mptile.return
}

// CHECK-LABEL: llvm.func @eight_bytes
// CHECK-COUNT-4: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 8, cache = ca, %{{.*}}
// CHECK-NOT: nvvm.cp.async.shared
mptile.kernel @eight_bytes(%A: !mptile.view<100x?xf16>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.acquire %ring, %cursor : !ring
  mptile.copy %A[%c0, %c0] -> %slot[0] {alignment = 8 : i64} : !mptile.view<100x?xf16>, !slot
  mptile.commit %slot : !slot
  mptile.return
}

// CHECK-LABEL: llvm.func @four_bytes
// CHECK-COUNT-8: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 4, cache = ca, %{{.*}}
// CHECK-NOT: nvvm.cp.async.shared
mptile.kernel @four_bytes(%A: !mptile.view<100x?xf16>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.acquire %ring, %cursor : !ring
  mptile.copy %A[%c0, %c0] -> %slot[0] {alignment = 4 : i64} : !mptile.view<100x?xf16>, !slot
  mptile.commit %slot : !slot
  mptile.return
}

// cp.async copies no 2 bytes: 16 elements a thread, in two batches of 8 loads, then 8 stores; there is no group to commit.
// CHECK-LABEL: llvm.func @two_bytes
// CHECK-NOT: nvvm.cp.async.shared
// CHECK: scf.for
// CHECK-COUNT-8: llvm.load %{{.*}} : !llvm.ptr<1> -> i16
// CHECK-COUNT-8: llvm.store %{{.*}}, %{{.*}} : i16, !llvm.ptr<3>
// CHECK-NOT: nvvm.cp.async.commit.group
mptile.kernel @two_bytes(%A: !mptile.view<100x?xf16>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.acquire %ring, %cursor : !ring
  mptile.copy %A[%c0, %c0] -> %slot[0] : !mptile.view<100x?xf16>, !slot
  mptile.commit %slot : !slot
  mptile.return
}
