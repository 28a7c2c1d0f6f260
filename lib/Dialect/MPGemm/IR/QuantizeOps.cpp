// mpgemm.quantize, mpgemm.dequantize, mpgemm.dynamic_quantize: verifiers and the shapes of results.
#include "OpVerification.h"
#include "ScaleSizes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::mpgemm;

//===-- Sizes
//-------------------------------------------------------------------------------------//

SmallVector<OpFoldResult> mpgemm::reifyScaleSizes(OpBuilder &builder, Location loc,
                                                  ScalingAttr scaling, ArrayRef<OpFoldResult> sizes,
                                                  int64_t rank) {
  auto [outerDim, kDim] = scaling.getDimsAsStored(sizes.size());
  SmallVector<OpFoldResult> scales;
  for (unsigned dim : {std::min(outerDim, kDim), std::max(outerDim, kDim)}) {
    int64_t block = dim == kDim ? scaling.getKBlock() : scaling.getOuterBlock();
    if (block == ScalingAttr::kWhole)
      continue;
    AffineExpr size = builder.getAffineSymbolExpr(0);
    scales.push_back(
        affine::makeComposedFoldedAffineApply(builder, loc, size.ceilDiv(block), {sizes[dim]}));
  }
  if (rank > static_cast<int64_t>(scales.size()))
    scales.insert(scales.begin(), sizes.begin(), sizes.end() - 2);
  return scales;
}

/// `sizes`, but what `type` knows.
static SmallVector<OpFoldResult> refine(OpBuilder &builder, SmallVector<OpFoldResult> sizes,
                                        Type type) {
  for (auto [dim, size] : llvm::enumerate(cast<RankedTensorType>(type).getShape()))
    if (!ShapedType::isDynamic(size))
      sizes[dim] = builder.getIndexAttr(size);
  return sizes;
}

LogicalResult QuantizeOp::reifyResultShapes(OpBuilder &builder,
                                            ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(
      refine(builder, tensor::getMixedSizes(builder, getLoc(), getX()), getCodes().getType()));
  return success();
}

LogicalResult DequantizeOp::reifyResultShapes(OpBuilder &builder,
                                              ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(
      refine(builder, tensor::getMixedSizes(builder, getLoc(), getCodes()), getX().getType()));
  return success();
}

LogicalResult DynamicQuantizeOp::reifyResultShapes(OpBuilder &builder,
                                                   ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, getLoc(), getX());
  shapes.push_back(refine(builder, sizes, getCodes().getType()));
  int64_t rank = getScale().getType().getRank();
  shapes.push_back(refine(builder, reifyScaleSizes(builder, getLoc(), getScaling(), sizes, rank),
                          getScale().getType()));
  return success();
}

//===-- Verification
//------------------------------------------------------------------------------//

static LogicalResult verifyShapes(Operation *op, RankedTensorType from, RankedTensorType to) {
  // quantize_c1
  if (from.getRank() < 2)
    return op->emitOpError() << "operand has rank " << from.getRank() << " (" << from
                             << "); scales belong to matrices, of rank 2 or more";
  // quantize_c2
  if (failed(verifyCompatibleShape(from.getShape(), to.getShape())))
    return op->emitOpError() << "result is " << shapeText(to.getShape()) << ", but the operand is "
                             << shapeText(from.getShape());
  return success();
}

static LogicalResult verifyScales(Operation *op, ScalingAttr scaling, RankedTensorType matrix,
                                  RankedTensorType scales) {
  // quantize_c3
  if (scaling.getKind() == ScalingKind::NVFP4)
    return op->emitOpError(
        "nvfp4 scaling is not for 8-bit codes; use per_tensor, row, column, group, block or mx");
  if (!scaling.takesScalesOf(scales.getElementType()))
    return op->emitOpError() << "scales are " << scales.getElementType() << "; "
                             << stringifyScalingKind(scaling.getKind()) << " scaling takes "
                             << scaling.getScaleTypesText();
  auto [outerDim, kDim] = scaling.getDimsAsStored(matrix.getRank());
  if (!scaling.isScaleShape(scales.getShape(), matrix.getShape(), outerDim, kDim))
    return op->emitOpError() << "scales are " << shapeText(scales.getShape()) << ", but " << scaling
                             << " of " << shapeText(matrix.getShape()) << " needs "
                             << shapeText(scaling.getScaleShape(matrix.getShape(), outerDim, kDim));
  return success();
}

static LogicalResult verifyIntegerCodes(Operation *op, RankedTensorType codes, bool isUnsigned,
                                        Value zeroPoint, ScalingAttr scaling) {
  // quantize_c4
  Type code = codes.getElementType();
  if (isUnsigned && !code.isInteger())
    return op->emitOpError() << "unsigned belongs to integer codes, not to " << code;
  // quantize_c5
  if (!zeroPoint)
    return success();
  auto type = cast<RankedTensorType>(zeroPoint.getType());
  if (!code.isInteger())
    return op->emitOpError() << "a zero point belongs to integer codes, not to " << code;
  if (type.getElementType() != code && !type.getElementType().isInteger(32))
    return op->emitOpError() << "zero point is " << type.getElementType() << "; it is " << code
                             << ", as the codes, or i32";
  auto [outerDim, kDim] = scaling.getDimsAsStored(codes.getRank());
  if (type.getRank() != 0 &&
      !scaling.isScaleShape(type.getShape(), codes.getShape(), outerDim, kDim))
    return op->emitOpError() << "zero point is " << shapeText(type.getShape())
                             << "; it has the shape of the scales, or rank 0";
  return success();
}

LogicalResult QuantizeOp::verify() {
  RankedTensorType x = getX().getType(), codes = getCodes().getType();
  if (failed(verifyShapes(*this, x, codes)) ||
      failed(verifyScales(*this, getScaling(), x, getScale().getType())))
    return failure();
  return verifyIntegerCodes(*this, codes, getIsUnsigned(), getZeroPoint(), getScaling());
}

LogicalResult DequantizeOp::verify() {
  RankedTensorType x = getX().getType(), codes = getCodes().getType();
  if (failed(verifyShapes(*this, codes, x)) ||
      failed(verifyScales(*this, getScaling(), codes, getScale().getType())))
    return failure();
  return verifyIntegerCodes(*this, codes, getIsUnsigned(), getZeroPoint(), getScaling());
}

LogicalResult DynamicQuantizeOp::verify() {
  RankedTensorType x = getX().getType();
  if (failed(verifyShapes(*this, x, getCodes().getType())))
    return failure();
  return verifyScales(*this, getScaling(), x, getScale().getType());
}
