// Products that quantise their result: what a kernel can do in its epilogue, and how a product gets
// there.
#ifndef MPGEMM_LIB_TRANSFORMS_RESULTSCALES_H
#define MPGEMM_LIB_TRANSFORMS_RESULTSCALES_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::mpgemm {

/// The columns of a result with `n` columns that share a scale, if tiles can hold all of them
/// together: a group that divides n, or a narrow row. Else 0, and a reason.
int64_t getColumnsOfScale(ScalingAttr scaling, int64_t n, std::string &reason);

/// The columns that the epilogue of `op` quantises together; 0 if it quantises nothing.
int64_t getQuantizedColumns(MatmulOp op);

/// Why the epilogue of `op` cannot quantise as it says; empty if it can.
std::string whyNotQuantized(MatmulOp op);

/// Moves the dynamic quantisation of the result of `product`, its only user, into the product, or
/// leaves a remark of `pass`. With `foldsRounding` a rounding of the result to 16 bits is dropped.
/// Returns the new product, or null.
MatmulOp fuseQuantization(RewriterBase &rewriter, MatmulOp product, bool foldsRounding,
                          StringRef pass);

/// A product that gives f32 in place of codes, and their quantisation by itself, with a remark of
/// `pass` that says why.
MatmulOp splitQuantization(RewriterBase &rewriter, MatmulOp product, StringRef reason,
                           StringRef pass);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_RESULTSCALES_H
