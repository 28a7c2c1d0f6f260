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

// -----

mptile.kernel @reduce_element(%x: !mptile.view<64x64xf64>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !mptile.view<64x64xf64> -> !mptile.frag<64x64xf64, warps = 4x1>
  // expected-error@+1 {{'mptile.reduce' op of 'f64' is not lowered; convert to f32, f16, bf16 or i32}}
  %m = mptile.reduce %f {kind = #mptile.reduction<max>, axis = 1 : i64} : !mptile.frag<64x64xf64, warps = 4x1> -> !mptile.frag<64x1xf64, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @write_row_wise(%x: !mptile.view<8x64xbf16>) attributes {target = "sm_90a", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %t = mptile.alloc : !mptile.smem<8x64xbf16, swizzle = 128>
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>} : !mptile.view<8x64xbf16> -> !mptile.frag<8x64xbf16, warps = 1x1, lanes = 8, vector = 8>
  // expected-error@+1 {{of the row-wise fragment '!mptile.frag<8x64xbf16, warps = 1x1, lanes = 8, vector = 8>' is not lowered yet; use store_fragment}}
  mptile.write_fragment %f -> %t : !mptile.frag<8x64xbf16, warps = 1x1, lanes = 8, vector = 8>, !mptile.smem<8x64xbf16, swizzle = 128>
  mptile.return
}

// -----

mptile.kernel @product_without_swizzle() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E4M3FN>
  %z = mptile.acc_zero : !mptile.pending<64x64xf32, warps = 4x1>
  // expected-error@+1 {{operands of sm90_m64nNk32_f32_e4m3_e4m3 without a swizzle are not lowered yet}}
  %p = mptile.mma_async %a, %a, %z : !mptile.smem<64x128xf8E4M3FN>, !mptile.smem<64x128xf8E4M3FN>, !mptile.pending<64x64xf32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x64xf32, warps = 4x1>) -> !mptile.acc<64x64xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @tma_on_sm_80() attributes {target = "sm_80", threads = 128 : i64} {
  // expected-error@+1 {{sm_80 has no TMA; fill the ring by async}}
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !mptile.ring<2 x (!mptile.smem<64x64xbf16, swizzle = 128>)>
  mptile.return
}

// -----

mptile.kernel @split_k() attributes {target = "sm_90a", threads = 128 : i64} {
  %c1 = arith.constant 1 : index
  // expected-error@+1 {{with groups, split_k or stream_k is not lowered yet}}
  mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %c1, %c1, %c1)
      raster = #mptile.raster<grouped = 1> attributes {split_k = 2 : i64} {
  }
  mptile.return
}
