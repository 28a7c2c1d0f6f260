// RUN: mpgemm-opt %s --mpgemm-kernelize --split-input-file --verify-diagnostics

func.func @product(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @below {{'linalg.matmul' op is a product of 'f32' x 'f32' into 'f32' that did not become mpgemm.matmul; sm_90a multiplies what mpgemm-opt --print-support lists, after --mpgemm-raise}}
  %0 = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @not_tiled(%a: tensor<8x8xf16>, %b: tensor<8x8xf16>) -> tensor<8x8xf16> {
  // expected-error @below {{'mpgemm.matmul' op is still here; run --mpgemm-schedule and --mpgemm-tile first}}
  %0 = mpgemm.matmul(%a : tensor<8x8xf16>, %b : tensor<8x8xf16>) accumulate <f32> -> tensor<8x8xf16>
  return %0 : tensor<8x8xf16>
}

// -----

func.func @unknown_op(%a: tensor<8x8xf16>, %i: tensor<4x1xindex>) -> tensor<4x8xf16> {
  // expected-error @below {{'tensor.gather' op is not supported on tensors here}}
  %0 = tensor.gather %a[%i] gather_dims([0]) : (tensor<8x8xf16>, tensor<4x1xindex>) -> tensor<4x8xf16>
  return %0 : tensor<4x8xf16>
}

// -----

func.func @element_type(%a: tensor<8xi4>) -> tensor<8xi4> {
  // expected-error @below {{has an operand of 'tensor<8xi4>', whose elements no kernel loads yet}}
  %0 = tensor.pad %a nofold low[0] high[0] {
  ^bb0(%i: index):
    %zero = arith.constant 0 : i4
    tensor.yield %zero : i4
  } : tensor<8xi4> to tensor<8xi4>
  return %0 : tensor<8xi4>
}

// -----

// expected-note @below {{the value}}
func.func @scalar_argument(%x: tensor<8xf32>, %s: f32) -> tensor<8xf32> {
  // expected-error @below {{needs a 'f32' that is known only when the program runs; a kernel takes tensors, constants and sizes}}
  %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%x : tensor<8xf32>) {
  ^bb0(%o: f32):
    %1 = arith.mulf %o, %s : f32
    linalg.yield %1 : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func @body_with_a_region(%x: tensor<8xf32>) -> tensor<8xf32> {
  %zero = arith.constant 0.0 : f32
  // expected-error @below {{computes with 'scf.if', which is not supported in a kernel; use arith and math}}
  %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%x : tensor<8xf32>) {
  ^bb0(%o: f32):
    %positive = arith.cmpf ogt, %o, %zero : f32
    // expected-note @below {{here}}
    %1 = scf.if %positive -> (f32) {
      scf.yield %o : f32
    } else {
      scf.yield %zero : f32
    }
    linalg.yield %1 : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-error @below {{has several blocks; functions are straight-line}}
func.func @blocks(%x: tensor<8xf32>) -> tensor<8xf32> {
  cf.br ^next
^next:
  return %x : tensor<8xf32>
}

// -----

func.func @softmax_of_integers(%x: tensor<4x16xi8>, %e: tensor<4x16xi8>) -> tensor<4x16xi8> {
  // expected-error @below {{'linalg.softmax' op is on 'i8'; a softmax needs a floating-point type}}
  %0 = linalg.softmax dimension(1) ins(%x : tensor<4x16xi8>) outs(%e : tensor<4x16xi8>) -> tensor<4x16xi8>
  return %0 : tensor<4x16xi8>
}
