// --mpgemm-tile: each scheduled product, and each dynamic quantisation, becomes a kernel and a
// launch.
//
// Enters: mpgemm.matmul with a #mpgemm.schedule, mpgemm.dynamic_quantize. Leaves: an mptile.kernel
// in the module, shared by products that need the same one, and an mptile.launch on tensors where
// the product was.
#include "KernelCache.h"
#include "LaunchSupport.h"
#include "ScheduleSupport.h"
#include "SliceInPlace.h"
#include "TileMatmul.h"
#include "TileQuantize.h"
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_TILEPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

/// A kernel for products of at most `upToRows` rows; without a number, for all.
struct RowsKernel {
  std::optional<int64_t> upToRows;
  cost::Schedule schedule;
  StringRef kernel;
};

/// Sizes of the product and the numbers of the launch, as index values of the function.
class LaunchWriter {
public:
  LaunchWriter(OpBuilder &builder, MatmulOp op) : b(op.getLoc(), builder), op(op) {}

  /// One launch of the first of `kernels` that takes the rows; the last one takes all.
  FailureOr<mptile::LaunchOp> write(ArrayRef<RowsKernel> kernels) {
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(b, shapes)))
      return failure();
    SmallVector<Value> outputs;
    for (auto [result, shape] : llvm::zip_equal(op.getOutputs(), shapes))
      outputs.push_back(tensor::EmptyOp::create(b, shape, getElementTypeOrSelf(result.getType())));
    SmallVector<Value> inputs{op.getA(), op.getB()};
    if (op.getInit())
      inputs.push_back(op.getInit());
    for (Value scale : {op.getAScale(), op.getBScale()})
      if (scale)
        inputs.push_back(scale);
    llvm::append_range(inputs, op.getEpilogueOperands());
    measure(shapes.front());
    Value traffic = bytes(inputs, outputs);
    if (failed(readSlicesInPlace(kernels, inputs)))
      return failure();
    const Value one = constant(1);
    const RowsKernel &last = kernels.back();
    auto launch = mptile::LaunchOp::create(b, symbol(last), inputs, outputs,
                                           ArrayRef<Value>{grid(last.schedule), one, one}, flops(),
                                           traffic, "matmul");
    b.setInsertionPoint(launch);
    for (const RowsKernel &kernel : kernels.drop_back()) {
      Value fits = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, materialize(m),
                                         constant(*kernel.upToRows));
      launch.addAlternative(fits, symbol(kernel), {grid(kernel.schedule), one, one});
    }
    return launch;
  }

private:
  /// A product of sizes: what is static is kept as a number.
  struct Size {
    int64_t factor = 1;
    Value dynamic;
  };

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, value); }

  SymbolRefAttr symbol(const RowsKernel &kernel) {
    return SymbolRefAttr::get(b.getContext(), kernel.kernel);
  }

  /// Passes the source of a slice where the kernels read it there. They share their operands.
  LogicalResult readSlicesInPlace(ArrayRef<RowsKernel> kernels, MutableArrayRef<Value> inputs) {
    for (bool isB : {false, true}) {
      std::optional<InPlaceSlice> slice = readInPlace(op, isB, kernels.back().schedule);
      for (const RowsKernel &kernel : kernels.drop_back())
        if (readInPlace(op, isB, kernel.schedule).has_value() != slice.has_value())
          return op.emitOpError() << "is dispatched to schedules of which only some can read "
                                  << (isB ? "B" : "A")
                                  << " inside the tensor it is a slice of; give them the same tile "
                                     "K and the same fill";
      if (slice)
        inputs[isB] = slice->source;
    }
    return success();
  }

  Size multiply(Size x, Size y) {
    Value both = x.dynamic && y.dynamic ? arith::MulIOp::create(b, x.dynamic, y.dynamic)
                 : x.dynamic            ? x.dynamic
                                        : y.dynamic;
    return {x.factor * y.factor, both};
  }

  Value materialize(Size size) {
    if (!size.dynamic)
      return constant(size.factor);
    if (size.factor == 1)
      return size.dynamic;
    return arith::MulIOp::create(b, size.dynamic, constant(size.factor));
  }

  Size sizeOf(OpFoldResult size) {
    if (std::optional<int64_t> value = getConstantIntValue(size))
      return {*value, Value()};
    return {1, cast<Value>(size)};
  }

  Size blocks(Size size, int64_t tile) {
    if (!size.dynamic)
      return {int64_t(llvm::divideCeil(size.factor, tile)), Value()};
    Value padded = arith::AddIOp::create(b, materialize(size), constant(tile - 1));
    return {1, arith::DivUIOp::create(b, padded, constant(tile))};
  }

  void measure(ArrayRef<OpFoldResult> shape) {
    for (OpFoldResult size : shape.drop_back(2))
      batch = multiply(batch, sizeOf(size));
    m = sizeOf(shape[shape.size() - 2]);
    n = sizeOf(shape[shape.size() - 1]);
    k = {op.getStaticK(), Value()};
    if (ShapedType::isDynamic(op.getStaticK()))
      k = {1, tensor::DimOp::create(b, op.getA(), int64_t(op.getKDimOfA()))};
  }

  // Persistent: as many CTAs as the device holds, or one for each tile if there are fewer.
  Value grid(const cost::Schedule &schedule) {
    Size tiles = multiply(batch, multiply(blocks(m, schedule.tileM), blocks(n, schedule.tileN)));
    Size resident{schedule.minBlocks, mptile::DeviceMultiprocessorsOp::create(b, b.getIndexType())};
    return arith::MinUIOp::create(b, materialize(tiles), materialize(resident));
  }

  Value flops() {
    return materialize(multiply({2, Value()}, multiply(multiply(batch, m), multiply(n, k))));
  }

  Value bytes(ValueRange inputs, ValueRange outputs) {
    int64_t known = 0;
    Value sum;
    for (ValueRange values : {inputs, outputs})
      for (Value value : values) {
        auto type = cast<RankedTensorType>(value.getType());
        Size size{int64_t(llvm::divideCeil(type.getElementTypeBitWidth(), 8)), Value()};
        for (OpFoldResult dim : tensor::getMixedSizes(b, b.getLoc(), value))
          size = multiply(size, sizeOf(dim));
        if (!size.dynamic)
          known += size.factor;
        else
          sum = sum ? arith::AddIOp::create(b, sum, materialize(size)) : materialize(size);
      }
    if (!sum)
      return constant(known);
    return known ? arith::AddIOp::create(b, sum, constant(known)) : sum;
  }

  ImplicitLocOpBuilder b;
  MatmulOp op;
  Size batch, m, n, k;
};

// A result without an element needs no kernel.
LogicalResult replaceByEmpty(OpBuilder &builder, MatmulOp op) {
  builder.setInsertionPoint(op);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(op.reifyResultShapes(builder, shapes)))
    return failure();
  for (auto [result, shape] : llvm::zip_equal(op.getOutputs(), shapes))
    result.replaceAllUsesWith(tensor::EmptyOp::create(builder, op.getLoc(), shape,
                                                      getElementTypeOrSelf(result.getType())));
  op->erase();
  return success();
}

struct Tile : mpgemm::impl::TilePassBase<Tile> {
  using TilePassBase::TilePassBase;

  /// A kernel for each schedule of `op`, the one for all rows last.
  FailureOr<SmallVector<RowsKernel>> writeKernels(OpBuilder &builder, MatmulOp op,
                                                  func::FuncOp function,
                                                  const cost::TargetNumbers &numbers,
                                                  KernelCache &cache) {
    const cost::ProductShape shape = getProductShape(op, {}, numbers);
    const ScheduleAttr forAll = op.getScheduleAttr();
    SmallVector<RowsKernel> kernels;
    auto writeKernel = [&](std::optional<int64_t> rows, ScheduleAttr attr) -> LogicalResult {
      FailureOr<cost::Schedule> schedule = resolveSchedule(op, attr, shape, numbers);
      if (failed(schedule))
        return failure();
      op.setScheduleAttr(attr); // the kernel carries its own
      mptile::KernelOp kernel = cache.unique(
          writeMatmulKernel(builder, op, *schedule, numbers, KernelCache::kPlaceholder),
          function.getSymName(), "matmul");
      kernels.push_back({rows, *schedule, kernel.getSymName()});
      return success();
    };
    if (DispatchAttr dispatch = op.getDispatchAttr())
      for (auto [rows, schedule] : llvm::zip_equal(dispatch.getRows(), dispatch.getSchedules()))
        if (failed(writeKernel(rows, schedule)))
          return failure();
    if (failed(writeKernel(std::nullopt, forAll)))
      return failure();
    return kernels;
  }

  LogicalResult tile(MatmulOp op, func::FuncOp function, const cost::TargetNumbers &numbers,
                     KernelCache &cache) {
    if (failed(checkLowered(op, numbers)))
      return failure();
    if (!op.getScheduleAttr())
      return op.emitOpError() << "has no schedule; run --mpgemm-schedule first, or write one";
    OpBuilder builder(function);
    if (llvm::is_contained(op.getOutputShape(), 0))
      return replaceByEmpty(builder, op);
    op.getOrCreateEpilogue(builder);
    FailureOr<SmallVector<RowsKernel>> kernels =
        writeKernels(builder, op, function, numbers, cache);
    if (failed(kernels))
      return failure();
    builder.setInsertionPoint(op);
    FailureOr<mptile::LaunchOp> launch = LaunchWriter(builder, op).write(*kernels);
    if (failed(launch))
      return op.emitOpError() << "has results whose sizes cannot be computed";
    launch->setLayerAttr(op->getAttrOfType<StringAttr>(kLayerAttr));
    op->replaceAllUsesWith(launch->getResults());
    op->erase();
    return success();
  }

  void runOnOperation() override {
    const cost::TargetNumbers *numbers = findTargetOrError(getOperation(), target);
    if (!numbers)
      return signalPassFailure();
    KernelCache cache(getOperation());
    for (func::FuncOp function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      SmallVector<MatmulOp> products;
      function.walk([&](MatmulOp op) { products.push_back(op); });
      for (MatmulOp op : products)
        if (failed(tile(op, function, *numbers, cache)))
          return signalPassFailure();
      SmallVector<DynamicQuantizeOp> quantizations;
      function.walk([&](DynamicQuantizeOp op) { quantizations.push_back(op); });
      for (DynamicQuantizeOp op : quantizations)
        tileDynamicQuantize(op, *numbers, cache);
      shareConstants(function);
    }
  }
};

} // namespace
