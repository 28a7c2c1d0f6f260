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

#endif // MPTILE_TO_NVVM_PASSES_TD
