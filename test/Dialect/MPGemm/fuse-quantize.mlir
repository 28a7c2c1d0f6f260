// The dynamic quantisation of a product's result moves into the product where a tile can hold what shares a scale.
// RUN: mpgemm-opt %s --mpgemm-fuse --split-input-file --remarks-filter=mpgemm-fuse 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: mpgemm-opt %s --mpgemm-fuse=fold-intermediate-rounding=false --split-input-file | FileCheck %s

// REMARK: [Passed] mpgemm.dynamic_quantize {{.*}}Remark="moved into the epilogue of a product"
// CHECK-LABEL: func.func @groups
// CHECK: %[[D:.*]]:2 = mpgemm.matmul({{.*}} quantize_result <group = 128>
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK-NOT: mpgemm.dynamic_quantize
// CHECK: return %[[D]]#0, %[[D]]#1
func.func @groups(%a: tensor<?x64xbf16>, %b: tensor<64x512xbf16>) -> (tensor<?x512xf8E4M3FN>, tensor<?x4xf32>) {
  %d = mpgemm.matmul(%a : tensor<?x64xbf16>, %b : tensor<64x512xbf16>) accumulate <f32> -> tensor<?x512xbf16>
  %q, %s = mpgemm.dynamic_quantize(%d : tensor<?x512xbf16>) <group = 128> -> tensor<?x512xf8E4M3FN>, tensor<?x4xf32>
  return %q, %s : tensor<?x512xf8E4M3FN>, tensor<?x4xf32>
}

// -----

// REMARK: [Missed] mpgemm.dynamic_quantize {{.*}}Reason="a scale belongs to 512 columns; a tile holds multiples of 32 up to 256: quantized by a kernel of its own"
// CHECK-LABEL: func.func @wide_rows
// CHECK: mpgemm.matmul
// CHECK: mpgemm.dynamic_quantize
func.func @wide_rows(%a: tensor<?x64xbf16>, %b: tensor<64x512xbf16>) -> (tensor<?x512xf8E4M3FN>, tensor<?xf32>) {
  %d = mpgemm.matmul(%a : tensor<?x64xbf16>, %b : tensor<64x512xbf16>) accumulate <f32> -> tensor<?x512xbf16>
  %q, %s = mpgemm.dynamic_quantize(%d : tensor<?x512xbf16>) <row> -> tensor<?x512xf8E4M3FN>, tensor<?xf32>
  return %q, %s : tensor<?x512xf8E4M3FN>, tensor<?xf32>
}

// -----

// REMARK: [Missed] mpgemm.dynamic_quantize {{.*}}Reason="the values have other users: quantized by a kernel of its own"
// CHECK-LABEL: func.func @other_users
// CHECK: mpgemm.dynamic_quantize
func.func @other_users(%a: tensor<8x64xbf16>, %b: tensor<64x128xbf16>) -> (tensor<8x128xi8>, tensor<8xf32>, tensor<8x128xf32>) {
  %d = mpgemm.matmul(%a : tensor<8x64xbf16>, %b : tensor<64x128xbf16>) accumulate <f32> -> tensor<8x128xf32>
  %q, %s = mpgemm.dynamic_quantize(%d : tensor<8x128xf32>) <row> -> tensor<8x128xi8>, tensor<8xf32>
  return %q, %s, %d : tensor<8x128xi8>, tensor<8xf32>, tensor<8x128xf32>
}
