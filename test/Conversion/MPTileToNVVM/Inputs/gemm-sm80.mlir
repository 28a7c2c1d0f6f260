// D = A B + bias on sm_80, written by hand: A stored MxK, B stored NxK, one role of 8 warps, a ring of 4 slots filled by
// cp.async. Groups in flight: three ahead of the loop, one more in every turn, also where nothing is left to copy.
!tile = !mptile.smem<128x64xbf16, swizzle = 128>
!ring = !mptile.ring<4 x (!tile, !tile)>
!slot = !mptile.slot<(!tile, !tile)>
!pending = !mptile.pending<128x128xf32, warps = 2x4>
!acc = !mptile.acc<128x128xf32, warps = 2x4>
!f32 = !mptile.frag<128x128xf32, warps = 2x4>
!bf16 = !mptile.frag<128x128xbf16, warps = 2x4>
!row = !mptile.frag<1x128xbf16, warps = 2x4>

mptile.kernel @gemm(%A: !mptile.view<?x384xbf16>, %B: !mptile.view<1536x384xbf16>, %bias: !mptile.view<1536xbf16>,
                    %D: !mptile.view<?x1536xbf16>) attributes {target = "sm_80", threads = 256 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c6 = arith.constant 6 : index
  %c12 = arith.constant 12 : index
  %c64 = arith.constant 64 : index
  %c127 = arith.constant 127 : index
  %c128 = arith.constant 128 : index
  %ring = mptile.ring {fill = #mptile.fill<async>} : !ring
  %start = mptile.cursor : !mptile.cursor
  %rows = mptile.dim %A, 0 : !mptile.view<?x384xbf16>
  %padded = arith.addi %rows, %c127 : index
  %mTiles = arith.divui %padded, %c128 : index
  %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%c1, %mTiles, %c12, %c6)
      raster = #mptile.raster<grouped = 8> iter_args(%cursor = %start) -> (!mptile.cursor) {
    %m0 = arith.muli %m, %c128 : index
    %n0 = arith.muli %n, %c128 : index
    %ahead = scf.for %i = %c0 to %c3 step %c1 iter_args(%write = %cursor) -> (!mptile.cursor) {
      %slot = mptile.acquire %ring, %write : !ring
      %k = arith.addi %k0, %i : index
      %exists = arith.cmpi ult, %k, %k1 : index
      scf.if %exists {
        %offset = arith.muli %k, %c64 : index
        mptile.copy %A[%m0, %offset] -> %slot[0] {alignment = 16 : i64} : !mptile.view<?x384xbf16>, !slot
        mptile.copy %B[%n0, %offset] -> %slot[1] {alignment = 16 : i64} : !mptile.view<1536x384xbf16>, !slot
      }
      mptile.commit %slot : !slot
      %next = mptile.advance %write, %ring : !ring
      scf.yield %next : !mptile.cursor
    }
    %zero = mptile.acc_zero : !pending
    %sum:3 = scf.for %k = %k0 to %k1 step %c1
        iter_args(%p = %zero, %read = %cursor, %write = %ahead) -> (!pending, !mptile.cursor, !mptile.cursor) {
      %full = mptile.wait %ring, %read {outstanding = 2 : i64} : !ring
      %slot = mptile.acquire %ring, %write : !ring
      %later = arith.addi %k, %c3 : index
      %exists = arith.cmpi ult, %later, %k1 : index
      scf.if %exists {
        %offset = arith.muli %later, %c64 : index
        mptile.copy %A[%m0, %offset] -> %slot[0] {alignment = 16 : i64} : !mptile.view<?x384xbf16>, !slot
        mptile.copy %B[%n0, %offset] -> %slot[1] {alignment = 16 : i64} : !mptile.view<1536x384xbf16>, !slot
      }
      mptile.commit %slot : !slot
      %ta = mptile.tile %full[0] : !slot
      %tb = mptile.tile %full[1] : !slot
      %q = mptile.mma_async %ta, %tb, %p : !tile, !tile, !pending
      mptile.release %ring, %read : !ring
      %nextRead = mptile.advance %read, %ring : !ring
      %nextWrite = mptile.advance %write, %ring : !ring
      scf.yield %q, %nextRead, %nextWrite : !pending, !mptile.cursor, !mptile.cursor
    }
    %acc = mptile.mma_wait %sum#0 : (!pending) -> !acc
    %f = mptile.acc_read %acc[0, 0] : !acc -> !f32
    %x = mptile.load_fragment %bias[%n0] {map = affine_map<(r, c) -> (c)>, alignment = 4 : i64} : !mptile.view<1536xbf16> -> !row
    %y = mptile.map %f, %x {
    ^bb0(%a: f32, %v: bf16):
      %wide = arith.extf %v : bf16 to f32
      %t = arith.addf %a, %wide : f32
      %r = arith.truncf %t : f32 to bf16
      mptile.yield %r : bf16
    } : (!f32, !row) -> !bf16
    mptile.store_fragment %y, %D[%m0, %n0] {map = affine_map<(r, c) -> (r, c)>, alignment = 4 : i64} : !bf16, !mptile.view<?x1536xbf16>
    mptile.yield %sum#1 : !mptile.cursor
  }
  mptile.return
}
