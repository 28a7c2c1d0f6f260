// RUN: mpgemm-opt %s --mpgemm-schedule --split-input-file --verify-diagnostics

func.func @too_many_stages(%a: tensor<128x256xf16>, %b: tensor<256x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{schedule is impossible on sm_90a: tile 128x256x64 with 5 stages needs 278688 B of shared memory; sm_90a allows 232448 B (4 stages fit)}}
  %d = mpgemm.matmul(%a : tensor<128x256xf16>, %b : tensor<256x256xf16>) accumulate <f32> schedule <tile = [128, 256, 64], stages = 5> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @tile_m(%a: tensor<128x256xf16>, %b: tensor<256x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{tile M=96 is not a multiple of 64 (1 consumers of 4 warps along M)}}
  %d = mpgemm.matmul(%a : tensor<128x256xf16>, %b : tensor<256x256xf16>) accumulate <f32> schedule <tile = [96, 256, 64]> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @n_major_swizzle(%a: tensor<128x256xf16>, %b: tensor<256x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{tile N=96 does not fill rows of 128 bytes of an N-major B}}
  %d = mpgemm.matmul(%a : tensor<128x256xf16>, %b : tensor<256x256xf16>) accumulate <f32> schedule <tile = [64, 96, 64]> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @fill(%a: tensor<128x31xf16>, %b: tensor<31x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{A is filled by tma, but the distance between its rows is not a known multiple of 16 bytes; use threads}}
  %d = mpgemm.matmul(%a : tensor<128x31xf16>, %b : tensor<31x256xf16>) accumulate <f32> schedule <tile = [128, 256, 64], fill_a = "tma"> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @fill_name(%a: tensor<128x32xf16>, %b: tensor<32x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{schedule fills B by 'magic'; use tma, threads or async}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16>, %b : tensor<32x256xf16>) accumulate <f32> schedule <tile = [128, 256, 64], fill_b = "magic"> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @store(%a: tensor<128x32xf16>, %b: tensor<32x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{schedule stores 'later'; use staged or direct}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16>, %b : tensor<32x256xf16>) accumulate <f32> schedule <tile = [128, 256, 64], store = "later"> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @cluster(%a: tensor<128x32xf16>, %b: tensor<32x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{schedule asks for a cluster of 2x1, which is not lowered yet; use [1, 1]}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16>, %b : tensor<32x256xf16>) accumulate <f32> schedule <tile = [128, 256, 64], cluster = [2, 1]> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @split_k(%a: tensor<128x32xf16>, %b: tensor<32x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{schedule asks for split_k = 4, which is not lowered yet; use 1}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16>, %b : tensor<32x256xf16>) accumulate <f32> schedule <tile = [128, 256, 64], split_k = 4> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @swap_ab(%a: tensor<128x32xf16>, %b: tensor<32x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{schedule asks for swap_ab, which is not lowered yet}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16>, %b : tensor<32x256xf16>) accumulate <f32> schedule <tile = [128, 256, 64], swap_ab = true> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @operand_types(%a: tensor<128x32xf16>, %b: tensor<32x256xbf16>) -> tensor<128x256xf16> {
  // expected-error @below {{sm_90a has no lowered product of 'f16' x 'bf16'; it multiplies f16 x f16 in f32, f16 x f16 in f16, bf16 x bf16 in f32, tf32 x tf32 in f32, e4m3 x e4m3 in f32}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16>, %b : tensor<32x256xbf16>) accumulate <f32> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @n_major_fp8(%a: tensor<128x32xf8E4M3FN>, %b: tensor<32x256xf8E4M3FN>) -> tensor<128x256xf16> {
  // expected-error @below {{sm_90a multiplies 'f8E4M3FN' x 'f8E4M3FN' only where K is contiguous: store A as M x K and B as N x K (transposed)}}
  %d = mpgemm.matmul(%a : tensor<128x32xf8E4M3FN>, %b : tensor<32x256xf8E4M3FN>) accumulate <f32> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @scales(%a: tensor<128x32xf16>, %s: tensor<128xf32>, %b: tensor<32x256xf16>) -> tensor<128x256xf16> {
  // expected-error @below {{has a scale that is constant along K, which belongs into the epilogue; run --mpgemm-legalize first}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16> scale <row> %s : tensor<128xf32>, %b : tensor<32x256xf16>) accumulate <f32> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @result_type(%a: tensor<128x32xf16>, %b: tensor<32x256xf16>) -> tensor<128x256xi1> {
  // expected-error @below {{does not store results of 'i1' yet; use f32, f16, bf16, f8E4M3FN, f8E5M2, i8, i16 or i32}}
  %d = mpgemm.matmul(%a : tensor<128x32xf16>, %b : tensor<32x256xf16>) accumulate <f32> epilogue(%acc : f32) {
    %zero = arith.constant 0.0 : f32
    %0 = arith.cmpf ogt, %acc, %zero : f32
    mpgemm.yield %0 : i1
  } -> tensor<128x256xi1>
  return %d : tensor<128x256xi1>
}

// -----

func.func @exact_f32_by_tma(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>) -> tensor<512x512xf32> {
  // expected-error @below {{fill by tma; sm_90a fills by async for products by mma.sync}}
  %d = mpgemm.matmul(%a : tensor<512x512xf32>, %b transposed : tensor<512x512xf32>) accumulate <f32> schedule <tile = [128, 128, 32], fill_a = "tma"> -> tensor<512x512xf32>
  return %d : tensor<512x512xf32>
}

// -----

func.func @short_groups(%a: tensor<128x256xf8E4M3FN>, %s: tensor<128x16xf32>, %b: tensor<256x256xf8E4M3FN>) -> tensor<128x256xf16> {
  // expected-error @below {{has partial sums of 16 steps of K, but sm90_m64nNk32_f32_e4m3_e4m3 multiplies 32 at a time}}
  %d = mpgemm.matmul(%a : tensor<128x256xf8E4M3FN> scale <group = 16> %s : tensor<128x16xf32>, %b transposed : tensor<256x256xf8E4M3FN>) accumulate <f32> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @exact_f32_by_a_warpgroup(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>) -> tensor<512x512xf32> {
  // expected-error @below {{warps 4x1 are a warpgroup, and this product is one of single warps (mma.sync); use 2x2 or 1x4}}
  %d = mpgemm.matmul(%a : tensor<512x512xf32>, %b transposed : tensor<512x512xf32>) accumulate <f32> schedule <tile = [64, 64, 32], warps = [4, 1]> -> tensor<512x512xf32>
  return %d : tensor<512x512xf32>
}

// -----

func.func @rows_share_a_scale(%a: tensor<128x256xf8E4M3FN>, %s: tensor<4x2xf32>, %b: tensor<256x256xf8E4M3FN>) -> tensor<128x256xf16> {
  // expected-error @below {{32 rows share a scale of A; a consumer of 64 rows needs one scale for each row or for a multiple of 64}}
  %d = mpgemm.matmul(%a : tensor<128x256xf8E4M3FN> scale <block = [32, 128]> %s : tensor<4x2xf32>, %b transposed : tensor<256x256xf8E4M3FN>) accumulate <f32> schedule <tile = [128, 128, 128]> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @columns_share_a_scale(%a: tensor<128x256xf8E4M3FN>, %b: tensor<256x256xf8E4M3FN>, %s: tensor<64x2xf32>) -> tensor<128x256xf16> {
  // expected-error @below {{4 columns share a scale of B, which has no multiple of 8 in common with tile N=128}}
  %d = mpgemm.matmul(%a : tensor<128x256xf8E4M3FN>, %b transposed : tensor<256x256xf8E4M3FN> scale <block = [4, 128]> %s : tensor<64x2xf32>) accumulate <f32> schedule <tile = [128, 128, 128]> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @tile_and_run(%a: tensor<128x256xf8E4M3FN>, %b: tensor<256x256xf8E4M3FN>) -> tensor<128x256xf16> {
  // expected-error @below {{tile K=128 does not divide the 64 steps of K that share a partial sum}}
  %d = mpgemm.matmul(%a : tensor<128x256xf8E4M3FN>, %b transposed : tensor<256x256xf8E4M3FN>) accumulate <f32, promote = 64> schedule <tile = [128, 128, 128]> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @two_wide_sums(%a: tensor<128x256xf8E4M3FN>, %b: tensor<256x256xf8E4M3FN>) -> tensor<128x256xf16> {
  // expected-error @below {{tile 128x256x128 needs 256 accumulator registers a thread; at most 200 leave room for the rest}}
  %d = mpgemm.matmul(%a : tensor<128x256xf8E4M3FN>, %b transposed : tensor<256x256xf8E4M3FN>) accumulate <f32> schedule <tile = [128, 256, 128]> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @promoted_f16(%a: tensor<128x256xf8E4M3FN>, %b: tensor<256x256xf8E4M3FN>) -> tensor<128x256xf16> {
  // expected-error @below {{sm_90a does not promote or scale partial sums of f16; accumulate in f32, or promote = never without scales along K}}
  %d = mpgemm.matmul(%a : tensor<128x256xf8E4M3FN>, %b transposed : tensor<256x256xf8E4M3FN>) accumulate <f16, promote = 128> -> tensor<128x256xf16>
  return %d : tensor<128x256xf16>
}

// -----

func.func @matmul_c20_rows_are_known(%x: tensor<8x256xbf16>, %w: tensor<512x256xbf16>) -> tensor<8x512xbf16> {
  // expected-error @+1 {{has a dispatch, but 8 rows: the schedule that fits them is enough}}
  %d = mpgemm.matmul(%x : tensor<8x256xbf16>, %w transposed : tensor<512x256xbf16>) accumulate <f32>
      schedule <tile = [128, 128, 64]> dispatch <[4] : [<tile = [64, 32, 64]>]> -> tensor<8x512xbf16>
  return %d : tensor<8x512xbf16>
}

// -----

func.func @matmul_c20_no_schedule(%x: tensor<?x256xbf16>, %w: tensor<512x256xbf16>) -> tensor<?x512xbf16> {
  // expected-error @+1 {{has a dispatch, but no schedule for more rows than it names}}
  %d = mpgemm.matmul(%x : tensor<?x256xbf16>, %w transposed : tensor<512x256xbf16>) accumulate <f32>
      dispatch <[4] : [<tile = [64, 32, 64]>]> -> tensor<?x512xbf16>
  return %d : tensor<?x512xbf16>
}

// -----

func.func @dispatch_not_ascending(%x: tensor<?x256xbf16>, %w: tensor<512x256xbf16>) -> tensor<?x512xbf16> {
  %d = mpgemm.matmul(%x : tensor<?x256xbf16>, %w transposed : tensor<512x256xbf16>) accumulate <f32>
      // expected-error @+1 {{dispatch needs positive numbers of rows, each more than the one before}}
      schedule <tile = [128, 128, 64]> dispatch <[64, 64] : [<tile = [64, 32, 64]>, <tile = [64, 64, 64]>]> -> tensor<?x512xbf16>
  return %d : tensor<?x512xbf16>
}

// -----

func.func @dispatch_counts(%x: tensor<?x256xbf16>, %w: tensor<512x256xbf16>) -> tensor<?x512xbf16> {
  %d = mpgemm.matmul(%x : tensor<?x256xbf16>, %w transposed : tensor<512x256xbf16>) accumulate <f32>
      // expected-error @+1 {{dispatch has 2 numbers of rows and 1 schedules; expected one schedule for each number}}
      schedule <tile = [128, 128, 64]> dispatch <[64, 65] : [<tile = [64, 32, 64]>]> -> tensor<?x512xbf16>
  return %d : tensor<?x512xbf16>
}

// -----

func.func @schedule_of_huge_numbers(%x: tensor<8x256xbf16>, %w: tensor<512x256xbf16>) -> tensor<8x512xbf16> {
  %d = mpgemm.matmul(%x : tensor<8x256xbf16>, %w transposed : tensor<512x256xbf16>) accumulate <f32>
      // expected-error @+1 {{a number of the schedule is 4611686018427387904; the largest is 65536}}
      schedule <tile = [128, 128, 64], stages = 4611686018427387904> -> tensor<8x512xbf16>
  return %d : tensor<8x512xbf16>
}
