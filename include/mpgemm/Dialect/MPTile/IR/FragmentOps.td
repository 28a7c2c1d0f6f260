// Ops over fragments: register tiles.
#ifndef MPTILE_FRAGMENT_OPS_TD
#define MPTILE_FRAGMENT_OPS_TD

include "mpgemm/Dialect/MPTile/IR/MPTileOpBase.td"

def MPTile_LoadFragmentOp : MPTile_Op<"load_fragment", [MemoryEffects<[MemRead]>]> {
  let summary = "loads a fragment of a view, zero outside";
  let description = [{
    Element (r, c) is view[offsets + map(r, c)]; outside the view it is 0. Every result of `map` is r, c or 0, so that
    (r, c) -> (c) spreads a row vector. `alignment` is the number of bytes that the address of the first element of
    every run is known to be a multiple of (a run: the adjacent columns of a thread, so an even column or a multiple of
    `vector`), and, in a view of several dimensions, the bytes of a row too. Elements that it covers are moved together,
    up to 16 bytes at a time.

    C1: one offset and one map result for each dimension of the view. C2: element types agree.

        %x = mptile.load_fragment %bias[%n] {map = affine_map<(r, c) -> (c)>} : !mptile.view<1536xbf16> -> !mptile.frag<64x64xbf16, warps = 4x1>
  }];
  let arguments = (ins MPTile_View:$view, Variadic<Index>:$offsets, AffineMapAttr:$map,
                       OptionalAttr<MPTile_I64>:$alignment);
  let results = (outs MPTile_Frag:$frag);
  let assemblyFormat = [{
    $view `[` $offsets `]` attr-dict `:` qualified(type($view)) `->` qualified(type($frag))
  }];
  let hasVerifier = 1;
}

def MPTile_StoreFragmentOp : MPTile_Op<"store_fragment", [MemoryEffects<[MemWrite]>]> {
  let summary = "stores a fragment to a view; elements outside are dropped";
  let description = [{
    The counterpart of `mptile.load_fragment`. An element of a row or column vector is stored by one of the threads that
    hold it.
  }];
  let arguments = (ins MPTile_Frag:$frag, MPTile_View:$view, Variadic<Index>:$offsets,
                       AffineMapAttr:$map, OptionalAttr<MPTile_I64>:$alignment);
  let assemblyFormat = [{
    $frag `,` $view `[` $offsets `]` attr-dict `:` qualified(type($frag)) `,` qualified(type($view))
  }];
  let hasVerifier = 1;
}

def MPTile_MapOp : MPTile_Op<"map", [
    RecursiveMemoryEffects, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "applies a scalar function to the elements of fragments";
  let description = [{
    The body is arith and math on scalars. An operand with a dimension of size 1 is spread. With `indices` the body
    has two more arguments: row and column of the element (index).

    - C1: one argument for each operand with its element type; the yielded types are those of the results.
    - C2: operands and results agree on shape (up to dimensions of size 1 in operands) and layout.

        %y = mptile.map %f, %x {
        ^bb0(%a: f32, %b: f32):
          %s = arith.addf %a, %b : f32
          mptile.yield %s : f32
        } : (!mptile.frag<64x64xf32, warps = 4x1>, !mptile.frag<64x64xf32, warps = 4x1>) -> !mptile.frag<64x64xf32, warps = 4x1>
  }];
  let arguments = (ins Variadic<MPTile_Frag>:$inputs, UnitAttr:$indices);
  let results = (outs Variadic<MPTile_Frag>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$inputs $body attr-dict `:` functional-type($inputs, $results)";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    YieldOp getYield();
  }];
}

def MPTile_ReduceOp : MPTile_Op<"reduce", [Pure]> {
  let summary = "reduces the rows (axis 1) or columns (axis 0) of a fragment";
  let description = [{
    Integers are signed. A NaN among floats makes `max`, `min` and `abs_max` (the largest magnitude) NaN. The order of a
    sum depends on the type alone: in a thread neighbours first, then lanes, then warps.

    - C1: the result has size 1 in the reduced dimension and agrees otherwise.
    - C2: `abs_max` is for floats.

        %m = mptile.reduce %s {kind = #mptile.reduction<max>, axis = 1 : i64} : !mptile.frag<64x128xf32, warps = 4x1> -> !mptile.frag<64x1xf32, warps = 4x1>
  }];
  let arguments = (ins MPTile_Frag:$input, MPTile_ReductionAttr:$kind, MPTile_I64:$axis);
  let results = (outs MPTile_Frag:$result);
  let assemblyFormat = "$input attr-dict `:` qualified(type($input)) `->` qualified(type($result))";
  let hasVerifier = 1;
}

def MPTile_RelayoutOp : MPTile_Op<"relayout", [Pure]> {
  let summary = "moves a fragment to another grid of warps";
  let arguments = (ins MPTile_Frag:$input);
  let results = (outs MPTile_Frag:$result);
  let assemblyFormat = "$input attr-dict `:` qualified(type($input)) `->` qualified(type($result))";
  let hasVerifier = 1;
}

def MPTile_ReadFragmentOp : MPTile_Op<"read_fragment", [MemoryEffects<[MemRead]>]> {
  let summary = "reads a fragment from a tile in shared memory";
  let description = [{
    `%t[%r, %c]` is the element of the tile where the fragment starts.
  }];
  let arguments = (ins MPTile_Smem:$tile, Variadic<Index>:$offsets);
  let results = (outs MPTile_Frag:$frag);
  let assemblyFormat = [{
    $tile `[` $offsets `]` attr-dict `:` qualified(type($tile)) `->` qualified(type($frag))
  }];
  let hasVerifier = 1;
}

#endif // MPTILE_FRAGMENT_OPS_TD
