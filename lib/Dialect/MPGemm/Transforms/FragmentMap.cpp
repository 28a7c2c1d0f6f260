// Building mptile.map: scalars of fragments in, scalars of fragments out.
#include "FragmentMap.h"

using namespace mlir;
using namespace mlir::mpgemm;

SmallVector<Value> mpgemm::buildMap(ImplicitLocOpBuilder &b, ValueRange inputs,
                                    ArrayRef<Type> results,
                                    function_ref<SmallVector<Value>(ValueRange)> body) {
  auto op = mptile::MapOp::create(b, TypeRange(results), inputs, /*indices=*/false);
  OpBuilder::InsertionGuard guard(b);
  Block &block = op.getBody().empty() ? op.getBody().emplaceBlock() : op.getBody().front();
  block.clear();
  for (Value input : inputs)
    block.addArgument(cast<mptile::FragType>(input.getType()).getElementType(), b.getLoc());
  b.setInsertionPointToStart(&block);
  SmallVector<Value> yielded = body(block.getArguments());
  mptile::YieldOp::create(b, yielded);
  return SmallVector<Value>(op.getResults());
}
