// RUN: mpgemm-opt %s --mptile-to-nvvm --split-input-file --verify-diagnostics

!frag = !mptile.frag<64x16xbf16, warps = 2x2>
!b = !mptile.smem<64x16xbf16, swizzle = 32>
!ring = !mptile.ring<2 x (!b)>
!pending = !mptile.pending<64x64xf32, warps = 2x2>
mptile.kernel @a_from_registers(%A: !mptile.view<64x16xbf16>) attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %cursor = mptile.cursor : !mptile.cursor
  %slot = mptile.wait %ring, %cursor : !ring
  %b = mptile.tile %slot[0] : !mptile.slot<(!b)>
  %a = mptile.load_fragment %A[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !mptile.view<64x16xbf16> -> !frag
  %zero = mptile.acc_zero : !pending
  // expected-error @below {{with A from registers is not lowered yet}}
  %p = mptile.mma_async %a, %b, %zero : !frag, !b, !pending
  %acc = mptile.mma_wait %p : (!pending) -> !mptile.acc<64x64xf32, warps = 2x2>
  mptile.return
}

// -----

mptile.kernel @unsupported_function(%X: !mptile.view<?xf32>) attributes {target = "sm_80", threads = 128 : i64} {
  %n = mptile.dim %X, 0 : !mptile.view<?xf32>
  mptile.for_each_element (%i) in (%n) vector = 1 {
    %x = mptile.load %X[%i] : !mptile.view<?xf32>
    // expected-error @below {{'math.cbrt' op is not supported in a kernel; docs/math.md lists the supported functions}}
    %y = math.cbrt %x : f32
    mptile.store %y, %X[%i] : !mptile.view<?xf32>
  }
  mptile.return
}
