// --mpgemm-to-linalg: the ops of the dialect as linalg.generic ops, the executable form of their
// definition.
//
// In: ops that verify. Out: for each product
//   1. operands: a weight that is scaled before the product, a zero point, and tf32 truncation
//   become
//      an elementwise op over the operand as it is stored;
//   2. sums: one product in the accumulation type; where a scale changes along K, one for each run
//   of K
//      that shares its scales, then the scaled partial sums added in f32;
//   3. results: scales, C and the epilogue, elementwise over batch x M x N; then codes and scales
//   of
//      `quantize_result`.
// Scales are read with tensor.extract, so that one form serves every granularity.
#include "Quantization.h"
#include "TensorBuilders.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/IRMapping.h"

#include <numeric>

namespace mlir::mpgemm {
#define GEN_PASS_DEF_TOLINALGPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

/// A or B: its value (as stored) and everything that is said about it.
struct Side {
  Value value;
  unsigned outerDim, kDim;
  bool isUnsigned, scalesOperand;
  ScalingAttr scaling;
  Value scale, zeroPoint, globalScale;

  RankedTensorType type() const { return cast<RankedTensorType>(value.getType()); }
  /// Whether the scale multiplies each run's sum, or the whole sum.
  bool scalesRuns() const { return scale && !scalesOperand && !scaling.isConstantAlongK(); }
  bool scalesWhole() const { return scale && !scalesOperand && scaling.isConstantAlongK(); }
};

/// Decomposes one product.
class Decomposition {
public:
  Decomposition(OpBuilder &builder, MatmulOp op);
  SmallVector<Value> run();

private:
  using Body = function_ref<void(OpBuilder &, Location, ValueRange)>;

  Value widen(OpBuilder &b, Value code, Type type, bool isUnsigned);
  Value truncateToTF32(OpBuilder &b, Value value);
  Value extract(OpBuilder &b, const Side &side, Value tensor, ArrayRef<Value> batch, Value outer,
                Value k);
  Value applyScale(OpBuilder &b, const Side &side, Value value, ArrayRef<Value> batch, Value outer,
                   Value k);
  Value codeOf(OpBuilder &b, const Side &side, Type type, Value code);
  Value elementwise(Value input, Type type, Body body);

  Value prepareOperand(const Side &side, Type otherType);
  AffineMap operandMap(const Side &side, AffineExpr k, unsigned numDims, unsigned outerPosition);
  Value sumWhole();
  Value sumRuns();
  SmallVector<Value> results(Value sum);

  Value fillZero(ArrayRef<OpFoldResult> sizes, Type type);
  SmallVector<Value> batchIndices(OpBuilder &b, const Side &side, int64_t rank);

  OpBuilder &builder;
  MatmulOp op;
  Location loc;
  Side a, b;
  Type sumType;
  int64_t batchRank;
  /// K steps that share every scale of a sum, or ScalingAttr::kWhole.
  int64_t runLength = ScalingAttr::kWhole;
  SmallVector<OpFoldResult> outputSizes;
};

} // namespace

Decomposition::Decomposition(OpBuilder &builder, MatmulOp op)
    : builder(builder), op(op), loc(op.getLoc()),
      a{op.getA(),         op.getMDimOfA(),     op.getKDimOfA(),
        op.getUnsignedA(), op.scalesOperandA(), op.getAScalingAttr(),
        op.getAScale(),    op.getAZeroPoint(),  op.getAGlobalScale()},
      b{op.getB(),         op.getNDimOfB(),     op.getKDimOfB(),
        op.getUnsignedB(), op.scalesOperandB(), op.getBScalingAttr(),
        op.getBScale(),    op.getBZeroPoint(),  op.getBGlobalScale()},
      sumType(op.getAccumulation().getType()), batchRank(op.getBatchRank()) {
  for (const Side &side : {a, b})
    if (side.scalesRuns())
      runLength = std::gcd(runLength, side.scaling.getKBlock());
}

//===-- Scalars
//-----------------------------------------------------------------------------------//

Value Decomposition::widen(OpBuilder &b, Value code, Type type, bool isUnsigned) {
  return convertScalar(b, loc, code, type, isUnsigned);
}

/// f32 without the 13 low bits of its mantissa, as the tensor core reads it.
Value Decomposition::truncateToTF32(OpBuilder &b, Value value) {
  Type i32 = b.getI32Type();
  Value mask = arith::ConstantOp::create(b, loc, b.getIntegerAttr(i32, int32_t(0xffffe000)));
  Value bits = arith::BitcastOp::create(b, loc, i32, value);
  Value kept = arith::AndIOp::create(b, loc, bits, mask);
  return arith::BitcastOp::create(b, loc, value.getType(), kept);
}

/// The element of a scale or zero point tensor that belongs to (batch, outer, k) of its operand.
Value Decomposition::extract(OpBuilder &b, const Side &side, Value tensor, ArrayRef<Value> batch,
                             Value outer, Value k) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto indexOf = [&](Value index, int64_t block) -> Value {
    if (block == 1)
      return index;
    Value size = arith::ConstantIndexOp::create(b, loc, block);
    return arith::DivUIOp::create(b, loc, index, size);
  };
  SmallVector<Value> indices;
  if (type.getRank() > 0) {
    for (unsigned dim : {std::min(side.outerDim, side.kDim), std::max(side.outerDim, side.kDim)}) {
      int64_t block = dim == side.kDim ? side.scaling.getKBlock() : side.scaling.getOuterBlock();
      if (block != ScalingAttr::kWhole)
        indices.push_back(indexOf(dim == side.kDim ? k : outer, block));
    }
    if (type.getRank() > static_cast<int64_t>(indices.size()))
      indices.insert(indices.begin(), batch.begin(), batch.end());
  }
  return tensor::ExtractOp::create(b, loc, tensor, indices);
}

Value Decomposition::applyScale(OpBuilder &b, const Side &side, Value value, ArrayRef<Value> batch,
                                Value outer, Value k) {
  Value scale = extract(b, side, side.scale, batch, outer, k);
  return arith::MulFOp::create(b, loc, value, widen(b, scale, b.getF32Type(), false));
}

//===-- Operands
//----------------------------------------------------------------------------------//

/// An elementwise op over `input` as it is stored; the body yields the element of the result.
Value Decomposition::elementwise(Value input, Type type, Body body) {
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  Value empty =
      tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, input), type);
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  return linalg::GenericOp::create(builder, loc, empty.getType(), input, empty,
                                   ArrayRef<AffineMap>{identity, identity}, iterators, body)
      .getResult(0);
}

/// An operand whose elements only need widening before they are multiplied.
Value Decomposition::prepareOperand(const Side &side, Type otherType) {
  bool isTF32 = op.getF32Precision() == F32Precision::TF32 && side.type().getElementType().isF32();
  if (!isTF32 && !side.zeroPoint && !side.scalesOperand)
    return side.value;

  // Weights are rounded once to the type of the activations, other codes keep their value.
  bool isRounded =
      side.scalesOperand || (op.isWeightOnly() && op.getWeightScale() != WeightScale::PartialSum);
  Type type = isRounded ? otherType : sumType;
  auto body = [&](OpBuilder &b, Location loc, ValueRange args) {
    Value value = args[0];
    SmallVector<Value> indices;
    for (int64_t dim = 0; dim < side.type().getRank(); ++dim)
      indices.push_back(linalg::IndexOp::create(b, loc, dim));
    ArrayRef<Value> batch = ArrayRef<Value>(indices).drop_back(2);
    Value outer = indices[side.outerDim], k = indices[side.kDim];
    if (isTF32)
      value = truncateToTF32(b, value);
    Value zero;
    if (side.zeroPoint)
      zero = extract(b, side, side.zeroPoint, batch, outer, k);
    bool isIntegerZero = zero && zero.getType().isInteger();
    if (isIntegerZero) {
      // A zero point of the codes' type has their sign, a wider one its own.
      bool isUnsignedZero = side.isUnsigned && zero.getType() == value.getType();
      value = arith::SubIOp::create(b, loc, widen(b, value, b.getI32Type(), side.isUnsigned),
                                    widen(b, zero, b.getI32Type(), isUnsignedZero));
    }
    bool isWidened = isIntegerZero;
    if (side.scalesOperand || (zero && !isIntegerZero)) {
      value = widen(b, value, b.getF32Type(), side.isUnsigned && !isWidened);
      isWidened = true;
    }
    if (zero && !isIntegerZero)
      value = arith::SubFOp::create(b, loc, value, widen(b, zero, b.getF32Type(), false));
    if (side.scalesOperand)
      value = applyScale(b, side, value, batch, outer, k);
    value = widen(b, value, type, side.isUnsigned && !isWidened);
    linalg::YieldOp::create(b, loc, value);
  };
  return elementwise(side.value, type, body);
}

//===-- Sums
//--------------------------------------------------------------------------------------//

Value Decomposition::fillZero(ArrayRef<OpFoldResult> sizes, Type type) {
  Value empty = tensor::EmptyOp::create(builder, loc, sizes, type);
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  return linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
}

/// Where an operand is read over (batch..., m, n, ...): `outerPosition` is the position of m or n.
AffineMap Decomposition::operandMap(const Side &side, AffineExpr k, unsigned numDims,
                                    unsigned outerPosition) {
  int64_t rank = side.type().getRank();
  SmallVector<AffineExpr> exprs(rank);
  for (int64_t dim = 0; dim < rank - 2; ++dim)
    exprs[dim] = builder.getAffineDimExpr(batchRank - (rank - 2) + dim);
  exprs[side.outerDim] = builder.getAffineDimExpr(outerPosition);
  exprs[side.kDim] = k;
  return AffineMap::get(numDims, 0, exprs, builder.getContext());
}

static void multiplyAndAdd(OpBuilder &b, Location loc, Value lhs, Value rhs, Value sum) {
  Value next;
  if (sum.getType().isInteger())
    next = arith::AddIOp::create(b, loc, sum, arith::MulIOp::create(b, loc, lhs, rhs));
  else
    next = arith::AddFOp::create(b, loc, sum, arith::MulFOp::create(b, loc, lhs, rhs));
  linalg::YieldOp::create(b, loc, next);
}

/// The sums over the whole of K: batch x M x N.
Value Decomposition::sumWhole() {
  unsigned numDims = batchRank + 3;
  AffineExpr k = builder.getAffineDimExpr(numDims - 1);
  SmallVector<AffineMap> maps = {
      operandMap(a, k, numDims, batchRank), operandMap(b, k, numDims, batchRank + 1),
      AffineMap::getMultiDimIdentityMap(numDims, builder.getContext()).dropResult(numDims - 1)};
  SmallVector<utils::IteratorType> iterators(numDims, utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value zero = fillZero(outputSizes, sumType);
  auto body = [&](OpBuilder &nested, Location loc, ValueRange args) {
    Value lhs = widen(nested, args[0], sumType, a.isUnsigned && !a.zeroPoint);
    Value rhs = widen(nested, args[1], sumType, b.isUnsigned && !b.zeroPoint);
    multiplyAndAdd(nested, loc, lhs, rhs, args[2]);
  };
  return linalg::GenericOp::create(builder, loc, zero.getType(), ValueRange{a.value, b.value}, zero,
                                   maps, iterators, body)
      .getResult(0);
}

/// The sums over each run of K, scaled and added in f32: batch x M x N.
Value Decomposition::sumRuns() {
  a.value = padToMultiple(builder, loc, a.value, a.kDim, runLength);
  b.value = padToMultiple(builder, loc, b.value, b.kDim, runLength);
  AffineExpr size = builder.getAffineSymbolExpr(0);
  OpFoldResult runs =
      affine::makeComposedFoldedAffineApply(builder, loc, size.floorDiv(runLength),
                                            {tensor::getMixedSize(builder, loc, a.value, a.kDim)});

  // Partial sums: batch x M x N x runs. The empty tensor gives the extents of the last two loops.
  unsigned numDims = batchRank + 4;
  AffineExpr run = builder.getAffineDimExpr(numDims - 2),
             step = builder.getAffineDimExpr(numDims - 1);
  AffineExpr k = run * runLength + step;
  AffineMap identity = AffineMap::getMultiDimIdentityMap(numDims, builder.getContext());
  SmallVector<AffineMap> maps = {operandMap(a, k, numDims, batchRank),
                                 operandMap(b, k, numDims, batchRank + 1),
                                 AffineMap::get(numDims, 0, {run, step}, builder.getContext()),
                                 identity.dropResult(numDims - 1)};
  SmallVector<utils::IteratorType> iterators(numDims, utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value extents = tensor::EmptyOp::create(
      builder, loc, ArrayRef<OpFoldResult>{runs, builder.getIndexAttr(runLength)},
      builder.getI1Type());
  SmallVector<OpFoldResult> partialSizes = outputSizes;
  partialSizes.push_back(runs);
  Value zeros = fillZero(partialSizes, sumType);
  auto multiply = [&](OpBuilder &nested, Location loc, ValueRange args) {
    Value lhs = widen(nested, args[0], sumType, a.isUnsigned && !a.zeroPoint);
    Value rhs = widen(nested, args[1], sumType, b.isUnsigned && !b.zeroPoint);
    multiplyAndAdd(nested, loc, lhs, rhs, args[3]);
  };
  Value partial = linalg::GenericOp::create(builder, loc, zeros.getType(),
                                            ValueRange{a.value, b.value, extents}, zeros, maps,
                                            iterators, multiply)
                      .getResult(0);

  unsigned rank = batchRank + 3;
  AffineMap all = AffineMap::getMultiDimIdentityMap(rank, builder.getContext());
  iterators.assign(rank, utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value zero = fillZero(outputSizes, builder.getF32Type());
  auto scale = [&](OpBuilder &nested, Location loc, ValueRange args) {
    Value m = linalg::IndexOp::create(nested, loc, batchRank);
    Value n = linalg::IndexOp::create(nested, loc, batchRank + 1);
    Value run = linalg::IndexOp::create(nested, loc, batchRank + 2);
    Value k = arith::MulIOp::create(nested, loc, run,
                                    arith::ConstantIndexOp::create(nested, loc, runLength));
    Value value = widen(nested, args[0], nested.getF32Type(), false);
    if (a.scalesRuns())
      value = applyScale(nested, a, value, batchIndices(nested, a, batchRank), m, k);
    if (b.scalesRuns())
      value = applyScale(nested, b, value, batchIndices(nested, b, batchRank), n, k);
    linalg::YieldOp::create(nested, loc,
                            arith::AddFOp::create(nested, loc, args[1], value).getResult());
  };
  return linalg::GenericOp::create(builder, loc, zero.getType(), partial, zero,
                                   ArrayRef<AffineMap>{all, all.dropResult(rank - 1)}, iterators,
                                   scale)
      .getResult(0);
}

/// The batch indices of an operand inside an op over (batch..., m, n, ...).
SmallVector<Value> Decomposition::batchIndices(OpBuilder &b, const Side &side, int64_t rank) {
  SmallVector<Value> indices;
  int64_t own = side.type().getRank() - 2;
  for (int64_t dim = rank - own; dim < rank; ++dim)
    indices.push_back(linalg::IndexOp::create(b, loc, dim));
  return indices;
}

//===-- Results
//-----------------------------------------------------------------------------------//

SmallVector<Value> Decomposition::results(Value sum) {
  unsigned rank = batchRank + 2;
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<Value> inputs = {sum};
  SmallVector<AffineMap> maps = {identity};
  if (op.getInit()) {
    inputs.push_back(op.getInit());
    maps.push_back(identity);
  }
  size_t firstExtra = inputs.size();
  for (auto [index, operand] : llvm::enumerate(op.getEpilogueOperands())) {
    inputs.push_back(operand);
    maps.push_back(op.getEpilogueMap(index));
  }
  SmallVector<Value> outputs;
  SmallVector<Type> types;
  for (unsigned i = 0; i < op.getNumElementResults(); ++i) {
    bool isQuantized = i == 0 && op.getResultScalingAttr();
    Type type = isQuantized ? builder.getF32Type() : op.getResultType(i).getElementType();
    outputs.push_back(tensor::EmptyOp::create(builder, loc, outputSizes, type));
    types.push_back(outputs.back().getType());
    maps.push_back(identity);
  }

  // An epilogue that only converts, if the op has none; it is removed with the op.
  Block *epilogue = op.getOrCreateEpilogue(builder);
  auto body = [&](OpBuilder &nested, Location loc, ValueRange args) {
    Type inputType = op.getEpilogueInputType();
    Value value = widen(nested, args[0], inputType, false);
    Value zero = arith::ConstantIndexOp::create(nested, loc, 0);
    if (a.scalesWhole())
      value = applyScale(nested, a, value, batchIndices(nested, a, batchRank),
                         linalg::IndexOp::create(nested, loc, batchRank), zero);
    if (b.scalesWhole())
      value = applyScale(nested, b, value, batchIndices(nested, b, batchRank),
                         linalg::IndexOp::create(nested, loc, batchRank + 1), zero);
    for (Value global : {a.globalScale, b.globalScale})
      if (global)
        value = arith::MulFOp::create(nested, loc, value,
                                      tensor::ExtractOp::create(nested, loc, global, ValueRange{}));
    if (op.getInit()) {
      Value init = widen(nested, args[1], inputType, false);
      value = inputType.isInteger() ? arith::AddIOp::create(nested, loc, value, init).getResult()
                                    : arith::AddFOp::create(nested, loc, value, init).getResult();
    }
    IRMapping mapping;
    mapping.map(epilogue->getArgument(0), value);
    for (size_t i = 0; i < op.getEpilogueOperands().size(); ++i)
      mapping.map(epilogue->getArgument(i + 1), args[firstExtra + i]);
    for (Operation &inner : epilogue->without_terminator())
      nested.clone(inner, mapping);
    SmallVector<Value> yielded;
    for (Value value : epilogue->getTerminator()->getOperands())
      yielded.push_back(mapping.lookupOrDefault(value));
    linalg::YieldOp::create(nested, loc, yielded);
  };
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic =
      linalg::GenericOp::create(builder, loc, types, inputs, outputs, maps, iterators, body);
  SmallVector<Value> computed(generic.getResults());
  if (ScalingAttr scaling = op.getResultScalingAttr()) {
    auto scaleType = cast<RankedTensorType>(op.getResultScale().getType());
    auto [codes, scale] =
        buildDynamicQuantize(builder, loc, computed[0], scaling, op.getResultType(), scaleType);
    computed[0] = codes;
    computed.push_back(scale);
  }
  SmallVector<Value> values;
  for (auto [value, type] : llvm::zip_equal(computed, op.getResultTypes()))
    values.push_back(value.getType() == type
                         ? Value(value)
                         : tensor::CastOp::create(builder, loc, type, value).getResult());
  return values;
}

SmallVector<Value> Decomposition::run() {
  ReifiedRankedShapedTypeDims shapes;
  // Sizes of the first result; all results have the same shape.
  (void)op.reifyResultShapes(builder, shapes);
  outputSizes = shapes.front();
  Type typeOfA = a.type().getElementType(), typeOfB = b.type().getElementType();
  a.value = prepareOperand(a, typeOfB);
  b.value = prepareOperand(b, typeOfA);
  return results(runLength == ScalingAttr::kWhole ? sumWhole() : sumRuns());
}

//===-- Pass
//--------------------------------------------------------------------------------------//

namespace {

struct ToLinalgPass : mpgemm::impl::ToLinalgPassBase<ToLinalgPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](Operation *op) {
      rewriter.setInsertionPoint(op);
      if (auto product = dyn_cast<MatmulOp>(op)) {
        rewriter.replaceOp(op, Decomposition(rewriter, product).run());
      } else if (auto quantize = dyn_cast<QuantizeOp>(op)) {
        rewriter.replaceOp(op, decompose(rewriter, quantize));
      } else if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
        rewriter.replaceOp(op, decompose(rewriter, dequantize));
      } else if (auto dynamic = dyn_cast<DynamicQuantizeOp>(op)) {
        auto [codes, scale] = decompose(rewriter, dynamic);
        rewriter.replaceOp(op, {codes, scale});
      }
    });
  }
};

} // namespace
