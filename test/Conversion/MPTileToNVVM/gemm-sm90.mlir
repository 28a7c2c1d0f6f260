// The dense product of Inputs/gemm.mlir on sm_90a: its parameters, its warps, its synchronisation.
// RUN: mpgemm-opt %S/Inputs/gemm.mlir --mptile-to-nvvm | FileCheck %s

// CHECK: gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_90a", features = "+ptx80">]
// CHECK: llvm.mlir.global external @smem() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
// CHECK: llvm.func @gemm(
// CHECK-SAME: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant}
// CHECK-SAME: mptile.block = array<i32: 384, 1, 1>
// CHECK-SAME: mptile.parameters = [{box = array<i64: 64, 128>, kind = "tensormap", l2_promotion = 256 : i64, swizzle = 128 : i64, view = 0 : i64}
// CHECK-SAME: {dim = 0 : i64, kind = "size", view = 0 : i64}
// CHECK-SAME: {box = array<i64: 64, 256>, kind = "tensormap", l2_promotion = 256 : i64, swizzle = 128 : i64, view = 1 : i64}
// CHECK-SAME: {kind = "pointer", view = 2 : i64}
// CHECK-SAME: mptile.shared_bytes = 213056 : i64

// One thread initialises four full barriers (one arrival) and four empty ones (two readers).
// CHECK-COUNT-8: nvvm.mbarrier.init
// CHECK: nvvm.fence.mbarrier.init
// CHECK: nvvm.barrier0

// The producer: one elected thread waits for an empty slot, posts its bytes, starts both copies.
// CHECK: nvvm.setmaxregister decrease 40
// CHECK: nvvm.elect.sync
// CHECK: scf.for
// CHECK: scf.for
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: %[[BYTES:.*]] = llvm.mlir.constant(49152 : i32) : i32
// CHECK: nvvm.mbarrier.arrive.expect_tx %{{.*}}, %[[BYTES]]
// CHECK-COUNT-2: nvvm.cp.async.bulk.tensor.shared.cluster.global

// A consumer: waits for a full slot, multiplies in four steps of 16, gives back the slot before.
// CHECK: nvvm.setmaxregister increase 232
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: "wgmma.fence.sync.aligned;"
// CHECK-COUNT-4: nvvm.wgmma.mma_async
// CHECK-NOT: nvvm.wgmma.mma_async
// CHECK: nvvm.wgmma.commit.group.sync.aligned
// CHECK: nvvm.wgmma.wait.group.sync.aligned 1
// CHECK: nvvm.mbarrier.arrive
// CHECK: "wgmma.wait_group.sync.aligned 0;"
// CHECK: nvvm.mbarrier.arrive

// Its epilogue, four times: staging free, fragment stored, copied out.
// CHECK: nvvm.cp.async.bulk.wait_group 0 {read}
// CHECK: nvvm.barrier id =
// CHECK-COUNT-4: nvvm.stmatrix
// CHECK: nvvm.fence.proxy
// CHECK: nvvm.barrier id =
// CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta
// CHECK: nvvm.cp.async.bulk.commit.group
// CHECK-COUNT-3: nvvm.cp.async.bulk.wait_group 0 {read}
// CHECK: nvvm.cp.async.bulk.wait_group 0{{$}}
// CHECK: llvm.return
