// The sizes of the scales of a tensor, as values.
#ifndef MPGEMM_LIB_DIALECT_MPGEMM_IR_SCALESIZES_H
#define MPGEMM_LIB_DIALECT_MPGEMM_IR_SCALESIZES_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/Builders.h"

namespace mlir::mpgemm {

/// The sizes of a scale tensor of `rank` dimensions, for a tensor of `sizes` that is scaled as it
/// is stored (ScalingAttr::getDimsAsStored).
SmallVector<OpFoldResult> reifyScaleSizes(OpBuilder &builder, Location loc, ScalingAttr scaling,
                                          ArrayRef<OpFoldResult> sizes, int64_t rank);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_DIALECT_MPGEMM_IR_SCALESIZES_H
