// Addresses inside tiles of shared memory.
#include "SharedTile.h"

using namespace mlir;
using namespace mlir::mptile;

Value mlir::mptile::getChunkPermutation(Emitter &emit, SmemType tile, Value row) {
  switch (tile.getSwizzle()) {
  case 128:
    return emit.andI(row, 7);
  case 64:
    return emit.andI(emit.shrU(row, 1), 3);
  case 32:
    return emit.andI(emit.shrU(row, 2), 1);
  default:
    return emit.i32(0);
  }
}

Value mlir::mptile::getChunkOffset(Emitter &emit, SmemType tile, Value row, int64_t panel,
                                   Value chunkInPanel) {
  Value chunk = emit.xorI(chunkInPanel, getChunkPermutation(emit, tile, row));
  Value inPanel = emit.add(emit.mul(row, tile.getPanelRowBytes()), emit.shl(chunk, 4));
  return emit.add(inPanel, panel * tile.getPanelBytes());
}
