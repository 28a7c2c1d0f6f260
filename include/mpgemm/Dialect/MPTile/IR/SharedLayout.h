// Where rings, staging tiles and barriers of a kernel lie in shared memory. Verifier and lowerings
// both ask here.
#ifndef MPGEMM_DIALECT_MPTILE_IR_SHAREDLAYOUT_H
#define MPGEMM_DIALECT_MPTILE_IR_SHAREDLAYOUT_H

#include "mpgemm/Dialect/MPTile/IR/MPTile.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::mptile {

/// Byte offsets of one ring. The slots of an element follow each other, `tileStrides[e]` apart.
struct RingLayout {
  SmallVector<int64_t> tileOffsets;
  SmallVector<int64_t> tileStrides;
  /// Barriers of slot s lie at offset + 8 s. Rings without barriers (fill = async) have -1.
  int64_t fullOffset = -1;
  int64_t emptyOffset = -1;
};

/// Byte offset of the tiles of an alloc; copies are `stride` apart.
struct AllocLayout {
  int64_t offset;
  int64_t stride;
};

/// Where the warps of an instance meet to reduce a fragment; instances are `stride` apart. The
/// partial result of warp w of W for row or column p is element p W + w.
struct ReduceLayout {
  int64_t offset = 0;
  int64_t stride = 0;
};

struct SharedLayout {
  llvm::DenseMap<Operation *, RingLayout> rings;
  llvm::DenseMap<Operation *, AllocLayout> allocs;
  /// Only reductions that several warps take part in.
  llvm::DenseMap<Operation *, ReduceLayout> reductions;
  int64_t totalBytes = 0;

  /// Lays out the kernel: tiles first (each at a multiple of 1024 bytes), then barriers, then
  /// reductions.
  static SharedLayout compute(KernelOp kernel);
};

} // namespace mlir::mptile

#endif // MPGEMM_DIALECT_MPTILE_IR_SHAREDLAYOUT_H
