// RUN: mpgemm-opt %s --mpgemm-raise --split-input-file | FileCheck %s

// torch-mlir, nn.Linear without bias: the weight is transposed, the result starts at zero.
// CHECK-LABEL: @linear
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x384xbf16>, %[[W:[a-z0-9]+]]: tensor<1536x384xbf16>
// CHECK: %[[D:.*]] = mpgemm.matmul(%[[X]] : tensor<?x384xbf16>, %[[W]] transposed : tensor<1536x384xbf16>) accumulate <f32> -> tensor<?x1536xbf16>
// CHECK-NEXT: return %[[D]]
func.func @linear(%x: tensor<?x384xbf16>, %w: tensor<1536x384xbf16>) -> tensor<?x1536xbf16> {
  %zero = arith.constant 0.0 : bf16
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x384xbf16>
  %e0 = tensor.empty() : tensor<384x1536xbf16>
  %wt = linalg.transpose ins(%w : tensor<1536x384xbf16>) outs(%e0 : tensor<384x1536xbf16>) permutation = [1, 0]
  %e1 = tensor.empty(%m) : tensor<?x1536xbf16>
  %init = linalg.fill ins(%zero : bf16) outs(%e1 : tensor<?x1536xbf16>) -> tensor<?x1536xbf16>
  %d = linalg.matmul ins(%x, %wt : tensor<?x384xbf16>, tensor<384x1536xbf16>) outs(%init : tensor<?x1536xbf16>) -> tensor<?x1536xbf16>
  return %d : tensor<?x1536xbf16>
}

// -----

// torch-mlir, nn.Linear on [batch, sequence, K]: the weight is transposed by a linalg.generic, broadcast to the batch,
// and multiplied as a batch; one product remains.
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#weight = affine_map<(d0, d1, d2) -> (d1, d2)>
#p = affine_map<(d0, d1) -> (d0, d1)>
#q = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: @linear_3d
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<2x7x384xf16>, %[[W:[a-z0-9]+]]: tensor<1536x384xf16>
// CHECK: %[[A:.*]] = tensor.collapse_shape %[[X]] {{\[}}[0, 1], [2]] : tensor<2x7x384xf16> into tensor<14x384xf16>
// CHECK: %[[D:.*]] = mpgemm.matmul(%[[A]] : tensor<14x384xf16>, %[[W]] transposed : tensor<1536x384xf16>) accumulate <f32> -> tensor<14x1536xf32>
// CHECK: tensor.expand_shape %[[D]] {{\[}}[0, 1], [2]] output_shape [2, 7, 1536]
// CHECK-NOT: linalg.
func.func @linear_3d(%x: tensor<2x7x384xf16>, %w: tensor<1536x384xf16>) -> tensor<2x7x1536xf32> {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<384x1536xf16>
  %wt = linalg.generic {indexing_maps = [#q, #p], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<1536x384xf16>) outs(%e0 : tensor<384x1536xf16>) {
  ^bb0(%in: f16, %out: f16):
    linalg.yield %in : f16
  } -> tensor<384x1536xf16>
  %e1 = tensor.empty() : tensor<2x384x1536xf16>
  %wb = linalg.generic {indexing_maps = [#weight, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%wt : tensor<384x1536xf16>) outs(%e1 : tensor<2x384x1536xf16>) {
  ^bb0(%in: f16, %out: f16):
    linalg.yield %in : f16
  } -> tensor<2x384x1536xf16>
  %e2 = tensor.empty() : tensor<2x7x1536xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e2 : tensor<2x7x1536xf32>) -> tensor<2x7x1536xf32>
  %d = linalg.batch_matmul ins(%x, %wb : tensor<2x7x384xf16>, tensor<2x384x1536xf16>) outs(%init : tensor<2x7x1536xf32>) -> tensor<2x7x1536xf32>
  return %d : tensor<2x7x1536xf32>
}

// -----

// torch.matmul of two batches (attention scores): K transposed inside its batch, sizes dynamic.
// CHECK-LABEL: @batch_with_transposed_keys
// CHECK: mpgemm.matmul(%{{.*}} : tensor<?x?x64xf16>, %{{.*}} transposed : tensor<?x?x64xf16>) accumulate <f32> -> tensor<?x?x?xf32>
func.func @batch_with_transposed_keys(%q: tensor<?x?x64xf16>, %k: tensor<?x?x64xf16>, %e: tensor<?x64x?xf16>, %out: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %zero = arith.constant 0.0 : f32
  %kt = linalg.transpose ins(%k : tensor<?x?x64xf16>) outs(%e : tensor<?x64x?xf16>) permutation = [0, 2, 1]
  %init = linalg.fill ins(%zero : f32) outs(%out : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %d = linalg.batch_matmul ins(%q, %kt : tensor<?x?x64xf16>, tensor<?x64x?xf16>) outs(%init : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  return %d : tensor<?x?x?xf32>
}

// -----

// Indexing-map forms of linalg.matmul: both transposed; types of A and B differ.
// CHECK-LABEL: @matmul_with_maps
// CHECK: mpgemm.matmul(%{{.*}} transposed : tensor<5x3xf16>, %{{.*}} transposed : tensor<4x5xbf16>) accumulate <f32> -> tensor<3x4xf32>
func.func @matmul_with_maps(%a: tensor<5x3xf16>, %b: tensor<4x5xbf16>) -> tensor<3x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<3x4xf32>
  %d = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : tensor<5x3xf16>, tensor<4x5xbf16>) outs(%zero : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// -----

// linalg.contract; A is transposed in each batch and B is shared: B stays a matrix.
// CHECK-LABEL: @contract_with_shared_b
// CHECK: mpgemm.matmul(%{{.*}} transposed : tensor<2x5x3xf16>, %{{.*}} : tensor<5x4xf16>) init(%{{.*}} : tensor<2x3x4xf32>) accumulate <f32> -> tensor<2x3x4xf32>
func.func @contract_with_shared_b(%a: tensor<2x5x3xf16>, %b: tensor<5x4xf16>, %c: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %d = linalg.contract indexing_maps = [affine_map<(b, m, n, k) -> (b, k, m)>, affine_map<(b, m, n, k) -> (k, n)>, affine_map<(b, m, n, k) -> (b, m, n)>]
      ins(%a, %b : tensor<2x5x3xf16>, tensor<5x4xf16>) outs(%c : tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %d : tensor<2x3x4xf32>
}

// -----

// A result stored as N x M is the product of B and A.
// CHECK-LABEL: @transposed_result
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<3x5xf16>, %[[B:[a-z0-9]+]]: tensor<5x4xbf16>
// CHECK: mpgemm.matmul(%[[B]] transposed : tensor<5x4xbf16>, %[[A]] transposed : tensor<3x5xf16>) init({{.*}}) accumulate <f32> -> tensor<4x3xf32>
func.func @transposed_result(%a: tensor<3x5xf16>, %b: tensor<5x4xbf16>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %d = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (n, m)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<3x5xf16>, tensor<5x4xbf16>) outs(%c : tensor<4x3xf32>) {
  ^bb0(%x: f16, %y: bf16, %acc: f32):
    %0 = arith.extf %x : f16 to f32
    %1 = arith.extf %y : bf16 to f32
    %2 = arith.mulf %1, %0 : f32
    %3 = arith.addf %2, %acc : f32
    linalg.yield %3 : f32
  } -> tensor<4x3xf32>
  return %d : tensor<4x3xf32>
}

// -----

// IREE's importers widen whole operands first; codes may be unsigned.
// CHECK-LABEL: @widened_operands
// CHECK: mpgemm.matmul(%{{.*}} unsigned : tensor<3x5xi8>, %{{.*}} : tensor<5x4xi8>) accumulate <i32> -> tensor<3x4xi32>
// CHECK-NOT: linalg.generic
func.func @widened_operands(%a: tensor<3x5xi8>, %b: tensor<5x4xi8>) -> tensor<3x4xi32> {
  %zero = arith.constant 0 : i32
  %ea = tensor.empty() : tensor<3x5xi32>
  %eb = tensor.empty() : tensor<5x4xi32>
  %e = tensor.empty() : tensor<3x4xi32>
  %wa = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<3x5xi8>) outs(%ea : tensor<3x5xi32>) {
  ^bb0(%in: i8, %out: i32):
    %x = arith.extui %in : i8 to i32
    linalg.yield %x : i32
  } -> tensor<3x5xi32>
  %wb = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<5x4xi8>) outs(%eb : tensor<5x4xi32>) {
  ^bb0(%in: i8, %out: i32):
    %x = arith.extsi %in : i8 to i32
    linalg.yield %x : i32
  } -> tensor<5x4xi32>
  %init = linalg.fill ins(%zero : i32) outs(%e : tensor<3x4xi32>) -> tensor<3x4xi32>
  %d = linalg.matmul ins(%wa, %wb : tensor<3x5xi32>, tensor<5x4xi32>) outs(%init : tensor<3x4xi32>) -> tensor<3x4xi32>
  return %d : tensor<3x4xi32>
}

// -----

// An initial value that is a broadcast bias (as torch-mlir writes addmm) is added in the epilogue.
// CHECK-LABEL: @broadcast_bias_as_initial_value
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: tensor<4xf16>
// CHECK: mpgemm.matmul({{.*}}) accumulate <f32> epilogue(%[[ACC:.*]] : f32, %[[X:.*]] = %[[BIAS]][(d0, d1) -> (d1)] : tensor<4xf16>) {
// CHECK: %[[WIDE:.*]] = arith.extf %[[X]] : f16 to f32
// CHECK: %[[SUM:.*]] = arith.addf %[[ACC]], %[[WIDE]] : f32
// CHECK: %[[OUT:.*]] = arith.truncf %[[SUM]] : f32 to f16
// CHECK: mpgemm.yield %[[OUT]] : f16
func.func @broadcast_bias_as_initial_value(%a: tensor<3x5xf16>, %b: tensor<5x4xf16>, %bias: tensor<4xf16>) -> tensor<3x4xf16> {
  %e = tensor.empty() : tensor<3x4xf16>
  %init = linalg.broadcast ins(%bias : tensor<4xf16>) outs(%e : tensor<3x4xf16>) dimensions = [0]
  %d = linalg.matmul ins(%a, %b : tensor<3x5xf16>, tensor<5x4xf16>) outs(%init : tensor<3x4xf16>) -> tensor<3x4xf16>
  return %d : tensor<3x4xf16>
}

// -----

// Sizes of a merged result come from the tensor it was written to.
// CHECK-LABEL: @dynamic_batch_and_sequence
// CHECK: tensor.collapse_shape %{{.*}} {{\[}}[0, 1], [2]] : tensor<?x?x8xf16> into tensor<?x8xf16>
// CHECK: mpgemm.matmul({{.*}}) accumulate <f32> -> tensor<?x4xf32>
// CHECK: tensor.expand_shape {{.*}} output_shape [%arg2, %arg3, 4] : tensor<?x4xf32> into tensor<?x?x4xf32>
func.func @dynamic_batch_and_sequence(%a: tensor<?x?x8xf16>, %b: tensor<8x4xf16>, %batch: index, %sequence: index) -> tensor<?x?x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%batch, %sequence) : tensor<?x?x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %d = linalg.generic {indexing_maps = [affine_map<(b, s, n, k) -> (b, s, k)>, affine_map<(b, s, n, k) -> (k, n)>, affine_map<(b, s, n, k) -> (b, s, n)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<?x?x8xf16>, tensor<8x4xf16>) outs(%init : tensor<?x?x4xf32>) {
  ^bb0(%x: f16, %y: f16, %acc: f32):
    %0 = arith.extf %x : f16 to f32
    %1 = arith.extf %y : f16 to f32
    %2 = arith.mulf %0, %1 : f32
    %3 = arith.addf %acc, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<?x?x4xf32>
  return %d : tensor<?x?x4xf32>
}

// -----

// An elementwise op is no contraction; neither is a sum that is no product.
// CHECK-LABEL: @declines_other_ops
// CHECK: linalg.add
// CHECK: linalg.reduce
// CHECK-NOT: mpgemm
func.func @declines_other_ops(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %c: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.add ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = linalg.reduce { arith.addf } ins(%0 : tensor<4x4xf32>) outs(%c : tensor<4xf32>) dimensions = [1]
  return %1 : tensor<4xf32>
}

// -----

// Zero points: constants become tensors, elements of scalar tensors are read from them, 0 is none.
// CHECK-LABEL: @zero_points
// CHECK: %[[ZB:.*]] = arith.constant dense<-5> : tensor<i32>
// CHECK: mpgemm.matmul(%arg0 : tensor<4x64xi8> zero_point %arg2 : tensor<i32>, %arg1 : tensor<64x8xi8> zero_point %[[ZB]] : tensor<i32>) accumulate <i32>
// CHECK: mpgemm.matmul(%arg0 : tensor<4x64xi8> zero_point %arg2 : tensor<i32>, %arg1 : tensor<64x8xi8>) accumulate <i32>
func.func @zero_points(%a: tensor<4x64xi8>, %b: tensor<64x8xi8>, %z: tensor<i32>, %e: tensor<4x8xi32>) -> (tensor<4x8xi32>, tensor<4x8xi32>) {
  %c0 = arith.constant 0 : i32
  %zb = arith.constant -5 : i32
  %za = tensor.extract %z[] : tensor<i32>
  %f = linalg.fill ins(%c0 : i32) outs(%e : tensor<4x8xi32>) -> tensor<4x8xi32>
  %d = linalg.quantized_matmul ins(%a, %b, %za, %zb : tensor<4x64xi8>, tensor<64x8xi8>, i32, i32) outs(%f : tensor<4x8xi32>) -> tensor<4x8xi32>
  %d2 = linalg.quantized_matmul ins(%a, %b, %za, %c0 : tensor<4x64xi8>, tensor<64x8xi8>, i32, i32) outs(%f : tensor<4x8xi32>) -> tensor<4x8xi32>
  return %d, %d2 : tensor<4x8xi32>, tensor<4x8xi32>
}

// -----

// CHECK-LABEL: @batched_zero_points
// CHECK: mpgemm.matmul(%arg0 : tensor<3x4x64xi8> zero_point %{{.*}} : tensor<i32>, %arg1 : tensor<3x64x8xi8>) accumulate <i32> -> tensor<3x4x8xi32>
func.func @batched_zero_points(%a: tensor<3x4x64xi8>, %b: tensor<3x64x8xi8>, %e: tensor<3x4x8xi32>) -> tensor<3x4x8xi32> {
  %c0 = arith.constant 0 : i32
  %za = arith.constant 7 : i32
  %f = linalg.fill ins(%c0 : i32) outs(%e : tensor<3x4x8xi32>) -> tensor<3x4x8xi32>
  %d = linalg.quantized_batch_matmul ins(%a, %b, %za, %c0 : tensor<3x4x64xi8>, tensor<3x64x8xi8>, i32, i32) outs(%f : tensor<3x4x8xi32>) -> tensor<3x4x8xi32>
  return %d : tensor<3x4x8xi32>
}

// -----

// Unsigned x signed, weights stored N x K.
// CHECK-LABEL: @mixed_signs
// CHECK: mpgemm.matmul(%arg0 unsigned : tensor<4x64xi8>, %arg1 transposed : tensor<8x64xi8>) accumulate <i32> -> tensor<4x8xi32>
func.func @mixed_signs(%a: tensor<4x64xi8>, %b: tensor<8x64xi8>, %e: tensor<4x8xi32>) -> tensor<4x8xi32> {
  %c0 = arith.constant 0 : i32
  %f = linalg.fill ins(%c0 : i32) outs(%e : tensor<4x8xi32>) -> tensor<4x8xi32>
  %d = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4x64xi8>, tensor<8x64xi8>) outs(%f : tensor<4x8xi32>) {
  ^bb0(%x: i8, %y: i8, %s: i32):
    %0 = arith.extui %x : i8 to i32
    %1 = arith.extsi %y : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %s, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<4x8xi32>
  return %d : tensor<4x8xi32>
}

// -----

// Two formats of 8-bit floats.
// CHECK-LABEL: @fp8
// CHECK: mpgemm.matmul(%arg0 : tensor<4x64xf8E4M3FN>, %arg1 : tensor<64x8xf8E5M2>) accumulate <f32> -> tensor<4x8xf32>
func.func @fp8(%a: tensor<4x64xf8E4M3FN>, %b: tensor<64x8xf8E5M2>, %e: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c0 = arith.constant 0.0 : f32
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %d = linalg.matmul ins(%a, %b : tensor<4x64xf8E4M3FN>, tensor<64x8xf8E5M2>) outs(%f : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %d : tensor<4x8xf32>
}
