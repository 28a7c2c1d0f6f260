// RUN: mpgemm-opt %s --pass-pipeline='builtin.module(func.func(mpgemm-name-layers))' | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-to-products --mpgemm-to-mptile | FileCheck %s --check-prefix=LAUNCH
// Products are counted in the order of their function; a name that was given is kept and not given again.

// CHECK-LABEL: @main
// LAUNCH-LABEL: func.func @main
func.func @main(%x: tensor<64x64xbf16>, %w: tensor<64x64xbf16>, %v: tensor<64x128xbf16>) -> tensor<64x128xf32> {
  // CHECK: mpgemm.matmul({{.*}}mpgemm.layer = "main.0"
  // LAUNCH: mptile.launch {{.*}}layer = "main.0"
  %h = mpgemm.matmul(%x : tensor<64x64xbf16>, %w : tensor<64x64xbf16>) accumulate <f32> -> tensor<64x64xbf16>
  // CHECK: mpgemm.matmul({{.*}}mpgemm.layer = "main.1_"
  // LAUNCH: mptile.launch {{.*}}layer = "main.1_"
  %g = mpgemm.matmul(%h : tensor<64x64xbf16>, %w : tensor<64x64xbf16>) accumulate <f32> -> tensor<64x64xbf16>
  // CHECK: mpgemm.matmul({{.*}}mpgemm.layer = "main.1"
  // LAUNCH: mptile.launch {{.*}}layer = "main.1"
  %y = mpgemm.matmul(%g : tensor<64x64xbf16>, %v : tensor<64x128xbf16>) accumulate <f32> attributes {mpgemm.layer = "main.1"} -> tensor<64x128xf32>
  return %y : tensor<64x128xf32>
}

// CHECK-LABEL: @other
func.func @other(%x: tensor<64x64xbf16>) -> tensor<64x64xf32> {
  // CHECK: mpgemm.layer = "other.0"
  %y = mpgemm.matmul(%x : tensor<64x64xbf16>, %x : tensor<64x64xbf16>) accumulate <f32> -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}
