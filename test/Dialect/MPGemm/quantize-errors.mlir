// What quantize, dequantize and dynamic_quantize reject, by the number of the constraint.
// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics

func.func @quantize_types(%x: tensor<4x8xf64>, %s: tensor<f32>) {
  // expected-error @below {{operand #0 must be ranked tensor of 32-bit float or 16-bit float or bfloat16 type values, but got 'tensor<4x8xf64>'}}
  %q = mpgemm.quantize(%x : tensor<4x8xf64> scale <per_tensor> %s : tensor<f32>) -> tensor<4x8xi8>
  return
}

// -----

func.func @quantize_c1_vector(%x: tensor<8xf32>, %s: tensor<f32>) {
  // expected-error @below {{operand has rank 1 ('tensor<8xf32>'); scales belong to matrices, of rank 2 or more}}
  %q = mpgemm.quantize(%x : tensor<8xf32> scale <per_tensor> %s : tensor<f32>) -> tensor<8xi8>
  return
}

// -----

func.func @quantize_c2_shape(%x: tensor<4x8xf32>, %s: tensor<f32>) {
  // expected-error @below {{result is 8x4, but the operand is 4x8}}
  %q = mpgemm.quantize(%x : tensor<4x8xf32> scale <per_tensor> %s : tensor<f32>) -> tensor<8x4xi8>
  return
}

// -----

func.func @quantize_c3_shape(%x: tensor<4x100xf32>, %s: tensor<4x3xf32>) {
  // expected-error @below {{scales are 4x3, but #mpgemm.scaling<group = 32> of 4x100 needs 4x4}}
  %q = mpgemm.quantize(%x : tensor<4x100xf32> scale <group = 32> %s : tensor<4x3xf32>) -> tensor<4x100xi8>
  return
}

// -----

func.func @quantize_c3_column_is_the_last_dimension(%x: tensor<4x8xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{scales are 4, but #mpgemm.scaling<column> of 4x8 needs 8}}
  %q = mpgemm.quantize(%x : tensor<4x8xf32> scale <column> %s : tensor<4xf32>) -> tensor<4x8xi8>
  return
}

// -----

func.func @quantize_c3_type(%x: tensor<4x32xf32>, %s: tensor<4x1xf32>) {
  // expected-error @below {{scales are 'f32'; mx scaling takes f8E8M0FNU}}
  %q = mpgemm.quantize(%x : tensor<4x32xf32> scale <mx> %s : tensor<4x1xf32>) -> tensor<4x32xi8>
  return
}

// -----

func.func @quantize_c3_nvfp4(%x: tensor<4x32xf32>, %s: tensor<4x2xf8E4M3FN>) {
  // expected-error @below {{nvfp4 scaling is not for 8-bit codes; use per_tensor, row, column, group, block or mx}}
  %q = mpgemm.quantize(%x : tensor<4x32xf32> scale <nvfp4> %s : tensor<4x2xf8E4M3FN>) -> tensor<4x32xi8>
  return
}

// -----

func.func @quantize_c4_unsigned(%x: tensor<4x8xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{unsigned belongs to integer codes, not to 'f8E5M2'}}
  %q = mpgemm.quantize(%x : tensor<4x8xf32> scale <row> %s : tensor<4xf32>) unsigned -> tensor<4x8xf8E5M2>
  return
}

// -----

func.func @quantize_c5_float_codes(%x: tensor<4x8xf32>, %s: tensor<4xf32>, %z: tensor<4xi8>) {
  // expected-error @below {{a zero point belongs to integer codes, not to 'f8E5M2'}}
  %q = mpgemm.quantize(%x : tensor<4x8xf32> scale <row> %s : tensor<4xf32> zero_point %z : tensor<4xi8>) -> tensor<4x8xf8E5M2>
  return
}

// -----

func.func @quantize_c5_type(%x: tensor<4x8xf32>, %s: tensor<4xf32>, %z: tensor<4xi4>) {
  // expected-error @below {{zero point is 'i4'; it is 'i8', as the codes, or i32}}
  %q = mpgemm.quantize(%x : tensor<4x8xf32> scale <row> %s : tensor<4xf32> zero_point %z : tensor<4xi4>) -> tensor<4x8xi8>
  return
}

// -----

func.func @quantize_c5_shape(%x: tensor<4x8xf32>, %s: tensor<4xf32>, %z: tensor<8xi8>) {
  // expected-error @below {{zero point is 8; it has the shape of the scales, or rank 0}}
  %q = mpgemm.quantize(%x : tensor<4x8xf32> scale <row> %s : tensor<4xf32> zero_point %z : tensor<8xi8>) -> tensor<4x8xi8>
  return
}

// -----

func.func @dequantize_c2_shape(%q: tensor<4x8xi8>, %s: tensor<4xf32>) {
  // expected-error @below {{result is 4x9, but the operand is 4x8}}
  %x = mpgemm.dequantize(%q : tensor<4x8xi8> scale <row> %s : tensor<4xf32>) -> tensor<4x9xf32>
  return
}

// -----

func.func @dequantize_c3_batch(%q: tensor<2x4x8xi8>, %s: tensor<3x4xf32>) {
  // expected-error @below {{scales are 3x4, but #mpgemm.scaling<row> of 2x4x8 needs 4}}
  %x = mpgemm.dequantize(%q : tensor<2x4x8xi8> scale <row> %s : tensor<3x4xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @dequantize_c4_unsigned(%q: tensor<4x8xf8E4M3FN>, %s: tensor<4xf32>) {
  // expected-error @below {{unsigned belongs to integer codes, not to 'f8E4M3FN'}}
  %x = mpgemm.dequantize(%q : tensor<4x8xf8E4M3FN> scale <row> %s : tensor<4xf32>) unsigned -> tensor<4x8xf32>
  return
}

// -----

func.func @dynamic_quantize_c1_vector(%x: tensor<8xf32>) {
  // expected-error @below {{operand has rank 1 ('tensor<8xf32>'); scales belong to matrices, of rank 2 or more}}
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<8xf32>) <per_tensor> -> tensor<8xi8>, tensor<f32>
  return
}

// -----

func.func @dynamic_quantize_c3_shape(%x: tensor<4x8xf32>) {
  // expected-error @below {{scales are 8, but #mpgemm.scaling<row> of 4x8 needs 4}}
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<4x8xf32>) <row> -> tensor<4x8xi8>, tensor<8xf32>
  return
}

// -----

func.func @dynamic_quantize_c3_type(%x: tensor<4x8xf32>) {
  // expected-error @below {{result #1 must be ranked tensor of 32-bit float or f8E8M0FNU type values, but got 'tensor<4xf16>'}}
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<4x8xf32>) <row> -> tensor<4x8xi8>, tensor<4xf16>
  return
}
