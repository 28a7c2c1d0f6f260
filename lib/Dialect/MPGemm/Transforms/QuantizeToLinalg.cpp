// The linalg form of mpgemm.quantize, dequantize and dynamic_quantize: elementwise ops that read
// scales through indexing maps, and one reduction for the largest magnitude of each block.
#include "Quantization.h"
#include "TensorBuilders.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mpgemm;

using Body = function_ref<Value(OpBuilder &, Location, ValueRange)>;

AffineMap mpgemm::getScaleMap(MLIRContext *context, ScalingAttr scaling, int64_t rank,
                              int64_t scaleRank) {
  auto [outerDim, kDim] = scaling.getDimsAsStored(rank);
  SmallVector<AffineExpr> exprs;
  for (unsigned dim : {std::min(outerDim, kDim), std::max(outerDim, kDim)}) {
    int64_t block = dim == kDim ? scaling.getKBlock() : scaling.getOuterBlock();
    if (block != ScalingAttr::kWhole)
      exprs.push_back(getAffineDimExpr(dim, context).floorDiv(block));
  }
  if (scaleRank > static_cast<int64_t>(exprs.size()))
    for (int64_t dim = rank - 2; dim-- > 0;)
      exprs.insert(exprs.begin(), getAffineDimExpr(dim, context));
  return AffineMap::get(rank, 0, exprs, context);
}

static Value castTo(OpBuilder &builder, Location loc, Value value, Type type) {
  return value.getType() == type ? value : tensor::CastOp::create(builder, loc, type, value);
}

/// An elementwise op over the first of `inputs`; the others are read through the maps.
static Value buildElementwise(OpBuilder &builder, Location loc, ArrayRef<Value> inputs,
                              ArrayRef<AffineMap> mapsOfOthers, Type elementType, Body body) {
  int64_t rank = cast<RankedTensorType>(inputs.front().getType()).getRank();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps = {identity};
  llvm::append_range(maps, mapsOfOthers);
  maps.push_back(identity);
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, inputs.front()), elementType);
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  return linalg::GenericOp::create(builder, loc, empty.getType(), inputs, empty, maps, iterators,
                                   [&](OpBuilder &b, Location nested, ValueRange args) {
                                     linalg::YieldOp::create(b, nested, body(b, nested, args));
                                   })
      .getResult(0);
}

/// The operands and maps of an elementwise op over `value` with its scale and zero point.
static std::pair<SmallVector<Value>, SmallVector<AffineMap>>
getScaledOperands(Value value, ScalingAttr scaling, Value scale, Value zeroPoint) {
  SmallVector<Value> inputs = {value};
  SmallVector<AffineMap> maps;
  MLIRContext *context = value.getContext();
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  for (Value operand : {scale, zeroPoint}) {
    if (!operand)
      continue;
    int64_t operandRank = cast<RankedTensorType>(operand.getType()).getRank();
    inputs.push_back(operand);
    maps.push_back(operandRank == 0 ? AffineMap::get(rank, 0, {}, context)
                                    : getScaleMap(context, scaling, rank, operandRank));
  }
  return {inputs, maps};
}

/// 1 / `scale` in f32: computed once for each scale, at compile time if they are constant.
static Value buildReciprocals(OpBuilder &builder, Location loc, Value scale) {
  Type f32 = builder.getF32Type();
  DenseFPElementsAttr constant;
  if (matchPattern(scale, m_Constant(&constant))) {
    auto invert = [](const APFloat &value) {
      bool isInexact;
      APFloat wide = value, one(1.0f);
      wide.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &isInexact);
      one.divide(wide, APFloat::rmNearestTiesToEven);
      return one.bitcastToAPInt();
    };
    return arith::ConstantOp::create(builder, loc,
                                     cast<TypedAttr>(constant.mapValues(f32, invert)));
  }
  return buildElementwise(builder, loc, scale, {}, f32,
                          [](OpBuilder &b, Location nested, ValueRange args) {
                            return buildReciprocal(b, nested, args[0]);
                          });
}

Value mpgemm::decompose(OpBuilder &builder, QuantizeOp op) {
  Value reciprocals = buildReciprocals(builder, op.getLoc(), op.getScale());
  auto [inputs, maps] =
      getScaledOperands(op.getX(), op.getScaling(), reciprocals, op.getZeroPoint());
  Type code = op.getCodes().getType().getElementType();
  auto body = [&](OpBuilder &b, Location loc, ValueRange args) {
    Value x = convertScalar(b, loc, args[0], b.getF32Type(), false);
    Value zero = op.getZeroPoint() ? args[2] : Value();
    return buildCode(b, loc, x, args[1], zero, code, op.getIsUnsigned());
  };
  Value codes = buildElementwise(builder, op.getLoc(), inputs, maps, code, body);
  return castTo(builder, op.getLoc(), codes, op.getCodes().getType());
}

Value mpgemm::decompose(OpBuilder &builder, DequantizeOp op) {
  auto [inputs, maps] =
      getScaledOperands(op.getCodes(), op.getScaling(), op.getScale(), op.getZeroPoint());
  Type type = op.getX().getType().getElementType();
  auto body = [&](OpBuilder &b, Location loc, ValueRange args) {
    Value zero = op.getZeroPoint() ? args[2] : Value();
    return buildValueOfCode(b, loc, args[0], args[1], zero, type, op.getIsUnsigned());
  };
  Value values = buildElementwise(builder, op.getLoc(), inputs, maps, type, body);
  return castTo(builder, op.getLoc(), values, op.getX().getType());
}

//===-- Scales of blocks
//--------------------------------------------------------------------------//

/// The largest magnitude of each block of `x`, f32, in the shape of the scales.
///
/// A dimension that is cut into blocks is padded and split in two: blocks x elements of a block.
static Value buildLargestMagnitudes(OpBuilder &builder, Location loc, Value x, ScalingAttr scaling,
                                    int64_t scaleRank) {
  int64_t rank = cast<RankedTensorType>(x.getType()).getRank();
  auto [outerDim, kDim] = scaling.getDimsAsStored(rank);
  SmallVector<int64_t> blocks(rank);
  blocks[outerDim] = scaling.getOuterBlock();
  blocks[kDim] = scaling.getKBlock();
  // Scales without batch dimensions are shared by the batch.
  int64_t matrixRank = llvm::count_if(ArrayRef<int64_t>(blocks).take_back(2),
                                      [](int64_t block) { return block != ScalingAttr::kWhole; });
  for (int64_t dim = 0; dim < rank - 2; ++dim)
    blocks[dim] = scaleRank == matrixRank ? ScalingAttr::kWhole : 1;

  using utils::IteratorType;
  SmallVector<ReassociationIndices> groups;
  SmallVector<IteratorType> iterators;
  SmallVector<AffineExpr> outputs;
  SmallVector<OpFoldResult> expanded, scaleSizes;
  SmallVector<int64_t> shape;
  for (auto [dim, block] : llvm::enumerate(blocks)) {
    bool isSplit = block > 1;
    if (isSplit)
      x = padToMultiple(builder, loc, x, dim, block);
    OpFoldResult size = tensor::getMixedSize(builder, loc, x, dim);
    int64_t staticSize = cast<RankedTensorType>(x.getType()).getDimSize(dim);
    if (isSplit) {
      size = affine::makeComposedFoldedAffineApply(
          builder, loc, builder.getAffineSymbolExpr(0).floorDiv(block), {size});
      staticSize = ShapedType::isDynamic(staticSize) ? staticSize : staticSize / block;
    }
    ReassociationIndices &group = groups.emplace_back();
    group.push_back(iterators.size());
    if (block != ScalingAttr::kWhole) {
      outputs.push_back(builder.getAffineDimExpr(iterators.size()));
      scaleSizes.push_back(size);
    }
    iterators.push_back(block == ScalingAttr::kWhole ? IteratorType::reduction
                                                     : IteratorType::parallel);
    expanded.push_back(size);
    shape.push_back(staticSize);
    if (!isSplit)
      continue;
    group.push_back(iterators.size());
    iterators.push_back(IteratorType::reduction);
    expanded.push_back(builder.getIndexAttr(block));
    shape.push_back(block);
  }
  auto type = cast<RankedTensorType>(x.getType());
  if (type.getRank() != static_cast<int64_t>(shape.size()))
    x = tensor::ExpandShapeOp::create(builder, loc, type.clone(shape), x, groups, expanded);

  Type f32 = builder.getF32Type();
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(f32));
  Value empty = tensor::EmptyOp::create(builder, loc, scaleSizes, f32);
  Value zeros = linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
  AffineMap identity = builder.getMultiDimIdentityMap(shape.size());
  AffineMap output = AffineMap::get(shape.size(), 0, outputs, builder.getContext());
  auto body = [&](OpBuilder &b, Location nested, ValueRange args) {
    Value magnitude =
        math::AbsFOp::create(b, nested, convertScalar(b, nested, args[0], f32, false));
    linalg::YieldOp::create(b, nested,
                            arith::MaximumFOp::create(b, nested, args[1], magnitude).getResult());
  };
  return linalg::GenericOp::create(builder, loc, zeros.getType(), x, zeros,
                                   ArrayRef<AffineMap>{identity, output}, iterators, body)
      .getResult(0);
}

std::pair<Value, Value> mpgemm::buildDynamicQuantize(OpBuilder &builder, Location loc, Value x,
                                                     ScalingAttr scaling, RankedTensorType codes,
                                                     RankedTensorType scales) {
  Type code = codes.getElementType(), scaleType = scales.getElementType();
  Value amax = buildLargestMagnitudes(builder, loc, x, scaling, scales.getRank());
  Value scale = buildElementwise(builder, loc, amax, {}, scaleType,
                                 [&](OpBuilder &b, Location nested, ValueRange args) {
                                   return buildScale(b, nested, args[0], code, scaleType);
                                 });
  int64_t rank = cast<RankedTensorType>(x.getType()).getRank();
  AffineMap scaleMap = getScaleMap(builder.getContext(), scaling, rank, scales.getRank());
  auto body = [&](OpBuilder &b, Location nested, ValueRange args) {
    Value wide = convertScalar(b, nested, args[0], b.getF32Type(), false);
    return buildCode(b, nested, wide, args[1], Value(), code, false);
  };
  Value reciprocals = buildReciprocals(builder, loc, scale);
  Value quantized = buildElementwise(builder, loc, {x, reciprocals}, scaleMap, code, body);
  return {castTo(builder, loc, quantized, codes), castTo(builder, loc, scale, scales)};
}

std::pair<Value, Value> mpgemm::decompose(OpBuilder &builder, DynamicQuantizeOp op) {
  return buildDynamicQuantize(builder, op.getLoc(), op.getX(), op.getScaling(),
                              op.getCodes().getType(), op.getScale().getType());
}
