// What mpgemm.matmul rejects, by the number of the constraint in its description.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics

func.func @matmul_storage_type(%a: tensor<4x8xi16>, %b: tensor<8x4xf16>) {
  // expected-error @below {{operand #0 must be ranked tensor of storage type (f32, f16, bf16, f8E4M3FN, f8E5M2, i8, i4, i2, i1, f4E2M1FN, f6E2M3FN, f6E3M2FN) values, but got 'tensor<4x8xi16>'}}
  %d = mpgemm.matmul(%a : tensor<4x8xi16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<4x4xf32>
  return
}

// -----

func.func @matmul_c1_rank_1(%a: tensor<8xf16>, %b: tensor<8x4xf16>) {
  // expected-error @below {{A has rank 1 ('tensor<8xf16>'); a matrix has rank 2, a batch of matrices more}}
  %d = mpgemm.matmul(%a : tensor<8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<4xf32>
  return
}

// -----

func.func @matmul_c2_k_mismatch(%a: tensor<128x64xf16>, %b: tensor<96x256xf16>) {
  // expected-error @below {{'mpgemm.matmul' op A and B disagree on K: A is 128x64 (K=64), B is 96x256 (K=96)}}
  %d = mpgemm.matmul(%a : tensor<128x64xf16>, %b : tensor<96x256xf16>) accumulate <f32> -> tensor<128x256xf16>
  return
}

// -----

func.func @matmul_c2_k_mismatch_transposed(%a: tensor<?x64xf16>, %b: tensor<64x32xf16>) {
  // expected-error @below {{A and B disagree on K: A is ?x64 (K=64), B is 64x32 transposed (K=32)}}
  %d = mpgemm.matmul(%a : tensor<?x64xf16>, %b transposed : tensor<64x32xf16>) accumulate <f32> -> tensor<?x64xf16>
  return
}

// -----

func.func @matmul_c3_no_stretching(%a: tensor<1x4x8xf16>, %b: tensor<3x8x4xf16>) {
  // expected-error @below {{A and B disagree on a batch dimension: A is 1x4x8 (1), B is 3x8x4 (3); sizes must be equal, an operand shared by the batch leaves the dimension out}}
  %d = mpgemm.matmul(%a : tensor<1x4x8xf16>, %b : tensor<3x8x4xf16>) accumulate <f32> -> tensor<3x4x4xf32>
  return
}

// -----

func.func @matmul_c4_result_shape(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  // expected-error @below {{result 0 is 5x4, but batch x M x N is 4x5}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> -> tensor<5x4xf32>
  return
}

// -----

func.func @matmul_c5_init_shape(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>, %c: tensor<5xf32>) {
  // expected-error @below {{C is 5, but batch x M x N is 4x5; a vector or a scalar is added in the epilogue}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) init(%c : tensor<5xf32>) accumulate <f32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_c5_init_type(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>, %c: tensor<4x5xf32>) {
  // expected-error @below {{C is 'f32', which does not widen to 'f16', the type it is added in}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) init(%c : tensor<4x5xf32>) accumulate <f16> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c6_integers_in_f32(%a: tensor<4x8xi8>, %b: tensor<8x5xi4>) {
  // expected-error @below {{'i8' x 'i4' cannot accumulate in 'f32'; use i32}}
  %d = mpgemm.matmul(%a : tensor<4x8xi8>, %b : tensor<8x5xi4>) accumulate <f32> -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_c6_bf16_in_f16(%a: tensor<4x8xbf16>, %b: tensor<8x5xbf16>) {
  // expected-error @below {{'bf16' x 'bf16' cannot accumulate in f16; use f32}}
  %d = mpgemm.matmul(%a : tensor<4x8xbf16>, %b : tensor<8x5xbf16>) accumulate <f16> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c7_promote_of_f16(%a: tensor<4x8xf16>, %b: tensor<8x5xf8E4M3FN>) {
  // expected-error @below {{promote belongs to products of two 8-bit floats, not to 'f16' x 'f8E4M3FN'}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf8E4M3FN>) accumulate <f32, promote = 128> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c8_unsigned_float(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  // expected-error @below {{unsigned belongs to integer codes; B is 'f16'}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b unsigned : tensor<8x5xf16>) accumulate <f32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c9_precision_of_f16(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  // expected-error @below {{f32_precision belongs to f32 operands; this product is 'f16' x 'f16'}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> f32_precision <tf32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c10_row_on_b(%a: tensor<4x8xf16>, %b: tensor<8x5xf8E4M3FN>, %s: tensor<5xf32>) {
  // expected-error @below {{row scaling is not for B; use column}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf8E4M3FN> scale <row> %s : tensor<5xf32>) accumulate <f32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c10_shape_of_groups(%a: tensor<4x256xf16>, %b: tensor<5x256xi4>, %s: tensor<2x5xf32>) {
  // expected-error @below {{scale of B is 2x5, but #mpgemm.scaling<group = 128> of 'tensor<5x256xi4>' needs 5x2}}
  %d = mpgemm.matmul(%a : tensor<4x256xf16>, %b transposed : tensor<5x256xi4> scale <group = 128> %s : tensor<2x5xf32>) accumulate <f32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c10_type_of_mx(%a: tensor<4x64xf8E4M3FN>, %b: tensor<64x5xf16>, %s: tensor<4x2xf32>) {
  // expected-error @below {{scale of A is 'f32'; mx scaling takes f8E8M0FNU}}
  %d = mpgemm.matmul(%a : tensor<4x64xf8E4M3FN> scale <mx> %s : tensor<4x2xf32>, %b : tensor<64x5xf16>) accumulate <f32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c10_values_without_scaling(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>, %s: tensor<f32>) {
  // expected-error @below {{A has scale values, but no scaling that places them}}
  %d = "mpgemm.matmul"(%a, %b, %s) <{accumulation = #mpgemm.accumulate<f32>, operandSegmentSizes = array<i32: 1, 1, 0, 1, 0, 0, 0, 0, 0, 0>}> ({}) : (tensor<4x8xf16>, tensor<8x5xf16>, tensor<f32>) -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c11_zero_point_of_float(%a: tensor<4x8xf16>, %b: tensor<8x5xf8E4M3FN>, %z: tensor<i8>) {
  // expected-error @below {{a zero point belongs to integer codes; B is 'f8E4M3FN'}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf8E4M3FN> zero_point %z : tensor<i8>) accumulate <f32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c11_shape_of_zero_point(%a: tensor<4x8xf16>, %b: tensor<8x5xi8>, %z: tensor<5xi8>) {
  // expected-error @below {{zero point of B is 5; it has the shape of the scales, or rank 0}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xi8> zero_point %z : tensor<5xi8>) accumulate <f32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c11_float_zero_point_of_integers(%a: tensor<4x8xi8>, %b: tensor<8x5xi8>, %z: tensor<f16>) {
  // expected-error @below {{zero point of B is 'f16'; outside weight-only products it is an integer}}
  %d = mpgemm.matmul(%a : tensor<4x8xi8>, %b : tensor<8x5xi8> zero_point %z : tensor<f16>) accumulate <i32> -> tensor<4x5xi32>
  return
}

// -----

func.func @matmul_c12_global_scale_alone(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>, %g: tensor<f32>) {
  // expected-error @below {{a global scale belongs to nvfp4; A has another scaling}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16> global_scale %g : tensor<f32>, %b : tensor<8x5xf16>) accumulate <f32> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c13_weight_scale_of_f16(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  // expected-error @below {{weight_scale belongs to products of f16 or bf16 with codes of at most 8 bits, not to 'f16' x 'f16'}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> weight_scale <partial_sum> -> tensor<4x5xf16>
  return
}

// -----

func.func @matmul_c13_weight_without_scale(%a: tensor<4x8xi8>, %b: tensor<8x5xbf16>) {
  // expected-error @below {{weight_scale is given, but the weight has no scale}}
  %d = mpgemm.matmul(%a : tensor<4x8xi8>, %b : tensor<8x5xbf16>) accumulate <f32> weight_scale <operand> -> tensor<4x5xbf16>
  return
}

// -----

func.func @matmul_c14_map_is_no_projection(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>, %x: tensor<9xf32>) {
  // expected-error @below {{map of extra operand 0, (d0, d1) -> (d0 + d1), is not a projection; its results are dimensions, each at most once, or 0}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> epilogue(%acc : f32, %in = %x[(d0, d1) -> (d0 + d1)] : tensor<9xf32>) {
    mpgemm.yield %acc : f32
  } -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_c14_size_of_extra_operand(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>, %x: tensor<4xf32>) {
  // expected-error @below {{extra operand 0 is 4, but its map (d0, d1) -> (d1) reads it over 4x5}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> epilogue(%acc : f32, %in = %x[(d0, d1) -> (d1)] : tensor<4xf32>) {
    mpgemm.yield %acc : f32
  } -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_c15_type_of_accumulator(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  // expected-error @below {{epilogue takes the accumulator as 'f16'; it is 'f32'}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> epilogue(%acc : f16) {
    mpgemm.yield %acc : f16
  } -> tensor<4x5xf16>
  return
}

// -----

// Integer sums that a scale multiplied arrive as f32.
func.func @matmul_c15_scaled_sum_is_f32(%a: tensor<4x8xi8>, %b: tensor<8x5xi8>, %s: tensor<f32>) {
  // expected-error @below {{epilogue takes the accumulator as 'i32'; it is 'f32'}}
  %d = mpgemm.matmul(%a : tensor<4x8xi8> scale <per_tensor> %s : tensor<f32>, %b : tensor<8x5xi8>) accumulate <i32> epilogue(%acc : i32) {
    mpgemm.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @matmul_c16_number_of_results(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> epilogue(%acc : f32) {
    // expected-error @below {{gives 1 values to a product with 2 results}}
    mpgemm.yield %acc : f32
  } -> (tensor<4x5xf32>, tensor<4x5xf32>)
  return
}

// -----

func.func @matmul_c16_type_of_result(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> epilogue(%acc : f32) {
    // expected-error @below {{gives 'f32' for result 0, whose elements are 'f16'}}
    mpgemm.yield %acc : f32
  } -> tensor<4x5xf16>
  return
}

// -----

func.func private @effect(f32) -> f32

func.func @matmul_c17_side_effects(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> epilogue(%acc : f32) {
    // expected-error @below {{stands in the epilogue of a product; only ops without regions and side effects may}}
    %0 = func.call @effect(%acc) : (f32) -> f32
    mpgemm.yield %0 : f32
  } -> tensor<4x5xf32>
  return
}

// -----

func.func @matmul_c18_integer_result_of_floats(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  // expected-error @below {{cannot convert the 'f32' accumulator to 'i8' by rounding once; say how in an epilogue}}
  %d = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> -> tensor<4x5xi8>
  return
}

// -----

func.func @matmul_c18_two_results(%a: tensor<4x8xf16>, %b: tensor<8x5xf16>) {
  // expected-error @below {{has 2 results, but no epilogue that computes them}}
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x5xf16>) accumulate <f32> -> (tensor<4x5xf16>, tensor<4x5xf16>)
  return
}

// -----

// expected-error @below {{cannot accumulate in 'bf16'; use f32, f16 or i32}}
#accumulate = #mpgemm.accumulate<bf16>

// -----

// expected-error @below {{promote is 0; give a positive number of K steps or `never`}}
#accumulate = #mpgemm.accumulate<f32, promote = 0>

// -----

// expected-error @below {{unknown scaling 'rows'; use per_tensor, row, column, group = g, block = [outer, k], mx or nvfp4}}
#scaling = #mpgemm.scaling<rows>

// -----

// expected-error @below {{a block of 1x0 elements cannot share a scale; both extents must be positive}}
#scaling = #mpgemm.scaling<group = 0>

// -----

// expected-error @below {{tile needs three positive extents, M, N and K, as in [128, 256, 64]}}
#schedule = #mpgemm.schedule<tile = [128, 256]>

// -----

func.func @matmul_c19_column(%a: tensor<4x8xf16>, %b: tensor<8x64xf16>) {
  // expected-error @below {{cannot quantize its result by #mpgemm.scaling<column>; use row, group, block, mx or per_tensor}}
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x64xf16>) accumulate <f32> quantize_result <column>
      epilogue(%acc : f32) {
    mpgemm.yield %acc : f32
  } -> (tensor<4x64xi8>, tensor<64xf32>)
  return
}

// -----

func.func @matmul_c19_codes(%a: tensor<4x8xf16>, %b: tensor<8x64xf16>) {
  // expected-error @below {{quantizes its result to 'f16'; use f8E4M3FN, f8E5M2, i8 or i4}}
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x64xf16>) accumulate <f32> quantize_result <row>
      epilogue(%acc : f32) {
    mpgemm.yield %acc : f32
  } -> (tensor<4x64xf16>, tensor<4xf32>)
  return
}

// -----

func.func @matmul_c19_scale_type(%a: tensor<4x8xf16>, %b: tensor<8x64xf16>) {
  // expected-error @below {{gives the scales of its result as 'f16'; row scaling of a result takes f32 or f8E8M0FNU}}
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x64xf16>) accumulate <f32> quantize_result <row>
      epilogue(%acc : f32) {
    mpgemm.yield %acc : f32
  } -> (tensor<4x64xi8>, tensor<4xf16>)
  return
}

// -----

func.func @matmul_c19_scale_shape(%a: tensor<4x8xf16>, %b: tensor<8x64xf16>) {
  // expected-error @below {{gives 4x1 scales for its result, but #mpgemm.scaling<group = 32> of 4x64 needs 4x2}}
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x64xf16>) accumulate <f32> quantize_result <group = 32>
      epilogue(%acc : f32) {
    mpgemm.yield %acc : f32
  } -> (tensor<4x64xi8>, tensor<4x1xf32>)
  return
}

// -----

func.func @matmul_c19_epilogue(%a: tensor<4x8xf16>, %b: tensor<8x64xf16>) {
  // expected-error @below {{has quantize_result, but no epilogue that yields the f32 values}}
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x64xf16>) accumulate <f32> quantize_result <row>
      -> (tensor<4x64xi8>, tensor<4xf32>)
  return
}

// -----

func.func @matmul_c16_quantized_value(%a: tensor<4x8xf16>, %b: tensor<8x64xf16>) {
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x64xf16>) accumulate <f32> quantize_result <row>
      epilogue(%acc : f32) {
    %0 = arith.truncf %acc : f32 to f16
    // expected-error @below {{gives 'f16' for result 0, which quantize_result computes from f32}}
    mpgemm.yield %0 : f16
  } -> (tensor<4x64xi8>, tensor<4xf32>)
  return
}

// -----

func.func @matmul_c16_scales_are_not_yielded(%a: tensor<4x8xf16>, %b: tensor<8x64xf16>) {
  %d:2 = mpgemm.matmul(%a : tensor<4x8xf16>, %b : tensor<8x64xf16>) accumulate <f32> quantize_result <row>
      epilogue(%acc : f32) {
    // expected-error @below {{gives 2 values to a product with 1 results beside the scales}}
    mpgemm.yield %acc, %acc : f32, f32
  } -> (tensor<4x64xi8>, tensor<4xf32>)
  return
}
