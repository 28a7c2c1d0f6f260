// mpgemm-prepare: what exporters write around a model becomes plain constants and assertions.
//
// In:  functions as torch-mlir and IREE's importers write them, after inlining.
// Out: straight-line functions on ranked tensors with constants in place, or an error at the first
// op that a
//      program cannot hold.
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_PREPAREPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;

//===- Globals
//------------------------------------------------------------------------------------===//

/// The value of a global that never changes; an error at `load` where it may.
static FailureOr<ElementsAttr> constantValue(Operation *load, SymbolRefAttr name,
                                             const llvm::DenseSet<Operation *> &stored) {
  auto global = SymbolTable::lookupNearestSymbolFrom<ml_program::GlobalOp>(load, name);
  if (!global)
    return load->emitError() << "loads " << name << ", which this module does not have";
  if (stored.contains(global))
    return load->emitError() << "loads " << name
                             << ", which the program changes; pass such state as an argument with "
                             << "`mpgemm.inout`";
  auto value = dyn_cast_or_null<ElementsAttr>(global.getValueAttr());
  if (!value)
    return load->emitError() << "loads " << name << ", whose values are not in this file";
  return value;
}

static LogicalResult resolveGlobals(ModuleOp module) {
  llvm::DenseSet<Operation *> stored;
  module.walk([&](ml_program::GlobalStoreOp store) {
    if (auto global = SymbolTable::lookupNearestSymbolFrom<ml_program::GlobalOp>(
            store, store.getGlobalAttr()))
      stored.insert(global);
  });
  auto replace = [&](Operation *load, SymbolRefAttr name) -> LogicalResult {
    FailureOr<ElementsAttr> value = constantValue(load, name, stored);
    if (failed(value))
      return failure();
    OpBuilder builder(load);
    Value constant = arith::ConstantOp::create(builder, load->getLoc(), *value);
    load->replaceAllUsesWith(ValueRange(constant));
    load->erase();
    return success();
  };
  WalkResult result = module.walk([&](Operation *op) -> WalkResult {
    if (auto load = dyn_cast<ml_program::GlobalLoadConstOp>(op))
      return replace(load, load.getGlobalAttr());
    if (auto load = dyn_cast<ml_program::GlobalLoadOp>(op))
      return replace(load, load.getGlobalAttr());
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  // A mutable global that nobody stores to or loads is a leftover (torch-mlir's random seed).
  for (auto global : llvm::make_early_inc_range(module.getOps<ml_program::GlobalOp>()))
    if (global.getIsMutable() && !stored.contains(global))
      global.erase();
  return success();
}

//===- What a program can hold
//--------------------------------------------------------------------===//

static bool isSupportedElement(Type type) {
  if (isa<IndexType>(type))
    return true;
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.isSignless() && integer.getWidth() <= 64;
  return isa<FloatType>(type) && type.getIntOrFloatBitWidth() <= 64;
}

/// The largest size of one dimension. Coordinates inside a kernel have 32 bits, and those of a
/// tile's last row must not overflow; the runtime holds dynamic sizes to the same limit
/// (docs/artifact.md).
static constexpr int64_t largestDimension = (int64_t(1) << 31) - 4096;

/// Offsets and sizes in bytes stay far from overflow.
static constexpr int64_t mostElements = int64_t(1) << 48;

/// A manifest describes tensors of up to 16 dimensions (docs/artifact.md).
static constexpr int64_t mostDimensions = 16;

static LogicalResult checkSizes(Type type, function_ref<InFlightDiagnostic()> error) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return success();
  int64_t elements = 1;
  bool tooMany = false;
  for (int64_t size : tensor.getShape()) {
    if (size > largestDimension)
      return error() << "has a dimension of " << size << " in " << type
                     << "; one dimension may have up to " << largestDimension;
    if (!ShapedType::isDynamic(size))
      tooMany |= llvm::MulOverflow(elements, std::max<int64_t>(size, 1), elements) ||
                 elements > mostElements;
  }
  if (tooMany)
    return error() << "has more than " << mostElements << " elements in " << type;
  return success();
}

static LogicalResult checkSignature(func::FuncOp function) {
  auto check = [&](StringRef what, unsigned index, Type type, Location location) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || isa<IndexType>(tensor.getElementType()))
      return emitError(location)
             << what << " " << index << " of @" << function.getSymName() << " is " << type
             << "; the arguments and results of a program are ranked tensors of numbers";
    if (tensor.getRank() > mostDimensions)
      return emitError(location) << what << " " << index << " of @" << function.getSymName()
                                 << " has " << tensor.getRank() << " dimensions; at most "
                                 << mostDimensions << " are possible";
    return checkSizes(type, [&] {
      return emitError(location) << what << " " << index << " of @" << function.getSymName() << " ";
    });
  };
  for (BlockArgument argument : function.getArguments())
    if (failed(check("argument", argument.getArgNumber(), argument.getType(), argument.getLoc())))
      return failure();
  for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
    if (failed(check("result", index, type, function.getLoc())))
      return failure();
  return success();
}

static LogicalResult checkOp(Operation *op) {
  if (auto call = dyn_cast<func::CallOp>(op))
    return call.emitError()
           << "calls @" << call.getCallee()
           << ", which was not inlined: it is external, recursive or has several blocks";
  if (isa<scf::SCFDialect>(op->getDialect()) || isa<BranchOpInterface>(op))
    return op->emitError() << "'" << op->getName()
                           << "' is control flow; a program is straight-line code, loops and "
                           << "branches belong to the caller";
  if (isa<ml_program::GlobalStoreOp>(op))
    return op->emitError()
           << "stores to a global; return the value, or pass the state as an argument with "
           << "`mpgemm.inout`";
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    auto source = dyn_cast<RankedTensorType>(dim.getSource().getType());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (source && index && (*index < 0 || *index >= source.getRank()))
      return dim.emitOpError() << "asks for dimension " << *index << " of " << source
                               << ", which has " << source.getRank();
  }
  for (Type type : op->getResultTypes()) {
    if (isa<UnrankedTensorType>(type))
      return op->emitError() << "'" << op->getName() << "' gives " << type
                             << "; the tensors of a program have a known number of dimensions";
    if (failed(checkSizes(type, [&] { return op->emitError() << "'" << op->getName() << "' "; })))
      return failure();
    if (auto shaped = dyn_cast<ShapedType>(type))
      type = shaped.getElementType();
    if ((isa<ComplexType>(type) || isa<IntegerType, FloatType>(type)) && !isSupportedElement(type))
      return op->emitError()
             << "'" << op->getName() << "' computes with " << type
             << ", which no kernel can; use signless integers of up to 64 bits or floats";
  }
  return success();
}

static LogicalResult checkFunction(func::FuncOp function) {
  if (function.getSymName() == "init")
    return function.emitError() << "@init is what a program runs when it is loaded; give this "
                                   "function another name";
  if (failed(checkSignature(function)))
    return failure();
  for (Type type : function.getArgumentTypes())
    if (!isSupportedElement(cast<ShapedType>(type).getElementType()))
      return function.emitError()
             << "@" << function.getSymName() << " takes " << type
             << ", which no kernel can compute with; use signless integers of up to 64 bits or "
             << "floats";
  WalkResult result = function.getBody().walk<WalkOrder::PreOrder>(
      [](Operation *op) { return WalkResult(checkOp(op)); });
  if (result.wasInterrupted())
    return failure();
  if (!function.getBody().hasOneBlock())
    return function.emitError() << "@" << function.getSymName()
                                << " has several blocks; a program is straight-line code";
  return success();
}

//===- Sizes that must agree
//----------------------------------------------------------------------===//

namespace {
/// A dimension of an operand.
struct OperandSize {
  Value tensor;
  int64_t dim;
};
} // namespace

/// Asserts that all dynamic sizes in `sizes` are the same; they run along one loop of `op`.
static void assertSame(ArrayRef<OperandSize> sizes, linalg::LinalgOp op) {
  OpBuilder builder(op);
  Value first;
  for (const OperandSize &size : sizes) {
    Value value = builder.createOrFold<tensor::DimOp>(op.getLoc(), size.tensor, size.dim);
    if (!first) {
      first = value;
      continue;
    }
    Value same =
        builder.createOrFold<arith::CmpIOp>(op.getLoc(), arith::CmpIPredicate::eq, first, value);
    cf::AssertOp::create(
        builder, op.getLoc(), same,
        ("sizes of the operands of '" + op->getName().getStringRef() + "' disagree").str());
  }
}

/// Asserts the equalities that `op` takes for granted. Only inputs count: a destination has the
/// sizes it was made with. Where the sizes come from one argument the assertion folds away.
static void assertSizes(linalg::LinalgOp op) {
  SmallVector<SmallVector<OperandSize>> sizesOfLoop(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type)
      continue;
    for (auto [dim, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(expr))
        sizesOfLoop[loop.getPosition()].push_back({operand.get(), static_cast<int64_t>(dim)});
  }
  for (ArrayRef<OperandSize> sizes : sizesOfLoop) {
    bool isDynamic = llvm::any_of(sizes, [](const OperandSize &size) {
      return cast<RankedTensorType>(size.tensor.getType()).isDynamicDim(size.dim);
    });
    if (isDynamic)
      assertSame(sizes, op);
  }
}

namespace {
struct PreparePass : mpgemm::impl::PreparePassBase<PreparePass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(resolveGlobals(module)))
      return signalPassFailure();
    bool hasPublic = false;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isPrivate())
        continue;
      hasPublic = true;
      if (failed(checkFunction(function)))
        return signalPassFailure();
      for (auto op : llvm::to_vector(function.getBody().getOps<linalg::LinalgOp>()))
        assertSizes(op);
    }
    if (!hasPublic) {
      module.emitError(
          "has no public function to compile; write one, for instance `func.func @main`");
      return signalPassFailure();
    }
  }
};
} // namespace
