// cp.async copies of 16 bytes, three stages.
func.func @main(%a: tensor<140x328xf16>, %b: tensor<72x328xf16>) -> tensor<140x72xf16> {
  %d = mpgemm.matmul(%a : tensor<140x328xf16>, %b transposed : tensor<72x328xf16>) accumulate <f32>
      schedule <tile = [64, 64, 32], stages = 3> -> tensor<140x72xf16>
  return %d : tensor<140x72xf16>
}
