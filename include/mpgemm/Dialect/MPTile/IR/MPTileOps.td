// The ops of the mptile dialect, one file for each mechanism.
#ifndef MPTILE_OPS_TD
#define MPTILE_OPS_TD

include "mpgemm/Dialect/MPTile/IR/ControlOps.td"
include "mpgemm/Dialect/MPTile/IR/EpilogueOps.td"
include "mpgemm/Dialect/MPTile/IR/FragmentOps.td"
include "mpgemm/Dialect/MPTile/IR/LaunchOps.td"
include "mpgemm/Dialect/MPTile/IR/ProductOps.td"
include "mpgemm/Dialect/MPTile/IR/RingOps.td"

#endif // MPTILE_OPS_TD
