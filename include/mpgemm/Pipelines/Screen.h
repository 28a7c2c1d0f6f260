// A look at a module before any pattern of MLIR does.
#ifndef MPGEMM_PIPELINES_SCREEN_H
#define MPGEMM_PIPELINES_SCREEN_H

#include "mlir/Pass/Pass.h"

namespace mlir::mpgemm {

/// A pass that changes nothing and refuses what verifies, but what MLIR's own folders and patterns
/// cannot take.
std::unique_ptr<Pass> createScreenPass();

} // namespace mlir::mpgemm

#endif // MPGEMM_PIPELINES_SCREEN_H
