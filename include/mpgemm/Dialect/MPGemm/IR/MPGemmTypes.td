// The types of the mpgemm dialect.
#ifndef MPGEMM_TYPES_TD
#define MPGEMM_TYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmDialect.td"

class MPGemm_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<MPGemm_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

#endif // MPGEMM_TYPES_TD
