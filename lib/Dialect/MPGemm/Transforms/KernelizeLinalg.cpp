// Kernels for linalg.generic and linalg.fill: a thread for each element of the first result, a loop
// for each reduction. Correct for every affine indexing map; not meant to be fast.
#include "ElementKernel.h"
#include "LaunchSupport.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

SmallVector<RankedTensorType> resultTypes(Operation *op) {
  SmallVector<RankedTensorType> types;
  for (Type type : op->getResultTypes())
    types.push_back(cast<RankedTensorType>(type));
  return types;
}

SmallVector<SmallVector<OpFoldResult>> initSizes(linalg::LinalgOp op) {
  OpBuilder builder(op);
  SmallVector<SmallVector<OpFoldResult>> sizes;
  for (OpOperand &init : op.getDpsInitsMutable())
    sizes.push_back(getSizes(builder, init.get()));
  return sizes;
}

/// The writer of one linalg.generic.
class GenericKernel {
public:
  using Builder = ElementKernel::Builder;

  GenericKernel(linalg::GenericOp op, StringRef target)
      : op(op), kernel(op, target, resultTypes(op)), loops(op.getNumLoops()) {}

  LogicalResult replace(KernelCache &cache) {
    if (failed(check()) || failed(kernel.write([&](Builder &b, ValueRange indices) {
          return writeElement(b, indices);
        })))
      return failure();
    kernel.launch(cache, op.getNumReductionLoops() ? "reduce" : "map", initSizes(op));
    return success();
  }

private:
  // Every result has one element for each point of the parallel loops.
  LogicalResult check() {
    for (OpOperand &init : op.getDpsInitsMutable()) {
      AffineMap map = op.getMatchingIndexingMap(&init);
      llvm::SmallDenseSet<unsigned> seen;
      for (AffineExpr result : map.getResults()) {
        auto dim = dyn_cast<AffineDimExpr>(result);
        if (!dim && result != getAffineConstantExpr(0, op.getContext()))
          return op.emitOpError() << "writes a result through " << AffineMapAttr::get(map)
                                  << "; a kernel needs a permutation of the parallel dimensions";
        if (dim &&
            (op.getIteratorTypesArray()[dim.getPosition()] != utils::IteratorType::parallel ||
             !seen.insert(dim.getPosition()).second))
          return op.emitOpError() << "writes a result through " << AffineMapAttr::get(map)
                                  << "; a kernel needs a permutation of the parallel dimensions";
      }
      if (seen.size() != op.getNumParallelLoops())
        return op.emitOpError() << "writes a result through " << AffineMapAttr::get(map)
                                << ", which leaves out one of " << op.getNumParallelLoops()
                                << " parallel dimensions";
    }
    return success();
  }

  LogicalResult writeElement(Builder &b, ValueRange indices) {
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    for (auto [i, result] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(result))
        loops[dim.getPosition()] = indices[i];
    SmallVector<Value> accumulators;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      FailureOr<Value> value = initial(b, init);
      if (failed(value))
        return failure();
      accumulators.push_back(*value);
    }
    SmallVector<unsigned> reductions;
    op.getReductionDims(reductions);
    if (failed(reduce(b, reductions, accumulators)))
      return failure();
    for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable()))
      kernel.store(b, accumulators[i], i, expand(b, op.getMatchingIndexingMap(&init)));
    return success();
  }

  // What the body sees of a result before it writes it; null where it does not look.
  FailureOr<Value> initial(Builder &b, OpOperand &init) {
    BlockArgument argument = op.getMatchingBlockArgument(&init);
    if (argument.use_empty() && !op.getNumReductionLoops())
      return Value();
    if (auto fill = init.get().getDefiningOp<linalg::FillOp>())
      return kernel.scalar(fill.getInputs().front());
    if (init.get().getDefiningOp<tensor::EmptyOp>())
      return Value(
          arith::ConstantOp::create(b, b.getZeroAttr(getElementTypeOrSelf(init.get().getType()))));
    return kernel.load(b, init.get(), expand(b, op.getMatchingIndexingMap(&init)));
  }

  SmallVector<Value> expand(Builder &b, AffineMap map) {
    SmallVector<Value> values;
    for (AffineExpr expr : map.getResults())
      values.push_back(affine::expandAffineExpr(b, b.getLoc(), expr, loops, {}));
    return values;
  }

  // The size of a loop is that of a dimension it alone runs over.
  FailureOr<Value> loopSize(Builder &b, unsigned loop) {
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      for (auto [i, expr] : llvm::enumerate(map.getResults()))
        if (expr == getAffineDimExpr(loop, op.getContext()))
          return kernel.size(b, operand.get(), i);
    }
    return op.emitOpError() << "has a loop d" << loop
                            << " whose size is no dimension of an operand";
  }

  LogicalResult reduce(Builder &b, ArrayRef<unsigned> reductions,
                       SmallVector<Value> &accumulators) {
    if (reductions.empty())
      return writeBody(b, accumulators);
    FailureOr<Value> size = loopSize(b, reductions.front());
    if (failed(size))
      return failure();
    Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
    auto loop = scf::ForOp::create(b, zero, *size, one, accumulators);
    OpBuilder::InsertionGuard guard(b);
    if (loop.getBody()->mightHaveTerminator())
      loop.getBody()->getTerminator()->erase();
    b.setInsertionPointToEnd(loop.getBody());
    loops[reductions.front()] = loop.getInductionVar();
    SmallVector<Value> inner(loop.getRegionIterArgs());
    if (failed(reduce(b, reductions.drop_front(), inner)))
      return failure();
    scf::YieldOp::create(b, inner);
    accumulators.assign(loop.getResults().begin(), loop.getResults().end());
    return success();
  }

  LogicalResult writeBody(Builder &b, SmallVector<Value> &accumulators) {
    IRMapping mapping;
    Block &body = *op.getBody();
    for (OpOperand *input : op.getDpsInputOperands()) {
      BlockArgument argument = op.getMatchingBlockArgument(input);
      if (argument.use_empty())
        continue;
      if (isa<RankedTensorType>(input->get().getType())) {
        mapping.map(argument,
                    kernel.load(b, input->get(), expand(b, op.getMatchingIndexingMap(input))));
        continue;
      }
      FailureOr<Value> value = kernel.scalar(input->get());
      if (failed(value))
        return failure();
      mapping.map(argument, *value);
    }
    for (auto [argument, value] : llvm::zip_equal(op.getRegionOutputArgs(), accumulators))
      if (value)
        mapping.map(argument, value);
    for (auto index : body.getOps<linalg::IndexOp>())
      mapping.map(index.getResult(), loops[index.getDim()]);
    if (failed(kernel.clone(b, body, mapping)))
      return failure();
    for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands())) {
      if (mapping.contains(value)) {
        accumulators[i] = mapping.lookup(value);
        continue;
      }
      FailureOr<Value> known = kernel.scalar(value);
      if (failed(known))
        return failure();
      accumulators[i] = *known;
    }
    return success();
  }

  linalg::GenericOp op;
  ElementKernel kernel;
  SmallVector<Value> loops; // the index of each loop
};

LogicalResult kernelizeFill(linalg::FillOp op, StringRef target, KernelCache &cache) {
  ElementKernel kernel(op, target, resultTypes(op));
  auto body = [&](ElementKernel::Builder &b, ValueRange indices) -> LogicalResult {
    FailureOr<Value> value = kernel.scalar(op.getInputs().front());
    if (failed(value))
      return failure();
    kernel.store(b, *value, 0, indices);
    return success();
  };
  if (failed(kernel.write(body)))
    return failure();
  kernel.launch(cache, "fill", initSizes(op));
  return success();
}

} // namespace

LogicalResult mlir::mpgemm::kernelizeLinalg(Operation *op, StringRef target, KernelCache &cache) {
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return kernelizeFill(fill, target, cache);
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return GenericKernel(generic, target).replace(cache);
  return op->emitOpError() << "has no kernel; write it as linalg.generic";
}
