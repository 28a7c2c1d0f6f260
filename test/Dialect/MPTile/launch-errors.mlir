// RUN: mpgemm-opt %s --split-input-file --verify-diagnostics
// The constraints of mptile.launch and the buffer ops, one by one.

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c1(%x: tensor<8xf32>, %y: memref<8xf32>, %n: index) {
  // expected-error @+1 {{'mptile.launch' op mixes tensors and memrefs: all operands are tensors, or all are memrefs}}
  mptile.launch @k ins(%x : tensor<8xf32>) outs(%y : memref<8xf32>) grid(%n, %n, %n)
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c2_result_type(%x: tensor<8xf32>, %n: index) {
  // expected-error @+1 {{results must have the types of `outs`: 'tensor<8xf32>', got 'tensor<9xf32>'}}
  %y = "mptile.launch"(%x, %n, %n, %n) {kernel = @k, operandSegmentSizes = array<i32: 0, 1, 1, 1, 1, 0, 0, 0, 0>} : (tensor<8xf32>, index, index, index) -> tensor<9xf32>
  return
}

// -----

func.func @launch_c3_no_kernel(%x: tensor<8xf32>, %n: index) {
  // expected-error @+1 {{names @nowhere, but this module has no such kernel}}
  %y = mptile.launch @nowhere outs(%x : tensor<8xf32>) grid(%n, %n, %n) -> tensor<8xf32>
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c4_strided(%x: memref<8x8xf32, strided<[16, 1]>>, %n: index) {
  // expected-error @+1 {{operand 0 is 'memref<8x8xf32, strided<[16, 1]>>', but a kernel takes dense row-major memory; copy it first}}
  mptile.launch @k outs(%x : memref<8x8xf32, strided<[16, 1]>>) grid(%n, %n, %n)
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c5_without_activations(%x: tensor<8xf32>, %n: index) {
  // expected-error @+1 {{is the layer 'main.0', but has no `ins` operand}}
  %y = mptile.launch @k outs(%x : tensor<8xf32>) grid(%n, %n, %n) {layer = "main.0"} -> tensor<8xf32>
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c5_scales_without_layer(%x: tensor<8xf32>, %n: index) {
  // expected-error @+1 {{has `layer_scales`, but no `layer`}}
  %y = mptile.launch @k ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) grid(%n, %n, %n) {layer_scales = array<i64: -1>} -> tensor<8xf32>
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c5_scale_out_of_range(%x: tensor<8xf32>, %n: index) {
  // expected-error @+1 {{has the scale 1, but there are 1 `outs` operands; -1 stands for none}}
  %y = mptile.launch @k ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) grid(%n, %n, %n) {layer = "l", layer_scales = array<i64: 1>} -> tensor<8xf32>
  return
}

// -----

func.func @result_buffer_c1(%n: index) {
  // expected-error @+1 {{has 2 sizes, but 'memref<?x8xf32>' has 1 dynamic ones}}
  %y = mptile.result_buffer 0(%n, %n) : memref<?x8xf32>
  return
}

// -----

// expected-note @below {{the kernel}}
mptile.kernel @k(%x: !mptile.view<?x8xf32>, %y: !mptile.view<?x8xf16>) attributes {target = "sm_80", threads = 128 : i64} {
  mptile.return
}
func.func @launch_c3_element_type(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %n: index) {
  // expected-error @below {{operand 1 is 'tensor<4x8xf32>', but the kernel takes '!mptile.view<?x8xf16>'}}
  %r = mptile.launch @k ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>) grid(%n, %n, %n) -> tensor<4x8xf32>
  return
}

// -----

// expected-note @below {{the kernel}}
mptile.kernel @k(%x: !mptile.view<?x8xf32>) attributes {target = "sm_80", threads = 128 : i64} {
  mptile.return
}
func.func @launch_c3_static_size(%x: tensor<4x9xf32>, %n: index) {
  // expected-error @below {{operand 0 is 'tensor<4x9xf32>', but the kernel takes '!mptile.view<?x8xf32>'}}
  %r = mptile.launch @k outs(%x : tensor<4x9xf32>) grid(%n, %n, %n) -> tensor<4x9xf32>
  return
}

// -----

// expected-note @below {{the kernel}}
mptile.kernel @k(%x: !mptile.view<?x8xf32>) attributes {target = "sm_80", threads = 128 : i64} {
  mptile.return
}
func.func @launch_c3_count(%x: tensor<4x8xf32>, %n: index) {
  // expected-error @below {{passes 2 tensors to a kernel of 1 arguments}}
  %r = mptile.launch @k ins(%x : tensor<4x8xf32>) outs(%x : tensor<4x8xf32>) grid(%n, %n, %n) -> tensor<4x8xf32>
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c3_no_alternative(%x: tensor<8xf32>, %n: index, %few: i1) {
  // expected-error @+1 {{names @nowhere, but this module has no such kernel}}
  %y = mptile.launch @k outs(%x : tensor<8xf32>) grid(%n, %n, %n) alternatives(%few -> @nowhere(%n, %n, %n)) -> tensor<8xf32>
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @launch_c6_no_condition(%x: tensor<8xf32>, %n: index) {
  // expected-error @+1 {{has 1 alternatives with 0 conditions and 3 sizes of grids; expected one condition and three sizes for each}}
  %y = "mptile.launch"(%x, %n, %n, %n, %n, %n, %n) {kernel = @k, alternatives = [@k], operandSegmentSizes = array<i32: 0, 1, 1, 1, 1, 0, 0, 0, 3>} : (tensor<8xf32>, index, index, index, index, index, index) -> tensor<8xf32>
  return
}
