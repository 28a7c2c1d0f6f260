// The passes between lowered kernels and their translation: constructors and registration.
#ifndef MPGEMM_TARGET_PASSES_H
#define MPGEMM_TARGET_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir::mpgemm {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mpgemm/Target/Passes.h.inc"

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_PASSES_H
