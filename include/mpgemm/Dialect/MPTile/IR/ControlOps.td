// Ops that shape a kernel: the kernel itself, its roles, its loops over work, ordinary element accesses.
#ifndef MPTILE_CONTROL_OPS_TD
#define MPTILE_CONTROL_OPS_TD

include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mpgemm/Dialect/MPTile/IR/MPTileOpBase.td"

def MPTile_KernelOp : MPTile_Op<"kernel", [FunctionOpInterface, IsolatedFromAbove]> {
  let summary = "defines one GPU kernel";
  let description = [{
    The arguments are views (tensors in global memory) and scalars. Index values inside are 32 bits wide.

    - C1: an argument is a view or an integer, index or floating-point scalar; there are no results.
    - C2: `target` names a known architecture; `threads` is a multiple of 32 of at most 1024.
    - C3: the rings, allocations and barriers fit the shared memory of the target.

        mptile.kernel @scale(%X: !mptile.view<?xf32>) attributes {target = "sm_80", threads = 256 : i64} {
          mptile.return
        }
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs,
                       OptionalAttr<StrAttr>:$sym_visibility,
                       StrAttr:$target, MPTile_I64:$threads,
                       DefaultValuedAttr<MPTile_I64, "1">:$min_ctas,
                       DefaultValuedAttr<MPTile_I64, "1">:$cluster,
                       OptionalAttr<AnyAttr>:$schedule);
  let regions = (region AnyRegion:$body);
  let builders = [OpBuilder<(ins "StringRef":$name, "FunctionType":$type, "StringRef":$target,
                                 "int64_t":$threads)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ArrayRef<Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ArrayRef<Type> getResultTypes() { return getFunctionType().getResults(); }
    Region *getCallableRegion() { return &getBody(); }
  }];
}

def MPTile_ReturnOp : MPTile_Op<"return", [Terminator, HasParent<"KernelOp">]> {
  let summary = "ends a kernel";
  let assemblyFormat = "attr-dict";
}

def MPTile_YieldOp : MPTile_Op<"yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["RolesOp", "ForEachWorkOp", "ForEachElementOp", "MapOp"]>]> {
  let summary = "ends a region and hands values to the op around it";
  let arguments = (ins Variadic<AnyType>:$values);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ValueRange()); }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def MPTile_DimOp : MPTile_Op<"dim", [Pure]> {
  let summary = "reads the size of a dimension of a view";
  let arguments = (ins MPTile_View:$view, MPTile_I64:$dim);
  let results = (outs Index:$result);
  let assemblyFormat = "$view `,` $dim attr-dict `:` qualified(type($view))";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def MPTile_RolesOp : MPTile_Op<"roles", [SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "splits the warps of the kernel into roles";
  let description = [{
    One region for each role; its argument is the number of the instance. The roles end together with the kernel.

    - C1: as many regions as roles; every region has one argument of type index.
    - C2: the warps of all roles are the threads of the kernel.
    - C3: with registers given, each is a multiple of 8 from 24 to 256, roles have whole warpgroups (4 warps), and
      together they fit the register file.

        mptile.roles [#mptile.role<"producer", instances = 1, warps = 4, registers = 40>,
                      #mptile.role<"consumer", instances = 2, warps = 4, registers = 232>] {
        ^bb0(%instance: index):
        }, {
        ^bb0(%instance: index):
        }
  }];
  let arguments = (ins TypedArrayAttrBase<MPTile_Role, "array of roles">:$roles);
  let regions = (region VariadicRegion<SizedRegion<1>>:$bodies);
  let builders = [OpBuilder<(ins "ArrayRef<RoleAttr>":$roles)>];
  let assemblyFormat = "$roles $bodies attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    RoleAttr getRole(unsigned i) { return cast<RoleAttr>(getRoles()[i]); }
  }];
}

def MPTile_ForEachWorkOp : MPTile_Op<"for_each_work", [
    AttrSizedOperandSegments, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "loops over the output tiles of this CTA";
  let description = [{
    The persistent loop: CTA c works on tiles c, c + CTAs, c + 2 CTAs, ... of `batch` x `mTiles` x `nTiles`, in the
    order of the raster, batch after batch. The region's arguments are the batch (or group), the tile indices m and n, the
    range [k0, k1) of K blocks, and whether it holds the first and the last K block of its tile; then the
    carried values. Without `split_k` and `stream_k` the range is all of K and both flags are true.

    - `groups(%sizes)`: a product per group with its number of rows on the device (i32); the tile count along M is
      then that of each group (`group_tile` rows a tile).
    - `split_k = S`: S CTAs share a tile, each with its part of K. `stream_k`: every CTA has the same number of K blocks.

    C1: region arguments are (index x 5, i1 x 2, carried types); the yield and the results have the carried types.

        %end = mptile.for_each_work (%b, %m, %n, %k0, %k1, %first, %last) tiles(%one, %mt, %nt, %kb)
            raster = #mptile.raster<grouped = 16> iter_args(%c = %c0) -> (!mptile.cursor) {
          mptile.yield %c : !mptile.cursor
        }
  }];
  let arguments = (ins Index:$batch, Index:$mTiles, Index:$nTiles, Index:$kBlocks,
                       Optional<MPTile_View>:$groups, Variadic<AnyType>:$inits,
                       MPTile_Raster:$raster);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "Value":$batch, "Value":$mTiles, "Value":$nTiles, "Value":$kBlocks,
      "int64_t":$grouped, "ValueRange":$inits,
      CArg<"function_ref<void(OpBuilder &, Location, Block *)>", "nullptr">:$bodyBuilder)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    static constexpr unsigned numWorkArguments = 7;
    BlockArgument getBatchIndex() { return getBody().getArgument(0); }
    BlockArgument getMIndex() { return getBody().getArgument(1); }
    BlockArgument getNIndex() { return getBody().getArgument(2); }
    BlockArgument getKBegin() { return getBody().getArgument(3); }
    BlockArgument getKEnd() { return getBody().getArgument(4); }
    BlockArgument getIsFirst() { return getBody().getArgument(5); }
    BlockArgument getIsLast() { return getBody().getArgument(6); }
    Block::BlockArgListType getIterArgs() {
      return getBody().getArguments().drop_front(numWorkArguments);
    }
    YieldOp getYield();
  }];
}

def MPTile_ForEachElementOp : MPTile_Op<"for_each_element", [
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "runs its region once for each element of a box, one thread an element";
  let description = [{
    A grid-stride loop; consecutive threads have consecutive last indices. The number of elements may exceed 2^31, a single
    bound may not. With `vector = V` the region is run for every V-th last index.

    C1: one region argument of type index for each bound, at least one bound.

        mptile.for_each_element (%i, %j) in (%d0, %d1) vector = 1 {
        }
  }];
  let arguments = (ins Variadic<Index>:$bounds, MPTile_I64:$vector);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "ValueRange":$bounds, "int64_t":$vector,
      CArg<"function_ref<void(OpBuilder &, Location, ValueRange)>", "nullptr">:$bodyBuilder)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def MPTile_LoadOp : MPTile_Op<"load", [
    MemoryEffects<[MemRead]>,
    TypesMatchWith<"result type is the element type of the view", "view", "result",
                   "::llvm::cast<ViewType>($_self).getElementType()">]> {
  let summary = "loads one element of a view";
  let arguments = (ins MPTile_View:$view, Variadic<Index>:$indices);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$view `[` $indices `]` attr-dict `:` qualified(type($view))";
  let hasVerifier = 1;
}

def MPTile_StoreOp : MPTile_Op<"store", [
    MemoryEffects<[MemWrite]>,
    TypesMatchWith<"value type is the element type of the view", "view", "value",
                   "::llvm::cast<ViewType>($_self).getElementType()">]> {
  let summary = "stores one element of a view";
  let arguments = (ins AnyType:$value, MPTile_View:$view, Variadic<Index>:$indices);
  let assemblyFormat = "$value `,` $view `[` $indices `]` attr-dict `:` qualified(type($view))";
  let hasVerifier = 1;
}

def MPTile_TakeTurnOp : MPTile_Op<"take_turn", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until it is this instance's turn";
  let description = [{
    Instances of a role go through the stretch between `take_turn` and `pass_turn` one after the other: 0, 1, ..., 0, 1, ...
    Instance 0 has the first turn. Several stretches are told apart by `name`.
  }];
  let arguments = (ins Index:$instance, StrAttr:$name);
  let assemblyFormat = "$instance `of` $name attr-dict";
}

def MPTile_PassTurnOp : MPTile_Op<"pass_turn", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "gives the turn to the next instance";
  let arguments = (ins Index:$instance, StrAttr:$name);
  let assemblyFormat = "$instance `of` $name attr-dict";
}

def MPTile_FlagWaitOp : MPTile_Op<"flag_wait", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until a flag in global memory has a value (acquire, gpu scope)";
  let description = [{
    Every thread of the instance may read what was written before the matching `flag_set`. With `reset` the flag is
    set back to 0 for the next launch.
  }];
  let arguments = (ins MPTile_View:$flags, Index:$index, Index:$value, UnitAttr:$reset);
  let assemblyFormat = "$flags `[` $index `]` `,` $value (`reset` $reset^)? attr-dict `:` qualified(type($flags))";
}

def MPTile_FlagSetOp : MPTile_Op<"flag_set", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "sets a flag in global memory after all earlier writes of the instance (release, gpu scope)";
  let arguments = (ins MPTile_View:$flags, Index:$index, Index:$value);
  let assemblyFormat = "$flags `[` $index `]` `,` $value attr-dict `:` qualified(type($flags))";
}

def MPTile_GridWaitOp : MPTile_Op<"grid_wait", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until the launches this one depends on have finished";
  let assemblyFormat = "attr-dict";
}

def MPTile_GridLaunchOp : MPTile_Op<"grid_launch", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "lets dependent launches start";
  let assemblyFormat = "attr-dict";
}

#endif // MPTILE_CONTROL_OPS_TD
