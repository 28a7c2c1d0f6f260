// How a kernel that works on rows distributes them over threads: quantisation, later norms and
// softmax.
#ifndef MPGEMM_LIB_TRANSFORMS_ROWPLAN_H
#define MPGEMM_LIB_TRANSFORMS_ROWPLAN_H

#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

namespace mlir::mpgemm {

/// The layout of a tile of rows in registers, in the terms of a row-wise !mptile.frag: a warp holds
/// 32 / lanes rows side by side, a lane `vector` columns at a time.
struct RowPlan {
  int64_t lanes = 1, vector = 1;
  int64_t warpsM = 1, warpsN = 1;
  int64_t unitsM = 1, unitsN = 1;
  /// Registers a thread may use, so that enough rows are in flight.
  int64_t minCtas = 1;

  int64_t getThreads() const { return 32 * warpsM * warpsN; }
  int64_t getRows() const { return unitsM * (32 / lanes) * warpsM; }
  int64_t getColumns() const { return unitsN * lanes * vector * warpsN; }
  mptile::FragType getFragment(Type element) const {
    return mptile::FragType::get(element.getContext(), {getRows(), getColumns()}, element,
                                 {warpsM, warpsN}, lanes, vector);
  }
};

/// The elements of `elementBytes` that a lane moves at once in rows of `columns` (a static size):
/// 16 bytes where the rows are whole multiples.
int64_t chooseVector(int64_t columns, int64_t elementBytes);

/// A plan that holds whole rows in registers, of which there are `rows` (maybe dynamic); nothing if
/// rows are too long. With `exact` its columns are `columns` and no more: what follows belongs to
/// another row.
std::optional<RowPlan> planHeldRows(int64_t rows, int64_t columns, int64_t elementBytes,
                                    int64_t vector, bool exact, int64_t multiprocessors);

/// A plan that takes a row piece by piece, a CTA a row.
RowPlan planStreamedRows(int64_t elementBytes, int64_t vector);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_ROWPLAN_H
