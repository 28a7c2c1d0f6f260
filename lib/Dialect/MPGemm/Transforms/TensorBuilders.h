// Ops on whole tensors that several passes write.
#ifndef MPGEMM_LIB_TRANSFORMS_TENSORBUILDERS_H
#define MPGEMM_LIB_TRANSFORMS_TENSORBUILDERS_H

#include "mlir/IR/Builders.h"

namespace mlir::mpgemm {

/// `value` with its last two dimensions swapped, by a linalg.transpose.
Value transposeMatrix(OpBuilder &builder, Location loc, Value value);

/// `value` with zeros after the end of `dim`, up to a multiple of `size`.
Value padToMultiple(OpBuilder &builder, Location loc, Value value, int64_t dim, int64_t size);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_TENSORBUILDERS_H
