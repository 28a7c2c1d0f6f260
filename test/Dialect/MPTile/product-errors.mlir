// What the verifiers of products, accumulators and fragments reject, and what they say.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics

mptile.kernel @mma_async_c1_k() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x64xbf16, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<128x128xbf16, swizzle = 128>
  %z = mptile.acc_zero : !mptile.acc<64x128xf32, warps = 4x1>
  // expected-error@+1 {{A and B disagree on K: A is '!mptile.smem<64x64xbf16, swizzle = 128>' (K=64), B is '!mptile.smem<128x128xbf16, swizzle = 128>' (K=128)}}
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.smem<128x128xbf16, swizzle = 128>, !mptile.acc<64x128xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @mma_async_c2_accumulator() attributes {target = "sm_80", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x64xbf16, swizzle = 128>
  %z = mptile.acc_zero : !mptile.acc<64x64xf16, warps = 4x1>
  // expected-error@+1 {{sm_80 cannot multiply 'bf16' x 'bf16' into 'f16' with 4x1 warps}}
  %p = mptile.mma_async %a, %a, %z : !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.acc<64x64xf16, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @mma_async_c3_major() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<128x64xf8E4M3FN, swizzle = 64>
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  // expected-error@+1 {{sm90_m64nNk32_f32_e4m3_e4m3 reads K-major operands only}}
  %p = mptile.mma_async %a, %b, %z {b_major = #mptile.major<mn>} : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>, !mptile.smem<128x64xf8E4M3FN, swizzle = 64>, !mptile.acc<64x64xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @pending_is_linear() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x64xbf16, swizzle = 128>
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  // expected-error@+1 {{pending result must have exactly one use, it has 2}}
  %p = mptile.mma_async %a, %a, %z : !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.acc<64x64xf32, warps = 4x1>
  %x = mptile.mma_wait %p : (!mptile.pending<64x64xf32, warps = 4x1>) -> !mptile.acc<64x64xf32, warps = 4x1>
  %y = mptile.mma_wait %p : (!mptile.pending<64x64xf32, warps = 4x1>) -> !mptile.acc<64x64xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @mma_wait_c2_readable_too_early() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x64xbf16, swizzle = 128>
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  %p = mptile.mma_async %a, %a, %z : !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.acc<64x64xf32, warps = 4x1>
  // expected-error@+1 {{with 1 products outstanding a product with 0 later ones is not known to be done}}
  %x = mptile.mma_wait %p {outstanding = 1 : i64} : (!mptile.pending<64x64xf32, warps = 4x1>) -> !mptile.acc<64x64xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @acc_read_c1_offset() attributes {target = "sm_90a", threads = 128 : i64} {
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  // expected-error@+1 {{offset [0, 4] must be a multiple of 64 rows and 8 columns}}
  %f = mptile.acc_read %z[0, 4] : !mptile.acc<64x64xf32, warps = 4x1> -> !mptile.frag<64x32xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @map_c1_yield() attributes {target = "sm_90a", threads = 128 : i64} {
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  %f = mptile.acc_read %z[0, 0] : !mptile.acc<64x64xf32, warps = 4x1> -> !mptile.frag<64x64xf32, warps = 4x1>
  // expected-error@+1 {{result '!mptile.frag<64x64xbf16, warps = 4x1>' meets a yielded 'f32'}}
  %y = mptile.map %f {
  ^bb0(%x: f32):
    mptile.yield %x : f32
  } : (!mptile.frag<64x64xf32, warps = 4x1>) -> !mptile.frag<64x64xbf16, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @load_fragment_map(%v: !mptile.view<64xf32>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{each result of the map must be the row, the column or 0}}
  %f = mptile.load_fragment %v[%c0] {map = affine_map<(r, c) -> (r + c)>} : !mptile.view<64xf32> -> !mptile.frag<64x64xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @write_fragment_c1_shape() attributes {target = "sm_90a", threads = 128 : i64} {
  %t = mptile.alloc : !mptile.smem<64x32xf32, swizzle = 128>
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  %f = mptile.acc_read %z[0, 0] : !mptile.acc<64x64xf32, warps = 4x1> -> !mptile.frag<64x64xf32, warps = 4x1>
  // expected-error@+1 {{fragment '!mptile.frag<64x64xf32, warps = 4x1>' and tile '!mptile.smem<64x32xf32, swizzle = 128>' differ in shape}}
  mptile.write_fragment %f -> %t : !mptile.frag<64x64xf32, warps = 4x1>, !mptile.smem<64x32xf32, swizzle = 128>
  mptile.return
}

// -----

mptile.kernel @mma_async_c4_unsigned_float() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  // expected-error@+1 {{unsigned operands are of i8; A has 'f8E4M3FN' and B 'f8E4M3FN'}}
  %p = mptile.mma_async %a, %a, %z {unsigned_b} : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>, !mptile.smem<64x128xf8E4M3FN, swizzle = 128>, !mptile.acc<64x64xf32, warps = 4x1>
  mptile.return
}

// -----

!a = !mptile.smem<64x64xbf16, swizzle = 128>
mptile.kernel @mma_async_c5_correction_of_16_bits() attributes {target = "sm_80", threads = 128 : i64} {
  %a = mptile.alloc : !a
  %b = mptile.alloc : !a
  %zero = mptile.acc_zero : !mptile.pending<64x64xf32, warps = 2x2>
  // expected-error@+1 {{corrects products of f32, not of 'bf16' x 'bf16'}}
  %p = mptile.mma_async %a, %b, %zero {correction} : !a, !a, !mptile.pending<64x64xf32, warps = 2x2>
  %acc = mptile.mma_wait %p : (!mptile.pending<64x64xf32, warps = 2x2>) -> !mptile.acc<64x64xf32, warps = 2x2>
  mptile.return
}

// -----

!a = !mptile.smem<64x32xf32, swizzle = 128>
mptile.kernel @mma_async_c5_correction_by_wgmma() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !a
  %b = mptile.alloc : !a
  %zero = mptile.acc_zero : !mptile.pending<64x64xf32, warps = 4x1>
  // expected-error@+1 {{sm90_m64nNk8_f32_tf32_tf32 has no correction; use an accumulator of other than 4x1 warps, which mma.sync serves}}
  %p = mptile.mma_async %a, %b, %zero {correction} : !a, !a, !mptile.pending<64x64xf32, warps = 4x1>
  %acc = mptile.mma_wait %p : (!mptile.pending<64x64xf32, warps = 4x1>) -> !mptile.acc<64x64xf32, warps = 4x1>
  mptile.return
}
