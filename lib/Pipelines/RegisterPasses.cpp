// The passes mpgemm-opt knows: ours, and all upstream ones (they cost no start-up time).
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h"
#include "mpgemm/Pipelines/Register.h"
#include "mpgemm/Target/Passes.h"

#include "mlir/InitAllPasses.h"

void mlir::mpgemm::registerAllPasses() {
  mlir::registerAllPasses();
  mpgemm::registerMPGemmPasses();
  mpgemm::registerMPGemmTargetPasses();
  mptile::registerMPTilePasses();
  mptile::registerMPTileToNVVMPasses();
}
