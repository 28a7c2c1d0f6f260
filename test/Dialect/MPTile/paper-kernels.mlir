// Kernels of every family the dialect is meant for, written by hand: they parse, verify and print. Most are not
// lowered yet; they prove that no redesign of the dialect waits. Each states what it shows.
// RUN: mpgemm-opt %s --split-input-file | mpgemm-opt --split-input-file | FileCheck %s

// A dense product: roles, a ring filled by TMA, one product in flight over the loop.
// CHECK-LABEL: mptile.kernel @dense
// CHECK: mptile.mma_wait %{{.*}} {outstanding = 1 : i64}
!tA = !mptile.smem<128x64xbf16, swizzle = 128>
!tB = !mptile.smem<128x64xbf16, swizzle = 128>
!ring = !mptile.ring<4 x (!tA, !tB)>
!slot = !mptile.slot<(!tA, !tB)>
!pending = !mptile.pending<64x128xf32, warps = 4x1>
!acc = !mptile.acc<64x128xf32, warps = 4x1>
!frag = !mptile.frag<64x128xf32, warps = 4x1>
!out = !mptile.frag<64x128xbf16, warps = 4x1>
mptile.kernel @dense(%A: !mptile.view<?x4096xbf16>, %B: !mptile.view<14336x4096xbf16>, %D: !mptile.view<?x14336xbf16>)
    attributes {target = "sm_90a", threads = 384 : i64} {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %nTiles = arith.constant 112 : index
  %M = mptile.dim %A, 0 : !mptile.view<?x4096xbf16>
  %mTiles = arith.ceildivui %M, %c128 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64} : !ring
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 2, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %c64)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin) -> (!mptile.cursor) {
      %m0 = arith.muli %m, %c128 : index
      %n0 = arith.muli %n, %c128 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %A[%m0, %kk] -> %slot[0] : !mptile.view<?x4096xbf16>, !slot
        mptile.copy %B[%n0, %kk] -> %slot[1] : !mptile.view<14336x4096xbf16>, !slot
        mptile.commit %slot : !slot
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %advanced : !mptile.cursor
      }
      mptile.yield %next : !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %row = arith.muli %instance, %c64 : index
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %c64)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin) -> (!mptile.cursor) {
      %zero = mptile.acc_zero : !pending
      %loop:3 = scf.for %k = %k0 to %k1 step %c1 iter_args(%p = %zero, %cursor = %c, %previous = %c)
          -> (!pending, !mptile.cursor, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %a = mptile.tile %slot[0] : !slot
        %bTile = mptile.tile %slot[1] : !slot
        %started = mptile.mma_async %a[%row], %bTile, %p : !tA, !tB, !pending
        %flying = mptile.mma_wait %started {outstanding = 1 : i64} : (!pending) -> !pending
        %notFirst = arith.cmpi ugt, %k, %k0 : index
        scf.if %notFirst {
          mptile.release %ring, %previous : !ring
        }
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %flying, %advanced, %cursor : !pending, !mptile.cursor, !mptile.cursor
      }
      %acc = mptile.mma_wait %loop#0 : (!pending) -> !acc
      mptile.release %ring, %loop#2 : !ring
      %m0 = arith.muli %m, %c128 : index
      %m1 = arith.addi %m0, %row : index
      %n0 = arith.muli %n, %c128 : index
      %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
      %y = mptile.map %f {
      ^bb0(%x: f32):
        %d = arith.truncf %x : f32 to bf16
        mptile.yield %d : bf16
      } : (!frag) -> !out
      mptile.store_fragment %y, %D[%m1, %n0] {map = affine_map<(r, c) -> (r, c)>, alignment = 4 : i64} : !out, !mptile.view<?x14336xbf16>
      mptile.yield %loop#1 : !mptile.cursor
    }
  }
  mptile.return
}

// -----

// Split-K: four CTAs share a tile. Partial sums meet in a workspace in a fixed order, passed on by a flag that the last one resets.
// CHECK-LABEL: mptile.kernel @split_k
// CHECK: split_k = 4
// CHECK: mptile.flag_wait
!tile = !mptile.smem<64x64xbf16, swizzle = 128>
!ring = !mptile.ring<4 x (!tile, !tile)>
!slot = !mptile.slot<(!tile, !tile)>
!pending = !mptile.pending<64x64xf32, warps = 4x1>
!acc = !mptile.acc<64x64xf32, warps = 4x1>
!frag = !mptile.frag<64x64xf32, warps = 4x1>
!view = !mptile.view<4096x4096xbf16>
mptile.kernel @split_k(%A: !view, %B: !view, %sums: !mptile.view<4096x4096xf32>, %flags: !mptile.view<4096xi32>,
                       %D: !mptile.view<4096x4096xf32>)
    attributes {target = "sm_90a", threads = 256 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !ring
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 1, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %c64, %c64, %c64)
        raster = #mptile.raster<grouped = 8> iter_args(%c = %begin) -> (!mptile.cursor) attributes {split_k = 4 : i64} {
      %m0 = arith.muli %m, %c64 : index
      %n0 = arith.muli %n, %c64 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %A[%m0, %kk] -> %slot[0] : !view, !slot
        mptile.copy %B[%n0, %kk] -> %slot[1] : !view, !slot
        mptile.commit %slot : !slot
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %advanced : !mptile.cursor
      }
      mptile.yield %next : !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %c64, %c64, %c64)
        raster = #mptile.raster<grouped = 8> iter_args(%c = %begin) -> (!mptile.cursor) attributes {split_k = 4 : i64} {
      %zero = mptile.acc_zero : !pending
      %loop:3 = scf.for %k = %k0 to %k1 step %c1 iter_args(%p = %zero, %cursor = %c, %previous = %c)
          -> (!pending, !mptile.cursor, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %a = mptile.tile %slot[0] : !slot
        %bTile = mptile.tile %slot[1] : !slot
        %started = mptile.mma_async %a, %bTile, %p : !tile, !tile, !pending
        %flying = mptile.mma_wait %started {outstanding = 1 : i64} : (!pending) -> !pending
        %notFirst = arith.cmpi ugt, %k, %k0 : index
        scf.if %notFirst {
          mptile.release %ring, %previous : !ring
        }
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %flying, %advanced, %cursor : !pending, !mptile.cursor, !mptile.cursor
      }
      %acc = mptile.mma_wait %loop#0 : (!pending) -> !acc
      mptile.release %ring, %loop#2 : !ring
      %part = mptile.acc_read %acc[0, 0] : !acc -> !frag
      %m0 = arith.muli %m, %c64 : index
      %n0 = arith.muli %n, %c64 : index
      %row = arith.muli %m, %c64 : index
      %flag = arith.addi %row, %n : index
      // The part that starts at K block k0 waits for the parts before it.
      mptile.flag_wait %flags[%flag], %k0 : !mptile.view<4096xi32>
      %earlier = mptile.load_fragment %sums[%m0, %n0] {map = affine_map<(r, c) -> (r, c)>} : !mptile.view<4096x4096xf32> -> !frag
      %sum = mptile.map %part, %earlier {
      ^bb0(%x: f32, %s: f32):
        %t = arith.addf %x, %s : f32
        %u = arith.select %first, %x, %t : f32
        mptile.yield %u : f32
      } : (!frag, !frag) -> !frag
      scf.if %last {
        mptile.store_fragment %sum, %D[%m0, %n0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<4096x4096xf32>
        mptile.flag_set %flags[%flag], %c0 : !mptile.view<4096xi32>
      } else {
        mptile.store_fragment %sum, %sums[%m0, %n0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<4096x4096xf32>
        mptile.flag_set %flags[%flag], %k1 : !mptile.view<4096xi32>
      }
      mptile.yield %loop#1 : !mptile.cursor
    }
  }
  mptile.return
}

// -----

// Stream-K: every CTA works on the same number of K blocks; a piece of a tile that is not its last one leaves its sum in the
// workspace for the CTA that ends the tile.
// CHECK-LABEL: mptile.kernel @stream_k
// CHECK: stream_k
// CHECK: mptile.flag_wait %{{.*}} reset
!tile = !mptile.smem<64x64xbf16, swizzle = 128>
!ring = !mptile.ring<4 x (!tile, !tile)>
!slot = !mptile.slot<(!tile, !tile)>
!pending = !mptile.pending<64x64xf32, warps = 4x1>
!acc = !mptile.acc<64x64xf32, warps = 4x1>
!frag = !mptile.frag<64x64xf32, warps = 4x1>
!view = !mptile.view<4096x4096xbf16>
!sums = !mptile.view<?x64x64xf32>
mptile.kernel @stream_k(%A: !view, %B: !view, %sums: !sums, %flags: !mptile.view<?xi32>, %D: !mptile.view<4096x4096xf32>)
    attributes {target = "sm_90a", threads = 256 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !ring
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 1, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %c64, %c64, %c64)
        raster = #mptile.raster<grouped = 8> iter_args(%c = %begin) -> (!mptile.cursor) attributes {stream_k} {
      %m0 = arith.muli %m, %c64 : index
      %n0 = arith.muli %n, %c64 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %A[%m0, %kk] -> %slot[0] : !view, !slot
        mptile.copy %B[%n0, %kk] -> %slot[1] : !view, !slot
        mptile.commit %slot : !slot
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %advanced : !mptile.cursor
      }
      mptile.yield %next : !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %c64, %c64, %c64)
        raster = #mptile.raster<grouped = 8> iter_args(%c = %begin) -> (!mptile.cursor) attributes {stream_k} {
      %zero = mptile.acc_zero : !pending
      %loop:2 = scf.for %k = %k0 to %k1 step %c1 iter_args(%p = %zero, %cursor = %c) -> (!pending, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %a = mptile.tile %slot[0] : !slot
        %bTile = mptile.tile %slot[1] : !slot
        %started = mptile.mma_async %a, %bTile, %p : !tile, !tile, !pending
        %flying = mptile.mma_wait %started {outstanding = 1 : i64} : (!pending) -> !pending
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %flying, %advanced : !pending, !mptile.cursor
      }
      %acc = mptile.mma_wait %loop#0 : (!pending) -> !acc
      %part = mptile.acc_read %acc[0, 0] : !acc -> !frag
      %m0 = arith.muli %m, %c64 : index
      %n0 = arith.muli %n, %c64 : index
      %row = arith.muli %m, %c64 : index
      %index = arith.addi %row, %n : index
      scf.if %last {
        // The sum of the earlier pieces, where there are any; the flag is ready for the next launch.
        %sum = scf.if %first -> (!frag) {
          scf.yield %part : !frag
        } else {
          mptile.flag_wait %flags[%index], %k0 reset : !mptile.view<?xi32>
          %earlier = mptile.load_fragment %sums[%index, %c0, %c0] {map = affine_map<(r, c) -> (0, r, c)>} : !sums -> !frag
          %both = mptile.map %part, %earlier {
          ^bb0(%x: f32, %s: f32):
            %t = arith.addf %x, %s : f32
            mptile.yield %t : f32
          } : (!frag, !frag) -> !frag
          scf.yield %both : !frag
        }
        mptile.store_fragment %sum, %D[%m0, %n0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<4096x4096xf32>
      } else {
        mptile.store_fragment %part, %sums[%index, %c0, %c0] {map = affine_map<(r, c) -> (0, r, c)>} : !frag, !sums
        mptile.flag_set %flags[%index], %k1 : !mptile.view<?xi32>
      }
      mptile.yield %loop#1 : !mptile.cursor
    }
  }
  mptile.return
}

// -----

// A dual product: gate and up share A; two accumulators, one epilogue.
// CHECK-LABEL: mptile.kernel @dual
// CHECK: mptile.mma_wait %{{.*}}, %{{.*}} {outstanding = 2 : i64}
!tA = !mptile.smem<128x64xf16, swizzle = 128>
!tB = !mptile.smem<128x64xf16, swizzle = 128>
!ring = !mptile.ring<3 x (!tA, !tB, !tB)>
!slot = !mptile.slot<(!tA, !tB, !tB)>
!pending = !mptile.pending<64x128xf32, warps = 4x1>
!acc = !mptile.acc<64x128xf32, warps = 4x1>
!frag = !mptile.frag<64x64xf32, warps = 4x1>
!out = !mptile.frag<64x64xf16, warps = 4x1>
!stage = !mptile.smem<64x64xf16, swizzle = 128>
!view = !mptile.view<?x4096xf16>
mptile.kernel @dual(%A: !view, %gate: !view, %up: !view, %D: !mptile.view<?x?xf16>)
    attributes {target = "sm_90a", threads = 384 : i64} {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %M = mptile.dim %A, 0 : !view
  %N = mptile.dim %gate, 0 : !view
  %mTiles = arith.ceildivui %M, %c128 : index
  %nTiles = arith.ceildivui %N, %c128 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64} : !ring
  %stages = mptile.alloc {copies = 2 : i64} : !stage
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 2, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %c64)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin) -> (!mptile.cursor) {
      %m0 = arith.muli %m, %c128 : index
      %n0 = arith.muli %n, %c128 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %A[%m0, %kk] -> %slot[0] : !view, !slot
        mptile.copy %gate[%n0, %kk] -> %slot[1] : !view, !slot
        mptile.copy %up[%n0, %kk] -> %slot[2] : !view, !slot
        mptile.commit %slot : !slot
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %advanced : !mptile.cursor
      }
      mptile.yield %next : !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %row = arith.muli %instance, %c64 : index
    %stage = mptile.select %stages[%instance] : !stage
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %c64)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin) -> (!mptile.cursor) {
      %zeroG = mptile.acc_zero : !pending
      %zeroU = mptile.acc_zero : !pending
      %loop:4 = scf.for %k = %k0 to %k1 step %c1 iter_args(%g = %zeroG, %u = %zeroU, %cursor = %c, %previous = %c)
          -> (!pending, !pending, !mptile.cursor, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %a = mptile.tile %slot[0] : !slot
        %tileG = mptile.tile %slot[1] : !slot
        %tileU = mptile.tile %slot[2] : !slot
        %startedG = mptile.mma_async %a[%row], %tileG, %g : !tA, !tB, !pending
        %startedU = mptile.mma_async %a[%row], %tileU, %u : !tA, !tB, !pending
        %flying:2 = mptile.mma_wait %startedG, %startedU {outstanding = 2 : i64} : (!pending, !pending) -> (!pending, !pending)
        %notFirst = arith.cmpi ugt, %k, %k0 : index
        scf.if %notFirst {
          mptile.release %ring, %previous : !ring
        }
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %flying#0, %flying#1, %advanced, %cursor : !pending, !pending, !mptile.cursor, !mptile.cursor
      }
      %acc:2 = mptile.mma_wait %loop#0, %loop#1 : (!pending, !pending) -> (!acc, !acc)
      mptile.release %ring, %loop#3 : !ring
      %mTile = arith.muli %m, %c128 : index
      %m0 = arith.addi %mTile, %row : index
      %n0 = arith.muli %n, %c128 : index
      %f = mptile.acc_read %acc#0[0, 0] : !acc -> !frag
      %h = mptile.acc_read %acc#1[0, 0] : !acc -> !frag
      %y = mptile.map %f, %h {
      ^bb0(%x: f32, %w: f32):
        %one = arith.constant 1.0 : f32
        %minus = arith.negf %x : f32
        %e = math.exp %minus : f32
        %d = arith.addf %one, %e : f32
        %s = arith.divf %x, %d : f32
        %t = arith.mulf %s, %w : f32
        %r = arith.truncf %t : f32 to f16
        mptile.yield %r : f16
      } : (!frag, !frag) -> !out
      mptile.store_wait
      mptile.write_fragment %y -> %stage : !out, !stage
      mptile.copy_out %stage -> %D[%m0, %n0] : !stage, !mptile.view<?x?xf16>
      mptile.yield %loop#2 : !mptile.cursor
    }
    mptile.store_wait complete
  }
  mptile.return
}

// -----

// A grouped product (mixture of experts): the number of rows of each group is on the device.
// CHECK-LABEL: mptile.kernel @grouped
// CHECK: groups(%{{.*}} : !mptile.view<64xi32>)
!tA = !mptile.smem<64x64xbf16, swizzle = 128>
!tB = !mptile.smem<64x128xbf16, swizzle = 128>
!ring = !mptile.ring<4 x (!tA, !tB)>
!slot = !mptile.slot<(!tA, !tB)>
!pending = !mptile.pending<64x128xf32, warps = 4x1>
!acc = !mptile.acc<64x128xf32, warps = 4x1>
!frag = !mptile.frag<64x128xf32, warps = 4x1>
mptile.kernel @grouped(%A: !mptile.view<?x4096xbf16>, %B: !mptile.view<64x4096x2048xbf16>, %sizes: !mptile.view<64xi32>,
                       %begins: !mptile.view<64xi32>, %D: !mptile.view<?x2048xf32>)
    attributes {target = "sm_90a", threads = 256 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !ring
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 1, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%g, %m, %n, %k0, %k1, %first, %last) tiles(%c64, %c0, %c16, %c64)
        groups(%sizes : !mptile.view<64xi32>) raster = #mptile.raster<grouped = 1>
        iter_args(%c = %begin) -> (!mptile.cursor) attributes {group_tile = 64 : i64} {
      %i = mptile.load %begins[%g] : !mptile.view<64xi32>
      %groupBegin = arith.index_cast %i : i32 to index
      %inGroup = arith.muli %m, %c64 : index
      %m0 = arith.addi %groupBegin, %inGroup : index
      %n0 = arith.muli %n, %c128 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %A[%m0, %kk] -> %slot[0] : !mptile.view<?x4096xbf16>, !slot
        mptile.copy %B[%g, %kk, %n0] -> %slot[1] : !mptile.view<64x4096x2048xbf16>, !slot
        mptile.commit %slot : !slot
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %advanced : !mptile.cursor
      }
      mptile.yield %next : !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%g, %m, %n, %k0, %k1, %first, %last) tiles(%c64, %c0, %c16, %c64)
        groups(%sizes : !mptile.view<64xi32>) raster = #mptile.raster<grouped = 1>
        iter_args(%c = %begin) -> (!mptile.cursor) attributes {group_tile = 64 : i64} {
      %zero = mptile.acc_zero : !pending
      %loop:2 = scf.for %k = %k0 to %k1 step %c1 iter_args(%p = %zero, %cursor = %c) -> (!pending, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %a = mptile.tile %slot[0] : !slot
        %b = mptile.tile %slot[1] : !slot
        %started = mptile.mma_async %a, %b, %p {b_major = #mptile.major<mn>} : !tA, !tB, !pending
        %flying = mptile.mma_wait %started {outstanding = 1 : i64} : (!pending) -> !pending
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %flying, %advanced : !pending, !mptile.cursor
      }
      %acc = mptile.mma_wait %loop#0 : (!pending) -> !acc
      %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
      %size = mptile.load %sizes[%g] : !mptile.view<64xi32>
      %i = mptile.load %begins[%g] : !mptile.view<64xi32>
      %groupBegin = arith.index_cast %i : i32 to index
      %inGroup = arith.muli %m, %c64 : index
      %m0 = arith.addi %groupBegin, %inGroup : index
      %n0 = arith.muli %n, %c128 : index
      // The last tile of a group must not write rows of the next one.
      mptile.store_fragment %f, %D[%m0, %n0] {map = affine_map<(r, c) -> (r, c)>} : !frag, !mptile.view<?x2048xf32>
      mptile.yield %loop#1 : !mptile.cursor
    }
  }
  mptile.return
}

// -----

// Attention, two consumers in ping-pong: the tensor cores belong to one while the other computes its exponentials. S = Q K^T from shared
// memory; the probabilities are the A operand of P V in registers; O is rescaled when the maximum of a row grows.
// CHECK-LABEL: mptile.kernel @attention
// CHECK: mptile.take_turn %{{.*}} of "tensor cores"
// CHECK: mptile.reduce %{{.*}} {axis = 1 : i64, kind = #mptile.reduction<max>}
!tQ = !mptile.smem<128x128xbf16, swizzle = 128>
!tK = !mptile.smem<128x128xbf16, swizzle = 128>
!ringQ = !mptile.ring<1 x (!tQ)>
!slotQ = !mptile.slot<(!tQ)>
!ringKV = !mptile.ring<2 x (!tK)>
!slotKV = !mptile.slot<(!tK)>
!pending = !mptile.pending<64x128xf32, warps = 4x1>
!acc = !mptile.acc<64x128xf32, warps = 4x1>
!frag = !mptile.frag<64x128xf32, warps = 4x1>
!rows = !mptile.frag<64x1xf32, warps = 4x1>
!p = !mptile.frag<64x128xbf16, warps = 4x1>
!view = !mptile.view<32x?x128xbf16>
!viewKV = !mptile.view<8x?x128xbf16>
mptile.kernel @attention(%Q: !view, %K: !viewKV, %V: !viewKV, %O: !view, %scale: f32)
    attributes {target = "sm_90a", threads = 384 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %heads = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %S = mptile.dim %Q, 1 : !view
  %qTiles = arith.ceildivui %S, %c128 : index
  %blocks = arith.ceildivui %S, %c128 : index
  %ringQ = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64} : !ringQ
  %ringK = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64} : !ringKV
  %ringV = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64} : !ringKV
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 24>,
                #mptile.role<"consumer", instances = 2, warps = 4, registers = 240>] {
  ^bb0(%instance: index):
    %end:2 = mptile.for_each_work (%h, %m, %n, %k0, %k1, %first, %last) tiles(%heads, %qTiles, %c1, %blocks)
        raster = #mptile.raster<grouped = 1> iter_args(%cq = %begin, %c = %begin) -> (!mptile.cursor, !mptile.cursor) {
      %m0 = arith.muli %m, %c128 : index
      %hkv = arith.divui %h, %c4 : index
      %q = mptile.acquire %ringQ, %cq : !ringQ
      mptile.copy %Q[%h, %m0, %c0] -> %q[0] : !view, !slotQ
      mptile.commit %q : !slotQ
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c128 : index
        %sk = mptile.acquire %ringK, %cursor : !ringKV
        mptile.copy %K[%hkv, %kk, %c0] -> %sk[0] : !viewKV, !slotKV
        mptile.commit %sk : !slotKV
        %sv = mptile.acquire %ringV, %cursor : !ringKV
        mptile.copy %V[%hkv, %kk, %c0] -> %sv[0] : !viewKV, !slotKV
        mptile.commit %sv : !slotKV
        %advanced = mptile.advance %cursor, %ringK : !ringKV
        scf.yield %advanced : !mptile.cursor
      }
      %nextQ = mptile.advance %cq, %ringQ : !ringQ
      mptile.yield %nextQ, %next : !mptile.cursor, !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %row = arith.muli %instance, %c64 : index
    %end:2 = mptile.for_each_work (%h, %m, %n, %k0, %k1, %first, %last) tiles(%heads, %qTiles, %c1, %blocks)
        raster = #mptile.raster<grouped = 1> iter_args(%cq = %begin, %c = %begin) -> (!mptile.cursor, !mptile.cursor) {
      %q = mptile.wait %ringQ, %cq : !ringQ
      %tq = mptile.tile %q[0] : !slotQ
      %o0 = mptile.acc_zero : !acc
      %none = mptile.acc_read %o0[0, 0] : !acc -> !frag
      %m0, %l0 = mptile.map %none {
      ^bb0(%z: f32):
        %low = arith.constant -1.0e30 : f32
        mptile.yield %low, %z : f32, f32
      } : (!frag) -> (!frag, !frag)
      %max0 = mptile.reduce %m0 {kind = #mptile.reduction<max>, axis = 1 : i64} : !frag -> !rows
      %sum0 = mptile.reduce %l0 {kind = #mptile.reduction<add>, axis = 1 : i64} : !frag -> !rows
      %loop:4 = scf.for %k = %k0 to %k1 step %c1 iter_args(%o = %o0, %max = %max0, %sum = %sum0, %cursor = %c)
          -> (!acc, !rows, !rows, !mptile.cursor) {
        %sk = mptile.wait %ringK, %cursor : !ringKV
        %tk = mptile.tile %sk[0] : !slotKV
        mptile.take_turn %instance of "tensor cores"
        %s0 = mptile.acc_zero : !pending
        %s1 = mptile.mma_async %tq[%row], %tk, %s0 : !tQ, !tK, !pending
        %s = mptile.mma_wait %s1 : (!pending) -> !acc
        mptile.pass_turn %instance of "tensor cores"
        mptile.release %ringK, %cursor : !ringKV
        %f = mptile.acc_read %s[0, 0] : !acc -> !frag
        %blockMax = mptile.reduce %f {kind = #mptile.reduction<max>, axis = 1 : i64} : !frag -> !rows
        %newMax, %alpha = mptile.map %max, %blockMax {
        ^bb0(%x: f32, %y: f32):
          %top = arith.maximumf %x, %y : f32
          %drop = arith.subf %x, %top : f32
          %scaled = arith.mulf %drop, %scale : f32
          %e = math.exp2 %scaled : f32
          mptile.yield %top, %e : f32, f32
        } : (!rows, !rows) -> (!rows, !rows)
        %e, %pr = mptile.map %f, %newMax {
        ^bb0(%x: f32, %top: f32):
          %d = arith.subf %x, %top : f32
          %scaled = arith.mulf %d, %scale : f32
          %y = math.exp2 %scaled : f32
          %z = arith.truncf %y : f32 to bf16
          mptile.yield %y, %z : f32, bf16
        } : (!frag, !rows) -> (!frag, !p)
        %blockSum = mptile.reduce %e {kind = #mptile.reduction<add>, axis = 1 : i64} : !frag -> !rows
        %newSum = mptile.map %sum, %alpha, %blockSum {
        ^bb0(%x: f32, %a: f32, %y: f32):
          %t = arith.mulf %x, %a : f32
          %u = arith.addf %t, %y : f32
          mptile.yield %u : f32
        } : (!rows, !rows, !rows) -> !rows
        %old = mptile.acc_read %o[0, 0] : !acc -> !frag
        %rescaled = mptile.map %old, %alpha {
        ^bb0(%x: f32, %a: f32):
          %t = arith.mulf %x, %a : f32
          mptile.yield %t : f32
        } : (!frag, !rows) -> !frag
        %o1 = mptile.acc_write %rescaled -> %o[0, 0] : !frag, !acc
        %sv = mptile.wait %ringV, %cursor : !ringKV
        %tv = mptile.tile %sv[0] : !slotKV
        %o2 = mptile.mma_async %pr, %tv, %o1 {b_major = #mptile.major<mn>} : !p, !tK, !acc
        %o3 = mptile.mma_wait %o2 : (!pending) -> !acc
        mptile.release %ringV, %cursor : !ringKV
        %advanced = mptile.advance %cursor, %ringK : !ringKV
        scf.yield %o3, %newMax, %newSum, %advanced : !acc, !rows, !rows, !mptile.cursor
      }
      mptile.release %ringQ, %cq : !ringQ
      %f = mptile.acc_read %loop#0[0, 0] : !acc -> !frag
      %y = mptile.map %f, %loop#2 {
      ^bb0(%x: f32, %l: f32):
        %t = arith.divf %x, %l : f32
        %u = arith.truncf %t : f32 to bf16
        mptile.yield %u : bf16
      } : (!frag, !rows) -> !p
      %tile = arith.muli %m, %c128 : index
      %first_row = arith.addi %tile, %row : index
      mptile.store_fragment %y, %O[%h, %first_row, %c0] {map = affine_map<(r, c) -> (0, r, c)>, alignment = 4 : i64} : !p, !view
      %nextQ = mptile.advance %cq, %ringQ : !ringQ
      mptile.yield %nextQ, %loop#3 : !mptile.cursor, !mptile.cursor
    }
  }
  mptile.return
}

// -----

// Paged decode attention: the scores of one new token of 16 heads against a cache in pages of 64 rows; a table gives the page. The copy
// takes its rows from the table, by cp.async.
// CHECK-LABEL: mptile.kernel @paged_decode
// CHECK: rows(%{{.*}}[%{{.*}}, %{{.*}}] : !mptile.view<?x1024xi32>)
// CHECK: indices
!tQ = !mptile.smem<16x128xbf16, swizzle = 128>
!tK = !mptile.smem<64x128xbf16, swizzle = 128>
!ringQ = !mptile.ring<1 x (!tQ)>
!ringK = !mptile.ring<4 x (!tK)>
!pending = !mptile.pending<16x64xf32, warps = 1x4>
!acc = !mptile.acc<16x64xf32, warps = 1x4>
!frag = !mptile.frag<16x64xf32, warps = 1x4>
mptile.kernel @paged_decode(%Q: !mptile.view<?x16x128xbf16>, %K: !mptile.view<?x128xbf16>, %pages: !mptile.view<?x1024xi32>,
                            %lengths: !mptile.view<?xi32>, %scores: !mptile.view<?x16x65536xf32>)
    attributes {target = "sm_80", threads = 128 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %batch = mptile.dim %Q, 0 : !mptile.view<?x16x128xbf16>
  %ringQ = mptile.ring {fill = #mptile.fill<async>} : !ringQ
  %ringK = mptile.ring {fill = #mptile.fill<async>} : !ringK
  %begin = mptile.cursor : !mptile.cursor
  mptile.grid_wait
  mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%batch, %c1, %c1, %c1) raster = #mptile.raster<grouped = 1> {
    %i = mptile.load %lengths[%b] : !mptile.view<?xi32>
    %length = arith.index_cast %i : i32 to index
    %used = arith.ceildivui %length, %c64 : index
    %q = mptile.acquire %ringQ, %begin : !ringQ
    mptile.copy %Q[%b, %c0, %c0] -> %q[0] {alignment = 16 : i64} : !mptile.view<?x16x128xbf16>, !mptile.slot<(!tQ)>
    mptile.commit %q : !mptile.slot<(!tQ)>
    %end = scf.for %page = %c0 to %used step %c1 iter_args(%cursor = %begin) -> (!mptile.cursor) {
      %s = mptile.acquire %ringK, %cursor : !ringK
      mptile.copy %K[%c0, %c0] rows(%pages[%b, %page] : !mptile.view<?x1024xi32>) -> %s[0] {page = 64 : i64, alignment = 16 : i64}
          : !mptile.view<?x128xbf16>, !mptile.slot<(!tK)>
      mptile.commit %s : !mptile.slot<(!tK)>
      %fullQ = mptile.wait %ringQ, %begin : !ringQ
      %fullK = mptile.wait %ringK, %cursor : !ringK
      %tq = mptile.tile %fullQ[0] : !mptile.slot<(!tQ)>
      %tk = mptile.tile %fullK[0] : !mptile.slot<(!tK)>
      %zero = mptile.acc_zero : !pending
      %p = mptile.mma_async %tq, %tk, %zero : !tQ, !tK, !pending
      %acc = mptile.mma_wait %p : (!pending) -> !acc
      mptile.release %ringK, %cursor : !ringK
      %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
      %token = arith.muli %page, %c64 : index
      %y = mptile.map %f {
      ^bb0(%x: f32, %row: index, %column: index):
        %none = arith.constant 0xFF800000 : f32
        %position = arith.addi %token, %column : index
        %valid = arith.cmpi ult, %position, %length : index
        %r = arith.select %valid, %x, %none : f32
        mptile.yield %r : f32
      } {indices} : (!frag) -> !frag
      mptile.store_fragment %y, %scores[%b, %c0, %token] {map = affine_map<(r, c) -> (0, r, c)>} : !frag, !mptile.view<?x16x65536xf32>
      %advanced = mptile.advance %cursor, %ringK : !ringK
      scf.yield %advanced : !mptile.cursor
    }
    mptile.release %ringQ, %begin : !ringQ
  }
  mptile.grid_launch
  mptile.return
}

// -----

// W4A16: 4-bit weights are the A operand. They are read from shared memory as fragments, dequantised, and multiplied from registers.
// CHECK-LABEL: mptile.kernel @w4a16
// CHECK: mptile.read_fragment
// CHECK: mptile.mma_async %{{.*}}, %{{.*}}, %{{.*}} : !mptile.frag<64x64xbf16, warps = 4x1>
!tW = !mptile.smem<64x64xi4>
!tX = !mptile.smem<32x64xbf16, swizzle = 128>
!ring = !mptile.ring<6 x (!tW, !tX)>
!slot = !mptile.slot<(!tW, !tX)>
!pending = !mptile.pending<64x32xf32, warps = 4x1>
!acc = !mptile.acc<64x32xf32, warps = 4x1>
!frag = !mptile.frag<64x32xf32, warps = 4x1>
!out = !mptile.frag<64x32xbf16, warps = 4x1>
!codes = !mptile.frag<64x64xi4, warps = 4x1>
!weights = !mptile.frag<64x64xbf16, warps = 4x1>
!scales = !mptile.frag<64x1xbf16, warps = 4x1>
mptile.kernel @w4a16(%W: !mptile.view<14336x4096xi4>, %S: !mptile.view<14336x32xbf16>, %X: !mptile.view<?x4096xbf16>,
                     %D: !mptile.view<?x14336xbf16>)
    attributes {target = "sm_90a", threads = 256 : i64} {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %nTiles = arith.constant 224 : index
  %tokens = mptile.dim %X, 0 : !mptile.view<?x4096xbf16>
  %tokenTiles = arith.ceildivui %tokens, %c32 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !ring
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 1, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %nTiles, %tokenTiles, %c64)
        raster = #mptile.raster<grouped = 1> iter_args(%c = %begin) -> (!mptile.cursor) {
      %m0 = arith.muli %m, %c64 : index
      %n0 = arith.muli %n, %c32 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %W[%m0, %kk] -> %slot[0] : !mptile.view<14336x4096xi4>, !slot
        mptile.copy %X[%n0, %kk] -> %slot[1] : !mptile.view<?x4096xbf16>, !slot
        mptile.commit %slot : !slot
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %advanced : !mptile.cursor
      }
      mptile.yield %next : !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %zeroOffset = arith.constant 0 : index
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %nTiles, %tokenTiles, %c64)
        raster = #mptile.raster<grouped = 1> iter_args(%c = %begin) -> (!mptile.cursor) {
      %m0 = arith.muli %m, %c64 : index
      %zero = mptile.acc_zero : !acc
      %loop:2 = scf.for %k = %k0 to %k1 step %c1 iter_args(%acc = %zero, %cursor = %c) -> (!acc, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %w = mptile.tile %slot[0] : !slot
        %x = mptile.tile %slot[1] : !slot
        %codes = mptile.read_fragment %w[%zeroOffset, %zeroOffset] : !tW -> !codes
        %group = arith.divui %k, %c2 : index
        %s = mptile.load_fragment %S[%m0, %group] {map = affine_map<(r, c) -> (r, 0)>} : !mptile.view<14336x32xbf16> -> !scales
        %a = mptile.map %codes, %s {
        ^bb0(%q: i4, %scale: bf16):
          %wide = arith.extsi %q : i4 to i32
          %f = arith.sitofp %wide : i32 to bf16
          %r = arith.mulf %f, %scale : bf16
          mptile.yield %r : bf16
        } : (!codes, !scales) -> !weights
        %p = mptile.mma_async %a, %x, %acc : !weights, !tX, !acc
        %done = mptile.mma_wait %p : (!pending) -> !acc
        mptile.release %ring, %cursor : !ring
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %done, %advanced : !acc, !mptile.cursor
      }
      %n0 = arith.muli %n, %c32 : index
      %f = mptile.acc_read %loop#0[0, 0] : !acc -> !frag
      %y = mptile.map %f {
      ^bb0(%v: f32):
        %r = arith.truncf %v : f32 to bf16
        mptile.yield %r : bf16
      } : (!frag) -> !out
      // Rows of the accumulator are columns of D.
      mptile.store_fragment %y, %D[%n0, %m0] {map = affine_map<(r, c) -> (c, r)>} : !out, !mptile.view<?x14336xbf16>
      mptile.yield %loop#1 : !mptile.cursor
    }
  }
  mptile.return
}

// -----

// sm_100: the accumulator is tensor memory and travels from the products to the epilogue in a ring of its own, so that one tile's
// epilogue runs under the next one's products.
// CHECK-LABEL: mptile.kernel @tensor_memory
// CHECK: mptile.ring {fill = #mptile.fill<mma>
// CHECK: mptile.acc_zero into(
// CHECK: mptile.commit %{{.*}} after(
!tA = !mptile.smem<128x64xbf16, swizzle = 128>
!tB = !mptile.smem<256x64xbf16, swizzle = 128>
!ring = !mptile.ring<4 x (!tA, !tB)>
!slot = !mptile.slot<(!tA, !tB)>
!acc = !mptile.acc<128x256xf32, warps = 4x1, tmem>
!pending = !mptile.pending<128x256xf32, warps = 4x1, tmem>
!accRing = !mptile.ring<2 x (!acc)>
!accSlot = !mptile.slot<(!acc)>
!frag = !mptile.frag<128x64xf32, warps = 4x1>
!out = !mptile.frag<128x64xbf16, warps = 4x1>
!view = !mptile.view<?x4096xbf16>
mptile.kernel @tensor_memory(%A: !view, %B: !view, %D: !mptile.view<?x?xbf16>)
    attributes {target = "sm_100a", threads = 192 : i64} {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  %M = mptile.dim %A, 0 : !view
  %N = mptile.dim %B, 0 : !view
  %mTiles = arith.ceildivui %M, %c128 : index
  %nTiles = arith.ceildivui %N, %c256 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>} : !ring
  %accs = mptile.ring {fill = #mptile.fill<mma>} : !accRing
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"loads", instances = 1, warps = 1, registers = 0>,
                #mptile.role<"products", instances = 1, warps = 1, registers = 0>,
                #mptile.role<"epilogue", instances = 1, warps = 4, registers = 0>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %c64)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin) -> (!mptile.cursor) {
      %m0 = arith.muli %m, %c128 : index
      %n0 = arith.muli %n, %c256 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %A[%m0, %kk] -> %slot[0] : !view, !slot
        mptile.copy %B[%n0, %kk] -> %slot[1] : !view, !slot
        mptile.commit %slot : !slot
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %advanced : !mptile.cursor
      }
      mptile.yield %next : !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %end:2 = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %c64)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin, %ca = %begin) -> (!mptile.cursor, !mptile.cursor) {
      %accSlot = mptile.acquire %accs, %ca : !accRing
      %acc = mptile.tile %accSlot[0] : !accSlot
      %zero = mptile.acc_zero into(%acc : !acc) : !pending
      %loop:2 = scf.for %k = %k0 to %k1 step %c1 iter_args(%p = %zero, %cursor = %c) -> (!pending, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %a = mptile.tile %slot[0] : !slot
        %bTile = mptile.tile %slot[1] : !slot
        %started = mptile.mma_async %a, %bTile, %p : !tA, !tB, !pending
        mptile.release %ring, %cursor : !ring
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %started, %advanced : !pending, !mptile.cursor
      }
      mptile.commit %accSlot after(%loop#0 : !pending) : !accSlot
      %nextAcc = mptile.advance %ca, %accs : !accRing
      mptile.yield %loop#1, %nextAcc : !mptile.cursor, !mptile.cursor
    }
  }, {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %c64)
        raster = #mptile.raster<grouped = 16> iter_args(%ca = %begin) -> (!mptile.cursor) {
      %full = mptile.wait %accs, %ca : !accRing
      %acc = mptile.tile %full[0] : !accSlot
      %m0 = arith.muli %m, %c128 : index
      %n0 = arith.muli %n, %c256 : index
      %f = mptile.acc_read %acc[0, 0] : !acc -> !frag
      %y = mptile.map %f {
      ^bb0(%x: f32):
        %d = arith.truncf %x : f32 to bf16
        mptile.yield %d : bf16
      } : (!frag) -> !out
      mptile.store_fragment %y, %D[%m0, %n0] {map = affine_map<(r, c) -> (r, c)>} : !out, !mptile.view<?x?xbf16>
      mptile.release %accs, %ca : !accRing
      %next = mptile.advance %ca, %accs : !accRing
      mptile.yield %next : !mptile.cursor
    }
  }
  mptile.return
}
