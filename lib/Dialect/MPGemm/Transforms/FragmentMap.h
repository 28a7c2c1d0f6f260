// Building mptile.map: scalars of fragments in, scalars of fragments out.
#ifndef MPGEMM_LIB_TRANSFORMS_FRAGMENTMAP_H
#define MPGEMM_LIB_TRANSFORMS_FRAGMENTMAP_H

#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::mpgemm {

/// An mptile.map over `inputs` with results of the types; `body` gives their scalars from those of
/// the inputs.
SmallVector<Value> buildMap(ImplicitLocOpBuilder &b, ValueRange inputs, ArrayRef<Type> results,
                            function_ref<SmallVector<Value>(ValueRange)> body);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_FRAGMENTMAP_H
