// What mpgemm-opt knows: dialects (with the interfaces and translations they need) and passes.
#ifndef MPGEMM_PIPELINES_REGISTER_H
#define MPGEMM_PIPELINES_REGISTER_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::mpgemm {

/// The dialects of the project, the upstream ones an input or a lowering may contain, their
/// external interfaces, and the translation of gpu.module to LLVM IR and PTX.
void registerAllDialects(DialectRegistry &registry);

/// The passes of the project and the upstream ones that are useful beside them.
void registerAllPasses();

} // namespace mlir::mpgemm

#endif // MPGEMM_PIPELINES_REGISTER_H
