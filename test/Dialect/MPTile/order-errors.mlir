// Verifiers run before it is known that definitions stand above their uses.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics

mptile.kernel @mma_wait_above_its_product() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x64xbf16, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x64xf32, warps = 4x1>
  // expected-error@+1 {{operand #0 does not dominate this use}}
  %w = mptile.mma_wait %p {outstanding = 1 : i64} : (!mptile.pending<64x64xf32, warps = 4x1>) -> !mptile.acc<64x64xf32, warps = 4x1>
  // expected-note@+1 {{operand defined here (op in the same block)}}
  %p = mptile.mma_async %a, %a, %z : !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.smem<64x64xbf16, swizzle = 128>, !mptile.pending<64x64xf32, warps = 4x1>
  mptile.return
}

// -----

mptile.kernel @more_copies_than_memory() attributes {target = "sm_90a", threads = 128 : i64} {
  // expected-error@+1 {{copies must be from 1 to 1024, not 9223372036854775807}}
  %a = mptile.alloc {copies = 9223372036854775807 : i64} : !mptile.smem<64x64xbf16, swizzle = 128>
  mptile.return
}
