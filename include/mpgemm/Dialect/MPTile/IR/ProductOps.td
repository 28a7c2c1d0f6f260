// Ops of tensor-core products: accumulators, asynchronous products, waits.
#ifndef MPTILE_PRODUCT_OPS_TD
#define MPTILE_PRODUCT_OPS_TD

include "mpgemm/Dialect/MPTile/IR/MPTileOpBase.td"

def MPTile_AccZeroOp : MPTile_Op<"acc_zero", [Pure]> {
  let summary = "an accumulator of zeros";
  let description = [{
    In registers a new value; in tensor memory `into(%acc)` names the accumulator of a slot that is zeroed.
  }];
  let arguments = (ins Optional<MPTile_Acc>:$storage);
  let results = (outs MPTile_AccOrPending:$acc);
  let builders = [OpBuilder<(ins "Type":$type), [{ build($_builder, $_state, type, Value()); }]>];
  let assemblyFormat = [{
    (`into` `(` $storage^ `:` qualified(type($storage)) `)`)? attr-dict `:` qualified(type($acc))
  }];
  let hasVerifier = 1;
}

def MPTile_MmaAsyncOp : MPTile_Op<"mma_async", [
    AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>,
    TypesMatchWith<"result is the pending form of the accumulator", "acc", "result",
                   "::mlir::mptile::getPendingType($_self)">]> {
  let summary = "starts acc += A B over the whole K of the tiles";
  let description = [{
    A is MxK, B is KxN. A K-major tile of A is stored MxK and one of B NxK; an MN-major (`#mptile.major<mn>`) one KxM
    and KxN. `%a[%m]` and `%b[%n]` start at that row of A or column of B; the accumulator says how many there are. A may be a
    fragment in registers. One product is one group for `mma_wait`. Codes of i8 are signed unless `unsigned_a` or
    `unsigned_b` says otherwise. Elements of f32 are multiplied as tf32: without their 13 low bits. `correction` adds
    A_hi B_lo + A_lo B_hi instead, where hi is an element without those bits and lo the rest of it, rounded to tf32:
    what a product of f32 needs beside A_hi B_hi.

    - C1: A and B agree on K, and reach the rows and columns of the accumulator.
    - C2: a tensor-core instruction of the target multiplies these element types into this accumulator type
      (the MmaAtom table), and its shape divides the tiles.
    - C3: operands of 8 and 32 bits are K-major.
    - C4: `unsigned_a` and `unsigned_b` belong to operands of i8.
    - C5: `correction` belongs to operands of f32 that mma.sync multiplies.

        %p = mptile.mma_async %ta[%row], %tb, %acc : !mptile.smem<128x64xbf16, swizzle = 128>,
            !mptile.smem<256x64xbf16, swizzle = 128>, !mptile.pending<64x256xf32, warps = 4x1>
  }];
  let arguments = (ins MPTile_SmemOrFrag:$a, MPTile_Smem:$b, MPTile_AccOrPending:$acc,
                       Optional<Index>:$aOffset, Optional<Index>:$bOffset,
                       DefaultValuedAttr<MPTile_MajorAttr, "::mlir::mptile::Major::K">:$a_major,
                       DefaultValuedAttr<MPTile_MajorAttr, "::mlir::mptile::Major::K">:$b_major,
                       UnitAttr:$unsigned_a, UnitAttr:$unsigned_b, UnitAttr:$correction);
  let results = (outs MPTile_Pending:$result);
  let assemblyFormat = [{
    $a (`[` $aOffset^ `]`)? `,` $b (`[` $bOffset^ `]`)? `,` $acc attr-dict
    `:` qualified(type($a)) `,` qualified(type($b)) `,` qualified(type($acc))
  }];
  let hasVerifier = 1;
}

def MPTile_MmaWaitOp : MPTile_Op<"mma_wait", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until at most `outstanding` products are in flight";
  let description = [{
    Each operand comes out either readable (acc) or still pending.

    - C1: operands and results pair up and differ only in pending or acc.
    - C2: with outstanding = 0 every result is readable; with outstanding = N a readable result needs N later
      products between it and the wait.

        %q = mptile.mma_wait %p {outstanding = 1 : i64} : (!mptile.pending<64x256xf32, warps = 4x1>) -> !mptile.pending<64x256xf32, warps = 4x1>
        %r = mptile.mma_wait %q : (!mptile.pending<64x256xf32, warps = 4x1>) -> !mptile.acc<64x256xf32, warps = 4x1>
  }];
  let arguments = (ins Variadic<MPTile_Pending>:$operands,
                       DefaultValuedAttr<MPTile_I64, "0">:$outstanding);
  let results = (outs Variadic<MPTile_AccOrPending>:$results);
  let builders = [OpBuilder<(ins "Value":$pending, "int64_t":$outstanding)>];
  let assemblyFormat = "$operands attr-dict `:` functional-type($operands, $results)";
  let hasVerifier = 1;
}

def MPTile_AccReadOp : MPTile_Op<"acc_read", [Pure]> {
  let summary = "reads a fragment of an accumulator";
  let description = [{
    C1: the offsets are multiples of the unit (16 WM rows, 8 WN columns), the fragment lies inside, and element type and warps agree.

        %f = mptile.acc_read %acc[0, 64] : !mptile.acc<64x256xf32, warps = 4x1> -> !mptile.frag<64x64xf32, warps = 4x1>
  }];
  let arguments = (ins MPTile_Acc:$acc, DenseI64ArrayAttr:$offsets);
  let results = (outs MPTile_Frag:$frag);
  let assemblyFormat = [{
    $acc `` $offsets attr-dict `:` qualified(type($acc)) `->` qualified(type($frag))
  }];
  let hasVerifier = 1;
}

def MPTile_AccWriteOp : MPTile_Op<"acc_write", [
    Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "an accumulator with a fragment put in its place";
  let arguments = (ins MPTile_Frag:$frag, MPTile_Acc:$acc, DenseI64ArrayAttr:$offsets);
  let results = (outs MPTile_Acc:$result);
  let assemblyFormat = [{
    $frag `->` $acc `` $offsets attr-dict `:` qualified(type($frag)) `,` qualified(type($acc))
  }];
  let hasVerifier = 1;
}

#endif // MPTILE_PRODUCT_OPS_TD
