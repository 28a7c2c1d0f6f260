// What a hand-written schedule says is kept; what it leaves out is filled in.
// RUN: mpgemm-opt %s --mpgemm-schedule --remark-format=emitRemark --remarks-filter="mpgemm-schedule" 2>&1 | FileCheck %s

// CHECK: [Passed] keep-schedule
// CHECK-LABEL: @only_a_tile
// CHECK: schedule <tile = [64, 96, 64], stages = 6, consumers = 1, warps = [4, 1], registers = [0, 0], raster = 1, min_ctas = 1, fill_a = "tma", fill_b = "tma", store = "staged">
func.func @only_a_tile(%a: tensor<128x320xf16>, %b: tensor<96x320xf16>) -> tensor<128x96xf16> {
  %d = mpgemm.matmul(%a : tensor<128x320xf16>, %b transposed : tensor<96x320xf16>) accumulate <f32> schedule <tile = [64, 96, 64]> -> tensor<128x96xf16>
  return %d : tensor<128x96xf16>
}

// CHECK-LABEL: @everything
// CHECK: schedule <tile = [128, 64, 64], stages = 3, consumers = 2, warps = [4, 1], registers = [64, 200], raster = 2, min_ctas = 1, fill_a = "threads", fill_b = "tma", store = "direct">
func.func @everything(%a: tensor<128x320xf16>, %b: tensor<96x320xf16>) -> tensor<128x96xf16> {
  %d = mpgemm.matmul(%a : tensor<128x320xf16>, %b transposed : tensor<96x320xf16>) accumulate <f32>
      schedule <tile = [128, 64, 64], stages = 3, consumers = 2, warps = [4, 1], registers = [64, 200], raster = 2, fill_a = "threads", store = "direct"> -> tensor<128x96xf16>
  return %d : tensor<128x96xf16>
}
