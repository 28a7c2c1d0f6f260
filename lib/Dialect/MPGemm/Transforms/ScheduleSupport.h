// From mpgemm.matmul to the cost model and back: shapes, and #mpgemm.schedule as a cost::Schedule.
#ifndef MPGEMM_LIB_TRANSFORMS_SCHEDULESUPPORT_H
#define MPGEMM_LIB_TRANSFORMS_SCHEDULESUPPORT_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"
#include "mpgemm/Dialect/MPGemm/Transforms/CostModel.h"

namespace mlir::mpgemm {

/// Sizes the cost model takes for what the types leave open.
struct SizeGuesses {
  int64_t m = 2048;
  int64_t other = 4096; // N and K
};

/// The numbers of the target, or an error at `op` that lists the targets.
const cost::TargetNumbers *findTargetOrError(Operation *op, StringRef target);

/// Fails with a message when this product has no lowering on `target` yet.
LogicalResult checkLowered(MatmulOp op, const cost::TargetNumbers &target);

/// True for a product of f32 that keeps f32's accuracy: three products of tf32, by mma.sync.
bool isExactF32(MatmulOp op);

/// Steps of K whose products are summed in the tensor core before a scale or a promotion adds them
/// to an f32 sum; 0 where one accumulator takes all of K.
int64_t getRunK(MatmulOp op);

/// The product as the cost model sees it.
cost::ProductShape getProductShape(MatmulOp op, const SizeGuesses &guesses,
                                   const cost::TargetNumbers &target);

/// True if rows of a dense tensor of this type start at multiples of 16 bytes, as far as the type
/// says.
bool hasTmaPitch(RankedTensorType type);

/// The schedule that `attr` describes, with what it leaves open filled in. An impossible one is an
/// error at `op` that names the numbers.
FailureOr<cost::Schedule> resolveSchedule(MatmulOp op, ScheduleAttr attr,
                                          const cost::ProductShape &shape,
                                          const cost::TargetNumbers &target);

/// Writes every field of `schedule` down.
ScheduleAttr getScheduleAttr(MLIRContext *context, const cost::Schedule &schedule);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_SCHEDULESUPPORT_H
