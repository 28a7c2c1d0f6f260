// What the writers of launches share: sizes of tensors, and a function without repeated constants.
#include "LaunchSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;

SmallVector<OpFoldResult> mpgemm::getSizes(OpBuilder &builder, Value tensor) {
  // Not through tensor.dim: that would keep the op that makes the tensor alive.
  Value origin = tensor;
  while (auto op = origin.getDefiningOp<DestinationStyleOpInterface>())
    origin = op.getTiedOpOperand(cast<OpResult>(origin))->get();
  if (auto empty = origin.getDefiningOp<tensor::EmptyOp>())
    return empty.getMixedSizes();
  if (auto slice = origin.getDefiningOp<tensor::ExtractSliceOp>()) {
    SmallVector<OpFoldResult> sizes;
    for (auto [dim, size] : llvm::enumerate(slice.getMixedSizes()))
      if (!slice.getDroppedDims().test(dim))
        sizes.push_back(size);
    return sizes;
  }
  return tensor::getMixedSizes(builder, tensor.getLoc(), tensor);
}

void mpgemm::shareConstants(func::FuncOp function) {
  if (function.isExternal())
    return;
  Block &block = function.getBody().front();
  DenseMap<Attribute, Operation *> known;
  Operation *last = nullptr;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto constant = dyn_cast<arith::ConstantOp>(op);
    if (!constant || isa<ShapedType>(constant.getType()))
      continue;
    if (constant->use_empty()) {
      constant->erase();
      continue;
    }
    auto [entry, isNew] = known.try_emplace(constant.getValue(), constant);
    if (!isNew) {
      constant->replaceAllUsesWith(entry->second);
      constant->erase();
      continue;
    }
    if (last)
      constant->moveAfter(last);
    else
      constant->moveBefore(&block, block.begin());
    last = constant;
  }
}
