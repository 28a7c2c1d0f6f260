// RUN: mpgemm-opt %s --mpgemm-to-products=target=sm_90a --mpgemm-to-mptile=target=sm_90a --split-input-file | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-to-products=target=sm_80 --mpgemm-to-mptile=target=sm_80 --split-input-file | FileCheck %s
// Slices with known offsets are read inside their source: the kernel adds the offsets to its coordinates.

// Columns of A from 128 on, rows of B from 32 on. K is whole blocks.
// CHECK-LABEL: func.func @product
// CHECK-NOT: slice
// CHECK: mptile.launch @[[KERNEL:product_matmul_[0-9]+]] ins(%arg0, %arg1 : tensor<?x256xbf16>, tensor<96x128xbf16>)
// CHECK-NOT: launch
// CHECK: mptile.kernel @[[KERNEL]](%[[A:.*]]: !mptile.view<?x256xbf16>, %[[B:.*]]: !mptile.view<96x128xbf16>
// CHECK: %[[K:.*]] = arith.addi %{{.*}}, %c128{{.*}} : index
// CHECK: mptile.copy %[[A]][%{{.*}}, %[[K]]]
// CHECK: %[[N:.*]] = arith.addi %{{.*}}, %c32{{.*}} : index
// CHECK: mptile.copy %[[B]][%[[N]], %{{.*}}]
func.func @product(%x: tensor<?x256xbf16>, %w: tensor<96x128xbf16>) -> tensor<?x64xbf16> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x256xbf16>
  %a = tensor.extract_slice %x[0, 128] [%m, 128] [1, 1] : tensor<?x256xbf16> to tensor<?x128xbf16>
  %b = tensor.extract_slice %w[32, 0] [64, 128] [1, 1] : tensor<96x128xbf16> to tensor<64x128xbf16>
  %y = mpgemm.matmul(%a : tensor<?x128xbf16>, %b transposed : tensor<64x128xbf16>) accumulate <f32> -> tensor<?x64xbf16>
  return %y : tensor<?x64xbf16>
}

// -----

// 24 columns of K are no whole block, and what follows them in the source must not be summed: a copy.
// CHECK-LABEL: func.func @part_of_a_block
// CHECK: %[[A:.*]] = mptile.launch @{{.*}}slice{{.*}} ins(%arg0 : tensor<8x256xbf16>)
// CHECK: mptile.launch @{{.*}}matmul{{.*}} ins(%[[A]],
func.func @part_of_a_block(%x: tensor<8x256xbf16>, %w: tensor<64x24xbf16>) -> tensor<8x64xbf16> {
  %a = tensor.extract_slice %x[0, 128] [8, 24] [1, 1] : tensor<8x256xbf16> to tensor<8x24xbf16>
  %y = mpgemm.matmul(%a : tensor<8x24xbf16>, %w transposed : tensor<64x24xbf16>) accumulate <f32> -> tensor<8x64xbf16>
  return %y : tensor<8x64xbf16>
}

// -----

// Up to the end of the source there is nothing to sum.
// CHECK-LABEL: func.func @end_of_the_source
// CHECK: mptile.launch @{{.*}}matmul{{.*}} ins(%arg0,
func.func @end_of_the_source(%x: tensor<8x256xbf16>, %w: tensor<64x24xbf16>) -> tensor<8x64xbf16> {
  %a = tensor.extract_slice %x[0, 232] [8, 24] [1, 1] : tensor<8x256xbf16> to tensor<8x24xbf16>
  %y = mpgemm.matmul(%a : tensor<8x24xbf16>, %w transposed : tensor<64x24xbf16>) accumulate <f32> -> tensor<8x64xbf16>
  return %y : tensor<8x64xbf16>
}

// -----

// Elementwise ops and joins read slices in place too, also one of a slice; a result is copied.
// CHECK-LABEL: func.func @rotate
// CHECK: %[[COPY:.*]] = mptile.launch @rotate_slice_0 ins(%arg0 : tensor<?x8xf32>)
// CHECK: %[[ROTATED:.*]] = mptile.launch @rotate_map_0 ins(%arg0 : tensor<?x8xf32>)
// CHECK: %[[JOINED:.*]] = mptile.launch @rotate_concat_0 ins(%arg0, %[[ROTATED]] :
// CHECK: return %[[JOINED]], %[[COPY]]
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @rotate(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x8xf32>
  %left = tensor.extract_slice %x[0, 0] [%m, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
  %right = tensor.extract_slice %x[0, 4] [%m, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
  %last = tensor.extract_slice %right[0, 2] [%m, 2] [1, 1] : tensor<?x4xf32> to tensor<?x2xf32>
  %e = tensor.empty(%m) : tensor<?x4xf32>
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%right : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  } -> tensor<?x4xf32>
  %j = tensor.concat dim(1) %left, %n : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  return %j, %last : tensor<?x8xf32>, tensor<?x2xf32>
}
