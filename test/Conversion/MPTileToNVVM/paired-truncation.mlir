// Neighbouring elements of a fragment are converted to 16 bits in pairs.
// RUN: mpgemm-opt %s --mptile-to-nvvm | FileCheck %s

!f32 = !mptile.frag<16x8xf32, warps = 1x1>
!bf16 = !mptile.frag<16x8xbf16, warps = 1x1>
!f16 = !mptile.frag<16x8xf16, warps = 1x1>
#id = affine_map<(r, c) -> (r, c)>

// The second element is the upper half.
// CHECK-LABEL: llvm.func @bf16
// CHECK: %[[LOW:.*]] = llvm.fneg
// CHECK: %[[HIGH:.*]] = llvm.fneg
// CHECK: llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"(%[[HIGH]], %[[LOW]]) : (f32, f32) -> vector<2xbf16>
// CHECK: llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"
// CHECK-NOT: llvm.call_intrinsic
mptile.kernel @bf16(%X: !mptile.view<16x8xf32>, %Y: !mptile.view<16x8xbf16>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %x = mptile.load_fragment %X[%c0, %c0] {map = #id} : !mptile.view<16x8xf32> -> !f32
  %y = mptile.map %x {
  ^bb0(%a: f32):
    %n = arith.negf %a : f32
    %t = arith.truncf %n : f32 to bf16
    mptile.yield %t : bf16
  } : (!f32) -> !bf16
  mptile.store_fragment %y, %Y[%c0, %c0] {map = #id} : !bf16, !mptile.view<16x8xbf16>
  mptile.return
}

// CHECK-LABEL: llvm.func @f16
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.nvvm.ff2f16x2.rn"
// CHECK-NOT: llvm.call_intrinsic
mptile.kernel @f16(%X: !mptile.view<16x8xf32>, %Y: !mptile.view<16x8xf16>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %x = mptile.load_fragment %X[%c0, %c0] {map = #id} : !mptile.view<16x8xf32> -> !f32
  %y = mptile.map %x {
  ^bb0(%a: f32):
    %t = arith.truncf %a : f32 to f16
    mptile.yield %t : f16
  } : (!f32) -> !f16
  mptile.store_fragment %y, %Y[%c0, %c0] {map = #id} : !f16, !mptile.view<16x8xf16>
  mptile.return
}

// A result that is no truncation stays as it is.
// CHECK-LABEL: llvm.func @no_truncation
// CHECK-NOT: llvm.call_intrinsic
mptile.kernel @no_truncation(%X: !mptile.view<16x8xf32>, %Y: !mptile.view<16x8xbf16>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %x = mptile.load_fragment %X[%c0, %c0] {map = #id} : !mptile.view<16x8xf32> -> !f32
  %y = mptile.map %x {
  ^bb0(%a: f32):
    %t = arith.truncf %a : f32 to bf16
    %n = arith.negf %t : bf16
    mptile.yield %n : bf16
  } : (!f32) -> !bf16
  mptile.store_fragment %y, %Y[%c0, %c0] {map = #id} : !bf16, !mptile.view<16x8xbf16>
  mptile.return
}
