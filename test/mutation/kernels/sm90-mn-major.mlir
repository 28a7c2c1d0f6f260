// Both operands with K as their outer dimension, accumulation in f16.
func.func @main(%a: tensor<328x136xf16>, %b: tensor<328x72xf16>) -> tensor<136x72xf16> {
  %d = mpgemm.matmul(%a transposed : tensor<328x136xf16>, %b : tensor<328x72xf16>) accumulate <f16>
      schedule <tile = [128, 64, 64], stages = 2> -> tensor<136x72xf16>
  return %d : tensor<136x72xf16>
}
