// The attributes of the mpgemm dialect: accumulation, scaling, schedule, and small enumerations.
#ifndef MPGEMM_ATTRS_TD
#define MPGEMM_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmDialect.td"

class MPGemm_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<MPGemm_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

class MPGemm_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::mlir::mpgemm";
  let genSpecializedAttr = 0;
}

// A list of integers that reads as `[1, 2, 3]`.
class IntegerListParameter<string text, string value = "">
    : ArrayRefParameter<"int64_t", text> {
  let parser = "::mlir::mpgemm::parseIntegerList($_parser)";
  let printer = "::mlir::mpgemm::printIntegerList($_printer, $_self)";
  let comparator = "::llvm::ArrayRef<int64_t>($_lhs) == ::llvm::ArrayRef<int64_t>($_rhs)";
  let defaultValue = value;
}

//===-- Accumulation ------------------------------------------------------------------------------//

def MPGemm_AccumulateAttr : MPGemm_Attr<"Accumulate", "accumulate"> {
  let summary = "the type products are summed in, and how often a short sum is promoted to it";
  let description = [{
    `type` is the accumulation type: f32, f16 or i32. `promote` concerns products of 8-bit floats, whose
    tensor cores sum in a short format: every `promote` steps of K the short sum is added to one of
    the accumulation type. `promote = never` takes the short sum as it is (the fast mode). Without
    `promote` the target chooses an interval that keeps the accuracy of the accumulation type.

    ```mlir
    #mpgemm.accumulate<f32>
    #mpgemm.accumulate<f32, promote = 128>
    #mpgemm.accumulate<f32, promote = never>
    ```
  }];
  let parameters = (ins "::mlir::Type":$type,
                        DefaultValuedParameter<"int64_t", "0">:$promote);
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::Type":$type), [{
    return $_get(type.getContext(), type, /*promote=*/0);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The value of `promote` that stands for `never`.
    static constexpr int64_t kNeverPromote = -1;
    bool neverPromotes() const { return getPromote() == kNeverPromote; }
    bool isInteger() const { return getType().isInteger(); }
  }];
}

//===-- Scaling -----------------------------------------------------------------------------------//

def MPGemm_ScalingKind : MPGemm_Enum<"ScalingKind", "which elements of an operand share a scale", [
  I32EnumAttrCase<"PerTensor", 0, "per_tensor">, I32EnumAttrCase<"Row", 1, "row">,
  I32EnumAttrCase<"Column", 2, "column">, I32EnumAttrCase<"Group", 3, "group">,
  I32EnumAttrCase<"Block", 4, "block">, I32EnumAttrCase<"MX", 5, "mx">,
  I32EnumAttrCase<"NVFP4", 6, "nvfp4">]>;

def MPGemm_ScalingAttr : MPGemm_Attr<"Scaling", "scaling"> {
  let summary = "which elements of an operand share a scale";
  let description = [{
    Elements of an operand that share a scale form a block of `outer` rows of A (columns of B) by `k`
    steps of K:

    | attribute | outer x k | scale type |
    |---|---|---|
    | `<per_tensor>` | all x all | f32, f16, bf16, f8E8M0FNU |
    | `<row>` (A only), `<column>` (B only) | 1 x all | f32, f16, bf16, f8E8M0FNU |
    | `<group = g>` | 1 x g | f32, f16, bf16, f8E8M0FNU |
    | `<block = [o, g]>` | o x g | f32, f16, bf16, f8E8M0FNU |
    | `<mx>` | 1 x 32 | f8E8M0FNU |
    | `<nvfp4>` | 1 x 16 | f8E4M3FN, times one f32 for the tensor |
  }];
  let parameters = (ins EnumParameter<MPGemm_ScalingKind>:$kind, "int64_t":$outerBlock,
                        "int64_t":$kBlock);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let skipDefaultBuilders = 0;
  let extraClassDeclaration = [{
    /// The extent of a block that spans the whole dimension.
    static constexpr int64_t kWhole = 0;
    bool isConstantAlongK() const { return getKBlock() == kWhole; }

    /// The shape of the scales of one matrix of `shape`, whose dimensions `outerDim` and `kDim` are
    /// its last two: each divided by the extent of a block, rounded up, or left out.
    ::llvm::SmallVector<int64_t> getScaleShape(::llvm::ArrayRef<int64_t> shape, unsigned outerDim,
                                               unsigned kDim) const;
    /// Whether `scales` is that shape, after the batch dimensions of `shape` or alone.
    bool isScaleShape(::llvm::ArrayRef<int64_t> scales, ::llvm::ArrayRef<int64_t> shape,
                      unsigned outerDim, unsigned kDim) const;
    /// The positions of the outer dimension and of K in a tensor that is no operand of a product: K
    /// is last, except that `column` is for a matrix stored KxN.
    std::pair<unsigned, unsigned> getDimsAsStored(int64_t rank) const;

    bool takesScalesOf(::mlir::Type type) const;
    /// The types that `takesScalesOf` accepts, for messages.
    ::llvm::StringRef getScaleTypesText() const;
  }];
}

//===-- Enumerations ------------------------------------------------------------------------------//

def MPGemm_F32PrecisionEnum : MPGemm_Enum<"F32Precision", "how f32 operands are multiplied", [
  I32EnumAttrCase<"Exact", 0, "exact">, I32EnumAttrCase<"TF32", 1, "tf32">]>;
def MPGemm_F32PrecisionAttr
    : EnumAttr<MPGemm_Dialect, MPGemm_F32PrecisionEnum, "f32_precision"> {
  let assemblyFormat = "`<` $value `>`";
}

def MPGemm_WeightScaleEnum
    : MPGemm_Enum<"WeightScale", "where the scale of a weight-only operand is applied", [
  I32EnumAttrCase<"Operand", 0, "operand">, I32EnumAttrCase<"PartialSum", 1, "partial_sum">]>;
def MPGemm_WeightScaleAttr
    : EnumAttr<MPGemm_Dialect, MPGemm_WeightScaleEnum, "weight_scale"> {
  let assemblyFormat = "`<` $value `>`";
}

//===-- Schedule ----------------------------------------------------------------------------------//

def MPGemm_ScheduleAttr : MPGemm_Attr<"Schedule", "schedule"> {
  let summary = "how a product is cut into the work of one kernel";
  let description = [{
    Written by hand or by `--mpgemm-schedule`, applied by `--mpgemm-tile`. Only `tile` is required; what is left
    out is chosen, what is given is kept and checked.

    ```mlir
    #mpgemm.schedule<tile = [128, 256, 64], stages = 4, consumers = 2, raster = 16>
    ```

    - `tile`: M, N and K of a CTA's tile, in elements.
    - `stages`: slots of the ring between global memory and the tensor cores (0: as many as fit).
    - `cluster`: CTAs of a cluster along M and N.
    - `consumers`: warp groups that multiply, beside the producer (0: chosen).
    - `warps`: warps of one consumer along M and N.
    - `registers`: of a thread of the producer and of a consumer (0: as compiled).
    - `raster`: tiles along M that are walked before the next column of tiles (0: row by row).
    - `min_ctas`: CTAs that share a multiprocessor (0: one).
    - `split_k`: parts that K is cut into, each worked on by its own CTA.
    - `swap_ab`: B takes the role of A in the tensor core, for small M.
    - `fill_a`, `fill_b`: how tiles reach shared memory, "tma", "threads" or "async" (empty: chosen).
    - `store`: how results leave, "staged" through shared memory or "direct" (empty: chosen).
  }];
  let parameters = (ins
    IntegerListParameter<"M, N and K of a tile">:$tile,
    DefaultValuedParameter<"int64_t", "0">:$stages,
    IntegerListParameter<"CTAs of a cluster along M and N",
        "::llvm::SmallVector<int64_t>({1, 1})">:$cluster,
    DefaultValuedParameter<"int64_t", "0">:$consumers,
    IntegerListParameter<"warps of a consumer along M and N",
        "::llvm::SmallVector<int64_t>()">:$warps,
    IntegerListParameter<"registers of producer and consumer",
        "::llvm::SmallVector<int64_t>()">:$registers,
    DefaultValuedParameter<"int64_t", "0">:$raster,
    DefaultValuedParameter<"int64_t", "0">:$min_ctas,
    DefaultValuedParameter<"int64_t", "1">:$split_k,
    DefaultValuedParameter<"bool", "false">:$swap_ab,
    StringRefParameter<"how tiles of A reach shared memory", "\"\"">:$fill_a,
    StringRefParameter<"how tiles of B reach shared memory", "\"\"">:$fill_b,
    StringRefParameter<"how results leave", "\"\"">:$store);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getTileM() const { return getTile()[0]; }
    int64_t getTileN() const { return getTile()[1]; }
    int64_t getTileK() const { return getTile()[2]; }
  }];
}

def MPGemm_DispatchAttr : MPGemm_Attr<"Dispatch", "dispatch"> {
  let summary = "schedules for few rows, beside the one for many";
  let description = [{
    Stands with a schedule on a product whose M is dynamic: a product of at most `rows[i]` rows, and of more than
    `rows[i - 1]`, runs by `schedules[i]`, one of more than the last of `rows` by the product's `schedule`. Written by
    `--mpgemm-schedule`; the choice is made when the program runs.

    ```mlir
    #mpgemm.dispatch<[64, 512] : [<tile = [64, 32, 64]>, <tile = [128, 128, 64]>]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t", "most rows of each schedule">:$rows,
                        ArrayRefParameter<"::mlir::mpgemm::ScheduleAttr">:$schedules);
  let assemblyFormat = "`<` `[` $rows `]` `:` `[` $schedules `]` `>`";
  let genVerifyDecl = 1;
}

#endif // MPGEMM_ATTRS_TD
