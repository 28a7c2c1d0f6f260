// What the lowering of kernels refuses, and what it says.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics --mptile-to-nvvm

mptile.kernel @first() attributes {target = "sm_80", threads = 128 : i64} {
  mptile.return
}
// expected-error@+1 {{is for sm_90a, but kernel 'first' is for sm_80; one module has one target}}
mptile.kernel @one_target() attributes {target = "sm_90a", threads = 128 : i64} {
  mptile.return
}

// -----

// expected-error@+1 {{is for sm_100a, which is not lowered yet}}
mptile.kernel @sm_100() attributes {target = "sm_100a", threads = 128 : i64} {
  mptile.return
}

// -----

mptile.kernel @box_too_large(%x: !mptile.view<?x64xbf16>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !mptile.ring<2 x (!mptile.smem<512x64xbf16, swizzle = 128>)>
  %c = mptile.cursor : !mptile.cursor
  %s = mptile.acquire %ring, %c : !mptile.ring<2 x (!mptile.smem<512x64xbf16, swizzle = 128>)>
  // expected-error@+1 {{tile '!mptile.smem<512x64xbf16, swizzle = 128>' is no TMA box: at most 256 rows and 256 columns, rows of whole 16 bytes}}
  mptile.copy %x[%c0, %c0] -> %s[0] : !mptile.view<?x64xbf16>, !mptile.slot<(!mptile.smem<512x64xbf16, swizzle = 128>)>
  mptile.return
}
