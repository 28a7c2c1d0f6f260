// The passes over the mptile dialect.
#ifndef MPTILE_TRANSFORMS_PASSES_TD
#define MPTILE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // MPTILE_TRANSFORMS_PASSES_TD
