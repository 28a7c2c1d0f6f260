// The passes that lower mptile kernels to NVVM, one for each instruction generation.
#ifndef MPTILE_TO_NVVM_PASSES_TD
#define MPTILE_TO_NVVM_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // MPTILE_TO_NVVM_PASSES_TD
