// RUN: mpgemm-opt %s --mpgemm-legalize --split-input-file --verify-diagnostics

func.func @zero_points_that_vary_along_k(%a: tensor<4x256xi8>, %b: tensor<8x256xi8>, %s: tensor<8x2xf32>, %z: tensor<8x2xi8>) -> tensor<4x8xf32> {
  // expected-error @below {{'mpgemm.matmul' op has zero points and a scale of B that varies along K (#mpgemm.scaling<group = 128>); use symmetric codes there, or column scales}}
  %d = mpgemm.matmul(%a : tensor<4x256xi8>, %b transposed : tensor<8x256xi8> scale <group = 128> %s : tensor<8x2xf32> zero_point %z : tensor<8x2xi8>)
      accumulate <i32> -> tensor<4x8xf32>
  return %d : tensor<4x8xf32>
}
