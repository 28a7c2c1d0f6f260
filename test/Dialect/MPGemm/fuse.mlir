// RUN: mpgemm-opt %s --mpgemm-fuse --split-input-file | FileCheck %s

// torch-mlir, nn.Linear and ReLU in bf16: bias and activation are separate ops, the arithmetic is in bf16 as written.
#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: @bias_relu
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: tensor<1536xbf16>
// CHECK: %[[D:.*]] = mpgemm.matmul({{.*}}) accumulate <f32> epilogue(%[[ACC:.*]] : f32, %[[X:.*]] = %[[BIAS]][(d0, d1) -> (d1)] : tensor<1536xbf16>) {
// CHECK-DAG: %[[ROUNDED:.*]] = arith.truncf %[[ACC]] : f32 to bf16
// CHECK: %[[SUM:.*]] = arith.addf %[[ROUNDED]], %[[X]] : bf16
// CHECK: %[[POSITIVE:.*]] = arith.cmpf ugt, %[[SUM]]
// CHECK: %[[OUT:.*]] = arith.select %[[POSITIVE]], %[[SUM]]
// CHECK: mpgemm.yield %[[OUT]] : bf16
// CHECK-NEXT: } -> tensor<?x1536xbf16>
// CHECK-NEXT: return %[[D]]
func.func @bias_relu(%a: tensor<?x384xbf16>, %b: tensor<1536x384xbf16>, %bias: tensor<1536xbf16>, %e: tensor<?x1536xbf16>) -> tensor<?x1536xbf16> {
  %zero = arith.constant 0.0 : bf16
  %d = mpgemm.matmul(%a : tensor<?x384xbf16>, %b transposed : tensor<1536x384xbf16>) accumulate <f32> -> tensor<?x1536xbf16>
  %0 = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%d, %bias : tensor<?x1536xbf16>, tensor<1536xbf16>) outs(%e : tensor<?x1536xbf16>) {
  ^bb0(%in: bf16, %in_0: bf16, %out: bf16):
    %1 = arith.addf %in, %in_0 : bf16
    linalg.yield %1 : bf16
  } -> tensor<?x1536xbf16>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x1536xbf16>) outs(%e : tensor<?x1536xbf16>) {
  ^bb0(%in: bf16, %out: bf16):
    %3 = arith.cmpf ugt, %in, %zero : bf16
    %4 = arith.select %3, %in, %zero : bf16
    linalg.yield %4 : bf16
  } -> tensor<?x1536xbf16>
  return %2 : tensor<?x1536xbf16>
}

// -----

// GELU (exact) over [batch, sequence, N] behind an expand_shape, and a residual of that shape, which is merged too.
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#column = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-LABEL: @gelu_and_residual_behind_expand
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: tensor<1536xf32>, %[[R:[a-z0-9]+]]: tensor<2x7x1536xf32>
// CHECK: %[[MERGED:.*]] = tensor.collapse_shape %[[R]] {{\[}}[0, 1], [2]] : tensor<2x7x1536xf32> into tensor<14x1536xf32>
// CHECK: %[[D:.*]] = mpgemm.matmul({{.*}}) accumulate <f32>
// CHECK-SAME: %{{.*}} = %[[BIAS]][(d0, d1) -> (d1)] : tensor<1536xf32>, %{{.*}} = %[[MERGED]][(d0, d1) -> (d0, d1)] : tensor<14x1536xf32>
// CHECK: math.erf
// CHECK: } -> tensor<14x1536xf32>
// CHECK: %[[E:.*]] = tensor.expand_shape %[[D]] {{\[}}[0, 1], [2]] output_shape [2, 7, 1536]
// CHECK-NEXT: return %[[E]]
func.func @gelu_and_residual_behind_expand(%a: tensor<14x384xf16>, %b: tensor<384x1536xf16>, %bias: tensor<1536xf32>, %r: tensor<2x7x1536xf32>) -> tensor<2x7x1536xf32> {
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %rsqrt2 = arith.constant 0.707106769 : f32
  %e = tensor.empty() : tensor<2x7x1536xf32>
  %d = mpgemm.matmul(%a : tensor<14x384xf16>, %b : tensor<384x1536xf16>) accumulate <f32> -> tensor<14x1536xf32>
  %x = tensor.expand_shape %d [[0, 1], [2]] output_shape [2, 7, 1536] : tensor<14x1536xf32> into tensor<2x7x1536xf32>
  %0 = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %bias : tensor<2x7x1536xf32>, tensor<1536xf32>) outs(%e : tensor<2x7x1536xf32>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %1 = arith.addf %in, %in_0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x7x1536xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%0 : tensor<2x7x1536xf32>) outs(%e : tensor<2x7x1536xf32>) {
  ^bb0(%in: f32, %out: f32):
    %3 = arith.mulf %in, %rsqrt2 : f32
    %4 = math.erf %3 : f32
    %5 = arith.addf %4, %one : f32
    %6 = arith.mulf %5, %half : f32
    %7 = arith.mulf %in, %6 : f32
    linalg.yield %7 : f32
  } -> tensor<2x7x1536xf32>
  %8 = linalg.add ins(%2, %r : tensor<2x7x1536xf32>, tensor<2x7x1536xf32>) outs(%e : tensor<2x7x1536xf32>) -> tensor<2x7x1536xf32>
  return %8 : tensor<2x7x1536xf32>
}

// -----

// SiLU in two ops that share the product's result, then the gate, which is computed after the product: it moves down.
// CHECK-LABEL: @silu_times_up
// CHECK: %[[UP:.*]] = mpgemm.matmul(%{{.*}}, %arg2 : tensor<8x4xf16>) accumulate <f32> -> tensor<3x4xf32>
// CHECK: mpgemm.matmul(%{{.*}}, %arg1 : tensor<8x4xf16>) accumulate <f32> epilogue(%[[ACC:.*]] : f32, %[[IN:.*]] = %[[UP]][(d0, d1) -> (d0, d1)] : tensor<3x4xf32>) {
// CHECK: %[[SIGMOID:.*]] = arith.divf
// CHECK: %[[SILU:.*]] = arith.mulf %[[ACC]], %[[SIGMOID]]
// CHECK: arith.mulf %[[SILU]], %[[IN]]
// CHECK: } -> tensor<3x4xf32>
// CHECK-NOT: linalg
func.func @silu_times_up(%a: tensor<3x8xf16>, %gate: tensor<8x4xf16>, %up: tensor<8x4xf16>) -> tensor<3x4xf32> {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<3x4xf32>
  %g = mpgemm.matmul(%a : tensor<3x8xf16>, %gate : tensor<8x4xf16>) accumulate <f32> -> tensor<3x4xf32>
  %sigmoid = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%g : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %1, %one : f32
    %3 = arith.divf %one, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<3x4xf32>
  %silu = linalg.mul ins(%g, %sigmoid : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %u = mpgemm.matmul(%a : tensor<3x8xf16>, %up : tensor<8x4xf16>) accumulate <f32> -> tensor<3x4xf32>
  %d = linalg.elementwise kind=#linalg.elementwise_kind<mul> ins(%silu, %u : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// -----

// Per-row and per-column scales through linalg.broadcast, a clamp by linalg.map, a splat operand, and a cast.
// CHECK-LABEL: @scales_clamp_cast
// CHECK-SAME: %[[ROW:[a-z0-9]+]]: tensor<3xf32>, %[[COLUMN:[a-z0-9]+]]: tensor<4xf32>
// CHECK: mpgemm.matmul({{.*}}) accumulate <i32> epilogue(%[[ACC:.*]] : i32, %{{.*}} = %[[ROW]][(d0, d1) -> (d0)] : tensor<3xf32>, %{{.*}} = %[[COLUMN]][(d0, d1) -> (d1)] : tensor<4xf32>) {
// CHECK: arith.sitofp %[[ACC]] : i32 to f32
// CHECK: arith.maximumf
// CHECK: arith.truncf {{.*}} : f32 to bf16
// CHECK: } -> tensor<3x4xbf16>
// CHECK-NOT: linalg
func.func @scales_clamp_cast(%a: tensor<3x8xi8>, %b: tensor<8x4xi8>, %row: tensor<3xf32>, %column: tensor<4xf32>) -> tensor<3x4xbf16> {
  %e = tensor.empty() : tensor<3x4xf32>
  %ebf16 = tensor.empty() : tensor<3x4xbf16>
  %low = arith.constant dense<-6.0> : tensor<3x4xf32>
  %d = mpgemm.matmul(%a : tensor<3x8xi8>, %b : tensor<8x4xi8>) accumulate <i32> -> tensor<3x4xi32>
  %f = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%d, %row : tensor<3x4xi32>, tensor<3xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%in: i32, %s: f32, %out: f32):
    %0 = arith.sitofp %in : i32 to f32
    %1 = arith.mulf %0, %s : f32
    linalg.yield %1 : f32
  } -> tensor<3x4xf32>
  %wide = linalg.broadcast ins(%column : tensor<4xf32>) outs(%e : tensor<3x4xf32>) dimensions = [0]
  %g = linalg.mul ins(%f, %wide : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %h = linalg.map { arith.maximumf } ins(%g, %low : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>)
  %t = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%h : tensor<3x4xf32>) outs(%ebf16 : tensor<3x4xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %2 = arith.truncf %in : f32 to bf16
    linalg.yield %2 : bf16
  } -> tensor<3x4xbf16>
  return %t : tensor<3x4xbf16>
}

// -----

// Two elementwise users: both become results, and the product's own result is dropped.
// CHECK-LABEL: @two_results
// CHECK: %[[D:.*]]:2 = mpgemm.matmul
// CHECK: mpgemm.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK-NEXT: } -> (tensor<3x4xf32>, tensor<3x4xf32>)
// CHECK-NEXT: return %[[D]]#0, %[[D]]#1
func.func @two_results(%a: tensor<3x8xf16>, %b: tensor<8x4xf16>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %e = tensor.empty() : tensor<3x4xf32>
  %d = mpgemm.matmul(%a : tensor<3x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<3x4xf32>
  %0 = linalg.exp ins(%d : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %1 = linalg.tanh ins(%d : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %0, %1 : tensor<3x4xf32>, tensor<3x4xf32>
}

// -----

// A residual with a batch of size 1 that is broadcast by its map, and a batch size that is only known when it runs.
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (0, d1, d2)>
// CHECK-LABEL: @broadcast_of_size_1
// CHECK: mpgemm.matmul({{.*}} : tensor<?x3x8xf16>, {{.*}} : tensor<8x4xf16>) accumulate <f32> epilogue(%{{.*}} : f32, %{{.*}} = %arg2[(d0, d1, d2) -> (0, d1, d2)] : tensor<1x3x4xf32>)
func.func @broadcast_of_size_1(%a: tensor<?x3x8xf16>, %b: tensor<8x4xf16>, %r: tensor<1x3x4xf32>, %e: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %d = mpgemm.matmul(%a : tensor<?x3x8xf16>, %b : tensor<8x4xf16>) accumulate <f32> -> tensor<?x3x4xf32>
  %0 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%d, %r : tensor<?x3x4xf32>, tensor<1x3x4xf32>) outs(%e : tensor<?x3x4xf32>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %1 = arith.addf %in, %in_0 : f32
    linalg.yield %1 : f32
  } -> tensor<?x3x4xf32>
  return %0 : tensor<?x3x4xf32>
}
