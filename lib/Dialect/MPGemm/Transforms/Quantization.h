// The arithmetic of quantisation, on scalars and as linalg ops: one place for what the ops of
// QuantizeOps.td promise, used by their decomposition, by epilogues and by kernels.
#ifndef MPGEMM_LIB_TRANSFORMS_QUANTIZATION_H
#define MPGEMM_LIB_TRANSFORMS_QUANTIZATION_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/Builders.h"

namespace mlir::mpgemm {

//===-- Scalars
//-----------------------------------------------------------------------------------//

/// `value` in `type`: codes in a type that holds all their values (i32, or a float), floats rounded
/// once.
Value convertScalar(OpBuilder &b, Location loc, Value value, Type type, bool isUnsigned);

/// 1 / `scale` in f32, for a scale of any type.
Value buildReciprocal(OpBuilder &b, Location loc, Value scale);

/// The code of `x`: f32, like `reciprocal`. `zero` is a zero point (an integer), or null.
Value buildCode(OpBuilder &b, Location loc, Value x, Value reciprocal, Value zero, Type code,
                bool isUnsigned);

/// (code - zero) * scale in `type`. `zero` may be null.
Value buildValueOfCode(OpBuilder &b, Location loc, Value code, Value scale, Value zero, Type type,
                       bool isUnsigned);

/// The scale of a block of codes whose largest magnitude is `amax` (f32), in `scaleType`, f32 or
/// f8E8M0FNU.
Value buildScale(OpBuilder &b, Location loc, Value amax, Type code, Type scaleType);

//===-- Tensors
//-----------------------------------------------------------------------------------//

/// Where the scale of an element is read: from the dimensions of a tensor of `rank`, scaled as it
/// is stored, to those of its scales, of rank `scaleRank`.
AffineMap getScaleMap(MLIRContext *context, ScalingAttr scaling, int64_t rank, int64_t scaleRank);

/// The linalg ops that compute what the op does. They stand at the builder's position; the op
/// stays.
Value decompose(OpBuilder &builder, QuantizeOp op);
Value decompose(OpBuilder &builder, DequantizeOp op);
std::pair<Value, Value> decompose(OpBuilder &builder, DynamicQuantizeOp op);

/// Codes of type `codes` and scales of type `scales` for `x`.
std::pair<Value, Value> buildDynamicQuantize(OpBuilder &builder, Location loc, Value x,
                                             ScalingAttr scaling, RankedTensorType codes,
                                             RankedTensorType scales);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_QUANTIZATION_H
