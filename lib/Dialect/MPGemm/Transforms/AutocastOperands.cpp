// Operands of products in low types, made of f32 values.
#include "AutocastOperands.h"
#include "TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::mpgemm;

static RankedTensorType withElement(Value value, Type type) {
  return cast<RankedTensorType>(cast<RankedTensorType>(value.getType()).clone(type));
}

Value OperandConverter::constant(Operation *user, ElementsAttr values) {
  builder.setInsertionPoint(user);
  return arith::ConstantOp::create(builder, user->getLoc(), cast<TypedAttr>(values));
}

Value OperandConverter::scalar(Location loc, TypedAttr value) {
  auto type = RankedTensorType::get({}, value.getType());
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, value));
}

/// A tensor of the sizes that `value` has.
static Value emptyLike(OpBuilder &builder, Location loc, Value value, Type type) {
  return tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, value), type);
}

static Value truncate(OpBuilder &builder, Value value, Type type) {
  Location loc = value.getLoc();
  auto resultType = withElement(value, type);
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(resultType.getRank()));
  SmallVector<utils::IteratorType> loops(resultType.getRank(), utils::IteratorType::parallel);
  Value out = emptyLike(builder, loc, value, type);
  auto body = [&](OpBuilder &inner, Location bodyLoc, ValueRange arguments) {
    Value low = arith::TruncFOp::create(inner, bodyLoc, type, arguments[0]);
    linalg::YieldOp::create(inner, bodyLoc, low);
  };
  return linalg::GenericOp::create(builder, loc, resultType, value, out, maps, loops, body)
      .getResult(0);
}

Value OperandConverter::convertBelowReshapes(Value value, Type type, Convert convert) {
  Operation *reshape = value.getDefiningOp();
  bool isReshape =
      isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(reshape);
  auto sourceType =
      isReshape ? dyn_cast<RankedTensorType>(reshape->getOperand(0).getType()) : RankedTensorType();
  if (!sourceType || sourceType.getRank() < 2) {
    builder.setInsertionPointAfterValue(value);
    return convert(value);
  }
  Value source = convertBelowReshapes(reshape->getOperand(0), type, convert);
  builder.setInsertionPointAfter(reshape);
  Operation *copy = builder.clone(*reshape);
  copy->setOperand(0, source);
  copy->getResult(0).setType(withElement(value, type));
  return copy->getResult(0);
}

Value OperandConverter::castTo(Value value, Type type) {
  auto convert = [&](Value source) {
    Value &known = casts[{source, type}];
    if (!known)
      known = truncate(builder, source, type);
    return known;
  };
  Value known = casts.lookup({value, type});
  if (!known)
    known = convertBelowReshapes(value, type, convert);
  return casts[{value, type}] = known;
}

OperandConverter::Codes OperandConverter::quantise(Value value, Type type,
                                                   const TensorScale &scale) {
  const int64_t scaleBits = llvm::bit_cast<uint32_t>(scale.scale);
  const int64_t zero = scale.zeroPoint ? *scale.zeroPoint : std::numeric_limits<int32_t>::max();
  auto keyOf = [&](Value source) { return std::tuple(source, type, scaleBits, zero); };
  if (Codes known = quantised.lookup(keyOf(value)); known.codes)
    return known;
  auto scaling = ScalingAttr::get(builder.getContext(), ScalingKind::PerTensor, 0, 0);
  Codes result;
  auto convert = [&](Value source) {
    Codes &codes = quantised[keyOf(source)];
    if (!codes.codes) {
      Location loc = source.getLoc();
      codes.scale = scalar(loc, builder.getF32FloatAttr(scale.scale));
      if (scale.zeroPoint)
        codes.zeroPoint = scalar(loc, builder.getI8IntegerAttr(*scale.zeroPoint));
      codes.codes = QuantizeOp::create(builder, loc, withElement(source, type), source, codes.scale,
                                       codes.zeroPoint, scaling, /*is_unsigned=*/false);
    }
    result = codes;
    return codes.codes;
  };
  result.codes = convertBelowReshapes(value, type, convert);
  return quantised[keyOf(value)] = result;
}

OperandConverter::Codes OperandConverter::quantiseDynamically(Value value, Type type,
                                                              ScalingAttr scaling) {
  Codes &codes = dynamic[{value, type, scaling}];
  if (codes.codes)
    return codes;
  builder.setInsertionPointAfterValue(value);
  auto valueType = cast<RankedTensorType>(value.getType());
  const int64_t rank = valueType.getRank();
  SmallVector<int64_t> shape(valueType.getShape().drop_back(2));
  llvm::append_range(shape, scaling.getScaleShape(valueType.getShape(), rank - 2, rank - 1));
  auto op =
      DynamicQuantizeOp::create(builder, value.getLoc(), withElement(value, type),
                                RankedTensorType::get(shape, builder.getF32Type()), value, scaling);
  codes.codes = op.getCodes();
  codes.scale = op.getScale();
  return codes;
}

Value OperandConverter::transpose(Value value) {
  Value &known = transposed[value];
  if (known)
    return known;
  builder.setInsertionPointAfterValue(value);
  return known = transposeMatrix(builder, value.getLoc(), value);
}
