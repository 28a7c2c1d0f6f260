// Loads the operand fragments of mma.sync from tiles in shared memory by ldmatrix.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_OPERANDLOADER_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_OPERANDLOADER_H

#include "../Common/KernelLowering.h"

namespace mlir::mptile {

/// One operand (A or B) of a product, as seen by one thread. Its outer dimension is M for A and N
/// for B.
///
/// ldmatrix.x4 reads four matrices of 8 rows of 16 bytes; lanes 8q..8q+7 give the addresses of the
/// rows of matrix q, and lane 4g+t receives bytes 4t to 4t+3 of row g. That is the order of the
/// operands of every mma.sync: a register holds 4 codes of 8 bits, 2 elements of 16, or one of 32,
/// and one step of the instruction is 32 bytes of K (k16 of 16-bit elements, k32 of 8-bit ones, k8
/// of tf32; PTX ISA, fragments of mma.m16n8). With k in bytes the matrices are, in the order of the
/// registers:
///
///                 A, unit i               B, units j and j+1
///     q = 0       outer 0-7, k 0-15       unit j, k 0-15
///         1       outer 8-15, k 0-15      unit j, k 16-31
///         2       outer 0-7, k 16-31      unit j+1, k 0-15
///         3       outer 8-15, k 16-31     unit j+1, k 16-31
///
/// Where the outer dimension is contiguous, `.trans` transposes the matrices; that exists for
/// elements of 16 bits.
class OperandLoader {
public:
  enum class Side { A, B };

  /// `tileOffset` is the byte offset of the tile in shared memory, `outerOffset` (may be null) the
  /// first row of A or column of B, a multiple of 8; `warp` the warp's place along the outer
  /// dimension, of `numWarps`.
  OperandLoader(Emitter &emit, KernelLowering &kernel, RoleLowering &role, Side side, SmemType tile,
                Major major, Value tileOffset, Value outerOffset, Value warp, int64_t numWarps,
                int64_t numUnits);

  /// The registers (i32) of all units for the bytes of K from 32 step on: 4 for a unit of A, 2 for
  /// one of B.
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
