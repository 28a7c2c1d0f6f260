// What the types of fragments and the ops over them reject, and what they say.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{60 rows cannot be divided among 4 warps in pieces of 16; use a multiple of 64}}
func.func private @frag_c1_product_rows(!mptile.frag<60x64xf32, warps = 4x1>)

// -----

// expected-error@+1 {{6 rows cannot be divided among 2 warps in pieces of 2; use a multiple of 4}}
func.func private @frag_c1_rows(!mptile.frag<6x128xbf16, warps = 2x1, lanes = 16, vector = 8>)

// -----

// expected-error@+1 {{384 columns cannot be divided among 2 warps in pieces of 256; use a multiple of 512}}
func.func private @frag_c1_columns(!mptile.frag<4x384xbf16, warps = 2x2, lanes = 32, vector = 8>)

// -----

// expected-error@+1 {{lanes and vector must be powers of two from 1 to 32, not 12 and 8}}
func.func private @frag_c2_lanes(!mptile.frag<4x96xbf16, warps = 2x1, lanes = 12, vector = 8>)

// -----

// expected-error@+1 {{lanes and vector must be powers of two from 1 to 32, not 32 and 0}}
func.func private @frag_c2_vector(!mptile.frag<4x96xbf16, warps = 2x1, lanes = 32, vector = 0>)

// -----

mptile.kernel @map_c2_layout(%x: !mptile.view<8x64xf32>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>}
      : !mptile.view<8x64xf32> -> !mptile.frag<8x64xf32, warps = 1x1, lanes = 16, vector = 4>
  // expected-error@+1 {{operand '!mptile.frag<8x64xf32, warps = 1x1, lanes = 16, vector = 4>' does not fit the result '!mptile.frag<8x64xf32, warps = 1x1, lanes = 8, vector = 8>'}}
  %g = mptile.map %f {
  ^bb0(%a: f32):
    mptile.yield %a : f32
  } : (!mptile.frag<8x64xf32, warps = 1x1, lanes = 16, vector = 4>) -> !mptile.frag<8x64xf32, warps = 1x1, lanes = 8, vector = 8>
  mptile.return
}

// -----

mptile.kernel @reduce_c1_layout(%x: !mptile.view<8x64xf32>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>}
      : !mptile.view<8x64xf32> -> !mptile.frag<8x64xf32, warps = 1x1, lanes = 16, vector = 4>
  // expected-error@+1 {{reducing '!mptile.frag<8x64xf32, warps = 1x1, lanes = 16, vector = 4>' over axis 1 does not give '!mptile.frag<8x1xf32, warps = 1x1, lanes = 8, vector = 8>'}}
  %m = mptile.reduce %f {kind = #mptile.reduction<max>, axis = 1 : i64}
      : !mptile.frag<8x64xf32, warps = 1x1, lanes = 16, vector = 4> -> !mptile.frag<8x1xf32, warps = 1x1, lanes = 8, vector = 8>
  mptile.return
}

// -----

mptile.kernel @reduce_c2_integers(%x: !mptile.view<8x64xi32>) attributes {target = "sm_80", threads = 32 : i64} {
  %c0 = arith.constant 0 : index
  %f = mptile.load_fragment %x[%c0, %c0] {map = affine_map<(r, c) -> (r, c)>}
      : !mptile.view<8x64xi32> -> !mptile.frag<8x64xi32, warps = 1x1, lanes = 16, vector = 4>
  // expected-error@+1 {{abs_max is for floats, not 'i32'}}
  %m = mptile.reduce %f {kind = #mptile.reduction<abs_max>, axis = 1 : i64}
      : !mptile.frag<8x64xi32, warps = 1x1, lanes = 16, vector = 4> -> !mptile.frag<8x1xi32, warps = 1x1, lanes = 16, vector = 4>
  mptile.return
}

// -----

mptile.kernel @acc_read_row_wise() attributes {target = "sm_90a", threads = 128 : i64} {
  %z = mptile.acc_zero : !mptile.acc<64x64xf32, warps = 4x1>
  // expected-error@+1 {{accumulators are not distributed by rows as '!mptile.frag<64x64xf32, warps = 4x1, lanes = 16, vector = 4>' is}}
  %f = mptile.acc_read %z[0, 0] : !mptile.acc<64x64xf32, warps = 4x1> -> !mptile.frag<64x64xf32, warps = 4x1, lanes = 16, vector = 4>
  mptile.return
}
