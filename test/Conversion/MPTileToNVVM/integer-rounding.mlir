// Rounding, clamping and converting to an integer code is one conversion beside the clamp.
// RUN: mpgemm-opt %s --split-input-file --mptile-to-nvvm --canonicalize --cse | FileCheck %s

// CHECK-LABEL: llvm.func @code
// CHECK-NOT: roundeven
// CHECK: llvm.intr.minimum
// CHECK: llvm.intr.maximum
// CHECK: llvm.call_intrinsic "llvm.nvvm.f2i.rn"
// CHECK-NOT: roundeven
// CHECK-NOT: llvm.fptosi
mptile.kernel @code(%x: !mptile.view<1x32xf32>, %q: !mptile.view<1x32xi8>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>}
      : !mptile.view<1x32xf32> -> !mptile.frag<1x32xf32, warps = 1x1, lanes = 32, vector = 1>
  %g = mptile.map %f {
  ^bb0(%v: f32):
    %high = arith.constant 127.0 : f32
    %low = arith.constant -128.0 : f32
    %zero = arith.constant 0.0 : f32
    %r = math.roundeven %v : f32
    %number = arith.cmpf ord, %r, %r : f32
    %capped = arith.minimumf %r, %high : f32
    %raised = arith.maximumf %capped, %low : f32
    %s = arith.select %number, %raised, %zero : f32
    %i = arith.fptosi %s : f32 to i32
    %c = arith.trunci %i : i32 to i8
    mptile.yield %c : i8
  } : (!mptile.frag<1x32xf32, warps = 1x1, lanes = 32, vector = 1>) -> !mptile.frag<1x32xi8, warps = 1x1, lanes = 32, vector = 1>
  mptile.store_fragment %g, %q[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>}
      : !mptile.frag<1x32xi8, warps = 1x1, lanes = 32, vector = 1>, !mptile.view<1x32xi8>
  mptile.return
}

// -----

// A bound between integers would be rounded: as written.
// CHECK-LABEL: llvm.func @fractional_bound
// CHECK: roundeven
// CHECK: llvm.fptosi
// CHECK-NOT: f2i.rn
mptile.kernel @fractional_bound(%x: !mptile.view<1x32xf32>, %q: !mptile.view<1x32xi8>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>}
      : !mptile.view<1x32xf32> -> !mptile.frag<1x32xf32, warps = 1x1, lanes = 32, vector = 1>
  %g = mptile.map %f {
  ^bb0(%v: f32):
    %high = arith.constant 126.75 : f32
    %low = arith.constant -128.0 : f32
    %zero = arith.constant 0.0 : f32
    %r = math.roundeven %v : f32
    %number = arith.cmpf ord, %r, %r : f32
    %capped = arith.minimumf %r, %high : f32
    %raised = arith.maximumf %capped, %low : f32
    %s = arith.select %number, %raised, %zero : f32
    %i = arith.fptosi %s : f32 to i32
    %c = arith.trunci %i : i32 to i8
    mptile.yield %c : i8
  } : (!mptile.frag<1x32xf32, warps = 1x1, lanes = 32, vector = 1>) -> !mptile.frag<1x32xi8, warps = 1x1, lanes = 32, vector = 1>
  mptile.store_fragment %g, %q[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>}
      : !mptile.frag<1x32xi8, warps = 1x1, lanes = 32, vector = 1>, !mptile.view<1x32xi8>
  mptile.return
}
