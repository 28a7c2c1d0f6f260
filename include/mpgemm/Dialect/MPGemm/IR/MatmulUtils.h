// Rebuilding an mpgemm.matmul with other epilogue operands or results.
#ifndef MPGEMM_DIALECT_MPGEMM_IR_MATMULUTILS_H
#define MPGEMM_DIALECT_MPGEMM_IR_MATMULUTILS_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::mpgemm {

/// The attribute with the name of the layer that a product computes: "<function>.<n>".
inline constexpr llvm::StringLiteral kLayerAttr = "mpgemm.layer";

/// A product at the rewriter's position like `op`, with the given results and epilogue operands.
/// The epilogue of `op` moves to it; the caller makes its arguments and its yield agree and
/// replaces `op`.
MatmulOp takeWithEpilogue(RewriterBase &rewriter, MatmulOp op, TypeRange results,
                          ValueRange epilogueOperands, ArrayRef<AffineMap> epilogueMaps);

/// Replaces `op` by a product without the results that nothing uses, if there are such and another
/// one is used. Returns the product that stands now.
MatmulOp dropUnusedResults(RewriterBase &rewriter, MatmulOp op);

/// Whether all elements of `value` are known to be zero.
bool isZeroTensor(Value value);

} // namespace mlir::mpgemm

#endif // MPGEMM_DIALECT_MPGEMM_IR_MATMULUTILS_H
