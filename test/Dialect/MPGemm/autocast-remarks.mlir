// The built-in policy: what it casts, what it leaves alone, and the remark for each product.
// RUN: mpgemm-opt %s --mpgemm-autocast=bf16 --split-input-file --remarks-filter=mpgemm-autocast 2>&1 >/dev/null | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-autocast=f16 --split-input-file --remarks-filter=mpgemm-autocast 2>&1 >/dev/null | FileCheck %s --check-prefix=F16
// RUN: mpgemm-opt %s --mpgemm-autocast="bf16 last-layer" --split-input-file --remarks-filter=mpgemm-autocast 2>&1 >/dev/null | FileCheck %s --check-prefix=LAST
// RUN: mpgemm-opt %s --mpgemm-autocast=bf16 --split-input-file | FileCheck %s --check-prefix=IR

// CHECK: remark: [Passed] mpgemm.matmul | Category:mpgemm-autocast | Function=two_layers | Remark="two_layers.0 in bf16: A cast as the program runs, B converted at compile time"
// CHECK: remark: [Missed] mpgemm.matmul | Category:mpgemm-autocast | Function=two_layers | Reason="two_layers.1 stays as it is: it is the last product: no later one depends on it, and its errors are those of the result", Suggestion="last-layer=true (of the driver: --autocast-last-layer) casts it too"
// LAST: Remark="two_layers.0 in bf16
// LAST: Remark="two_layers.1 in bf16
// IR-LABEL: func @two_layers
// IR: mpgemm.matmul({{.*}}xbf16>, {{.*}}xbf16>)
// The softmax between them stays f32, and so does the last product.
// IR: linalg.softmax {{.*}} -> tensor<?x64xf32>
// IR: mpgemm.matmul({{.*}}xf32>, {{.*}}xf32>)
func.func @two_layers(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x32xf32>
  %w = arith.constant dense<0.5> : tensor<32x64xf32>
  %v = arith.constant dense<0.25> : tensor<64x32xf32>
  %h = mpgemm.matmul(%x : tensor<?x32xf32>, %w : tensor<32x64xf32>) accumulate <f32> -> tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %s = linalg.softmax dimension(1) ins(%h : tensor<?x64xf32>) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = mpgemm.matmul(%s : tensor<?x64xf32>, %v : tensor<64x32xf32>) accumulate <f32> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// -----

// The only product of a function is not its last one; names that are there are used.
// CHECK: Function=only | Remark="only.7 in bf16: A cast as the program runs, B cast as the program runs"
func.func @only(%x: tensor<?x32xf32>, %w: tensor<32x64xf32>) -> tensor<?x64xf32> {
  %h = mpgemm.matmul(%x : tensor<?x32xf32>, %w : tensor<32x64xf32>) accumulate <f32> attributes {mpgemm.layer = "only.7"} -> tensor<?x64xf32>
  return %h : tensor<?x64xf32>
}

// -----

// CHECK: Function=small | Reason="small.0 stays as it is: it has fewer than 32768 multiplications, which take no longer in f32"
func.func @small(%x: tensor<31x32xf32>, %w: tensor<32x33xf32>) -> tensor<31x33xf32> {
  %h = mpgemm.matmul(%x : tensor<31x32xf32>, %w : tensor<32x33xf32>) accumulate <f32> -> tensor<31x33xf32>
  return %h : tensor<31x33xf32>
}

// -----

// CHECK: Function=other_types | Reason="other_types.0 stays as it is: its operands are bf16 x f32", Suggestion="autocast takes models in f32"
// CHECK: Function=other_types | Reason="other_types.1 stays as it is: the model sets its f32_precision"
func.func @other_types(%x: tensor<?x32xbf16>, %y: tensor<?x32xf32>, %w: tensor<32x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %h = mpgemm.matmul(%x : tensor<?x32xbf16>, %w : tensor<32x64xf32>) accumulate <f32> -> tensor<?x64xf32>
  %g = mpgemm.matmul(%y : tensor<?x32xf32>, %w : tensor<32x64xf32>) accumulate <f32> f32_precision <exact> -> tensor<?x64xf32>
  return %h, %g : tensor<?x64xf32>, tensor<?x64xf32>
}

// -----

// 70000 is an infinity in f16, and a number in bf16.
// CHECK: Function=large_weight | Remark="large_weight.0 in bf16
// F16: Function=large_weight | Reason="large_weight.0 stays as it is: values of B become infinities in f16", Suggestion="bf16 has the range of f32"
func.func @large_weight(%x: tensor<?x32xf32>) -> tensor<?x64xf32> {
  %w = arith.constant dense<-70000.0> : tensor<32x64xf32>
  %h = mpgemm.matmul(%x : tensor<?x32xf32>, %w : tensor<32x64xf32>) accumulate <f32> -> tensor<?x64xf32>
  return %h : tensor<?x64xf32>
}
