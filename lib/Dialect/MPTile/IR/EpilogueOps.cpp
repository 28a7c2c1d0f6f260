// Staging and copies to global memory: verification.
#include "OpVerification.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::mptile;

LogicalResult AllocOp::verify() {
  if (!isa<KernelOp>((*this)->getParentOp()))
    return emitOpError("must stand directly in an mptile.kernel");
  if (getCopies() < 1 || getCopies() > 1024)
    return emitOpError("copies must be from 1 to 1024, not ") << getCopies();
  return success();
}

LogicalResult SelectOp::verify() {
  // select_c1
  if (getTiles().getDefiningOp<AllocOp>())
    return success();
  return emitOpError("selects among the tiles of an mptile.alloc");
}

LogicalResult WriteFragmentOp::verify() {
  // write_fragment_c1
  FragType frag = getFrag().getType();
  SmemType tile = getTile().getType();
  if (frag.getShape() != tile.getShape())
    return emitOpError("fragment ") << frag << " and tile " << tile << " differ in shape";
  return verifySameElement(*this, frag.getElementType(), tile.getElementType());
}

LogicalResult CopyOutOp::verify() {
  // copy_out_c1, copy_out_c2
  ViewType view = getView().getType();
  if (view.getRank() < 1)
    return emitOpError("cannot copy a tile to the scalar ") << view;
  if (failed(verifyOffsetCount(*this, view, getOffsets().size())))
    return failure();
  return verifySameElement(*this, getTile().getType().getElementType(), view.getElementType());
}

LogicalResult StoreWaitOp::verify() {
  if (getOutstanding() < 0)
    return emitOpError("outstanding must not be negative");
  return success();
}
