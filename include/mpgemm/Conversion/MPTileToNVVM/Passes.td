// The passes that lower mptile kernels to NVVM, one for each instruction generation.
#ifndef MPTILE_TO_NVVM_PASSES_TD
#define MPTILE_TO_NVVM_PASSES_TD

include "mlir/Pass/PassBase.td"

def MPTileExpandScalars : Pass<"mptile-expand-scalars"> {
  let summary = "rewrite scalar functions into arithmetic that the GPU has";
  let description = [{
    Refuses arith and math ops that kernels cannot contain, and expands the functions among the rest (docs/math.md
    states the error of each). The lowering of kernels does the same; this pass shows it alone.
  }];
  let dependentDialects = ["arith::ArithDialect", "LLVM::LLVMDialect", "math::MathDialect"];
}

def MPTileToNVVM : Pass<"mptile-to-nvvm", "ModuleOp"> {
  let summary = "lower kernels to the nvvm and llvm dialects";
  let description = [{
    Every mptile.kernel becomes an llvm.func in one gpu.module `@kernels` whose target is that of the kernels, and loses
    every mptile op. The target picks the patterns: cp.async and mma.sync from sm_80 on, TMA and
    wgmma on sm_90a. Control flow stays in scf. The function carries what the host needs to launch it: `mptile.parameters`,
    `mptile.shared_bytes` and `mptile.block`.
  }];
  let dependentDialects = ["arith::ArithDialect", "gpu::GPUDialect", "LLVM::LLVMDialect",
                           "math::MathDialect", "NVVM::NVVMDialect", "scf::SCFDialect"];
}

#endif // MPTILE_TO_NVVM_PASSES_TD
