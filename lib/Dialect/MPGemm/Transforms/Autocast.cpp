// --mpgemm-autocast: products of f32 operands become products in a lower precision.
//
// In: a model in f32, its products raised and named (`mpgemm.layer`). Out: each product as the
// policy decides. Operands that are constants are converted here; the others by ops right behind
// their value. Sums, epilogues and results stay f32. Every decision is a remark.
#include "mpgemm/Dialect/MPGemm/Transforms/Autocast.h"
#include "AutocastOperands.h"
#include "AutocastPolicy.h"
#include "AutocastProduct.h"
#include "Calibration.h"
#include "Remarks.h"
#include "WeightConversion.h"
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_AUTOCASTPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

struct AutocastPass : mpgemm::impl::AutocastPassBase<AutocastPass> {
  using AutocastPassBase::AutocastPassBase;

  /// A first word without `=` is the precision: `--mpgemm-autocast=bf16`.
  LogicalResult
  initializeOptions(StringRef options,
                    function_ref<LogicalResult(const Twine &)> errorHandler) override {
    StringRef text = options.trim();
    StringRef first = text.take_until([](char c) { return c == ' '; });
    if (first.empty() || first.contains('='))
      return AutocastPassBase::initializeOptions(options, errorHandler);
    return AutocastPassBase::initializeOptions(("precision=" + text).str(), errorHandler);
  }

  LogicalResult initialize(MLIRContext *context) override {
    std::optional<Precision> parsed = parseAutocastPrecision(precision);
    if (!parsed)
      return emitError(UnknownLoc::get(context))
             << "autocast knows no precision '" << precision.getValue() << "'; known are "
             << autocastPrecisionsText();
    asked = *parsed;
    FailureOr<AutocastPolicy> rules = AutocastPolicy::read(context, policyFile);
    if (failed(rules))
      return failure();
    policy = std::make_shared<AutocastPolicy>(std::move(*rules));
    calibration = nullptr;
    if (calibrationFile.empty())
      return success();
    FailureOr<Calibration> ranges = Calibration::read(context, calibrationFile);
    if (failed(ranges))
      return failure();
    calibration = std::make_shared<Calibration>(std::move(*ranges));
    return success();
  }

  void runOnOperation() override {
    AutocastSettings settings{asked, *policy, calibration.get(), lastLayer, target};
    WeightConverter weights;
    llvm::StringSet<> layers;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(autocastFunction(function, settings, weights, layers)))
        return signalPassFailure();
    if (calibration)
      warnOfOtherLayers(layers);
  }

  /// Ranges of another model would go unnoticed.
  void warnOfOtherLayers(const llvm::StringSet<> &layers) {
    SmallVector<StringRef> others;
    for (StringRef name : calibration->getLayers().keys())
      if (!layers.contains(name))
        others.push_back(name);
    if (others.empty())
      return;
    llvm::sort(others);
    getOperation().emitWarning() << calibrationFile.getValue() << " has ranges of "
                                 << others.front() << (others.size() > 1 ? " and others" : "")
                                 << ", which this model does not have; calibrate this model";
  }

  Precision asked = Precision::F32;
  std::shared_ptr<const AutocastPolicy> policy;
  std::shared_ptr<const Calibration> calibration;
};

} // namespace
