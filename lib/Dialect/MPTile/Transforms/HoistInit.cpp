// --mptile-hoist-init: what depends on constants only is computed once, when the program is loaded.
//
// Enters: functions of launches, constants, sizes and reshapes on tensors. Leaves: a function @init
// that returns what the others had computed from constants, each result with the memref.global that
// it fills (`mptile.init_global`), and loads of these globals where the values were.
//
// A value is stored only where it takes at most twice the bytes of the constants it comes from: a
// broadcast of a few numbers stays where it is read. Values in between live in the arena of @init.
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/CSE.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::mptile {
#define GEN_PASS_DEF_HOISTINITPASS
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h.inc"
} // namespace mlir::mptile

using namespace mlir;
using namespace mlir::mptile;

static constexpr StringLiteral kInit = "init";
static constexpr StringLiteral kGlobalAttr = "mptile.init_global";
static constexpr StringLiteral kPass = "mptile-hoist-init";
/// Bytes of a stored value for each byte of constants it comes from, at most.
static constexpr int64_t kMostGrowth = 2;

static remark::RemarkOpts remarkOptions(Operation *op) {
  return remark::RemarkOpts::name(op->getName().getStringRef())
      .category(kPass)
      .function(op->getParentOfType<func::FuncOp>().getName());
}

/// Bytes of a tensor of static shape; i1 takes one byte an element.
static std::optional<int64_t> bytesOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape() || !tensor.getElementType().isIntOrFloat())
    return std::nullopt;
  return tensor.getNumElements() *
         static_cast<int64_t>(llvm::divideCeil(tensor.getElementTypeBitWidth(), 8));
}

static bool isReshape(Operation *op) {
  return isa<tensor::CastOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
}

namespace {
/// What one function computes from constants only, and which of that moves.
class Candidates {
public:
  explicit Candidates(func::FuncOp function) : block(function.getBody().front()) {
    for (Operation &op : block)
      if (dependsOnConstantsOnly(&op))
        fixed.insert(&op);
    for (Operation &op : llvm::reverse(block))
      if (auto launch = dyn_cast<LaunchOp>(op); launch && fixed.contains(launch))
        decide(launch);
  }

  /// Results of launches that move which something that stays reads, in the order of the function.
  SmallVector<Value> stored() const {
    SmallVector<Value> values;
    for (Operation &op : block)
      if (moved.contains(&op))
        for (Value result : op.getResults())
          if (isReadOutside(result))
            values.push_back(result);
    return values;
  }

private:
  bool dependsOnConstantsOnly(Operation *op) const {
    if (op->getNumRegions() != 0 || op->getNumResults() == 0 || !isMemoryEffectFree(op))
      return false;
    auto isFixed = [&](Value value) {
      return value.getDefiningOp() && fixed.contains(value.getDefiningOp());
    };
    auto isPlain = [](Type type) {
      return isa<RankedTensorType>(type) || type.isIntOrIndexOrFloat();
    };
    return llvm::all_of(op->getOperands(), isFixed) && llvm::all_of(op->getResultTypes(), isPlain);
  }

  /// Whether an op that does not move reads `value`, perhaps under another shape.
  bool isReadOutside(Value value) const {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      if (isReshape(user))
        return isReadOutside(user->getResult(0));
      return !moved.contains(user);
    });
  }

  /// Users come first: a launch that only launches that move read moves with them.
  void decide(LaunchOp launch) {
    int64_t stored = 0;
    for (Value result : launch.getResults()) {
      if (!isReadOutside(result))
        continue;
      std::optional<int64_t> bytes = bytesOf(result.getType());
      if (!bytes)
        return;
      stored += *bytes;
    }
    if (launch->use_empty())
      return;
    int64_t constants = constantBytes(launch);
    if (stored > kMostGrowth * constants) {
      if (constants == 0)
        return; // a fill: there is nothing to say
      auto remark = remark::missed(launch.getLoc(), remarkOptions(launch));
      remark << remark::reason(
          "depends on constants only, but its {0} bytes are more than {1} times "
          "the {2} bytes of those; computed at each call",
          stored, kMostGrowth, constants);
      return;
    }
    moved.insert(launch);
    remark::passed(launch.getLoc(), remarkOptions(launch)) << remark::add(
        "depends on constants only ({0} bytes); computed when the program is loaded, "
        "{1} bytes stored",
        constants, stored);
  }

  /// Bytes of the constants that `launch` comes from.
  int64_t constantBytes(LaunchOp launch) const {
    llvm::SetVector<Operation *> sources;
    sources.insert(launch);
    int64_t bytes = 0;
    for (size_t i = 0; i < sources.size(); ++i) {
      Operation *op = sources[i];
      if (op->hasTrait<OpTrait::ConstantLike>())
        bytes += bytesOf(op->getResult(0).getType()).value_or(0);
      for (Value operand : op->getOperands())
        sources.insert(operand.getDefiningOp());
    }
    return bytes;
  }

  Block &block;
  llvm::DenseSet<Operation *> fixed, moved;
};

/// The function @init while it is written.
class InitWriter {
public:
  explicit InitWriter(ModuleOp module) : module(module), rewriter(module.getContext()) {}

  /// Computes `values`, of one function, in @init too.
  void take(ArrayRef<Value> values) {
    if (values.empty())
      return;
    if (!init) {
      rewriter.setInsertionPointToStart(module.getBody());
      init =
          func::FuncOp::create(rewriter, module.getLoc(), kInit, rewriter.getFunctionType({}, {}));
      init.addEntryBlock();
    }
    rewriter.setInsertionPointToEnd(&init.getBody().front());
    IRMapping mapping;
    for (Value value : values) {
      clone(value.getDefiningOp(), mapping);
      taken.push_back({value, mapping.lookup(value)});
    }
  }

  /// Merges what several functions compute alike, returns each value once, and replaces the values
  /// in the functions by loads.
  void finish() {
    if (!init)
      return;
    Block &body = init.getBody().front();
    rewriter.setInsertionPointToEnd(&body);
    SmallVector<Value> copies;
    for (auto &[original, copy] : taken)
      copies.push_back(copy);
    auto terminator = func::ReturnOp::create(rewriter, init.getLoc(), copies);
    DominanceInfo dominance(init);
    eliminateCommonSubExpressions(rewriter, dominance, init);
    llvm::MapVector<Value, memref::GlobalOp> globals;
    for (auto [index, entry] : llvm::enumerate(taken)) {
      memref::GlobalOp &global = globals[terminator.getOperand(index)];
      if (!global)
        global = addGlobal(entry.first);
      load(entry.first, global);
    }
    SmallVector<Value> results;
    SmallVector<Attribute> attributes;
    for (auto &[value, global] : globals) {
      results.push_back(value);
      attributes.push_back(rewriter.getDictionaryAttr(
          rewriter.getNamedAttr(kGlobalAttr, FlatSymbolRefAttr::get(global.getSymNameAttr()))));
    }
    terminator->setOperands(results);
    init.setFunctionType(rewriter.getFunctionType({}, TypeRange(ValueRange(results))));
    init.setResAttrsAttr(rewriter.getArrayAttr(attributes));
  }

private:
  void clone(Operation *op, IRMapping &mapping) {
    if (mapping.contains(op->getResult(0)))
      return;
    for (Value operand : op->getOperands())
      clone(operand.getDefiningOp(), mapping);
    Operation *copy = rewriter.clone(*op, mapping);
    // Nobody observes @init, and the same layer of two functions is one computation.
    if (auto launch = dyn_cast<LaunchOp>(copy)) {
      launch.removeLayerAttr();
      launch.removeLayerScalesAttr();
    }
  }

  memref::GlobalOp addGlobal(Value value) {
    auto tensor = cast<RankedTensorType>(value.getType());
    rewriter.setInsertionPoint(init);
    auto global = memref::GlobalOp::create(
        rewriter, value.getLoc(), "init_0", rewriter.getStringAttr("private"),
        MemRefType::get(tensor.getShape(), tensor.getElementType()), rewriter.getUnitAttr(),
        /*constant=*/false, /*alignment=*/IntegerAttr());
    SymbolTable(module).insert(global); // makes the name unique
    return global;
  }

  /// Replaces `value` by what @init stored in `global`: one load for a function.
  void load(Value value, memref::GlobalOp global) {
    Block *block = value.getDefiningOp()->getBlock();
    Value &loaded = loads[{block, global}];
    if (!loaded) {
      rewriter.setInsertionPointToStart(block);
      Value memory = memref::GetGlobalOp::create(rewriter, value.getLoc(), global.getType(),
                                                 global.getSymName());
      loaded = bufferization::ToTensorOp::create(rewriter, value.getLoc(), value.getType(), memory,
                                                 /*restrict=*/true);
    }
    value.replaceAllUsesWith(loaded);
  }

  ModuleOp module;
  IRRewriter rewriter;
  func::FuncOp init;
  SmallVector<std::pair<Value, Value>> taken; ///< A value of a function, and the same in @init.
  llvm::DenseMap<std::pair<Block *, Operation *>, Value> loads;
};

struct HoistInit : mptile::impl::HoistInitPassBase<HoistInit> {
  void runOnOperation() override {
    if (auto reserved = getOperation().lookupSymbol<func::FuncOp>(kInit)) {
      if (reserved.getNumResults() > 0 && reserved.getResultAttr(0, kGlobalAttr))
        return; // done already
      reserved.emitOpError("has the name of the function that a program runs when it is loaded; "
                           "give it another name");
      return signalPassFailure();
    }
    InitWriter writer(getOperation());
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (!function.isExternal() && function.getBody().hasOneBlock())
        writer.take(Candidates(function).stored());
    writer.finish();
  }
};
} // namespace
