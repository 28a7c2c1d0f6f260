// The passes over the mptile dialect: constructors and registration.
#ifndef MPGEMM_DIALECT_MPTILE_TRANSFORMS_PASSES_H
#define MPGEMM_DIALECT_MPTILE_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::mptile {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h.inc"

} // namespace mlir::mptile

#endif // MPGEMM_DIALECT_MPTILE_TRANSFORMS_PASSES_H
