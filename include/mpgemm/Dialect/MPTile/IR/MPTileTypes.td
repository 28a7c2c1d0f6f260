// The types of the mptile dialect.
#ifndef MPTILE_TYPES_TD
#define MPTILE_TYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "mpgemm/Dialect/MPTile/IR/MPTileDialect.td"

class MPTile_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<MPTile_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

#endif // MPTILE_TYPES_TD
