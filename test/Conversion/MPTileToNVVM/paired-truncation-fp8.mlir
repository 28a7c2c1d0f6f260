// Neighbouring elements of a fragment are converted to 8-bit floats in pairs.
// RUN: mpgemm-opt %s --mptile-to-nvvm | FileCheck %s

!f32 = !mptile.frag<16x8xf32, warps = 1x1>
#id = affine_map<(r, c) -> (r, c)>

// 8 bits: from sm_89 on by the hardware, with NaN put in for what overflows f8E4M3FN, infinity for f8E5M2.
// CHECK-LABEL: llvm.func @e4m3
// CHECK: llvm.mlir.constant(4.640000e+02 : f32)
// CHECK: %[[LOW:.*]] = llvm.select {{.*}} : i1, f32
// CHECK: %[[HIGH:.*]] = llvm.select {{.*}} : i1, f32
// CHECK: llvm.inline_asm {{.*}}"cvt.rn.satfinite.e4m3x2.f32 $0, $1, $2;", "=h,f,f" %[[HIGH]], %[[LOW]] : (f32, f32) -> i16
mptile.kernel @e4m3(%X: !mptile.view<16x8xf32>, %Y: !mptile.view<16x8xf8E4M3FN>) attributes {target = "sm_90a", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %x = mptile.load_fragment %X[%c0, %c0] {map = #id} : !mptile.view<16x8xf32> -> !f32
  %y = mptile.map %x {
  ^bb0(%a: f32):
    %t = arith.truncf %a : f32 to f8E4M3FN
    mptile.yield %t : f8E4M3FN
  } : (!f32) -> !mptile.frag<16x8xf8E4M3FN, warps = 1x1>
  mptile.store_fragment %y, %Y[%c0, %c0] {map = #id} : !mptile.frag<16x8xf8E4M3FN, warps = 1x1>, !mptile.view<16x8xf8E4M3FN>
  mptile.return
}

// CHECK-LABEL: llvm.func @e5m2
// CHECK-COUNT-2: llvm.inline_asm {{.*}}cvt.rn.satfinite.e5m2x2.f32
// CHECK-NOT: llvm.inline_asm
mptile.kernel @e5m2(%X: !mptile.view<16x8xf32>, %Y: !mptile.view<16x8xf8E5M2>) attributes {target = "sm_90a", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %x = mptile.load_fragment %X[%c0, %c0] {map = #id} : !mptile.view<16x8xf32> -> !f32
  %y = mptile.map %x {
  ^bb0(%a: f32):
    %t = arith.truncf %a : f32 to f8E5M2
    mptile.yield %t : f8E5M2
  } : (!f32) -> !mptile.frag<16x8xf8E5M2, warps = 1x1>
  mptile.store_fragment %y, %Y[%c0, %c0] {map = #id} : !mptile.frag<16x8xf8E5M2, warps = 1x1>, !mptile.view<16x8xf8E5M2>
  mptile.return
}

// What was clamped to the finite range is converted as it came: the instruction clamps.
// CHECK-LABEL: llvm.func @clamped
// CHECK: %[[A:.*]] = llvm.fneg
// CHECK: %[[B:.*]] = llvm.fneg
// CHECK: llvm.inline_asm {{.*}}cvt.rn.satfinite.e4m3x2.f32{{.*}} %[[B]], %[[A]] :
mptile.kernel @clamped(%X: !mptile.view<16x8xf32>, %Y: !mptile.view<16x8xf8E4M3FN>) attributes {target = "sm_90a", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %x = mptile.load_fragment %X[%c0, %c0] {map = #id} : !mptile.view<16x8xf32> -> !f32
  %y = mptile.map %x {
  ^bb0(%a: f32):
    %low = arith.constant -448.0 : f32
    %high = arith.constant 448.0 : f32
    %n = arith.negf %a : f32
    %0 = arith.maximumf %n, %low : f32
    %1 = arith.minimumf %0, %high : f32
    %t = arith.truncf %1 : f32 to f8E4M3FN
    mptile.yield %t : f8E4M3FN
  } : (!f32) -> !mptile.frag<16x8xf8E4M3FN, warps = 1x1>
  mptile.store_fragment %y, %Y[%c0, %c0] {map = #id} : !mptile.frag<16x8xf8E4M3FN, warps = 1x1>, !mptile.view<16x8xf8E4M3FN>
  mptile.return
}
