// RUN: mpgemm-opt %s --mpgemm-tile=target=sm_80 | FileCheck %s

// One role: depth-1 groups of copies ahead, one group for each block of K also where nothing is left to copy,
// the copies of a later block before the product of this one.
// CHECK-LABEL: mptile.kernel @bias_matmul_0
// CHECK-SAME: target = "sm_80", threads = 256
// CHECK: %[[RING:.*]] = mptile.ring {fill = #mptile.fill<async>} : !mptile.ring<4 x
// CHECK-NOT: mptile.roles
// CHECK: mptile.for_each_work {{.*}} iter_args(%[[START:.*]] =
// CHECK: %[[AHEAD:.*]] = scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args(%{{.*}} = %[[START]])
// CHECK: mptile.acquire
// CHECK: scf.if
// CHECK: mptile.copy
// CHECK: mptile.copy
// CHECK: }
// CHECK: mptile.commit
// CHECK: %[[LOOP:.*]]:3 = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[READ:.*]] = %[[START]], %[[WRITE:.*]] = %[[AHEAD]])
// CHECK: mptile.wait %[[RING]], %[[READ]] {outstanding = 2 : i64}
// CHECK: mptile.acquire %[[RING]], %[[WRITE]]
// CHECK: mptile.commit
// CHECK: mptile.mma_async
// CHECK: mptile.mma_wait %[[LOOP]]#0
// CHECK: mptile.store_fragment
// CHECK: mptile.yield %[[LOOP]]#1
func.func @bias(%a: tensor<512x384xbf16>, %b: tensor<1536x384xbf16>, %bias: tensor<1536xbf16>) -> tensor<512x1536xbf16> {
  %d = mpgemm.matmul(%a : tensor<512x384xbf16>, %b transposed : tensor<1536x384xbf16>) accumulate <f32> schedule <tile = [128, 128, 64]>
      epilogue(%acc : f32, %x = %bias[(d0, d1) -> (d1)] : tensor<1536xbf16>) {
    %0 = arith.extf %x : bf16 to f32
    %1 = arith.addf %acc, %0 : f32
    %2 = arith.truncf %1 : f32 to bf16
    mpgemm.yield %2 : bf16
  } -> tensor<512x1536xbf16>
  return %d : tensor<512x1536xbf16>
}

// f32 with f32's accuracy: a second accumulator for what tf32 leaves of the elements, added where the main one is finite.
// CHECK-LABEL: mptile.kernel @exact_matmul_0
// CHECK: %[[LOOP:.*]]:4 = scf.for {{.*}} iter_args(%[[MAIN:.*]] = %{{.*}}, %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %[[REST:.*]] = %{{.*}})
// CHECK: mptile.mma_async %{{.*}}, %{{.*}}, %[[MAIN]] :
// CHECK: mptile.mma_async %{{.*}}, %{{.*}}, %[[REST]] {correction} :
// CHECK: mptile.mma_wait %[[LOOP]]#0
// CHECK: mptile.mma_wait %[[LOOP]]#3
// CHECK: mptile.map
// CHECK: arith.cmpf olt
// CHECK: arith.select
// CHECK: mptile.acc_write
// CHECK: mptile.store_fragment
func.func @exact(%a: tensor<512x384xf32>, %b: tensor<512x384xf32>) -> tensor<512x512xf32> {
  %d = mpgemm.matmul(%a : tensor<512x384xf32>, %b transposed : tensor<512x384xf32>) accumulate <f32> schedule <tile = [64, 64, 32]>
    -> tensor<512x512xf32>
  return %d : tensor<512x512xf32>
}
