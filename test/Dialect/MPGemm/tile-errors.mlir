// RUN: mpgemm-opt %s --mpgemm-tile --split-input-file --verify-diagnostics

func.func @no_schedule(%a: tensor<64x64xf16>, %b: tensor<64x64xf16>) -> tensor<64x64xf16> {
  // expected-error @below {{'mpgemm.matmul' op has no schedule; run --mpgemm-schedule first, or write one}}
  %d = mpgemm.matmul(%a : tensor<64x64xf16>, %b : tensor<64x64xf16>) accumulate <f32> -> tensor<64x64xf16>
  return %d : tensor<64x64xf16>
}

// -----

func.func @impossible_schedule(%a: tensor<64x64xf16>, %b: tensor<64x64xf16>) -> tensor<64x64xf16> {
  // expected-error @below {{schedule is impossible on sm_90a: 3 consumers; sm_90a kernels have 1 or 2}}
  %d = mpgemm.matmul(%a : tensor<64x64xf16>, %b : tensor<64x64xf16>) accumulate <f32> schedule <tile = [192, 64, 64], consumers = 3> -> tensor<64x64xf16>
  return %d : tensor<64x64xf16>
}

// -----

func.func @not_lowered(%a: tensor<64x64xi8>, %b: tensor<64x64xi8>) -> tensor<64x64xi32> {
  // expected-error @below {{sm_90a multiplies 'i8' x 'i8' only where K is contiguous}}
  %d = mpgemm.matmul(%a : tensor<64x64xi8>, %b : tensor<64x64xi8>) accumulate <i32> schedule <tile = [64, 64, 64]> -> tensor<64x64xi32>
  return %d : tensor<64x64xi32>
}
