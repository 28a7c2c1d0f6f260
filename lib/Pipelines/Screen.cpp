// A look at a module before any pattern of MLIR does.
//
// In:  a module that verifies.
// Out: the same, or an error at the first op on which MLIR's own folders and patterns crash.
#include "mpgemm/Pipelines/Screen.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace {

/// The smallest integer stands for a size that is an operand; tensor.pad does not check that there
/// is one.
LogicalResult screen(tensor::PadOp op) {
  for (auto [name, widths, operands] :
       {std::tuple("low", op.getStaticLow(), op.getLow().size()),
        std::tuple("high", op.getStaticHigh(), op.getHigh().size())})
    if (static_cast<size_t>(llvm::count_if(widths, ShapedType::isDynamic)) != operands)
      return op.emitOpError() << name << " leaves " << llvm::count_if(widths, ShapedType::isDynamic)
                              << " widths to operands, but has " << operands;
  return success();
}

struct ScreenPass : PassWrapper<ScreenPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ScreenPass)
  StringRef getName() const override { return "mpgemm-screen"; }
  StringRef getArgument() const override { return "mpgemm-screen"; }
  StringRef getDescription() const override { return "refuse what MLIR's patterns cannot take"; }

  void runOnOperation() override {
    WalkResult result =
        getOperation().walk([](tensor::PadOp op) { return WalkResult(screen(op)); });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> mpgemm::createScreenPass() { return std::make_unique<ScreenPass>(); }
