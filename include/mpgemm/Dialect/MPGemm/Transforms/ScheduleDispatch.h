// One layer, every number of rows: the few schedules that together serve all of them.
//
// Plain C++ without MLIR, like the cost model it asks.
#ifndef MPGEMM_DIALECT_MPGEMM_TRANSFORMS_SCHEDULEDISPATCH_H
#define MPGEMM_DIALECT_MPGEMM_TRANSFORMS_SCHEDULEDISPATCH_H

#include "mpgemm/Dialect/MPGemm/Transforms/CostModel.h"

#include <limits>

namespace mlir::mpgemm::cost {

struct DispatchEntry {
  // The last entry serves every larger number too.
  static constexpr int64_t allRows = std::numeric_limits<int64_t>::max();
  int64_t upToRows = allRows;
  Prediction prediction; // at the most rows it was chosen for
};

struct DispatchOptions {
  int64_t mostRows = 16384; // larger products have waves enough for the schedule of the largest
  double tolerance = 0.02;  // by which the predicted time may miss that of the best schedule
  size_t mostKernels = 6;   // entries may share a kernel: the number of waves goes up and down
};

// Schedules for ascending numbers of rows; the `m` of `shape` is not looked at. Empty where nothing
// fits the target.
std::vector<DispatchEntry> chooseDispatch(const ProductShape &shape, const TargetNumbers &target,
                                          const DispatchOptions &options = {});

} // namespace mlir::mpgemm::cost

#endif // MPGEMM_DIALECT_MPGEMM_TRANSFORMS_SCHEDULEDISPATCH_H
