// The passes over the mpgemm dialect: constructors and registration.
#ifndef MPGEMM_DIALECT_MPGEMM_TRANSFORMS_PASSES_H
#define MPGEMM_DIALECT_MPGEMM_TRANSFORMS_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::mpgemm {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"

} // namespace mlir::mpgemm

#endif // MPGEMM_DIALECT_MPGEMM_TRANSFORMS_PASSES_H
