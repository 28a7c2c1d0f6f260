// What depends on constants only is computed once, at load: @init rounds the f32 weights to bf16, both functions read them, and the
// f32 weights are gone by then. 2.001 is 2 in bf16. The second call reads the same constant again.
// RUN: rm -f %t.ptx && mpgemm-opt %s --target=sm_80 --emit=ptx -o %t.ptx
// RUN: mpgemm-run %t.ptx --print-manifest | FileCheck %s
// RUN: mpgemm-run %t.ptx --device=sim --function=main --input=3x8xbf16=-12,-11,-10,-9,-8,-7,-6,-5,-4,-3,-2,-1,0,1,2,3,4,5,6,7,8,9,10,11 --expected_output=3x8xf32=-24,-22,-20,-18,-16,-14,-12,-10,-8,-6,-4,-2,0,2,4,6,8,10,12,14,16,18,20,22
// RUN: mpgemm-run %t.ptx --device=sim --function=one --input=1x8xbf16=1,2,3,4,5,6,7,8 --expected_output=1x8xf32=2,4,6,8,10,12,14,16
// RUN: mpgemm-run %t.ptx --device=sim --function=main --input=0x8xbf16 --expected_output=0x8xf32
// RUN: mpgemm-run %t.ptx --device=sim --function=weights --expected_output=8x8xbf16=2,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,2
// RUN: mpgemm-opt %s --target=sm_90a --emit=ptx -o %t.90.ptx
// RUN: mpgemm-run %t.90.ptx --device=sim --function=one --input=1x8xbf16=1,2,3,4,5,6,7,8 --expected_output=1x8xf32=2,4,6,8,10,12,14,16

// CHECK: "constants": [
// CHECK-NEXT: "name": "constant_0", {{.*}}"source": "file", "type": "f32"
// CHECK-NEXT: {"bytes": 128, "name": "init_0", "shape": [8, 8], "source": "init", "type": "bf16"}
// CHECK: "name": "init"
// CHECK: "results": [{"name": "init_0", "shape": [8, 8], "type": "bf16"}]

#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @main(%x: tensor<?x8xbf16>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[2.001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 2.001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.001, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.001, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 2.001, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 2.001, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.001, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.001]]> : tensor<8x8xf32>
  %e = tensor.empty() : tensor<8x8xbf16>
  %short = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<8x8xf32>) outs(%e : tensor<8x8xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %t = arith.truncf %in : f32 to bf16
    linalg.yield %t : bf16
  } -> tensor<8x8xbf16>
  %m = tensor.dim %x, %c0 : tensor<?x8xbf16>
  %o = tensor.empty(%m) : tensor<?x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.matmul ins(%x, %short : tensor<?x8xbf16>, tensor<8x8xbf16>) outs(%start : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @one(%x: tensor<1x8xbf16>) -> tensor<1x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[2.001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 2.001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.001, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.001, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 2.001, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 2.001, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.001, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.001]]> : tensor<8x8xf32>
  %e = tensor.empty() : tensor<8x8xbf16>
  %short = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<8x8xf32>) outs(%e : tensor<8x8xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %t = arith.truncf %in : f32 to bf16
    linalg.yield %t : bf16
  } -> tensor<8x8xbf16>
  %o = tensor.empty() : tensor<1x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%o : tensor<1x8xf32>) -> tensor<1x8xf32>
  %y = linalg.matmul ins(%x, %short : tensor<1x8xbf16>, tensor<8x8xbf16>) outs(%start : tensor<1x8xf32>) -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}

// What is stored may be a result too: it is copied.
func.func @weights() -> tensor<8x8xbf16> {
  %w = arith.constant dense<[[2.001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 2.001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.001, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.001, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 2.001, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 2.001, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.001, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.001]]> : tensor<8x8xf32>
  %e = tensor.empty() : tensor<8x8xbf16>
  %short = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<8x8xf32>) outs(%e : tensor<8x8xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %t = arith.truncf %in : f32 to bf16
    linalg.yield %t : bf16
  } -> tensor<8x8xbf16>
  return %short : tensor<8x8xbf16>
}
