// The passes over the mpgemm dialect.
#ifndef MPGEMM_TRANSFORMS_PASSES_TD
#define MPGEMM_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ToLinalgPass : Pass<"mpgemm-to-linalg"> {
  let summary = "decompose products into linalg, arith and math";
  let description = [{
    Rewrites each `mpgemm.matmul` as linalg.generic ops that compute its formula with the rounding the op
    promises. The result runs on a CPU (`mlir-runner`) and is the definition that kernels are compared
    with; it is not meant to be fast.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

#endif // MPGEMM_TRANSFORMS_PASSES_TD
