// Sums in two levels: where a product has them, and how its main loop reads.
// RUN: mpgemm-opt %s --split-input-file --mpgemm-schedule --mpgemm-tile | FileCheck %s

// A short accumulator is promoted every 128 steps of K; nothing is in flight when it is read.
// CHECK-LABEL: mptile.kernel @promoted_matmul_0
// CHECK: mptile.roles
// CHECK: %[[NONE:.*]] = mptile.acc_zero : !mptile.acc<64x192xf32, warps = 4x1>
// CHECK: %[[START:.*]] = mptile.acc_read %[[NONE]][0, 0]
// CHECK: scf.for {{.*}} iter_args(%[[SUM:.*]] = %[[START]], %[[CURSOR:.*]] =
// CHECK-NEXT: %[[ZERO:.*]] = mptile.acc_zero : !mptile.pending<64x192xf32, warps = 4x1>
// CHECK-NEXT: mptile.wait
// CHECK: %[[ISSUED:.*]] = mptile.mma_async {{.*}}, %[[ZERO]]
// CHECK-NEXT: %[[ACC:.*]] = mptile.mma_wait %[[ISSUED]]
// CHECK-NEXT: mptile.release
// CHECK: %[[PARTIAL:.*]] = mptile.acc_read %[[ACC]][0, 0]
// CHECK-NEXT: mptile.map %[[SUM]], %[[PARTIAL]]
// CHECK: arith.addf
func.func @promoted(%a: tensor<256x4096xf8E4M3FN>, %b: tensor<384x4096xf8E4M3FN>) -> tensor<256x384xbf16> {
  %d = mpgemm.matmul(%a : tensor<256x4096xf8E4M3FN>, %b transposed : tensor<384x4096xf8E4M3FN>) accumulate <f32> schedule <tile = [128, 192, 128]> -> tensor<256x384xbf16>
  return %d : tensor<256x384xbf16>
}

// -----

// CHECK-LABEL: mptile.kernel @fast_matmul_0
// CHECK-NOT: math.fma
// CHECK-NOT: arith.addf
// CHECK: outstanding = 1
// CHECK-NOT: arith.addf
func.func @fast(%a: tensor<256x4096xf8E4M3FN>, %b: tensor<384x4096xf8E4M3FN>) -> tensor<256x384xf32> {
  %d = mpgemm.matmul(%a : tensor<256x4096xf8E4M3FN>, %b transposed : tensor<384x4096xf8E4M3FN>) accumulate <f32, promote = never> schedule <tile = [128, 192, 128]> -> tensor<256x384xf32>
  return %d : tensor<256x384xf32>
}

// -----

// Longer runs have a loop of their own, in which one product stays in flight.
// CHECK-LABEL: mptile.kernel @long_runs_matmul_0
// CHECK: scf.for %[[FIRST:.*]] = {{.*}} step %c4
// CHECK: %[[END:.*]] = arith.minui
// CHECK: scf.for {{.*}} = %[[FIRST]] to %[[END]]
// CHECK: outstanding = 1
// CHECK: mptile.map
func.func @long_runs(%a: tensor<256x4096xf8E4M3FN>, %b: tensor<384x4096xf8E4M3FN>) -> tensor<256x384xf32> {
  %d = mpgemm.matmul(%a : tensor<256x4096xf8E4M3FN>, %b transposed : tensor<384x4096xf8E4M3FN>) accumulate <f32, promote = 512> schedule <tile = [128, 192, 128]> -> tensor<256x384xf32>
  return %d : tensor<256x384xf32>
}

// -----

// A K of one run needs no second sum.
// CHECK-LABEL: mptile.kernel @one_run_matmul_0
// CHECK: outstanding = 1
func.func @one_run(%a: tensor<256x128xf8E4M3FN>, %b: tensor<384x128xf8E4M3FN>) -> tensor<256x384xf32> {
  %d = mpgemm.matmul(%a : tensor<256x128xf8E4M3FN>, %b transposed : tensor<384x128xf8E4M3FN>) accumulate <f32> schedule <tile = [128, 192, 128]> -> tensor<256x384xf32>
  return %d : tensor<256x384xf32>
}

// -----

// Scales are loaded a run ahead, while its product is in flight, and come in with the loop: a column of them for the rows of A, one for each block of
// B. A tile of 192 columns has three pieces of 64, none of which two blocks of 128 share.
// CHECK-LABEL: mptile.kernel @block_scales_matmul_0
// CHECK: %[[FIRST:.*]] = mptile.load_fragment {{.*}}-> !mptile.frag<64x1xf32, warps = 4x1>
// CHECK-COUNT-3: mptile.load_fragment {{.*}}-> !mptile.frag<1x1xbf16, warps = 4x1>
// CHECK: scf.for {{.*}}, %[[ROWS:.*]] = %[[FIRST]],
// CHECK: mptile.wait
// CHECK: %[[ISSUED:.*]] = mptile.mma_async
// CHECK: %[[NEXT:.*]] = mptile.load_fragment {{.*}}-> !mptile.frag<64x1xf32, warps = 4x1>
// CHECK-COUNT-3: mptile.load_fragment {{.*}}-> !mptile.frag<1x1xbf16, warps = 4x1>
// CHECK: mptile.mma_wait %[[ISSUED]]
// CHECK: mptile.map %[[ROWS]], %{{.*}} {
// CHECK: arith.mulf
// CHECK: math.fma
// CHECK: scf.yield {{.*}}, %[[NEXT]],
func.func @block_scales(%a: tensor<256x4096xf8E4M3FN>, %sa: tensor<256x32xf32>, %b: tensor<384x4096xf8E4M3FN>, %sb: tensor<3x32xbf16>) -> tensor<256x384xbf16> {
  %d = mpgemm.matmul(%a : tensor<256x4096xf8E4M3FN> scale <group = 128> %sa : tensor<256x32xf32>, %b transposed : tensor<384x4096xf8E4M3FN> scale <block = [128, 128]> %sb : tensor<3x32xbf16>) accumulate <f32> schedule <tile = [128, 192, 128]> -> tensor<256x384xbf16>
  return %d : tensor<256x384xbf16>
}

// -----

// Integer partial sums become floats where they are scaled. Both operands change scales: the common run is 32.
// CHECK-LABEL: mptile.kernel @integer_groups_matmul_0
// CHECK: !mptile.smem<{{[0-9]+}}x32xi8, swizzle = 32>
// CHECK: mptile.mma_async {{.*}}unsigned_a
// CHECK: arith.sitofp
// CHECK: math.fma
func.func @integer_groups(%a: tensor<256x4096xi8>, %sa: tensor<256x128xf32>, %b: tensor<384x4096xi8>, %sb: tensor<384x43xf16>) -> tensor<256x384xbf16> {
  %d = mpgemm.matmul(%a unsigned : tensor<256x4096xi8> scale <group = 32> %sa : tensor<256x128xf32>, %b transposed : tensor<384x4096xi8> scale <group = 96> %sb : tensor<384x43xf16>) accumulate <i32> -> tensor<256x384xbf16>
  return %d : tensor<256x384xbf16>
}
