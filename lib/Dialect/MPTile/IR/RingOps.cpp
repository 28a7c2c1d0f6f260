// Rings: verification, and the inference of tile types.
#include "OpVerification.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::mptile;

//===- Ring --------------------------------------------------------------------------===//

LogicalResult RingOp::verify() {
  // ring_c1
  if (!isa<KernelOp>((*this)->getParentOp()))
    return emitOpError("must stand directly in an mptile.kernel");
  // ring_c2
  if (getReaders() < 1 || getWriters() < 1)
    return emitOpError("needs at least one reader and one writer, not ")
           << getReaders() << " and " << getWriters();
  bool accumulators = llvm::any_of(getType().getElements(), llvm::IsaPred<AccType>);
  if (accumulators != (getFill() == Fill::Mma))
    return emitOpError("fill = ") << stringifyFill(getFill()) << " does not go with "
                                  << (accumulators ? "accumulators; only products (mma) fill those"
                                                   : "shared-memory tiles");
  return success();
}

/// A ring is known by its declaration: lowerings read its fill and readers there.
static LogicalResult verifyRingOrigin(Operation *op, Value ring) {
  if (ring.getDefiningOp<RingOp>())
    return success();
  return op->emitOpError("ring must be the result of mptile.ring");
}

LogicalResult WaitOp::verify() {
  if (failed(verifyRingOrigin(*this, getRing())))
    return failure();
  Fill fill = getRing().getDefiningOp<RingOp>().getFill();
  if (getOutstanding() < 0 || (getOutstanding() > 0 && fill != Fill::Async))
    return emitOpError("outstanding = ")
           << getOutstanding() << " is for rings filled by async, this one is filled by "
           << stringifyFill(fill);
  return success();
}

LogicalResult ReleaseOp::verify() { return verifyRingOrigin(*this, getRing()); }

//===- Filling -----------------------------------------------------------------------===//

/// A slot to be filled must come straight from acquire, whose ring and cursor the lowering uses.
static LogicalResult verifyAcquired(Operation *op, Value slot) {
  if (auto acquire = slot.getDefiningOp<AcquireOp>())
    return verifyRingOrigin(op, acquire.getRing());
  return op->emitOpError("slot must be the result of mptile.acquire");
}

void CopyOp::build(OpBuilder &builder, OperationState &state, Value view, ValueRange offsets,
                   Value slot, int64_t element, int64_t alignment) {
  build(builder, state, view, offsets, slot, element, /*rows=*/Value(), /*rowOffsets=*/ValueRange(),
        /*page=*/IntegerAttr(), alignment ? builder.getI64IntegerAttr(alignment) : IntegerAttr());
}

LogicalResult CopyOp::verify() {
  // copy_c1
  if (failed(verifyAcquired(*this, getSlot())))
    return failure();
  // copy_c2
  ArrayRef<Type> elements = getSlot().getType().getElements();
  if (getElement() < 0 || getElement() >= static_cast<int64_t>(elements.size()))
    return emitOpError("element ")
           << getElement() << " of a slot with " << elements.size() << " tiles";
  auto tile = dyn_cast<SmemType>(elements[getElement()]);
  if (!tile)
    return emitOpError("element ") << getElement() << " is " << elements[getElement()]
                                   << "; only shared-memory tiles are copied to";
  // copy_c3, copy_c4
  ViewType view = getView().getType();
  if (failed(verifySameElement(*this, view.getElementType(), tile.getElementType())) ||
      failed(verifyOffsetCount(*this, view, getOffsets().size())))
    return failure();
  if (view.getRank() < 1)
    return emitOpError("cannot copy a tile of the scalar ") << view;
  if (view.getRank() == 1 && tile.getRows() != 1)
    return emitOpError("a tile of ")
           << tile.getRows() << " rows cannot be filled from the vector " << view;
  if (getAlignment() && *getAlignment() < 1)
    return emitOpError("alignment must be at least 1 byte, not ") << *getAlignment();
  if (getRows() && static_cast<size_t>(getRows().getType().getRank()) != getRowOffsets().size())
    return emitOpError("the row table ")
           << getRows().getType() << " needs " << getRows().getType().getRank() << " offsets, has "
           << getRowOffsets().size();
  return success();
}

LogicalResult CommitOp::verify() { return verifyAcquired(*this, getSlot()); }

//===- Tile --------------------------------------------------------------------------===//

LogicalResult TileOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                       Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto slot = dyn_cast<SlotType>(adaptor.getSlot().getType());
  int64_t element = adaptor.getElement();
  if (!slot || element < 0 || element >= static_cast<int64_t>(slot.getElements().size()))
    return emitOptionalError(location, "element ", element, " of a slot with ",
                             slot ? slot.getElements().size() : 0, " tiles");
  types.push_back(slot.getElements()[element]);
  return success();
}

LogicalResult TileOp::verify() {
  Operation *slot = getSlot().getDefiningOp();
  if (!isa_and_nonnull<WaitOp, AcquireOp>(slot))
    return emitOpError("slot must be the result of mptile.wait or mptile.acquire");
  return success();
}
