// Kernels with one thread an element: a loop over 64-bit element numbers, a grid apart.
// RUN: mpgemm-opt %s --mptile-to-nvvm | FileCheck %s

// CHECK-LABEL: llvm.func @relu
// CHECK: %[[COUNT:.*]] = llvm.mul %{{.*}}, %{{.*}} : i64
// CHECK-DAG: nvvm.read.ptx.sreg.tid.x
// CHECK-DAG: nvvm.read.ptx.sreg.ntid.x
// CHECK-DAG: nvvm.read.ptx.sreg.ctaid.x
// CHECK-DAG: nvvm.read.ptx.sreg.nctaid.x
// CHECK: scf.for %[[NUMBER:.*]] = %{{.*}} to %[[COUNT]] step %{{.*}} : i64
// CHECK: llvm.urem %[[NUMBER]]
// CHECK: llvm.udiv %[[NUMBER]]
// CHECK: %[[X:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> bf16
// CHECK: %[[Y:.*]] = llvm.intr.maximum(%[[X]], %{{.*}})
// CHECK: llvm.store %[[Y]], %{{.*}} : bf16, !llvm.ptr<1>
mptile.kernel @relu(%X: !mptile.view<?x?xbf16>, %Y: !mptile.view<?x?xbf16>) attributes {target = "sm_80", threads = 256 : i64} {
  %zero = arith.constant 0.0 : bf16
  %d0 = mptile.dim %X, 0 : !mptile.view<?x?xbf16>
  %d1 = mptile.dim %X, 1 : !mptile.view<?x?xbf16>
  mptile.for_each_element (%i, %j) in (%d0, %d1) vector = 1 {
    %x = mptile.load %X[%i, %j] : !mptile.view<?x?xbf16>
    %y = arith.maximumf %x, %zero : bf16
    mptile.store %y, %Y[%i, %j] : !mptile.view<?x?xbf16>
  }
  mptile.return
}

// An i1 is a byte in memory.
// CHECK-LABEL: llvm.func @greater
// CHECK: %[[BIT:.*]] = llvm.fcmp "ogt"
// CHECK: %[[BYTE:.*]] = llvm.zext %[[BIT]] : i1 to i8
// CHECK: llvm.store %[[BYTE]], %{{.*}} : i8, !llvm.ptr<1>
mptile.kernel @greater(%X: !mptile.view<5xf32>, %Y: !mptile.view<5xi1>) attributes {target = "sm_80", threads = 32 : i64} {
  %zero = arith.constant 0.0 : f32
  %c5 = arith.constant 5 : index
  mptile.for_each_element (%i) in (%c5) vector = 1 {
    %x = mptile.load %X[%i] : !mptile.view<5xf32>
    %y = arith.cmpf ogt, %x, %zero : f32
    mptile.store %y, %Y[%i] : !mptile.view<5xi1>
  }
  mptile.return
}
