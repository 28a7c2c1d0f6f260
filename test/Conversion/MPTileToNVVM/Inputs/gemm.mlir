// A dense bf16 product with bias on sm_90a: D = A B^T + bias, tiles of 128x256x64.
!tileA = !mptile.smem<128x64xbf16, swizzle = 128>
!tileB = !mptile.smem<256x64xbf16, swizzle = 128>
!stage = !mptile.smem<64x64xbf16, swizzle = 128>
!ring = !mptile.ring<4 x (!tileA, !tileB)>
!slot = !mptile.slot<(!tileA, !tileB)>
!acc = !mptile.acc<64x256xf32, warps = 4x1>
!pending = !mptile.pending<64x256xf32, warps = 4x1>
!frag = !mptile.frag<64x64xf32, warps = 4x1>
!out = !mptile.frag<64x64xbf16, warps = 4x1>
!viewA = !mptile.view<?x?xbf16>
!viewB = !mptile.view<?x?xbf16>
!viewBias = !mptile.view<?xbf16>
!viewD = !mptile.view<?x?xbf16>

mptile.kernel @gemm(%A: !viewA, %B: !viewB, %bias: !viewBias, %D: !viewD)
    attributes {target = "sm_90a", threads = 384 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c192 = arith.constant 192 : index
  %c256 = arith.constant 256 : index
  %M = mptile.dim %A, 0 : !viewA
  %N = mptile.dim %B, 0 : !viewB
  %K = mptile.dim %A, 1 : !viewA
  %mTiles = arith.ceildivui %M, %c128 : index
  %nTiles = arith.ceildivui %N, %c256 : index
  %kBlocks = arith.ceildivui %K, %c64 : index
  %ring = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64} : !ring
  %stages = mptile.alloc {copies = 2 : i64} : !stage
  %begin = mptile.cursor : !mptile.cursor
  mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                #mptile.role<"consumer", instances = 2, warps = 4, registers = 232>] {
  ^bb0(%instance: index):
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %kBlocks)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin) -> (!mptile.cursor) {
      %m0 = arith.muli %m, %c128 : index
      %n0 = arith.muli %n, %c256 : index
      %next = scf.for %k = %k0 to %k1 step %c1 iter_args(%cursor = %c) -> (!mptile.cursor) {
        %kk = arith.muli %k, %c64 : index
        %slot = mptile.acquire %ring, %cursor : !ring
        mptile.copy %A[%m0, %kk] -> %slot[0] : !viewA, !slot
        mptile.copy %B[%n0, %kk] -> %slot[1] : !viewB, !slot
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
    %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %nTiles, %kBlocks)
        raster = #mptile.raster<grouped = 16> iter_args(%c = %begin) -> (!mptile.cursor) {
      %zero = mptile.acc_zero : !pending
      %loop:3 = scf.for %k = %k0 to %k1 step %c1 iter_args(%p = %zero, %cursor = %c, %previous = %c)
          -> (!pending, !mptile.cursor, !mptile.cursor) {
        %slot = mptile.wait %ring, %cursor : !ring
        %ta = mptile.tile %slot[0] : !slot
        %tb = mptile.tile %slot[1] : !slot
        %p1 = mptile.mma_async %ta[%row], %tb, %p : !tileA, !tileB, !pending
        %p2 = mptile.mma_wait %p1 {outstanding = 1 : i64} : (!pending) -> !pending
        %notFirst = arith.cmpi ugt, %k, %k0 : index
        scf.if %notFirst {
          mptile.release %ring, %previous : !ring
        }
        %advanced = mptile.advance %cursor, %ring : !ring
        scf.yield %p2, %advanced, %cursor : !pending, !mptile.cursor, !mptile.cursor
      }
      %acc = mptile.mma_wait %loop#0 : (!pending) -> !acc
      %any = arith.cmpi ugt, %k1, %k0 : index
      scf.if %any {
        mptile.release %ring, %loop#2 : !ring
      }
      %mTile = arith.muli %m, %c128 : index
      %m0 = arith.addi %mTile, %row : index
      %n0 = arith.muli %n, %c256 : index
      %n1 = arith.addi %n0, %c64 : index
      %n2 = arith.addi %n0, %c128 : index
      %n3 = arith.addi %n0, %c192 : index

      %f0 = mptile.acc_read %acc[0, 0] : !acc -> !frag
      %x0 = mptile.load_fragment %bias[%n0] {map = affine_map<(r, c) -> (c)>} : !viewBias -> !out
      %y0 = mptile.map %f0, %x0 {
      ^bb0(%a: f32, %x: bf16):
        %wide = arith.extf %x : bf16 to f32
        %sum = arith.addf %a, %wide : f32
        %d = arith.truncf %sum : f32 to bf16
        mptile.yield %d : bf16
      } : (!frag, !out) -> !out
      mptile.store_wait
      mptile.write_fragment %y0 -> %stage : !out, !stage
      mptile.copy_out %stage -> %D[%m0, %n0] : !stage, !viewD

      %f1 = mptile.acc_read %acc[0, 64] : !acc -> !frag
      %x1 = mptile.load_fragment %bias[%n1] {map = affine_map<(r, c) -> (c)>} : !viewBias -> !out
      %y1 = mptile.map %f1, %x1 {
      ^bb0(%a: f32, %x: bf16):
        %wide = arith.extf %x : bf16 to f32
        %sum = arith.addf %a, %wide : f32
        %d = arith.truncf %sum : f32 to bf16
        mptile.yield %d : bf16
      } : (!frag, !out) -> !out
      mptile.store_wait
      mptile.write_fragment %y1 -> %stage : !out, !stage
      mptile.copy_out %stage -> %D[%m0, %n1] : !stage, !viewD

      %f2 = mptile.acc_read %acc[0, 128] : !acc -> !frag
      %x2 = mptile.load_fragment %bias[%n2] {map = affine_map<(r, c) -> (c)>} : !viewBias -> !out
      %y2 = mptile.map %f2, %x2 {
      ^bb0(%a: f32, %x: bf16):
        %wide = arith.extf %x : bf16 to f32
        %sum = arith.addf %a, %wide : f32
        %d = arith.truncf %sum : f32 to bf16
        mptile.yield %d : bf16
      } : (!frag, !out) -> !out
      mptile.store_wait
      mptile.write_fragment %y2 -> %stage : !out, !stage
      mptile.copy_out %stage -> %D[%m0, %n2] : !stage, !viewD

      %f3 = mptile.acc_read %acc[0, 192] : !acc -> !frag
      %x3 = mptile.load_fragment %bias[%n3] {map = affine_map<(r, c) -> (c)>} : !viewBias -> !out
      %y3 = mptile.map %f3, %x3 {
      ^bb0(%a: f32, %x: bf16):
        %wide = arith.extf %x : bf16 to f32
        %sum = arith.addf %a, %wide : f32
        %d = arith.truncf %sum : f32 to bf16
        mptile.yield %d : bf16
      } : (!frag, !out) -> !out
      mptile.store_wait
      mptile.write_fragment %y3 -> %stage : !out, !stage
      mptile.copy_out %stage -> %D[%m0, %n3] : !stage, !viewD
      mptile.yield %loop#1 : !mptile.cursor
    }
    mptile.store_wait complete
  }
  mptile.return
}
