// The passes that lower mptile kernels to NVVM: constructors and registration.
#ifndef MPGEMM_CONVERSION_MPTILETONVVM_PASSES_H
#define MPGEMM_CONVERSION_MPTILETONVVM_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::mptile {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h.inc"

} // namespace mlir::mptile

#endif // MPGEMM_CONVERSION_MPTILETONVVM_PASSES_H
