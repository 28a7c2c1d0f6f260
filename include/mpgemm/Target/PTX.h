// From lowered kernels to PTX, in this process and without a CUDA toolkit.
#ifndef MPGEMM_TARGET_PTX_H
#define MPGEMM_TARGET_PTX_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include <string>

namespace mlir::mpgemm {

enum class KernelText { LLVM, PTX };

/// Translates the kernels of `kernels` (llvm and nvvm ops that mpgemm-check-kernels let through)
/// for the module's nvvm.target: to optimised LLVM IR or to PTX.
FailureOr<std::string> translateKernels(gpu::GPUModuleOp kernels, KernelText form);

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_PTX_H
