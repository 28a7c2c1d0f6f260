// The pattern sets of scalar arithmetic, and the pass that only expands (for tests and debugging).
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h"
#include "mpgemm/Conversion/MPTileToNVVM/ScalarMath.h"

#include "ScalarBuilder.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::mptile {
#define GEN_PASS_DEF_MPTILEEXPANDSCALARS
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h.inc"
} // namespace mlir::mptile

using namespace mlir;
using namespace mlir::mptile;

void mptile::populateScalarExpansionPatterns(RewritePatternSet &patterns) {
  populateExponentialExpansions(patterns);
  populateLogarithmExpansions(patterns);
  populateErrorFunctionExpansions(patterns);
  populateTrigonometricExpansions(patterns);
  populatePowerExpansions(patterns);
  populateNarrowFloatExpansions(patterns);
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
}

void mptile::populateScalarToNVVMPatterns(const LLVMTypeConverter &converter,
                                          RewritePatternSet &patterns) {
  populateScalarExpansionPatterns(patterns);
  arith::populateArithToLLVMConversionPatterns(converter, patterns);
  populateMathToLLVMConversionPatterns(converter, patterns, /*approximateLog1p=*/false);
}

namespace {
struct ExpandScalars : mptile::impl::MPTileExpandScalarsBase<ExpandScalars> {
  void runOnOperation() override {
    WalkResult verified =
        getOperation()->walk([](Operation *op) -> WalkResult { return verifyScalarOp(op); });
    if (verified.wasInterrupted())
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    populateScalarExpansionPatterns(patterns);
    // Only these rewrites: nothing is folded, no region is simplified.
    GreedyRewriteConfig config;
    config.enableFolding(false).setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
