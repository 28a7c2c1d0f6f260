// Results of f32 stored by the threads themselves.
func.func @main(%a: tensor<140x328xf16>, %b: tensor<72x328xf16>) -> tensor<140x72xf32> {
  %d = mpgemm.matmul(%a : tensor<140x328xf16>, %b transposed : tensor<72x328xf16>) accumulate <f32>
      schedule <tile = [128, 64, 64], stages = 2, store = "direct"> -> tensor<140x72xf32>
  return %d : tensor<140x72xf32>
}
