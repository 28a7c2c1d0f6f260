// From PTX to a cubin with ptxas.
#ifndef MPGEMM_TARGET_ASSEMBLE_H
#define MPGEMM_TARGET_ASSEMBLE_H

#include "mlir/Support/LLVM.h"
#include <string>

namespace mlir::mpgemm {

/// Assembles `ptx` for `target` with the ptxas on PATH or of the CUDA toolkit. Spills and
/// serialised tensor-core instructions are errors. Failure leaves a message in `error`.
FailureOr<std::string> assemble(StringRef ptx, StringRef target, std::string &error);

/// What in the output of `ptxas -v` makes a kernel unusable, or nothing: a spill, or a warning of
/// the kind C75xx or C76xx.
std::string findAssemblerComplaint(StringRef log);

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_ASSEMBLE_H
