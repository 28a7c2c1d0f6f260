// The ops of a function between kernels: launches, and the buffers that a plan names.
#ifndef MPTILE_LAUNCH_OPS_TD
#define MPTILE_LAUNCH_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mpgemm/Dialect/MPTile/IR/MPTileDialect.td"

def MPTile_TensorOrMemRef : AnyTypeOf<[AnyRankedTensor, AnyMemRef]>;

def MPTile_LaunchOp : Op<MPTile_Dialect, "launch", [
    AttrSizedOperandSegments, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "run one kernel on tensors";
  let description = [{
    Runs a kernel once. Operand i (first `ins`, then `outs`) is the kernel's view i. On tensors each
    result is the new value of the `outs` operand at its place; on memrefs the kernel writes that buffer.
    Without `keeps_outs` the kernel writes every element of every `outs` operand and reads none of them.

    `grid` is the number of CTAs in x, y and z. Where kernels for other sizes of the same operands exist, `alternatives`
    lists them: a condition that is computed when the program runs, a kernel and its grid. The first one whose
    condition holds runs instead. `cost` is the number of floating-point operations and the
    least number of bytes that global memory has to move; both only serve reports.

    Constraints:
    - (C1) all operands are tensors, or all are memrefs.
    - (C2) with tensors, result i has the type of `outs` operand i; with memrefs there are no results.
    - (C3) `kernel` names a kernel of this module with one view for each operand, whose element type and
      rank agree, and whose sizes agree where both are static.
    - (C4) memrefs are dense and row-major.
    - (C5) `layer_scales` stands with `layer` only and has one number for each `outs` operand: the `outs`
      operand that holds its scales, or -1.
    - (C6) each alternative has a condition, a kernel for which C3 holds, and three sizes of a grid.

    A launch that computes a layer of the model carries its name in `layer`: its first two `ins` operands are
    then those of the product, its `outs` are the layer's results (scales of other results aside), and the artifact lists
    it, so that tools can look at it while the program runs.

    ```mlir
    %r = mptile.launch @up ins(%x, %w : tensor<?x384xbf16>, tensor<1536x384xbf16>)
           outs(%init : tensor<?x1536xbf16>) grid(%sms, %c1, %c1) cost(%flops, %bytes)
           {label = "matmul", layer = "main.0"} -> tensor<?x1536xbf16>
    %s = mptile.launch @up ins(%x, %w : tensor<?x384xbf16>, tensor<1536x384xbf16>)
           outs(%init : tensor<?x1536xbf16>) grid(%sms, %c1, %c1)
           alternatives(%few -> @up_few_rows(%blocks, %c1, %c1)) -> tensor<?x1536xbf16>
    ```
  }];
  let arguments = (ins SymbolRefAttr:$kernel, Variadic<MPTile_TensorOrMemRef>:$inputs,
                       Variadic<MPTile_TensorOrMemRef>:$outputs, Index:$gridX, Index:$gridY, Index:$gridZ,
                       Optional<Index>:$flops, Optional<Index>:$bytes, OptionalAttr<StrAttr>:$label,
                       UnitAttr:$keeps_outs, OptionalAttr<StrAttr>:$layer,
                       OptionalAttr<DenseI64ArrayAttr>:$layer_scales,
                       OptionalAttr<TypedArrayAttrBase<SymbolRefAttr, "kernels">>:$alternatives,
                       Variadic<I1>:$conditions, Variadic<Index>:$alternative_grids);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kernel (`ins` `(` $inputs^ `:` type($inputs) `)`)? `outs` `(` $outputs `:` type($outputs) `)`
    `grid` `(` $gridX `,` $gridY `,` $gridZ `)`
    (`alternatives` `(` custom<Alternatives>($alternatives, $conditions, $alternative_grids)^ `)`)?
    (`cost` `(` $flops^ `,` $bytes `)`)? attr-dict
    (`->` type($results)^)?
  }];
  let builders = [
    OpBuilder<(ins "::mlir::SymbolRefAttr":$kernel, "::mlir::ValueRange":$inputs,
                   "::mlir::ValueRange":$outputs, "::mlir::ArrayRef<::mlir::Value>":$grid,
                   CArg<"::mlir::Value", "{}">:$flops, CArg<"::mlir::Value", "{}">:$bytes,
                   CArg<"::llvm::StringRef", "{}">:$label)>];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutputsMutable(); }

    /// A kernel this launch may run: when (null: where no other one runs), and on which grid.
    struct Variant {
      ::mlir::Value condition;
      ::mlir::SymbolRefAttr kernel;
      ::llvm::SmallVector<::mlir::Value, 3> grid;
    };
    /// The alternatives in their order, then the kernel that runs where no condition holds.
    ::llvm::SmallVector<Variant> getVariants();
    /// Appends an alternative: `grid` is the number of its CTAs in x, y and z.
    void addAlternative(::mlir::Value condition, ::mlir::SymbolRefAttr kernel, ::mlir::ValueRange grid);

    /// The op of a kernel: an mptile.kernel, or the llvm.func it was lowered to (also inside a gpu.module
    /// of this module, where lowering moves it). Null where there is none.
    ::mlir::Operation *lookupKernel(::mlir::SymbolRefAttr kernel);
  }];
  let hasVerifier = 1;
}

def MPTile_DeviceMultiprocessorsOp : Op<MPTile_Dialect, "device_multiprocessors", [Pure]> {
  let summary = "count the multiprocessors of the device that runs the program";
  let description = [{
    Known when the program runs; a persistent kernel's grid is computed from it.

    ```mlir
    %sms = mptile.device_multiprocessors : index
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def MPTile_ResultBufferOp : Op<MPTile_Dialect, "result_buffer", [MemoryEffects<[MemAlloc<DefaultResource>]>]> {
  let summary = "name the memory that the caller provides for a result";
  let description = [{
    The buffer of result `index` of the function, with its dynamic sizes. The caller owns it.

    Constraints: (C1) one operand for each dynamic size.

    ```mlir
    %out = mptile.result_buffer 0(%rows) : memref<?x1536xbf16>
    ```
  }];
  let arguments = (ins I64Attr:$index, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$index `(` $sizes `)` attr-dict `:` type($buffer)";
  let hasVerifier = 1;
}

def MPTile_ArenaOp : Op<MPTile_Dialect, "arena", [MemoryEffects<[MemAlloc<DefaultResource>]>]> {
  let summary = "name the function's one piece of temporary memory";
  let description = [{
    All temporary buffers of a function are `memref.view`s of it at offsets that are multiples of 256.

    ```mlir
    %arena = mptile.arena %bytes : memref<?xi8>
    ```
  }];
  let arguments = (ins Index:$bytes);
  let results = (outs MemRefRankOf<[I8], [1]>:$buffer);
  let assemblyFormat = "$bytes attr-dict `:` type($buffer)";
}

#endif // MPTILE_LAUNCH_OPS_TD
