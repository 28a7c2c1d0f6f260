// The recipes: which passes turn a model into an artifact, in order.
#ifndef MPGEMM_PIPELINES_PIPELINES_H
#define MPGEMM_PIPELINES_PIPELINES_H

#include "mlir/Support/LLVM.h"
#include <string>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::mpgemm {

/// The stages of the way down; each includes those before it.
enum class Stage {
  MPGemm, ///< Products with fused epilogues and schedules.
  MPTile, ///< Kernels written out, launches on tensors.
  NVVM,   ///< Kernels in the nvvm dialect, functions planned.
  LLVM,   ///< Kernels in the llvm dialect, checked for translation.
};

/// What `--autocast` and the options beside it ask for. Without a precision nothing is cast.
struct AutocastChoice {
  std::string precision, policy, calibration;
  bool lastLayer = false;
};

/// A model to products: inlined, simplified, its torch-mlir extras resolved; raised, cast, fused,
/// scheduled.
void buildProductPipeline(OpPassManager &pm, StringRef target, const AutocastChoice &autocast = {});
/// Products and what is left of linalg to kernels and launches.
void buildTilePipeline(OpPassManager &pm, StringRef target);
/// Tensors to buffers with a place each.
void buildProgramPipeline(OpPassManager &pm);
/// Kernels to the nvvm dialect, with the patterns of their target.
void buildKernelPipeline(OpPassManager &pm);
/// Lowered kernels to what translates to LLVM IR, and the check that it does.
void buildTranslationPipeline(OpPassManager &pm);

/// All of them down to `stage`. With `report`, what happened is appended to it.
void buildPipeline(OpPassManager &pm, StringRef target, Stage stage, std::string *report = nullptr,
                   const AutocastChoice &autocast = {});

/// The architectures that kernels can be written for.
ArrayRef<StringRef> knownTargets();

/// Registers the recipes as pass pipelines.
void registerPipelines();

} // namespace mlir::mpgemm

#endif // MPGEMM_PIPELINES_PIPELINES_H
