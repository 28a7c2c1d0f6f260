// The verifier of mpgemm.matmul: one function for each group of constraints, labelled as in its
// description.
#include "OpVerification.h"

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/AffineMap.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

/// One operand of the product with everything said about it.
struct Side {
  StringRef name;
  RankedTensorType type;
  unsigned outerDim, kDim;
  bool isUnsigned;
  ScalingAttr scaling;
  Value scale, zeroPoint, globalScale;

  Type code() const { return type.getElementType(); }
};

} // namespace

static Side getSideA(MatmulOp op) {
  return {"A",
          op.getAType(),
          op.getMDimOfA(),
          op.getKDimOfA(),
          op.getUnsignedA(),
          op.getAScalingAttr(),
          op.getAScale(),
          op.getAZeroPoint(),
          op.getAGlobalScale()};
}

static Side getSideB(MatmulOp op) {
  return {"B",
          op.getBType(),
          op.getNDimOfB(),
          op.getKDimOfB(),
          op.getUnsignedB(),
          op.getBScalingAttr(),
          op.getBScale(),
          op.getBZeroPoint(),
          op.getBGlobalScale()};
}

static bool differ(int64_t lhs, int64_t rhs) {
  return !ShapedType::isDynamic(lhs) && !ShapedType::isDynamic(rhs) && lhs != rhs;
}

static std::string mapText(AffineMap map) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << map;
  return text;
}

//===-- Shapes
//------------------------------------------------------------------------------------//

static LogicalResult verifyOperandShapes(MatmulOp op) {
  RankedTensorType a = op.getAType(), b = op.getBType();
  // matmul_c1
  for (auto [name, type] : {std::pair<StringRef, RankedTensorType>{"A", a}, {"B", b}})
    if (type.getRank() < 2)
      return op.emitOpError() << name << " has rank " << type.getRank() << " (" << type
                              << "); a matrix has rank 2, a batch of matrices more";
  // matmul_c2
  int64_t kOfA = a.getDimSize(op.getKDimOfA()), kOfB = b.getDimSize(op.getKDimOfB());
  if (differ(kOfA, kOfB))
    return op.emitOpError() << "A and B disagree on K: A is " << shapeText(a.getShape())
                            << (op.getTransposeA() ? " transposed" : "") << " (K=" << kOfA
                            << "), B is " << shapeText(b.getShape())
                            << (op.getTransposeB() ? " transposed" : "") << " (K=" << kOfB << ")";
  // matmul_c3
  int64_t shared = std::min(a.getRank(), b.getRank()) - 2;
  for (int64_t i = 0; i < shared; ++i) {
    int64_t sizeOfA = a.getDimSize(a.getRank() - 3 - i);
    int64_t sizeOfB = b.getDimSize(b.getRank() - 3 - i);
    if (differ(sizeOfA, sizeOfB))
      return op.emitOpError() << "A and B disagree on a batch dimension: A is "
                              << shapeText(a.getShape()) << " (" << sizeOfA << "), B is "
                              << shapeText(b.getShape()) << " (" << sizeOfB
                              << "); sizes must be equal, an operand shared by the batch leaves "
                                 "the dimension out";
  }
  return success();
}

static LogicalResult verifyResultShapes(MatmulOp op) {
  SmallVector<int64_t> shape = op.getOutputShape();
  if (op.getOutputs().empty() || op.getNumElementResults() == 0)
    return op.emitOpError("has no result; a product gives one or more");
  // matmul_c4
  for (unsigned i = 0; i < op.getNumElementResults(); ++i)
    if (failed(verifyCompatibleShape(op.getResultType(i).getShape(), shape)))
      return op.emitOpError() << "result " << i << " is "
                              << shapeText(op.getResultType(i).getShape())
                              << ", but batch x M x N is " << shapeText(shape);
  // matmul_c5
  if (!op.getInit())
    return success();
  auto init = cast<RankedTensorType>(op.getInit().getType());
  if (failed(verifyCompatibleShape(init.getShape(), shape)))
    return op.emitOpError() << "C is " << shapeText(init.getShape()) << ", but batch x M x N is "
                            << shapeText(shape)
                            << "; a vector or a scalar is added in the epilogue";
  Type sum = op.getEpilogueInputType();
  bool widens = init.getElementType() == sum ||
                (sum.isF32() && isa<Float16Type, BFloat16Type>(init.getElementType()));
  if (!widens)
    return op.emitOpError() << "C is " << init.getElementType() << ", which does not widen to "
                            << sum << ", the type it is added in";
  return success();
}

//===-- Element types
//-----------------------------------------------------------------------------//

static LogicalResult verifyAccumulation(MatmulOp op) {
  Type a = op.getAType().getElementType(), b = op.getBType().getElementType();
  AccumulateAttr accumulation = op.getAccumulation();
  Type type = accumulation.getType();
  // matmul_c6
  auto isShortFloat = [](Type code) {
    return code.isF16() || (isa<FloatType>(code) && code.getIntOrFloatBitWidth() <= 8);
  };
  if (op.hasIntegerCodes() != type.isInteger())
    return op.emitOpError() << a << " x " << b << " cannot accumulate in " << type << "; use "
                            << (op.hasIntegerCodes() ? "i32" : "f32");
  if (type.isF16() && !(isShortFloat(a) && isShortFloat(b)))
    return op.emitOpError() << a << " x " << b << " cannot accumulate in f16; use f32";
  // matmul_c7
  bool arePromoted =
      isa<Float8E4M3FNType, Float8E5M2Type>(a) && isa<Float8E4M3FNType, Float8E5M2Type>(b);
  if (accumulation.getPromote() != 0 && !arePromoted)
    return op.emitOpError() << "promote belongs to products of two 8-bit floats, not to " << a
                            << " x " << b;
  // matmul_c9
  if (op.getF32Precision() && !a.isF32() && !b.isF32())
    return op.emitOpError() << "f32_precision belongs to f32 operands; this product is " << a
                            << " x " << b;
  // matmul_c13
  bool hasWeightScale =
      isa<Float16Type, BFloat16Type>(a) ? bool(op.getBScale()) : bool(op.getAScale());
  if (op.getWeightScale() && !op.isWeightOnly())
    return op.emitOpError() << "weight_scale belongs to products of f16 or bf16 with codes of at "
                               "most 8 bits, not to "
                            << a << " x " << b;
  if (op.getWeightScale() && !hasWeightScale)
    return op.emitOpError("weight_scale is given, but the weight has no scale");
  return success();
}

//===-- Scales and zero points
//--------------------------------------------------------------------//

static bool isScaleShape(ArrayRef<int64_t> shape, const Side &side) {
  return side.scaling.isScaleShape(shape, side.type.getShape(), side.outerDim, side.kDim);
}

static LogicalResult verifyScale(MatmulOp op, const Side &side) {
  // matmul_c10
  if (bool(side.scaling) != bool(side.scale))
    return op.emitOpError() << side.name << " has "
                            << (side.scaling ? "a scaling, but no scale values"
                                             : "scale values, but no scaling that places them");
  if (!side.scale)
    return success();
  ScalingKind kind = side.scaling.getKind();
  if ((kind == ScalingKind::Row && side.name == "B") ||
      (kind == ScalingKind::Column && side.name == "A"))
    return op.emitOpError() << stringifyScalingKind(kind) << " scaling is not for " << side.name
                            << "; use " << (side.name == "A" ? "row" : "column");
  auto type = cast<RankedTensorType>(side.scale.getType());
  if (!side.scaling.takesScalesOf(type.getElementType()))
    return op.emitOpError() << "scale of " << side.name << " is " << type.getElementType() << "; "
                            << stringifyScalingKind(kind) << " scaling takes "
                            << side.scaling.getScaleTypesText();
  if (!isScaleShape(type.getShape(), side)) {
    return op.emitOpError() << "scale of " << side.name << " is " << shapeText(type.getShape())
                            << ", but " << side.scaling << " of " << side.type << " needs "
                            << shapeText(side.scaling.getScaleShape(side.type.getShape(),
                                                                    side.outerDim, side.kDim));
  }
  return success();
}

static LogicalResult verifyZeroPoint(MatmulOp op, const Side &side) {
  // matmul_c8
  if (side.isUnsigned && !side.code().isInteger())
    return op.emitOpError() << "unsigned belongs to integer codes; " << side.name << " is "
                            << side.code();
  // matmul_c11
  if (side.zeroPoint) {
    auto type = cast<RankedTensorType>(side.zeroPoint.getType());
    if (!side.code().isInteger())
      return op.emitOpError() << "a zero point belongs to integer codes; " << side.name << " is "
                              << side.code();
    if (isa<FloatType>(type.getElementType()) && !op.isWeightOnly())
      return op.emitOpError() << "zero point of " << side.name << " is " << type.getElementType()
                              << "; outside weight-only products it is an integer";
    bool hasShapeOfScale = side.scale && isScaleShape(type.getShape(), side);
    if (type.getRank() != 0 && !hasShapeOfScale)
      return op.emitOpError() << "zero point of " << side.name << " is "
                              << shapeText(type.getShape())
                              << "; it has the shape of the scales, or rank 0";
  }
  // matmul_c12
  if (side.globalScale) {
    auto type = cast<RankedTensorType>(side.globalScale.getType());
    if (!side.scaling || side.scaling.getKind() != ScalingKind::NVFP4)
      return op.emitOpError() << "a global scale belongs to nvfp4; " << side.name
                              << " has another scaling";
    if (type.getRank() != 0 || !type.getElementType().isF32())
      return op.emitOpError() << "global scale of " << side.name << " is " << type
                              << "; it is a tensor<f32>";
  }
  return success();
}

LogicalResult MatmulOp::verify() {
  if (failed(verifyOperandShapes(*this)) || failed(verifyAccumulation(*this)))
    return failure();
  for (const Side &side : {getSideA(*this), getSideB(*this)})
    if (failed(verifyScale(*this, side)) || failed(verifyZeroPoint(*this, side)))
      return failure();
  return verifyResultShapes(*this);
}

//===-- Epilogue
//----------------------------------------------------------------------------------//

static LogicalResult verifyEpilogueOperands(MatmulOp op) {
  // matmul_c14
  size_t operands = op.getEpilogueOperands().size();
  if (op.getEpilogueMaps().size() != operands)
    return op.emitOpError() << "has " << operands << " extra operands, but "
                            << op.getEpilogueMaps().size() << " maps; each needs one";
  SmallVector<int64_t> shape = op.getOutputShape();
  for (auto [index, operand] : llvm::enumerate(op.getEpilogueOperands())) {
    AffineMap map = op.getEpilogueMap(index);
    auto type = cast<RankedTensorType>(operand.getType());
    if (map.getNumDims() != shape.size() || map.getNumSymbols() != 0)
      return op.emitOpError() << "map of extra operand " << index << " has " << map.getNumDims()
                              << " dimensions; batch x M x N has " << shape.size();
    if (!map.isProjectedPermutation(/*allowZeroInResults=*/true))
      return op.emitOpError() << "map of extra operand " << index << ", " << mapText(map)
                              << ", is not a projection; its results are dimensions, each at most "
                                 "once, or 0";
    if (map.getNumResults() != static_cast<unsigned>(type.getRank()))
      return op.emitOpError() << "extra operand " << index << " has rank " << type.getRank()
                              << ", but its map has " << map.getNumResults() << " results";
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      auto dimExpr = dyn_cast<AffineDimExpr>(expr);
      if (dimExpr && differ(type.getDimSize(dim), shape[dimExpr.getPosition()]))
        return op.emitOpError() << "extra operand " << index << " is " << shapeText(type.getShape())
                                << ", but its map " << mapText(map) << " reads it over "
                                << shapeText(shape);
      if (!dimExpr && differ(type.getDimSize(dim), 1))
        return op.emitOpError() << "extra operand " << index << " is " << shapeText(type.getShape())
                                << ", but its map " << mapText(map)
                                << " reads only element 0 of dimension " << dim;
    }
  }
  return success();
}

static LogicalResult verifyEpilogueArguments(MatmulOp op) {
  // matmul_c15
  Block *block = op.getEpilogueBlock();
  size_t expected = op.getEpilogueOperands().size() + 1;
  if (block->getNumArguments() != expected)
    return op.emitOpError() << "epilogue has " << block->getNumArguments()
                            << " arguments; the accumulator and the extra operands make "
                            << expected;
  if (block->getArgument(0).getType() != op.getEpilogueInputType())
    return op.emitOpError() << "epilogue takes the accumulator as "
                            << block->getArgument(0).getType() << "; it is "
                            << op.getEpilogueInputType();
  for (auto [argument, operand] :
       llvm::zip(block->getArguments().drop_front(), op.getEpilogueOperands())) {
    Type elementType = cast<RankedTensorType>(operand.getType()).getElementType();
    if (argument.getType() != elementType)
      return op.emitOpError() << "epilogue takes extra operand " << argument.getArgNumber() - 1
                              << " as " << argument.getType() << "; its elements are "
                              << elementType;
  }
  return success();
}

static LogicalResult verifyEpilogueBody(MatmulOp op) {
  // matmul_c16
  auto yield = dyn_cast<YieldOp>(op.getEpilogueBlock()->getTerminator());
  if (!yield)
    return op.emitOpError("epilogue ends without mpgemm.yield");
  if (yield.getValues().size() != op.getNumElementResults())
    return yield.emitOpError() << "gives " << yield.getValues().size()
                               << " values to a product with " << op.getNumElementResults()
                               << " results"
                               << (op.getResultScalingAttr() ? " beside the scales" : "");
  for (auto [index, value] : llvm::enumerate(yield.getValues())) {
    bool isQuantized = index == 0 && op.getResultScalingAttr();
    if (isQuantized && !value.getType().isF32())
      return yield.emitOpError() << "gives " << value.getType()
                                 << " for result 0, which quantize_result computes from f32";
    if (!isQuantized && value.getType() != op.getResultType(index).getElementType())
      return yield.emitOpError() << "gives " << value.getType() << " for result " << index
                                 << ", whose elements are "
                                 << op.getResultType(index).getElementType();
  }
  // matmul_c17
  for (Operation &inner : op.getEpilogueBlock()->without_terminator())
    if (inner.getNumRegions() != 0 || !isMemoryEffectFree(&inner))
      return inner.emitOpError() << "stands in the epilogue of a product; only ops without regions "
                                    "and side effects may";
  return success();
}

static LogicalResult verifyPlainResult(MatmulOp op) {
  // matmul_c18
  if (op.getOutputs().size() != 1)
    return op.emitOpError() << "has " << op.getOutputs().size()
                            << " results, but no epilogue that computes them";
  if (!op.getEpilogueOperands().empty())
    return op.emitOpError("has extra operands, but no epilogue that uses them");
  Type from = op.getEpilogueInputType(), to = op.getResultType().getElementType();
  bool converts =
      isa<FloatType>(from) ? isa<FloatType>(to) && !isa<Float64Type>(to) : to == from || to.isF32();
  if (!converts)
    return op.emitOpError() << "cannot convert the " << from << " accumulator to " << to
                            << " by rounding once; say how in an epilogue";
  return success();
}

static LogicalResult verifyQuantizedResult(MatmulOp op) {
  // matmul_c19
  ScalingAttr scaling = op.getResultScalingAttr();
  if (!scaling)
    return success();
  if (!op.hasEpilogue())
    return op.emitOpError("has quantize_result, but no epilogue that yields the f32 values");
  if (scaling.getKind() == ScalingKind::Column || scaling.getKind() == ScalingKind::NVFP4)
    return op.emitOpError() << "cannot quantize its result by " << scaling
                            << "; use row, group, block, mx or per_tensor";
  Type codes = op.getResultType().getElementType();
  if (!isa<Float8E4M3FNType, Float8E5M2Type>(codes) && !codes.isInteger(8) && !codes.isInteger(4))
    return op.emitOpError() << "quantizes its result to " << codes
                            << "; use f8E4M3FN, f8E5M2, i8 or i4";
  auto scales = cast<RankedTensorType>(op.getResultScale().getType());
  Type type = scales.getElementType();
  if (!scaling.takesScalesOf(type) || !(type.isF32() || isa<Float8E8M0FNUType>(type)))
    return op.emitOpError() << "gives the scales of its result as " << type << "; "
                            << stringifyScalingKind(scaling.getKind())
                            << " scaling of a result takes "
                            << (scaling.getKind() == ScalingKind::MX ? "f8E8M0FNU"
                                                                     : "f32 or f8E8M0FNU");
  SmallVector<int64_t> shape = op.getOutputShape();
  unsigned rank = shape.size();
  if (!scaling.isScaleShape(scales.getShape(), shape, rank - 2, rank - 1))
    return op.emitOpError() << "gives " << shapeText(scales.getShape())
                            << " scales for its result, but " << scaling << " of "
                            << shapeText(shape) << " needs "
                            << shapeText(scaling.getScaleShape(shape, rank - 2, rank - 1));
  return success();
}

static LogicalResult verifyDispatch(MatmulOp op) {
  // matmul_c20
  if (!op.getDispatchAttr())
    return success();
  if (!op.getScheduleAttr())
    return op.emitOpError("has a dispatch, but no schedule for more rows than it names");
  if (!ShapedType::isDynamic(op.getStaticM()))
    return op.emitOpError() << "has a dispatch, but " << op.getStaticM()
                            << " rows: the schedule that fits them is enough";
  return success();
}

LogicalResult MatmulOp::verifyRegions() {
  if (failed(verifyEpilogueOperands(*this)) || failed(verifyQuantizedResult(*this)) ||
      failed(verifyDispatch(*this)))
    return failure();
  if (!hasEpilogue())
    return verifyPlainResult(*this);
  if (failed(verifyEpilogueArguments(*this)))
    return failure();
  return verifyEpilogueBody(*this);
}
