// What the op definitions of the mptile dialect share.
#ifndef MPTILE_OP_BASE_TD
#define MPTILE_OP_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mpgemm/Dialect/MPTile/IR/MPTileAttrs.td"
include "mpgemm/Dialect/MPTile/IR/MPTileDialect.td"
include "mpgemm/Dialect/MPTile/IR/MPTileTypes.td"

class MPTile_Op<string mnemonic, list<Trait> traits = []>
    : Op<MPTile_Dialect, mnemonic, traits>;

#endif // MPTILE_OP_BASE_TD
