// The ops of the mpgemm dialect.
#ifndef MPGEMM_OPS_TD
#define MPGEMM_OPS_TD

include "mpgemm/Dialect/MPGemm/IR/MatmulOp.td"
include "mpgemm/Dialect/MPGemm/IR/QuantizeOps.td"
include "mpgemm/Dialect/MPGemm/IR/YieldOp.td"

#endif // MPGEMM_OPS_TD
