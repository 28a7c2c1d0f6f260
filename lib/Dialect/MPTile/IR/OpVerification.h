// Checks that the verifiers of several ops share.
#ifndef LIB_DIALECT_MPTILE_IR_OPVERIFICATION_H
#define LIB_DIALECT_MPTILE_IR_OPVERIFICATION_H

#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

namespace mlir::mptile {

/// Checks that there is one offset (or index) for each dimension of the view.
LogicalResult verifyOffsetCount(Operation *op, ViewType view, size_t count);

/// Checks that both element types are the same.
LogicalResult verifySameElement(Operation *op, Type from, Type to);

} // namespace mlir::mptile

#endif // LIB_DIALECT_MPTILE_IR_OPVERIFICATION_H
