// RUN: mpgemm-opt %s --mpgemm-schedule --remark-format=emitRemark --remarks-filter="mpgemm-schedule" 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks
// RUN: mpgemm-opt %s --mpgemm-schedule=target=sm_80 | FileCheck %s --check-prefix=SM80

// The tile that is measured to be the fastest at this size.
// CHECK-LABEL: @large
// CHECK: schedule <tile = [128, 256, 64], stages = 4, consumers = 2, warps = [4, 1], registers = [40, 232], raster = 16, min_ctas = 1, fill_a = "tma", fill_b = "tma", store = "staged">
// REMARK: [Passed] choose-schedule
// REMARK-SAME: tile 128x256x64, 4 stages, 384 threads: 4 waves bound by tensor core, predicted
// SM80-LABEL: @large
// SM80: schedule <tile = [128, 128, 64], stages = 4, consumers = 1, warps = [2, 4], registers = [0, 0]
// SM80-SAME: fill_a = "async", fill_b = "async", store = "direct">
func.func @large(%a: tensor<4096x4096xbf16>, %b: tensor<4096x4096xbf16>) -> tensor<4096x4096xbf16> {
  %d = mpgemm.matmul(%a : tensor<4096x4096xbf16>, %b transposed : tensor<4096x4096xbf16>) accumulate <f32> -> tensor<4096x4096xbf16>
  return %d : tensor<4096x4096xbf16>
}

// Rows of A are 62 bytes: its tiles are filled by ordinary loads, those of B still by TMA. The result is f32 with 33 columns.
// CHECK-LABEL: @odd_pitch
// CHECK: fill_a = "threads", fill_b = "tma", store = "direct">
// REMARK: [Missed] use-tma
// REMARK-SAME: row of A (31 elements of 16 bits) is 62 bytes, but TMA copies multiples of 16; suggestion: pad K to 32
// REMARK: [Missed] use-tma{{.*}}row of B (33 elements
// REMARK: [Missed] use-tma{{.*}}row of result 0 (33 elements of 32 bits) is 132 bytes, but TMA copies multiples of 16; suggestion: pad N to 36
func.func @odd_pitch(%a: tensor<64x31xf16>, %b: tensor<31x40xf16>, %c: tensor<31x33xf16>) -> (tensor<64x40xf16>, tensor<64x33xf32>) {
  %d = mpgemm.matmul(%a : tensor<64x31xf16>, %b : tensor<31x40xf16>) accumulate <f32> schedule <tile = [64, 64, 64], store = "direct"> -> tensor<64x40xf16>
  %e = mpgemm.matmul(%a : tensor<64x31xf16>, %c : tensor<31x33xf16>) accumulate <f32> -> tensor<64x33xf32>
  return %d, %e : tensor<64x40xf16>, tensor<64x33xf32>
}

// A dynamic K leaves the pitch of A open.
// CHECK-LABEL: @dynamic_k
// CHECK: fill_a = "threads", fill_b = "threads", store = "staged">
// REMARK: the row of A has a dynamic size, and TMA needs a known multiple of 16 bytes; suggestion: a static K
func.func @dynamic_k(%a: tensor<64x?xf16>, %b: tensor<?x64xf16>) -> tensor<64x64xf16> {
  %d = mpgemm.matmul(%a : tensor<64x?xf16>, %b : tensor<?x64xf16>) accumulate <f32> -> tensor<64x64xf16>
  return %d : tensor<64x64xf16>
}

// With K = 0 no operand has an element to copy.
// CHECK-LABEL: @empty_k
// CHECK: fill_a = "threads", fill_b = "threads"
func.func @empty_k(%a: tensor<64x0xf16>, %b: tensor<0x64xf16>) -> tensor<64x64xf16> {
  %d = mpgemm.matmul(%a : tensor<64x0xf16>, %b : tensor<0x64xf16>) accumulate <f32> -> tensor<64x64xf16>
  return %d : tensor<64x64xf16>
}

// CHECK-LABEL: @few_rows
// REMARK: [Missed] fill-tile{{.*}}M=8 fills 8 of the 64 rows of a tile; suggestion: batch more rows into one product
func.func @few_rows(%a: tensor<8x256xf16>, %b: tensor<256x256xf16>) -> tensor<8x256xf16> {
  %d = mpgemm.matmul(%a : tensor<8x256xf16>, %b : tensor<256x256xf16>) accumulate <f32> -> tensor<8x256xf16>
  return %d : tensor<8x256xf16>
}

// f32 with f32's accuracy is multiplied by mma.sync everywhere: one role, also where there is wgmma. As tf32 it is not.
// CHECK-LABEL: @exact_f32
// CHECK: fill_a = "async", fill_b = "async", store = "direct">
// CHECK: fill_a = "tma", fill_b = "tma", store = "staged">
func.func @exact_f32(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>) {
  %d = mpgemm.matmul(%a : tensor<512x512xf32>, %b transposed : tensor<512x512xf32>) accumulate <f32> -> tensor<512x512xf32>
  %e = mpgemm.matmul(%a : tensor<512x512xf32>, %b transposed : tensor<512x512xf32>) accumulate <f32> f32_precision <tf32> -> tensor<512x512xf32>
  return %d, %e : tensor<512x512xf32>, tensor<512x512xf32>
}
