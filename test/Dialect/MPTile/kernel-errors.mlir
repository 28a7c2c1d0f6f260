// What the verifiers of kernels, roles and rings reject, and what they say.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{'mptile.kernel' op argument 0 must be a view or an integer, index or floating-point scalar, not 'tensor<4xf32>'}}
mptile.kernel @kernel_c1_argument(%x: tensor<4xf32>) attributes {target = "sm_90a", threads = 128 : i64} {
  mptile.return
}

// -----

// expected-error@+1 {{unknown target 'sm_75'; known are sm_80, sm_86, sm_89, sm_90a, sm_100a, sm_120a}}
mptile.kernel @kernel_c2_target() attributes {target = "sm_75", threads = 128 : i64} {
  mptile.return
}

// -----

// expected-error@+1 {{threads must be a multiple of 32 from 32 to 1024, not 100}}
mptile.kernel @kernel_c2_threads() attributes {target = "sm_80", threads = 100 : i64} {
  mptile.return
}

// -----

// Five slots of 48 KiB and their barriers.
// expected-error@+1 {{kernel needs 245840 B of shared memory; sm_90a allows 232448 B}}
mptile.kernel @kernel_c3_shared_memory() attributes {target = "sm_90a", threads = 128 : i64} {
  %ring = mptile.ring {fill = #mptile.fill<tma>}
      : !mptile.ring<5 x (!mptile.smem<128x64xbf16, swizzle = 128>, !mptile.smem<256x64xbf16, swizzle = 128>)>
  mptile.return
}

// -----

mptile.kernel @roles_c2_threads() attributes {target = "sm_90a", threads = 256 : i64} {
  // expected-error@+1 {{roles have 12 warps (384 threads), but the kernel has 256 threads}}
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 2, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
  }, {
  ^bb0(%instance: index):
  }
  mptile.return
}

// -----

mptile.kernel @roles_c3_registers() attributes {target = "sm_90a", threads = 384 : i64} {
  // expected-error@+1 {{roles ask for 71680 registers; a multiprocessor has 65536}}
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 80>,
                #mptile.role<"consumer", instances = 2, warps = 4, registers = 240>] {
  ^bb0(%instance: index):
  }, {
  ^bb0(%instance: index):
  }
  mptile.return
}

// -----

// expected-error@+1 {{role 'copies' has 2 warps; only whole warpgroups of 4 warps can change their registers}}
#role = #mptile.role<"copies", instances = 1, warps = 2, registers = 40>

// -----

mptile.kernel @for_each_work_c1_types() attributes {target = "sm_80", threads = 128 : i64} {
  %c1 = arith.constant 1 : index
  %c = mptile.cursor : !mptile.cursor
  // expected-error@+1 {{carried values, yielded values and results must have the same types}}
  %r = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %c1, %c1, %c1)
      raster = #mptile.raster<grouped = 1> iter_args(%a = %c) -> (!mptile.cursor) {
    mptile.yield %k0 : index
  }
  mptile.return
}

// -----

mptile.kernel @dim_out_of_range(%x: !mptile.view<4xf32>) attributes {target = "sm_80", threads = 128 : i64} {
  // expected-error@+1 {{dimension 1 of '!mptile.view<4xf32>', which has 1 dimensions}}
  %d = mptile.dim %x, 1 : !mptile.view<4xf32>
  mptile.return
}

// -----

mptile.kernel @copy_c1_slot(%x: !mptile.view<?x64xbf16>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !mptile.ring<2 x (!mptile.smem<64x64xbf16, swizzle = 128>)>
  %c = mptile.cursor : !mptile.cursor
  %s = mptile.wait %ring, %c : !mptile.ring<2 x (!mptile.smem<64x64xbf16, swizzle = 128>)>
  // expected-error@+1 {{slot must be the result of mptile.acquire}}
  mptile.copy %x[%c0, %c0] -> %s[0] : !mptile.view<?x64xbf16>, !mptile.slot<(!mptile.smem<64x64xbf16, swizzle = 128>)>
  mptile.return
}

// -----

mptile.kernel @copy_c3_element(%x: !mptile.view<?x64xf16>) attributes {target = "sm_90a", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !mptile.ring<2 x (!mptile.smem<64x64xbf16, swizzle = 128>)>
  %c = mptile.cursor : !mptile.cursor
  %s = mptile.acquire %ring, %c : !mptile.ring<2 x (!mptile.smem<64x64xbf16, swizzle = 128>)>
  // expected-error@+1 {{element types disagree: 'f16' and 'bf16'}}
  mptile.copy %x[%c0, %c0] -> %s[0] : !mptile.view<?x64xf16>, !mptile.slot<(!mptile.smem<64x64xbf16, swizzle = 128>)>
  mptile.return
}

// -----

mptile.kernel @wait_outstanding_needs_async() attributes {target = "sm_90a", threads = 128 : i64} {
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !mptile.ring<2 x (!mptile.smem<64x64xbf16, swizzle = 128>)>
  %c = mptile.cursor : !mptile.cursor
  // expected-error@+1 {{outstanding = 1 is for rings filled by async, this one is filled by tma}}
  %s = mptile.wait %ring, %c {outstanding = 1 : i64} : !mptile.ring<2 x (!mptile.smem<64x64xbf16, swizzle = 128>)>
  mptile.return
}

// -----

// expected-error@+1 {{a row of 96 bytes is not a multiple of the swizzle span of 128 bytes}}
!tile = !mptile.smem<64x48xbf16, swizzle = 128>

// -----

// expected-error@+1 {{40 columns cannot be divided among 2 warps in pieces of 8; use a multiple of 16}}
!acc = !mptile.acc<64x40xf32, warps = 2x2>
