// An elementwise linalg op that uses a result of a product, seen from the product: which of its
// operands are results, and where the others are read over batch x M x N.
#ifndef MPGEMM_DIALECT_MPGEMM_TRANSFORMS_ELEMENTWISEUSER_H
#define MPGEMM_DIALECT_MPGEMM_TRANSFORMS_ELEMENTWISEUSER_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <string>

namespace mlir::mpgemm {

/// What an argument of the op's body stands for in the epilogue.
struct UserOperand {
  BlockArgument argument;
  /// A result of the product, or nothing.
  std::optional<unsigned> result;
  /// A constant scalar, or null.
  TypedAttr constant;
  /// A tensor read at `map` of batch x M x N. Its dimensions are first merged by `collapse`, if not
  /// empty.
  Value value;
  AffineMap map;
  SmallVector<ReassociationIndices> collapse;
};

struct ElementwiseUser {
  linalg::LinalgOp op;
  /// The reshape between product and op, or null; `expands` tells which of the two it is.
  Operation *reshape = nullptr;
  bool expands = false;
  SmallVector<ReassociationIndices> groups;
  SmallVector<UserOperand> operands;
};

/// Sees `op`, which uses `product` directly or through `reshape`, as part of its epilogue. Failure
/// without a reason: `op` is not elementwise. Failure with one: it is, but does not fit.
FailureOr<ElementwiseUser> matchElementwiseUser(MatmulOp product, Operation *op, Operation *reshape,
                                                std::string &reason);

} // namespace mlir::mpgemm

#endif // MPGEMM_DIALECT_MPGEMM_TRANSFORMS_ELEMENTWISEUSER_H
