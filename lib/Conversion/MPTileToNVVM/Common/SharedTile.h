// Where an element of a tile lies in shared memory.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_SHAREDTILE_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_SHAREDTILE_H

#include "Emitter.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

namespace mlir::mptile {

/// The permutation of 16-byte chunks in a row of a panel: what to xor a chunk number with. TMA xors
/// bits 4.. of the address with bits 7.. of it (3, 2, 1 or 0 bits for a span of 128, 64, 32 bytes
/// or no swizzle); panels start at multiples of 1024, so only the row matters:
///
///     span 128: row mod 8     span 64: row / 2 mod 4     span 32: row / 4 mod 2
Value getChunkPermutation(Emitter &emit, SmemType tile, Value row);

/// The byte offset, from the start of the tile, of 16-byte chunk `chunk` (static panel, dynamic
/// chunk in it) of a row.
Value getChunkOffset(Emitter &emit, SmemType tile, Value row, int64_t panel, Value chunkInPanel);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_SHAREDTILE_H
