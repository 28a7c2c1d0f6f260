// What the verifiers of types reject: sizes that no chip has, whose sums and products would overflow.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{warps must be a grid such as 4x1, of at most 32 along a side}}
func.func private @more_warps_than_64_bits_hold(!mptile.acc<64x256xf32, warps = 1152921504606846976x1>)

// -----

// expected-error@+1 {{warps must be a grid such as 4x1, of at most 32 along a side}}
func.func private @fragment_of_too_many_warps(!mptile.frag<64x64xf32, warps = 4x2305843009213693952>)

// -----

// expected-error@+1 {{a dimension of 4611686018427387904 does not fit on chip; at most 1048576 is possible}}
func.func private @tile_larger_than_memory(!mptile.smem<4611686018427387904x64xbf16>)

// -----

// expected-error@+1 {{a ring needs 1 to 1024 slots, not 9223372036854775807}}
func.func private @ring_without_end(!mptile.ring<9223372036854775807 x (!mptile.smem<64x64xbf16>)>)

// -----

// expected-error@+1 {{element type must be an integer or floating-point type of at most 128 bits, not 'i16777215'}}
func.func private @elements_too_wide(!mptile.view<4x4xi16777215>)
