// TMA into a ring of four stages, two consumers, staged TMA stores; ten turns of K are more than two of the ring.
func.func @main(%a: tensor<140x584xbf16>, %b: tensor<584x264xbf16>) -> tensor<140x264xbf16> {
  %d = mpgemm.matmul(%a : tensor<140x584xbf16>, %b : tensor<584x264xbf16>) accumulate <f32>
      schedule <tile = [128, 128, 64], stages = 4> -> tensor<140x264xbf16>
  return %d : tensor<140x264xbf16>
}
