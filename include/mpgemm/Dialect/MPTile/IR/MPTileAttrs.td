// The attributes of the mptile dialect.
#ifndef MPTILE_ATTRS_TD
#define MPTILE_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mpgemm/Dialect/MPTile/IR/MPTileDialect.td"

class MPTile_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<MPTile_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

#endif // MPTILE_ATTRS_TD
