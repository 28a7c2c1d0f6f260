// An MLP block as torch-mlir writes nn.Linear, ReLU, nn.Linear and a residual: all of it is two launches, on both
// generations, for any number of rows.
// RUN: mpgemm-opt %s --target=sm_90a --emit=ptx -o %t.90.ptx --mpgemm-report 2>&1 | FileCheck %s --check-prefix=REPORT
// RUN: %ptxas -arch=sm_90a -v %t.90.ptx -o %t.90.cubin 2>&1 | FileCheck %s --check-prefix=PTXAS
// RUN: mpgemm-opt %s --target=sm_80 --emit=ptx -o %t.80.ptx --mpgemm-report 2>&1 | FileCheck %s --check-prefix=REPORT
// RUN: %ptxas -arch=sm_80 -v %t.80.ptx -o %t.80.cubin 2>&1 | FileCheck %s --check-prefix=PTXAS
// RUN: mpgemm-run %t.90.ptx --print-manifest | FileCheck %s

// REPORT: @main is computed as
// REPORT-NEXT: product
// REPORT-NEXT: fused: arith.truncf, arith.addf, arith.maximumf
// REPORT: product
// REPORT-NEXT: fused: arith.truncf, arith.addf, arith.addf
// REPORT-NOT: not fused
// REPORT: @main runs
// REPORT-NEXT: main_matmul_0{{( or main_matmul_[0-9]+)*}}: matmul
// REPORT-NEXT: main_matmul_{{[0-9]+( or main_matmul_[0-9]+)*}}: matmul
// REPORT-NEXT: kernel main_matmul_0:

// PTXAS-NOT: C75
// PTXAS-NOT: C76
// PTXAS: 0 bytes spill stores, 0 bytes spill loads
// PTXAS: 0 bytes spill stores, 0 bytes spill loads
// PTXAS-NOT: {{[1-9][0-9]*}} bytes spill

// CHECK: "arena_bytes": ["mul", "s0", 256]
// CHECK: "shape": ["s0", 64], "type": "bf16"
// CHECK: {"bytes": ["mul", "s0", 256], "kind": "arena", "offset": 0}

#same = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
func.func @main(%x: tensor<?x64xbf16>, %up: tensor<128x64xbf16>, %up_bias: tensor<128xbf16>,
                %down: tensor<64x128xbf16>, %down_bias: tensor<64xbf16>) -> tensor<?x64xbf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : bf16
  %n = tensor.dim %x, %c0 : tensor<?x64xbf16>
  %0 = tensor.empty() : tensor<64x128xbf16>
  %up_t = linalg.transpose ins(%up : tensor<128x64xbf16>) outs(%0 : tensor<64x128xbf16>) permutation = [1, 0]
  %1 = tensor.empty(%n) : tensor<?x128xbf16>
  %2 = linalg.fill ins(%zero : bf16) outs(%1 : tensor<?x128xbf16>) -> tensor<?x128xbf16>
  %3 = linalg.matmul ins(%x, %up_t : tensor<?x64xbf16>, tensor<64x128xbf16>) outs(%2 : tensor<?x128xbf16>) -> tensor<?x128xbf16>
  %4 = linalg.generic {indexing_maps = [#same, #column, #same], iterator_types = ["parallel", "parallel"]}
      ins(%3, %up_bias : tensor<?x128xbf16>, tensor<128xbf16>) outs(%1 : tensor<?x128xbf16>) {
  ^bb0(%a: bf16, %b: bf16, %o: bf16):
    %s = arith.addf %a, %b : bf16
    linalg.yield %s : bf16
  } -> tensor<?x128xbf16>
  %5 = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
      ins(%4 : tensor<?x128xbf16>) outs(%1 : tensor<?x128xbf16>) {
  ^bb0(%a: bf16, %o: bf16):
    %s = arith.maximumf %a, %zero : bf16
    linalg.yield %s : bf16
  } -> tensor<?x128xbf16>
  %6 = tensor.empty() : tensor<128x64xbf16>
  %down_t = linalg.transpose ins(%down : tensor<64x128xbf16>) outs(%6 : tensor<128x64xbf16>) permutation = [1, 0]
  %7 = tensor.empty(%n) : tensor<?x64xbf16>
  %8 = linalg.fill ins(%zero : bf16) outs(%7 : tensor<?x64xbf16>) -> tensor<?x64xbf16>
  %9 = linalg.matmul ins(%5, %down_t : tensor<?x128xbf16>, tensor<128x64xbf16>) outs(%8 : tensor<?x64xbf16>) -> tensor<?x64xbf16>
  %10 = linalg.generic {indexing_maps = [#same, #column, #same], iterator_types = ["parallel", "parallel"]}
      ins(%9, %down_bias : tensor<?x64xbf16>, tensor<64xbf16>) outs(%7 : tensor<?x64xbf16>) {
  ^bb0(%a: bf16, %b: bf16, %o: bf16):
    %s = arith.addf %a, %b : bf16
    linalg.yield %s : bf16
  } -> tensor<?x64xbf16>
  %11 = linalg.generic {indexing_maps = [#same, #same, #same], iterator_types = ["parallel", "parallel"]}
      ins(%10, %x : tensor<?x64xbf16>, tensor<?x64xbf16>) outs(%7 : tensor<?x64xbf16>) {
  ^bb0(%a: bf16, %b: bf16, %o: bf16):
    %s = arith.addf %a, %b : bf16
    linalg.yield %s : bf16
  } -> tensor<?x64xbf16>
  return %11 : tensor<?x64xbf16>
}
