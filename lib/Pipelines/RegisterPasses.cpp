// The passes mpgemm-opt knows: ours, and the upstream ones that are useful beside them. Not all
// upstream passes: those of other targets would make a statically linked tool carry every LLVM
// backend.
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h"
#include "mpgemm/Pipelines/Register.h"
#include "mpgemm/Pipelines/Screen.h"
#include "mpgemm/Target/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

static void registerUpstreamTransforms() {
  using namespace mlir;
  affine::registerAffinePasses();
  arith::registerArithPasses();
  bufferization::registerBufferizationPasses();
  LLVM::registerLLVMPasses();
  math::registerMathPasses();
  memref::registerMemRefPasses();
  registerGPUPasses();
  registerLinalgPasses();
  registerSCFPasses();
  registerTransformsPasses();
  tensor::registerTensorPasses();
}

static void registerUpstreamConversions() {
  using namespace mlir;
  registerArithToAPFloatConversionPass();
  registerArithToLLVMConversionPass();
  registerConvertControlFlowToLLVMPass();
  registerConvertFuncToLLVMPass();
  registerConvertGpuOpsToNVVMOps();
  registerConvertIndexToLLVMPass();
  registerConvertMathToFuncs();
  registerConvertMathToLLVMPass();
  registerConvertMathToLibmPass();
  registerConvertNVVMToLLVMPass();
  registerConvertToLLVMPass();
  registerFinalizeMemRefToLLVMConversionPass();
  registerLowerAffinePass();
  registerReconcileUnrealizedCastsPass();
  registerSCFToControlFlowPass();
}

void mlir::mpgemm::registerAllPasses() {
  registerUpstreamTransforms();
  registerUpstreamConversions();
  registerPass(mpgemm::createScreenPass);
  mpgemm::registerMPGemmPasses();
  mpgemm::registerMPGemmTargetPasses();
  mptile::registerMPTilePasses();
  mptile::registerMPTileToNVVMPasses();
}
