// The recipes: which passes turn a model into an artifact, in order.
#include "mpgemm/Pipelines/Pipelines.h"
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h"
#include "mpgemm/Pipelines/Report.h"
#include "mpgemm/Pipelines/Screen.h"
#include "mpgemm/Target/Passes.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ConvertToLLVM/ToLLVMPass.h"
#include "mlir/Conversion/NVVMToLLVM/NVVMToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::mpgemm;

static void simplify(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

ArrayRef<StringRef> mpgemm::knownTargets() {
  static constexpr StringRef targets[] = {"sm_80", "sm_89", "sm_90a", "sm_120a"};
  return targets;
}

static void addAutocast(OpPassManager &pm, StringRef target, const AutocastChoice &autocast) {
  AutocastPassOptions options;
  options.precision = autocast.precision;
  options.policyFile = autocast.policy;
  options.calibrationFile = autocast.calibration;
  options.lastLayer = autocast.lastLayer;
  options.target = target.str();
  pm.addPass(createAutocastPass(options));
}

void mpgemm::buildProductPipeline(OpPassManager &pm, StringRef target,
                                  const AutocastChoice &autocast) {
  pm.addPass(createScreenPass());
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createPreparePass());
  simplify(pm);
  // A tensor.dim of an intermediate value is a use of it, and a value with other uses is not fused:
  // here and where quantize is taken apart.
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  simplify(pm);
  pm.addPass(createRaisePass());
  simplify(pm);
  pm.addNestedPass<func::FuncOp>(createNameLayersPass());
  if (!autocast.precision.empty())
    addAutocast(pm, target, autocast);
  LegalizePassOptions quantize;
  quantize.onlyQuantize = true;
  pm.addPass(createLegalizePass(quantize));
  // Casts and quantisation ask for the sizes of what they read.
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  simplify(pm);
  pm.addPass(createFusePass());
  simplify(pm);
  pm.addPass(createLegalizePass());
  simplify(pm);
  SchedulePassOptions schedule;
  schedule.target = target.str();
  pm.addPass(createSchedulePass(schedule));
}

void mpgemm::buildTilePipeline(OpPassManager &pm, StringRef target) {
  pm.addPass(createTilePass(TilePassOptions{target.str()}));
  pm.addPass(createKernelizePass(KernelizePassOptions{target.str()}));
  simplify(pm);
  pm.addPass(mptile::createHoistInitPass());
  simplify(pm);
}

void mpgemm::buildProgramPipeline(OpPassManager &pm) {
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  pm.addNestedPass<func::FuncOp>(createLowerAffinePass());
  simplify(pm);
  pm.addPass(mptile::createBufferizePass());
  simplify(pm);
  pm.addNestedPass<func::FuncOp>(mptile::createPlanPass());
  simplify(pm);
}

void mpgemm::buildKernelPipeline(OpPassManager &pm) {
  pm.addPass(mptile::createMPTileToNVVM());
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  simplify(kernels);
}

void mpgemm::buildTranslationPipeline(OpPassManager &pm) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createConvertNVVMToLLVMPass());
  kernels.addPass(createConvertToLLVMPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCheckKernelsPass());
}

void mpgemm::buildPipeline(OpPassManager &pm, StringRef target, Stage stage, std::string *report,
                           const AutocastChoice &autocast) {
  buildProductPipeline(pm, target, autocast);
  if (report)
    pm.addPass(createProductReportPass(*report));
  if (stage == Stage::MPGemm)
    return;
  buildTilePipeline(pm, target);
  if (stage == Stage::MPTile)
    return;
  buildProgramPipeline(pm);
  buildKernelPipeline(pm);
  if (report)
    pm.addPass(createProgramReportPass(*report));
  if (stage == Stage::NVVM)
    return;
  buildTranslationPipeline(pm);
}

namespace {
struct TargetOptions : PassPipelineOptions<TargetOptions> {
  Option<std::string> target{*this, "target", llvm::cl::desc("architecture of the kernels"),
                             llvm::cl::init("sm_90a")};
};
} // namespace

void mpgemm::registerPipelines() {
  using Registration = PassPipelineRegistration<TargetOptions>;
  Registration(
      "mpgemm-to-products", "a model to products with epilogues and schedules",
      [](OpPassManager &pm, const TargetOptions &o) { buildProductPipeline(pm, o.target); });
  Registration("mpgemm-to-mptile", "products and what is left of linalg to kernels and launches",
               [](OpPassManager &pm, const TargetOptions &o) { buildTilePipeline(pm, o.target); });
  PassPipelineRegistration<>("mptile-to-program", "tensors to buffers with a place each",
                             buildProgramPipeline);
  PassPipelineRegistration<>("mptile-to-llvm", "kernels to the llvm dialect, ready for PTX",
                             [](OpPassManager &pm) {
                               buildKernelPipeline(pm);
                               buildTranslationPipeline(pm);
                             });
  Registration(
      "mpgemm-pipeline", "a model to kernels ready for PTX and a planned program",
      [](OpPassManager &pm, const TargetOptions &o) { buildPipeline(pm, o.target, Stage::LLVM); });
}
