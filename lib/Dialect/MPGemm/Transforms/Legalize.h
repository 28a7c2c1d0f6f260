// The parts of --mpgemm-legalize. Each takes one product and rewrites it in place; what it cannot
// do it leaves, unless it says that it emits an error.
#ifndef MPGEMM_LIB_TRANSFORMS_LEGALIZE_H
#define MPGEMM_LIB_TRANSFORMS_LEGALIZE_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::mpgemm {

inline constexpr StringLiteral kLegalizePass = "mpgemm-legalize";

/// A or B of a product with what is said about it.
struct LegalizeSide {
  StringRef name; // "A" or "B"
  Value value;
  unsigned outerDim, kDim; // positions in the tensor
  bool isUnsigned;
  ScalingAttr scaling;
  Value scale, zeroPoint;

  bool isA() const { return name == "A"; }
  RankedTensorType type() const { return cast<RankedTensorType>(value.getType()); }
};

LegalizeSide getLegalizeSide(MatmulOp op, bool isA);

/// The map over batch x M x N of a tensor with the batch dimensions of an operand (its last ones,
/// all or none) and then `matrix`: M, N or neither.
AffineMap getVectorMap(MatmulOp op, const LegalizeSide &side, int64_t rank, bool hasOuter);

/// Zero points of integer products become terms of the epilogue and reductions of the operands. One
/// that has no such form is an error.
LogicalResult legalizeZeroPoints(RewriterBase &rewriter, MatmulOp op);

/// Scales that are constant along K, and C behind them, move to the head of the epilogue.
void legalizeScales(RewriterBase &rewriter, MatmulOp op);

/// 8-bit and f32 operands are stored along K; others are transposed first.
void legalizeLayout(RewriterBase &rewriter, MatmulOp op);

/// A product of two `mpgemm.dequantize` becomes a product of their codes with their scales, if a
/// product can carry them.
void raiseDequantized(RewriterBase &rewriter, MatmulOp op);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_LEGALIZE_H
