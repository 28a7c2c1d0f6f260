// The ops of the mptile dialect.
#ifndef MPTILE_OPS_TD
#define MPTILE_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mpgemm/Dialect/MPTile/IR/LaunchOps.td"
include "mpgemm/Dialect/MPTile/IR/MPTileAttrs.td"
include "mpgemm/Dialect/MPTile/IR/MPTileDialect.td"
include "mpgemm/Dialect/MPTile/IR/MPTileTypes.td"

class MPTile_Op<string mnemonic, list<Trait> traits = []>
    : Op<MPTile_Dialect, mnemonic, traits>;

#endif // MPTILE_OPS_TD
