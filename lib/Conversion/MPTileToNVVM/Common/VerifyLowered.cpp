// Refuses, with a message at the op, what verifies as a kernel but has no lowering yet, before any
// pattern runs.
#include "KernelLowering.h"
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

using namespace mlir;
using namespace mlir::mptile;

static LogicalResult verifyRing(RingOp op, const mpgemm::TargetInfo &target) {
  if (op.getFill() == Fill::Mma)
    return op.emitOpError("with fill = mma is not lowered yet");
  if (op.getFill() == Fill::Tma && target.generation < 90)
    return op.emitOpError() << target.name << " has no TMA; fill the ring by async";
  return success();
}

static LogicalResult verifyProduct(MmaAsyncOp op, const mpgemm::TargetInfo &target) {
  PendingType acc = op.getResult().getType();
  auto tileA = dyn_cast<SmemType>(op.getA().getType());
  SmemType tileB = op.getB().getType();
  if (!tileA)
    return op.emitOpError("with A from registers is not lowered yet");
  bool warpgroup = acc.getWarpsM() == 4 && acc.getWarpsN() == 1;
  const MmaAtom *atom =
      findMmaAtom(target.name, tileA.getElementType(), tileB.getElementType(), acc.getElementType(),
                  warpgroup, op.getUnsignedA(), op.getUnsignedB());
  if (!atom || !atom->lowered)
    return op.emitOpError() << (atom ? atom->name : "this product") << " is not lowered yet";
  if (atom->isWgmma() && (!tileA.getSwizzle() || !tileB.getSwizzle()))
    return op.emitOpError() << "operands of " << atom->name
                            << " without a swizzle are not lowered yet";
  return success();
}

static LogicalResult verifyReduce(ReduceOp op) {
  Type type = op.getInput().getType().getElementType();
  if (type.isF32() || type.isF16() || type.isBF16() || type.isInteger(32))
    return success();
  return op.emitOpError() << "of " << type << " is not lowered; convert to f32, f16, bf16 or i32";
}

LogicalResult mlir::mptile::verifyLowered(KernelOp kernel, const mpgemm::TargetInfo &target) {
  WalkResult result = kernel.walk([&](Operation *op) -> WalkResult {
    if (auto reduce = dyn_cast<ReduceOp>(op))
      return verifyReduce(reduce);
    if (auto write = dyn_cast<WriteFragmentOp>(op); write && write.getFrag().getType().isRowWise())
      return op->emitOpError() << "of the row-wise fragment " << write.getFrag().getType()
                               << " is not lowered yet; use store_fragment";
    if (isa<RelayoutOp, ReadFragmentOp, TakeTurnOp, PassTurnOp, FlagWaitOp, FlagSetOp, GridWaitOp,
            GridLaunchOp>(op))
      return op->emitOpError("is not lowered yet");
    if (auto work = dyn_cast<ForEachWorkOp>(op))
      if (work.getGroups() || work->hasAttr("split_k") || work->hasAttr("stream_k"))
        return work.emitOpError("with groups, split_k or stream_k is not lowered yet");
    if (auto ring = dyn_cast<RingOp>(op))
      return verifyRing(ring, target);
    if (auto product = dyn_cast<MmaAsyncOp>(op))
      return verifyProduct(product, target);
    if (isa<CopyOutOp, StoreWaitOp>(op) && target.generation < 90)
      return op->emitOpError() << target.name << " has no bulk stores; use store_fragment";
    return success();
  });
  return failure(result.wasInterrupted());
}
