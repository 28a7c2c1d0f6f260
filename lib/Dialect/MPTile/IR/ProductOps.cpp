// Products: verification.
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::mptile;

//===- MmaAsync ----------------------------------------------------------------------===//

namespace {
/// An operand of a product: how many rows of A (columns of B) and how much of K it holds.
struct OperandShape {
  int64_t outer, k;
  Type elementType;
};
} // namespace

static OperandShape getOperandShape(Type type, Major major) {
  if (auto frag = dyn_cast<FragType>(type))
    return {frag.getRows(), frag.getColumns(), frag.getElementType()};
  auto tile = cast<SmemType>(type);
  if (major == Major::K)
    return {tile.getRows(), tile.getColumns(), tile.getElementType()};
  return {tile.getColumns(), tile.getRows(), tile.getElementType()};
}

LogicalResult MmaAsyncOp::verify() {
  PendingType acc = getPendingType(getAcc().getType());
  OperandShape a = getOperandShape(getA().getType(), getAMajor());
  OperandShape b = getOperandShape(getB().getType(), getBMajor());
  // mma_async_c1
  if (a.k != b.k)
    return emitOpError("A and B disagree on K: A is ")
           << getA().getType() << " (K=" << a.k << "), B is " << getB().getType() << " (K=" << b.k
           << ")";
  if (a.outer < acc.getRows() || b.outer < acc.getColumns())
    return emitOpError("accumulator has ")
           << acc.getRows() << " rows and " << acc.getColumns() << " columns, but A has " << a.outer
           << " rows and B " << b.outer << " columns";
  bool fromRegisters = isa<FragType>(getA().getType());
  if (fromRegisters && (getAOffset() || getAMajor() != Major::K || a.outer != acc.getRows()))
    return emitOpError(
        "A in registers is K-major, has no offset, and has the rows of the accumulator");
  // mma_async_c2
  auto kernel = (*this)->getParentOfType<KernelOp>();
  if (!kernel)
    return emitOpError("must stand in an mptile.kernel");
  bool warpgroup = acc.getWarpsM() == 4 && acc.getWarpsN() == 1;
  const MmaAtom *atom =
      findMmaAtom(kernel.getTarget(), a.elementType, b.elementType, acc.getElementType(), warpgroup,
                  getUnsignedA(), getUnsignedB());
  if (!atom)
    return emitOpError() << kernel.getTarget() << " cannot multiply " << a.elementType << " x "
                         << b.elementType << " into " << acc.getElementType() << " with "
                         << acc.getWarpsM() << "x" << acc.getWarpsN() << " warps";
  if (a.k % atom->k != 0)
    return emitOpError("K=") << a.k << " of the tiles is not a multiple of " << atom->k
                             << ", which " << atom->name << " needs";
  if (atom->isWgmma() && (acc.getRows() % 64 != 0 || !atom->isLegalN(acc.getColumns())))
    return emitOpError() << atom->name << " has no shape for an accumulator of " << acc.getRows()
                         << "x" << acc.getColumns() << "; N goes up to " << atom->n
                         << " in steps of " << atom->nStep;
  if (fromRegisters && !atom->aInRegisters)
    return emitOpError() << atom->name << " does not take A from registers";
  // mma_async_c3
  bool mnMajor = getAMajor() == Major::MN || getBMajor() == Major::MN;
  if (mnMajor && !atom->mnMajor)
    return emitOpError() << atom->name << " reads K-major operands only";
  if (acc.getTensorMemory() != (atom->m == 128))
    return emitOpError() << atom->name << " accumulates in "
                         << (atom->m == 128 ? "tensor memory" : "registers");
  // mma_async_c4
  if ((getUnsignedA() && !a.elementType.isInteger(8)) ||
      (getUnsignedB() && !b.elementType.isInteger(8)))
    return emitOpError("unsigned operands are of i8; A has ")
           << a.elementType << " and B " << b.elementType;
  // mma_async_c5
  if (getCorrection() && (!a.elementType.isF32() || !b.elementType.isF32()))
    return emitOpError("corrects products of f32, not of ")
           << a.elementType << " x " << b.elementType;
  if (getCorrection() && atom->isWgmma())
    return emitOpError() << atom->name << " has no correction; use an accumulator of other than "
                         << "4x1 warps, which mma.sync serves";
  // A pending accumulator is linear.
  if (!getResult().hasOneUse())
    return emitOpError("pending result must have exactly one use, it has ")
           << std::distance(getResult().use_begin(), getResult().use_end());
  return success();
}

//===- AccZero -----------------------------------------------------------------------===//

LogicalResult AccZeroOp::verify() {
  PendingType type = getPendingType(getAcc().getType());
  if (type.getTensorMemory() != static_cast<bool>(getStorage()))
    return emitOpError("names its storage exactly for an accumulator in tensor memory, not for ")
           << type;
  if (getStorage() && getPendingType(getStorage().getType()) != type)
    return emitOpError("storage ") << getStorage().getType() << " does not fit " << type;
  return success();
}

//===- MmaWait -----------------------------------------------------------------------===//

void MmaWaitOp::build(OpBuilder &builder, OperationState &state, Value pending,
                      int64_t outstanding) {
  auto type = cast<PendingType>(pending.getType());
  Type result = type;
  if (outstanding == 0)
    result = AccType::get(type.getContext(), type.getShape(), type.getElementType(),
                          type.getWarps(), type.getTensorMemory());
  build(builder, state, TypeRange(result), ValueRange(pending), outstanding);
}

/// Products started after `pending` and before `wait`, if both stand in one block in this order;
/// otherwise unknown (-1). That definitions dominate uses is verified later.
static int64_t countLaterProducts(Value pending, Operation *wait) {
  Operation *product = pending.getDefiningOp();
  if (!product || product->getBlock() != wait->getBlock())
    return -1;
  int64_t count = 0;
  for (Operation *op = product->getNextNode(); op; op = op->getNextNode()) {
    if (op == wait)
      return count;
    count += isa<MmaAsyncOp>(op);
  }
  return -1;
}

LogicalResult MmaWaitOp::verify() {
  // mma_wait_c1
  if (getOperands().size() != getResults().size())
    return emitOpError("has ") << getOperands().size() << " operands but " << getResults().size()
                               << " results";
  if (getOutstanding() < 0)
    return emitOpError("outstanding must not be negative");
  for (auto [operand, result] : llvm::zip(getOperands(), getResults())) {
    if (getPendingType(result.getType()) != operand.getType())
      return emitOpError("operand ") << operand.getType() << " cannot become " << result.getType();
    // mma_wait_c2
    bool readable = isa<AccType>(result.getType());
    if (getOutstanding() == 0 && !readable)
      return emitOpError("leaves nothing outstanding, so every result is an accumulator, not ")
             << result.getType();
    int64_t later = getOutstanding() == 0 || !readable ? -1 : countLaterProducts(operand, *this);
    if (later >= 0 && later < getOutstanding())
      return emitOpError("with ") << getOutstanding() << " products outstanding a product with "
                                  << later << " later ones is not known to be done";
    if (!readable && !result.hasOneUse())
      return emitOpError("pending result must have exactly one use, it has ")
             << std::distance(result.use_begin(), result.use_end());
  }
  return success();
}

//===- Reading and writing accumulators ----------------------------------------------===//

static LogicalResult verifyAccPart(Operation *op, AccType acc, FragType frag,
                                   ArrayRef<int64_t> offsets) {
  if (frag.isRowWise())
    return op->emitOpError("accumulators are not distributed by rows as ") << frag << " is";
  if (frag.getElementType() != acc.getElementType() || frag.getWarps() != acc.getWarps())
    return op->emitOpError("fragment ")
           << frag << " and accumulator " << acc << " must have the same element type and warps";
  if (offsets.size() != 2)
    return op->emitOpError("needs two offsets, has ") << offsets.size();
  if (offsets[0] % frag.getUnitRows() != 0 || offsets[1] % frag.getUnitColumns() != 0)
    return op->emitOpError("offset [")
           << offsets << "] must be a multiple of " << frag.getUnitRows() << " rows and "
           << frag.getUnitColumns() << " columns";
  if (offsets[0] < 0 || offsets[1] < 0 || offsets[0] + frag.getRows() > acc.getRows() ||
      offsets[1] + frag.getColumns() > acc.getColumns())
    return op->emitOpError("fragment ") << frag << " at [" << offsets << "] reaches beyond " << acc;
  return success();
}

LogicalResult AccReadOp::verify() {
  return verifyAccPart(*this, getAcc().getType(), getFrag().getType(), getOffsets());
}

LogicalResult AccWriteOp::verify() {
  return verifyAccPart(*this, getAcc().getType(), getFrag().getType(), getOffsets());
}
