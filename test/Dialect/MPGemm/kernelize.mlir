// RUN: mpgemm-opt %s --split-input-file --mpgemm-kernelize | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>

// Two elementwise ops are one kernel; the size comes from the tensor.empty.
// CHECK-LABEL: func @chain
// CHECK: %[[D:.*]] = tensor.dim %arg0
// CHECK: %[[OUT:.*]] = tensor.empty(%[[D]])
// CHECK: mptile.launch @chain_map_0 ins(%arg0, %arg1 : {{.*}}) outs(%[[OUT]]
// CHECK-NOT: mptile.launch
// CHECK: mptile.kernel @chain_map_0(%[[X:.*]]: !mptile.view<?x64xbf16>, %[[B:.*]]: !mptile.view<64xf32>, %[[Y:.*]]: !mptile.view<?x64xf32>)
// CHECK: mptile.for_each_element (%[[I:.*]], %[[J:.*]]) in
// CHECK: mptile.load %[[X]][%[[I]], %[[J]]]
// CHECK: mptile.load %[[B]][%[[J]]]
// CHECK: arith.extf
// CHECK: arith.addf
// CHECK: mptile.store %{{.*}}, %[[Y]][%[[I]], %[[J]]]
func.func @chain(%x: tensor<?x64xbf16>, %b: tensor<64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?x64xbf16>
  %e = tensor.empty(%d) : tensor<?x64xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x64xbf16>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%in: bf16, %o: f32):
    %1 = arith.extf %in : bf16 to f32
    linalg.yield %1 : f32
  } -> tensor<?x64xf32>
  %2 = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %b : tensor<?x64xf32>, tensor<64xf32>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%in: f32, %bias: f32, %o: f32):
    %1 = arith.addf %in, %bias : f32
    linalg.yield %1 : f32
  } -> tensor<?x64xf32>
  return %2 : tensor<?x64xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0, 0)>

// A reduction is a loop in the thread; what it starts from is read through the fill, which goes.
// CHECK-LABEL: func @reduce
// CHECK-COUNT-1: mptile.launch
// CHECK-NOT: mptile.launch
// CHECK: mptile.kernel @reduce_reduce_0
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK: mptile.for_each_element (%[[I:.*]], %{{.*}}) in
// CHECK: %[[SUM:.*]] = scf.for %[[K:.*]] = {{.*}} iter_args(%[[S:.*]] = %[[ZERO]])
// CHECK: mptile.load %arg0[%[[I]], %[[K]]]
// CHECK: arith.addf %{{.*}}, %[[S]]
// CHECK: mptile.store %[[SUM]]
func.func @reduce(%x: tensor<?x64xf32>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %d = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%d) : tensor<?x1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x1xf32>) -> tensor<?x1xf32>
  %0 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x64xf32>) outs(%f : tensor<?x1xf32>) {
  ^bb0(%in: f32, %o: f32):
    %1 = arith.addf %in, %o : f32
    linalg.yield %1 : f32
  } -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// -----

// A named op. Neighbouring threads write neighbouring elements of the result.
// CHECK-LABEL: func @transpose
// CHECK: mptile.kernel
// CHECK: mptile.for_each_element (%[[I:.*]], %[[J:.*]]) in
// CHECK: %[[X:.*]] = mptile.load %arg0[%[[J]], %[[I]]]
// CHECK: mptile.store %[[X]], %arg1[%[[I]], %[[J]]]
func.func @transpose(%x: tensor<5x64xi32>) -> tensor<64x5xi32> {
  %e = tensor.empty() : tensor<64x5xi32>
  %t = linalg.transpose ins(%x : tensor<5x64xi32>) outs(%e : tensor<64x5xi32>) permutation = [1, 0]
  return %t : tensor<64x5xi32>
}

// -----

// Before the source the unsigned index wraps and is outside as well.
// CHECK-LABEL: func @pad
// CHECK: mptile.kernel @pad_pad_0
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[VALUE:.*]] = arith.constant 2.500000e+00 : f32
// CHECK: %[[I:.*]] = arith.subi %{{.*}}, %{{.*}} : index
// CHECK: arith.cmpi ult, %[[I]], %{{.*}}
// CHECK: scf.if
// CHECK: mptile.load
// CHECK: scf.yield %[[VALUE]]
func.func @pad(%x: tensor<5x7xf32>) -> tensor<8x10xf32> {
  %value = arith.constant 2.5 : f32
  %p = tensor.pad %x low[1, 0] high[2, 3] {
  ^bb0(%i: index, %j: index):
    tensor.yield %value : f32
  } : tensor<5x7xf32> to tensor<8x10xf32>
  return %p : tensor<8x10xf32>
}

// -----

// CHECK-LABEL: func @pieces
// CHECK: mptile.launch @pieces_concat_0 ins(%arg0, %arg1 :
// CHECK: %[[S:.*]] = mptile.launch @pieces_slice_0
// CHECK: mptile.launch @pieces_insert_0 ins(%[[S]], %arg0 :
func.func @pieces(%x: tensor<5x7xf32>, %y: tensor<3x7xf32>) -> (tensor<8x7xf32>, tensor<5x7xf32>) {
  %c = tensor.concat dim(0) %x, %y : (tensor<5x7xf32>, tensor<3x7xf32>) -> tensor<8x7xf32>
  %s = tensor.extract_slice %x[1, 2] [2, 3] [2, 1] : tensor<5x7xf32> to tensor<2x3xf32>
  %i = tensor.insert_slice %s into %x[1, 1] [2, 3] [1, 1] : tensor<2x3xf32> into tensor<5x7xf32>
  return %c, %i : tensor<8x7xf32>, tensor<5x7xf32>
}

// -----

// Rows of a table by number: the table becomes an operand of the launch.
// CHECK-LABEL: func @gather
// CHECK: mptile.launch @gather_map_0 ins(%arg1, %arg0 : tensor<4xi64>, tensor<100x8xf16>)
// CHECK: %[[N:.*]] = mptile.load %arg0[%[[I:.*]]]
// CHECK: %[[ROW:.*]] = arith.index_cast %[[N]] : i64 to index
// CHECK: mptile.load %arg1[%[[ROW]], %{{.*}}]
func.func @gather(%table: tensor<100x8xf16>, %numbers: tensor<4xi64>) -> tensor<4x8xf16> {
  %e = tensor.empty() : tensor<4x8xf16>
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%numbers : tensor<4xi64>) outs(%e : tensor<4x8xf16>) {
  ^bb0(%in: i64, %o: f16):
    %1 = arith.index_cast %in : i64 to index
    %2 = linalg.index 1 : index
    %3 = tensor.extract %table[%1, %2] : tensor<100x8xf16>
    linalg.yield %3 : f16
  } -> tensor<4x8xf16>
  return %0 : tensor<4x8xf16>
}

// -----

// Arithmetic on whole tensors; the same kernel serves both.
// CHECK-LABEL: func @tensor_arithmetic
// CHECK: mptile.launch @tensor_arithmetic_map_0 ins(%arg0, %arg1 :
// CHECK: mptile.launch @tensor_arithmetic_map_0 ins(%arg1, %arg0 :
func.func @tensor_arithmetic(%x: tensor<5x7xf32>, %y: tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>) {
  %0 = arith.addf %x, %y : tensor<5x7xf32>
  %1 = arith.addf %y, %x : tensor<5x7xf32>
  return %0, %1 : tensor<5x7xf32>, tensor<5x7xf32>
}

// -----

// Reshapes, casts, constants and sizes stay for the passes that know memory.
// CHECK-LABEL: func @stays
// CHECK: arith.constant dense
// CHECK: tensor.collapse_shape
// CHECK: tensor.expand_shape
// CHECK-NOT: mptile
func.func @stays(%x: tensor<4x6xf32>) -> (tensor<3x8xf32>, tensor<2xf32>) {
  %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = tensor.collapse_shape %x [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  %1 = tensor.expand_shape %0 [[0, 1]] output_shape [3, 8] : tensor<24xf32> into tensor<3x8xf32>
  return %1, %c : tensor<3x8xf32>, tensor<2xf32>
}

// -----

// Maximum, exponential with sum or alone, division.
// CHECK-LABEL: func @softmax
// CHECK: mptile.launch @softmax_reduce_0
// CHECK: math.exp
// CHECK-NOT: linalg.
func.func @softmax(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  %0 = linalg.softmax dimension(1) ins(%x : tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}
