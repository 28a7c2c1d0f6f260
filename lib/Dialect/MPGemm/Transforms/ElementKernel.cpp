// The writer of a simple kernel: one thread for each element of its results.
//
// The kernel's arguments grow while its body is written: a tensor that the body reads becomes a
// view when it is first asked for. Views of results stay last, as a launch wants them.
#include "ElementKernel.h"
#include "LaunchSupport.h"
#include "SliceInPlace.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

constexpr int64_t threads = 256;
// A multiprocessor holds 2048 threads.
constexpr int64_t blocksPerMultiprocessor = 8;

mptile::ViewType viewOf(RankedTensorType type) {
  return mptile::ViewType::get(type.getContext(), type.getShape(), type.getElementType());
}

bool isScalarOp(Operation *op) {
  return isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) && op->getNumRegions() == 0;
}

} // namespace

bool mlir::mpgemm::isElementType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.isSignless() && llvm::is_contained({1u, 8u, 16u, 32u, 64u}, integer.getWidth());
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type, Float8E4M3FNType, Float8E5M2Type,
             Float8E8M0FNUType>(type);
}

ElementKernel::ElementKernel(Operation *source, StringRef target,
                             ArrayRef<RankedTensorType> results)
    : source(source), results(results) {
  OpBuilder builder(source->getParentOfType<func::FuncOp>());
  SmallVector<Type> views;
  for (RankedTensorType type : results)
    views.push_back(viewOf(type));
  kernel = mptile::KernelOp::create(builder, source->getLoc(), KernelCache::kPlaceholder,
                                    builder.getFunctionType(views, {}), target, threads);
}

ElementKernel::~ElementKernel() {
  if (kernel)
    kernel.erase(); // never launched
}

Value ElementKernel::input(Value tensor) {
  for (auto [i, known] : llvm::enumerate(inputs))
    if (known == tensor)
      return entry().getArgument(i);
  Value view = entry().insertArgument(
      inputs.size(), viewOf(cast<RankedTensorType>(tensor.getType())), source->getLoc());
  inputs.push_back(tensor);
  return view;
}

void ElementKernel::declare(Value tensor) {
  std::optional<InPlaceSlice> slice = matchInPlaceSlice(tensor);
  input(slice ? slice->source : tensor);
}

Value ElementKernel::dim(Builder &b, Value view, int64_t i) {
  auto type = cast<mptile::ViewType>(view.getType());
  if (!type.isDynamicDim(i))
    return arith::ConstantIndexOp::create(b, type.getShape()[i]);
  return mptile::DimOp::create(b, b.getIndexType(), view, i);
}

FailureOr<Value> ElementKernel::size(Builder &b, Value tensor, int64_t i) {
  if (matchInPlaceSlice(tensor))
    return index(getSizes(b, tensor)[i]);
  return dim(b, input(tensor), i);
}

Value ElementKernel::load(Builder &b, Value tensor, ValueRange indices) {
  if (std::optional<InPlaceSlice> slice = matchInPlaceSlice(tensor)) {
    SmallVector<Value> inSource =
        slice->toSource(b, b.getLoc(), indices, [&](int64_t value) -> Value {
          return arith::ConstantIndexOp::create(b, value);
        });
    return mptile::LoadOp::create(b, input(slice->source), inSource);
  }
  return mptile::LoadOp::create(b, input(tensor), indices);
}

void ElementKernel::store(Builder &b, Value value, unsigned i, ValueRange indices) {
  mptile::StoreOp::create(b, value, output(i), indices);
}

//===-- Values of the function
//--------------------------------------------------------------------//

FailureOr<Value> ElementKernel::scalar(Value value) {
  if (Value known = scalars.lookup(value))
    return known;
  Builder b(source->getLoc(), source->getContext());
  b.setInsertionPointToEnd(&entry());
  // Scalars stand before the loop, after those they need.
  if (!entry().empty() && isa<mptile::ForEachElementOp>(entry().back()))
    b.setInsertionPoint(&entry().back());
  Operation *op = value.getDefiningOp();
  Value copy;
  if (auto size = dyn_cast_or_null<tensor::DimOp>(op);
      size && size.getConstantIndex() && isa<RankedTensorType>(size.getSource().getType())) {
    FailureOr<Value> known = this->size(b, size.getSource(), *size.getConstantIndex());
    if (failed(known))
      return failure();
    copy = *known;
  } else if (auto extract = dyn_cast_or_null<tensor::ExtractOp>(op)) {
    SmallVector<Value> indices;
    for (Value i : extract.getIndices()) {
      FailureOr<Value> known = scalar(i);
      if (failed(known))
        return failure();
      indices.push_back(*known);
    }
    copy = load(b, extract.getTensor(), indices);
  } else if (op && isScalarOp(op) && !isa<ShapedType>(value.getType())) {
    IRMapping mapping;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> known = scalar(operand);
      if (failed(known))
        return failure();
      mapping.map(operand, *known);
    }
    copy = b.clone(*op, mapping)->getResult(cast<OpResult>(value).getResultNumber());
  } else {
    InFlightDiagnostic error = source->emitOpError()
                               << "needs a " << value.getType()
                               << " that is known only when the program runs; a kernel takes "
                                  "tensors, constants and sizes";
    error.attachNote(value.getLoc()) << "the value";
    return failure();
  }
  scalars[value] = copy;
  return copy;
}

FailureOr<Value> ElementKernel::index(OpFoldResult value) {
  if (auto dynamic = dyn_cast<Value>(value))
    return scalar(dynamic);
  Builder b(source->getLoc(), source->getContext());
  b.setInsertionPointToStart(&entry());
  return Value(arith::ConstantIndexOp::create(b, *getConstantIntValue(value)));
}

LogicalResult ElementKernel::clone(Builder &b, Block &body, IRMapping &mapping) {
  for (Operation &op : body.without_terminator()) {
    // An index that is checked on the host side of an exporter cannot be reported from a kernel.
    if (isa<cf::AssertOp>(op))
      continue;
    if (!isScalarOp(&op) && !isa<tensor::ExtractOp, tensor::DimOp, linalg::IndexOp>(op)) {
      InFlightDiagnostic error = source->emitOpError()
                                 << "computes with '" << op.getName()
                                 << "', which is not supported in a kernel; use arith and math";
      error.attachNote(op.getLoc()) << "here";
      return failure();
    }
    if (isa<linalg::IndexOp>(op))
      continue; // mapped by the caller
    if (isa<tensor::DimOp>(op)) {
      FailureOr<Value> size = scalar(op.getResult(0));
      if (failed(size))
        return failure();
      mapping.map(op.getResult(0), *size);
      continue;
    }
    auto extract = dyn_cast<tensor::ExtractOp>(op);
    for (Value operand : extract ? ValueRange(extract.getIndices()) : op.getOperands()) {
      if (mapping.contains(operand))
        continue;
      FailureOr<Value> known = scalar(operand);
      if (failed(known))
        return failure();
      mapping.map(operand, *known);
    }
    if (!extract) {
      b.clone(op, mapping);
      continue;
    }
    SmallVector<Value> indices;
    for (Value i : extract.getIndices())
      indices.push_back(mapping.lookup(i));
    mapping.map(extract.getResult(), load(b, extract.getTensor(), indices));
  }
  return success();
}

//===-- Kernel and launch
//-------------------------------------------------------------------------//

LogicalResult ElementKernel::write(Body body) {
  for (Value operand : source->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType());
        type && !isElementType(type.getElementType()))
      return source->emitOpError()
             << "has an operand of " << type << ", whose elements no kernel loads yet";
  for (RankedTensorType type : results)
    if (!isElementType(type.getElementType()))
      return source->emitOpError()
             << "has a result of " << type << ", whose elements no kernel stores yet";
  Builder b(source->getLoc(), source->getContext());
  b.setInsertionPointToEnd(&entry());
  SmallVector<Value> bounds;
  for (int64_t i = 0; i < results.front().getRank(); ++i)
    bounds.push_back(dim(b, output(0), i));
  const bool rankZero = bounds.empty();
  if (rankZero)
    bounds.push_back(arith::ConstantIndexOp::create(b, 1));
  auto loop = mptile::ForEachElementOp::create(b, bounds, /*vector=*/1,
                                               [](OpBuilder &, Location, ValueRange) {});
  Block &block = loop.getBody().front();
  if (block.mightHaveTerminator())
    block.getTerminator()->erase();
  b.setInsertionPointToEnd(&block);
  if (failed(body(b, rankZero ? ValueRange() : ValueRange(block.getArguments()))))
    return failure();
  mptile::YieldOp::create(b, ValueRange());
  b.setInsertionPointToEnd(&entry());
  mptile::ReturnOp::create(b);
  kernel.setFunctionType(b.getFunctionType(entry().getArgumentTypes(), {}));
  return success();
}

// Enough blocks for every element, at most what the device holds: the loop strides over the rest.
Value ElementKernel::grid(Builder &b, ArrayRef<OpFoldResult> sizes) {
  Value elements = arith::ConstantIndexOp::create(b, 1);
  for (OpFoldResult size : sizes)
    elements = b.createOrFold<arith::MulIOp>(elements,
                                             getValueOrCreateConstantIndexOp(b, b.getLoc(), size));
  Value padded =
      b.createOrFold<arith::AddIOp>(elements, arith::ConstantIndexOp::create(b, threads - 1));
  Value blocks = b.createOrFold<arith::DivUIOp>(padded, arith::ConstantIndexOp::create(b, threads));
  Value resident =
      arith::MulIOp::create(b, mptile::DeviceMultiprocessorsOp::create(b, b.getIndexType()),
                            arith::ConstantIndexOp::create(b, blocksPerMultiprocessor));
  return arith::MinUIOp::create(b, blocks, resident);
}

void ElementKernel::launch(KernelCache &cache, StringRef label,
                           ArrayRef<SmallVector<OpFoldResult>> sizes) {
  auto function = source->getParentOfType<func::FuncOp>();
  mptile::KernelOp shared = cache.unique(kernel, function.getSymName(), label);
  kernel = nullptr;
  Builder b(source->getLoc(), source->getContext());
  b.setInsertionPoint(source);
  SmallVector<Value> outputs;
  for (auto [type, size] : llvm::zip_equal(results, sizes))
    outputs.push_back(tensor::EmptyOp::create(b, size, type.getElementType()));
  Value one = arith::ConstantIndexOp::create(b, 1);
  auto launch = mptile::LaunchOp::create(
      b, SymbolRefAttr::get(b.getContext(), shared.getSymName()), inputs, outputs,
      ArrayRef<Value>{grid(b, sizes.front()), one, one}, Value(), Value(), label);
  for (auto [old, result] : llvm::zip_equal(source->getResults(), launch.getResults())) {
    Value value = result;
    if (value.getType() != old.getType())
      value = tensor::CastOp::create(b, old.getType(), value);
    old.replaceAllUsesWith(value);
  }
  source->erase();
}
