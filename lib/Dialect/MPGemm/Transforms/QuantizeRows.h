// Quantisation of fragments whose rows share a scale: in kernels of their own and in epilogues.
#ifndef MPGEMM_LIB_TRANSFORMS_QUANTIZEROWS_H
#define MPGEMM_LIB_TRANSFORMS_QUANTIZEROWS_H

#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::mpgemm {

/// One value for each row: its scale, and 1 / scale in f32.
struct RowScales {
  Value scales, reciprocals;
};

/// The scales of type `scale` of the rows of a fragment of floats, for codes of type `code`.
RowScales buildRowScales(ImplicitLocOpBuilder &b, Value values, Type code, Type scale);

/// The codes of a fragment of floats.
Value buildRowCodes(ImplicitLocOpBuilder &b, Value values, Value reciprocals, Type code);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_QUANTIZEROWS_H
