// The ops of the mpgemm dialect.
#ifndef MPGEMM_OPS_TD
#define MPGEMM_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmAttrs.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmDialect.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmTypes.td"

class MPGemm_Op<string mnemonic, list<Trait> traits = []>
    : Op<MPGemm_Dialect, mnemonic, traits>;

#endif // MPGEMM_OPS_TD
