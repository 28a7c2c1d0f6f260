// A contraction as linalg writes it, taken apart: which values are multiplied, over which loops,
// and what happens to their elements on the way.
#ifndef MPGEMM_DIALECT_MPGEMM_TRANSFORMS_CONTRACTION_H
#define MPGEMM_DIALECT_MPGEMM_TRANSFORMS_CONTRACTION_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/AffineMap.h"

#include <string>

namespace mlir::mpgemm {

/// One factor: a tensor, read at `map` of the contraction's loops, widened before it is multiplied,
/// less `zeroPoint` (an i32, or null).
struct ContractionOperand {
  Value value;
  AffineMap map;
  bool isUnsigned = false;
  Value zeroPoint;

  RankedTensorType type() const { return cast<RankedTensorType>(value.getType()); }
  bool uses(unsigned loop) const { return map.isFunctionOfDim(loop); }
};

/// out[outMap] += (lhs[lhs.map] - zero) * (rhs[rhs.map] - zero), over loops that are batch, M, N or
/// K.
struct Contraction {
  ContractionOperand lhs, rhs;
  Value init;
  AffineMap outMap;
  SmallVector<unsigned> batch, m, n, k;

  RankedTensorType outType() const { return cast<RankedTensorType>(init.getType()); }
};

/// Takes `op` apart. Operands are followed through transposes, broadcasts and widening casts of
/// whole tensors. An op that sums no products gives failure and leaves `reason` empty; a sum of
/// products that mpgemm.matmul does not express sets `reason`.
FailureOr<Contraction> matchContraction(linalg::LinalgOp op, std::string &reason);

/// Follows `value`, an operand of elementwise meaning read at `map`, through broadcasts and
/// transposes. Returns true if there was something to follow.
bool lookThroughBroadcast(Value &value, AffineMap &map);

} // namespace mlir::mpgemm

#endif // MPGEMM_DIALECT_MPGEMM_TRANSFORMS_CONTRACTION_H
