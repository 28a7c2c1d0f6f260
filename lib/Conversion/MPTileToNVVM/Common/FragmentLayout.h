// Which elements of a fragment a thread holds, and in what order.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_FRAGMENTLAYOUT_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_FRAGMENTLAYOUT_H

#include "KernelLowering.h"

namespace mlir::mptile {

/// An element of a thread: unit (i, j), then the place within the unit.
///
/// In the layout of products `half` is the upper or lower half of 16 rows, `pair` the first or
/// second of a pair of columns:
///
///                   columns 8 j' + 2 (lane mod 4) + pair
///                 lane 0     lane 1     lane 2     lane 3
///     row  0     d0 d1      d0 d1      d0 d1      d0 d1        half 0: row lane / 4
///     row  8     d2 d3      d2 d3      d2 d3      d2 d3        half 1: row lane / 4 + 8
///
/// In the row-wise layout `half` is 0 and `pair` the place in the run of `vector` columns:
///
///                   columns (j' L + lane mod L) V + pair
///                 lane 0          lane 1          ...    lane L - 1
///     row  0     d0 ... d(V-1)   d0 ... d(V-1)          d0 ... d(V-1)
///     row  1     lane L ...
struct FragmentElement {
  int64_t i, j, half, pair;
};

/// The position of an element among the registers of a thread. In a vector (a dimension of size 1)
/// the coordinates of that dimension do not matter.
int64_t getRegister(FragType type, FragmentElement element);

/// Calls `body` for every element, in register order.
void forEachElement(FragType type, function_ref<void(FragmentElement)> body);

/// Row and column of an element relative to the first one of the thread.
inline int64_t getRowDelta(FragType type, FragmentElement element) {
  return element.i * type.getUnitRows() + element.half * 8;
}
inline int64_t getColumnDelta(FragType type, FragmentElement element) {
  return element.j * type.getUnitColumns() + element.pair;
}

/// Row and column (i32) of a thread's first element.
struct FragmentOrigin {
  Value row, column;
};
FragmentOrigin getFragmentOrigin(Emitter &emit, const RoleLowering &role, FragType type);

/// Two scalars of b bits as an integer of 2 b bits, the first in the low half.
Value packPair(Emitter &emit, Value low, Value high);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_FRAGMENTLAYOUT_H
