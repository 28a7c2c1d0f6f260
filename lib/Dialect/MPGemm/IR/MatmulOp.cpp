// mpgemm.matmul: sizes, element types, and the shapes of its results.
#include "ScaleSizes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::mpgemm;

void MatmulOp::build(OpBuilder &builder, OperationState &state, TypeRange resultTypes, Value a,
                     Value b, Value init, bool transposeA, bool transposeB,
                     AccumulateAttr accumulation) {
  build(builder, state, resultTypes, a, b, init, /*a_scale=*/Value(), /*a_zero_point=*/Value(),
        /*a_global_scale=*/Value(), /*b_scale=*/Value(), /*b_zero_point=*/Value(),
        /*b_global_scale=*/Value(), /*epilogue_operands=*/ValueRange(), transposeA, transposeB,
        /*unsigned_a=*/false, /*unsigned_b=*/false, accumulation, /*a_scaling=*/nullptr,
        /*b_scaling=*/nullptr, /*f32_precision=*/nullptr, /*weight_scale=*/nullptr,
        /*result_scaling=*/nullptr, builder.getArrayAttr({}), /*schedule=*/nullptr,
        /*dispatch=*/nullptr);
}

//===-- Sizes
//-------------------------------------------------------------------------------------//

RankedTensorType MatmulOp::getAType() { return cast<RankedTensorType>(getA().getType()); }
RankedTensorType MatmulOp::getBType() { return cast<RankedTensorType>(getB().getType()); }
RankedTensorType MatmulOp::getResultType(unsigned index) {
  return cast<RankedTensorType>(getOutputs()[index].getType());
}

int64_t MatmulOp::getOutputRank() { return std::max(getAType().getRank(), getBType().getRank()); }

unsigned MatmulOp::getMDimOfA() { return getAType().getRank() - (getTransposeA() ? 1 : 2); }
unsigned MatmulOp::getKDimOfA() { return getAType().getRank() - (getTransposeA() ? 2 : 1); }
unsigned MatmulOp::getKDimOfB() { return getBType().getRank() - (getTransposeB() ? 1 : 2); }
unsigned MatmulOp::getNDimOfB() { return getBType().getRank() - (getTransposeB() ? 2 : 1); }

int64_t MatmulOp::getStaticM() { return getAType().getDimSize(getMDimOfA()); }
int64_t MatmulOp::getStaticN() { return getBType().getDimSize(getNDimOfB()); }
int64_t MatmulOp::getStaticK() {
  int64_t k = getAType().getDimSize(getKDimOfA());
  return ShapedType::isDynamic(k) ? getBType().getDimSize(getKDimOfB()) : k;
}

/// The position in `type` of batch dimension `dim` of D, or nothing if the operand is shared along
/// it.
static std::optional<int64_t> getBatchDimOf(RankedTensorType type, int64_t dim, int64_t rank) {
  int64_t position = dim - (rank - type.getRank());
  return position < 0 ? std::nullopt : std::optional<int64_t>(position);
}

SmallVector<int64_t> MatmulOp::getOutputShape() {
  int64_t rank = getOutputRank();
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < rank - 2; ++dim) {
    int64_t size = ShapedType::kDynamic;
    for (RankedTensorType type : {getAType(), getBType()}) {
      std::optional<int64_t> position = getBatchDimOf(type, dim, rank);
      if (position && ShapedType::isDynamic(size))
        size = type.getDimSize(*position);
    }
    shape.push_back(size);
  }
  shape.push_back(getStaticM());
  shape.push_back(getStaticN());
  return shape;
}

LogicalResult MatmulOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &reifiedReturnShapes) {
  int64_t rank = getOutputRank();
  SmallVector<OpFoldResult> sizes;
  for (auto [dim, size] : llvm::enumerate(getOutputShape())) {
    int64_t d = dim;
    if (!ShapedType::isDynamic(size)) {
      sizes.push_back(builder.getIndexAttr(size));
      continue;
    }
    Value source = d == rank - 1 ? getB() : getA();
    int64_t position = d == rank - 1 ? getNDimOfB() : getMDimOfA();
    if (d < rank - 2) {
      std::optional<int64_t> ofA = getBatchDimOf(getAType(), d, rank);
      source = ofA ? getA() : getB();
      position = ofA ? *ofA : *getBatchDimOf(getBType(), d, rank);
    }
    sizes.push_back(tensor::getMixedSize(builder, getLoc(), source, position));
  }
  SmallVector<OpFoldResult> scaleSizes;
  if (ScalingAttr scaling = getResultScalingAttr())
    scaleSizes = reifyScaleSizes(builder, getLoc(), scaling, sizes,
                                 cast<RankedTensorType>(getResultScale().getType()).getRank());
  for (Value output : getOutputs()) {
    // A result may state more than its operands do: static sizes of its type win.
    SmallVector<OpFoldResult> reified = output == getResultScale() ? scaleSizes : sizes;
    for (auto [dim, size] : llvm::enumerate(cast<RankedTensorType>(output.getType()).getShape()))
      if (!ShapedType::isDynamic(size))
        reified[dim] = builder.getIndexAttr(size);
    reifiedReturnShapes.push_back(std::move(reified));
  }
  return success();
}

//===-- Element types
//-----------------------------------------------------------------------------//

bool MatmulOp::hasIntegerCodes() {
  return getAType().getElementType().isInteger() && getBType().getElementType().isInteger();
}

static bool isHalf(Type type) { return type.isF16() || type.isBF16(); }

bool MatmulOp::isWeightOnly() {
  Type a = getAType().getElementType(), b = getBType().getElementType();
  return (isHalf(a) && b.getIntOrFloatBitWidth() <= 8) ||
         (isHalf(b) && a.getIntOrFloatBitWidth() <= 8);
}

static bool scalesOperands(MatmulOp op) {
  return op.isWeightOnly() && op.getWeightScale() != WeightScale::PartialSum;
}

bool MatmulOp::scalesOperandA() {
  return getAScale() && scalesOperands(*this) && !isHalf(getAType().getElementType());
}

bool MatmulOp::scalesOperandB() {
  return getBScale() && scalesOperands(*this) && !isHalf(getBType().getElementType());
}

bool MatmulOp::scalesSums() {
  return (getAScale() && !scalesOperandA()) || (getBScale() && !scalesOperandB()) ||
         getAGlobalScale() || getBGlobalScale();
}

//===-- Epilogue
//----------------------------------------------------------------------------------//

Type MatmulOp::getEpilogueInputType() {
  return scalesSums() ? Float32Type::get(getContext()) : getAccumulation().getType();
}

Block *MatmulOp::getEpilogueBlock() { return hasEpilogue() ? &getEpilogue().front() : nullptr; }

AffineMap MatmulOp::getEpilogueMap(unsigned index) {
  return cast<AffineMapAttr>(getEpilogueMaps()[index]).getValue();
}

/// Converts `value` to `type` with one rounding, as a product without an epilogue does.
static Value convertScalar(OpBuilder &builder, Location loc, Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (value.getType().isInteger())
    return arith::SIToFPOp::create(builder, loc, type, value);
  if (value.getType().getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(builder, loc, type, value);
  return arith::TruncFOp::create(builder, loc, type, value);
}

Block *MatmulOp::getOrCreateEpilogue(OpBuilder &builder) {
  if (hasEpilogue())
    return getEpilogueBlock();
  OpBuilder::InsertionGuard guard(builder);
  Block *block =
      builder.createBlock(&getEpilogue(), {}, TypeRange{getEpilogueInputType()}, {getLoc()});
  Value value =
      convertScalar(builder, getLoc(), block->getArgument(0), getResultType().getElementType());
  YieldOp::create(builder, getLoc(), value);
  return block;
}

void MatmulOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setNameFn) {
  if (region.empty() || region.getNumArguments() == 0)
    return;
  setNameFn(region.getArgument(0), "acc");
  for (BlockArgument argument : region.getArguments().drop_front())
    setNameFn(argument, "in");
}
