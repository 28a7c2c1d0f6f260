// The attributes of the mpgemm dialect.
#ifndef MPGEMM_ATTRS_TD
#define MPGEMM_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmDialect.td"

class MPGemm_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<MPGemm_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

#endif // MPGEMM_ATTRS_TD
