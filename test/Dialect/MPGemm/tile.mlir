// RUN: mpgemm-opt %s --split-input-file --mpgemm-tile | FileCheck %s

// A and B are one ring, filled by TMA in the producer; the consumers keep one product in flight and release the
// slot before; two staging tiles for each consumer take turns.
// CHECK-LABEL: func @bias
// CHECK: %[[TILES:.*]] = arith.constant 24 : index
// CHECK: %[[OUT:.*]] = tensor.empty() : tensor<512x1536xbf16>
// CHECK: %[[SMS:.*]] = mptile.device_multiprocessors
// CHECK: %[[GRID:.*]] = arith.minui %[[TILES]], %[[SMS]]
// CHECK: mptile.launch @bias_matmul_0 ins(%arg0, %arg1, %arg2 : {{.*}}) outs(%[[OUT]] : {{.*}}) grid(%[[GRID]],
// CHECK: mptile.kernel @bias_matmul_0(%[[A:.*]]: !mptile.view<512x384xbf16>, %[[B:.*]]: !mptile.view<1536x384xbf16>, %[[BIAS:.*]]: !mptile.view<1536xbf16>, %[[D:.*]]: !mptile.view<512x1536xbf16>)
// CHECK-SAME: target = "sm_90a", threads = 384
// CHECK: %[[RING:.*]] = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64} : !mptile.ring<4 x (!mptile.smem<128x64xbf16, swizzle = 128>, !mptile.smem<256x64xbf16, swizzle = 128>)>
// CHECK: mptile.alloc {copies = 4 : i64} : !mptile.smem<64x64xbf16, swizzle = 128>
// CHECK: mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>, #mptile.role<"consumer", instances = 2, warps = 4, registers = 232>]
// CHECK: mptile.for_each_work
// CHECK: scf.for
// CHECK: %[[SLOT:.*]] = mptile.acquire %[[RING]]
// CHECK: mptile.copy %[[A]]{{.*}} -> %[[SLOT]][0]
// CHECK: mptile.copy %[[B]]{{.*}} -> %[[SLOT]][1]
// CHECK: mptile.commit %[[SLOT]]
// CHECK: mptile.for_each_work
// CHECK: %[[LOOP:.*]]:3 = scf.for
// CHECK: mptile.wait %[[RING]]
// CHECK: mptile.mma_async
// CHECK: mptile.mma_wait %{{.*}} {outstanding = 1 : i64}
// CHECK: mptile.release
// CHECK: %[[ACC:.*]] = mptile.mma_wait %[[LOOP]]#0 :
// CHECK: mptile.acc_read %[[ACC]][0, 0]
// CHECK: %[[X:.*]] = mptile.load_fragment %[[BIAS]]{{.*}} -> !mptile.frag<1x64xbf16, warps = 4x1>
// CHECK: mptile.map %{{.*}}, %[[X]]
// CHECK: arith.extf
// CHECK: arith.addf
// CHECK: arith.truncf
// CHECK: mptile.store_wait {outstanding = 1 : i64}
// CHECK: mptile.write_fragment
// CHECK: mptile.copy_out %{{.*}} -> %[[D]]
// CHECK: mptile.acc_read %[[ACC]][0, 192]
// CHECK: mptile.store_wait complete
func.func @bias(%a: tensor<512x384xbf16>, %b: tensor<1536x384xbf16>, %bias: tensor<1536xbf16>) -> tensor<512x1536xbf16> {
  %d = mpgemm.matmul(%a : tensor<512x384xbf16>, %b transposed : tensor<1536x384xbf16>) accumulate <f32> schedule <tile = [128, 256, 64]>
      epilogue(%acc : f32, %x = %bias[(d0, d1) -> (d1)] : tensor<1536xbf16>) {
    %0 = arith.extf %x : bf16 to f32
    %1 = arith.addf %acc, %0 : f32
    %2 = arith.truncf %1 : f32 to bf16
    mpgemm.yield %2 : bf16
  } -> tensor<512x1536xbf16>
  return %d : tensor<512x1536xbf16>
}

// -----

// A is KxM, B is KxN: the tiles keep the storage order and the product says which side is contiguous. M = 200 is
// no multiple of the tile, N = 136 neither: the tail is the copies' and stores' affair.
// CHECK-LABEL: func @a_transposed_b_not
// CHECK: mptile.ring {{.*}}!mptile.smem<64x128xf16, swizzle = 128>, !mptile.smem<64x64xf16, swizzle = 128>
// CHECK: mptile.copy %{{.*}}[%[[K:.*]], %[[M:.*]]] -> %{{.*}}[0]
// CHECK: mptile.copy %{{.*}}[%[[K]], %[[N:.*]]] -> %{{.*}}[1]
// CHECK: mptile.mma_async {{.*}} {a_major = #mptile.major<mn>, b_major = #mptile.major<mn>}
func.func @a_transposed_b_not(%a: tensor<320x200xf16>, %b: tensor<320x136xf16>) -> tensor<200x136xf16> {
  %d = mpgemm.matmul(%a transposed : tensor<320x200xf16>, %b : tensor<320x136xf16>) accumulate <f32> schedule <tile = [128, 64, 64]> -> tensor<200x136xf16>
  return %d : tensor<200x136xf16>
}

// -----

// Two rings of one depth where only one operand suits TMA; one cursor serves both.
// CHECK-LABEL: func @two_fills
// CHECK: %[[RA:.*]] = mptile.ring {fill = #mptile.fill<threads>
// CHECK: %[[RB:.*]] = mptile.ring {fill = #mptile.fill<tma>
// CHECK: mptile.acquire %[[RA]], %[[C:.*]] :
// CHECK: mptile.acquire %[[RB]], %[[C]] :
// CHECK: mptile.copy {{.*}}{alignment = 2 : i64}
// CHECK: mptile.copy {{.*}}{alignment = 16 : i64}
// CHECK: mptile.store_fragment
func.func @two_fills(%a: tensor<200x33xf16>, %b: tensor<33x40xf16>) -> tensor<200x40xf16> {
  %d = mpgemm.matmul(%a : tensor<200x33xf16>, %b : tensor<33x40xf16>) accumulate <f32> schedule <tile = [128, 64, 64], store = "direct"> -> tensor<200x40xf16>
  return %d : tensor<200x40xf16>
}

// -----

// Two batch dimensions of A, one of B: B takes the last one. The batch number is taken apart.
// CHECK-LABEL: func @batches
// CHECK: mptile.kernel
// CHECK: mptile.for_each_work (%[[BATCH:[a-z0-9]+]],
// CHECK: %[[INNER:.*]] = arith.remui %[[BATCH]], %{{.*}}
// CHECK: %[[OUTER:.*]] = arith.divui %[[BATCH]], %{{.*}}
// CHECK: mptile.copy %{{.*}}[%[[OUTER]], %[[INNER]], %{{.*}}, %{{.*}}] -> %{{.*}}[0]
// CHECK: mptile.copy %{{.*}}[%[[INNER]], %{{.*}}, %{{.*}}] -> %{{.*}}[1]
func.func @batches(%a: tensor<?x5x64x64xf16>, %b: tensor<5x64x64xf16>) -> tensor<?x5x64x64xf16> {
  %d = mpgemm.matmul(%a : tensor<?x5x64x64xf16>, %b : tensor<5x64x64xf16>) accumulate <f32> schedule <tile = [64, 64, 64]> -> tensor<?x5x64x64xf16>
  return %d : tensor<?x5x64x64xf16>
}

// -----

// C is added in front of the epilogue; a scalar and a column are loaded once for a tile, a matrix for each chunk.
// The second result, transposed maps and a broadcast dimension of size 1 are read where the maps say.
// CHECK-LABEL: func @operands
// CHECK: mptile.mma_wait %{{.*}} : ({{.*}}) -> !mptile.acc
// CHECK: %[[S:.*]] = mptile.load_fragment %{{.*}}[] {{.*}} -> !mptile.frag<1x1xf32, warps = 4x1>
// CHECK: %[[R:.*]] = mptile.load_fragment {{.*}} -> !mptile.frag<64x1xf32, warps = 4x1>
// CHECK: mptile.acc_read %{{.*}}[0, 0] {{.*}} -> !mptile.frag<64x32xf32
// CHECK: %[[C:.*]] = mptile.load_fragment {{.*}} -> !mptile.frag<64x32xf16
// CHECK: %[[T:.*]] = mptile.load_fragment {{.*}} -> !mptile.frag<64x32xbf16
// CHECK: mptile.map %{{.*}}, %[[C]], %[[S]], %[[R]], %[[T]]
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f16,
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[Y]] : f16 to f32
// CHECK-NEXT: arith.addf %[[X]], %[[WIDE]]
// CHECK: mptile.yield %{{.*}}, %{{.*}} : f16, f32
// CHECK: mptile.store_wait {outstanding = 2 : i64}
func.func @operands(%a: tensor<64x64xf16>, %b: tensor<64x64xf16>, %c: tensor<64x64xf16>, %s: tensor<f32>, %r: tensor<1x64xf32>, %t: tensor<64x64xbf16>) -> (tensor<64x64xf16>, tensor<64x64xf32>) {
  %d:2 = mpgemm.matmul(%a : tensor<64x64xf16>, %b : tensor<64x64xf16>) init(%c : tensor<64x64xf16>) accumulate <f32> schedule <tile = [64, 64, 64]>
    epilogue(%acc : f32, %x = %s[(d0, d1) -> ()] : tensor<f32>, %y = %r[(d0, d1) -> (0, d0)] : tensor<1x64xf32>, %z = %t[(d0, d1) -> (d1, d0)] : tensor<64x64xbf16>) {
      %0 = arith.mulf %acc, %x : f32
      %1 = arith.mulf %0, %y : f32
      %2 = arith.extf %z : bf16 to f32
      %3 = arith.addf %1, %2 : f32
      %4 = arith.truncf %3 : f32 to f16
      mpgemm.yield %4, %1 : f16, f32
   } -> (tensor<64x64xf16>, tensor<64x64xf32>)
  return %d#0, %d#1 : tensor<64x64xf16>, tensor<64x64xf32>
}

// -----

// The same product twice is one kernel; another schedule is another.
// CHECK-LABEL: func @shared
// CHECK: mptile.launch @shared_matmul_0
// CHECK: mptile.launch @shared_matmul_0
// CHECK: mptile.launch @shared_matmul_1
// CHECK: mptile.kernel @shared_matmul_0
// CHECK: mptile.kernel @shared_matmul_1
// CHECK-NOT: mptile.kernel
func.func @shared(%a: tensor<64x64xf16>, %b: tensor<64x64xf16>) -> tensor<64x64xf16> {
  %0 = mpgemm.matmul(%a : tensor<64x64xf16>, %b : tensor<64x64xf16>) accumulate <f32> schedule <tile = [64, 64, 64]> -> tensor<64x64xf16>
  %1 = mpgemm.matmul(%0 : tensor<64x64xf16>, %b : tensor<64x64xf16>) accumulate <f32> schedule <tile = [64, 64, 64]> -> tensor<64x64xf16>
  %2 = mpgemm.matmul(%1 : tensor<64x64xf16>, %b : tensor<64x64xf16>) accumulate <f32> schedule <tile = [128, 64, 64]> -> tensor<64x64xf16>
  return %2 : tensor<64x64xf16>
}

// -----

// Nothing to compute, nothing to launch.
// CHECK-LABEL: func @empty
// CHECK-NOT: mptile
// CHECK: tensor.empty() : tensor<0x64xf16>
func.func @empty(%a: tensor<0x64xf16>, %b: tensor<64x64xf16>) -> tensor<0x64xf16> {
  %d = mpgemm.matmul(%a : tensor<0x64xf16>, %b : tensor<64x64xf16>) accumulate <f32> schedule <tile = [64, 64, 64]> -> tensor<0x64xf16>
  return %d : tensor<0x64xf16>
}
