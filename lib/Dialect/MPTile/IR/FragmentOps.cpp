// Fragments: verification.
#include "OpVerification.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::mptile;

//===- Global memory -----------------------------------------------------------------===//

/// Checks the offsets and the map (r, c) -> of a fragment access; fragment_c1, fragment_c2.
static LogicalResult verifyAccess(Operation *op, ViewType view, FragType frag, size_t numOffsets,
                                  AffineMap map, std::optional<int64_t> alignment) {
  if (failed(verifyOffsetCount(op, view, numOffsets)) ||
      failed(verifySameElement(op, view.getElementType(), frag.getElementType())))
    return failure();
  if (map.getNumDims() != 2 || map.getNumSymbols() != 0 ||
      static_cast<int64_t>(map.getNumResults()) != view.getRank())
    return op->emitOpError("map must go from (r, c) to the ")
           << view.getRank() << " dimensions of " << view;
  for (AffineExpr expr : map.getResults()) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    if (!isa<AffineDimExpr>(expr) && !(constant && constant.getValue() == 0))
      return op->emitOpError("each result of the map must be the row, the column or 0");
  }
  if (alignment && *alignment < 1)
    return op->emitOpError("alignment must be at least 1 byte, not ") << *alignment;
  return success();
}

LogicalResult LoadFragmentOp::verify() {
  return verifyAccess(*this, getView().getType(), getFrag().getType(), getOffsets().size(),
                      getMap(), getAlignment());
}

LogicalResult StoreFragmentOp::verify() {
  return verifyAccess(*this, getView().getType(), getFrag().getType(), getOffsets().size(),
                      getMap(), getAlignment());
}

//===- Map ---------------------------------------------------------------------------===//

YieldOp MapOp::getYield() { return cast<YieldOp>(getBody().front().getTerminator()); }

LogicalResult MapOp::verifyRegions() {
  // map_c1
  Block &body = getBody().front();
  size_t expected = getInputs().size() + (getIndices() ? 2 : 0);
  if (body.getNumArguments() != expected)
    return emitOpError("body has ")
           << body.getNumArguments() << " arguments, expected " << expected;
  for (auto [input, argument] : llvm::zip(getInputs(), body.getArguments()))
    if (cast<FragType>(input.getType()).getElementType() != argument.getType())
      return emitOpError("operand ")
             << input.getType() << " meets a body argument of type " << argument.getType();
  if (getIndices())
    for (BlockArgument argument : body.getArguments().take_back(2))
      if (!argument.getType().isIndex())
        return emitOpError("row and column arguments must be index, not ") << argument.getType();
  if (getResults().empty())
    return emitOpError("needs at least one result");
  if (getYield().getNumOperands() != getResults().size())
    return emitOpError("body yields ")
           << getYield().getNumOperands() << " values for " << getResults().size() << " results";
  // map_c2
  auto shape = cast<FragType>(getResult(0).getType());
  for (auto [result, yielded] : llvm::zip(getResults(), getYield().getOperands())) {
    auto type = cast<FragType>(result.getType());
    if (type.getElementType() != yielded.getType())
      return emitOpError("result ") << type << " meets a yielded " << yielded.getType();
    if (type.getShape() != shape.getShape() || !type.hasLayoutOf(shape))
      return emitOpError("results ") << shape << " and " << type << " differ in shape or layout";
  }
  for (Value input : getInputs()) {
    auto type = cast<FragType>(input.getType());
    bool rows = type.getRows() == shape.getRows() || type.getRows() == 1;
    bool columns = type.getColumns() == shape.getColumns() || type.getColumns() == 1;
    if (!rows || !columns || !type.hasLayoutOf(shape))
      return emitOpError("operand ") << type << " does not fit the result " << shape;
  }
  return success();
}

//===- Reduce, relayout, read --------------------------------------------------------===//

LogicalResult ReduceOp::verify() {
  FragType input = getInput().getType(), result = getResult().getType();
  if (getAxis() != 0 && getAxis() != 1)
    return emitOpError("axis must be 0 or 1, not ") << getAxis();
  SmallVector<int64_t> shape(input.getShape());
  shape[getAxis()] = 1;
  if (result != input.cloneWith(shape, input.getElementType()))
    return emitOpError("reducing ")
           << input << " over axis " << getAxis() << " does not give " << result;
  // reduce_c2
  if (getKind() == Reduction::AbsMax && !isa<FloatType>(input.getElementType()))
    return emitOpError("abs_max is for floats, not ") << input.getElementType();
  return success();
}

LogicalResult RelayoutOp::verify() {
  FragType input = getInput().getType(), result = getResult().getType();
  if (input.getShape() != result.getShape() || input.getElementType() != result.getElementType() ||
      input.getNumWarps() != result.getNumWarps())
    return emitOpError("cannot move ")
           << input << " to " << result << ": shape, element type and number of warps stay";
  return success();
}

LogicalResult ReadFragmentOp::verify() {
  SmemType tile = getTile().getType();
  FragType frag = getFrag().getType();
  if (getOffsets().size() != 2)
    return emitOpError("needs two offsets, has ") << getOffsets().size();
  if (failed(verifySameElement(*this, tile.getElementType(), frag.getElementType())))
    return failure();
  if (frag.getRows() > tile.getRows() || frag.getColumns() > tile.getColumns())
    return emitOpError("fragment ") << frag << " is larger than the tile " << tile;
  return success();
}
