// Loads the operand fragments of mma.sync from tiles in shared memory by ldmatrix.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_OPERANDLOADER_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_OPERANDLOADER_H

#include "../Common/KernelLowering.h"

namespace mlir::mptile {

/// One operand (A or B, of 16-bit elements) of a product, as seen by one thread. Its outer
/// dimension is M for A and N for B.
///
/// ldmatrix.x4 reads four 8x8 matrices; lanes 8q..8q+7 give the addresses of the rows of matrix q.
/// A matrix is 8 outer coordinates x 8 of k when K is contiguous, and is transposed by `.trans`
/// when the outer dimension is. The matrices are, in the order of the registers (PTX ISA, fragments
/// of mma.m16n8k16):
///
///     A, unit i:            q = 0: outer 0-7, k 0-7    1: outer 8-15, k 0-7    2: outer 0-7, k
///     8-15    3: outer 8-15, k 8-15 B, units j and j+1:   q = 0: unit j, k 0-7       1: unit j, k
///     8-15       2: unit j+1, k 0-7      3: unit j+1, k 8-15
class OperandLoader {
public:
  enum class Side { A, B };

  /// `tileOffset` is the byte offset of the tile in shared memory, `outerOffset` (may be null) the
  /// first row of A or column of B, a multiple of 8; `warp` the warp's place along the outer
  /// dimension, of `numWarps`.
  OperandLoader(Emitter &emit, KernelLowering &kernel, RoleLowering &role, Side side, SmemType tile,
                Major major, Value tileOffset, Value outerOffset, Value warp, int64_t numWarps,
                int64_t numUnits);

  /// The registers (i32) of all units for k = 16 step .. 16 step + 15: 4 for a unit of A, 2 for one
  /// of B.
  SmallVector<SmallVector<Value>> load(int64_t step);

private:
  int64_t unitSize() const { return side == Side::A ? 16 : 8; }
  int64_t unitsPerLoad() const { return side == Side::A ? 1 : 2; }
  /// Byte offset in the tile that this lane passes to load number `load` of a step.
  Value address(int64_t load, int64_t step);

  Emitter &emit;
  KernelLowering &kernel;
  Side side;
  SmemType tile;
  Major major;
  Value tileOffset;
  int64_t unitStride; // outer coordinates from one unit of this warp to the next
  int64_t numUnits;
  Value outerOfLane; // of load 0
  Value kOfLane;     // of step 0: in bytes where K is contiguous, else in rows of the tile
  Value swizzle;     // the same for all loads: they lie multiples of 8 rows apart
};

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_OPERANDLOADER_H
