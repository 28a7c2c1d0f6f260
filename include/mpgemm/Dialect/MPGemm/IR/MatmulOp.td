// mpgemm.matmul: its meaning, its constraints, its parts.
#ifndef MPGEMM_MATMUL_OP_TD
#define MPGEMM_MATMUL_OP_TD

include "mpgemm/Dialect/MPGemm/IR/MPGemmOpBase.td"

def MPGemm_MatmulOp : MPGemm_Op<"matmul", [
    Pure, IsolatedFromAbove, AttrSizedOperandSegments, SingleBlock,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "multiply two matrices of any storage types, with scales and a fused epilogue";
  let description = [{
    For A: MxK and B: KxN (`transposed`: stored KxM and NxK):

    ```
    acc[m,n] = sum over k of (sA(m,k) * (A[m,k] - zA(m,k))) * (sB(k,n) * (B[k,n] - zB(k,n)))  +  C[m,n]
    D[m,n]   = convert(epilogue(acc[m,n], extra operands at (m,n)))        one or more results
    ```

    Scales, zero points and C that are not given are 1, 0 and 0. The formula is the exact meaning; the
    rounding is part of the contract:

    - Codes (less their zero points) are widened to the accumulation type, multiplied and summed in it.
      Integer products sum exactly in i32.
    - A scale that is constant along K multiplies the sum, in f32. One that is constant over a run of K
      multiplies that run's partial sum in f32, and the scaled partial sums are added in f32. A scale of
      both operands makes the run the greatest common divisor of both. A global scale acts once, last.
    - A product is weight-only when one operand has codes of at most 8 bits and the other is f16 or bf16.
      The weight's scale and zero point then act before the product: (code - zero) * scale is computed in
      f32 and rounded once to the other operand's type. `weight_scale = partial_sum` asks for the rule above.
    - f32 operands are multiplied with f32 accuracy; `f32_precision = tf32` truncates both
      operands to tf32 first, as the tensor core reads them: the lower 13 bits of the mantissa are taken as zero.
    - C is added to the sum in the type of the epilogue's first argument.

    Batches: the dimensions before the last two. D has the batch dimensions of the operand of higher
    rank; an operand of lower rank is used with the last of them, so that a matrix serves the whole batch.
    There is no stretching of a dimension of size 1.

    Scales are stored as their operand is: the scale tensor has the operand's shape with each of the last
    two dimensions divided by the extent of a block, rounded up; a dimension one block spans is left out.
    Batch dimensions of the operand come first, or are left out altogether (the batch shares the scales).
    So with `transposed`, `<group = 128>` on B: NxK has scales N x ceil(K/128), `<column>` has N. A
    zero point has the shape of the scales, or rank 0. A global scale has rank 0.

    The epilogue's first argument has the accumulation type, or f32 if a scale was applied to a sum; one
    scalar follows for each extra operand, read at the element its map names. Without a region there is
    one result, the accumulator converted with one rounding. arith keeps its meaning: f32 to
    f8E4M3FN overflows to NaN.

    `quantize_result <...>` turns the first value the epilogue yields, an f32 matrix, into codes and scales as
    `mpgemm.dynamic_quantize` does: result 0 are the codes, and one more result at the end are the scales.

    Constraints:

    - C1: A and B have rank 2 or more.
    - C2: A and B agree on K.
    - C3: the batch dimensions of A and B agree from the right.
    - C4: every result has the shape batch x M x N, as far as it is static (but the scales of `quantize_result`).
    - C5: C has the shape of the results and a type that widens to the epilogue's first argument.
    - C6: integer products accumulate in i32, all others in f32; f16 also serves products of f16 and 8-bit floats.
    - C7: `promote` belongs to products of two 8-bit floats.
    - C8: `unsigned` belongs to integer codes.
    - C9: `f32_precision` belongs to f32 operands.
    - C10: a scale has the shape and type its scaling asks for; `row` is for A, `column` for B.
    - C11: a zero point belongs to integer codes and has the shape of the scales, or rank 0; it is an
      integer, or a float in a weight-only product.
    - C12: a global scale belongs to nvfp4 and is a f32 tensor of rank 0.
    - C13: `weight_scale` belongs to weight-only products whose weight has a scale.
    - C14: every extra operand of the epilogue has a map over batch x M x N that is a projection
      (dimensions, each at most once, or 0), and its static sizes agree with it.
    - C15: the epilogue has one argument for the accumulator and one for each extra operand, of the right types.
    - C16: the epilogue yields one value for each result, of its element type (none for the scales of
      `quantize_result`, f32 for its codes).
    - C17: ops of the epilogue have no side effects and no regions.
    - C18: without an epilogue there is one result, no extra operand, and the conversion rounds once:
      float to float, or i32 to i32 and to f32.
    - C19: `quantize_result` stands with an epilogue and takes `row`, `group`, `block`, `mx` or `per_tensor`; result 0
      is f8E4M3FN, f8E5M2, i8 or i4, the last result is f32 or f8E8M0FNU (`mx`: f8E8M0FNU) and has the shape
      of the scales of batch x M x N.
    - C20: `dispatch` stands with a `schedule` on a product whose M is dynamic.

    Example:

    ```mlir
    %d = mpgemm.matmul(%a : tensor<?x384xbf16>, %b transposed : tensor<1536x384xbf16>) accumulate <f32>
        epilogue(%acc : f32, %x = %bias[(d0, d1) -> (d1)] : tensor<1536xbf16>) {
      %0 = arith.extf %x : bf16 to f32
      %1 = arith.addf %acc, %0 : f32
      %2 = arith.truncf %1 : f32 to bf16
      mpgemm.yield %2 : bf16
    } -> tensor<?x1536xbf16>
    ```
  }];

  let arguments = (ins
    MPGemm_OperandTensor:$a,
    MPGemm_OperandTensor:$b,
    Optional<MPGemm_InitTensor>:$init,
    Optional<MPGemm_ScaleTensor>:$a_scale,
    Optional<MPGemm_ZeroPointTensor>:$a_zero_point,
    Optional<MPGemm_ScaleTensor>:$a_global_scale,
    Optional<MPGemm_ScaleTensor>:$b_scale,
    Optional<MPGemm_ZeroPointTensor>:$b_zero_point,
    Optional<MPGemm_ScaleTensor>:$b_global_scale,
    Variadic<MPGemm_ScalarTensor>:$epilogue_operands,
    UnitAttr:$transpose_a,
    UnitAttr:$transpose_b,
    UnitAttr:$unsigned_a,
    UnitAttr:$unsigned_b,
    MPGemm_AccumulateAttr:$accumulation,
    OptionalAttr<MPGemm_ScalingAttr>:$a_scaling,
    OptionalAttr<MPGemm_ScalingAttr>:$b_scaling,
    OptionalAttr<MPGemm_F32PrecisionAttr>:$f32_precision,
    OptionalAttr<MPGemm_WeightScaleAttr>:$weight_scale,
    OptionalAttr<MPGemm_ScalingAttr>:$result_scaling,
    DefaultValuedAttr<AffineMapArrayAttr, "{}">:$epilogue_maps,
    OptionalAttr<MPGemm_ScheduleAttr>:$schedule,
    OptionalAttr<MPGemm_DispatchAttr>:$dispatch);
  let results = (outs Variadic<MPGemm_ScalarTensor>:$outputs);
  let regions = (region MaxSizedRegion<1>:$epilogue);

  let builders = [
    // A plain product; every other part is absent.
    OpBuilder<(ins "::mlir::TypeRange":$resultTypes, "::mlir::Value":$a, "::mlir::Value":$b,
                   "::mlir::Value":$init, "bool":$transposeA, "bool":$transposeB,
                   "::mlir::mpgemm::AccumulateAttr":$accumulation)>];

  let hasCustomAssemblyFormat = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;

  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getAType();
    ::mlir::RankedTensorType getBType();
    ::mlir::RankedTensorType getResultType(unsigned index = 0);

    /// The rank of D; its last two dimensions are M and N.
    int64_t getOutputRank();
    int64_t getBatchRank() { return getOutputRank() - 2; }

    /// Positions of M and K in A and of K and N in B, in storage order.
    unsigned getMDimOfA();
    unsigned getKDimOfA();
    unsigned getKDimOfB();
    unsigned getNDimOfB();

    /// Static sizes, or ShapedType::kDynamic. K is taken from whichever operand knows it.
    int64_t getStaticM();
    int64_t getStaticN();
    int64_t getStaticK();
    /// Static sizes of batch x M x N.
    ::llvm::SmallVector<int64_t> getOutputShape();

    bool hasIntegerCodes();
    bool isWeightOnly();
    /// True if A (B) is the weight of a weight-only product, scaled before the product.
    bool scalesOperandA();
    bool scalesOperandB();
    /// True if a scale multiplies a sum of products.
    bool scalesSums();

    /// The number of results that have a value at each element of batch x M x N: all but the scales
    /// of `quantize_result`. The epilogue yields as many.
    unsigned getNumElementResults() {
      return getOutputs().size() - (getResultScalingAttr() ? 1 : 0);
    }
    /// The scales of `quantize_result`, or null.
    ::mlir::Value getResultScale() {
      return getResultScalingAttr() ? ::mlir::Value(getOutputs().back()) : ::mlir::Value();
    }

    /// The type of the accumulator as the epilogue sees it.
    ::mlir::Type getEpilogueInputType();
    bool hasEpilogue() { return !getEpilogue().empty(); }
    ::mlir::Block *getEpilogueBlock();
    ::mlir::AffineMap getEpilogueMap(unsigned index);
    /// Adds an epilogue that only converts, if there is none yet.
    ::mlir::Block *getOrCreateEpilogue(::mlir::OpBuilder &builder);
  }];
}

#endif // MPGEMM_MATMUL_OP_TD
