// The passes between lowered kernels and their translation.
#ifndef MPGEMM_TARGET_PASSES_TD
#define MPGEMM_TARGET_PASSES_TD

include "mlir/Pass/PassBase.td"

def CheckKernelsPass : Pass<"mpgemm-check-kernels", "::mlir::gpu::GPUModuleOp"> {
  let summary = "refuse what LLVM cannot translate to PTX";
  let description = [{
    LLVM's backend aborts on ops it cannot select. This pass reports them first, with their location: an op that
    is not in the llvm or nvvm dialect, an llvm op or a type outside the tried table, a call out of the module.
  }];
}

#endif // MPGEMM_TARGET_PASSES_TD
