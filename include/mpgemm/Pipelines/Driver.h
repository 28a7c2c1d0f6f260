// mpgemm-opt: an MLIR opt tool, and with --emit a compiler driver.
#ifndef MPGEMM_PIPELINES_DRIVER_H
#define MPGEMM_PIPELINES_DRIVER_H

namespace mlir::mpgemm {

/// The tool's main function. Returns the exit status.
int runOptTool(int argc, char **argv);

} // namespace mlir::mpgemm

#endif // MPGEMM_PIPELINES_DRIVER_H
