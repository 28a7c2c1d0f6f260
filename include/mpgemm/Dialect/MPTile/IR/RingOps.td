// Ops of rings: shared-memory slots with full and empty barriers, and the copies that fill them.
#ifndef MPTILE_RING_OPS_TD
#define MPTILE_RING_OPS_TD

include "mpgemm/Dialect/MPTile/IR/MPTileOpBase.td"

// The slot type that belongs to a ring type.
class MPTile_SlotOfRing<string slot>
    : TypesMatchWith<"slot type belongs to the ring", "ring", slot,
                     "::mlir::mptile::SlotType::get($_self.getContext(), "
                     "::llvm::cast<::mlir::mptile::RingType>($_self).getElements())">;

def MPTile_RingOp : MPTile_Op<"ring", [MemoryEffects<[MemAlloc]>]> {
  let summary = "declares a ring of shared-memory slots";
  let description = [{
    `fill` says who fills a slot: `tma` (one elected thread, the full barrier counts bytes), `threads` (every thread
    of the filling role), `async` (cp.async by the only role, no barriers: groups are counted), `mma` (products).
    `readers` is the number of role instances that release a slot, `writers` of those that fill it.

    C1: it stands directly in the kernel. C2: readers and writers are at least 1.

        %ab = mptile.ring {fill = #mptile.fill<tma>, readers = 2 : i64}
            : !mptile.ring<4 x (!mptile.smem<128x64xbf16, swizzle = 128>)>
  }];
  let arguments = (ins MPTile_FillAttr:$fill, DefaultValuedAttr<MPTile_I64, "1">:$readers,
                       DefaultValuedAttr<MPTile_I64, "1">:$writers);
  let results = (outs MPTile_Ring:$ring);
  let assemblyFormat = "attr-dict `:` qualified(type($ring))";
  let hasVerifier = 1;
}

def MPTile_CursorOp : MPTile_Op<"cursor", [Pure]> {
  let summary = "the first position of a ring: slot 0, first round";
  let results = (outs MPTile_Cursor:$cursor);
  let assemblyFormat = "attr-dict `:` qualified(type($cursor))";
}

def MPTile_AdvanceOp : MPTile_Op<"advance", [Pure]> {
  let summary = "the position after a cursor";
  let arguments = (ins MPTile_Cursor:$cursor, MPTile_Ring:$ring);
  let results = (outs MPTile_Cursor:$next);
  let assemblyFormat = "$cursor `,` $ring attr-dict `:` qualified(type($ring))";
}

def MPTile_AcquireOp : MPTile_Op<"acquire", [MemoryEffects<[MemRead, MemWrite]>,
                                             MPTile_SlotOfRing<"slot">]> {
  let summary = "waits until a slot is empty and gives it to the filling role";
  let description = [{
    For `tma` the expected bytes of all tiles are posted; every tile of the slot must then be copied exactly once.
    For `async` nothing is waited for: the barrier of the `wait` before orders it.
  }];
  let arguments = (ins MPTile_Ring:$ring, MPTile_Cursor:$cursor);
  let results = (outs MPTile_Slot:$slot);
  let assemblyFormat = "$ring `,` $cursor attr-dict `:` qualified(type($ring))";
}

def MPTile_CopyOp : MPTile_Op<"copy", [AttrSizedOperandSegments,
                                       MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "copies a tile of a view into one tile of an acquired slot";
  let description = [{
    Offsets are in elements, one for each dimension of the view; the tile covers the last two dimensions (the last
    one of a one-dimensional view). What lies outside the view reads as 0. `alignment` is the number of bytes that
    base address, row pitch and column offset are known to be multiples of.

    With `rows(%table[...])` the row of the view is looked up: row r of the tile is row
    table[first + r / page] * page + r mod page of the view, for paged tensors.

    C1: the slot comes from `acquire`; C2: the element index is one of the slot's tiles;
    C3: element types agree; C4: one offset for each dimension of the view.

        mptile.copy %A[%m, %k] -> %slot[0] : !mptile.view<?x384xbf16>, !mptile.slot<(!mptile.smem<128x64xbf16, swizzle = 128>)>
  }];
  let arguments = (ins MPTile_View:$view, Variadic<Index>:$offsets, MPTile_Slot:$slot,
                       MPTile_I64:$element, Optional<MPTile_View>:$rows, Variadic<Index>:$rowOffsets,
                       OptionalAttr<MPTile_I64>:$page, OptionalAttr<MPTile_I64>:$alignment);
  let builders = [OpBuilder<(ins "Value":$view, "ValueRange":$offsets, "Value":$slot,
                                 "int64_t":$element, CArg<"int64_t", "0">:$alignment)>];
  let assemblyFormat = [{
    $view `[` $offsets `]` (`rows` `(` $rows^ `[` $rowOffsets `]` `:` qualified(type($rows)) `)`)?
    `->` $slot `[` $element `]` attr-dict `:` qualified(type($view)) `,` qualified(type($slot))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    SmemType getTileType() { return cast<SmemType>(getSlot().getType().getElements()[getElement()]); }
  }];
}

def MPTile_CommitOp : MPTile_Op<"commit", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "ends the filling of a slot";
  let description = [{
    The slot becomes full when all its copies have arrived. For `async` it closes the group of copies; without a
    copy since the last commit the group is empty, which keeps the count of groups right at the end of a loop.
    A slot that holds an accumulator is full when the product that fills it is done: `after(%pending)`.
  }];
  let arguments = (ins MPTile_Slot:$slot, Optional<MPTile_Pending>:$pending);
  let assemblyFormat = [{
    $slot (`after` `(` $pending^ `:` qualified(type($pending)) `)`)? attr-dict `:` qualified(type($slot))
  }];
  let builders = [OpBuilder<(ins "Value":$slot), [{ build($_builder, $_state, slot, Value()); }]>];
  let hasVerifier = 1;
}

def MPTile_WaitOp : MPTile_Op<"wait", [MemoryEffects<[MemRead, MemWrite]>,
                                       MPTile_SlotOfRing<"slot">]> {
  let summary = "waits until a slot is full";
  let description = [{
    `outstanding` is for `async`: how many groups of copies may still be in flight. All threads of the role then
    meet at a barrier, so that every thread sees the copies of the others.
  }];
  let arguments = (ins MPTile_Ring:$ring, MPTile_Cursor:$cursor,
                       DefaultValuedAttr<MPTile_I64, "0">:$outstanding);
  let results = (outs MPTile_Slot:$slot);
  let assemblyFormat = "$ring `,` $cursor attr-dict `:` qualified(type($ring))";
  let hasVerifier = 1;
}

def MPTile_TileOp : MPTile_Op<"tile", [
    Pure, InferTypeOpAdaptor]> {
  let summary = "names one tile of a full slot";
  let arguments = (ins MPTile_Slot:$slot, MPTile_I64:$element);
  let results = (outs AnyTypeOf<[MPTile_Smem, MPTile_Acc]>:$tile);
  let assemblyFormat = "$slot `[` $element `]` attr-dict `:` qualified(type($slot))";
  let hasVerifier = 1;
}

def MPTile_ReleaseOp : MPTile_Op<"release", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "gives a slot back to the filling role";
  let description = [{
    Only after the `mma_wait` that covers the last product that reads the slot; on sm_100a it takes effect when
    the products started before it are done. For `async` it does nothing.
  }];
  let arguments = (ins MPTile_Ring:$ring, MPTile_Cursor:$cursor);
  let assemblyFormat = "$ring `,` $cursor attr-dict `:` qualified(type($ring))";
  let hasVerifier = 1;
}

#endif // MPTILE_RING_OPS_TD
