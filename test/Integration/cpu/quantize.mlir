// The linalg form of quantisation runs on the CPU and gives the values of the formulas: rounding to even, saturation,
// NaN, every placement of scales, ragged blocks. Values are chosen so that each printed one can be checked by hand.
// RUN: mpgemm-opt %s --mpgemm-to-linalg --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-arith-to-apfloat \
// RUN:   --convert-scf-to-cf --convert-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-runner -e main --entry-point-result=void \
// RUN:     -shared-libs=%mlir_libs/libmlir_runner_utils.so,%mlir_libs/libmlir_c_runner_utils.so,%mlir_libs/libmlir_float16_utils.so,%mlir_libs/libmlir_apfloat_wrappers.so \
// RUN: | FileCheck %s

func.func private @printMemrefF32(tensor<*xf32>) attributes {llvm.emit_c_interface}
func.func private @printMemrefI32(tensor<*xi32>) attributes {llvm.emit_c_interface}

func.func @print_codes(%q: tensor<?x?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %q, %c0 : tensor<?x?xi8>
  %n = tensor.dim %q, %c1 : tensor<?x?xi8>
  %e = tensor.empty(%m, %n) : tensor<?x?xi32>
  %w = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%q : tensor<?x?xi8>) outs(%e : tensor<?x?xi32>) {
  ^bb0(%in: i8, %out: i32):
    %x = arith.extsi %in : i8 to i32
    linalg.yield %x : i32
  } -> tensor<?x?xi32>
  %u = tensor.cast %w : tensor<?x?xi32> to tensor<*xi32>
  call @printMemrefI32(%u) : (tensor<*xi32>) -> ()
  return
}

// 1 / 0.5 is 2: 0.5 and 2.5 are ties.
func.func @int8_rounds_saturates(%x: tensor<1x8xf32>) -> (tensor<1x8xi8>, tensor<1x8xi8>) {
  %s = arith.constant dense<0.5> : tensor<f32>
  %z = arith.constant dense<3> : tensor<i32>
  %q = mpgemm.quantize(%x : tensor<1x8xf32> scale <per_tensor> %s : tensor<f32>) -> tensor<1x8xi8>
  %u = mpgemm.quantize(%x : tensor<1x8xf32> scale <per_tensor> %s : tensor<f32> zero_point %z : tensor<i32>) unsigned
      -> tensor<1x8xi8>
  return %q, %u : tensor<1x8xi8>, tensor<1x8xi8>
}

// Through fp8 and back; the scale is 2 in the first row, a power of two in f8E8M0FNU.
func.func @fp8_there_and_back(%x: tensor<2x6xf32>, %s: tensor<2xf8E8M0FNU>) -> (tensor<2x6xf32>, tensor<2x6xf32>) {
  %q = mpgemm.quantize(%x : tensor<2x6xf32> scale <row> %s : tensor<2xf8E8M0FNU>) -> tensor<2x6xf8E4M3FN>
  %d = mpgemm.dequantize(%q : tensor<2x6xf8E4M3FN> scale <row> %s : tensor<2xf8E8M0FNU>) -> tensor<2x6xf32>
  %q2 = mpgemm.quantize(%x : tensor<2x6xf32> scale <row> %s : tensor<2xf8E8M0FNU>) -> tensor<2x6xf8E5M2>
  %d2 = mpgemm.dequantize(%q2 : tensor<2x6xf8E5M2> scale <row> %s : tensor<2xf8E8M0FNU>) -> tensor<2x6xf32>
  return %d, %d2 : tensor<2x6xf32>, tensor<2x6xf32>
}

// Columns have scales 1, 2, 4 and zero points 1, -1, 0; unsigned codes 255.
func.func @dequantize_columns() -> (tensor<1x3xf32>, tensor<1x3xf32>) {
  %q = arith.constant dense<[[255, 2, 3]]> : tensor<1x3xi8>
  %s = arith.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf16>
  %z = arith.constant dense<[1, -1, 0]> : tensor<3xi32>
  %x = mpgemm.dequantize(%q : tensor<1x3xi8> scale <column> %s : tensor<3xf16> zero_point %z : tensor<3xi32>) unsigned
      -> tensor<1x3xf32>
  %y = mpgemm.dequantize(%q : tensor<1x3xi8> scale <column> %s : tensor<3xf16> zero_point %z : tensor<3xi32>)
      -> tensor<1x3xf32>
  return %x, %y : tensor<1x3xf32>, tensor<1x3xf32>
}

func.func @dynamic_rows(%x: tensor<?x?xf32>) -> (tensor<?x?xi8>, tensor<?xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<?x?xf32>) <row> -> tensor<?x?xi8>, tensor<?xf32>
  return %q, %s : tensor<?x?xi8>, tensor<?xf32>
}

// K = 3 is one whole group of 2 and half of one. 1344 / 448 is 3, rounded up to 4: 1344 / 4 is 336, a tie
// between 320 and 352. 5 / 448 is rounded up to 2^-6.
func.func @dynamic_groups(%x: tensor<1x3xbf16>) -> (tensor<1x3xf32>, tensor<1x2xf8E8M0FNU>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<1x3xbf16>) <group = 2> -> tensor<1x3xf8E4M3FN>, tensor<1x2xf8E8M0FNU>
  %d = mpgemm.dequantize(%q : tensor<1x3xf8E4M3FN> scale <group = 2> %s : tensor<1x2xf8E8M0FNU>) -> tensor<1x3xf32>
  return %d, %s : tensor<1x3xf32>, tensor<1x2xf8E8M0FNU>
}

func.func @dynamic_blocks(%x: tensor<3x3xf32>) -> (tensor<2x2xf32>, tensor<3xf32>, tensor<f32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<3x3xf32>) <block = [2, 2]> -> tensor<3x3xi8>, tensor<2x2xf32>
  %qc, %c = mpgemm.dynamic_quantize(%x : tensor<3x3xf32>) <column> -> tensor<3x3xi8>, tensor<3xf32>
  %qt, %t = mpgemm.dynamic_quantize(%x : tensor<3x3xf32>) <per_tensor> -> tensor<3x3xi8>, tensor<f32>
  return %s, %c, %t : tensor<2x2xf32>, tensor<3xf32>, tensor<f32>
}

// Scales without batch dimensions are shared by the batch, with them they are not.
func.func @dynamic_batch(%x: tensor<2x1x2xf32>) -> (tensor<1xf32>, tensor<2x1xf32>) {
  %q, %s = mpgemm.dynamic_quantize(%x : tensor<2x1x2xf32>) <row> -> tensor<2x1x2xi8>, tensor<1xf32>
  %q2, %s2 = mpgemm.dynamic_quantize(%x : tensor<2x1x2xf32>) <row> -> tensor<2x1x2xi8>, tensor<2x1xf32>
  return %s, %s2 : tensor<1xf32>, tensor<2x1xf32>
}

// The result of a product in codes, and the same values as they are.
func.func @quantized_result() -> (tensor<2x2xi8>, tensor<2x2xf32>, tensor<2xf32>) {
  %a = arith.constant dense<[[127.0, 254.0], [63.5, 1.0]]> : tensor<2x2xf16>
  %b = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf16>
  %q, %x, %s = mpgemm.matmul(%a : tensor<2x2xf16>, %b : tensor<2x2xf16>) accumulate <f32> quantize_result <row>
      epilogue(%acc : f32) {
    mpgemm.yield %acc, %acc : f32, f32
  } -> (tensor<2x2xi8>, tensor<2x2xf32>, tensor<2xf32>)
  return %q, %x, %s : tensor<2x2xi8>, tensor<2x2xf32>, tensor<2xf32>
}

func.func @main() {
  // CHECK: sizes = [1, 8]
  // CHECK-NEXT: [0,   2,   2,   0,   127,   -128,   0,   127]
  // Unsigned, zero point 3: 203 and 255 print as signed bytes.
  // CHECK: [3,   5,   5,   3,   -53,   0,   0,   -1]
  %x0 = arith.constant dense<[[0.25, 0.75, 1.25, -0.25, 100.0, -100.0, 0x7fc00000, 0x7f800000]]> : tensor<1x8xf32>
  %0:2 = call @int8_rounds_saturates(%x0) : (tensor<1x8xf32>) -> (tensor<1x8xi8>, tensor<1x8xi8>)
  %c0 = tensor.cast %0#0 : tensor<1x8xi8> to tensor<?x?xi8>
  call @print_codes(%c0) : (tensor<?x?xi8>) -> ()
  %d0 = tensor.cast %0#1 : tensor<1x8xi8> to tensor<?x?xi8>
  call @print_codes(%d0) : (tensor<?x?xi8>) -> ()

  // E4M3FN: 17 is a tie between 16 and 18; 448 is the largest. E5M2: 17 rounds to 16; 57344 is the largest.
  // CHECK: sizes = [2, 6]
  // CHECK-NEXT: [896,   896,   -896,   nan,   32,   896]
  // CHECK-NEXT: [0.5,   0.5,   448,   -448,   0,   16]
  // CHECK: sizes = [2, 6]
  // CHECK-NEXT: [896,   1024,   -114688,   nan,   32,   114688]
  // CHECK-NEXT: [0.5,   0.5,   1280,   -57344,   0,   16]
  %x1 = arith.constant dense<[[896.0, 1000.0, -1.0e9, 0x7fc00000, 34.0, 0x7f800000],
                              [0.5, 0.53, 1200.0, -1.0e6, 0.0, 17.0]]> : tensor<2x6xf32>
  %s1 = arith.constant dense<[2.0, 1.0]> : tensor<2xf8E8M0FNU>
  %1:2 = call @fp8_there_and_back(%x1, %s1) : (tensor<2x6xf32>, tensor<2xf8E8M0FNU>) -> (tensor<2x6xf32>, tensor<2x6xf32>)
  %u1 = tensor.cast %1#0 : tensor<2x6xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  %v1 = tensor.cast %1#1 : tensor<2x6xf32> to tensor<*xf32>
  call @printMemrefF32(%v1) : (tensor<*xf32>) -> ()

  // CHECK: [254,   6,   12]
  // CHECK: [-2,   6,   12]
  %2:2 = call @dequantize_columns() : () -> (tensor<1x3xf32>, tensor<1x3xf32>)
  %u2 = tensor.cast %2#0 : tensor<1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u2) : (tensor<*xf32>) -> ()
  %v2 = tensor.cast %2#1 : tensor<1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%v2) : (tensor<*xf32>) -> ()

  // A row of zeros has the smallest normal scale; one with NaN has no other value.
  // CHECK: sizes = [4, 4]
  // CHECK-NEXT: [127,   -127,   2,   2]
  // CHECK-NEXT: [0,   0,   0,   0]
  // CHECK-NEXT: [0,   0,   0,   0]
  // CHECK-NEXT: [0,   0,   0,   0]
  // CHECK: [2,  1.17549e-38,  nan,  inf]
  %x3 = arith.constant dense<[[254.0, -254.0, 3.0, 5.0], [0.0, 0.0, -0.0, 0.0], [1.0, 0x7fc00000, 2.0, 3.0],
                              [1.0, 0x7f800000, 2.0, 3.0]]> : tensor<4x4xf32>
  %w3 = tensor.cast %x3 : tensor<4x4xf32> to tensor<?x?xf32>
  %3:2 = call @dynamic_rows(%w3) : (tensor<?x?xf32>) -> (tensor<?x?xi8>, tensor<?xf32>)
  call @print_codes(%3#0) : (tensor<?x?xi8>) -> ()
  %u3 = tensor.cast %3#1 : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u3) : (tensor<*xf32>) -> ()

  // CHECK: [1280,   1,   5]
  %x4 = arith.constant dense<[[1344.0, 1.0, 5.0]]> : tensor<1x3xbf16>
  %4:2 = call @dynamic_groups(%x4) : (tensor<1x3xbf16>) -> (tensor<1x3xf32>, tensor<1x2xf8E8M0FNU>)
  %u4 = tensor.cast %4#0 : tensor<1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u4) : (tensor<*xf32>) -> ()

  // CHECK: [1,   2]
  // CHECK-NEXT: [3,   4]
  // CHECK: [3,  2,  4]
  // CHECK: [4]
  %x5 = arith.constant dense<[[127.0, 0.0, -254.0], [0.0, 254.0, 1.0], [-381.0, 0.0, 508.0]]> : tensor<3x3xf32>
  %x5b = arith.constant dense<[[127.0, 0.0, -254.0], [0.0, 1.0, 1.0], [-381.0, 0.0, 508.0]]> : tensor<3x3xf32>
  %5:3 = call @dynamic_blocks(%x5b) : (tensor<3x3xf32>) -> (tensor<2x2xf32>, tensor<3xf32>, tensor<f32>)
  %u5 = tensor.cast %5#0 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u5) : (tensor<*xf32>) -> ()
  %6:3 = call @dynamic_blocks(%x5) : (tensor<3x3xf32>) -> (tensor<2x2xf32>, tensor<3xf32>, tensor<f32>)
  %v5 = tensor.cast %6#1 : tensor<3xf32> to tensor<*xf32>
  call @printMemrefF32(%v5) : (tensor<*xf32>) -> ()
  %w5 = tensor.expand_shape %6#2 [] output_shape [1] : tensor<f32> into tensor<1xf32>
  %t5 = tensor.cast %w5 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%t5) : (tensor<*xf32>) -> ()

  // CHECK: [2]
  // CHECK: sizes = [2, 1]
  // CHECK-NEXT: [1]
  // CHECK-NEXT: [2]
  %x7 = arith.constant dense<[[[127.0, 0.0]], [[-254.0, 1.0]]]> : tensor<2x1x2xf32>
  %7:2 = call @dynamic_batch(%x7) : (tensor<2x1x2xf32>) -> (tensor<1xf32>, tensor<2x1xf32>)
  %u7 = tensor.cast %7#0 : tensor<1xf32> to tensor<*xf32>
  call @printMemrefF32(%u7) : (tensor<*xf32>) -> ()
  %v7 = tensor.cast %7#1 : tensor<2x1xf32> to tensor<*xf32>
  call @printMemrefF32(%v7) : (tensor<*xf32>) -> ()

  // Scales 2 and 0.5: 127 / 2 is a tie.
  // CHECK: [64,   127]
  // CHECK-NEXT: [127,   2]
  // CHECK: [127,   254]
  // CHECK-NEXT: [63.5,   1]
  // CHECK: [2,  0.5]
  %8:3 = call @quantized_result() : () -> (tensor<2x2xi8>, tensor<2x2xf32>, tensor<2xf32>)
  %c8 = tensor.cast %8#0 : tensor<2x2xi8> to tensor<?x?xi8>
  call @print_codes(%c8) : (tensor<?x?xi8>) -> ()
  %u8 = tensor.cast %8#1 : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u8) : (tensor<*xf32>) -> ()
  %v8 = tensor.cast %8#2 : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%v8) : (tensor<*xf32>) -> ()
  return
}
