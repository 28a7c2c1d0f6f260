// The linalg form of products runs on the CPU and gives the values of the formula. Operands are small
// integers or sums that need rounding, so that each printed value can be checked by hand.
// RUN: mpgemm-opt %s --mpgemm-to-linalg --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-arith-to-apfloat \
// RUN:   --convert-scf-to-cf --convert-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-runner -e main --entry-point-result=void \
// RUN:     -shared-libs=%mlir_libs/libmlir_runner_utils.so,%mlir_libs/libmlir_c_runner_utils.so,%mlir_libs/libmlir_float16_utils.so,%mlir_libs/libmlir_apfloat_wrappers.so \
// RUN: | FileCheck %s

func.func private @printMemrefF32(tensor<*xf32>) attributes {llvm.emit_c_interface}
func.func private @printMemrefI32(tensor<*xi32>) attributes {llvm.emit_c_interface}

// [[1,2],[3,4],[5,6]] x [[1,0,2],[0,1,3]]
func.func @f16_plain() -> tensor<3x3xf32> {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf16>
  %b = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 1.0, 3.0]]> : tensor<2x3xf16>
  %d = mpgemm.matmul(%a : tensor<3x2xf16>, %b : tensor<2x3xf16>) accumulate <f32> -> tensor<3x3xf32>
  return %d : tensor<3x3xf32>
}

// Both transposed, bf16 and f16 mixed, C, bias along n, ReLU and the value before it as a second result.
func.func @epilogue() -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %a = arith.constant dense<[[1.0, -3.0], [2.0, 1.0]]> : tensor<2x2xbf16>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [-5.0, 6.0]]> : tensor<3x2xf16>
  %c = arith.constant dense<[[0.5, 0.5, 0.5], [0.25, 0.25, 0.25]]> : tensor<2x3xf32>
  %bias = arith.constant dense<[10.0, 0.0, 30.0]> : tensor<3xf16>
  %d:2 = mpgemm.matmul(%a transposed : tensor<2x2xbf16>, %b transposed : tensor<3x2xf16>)
      init(%c : tensor<2x3xf32>) accumulate <f32>
      epilogue(%acc : f32, %x = %bias[(d0, d1) -> (d1)] : tensor<3xf16>) {
    %zero = arith.constant 0.0 : f32
    %0 = arith.extf %x : f16 to f32
    %1 = arith.addf %acc, %0 : f32
    %2 = arith.maximumf %1, %zero : f32
    mpgemm.yield %1, %2 : f32, f32
  } -> (tensor<2x3xf32>, tensor<2x3xf32>)
  return %d#0, %d#1 : tensor<2x3xf32>, tensor<2x3xf32>
}

// A batch of two with one B; one rounding to bf16: 256 + 1 + 1 is 258 (256 + 1 rounds to 256 in bf16).
func.func @bf16_rounds_once() -> tensor<2x1x1xf32> {
  %a = arith.constant dense<[[[256.0, 1.0, 1.0]], [[1.0, 2.0, 4.0]]]> : tensor<2x1x3xbf16>
  %b = arith.constant dense<1.0> : tensor<3x1xbf16>
  %d = mpgemm.matmul(%a : tensor<2x1x3xbf16>, %b : tensor<3x1xbf16>) accumulate <f32> -> tensor<2x1x1xbf16>
  %0 = tensor.empty() : tensor<2x1x1xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%d : tensor<2x1x1xbf16>) outs(%0 : tensor<2x1x1xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %x = arith.extf %in : bf16 to f32
    linalg.yield %x : f32
  } -> tensor<2x1x1xf32>
  return %1 : tensor<2x1x1xf32>
}

// K = 0 gives the epilogue of C.
func.func @k_is_zero(%a: tensor<2x?xf16>, %b: tensor<?x2xf16>) -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf16>
  %d = mpgemm.matmul(%a : tensor<2x?xf16>, %b : tensor<?x2xf16>) init(%c : tensor<2x2xf16>) accumulate <f32>
      epilogue(%acc : f32) {
    %0 = arith.addf %acc, %acc : f32
    mpgemm.yield %0 : f32
  } -> tensor<2x2xf32>
  return %d : tensor<2x2xf32>
}

// Unsigned i4 weights against bf16, groups of 2 along K = 3 (a ragged tail), zero point 8:
// row 0: codes 15 0 9 -> 7 -8 1, scales 2 (k 0 and 1) and 4 (k 2) -> 14 -16 4; with A = 1 10 100: 14 - 160 + 400.
// row 1: codes 8 9 10 -> 0 1 2, scales 1 and 0.5 -> 0 1 1: 10 + 100.
func.func @int4_weights(%a: tensor<1x3xbf16>, %s: tensor<2x2xf16>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %b = arith.constant dense<[[15, 0, 9], [8, 9, 10]]> : tensor<2x3xi4>
  %z = arith.constant dense<8> : tensor<i4>
  %d = mpgemm.matmul(%a : tensor<1x3xbf16>, %b transposed unsigned : tensor<2x3xi4> scale <group = 2> %s : tensor<2x2xf16>
      zero_point %z : tensor<i4>) accumulate <f32> -> tensor<1x2xf32>
  %e = mpgemm.matmul(%a : tensor<1x3xbf16>, %b transposed unsigned : tensor<2x3xi4> scale <group = 2> %s : tensor<2x2xf16>
      zero_point %z : tensor<i4>) accumulate <f32> weight_scale <partial_sum> -> tensor<1x2xf32>
  return %d, %e : tensor<1x2xf32>, tensor<1x2xf32>
}

// i8 x unsigned i8 sums exactly in i32; per-row and per-column scales act once, after the sum.
func.func @int8() -> (tensor<1x2xi32>, tensor<1x2xf32>) {
  %a = arith.constant dense<[[-128, 127, 2]]> : tensor<1x3xi8>
  %b = arith.constant dense<[[255, 1], [1, 0], [0, 3]]> : tensor<3x2xi8>
  %sa = arith.constant dense<[0.5]> : tensor<1xf32>
  %sb = arith.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %d = mpgemm.matmul(%a : tensor<1x3xi8>, %b unsigned : tensor<3x2xi8>) accumulate <i32> -> tensor<1x2xi32>
  %e = mpgemm.matmul(%a : tensor<1x3xi8> scale <row> %sa : tensor<1xf32>,
                     %b unsigned : tensor<3x2xi8> scale <column> %sb : tensor<2xf32>) accumulate <i32> -> tensor<1x2xf32>
  return %d, %e : tensor<1x2xi32>, tensor<1x2xf32>
}

// fp8 codes of two formats, a block scale on each side: K runs of 1 x 2 and 2 x 4.
// A = 1 2 3 4, sA = 1, 10; B = 1 0.5 2 1 (one column), sB = 2: 2 (1 + 1 + 10 (6 + 4)).
func.func @fp8_blocks() -> tensor<1x1xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf8E4M3FN>
  %b = arith.constant dense<[[1.0], [0.5], [2.0], [1.0]]> : tensor<4x1xf8E5M2>
  %sa = arith.constant dense<[[1.0, 10.0]]> : tensor<1x2xf32>
  %sb = arith.constant dense<[[2.0]]> : tensor<1x1xf32>
  %d = mpgemm.matmul(%a : tensor<1x4xf8E4M3FN> scale <block = [1, 2]> %sa : tensor<1x2xf32>,
                     %b : tensor<4x1xf8E5M2> scale <block = [2, 4]> %sb : tensor<1x1xf32>)
      accumulate <f32> -> tensor<1x1xf32>
  return %d : tensor<1x1xf32>
}

// tf32 keeps 10 bits of mantissa and drops the others: 1 + 2^-10 + 2^-11 + 2^-12 is 1 + 2^-10, 1 + 2^-11 is 1.
func.func @tf32() -> tensor<1x2xi32> {
  %a = arith.constant dense<[[1.001708984375]]> : tensor<1x1xf32>
  %b = arith.constant dense<[[1.0, 1.00048828125]]> : tensor<1x2xf32>
  %d = mpgemm.matmul(%a : tensor<1x1xf32>, %b : tensor<1x2xf32>) accumulate <f32> f32_precision <tf32>
      epilogue(%acc : f32) {
    %0 = arith.bitcast %acc : f32 to i32
    mpgemm.yield %0 : i32
  } -> tensor<1x2xi32>
  return %d : tensor<1x2xi32>
}

func.func @main() {
  // CHECK: sizes = [3, 3]
  // CHECK-NEXT: [1,   2,   8]
  // CHECK-NEXT: [3,   4,   18]
  // CHECK-NEXT: [5,   6,   28]
  %0 = call @f16_plain() : () -> tensor<3x3xf32>
  %u0 = tensor.cast %0 : tensor<3x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()

  // CHECK: sizes = [2, 3]
  // CHECK-NEXT: [15.5,   11.5,   37.5]
  // CHECK-NEXT: [9.25,   -4.75,   51.25]
  // CHECK: sizes = [2, 3]
  // CHECK-NEXT: [15.5,   11.5,   37.5]
  // CHECK-NEXT: [9.25,   0,   51.25]
  %1:2 = call @epilogue() : () -> (tensor<2x3xf32>, tensor<2x3xf32>)
  %u1 = tensor.cast %1#0 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  %v1 = tensor.cast %1#1 : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%v1) : (tensor<*xf32>) -> ()

  // CHECK: sizes = [2, 1, 1]
  // CHECK: 258
  // CHECK: 7
  %2 = call @bf16_rounds_once() : () -> tensor<2x1x1xf32>
  %u2 = tensor.cast %2 : tensor<2x1x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()

  // CHECK: sizes = [2, 2]
  // CHECK-NEXT: [2,   4]
  // CHECK-NEXT: [6,   8]
  %c0 = arith.constant 0 : index
  %e0 = tensor.empty(%c0) : tensor<2x?xf16>
  %e1 = tensor.empty(%c0) : tensor<?x2xf16>
  %3 = call @k_is_zero(%e0, %e1) : (tensor<2x?xf16>, tensor<?x2xf16>) -> tensor<2x2xf32>
  %u3 = tensor.cast %3 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()

  // CHECK: sizes = [1, 2]
  // CHECK-NEXT: [254,   110]
  // CHECK: sizes = [1, 2]
  // CHECK-NEXT: [254,   110]
  %a4 = arith.constant dense<[[1.0, 10.0, 100.0]]> : tensor<1x3xbf16>
  %s4 = arith.constant dense<[[2.0, 4.0], [1.0, 0.5]]> : tensor<2x2xf16>
  %4:2 = call @int4_weights(%a4, %s4) : (tensor<1x3xbf16>, tensor<2x2xf16>) -> (tensor<1x2xf32>, tensor<1x2xf32>)
  %u4 = tensor.cast %4#0 : tensor<1x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()
  %v4 = tensor.cast %4#1 : tensor<1x2xf32> to tensor<*xf32>
  call @printMemrefF32(%v4) : (tensor<*xf32>) -> ()

  // CHECK: sizes = [1, 2]
  // CHECK-NEXT: [-32513,   -122]
  // CHECK: sizes = [1, 2]
  // CHECK-NEXT: [-32513,   -610]
  %5:2 = call @int8() : () -> (tensor<1x2xi32>, tensor<1x2xf32>)
  %u5 = tensor.cast %5#0 : tensor<1x2xi32> to tensor<*xi32>
  call @printMemrefI32(%u5) : (tensor<*xi32>) -> ()
  %v5 = tensor.cast %5#1 : tensor<1x2xf32> to tensor<*xf32>
  call @printMemrefF32(%v5) : (tensor<*xf32>) -> ()

  // CHECK: sizes = [1, 1]
  // CHECK-NEXT: 204
  %6 = call @fp8_blocks() : () -> tensor<1x1xf32>
  %u6 = tensor.cast %6 : tensor<1x1xf32> to tensor<*xf32>
  call @printMemrefF32(%u6) : (tensor<*xf32>) -> ()

  // 1 + 2^-10 is 0x3f802000 = 1065361408, for both.
  // CHECK: sizes = [1, 2]
  // CHECK-NEXT: [1065361408,   1065361408]
  %7 = call @tf32() : () -> tensor<1x2xi32>
  %u7 = tensor.cast %7 : tensor<1x2xi32> to tensor<*xi32>
  call @printMemrefI32(%u7) : (tensor<*xi32>) -> ()
  return
}
