// Rows of 331 elements have no pitch that TMA takes: threads fill the ring.
func.func @main(%a: tensor<140x331xbf16>, %b: tensor<72x331xbf16>) -> tensor<140x72xbf16> {
  %d = mpgemm.matmul(%a : tensor<140x331xbf16>, %b transposed : tensor<72x331xbf16>) accumulate <f32>
      schedule <tile = [64, 64, 64], stages = 2> -> tensor<140x72xbf16>
  return %d : tensor<140x72xbf16>
}
