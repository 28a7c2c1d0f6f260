// The passes over the mpgemm dialect.
#ifndef MPGEMM_TRANSFORMS_PASSES_TD
#define MPGEMM_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // MPGEMM_TRANSFORMS_PASSES_TD
