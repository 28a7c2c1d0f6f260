// The dense product of Inputs/gemm-sm80.mlir: its parameters, its synchronisation, its instructions; ptxas takes it without spills.
// RUN: mpgemm-opt %S/Inputs/gemm-sm80.mlir --mptile-to-nvvm | FileCheck %s

// CHECK: gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">]
// CHECK: llvm.func @gemm(
// CHECK-SAME: mptile.block = array<i32: 256, 1, 1>
// CHECK-SAME: mptile.parameters = [{kind = "pointer", view = 0 : i64}, {dim = 0 : i64, kind = "size", view = 0 : i64}
// CHECK-SAME: mptile.shared_bytes = 131072 : i64
// CHECK-SAME: nvvm.reqntid = array<i32: 256, 1, 1>

// No barriers in shared memory. Ahead of the loop: 4 chunks of 16 bytes of each tile, one group.
// CHECK-NOT: mbarrier
// CHECK: scf.for
// CHECK: scf.for
// CHECK: scf.if
// CHECK-COUNT-8: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg, %{{.*}}
// CHECK-NOT: nvvm.cp.async.shared
// CHECK: nvvm.cp.async.commit.group

// The loop: at most two groups in flight, all threads meet, the next copies start, then four steps of 16: A is 4 x 16 rows
// a warp, B 4 x 8 columns.
// CHECK: scf.for
// CHECK: nvvm.cp.async.wait.group 2
// CHECK-NEXT: nvvm.barrier0
// CHECK-COUNT-8: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.commit.group
// CHECK-COUNT-12: nvvm.ldmatrix
// CHECK-NOT: nvvm.ldmatrix
// CHECK-COUNT-16: nvvm.mma.sync
// CHECK-COUNT-6: nvvm.ldmatrix
// CHECK-COUNT-16: nvvm.mma.sync
// CHECK-COUNT-6: nvvm.ldmatrix
// CHECK-COUNT-32: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK-NOT: nvvm.barrier0
// CHECK: llvm.return
