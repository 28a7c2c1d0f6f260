// What verifies, but what MLIR's own patterns cannot take.
// RUN: not mpgemm-opt %s --emit=ptx --target=sm_90a -o %t.ptx 2>&1 | FileCheck %s
// RUN: not mpgemm-opt %s --mpgemm-screen 2>&1 | FileCheck %s
// CHECK: screen-errors.mlir:[[#@LINE+3]]:{{[0-9]+}}: error: 'tensor.pad' op low leaves 2 widths to operands, but has 0
func.func @main(%x: tensor<7x8xf32>) -> tensor<8x9xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.pad %x low[-9223372036854775808, -9223372036854775808] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<7x8xf32> to tensor<8x9xf32>
  return %0 : tensor<8x9xf32>
}
