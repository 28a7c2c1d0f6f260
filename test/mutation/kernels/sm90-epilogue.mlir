// Bias and exact GELU.
func.func @main(%a: tensor<140x328xbf16>, %b: tensor<136x328xbf16>, %bias: tensor<136xbf16>) -> tensor<140x136xbf16> {
  %d = mpgemm.matmul(%a : tensor<140x328xbf16>, %b transposed : tensor<136x328xbf16>) accumulate <f32>
      schedule <tile = [128, 64, 64], stages = 2>
      epilogue(%acc : f32, %x = %bias[(d0, d1) -> (d1)] : tensor<136xbf16>) {
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %rsqrt2 = arith.constant 0.707106769 : f32
    %wide = arith.extf %x : bf16 to f32
    %v = arith.addf %acc, %wide : f32
    %s = arith.mulf %v, %rsqrt2 : f32
    %e = math.erf %s : f32
    %t = arith.addf %e, %one : f32
    %h = arith.mulf %v, %half : f32
    %g = arith.mulf %h, %t : f32
    %n = arith.truncf %g : f32 to bf16
    mpgemm.yield %n : bf16
  } -> tensor<140x136xbf16>
  return %d : tensor<140x136xbf16>
}
