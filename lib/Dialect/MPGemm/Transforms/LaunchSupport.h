// What the writers of launches share.
#ifndef MPGEMM_LIB_TRANSFORMS_LAUNCHSUPPORT_H
#define MPGEMM_LIB_TRANSFORMS_LAUNCHSUPPORT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::mpgemm {

/// The sizes of a tensor, as its tensor.empty says them where it only goes through ops that write
/// into it.
SmallVector<OpFoldResult> getSizes(OpBuilder &builder, Value tensor);

/// Equal scalar constants of the function's block become one at its start; unused ones go.
void shareConstants(func::FuncOp function);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_LAUNCHSUPPORT_H
