// Ops that stage results in shared memory and copy them to global memory.
#ifndef MPTILE_EPILOGUE_OPS_TD
#define MPTILE_EPILOGUE_OPS_TD

include "mpgemm/Dialect/MPTile/IR/MPTileOpBase.td"

def MPTile_AllocOp : MPTile_Op<"alloc", [MemoryEffects<[MemAlloc]>]> {
  let summary = "reserves tiles of shared memory";
  let description = [{
    `copies` tiles of the same shape; `select` names one of them. It stands directly in the kernel.

        %stage = mptile.alloc {copies = 2 : i64} : !mptile.smem<64x64xbf16, swizzle = 128>
  }];
  let arguments = (ins DefaultValuedAttr<MPTile_I64, "1">:$copies);
  let results = (outs MPTile_Smem:$tile);
  let assemblyFormat = "attr-dict `:` qualified(type($tile))";
  let hasVerifier = 1;
}

def MPTile_SelectOp : MPTile_Op<"select", [Pure, AllTypesMatch<["tiles", "tile"]>]> {
  let summary = "names one of several allocated tiles";
  let description = [{
    C1: the tiles come from `mptile.alloc`.
  }];
  let arguments = (ins MPTile_Smem:$tiles, Index:$index);
  let results = (outs MPTile_Smem:$tile);
  let assemblyFormat = "$tiles `[` $index `]` attr-dict `:` qualified(type($tiles))";
  let hasVerifier = 1;
}

def MPTile_WriteFragmentOp : MPTile_Op<"write_fragment", [MemoryEffects<[MemWrite]>]> {
  let summary = "writes a fragment into a tile of shared memory";
  let description = [{
    C1: shape and element type agree.
  }];
  let arguments = (ins MPTile_Frag:$frag, MPTile_Smem:$tile);
  let assemblyFormat = [{
    $frag `->` $tile attr-dict `:` qualified(type($frag)) `,` qualified(type($tile))
  }];
  let hasVerifier = 1;
}

def MPTile_CopyOutOp : MPTile_Op<"copy_out", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "starts the copy of a staged tile to a view";
  let description = [{
    Makes the writes of all threads of the instance visible to the copy engine, meets at the barrier of the
    instance, and lets one thread start the copy. What lies outside the view is dropped. `store_wait` waits for it.

    C1: one offset for each dimension of the view. C2: element types agree.
  }];
  let arguments = (ins MPTile_Smem:$tile, MPTile_View:$view, Variadic<Index>:$offsets);
  let assemblyFormat = [{
    $tile `->` $view `[` $offsets `]` attr-dict `:` qualified(type($tile)) `,` qualified(type($view))
  }];
  let hasVerifier = 1;
}

def MPTile_StoreWaitOp : MPTile_Op<"store_wait", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until at most `outstanding` copies to global memory still read their staging tiles";
  let description = [{
    The instance meets at its barrier afterwards: the staging tiles may be written again. With `complete` it waits for
    the writes to global memory instead and nobody meets; this ends a role.
  }];
  let arguments = (ins DefaultValuedAttr<MPTile_I64, "0">:$outstanding, UnitAttr:$complete);
  let assemblyFormat = "(`complete` $complete^)? attr-dict";
  let hasVerifier = 1;
}

#endif // MPTILE_EPILOGUE_OPS_TD
