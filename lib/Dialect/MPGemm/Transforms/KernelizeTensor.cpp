// Kernels for ops that move tensors: pad, concat, extract_slice, insert_slice, splat, generate.
// Each thread finds where its element of the result comes from.
#include "ElementKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

using Builder = ElementKernel::Builder;

SmallVector<SmallVector<OpFoldResult>> sizesOfResult(Operation *op) {
  OpBuilder builder(op);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(builder, op, shapes)))
    return {};
  return {shapes.front()};
}

Value conjunction(Builder &b, Value x, Value y) {
  return x ? Value(arith::AndIOp::create(b, x, y)) : y;
}

/// The element of `tensor` at `indices` where `condition` holds, else what `otherwise` makes.
Value loadIf(Builder &b, ElementKernel &kernel, Value condition, Value tensor, ValueRange indices,
             function_ref<Value(Builder &)> otherwise) {
  if (!condition)
    return kernel.load(b, tensor, indices);
  // The view becomes an argument before the regions are written.
  kernel.declare(tensor);
  auto choice = scf::IfOp::create(
      b, condition,
      [&](OpBuilder &then, Location loc) {
        Builder inner(loc, then);
        scf::YieldOp::create(inner, kernel.load(inner, tensor, indices));
      },
      [&](OpBuilder &other, Location loc) {
        Builder inner(loc, other);
        scf::YieldOp::create(inner, otherwise(inner));
      });
  return choice.getResult(0);
}

/// An element of the box that starts at `offsets` and has the sizes of `source`, counted from its
/// start, and whether it is inside. Indices are unsigned: what lies before the box wraps to a large
/// number.
struct InBox {
  SmallVector<Value> indices;
  Value inside;
};

FailureOr<InBox> locate(Builder &b, ElementKernel &kernel, Value source, ValueRange indices,
                        ArrayRef<OpFoldResult> offsets) {
  InBox box;
  for (auto [i, offset] : llvm::enumerate(offsets)) {
    FailureOr<Value> start = kernel.index(offset), size = kernel.size(b, source, i);
    if (failed(start) || failed(size))
      return failure();
    Value index = arith::SubIOp::create(b, indices[i], *start);
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, index, *size);
    box.indices.push_back(index);
    box.inside = conjunction(b, box.inside, inside);
  }
  return box;
}

LogicalResult kernelize(tensor::PadOp op, StringRef target, KernelCache &cache) {
  Value padding = op.getConstantPaddingValue();
  if (!padding)
    return op.emitOpError() << "pads with a value that depends on the element; write it as "
                               "linalg.generic";
  ElementKernel kernel(op, target, {op.getResultType()});
  auto body = [&](Builder &b, ValueRange indices) -> LogicalResult {
    FailureOr<Value> value = kernel.scalar(padding);
    FailureOr<InBox> box = locate(b, kernel, op.getSource(), indices, op.getMixedLowPad());
    if (failed(value) || failed(box))
      return failure();
    kernel.store(b,
                 loadIf(b, kernel, box->inside, op.getSource(), box->indices,
                        [&](Builder &) { return *value; }),
                 0, indices);
    return success();
  };
  if (failed(kernel.write(body)))
    return failure();
  kernel.launch(cache, "pad", sizesOfResult(op));
  return success();
}

// The element belongs to the first input that it does not lie behind; `sizes` are those of the
// inputs in the dimension they are joined in.
Value loadConcatenated(Builder &b, ElementKernel &kernel, tensor::ConcatOp op,
                       ArrayRef<Value> sizes, unsigned input, SmallVector<Value> indices) {
  Value source = op.getInputs()[input];
  if (input + 1 == op.getInputs().size())
    return kernel.load(b, source, indices);
  const int64_t dim = op.getDim();
  Value mine = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, indices[dim], sizes[input]);
  return loadIf(b, kernel, mine, source, indices, [&](Builder &inner) {
    SmallVector<Value> rest = indices;
    rest[dim] = arith::SubIOp::create(inner, indices[dim], sizes[input]);
    return loadConcatenated(inner, kernel, op, sizes, input + 1, rest);
  });
}

LogicalResult kernelize(tensor::ConcatOp op, StringRef target, KernelCache &cache) {
  ElementKernel kernel(op, target, {op.getResultType()});
  auto body = [&](Builder &b, ValueRange indices) -> LogicalResult {
    SmallVector<Value> sizes;
    for (Value input : op.getInputs()) {
      kernel.declare(input);
      FailureOr<Value> size = kernel.size(b, input, op.getDim());
      if (failed(size))
        return failure();
      sizes.push_back(*size);
    }
    kernel.store(b, loadConcatenated(b, kernel, op, sizes, 0, SmallVector<Value>(indices)), 0,
                 indices);
    return success();
  };
  if (failed(kernel.write(body)))
    return failure();
  kernel.launch(cache, "concat", sizesOfResult(op));
  return success();
}

LogicalResult kernelize(tensor::ExtractSliceOp op, StringRef target, KernelCache &cache) {
  ElementKernel kernel(op, target, {op.getType()});
  const llvm::SmallBitVector dropped = op.getDroppedDims();
  auto body = [&](Builder &b, ValueRange indices) -> LogicalResult {
    SmallVector<Value> from;
    unsigned next = 0;
    for (auto [i, parts] :
         llvm::enumerate(llvm::zip_equal(op.getMixedOffsets(), op.getMixedStrides()))) {
      FailureOr<Value> offset = kernel.index(std::get<0>(parts));
      FailureOr<Value> stride = kernel.index(std::get<1>(parts));
      if (failed(offset) || failed(stride))
        return failure();
      if (dropped.test(i)) {
        from.push_back(*offset);
        continue;
      }
      Value step = arith::MulIOp::create(b, indices[next++], *stride);
      from.push_back(arith::AddIOp::create(b, *offset, step));
    }
    kernel.store(b, kernel.load(b, op.getSource(), from), 0, indices);
    return success();
  };
  if (failed(kernel.write(body)))
    return failure();
  kernel.launch(cache, "slice", sizesOfResult(op));
  return success();
}

LogicalResult kernelize(tensor::InsertSliceOp op, StringRef target, KernelCache &cache) {
  if (!op.hasUnitStride())
    return op.emitOpError() << "inserts with a stride; only strides of 1 are supported";
  ElementKernel kernel(op, target, {op.getResultType()});
  const llvm::SmallBitVector dropped = op.getDroppedDims();
  auto body = [&](Builder &b, ValueRange indices) -> LogicalResult {
    // A dropped dimension has size 1: the element lies at its offset or outside.
    SmallVector<Value> kept;
    SmallVector<OpFoldResult> offsets;
    Value inside;
    for (auto [i, offset] : llvm::enumerate(op.getMixedOffsets())) {
      if (!dropped.test(i)) {
        kept.push_back(indices[i]);
        offsets.push_back(offset);
        continue;
      }
      FailureOr<Value> at = kernel.index(offset);
      if (failed(at))
        return failure();
      inside = conjunction(b, inside,
                           arith::CmpIOp::create(b, arith::CmpIPredicate::eq, indices[i], *at));
    }
    FailureOr<InBox> box = locate(b, kernel, op.getSource(), kept, offsets);
    if (failed(box))
      return failure();
    if (box->inside)
      inside = conjunction(b, inside, box->inside);
    kernel.declare(op.getDest());
    kernel.store(b,
                 loadIf(b, kernel, inside, op.getSource(), box->indices,
                        [&](Builder &inner) { return kernel.load(inner, op.getDest(), indices); }),
                 0, indices);
    return success();
  };
  if (failed(kernel.write(body)))
    return failure();
  kernel.launch(cache, "insert", sizesOfResult(op));
  return success();
}

LogicalResult kernelize(tensor::SplatOp op, StringRef target, KernelCache &cache) {
  ElementKernel kernel(op, target, {cast<RankedTensorType>(op.getType())});
  auto body = [&](Builder &b, ValueRange indices) -> LogicalResult {
    FailureOr<Value> value = kernel.scalar(op.getInput());
    if (failed(value))
      return failure();
    kernel.store(b, *value, 0, indices);
    return success();
  };
  if (failed(kernel.write(body)))
    return failure();
  kernel.launch(cache, "fill", sizesOfResult(op));
  return success();
}

LogicalResult kernelize(tensor::GenerateOp op, StringRef target, KernelCache &cache) {
  ElementKernel kernel(op, target, {cast<RankedTensorType>(op.getType())});
  auto body = [&](Builder &b, ValueRange indices) -> LogicalResult {
    Block &block = op.getBody().front();
    IRMapping mapping;
    mapping.map(block.getArguments(), indices);
    if (failed(kernel.clone(b, block, mapping)))
      return failure();
    Value result = block.getTerminator()->getOperand(0);
    if (!mapping.contains(result)) {
      FailureOr<Value> known = kernel.scalar(result);
      if (failed(known))
        return failure();
      mapping.map(result, *known);
    }
    kernel.store(b, mapping.lookup(result), 0, indices);
    return success();
  };
  if (failed(kernel.write(body)))
    return failure();
  kernel.launch(cache, "generate", sizesOfResult(op));
  return success();
}

} // namespace

bool mlir::mpgemm::isKernelizedTensorOp(Operation *op) {
  return isa<tensor::PadOp, tensor::ConcatOp, tensor::ExtractSliceOp, tensor::InsertSliceOp,
             tensor::SplatOp, tensor::GenerateOp>(op);
}

LogicalResult mlir::mpgemm::kernelizeTensor(Operation *op, StringRef target, KernelCache &cache) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<tensor::PadOp, tensor::ConcatOp, tensor::ExtractSliceOp, tensor::InsertSliceOp,
            tensor::SplatOp, tensor::GenerateOp>(
          [&](auto concrete) { return kernelize(concrete, target, cache); })
      .Default([](Operation *other) { return other->emitOpError() << "has no kernel"; });
}
