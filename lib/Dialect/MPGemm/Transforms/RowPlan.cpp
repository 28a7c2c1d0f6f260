// How a kernel that works on rows distributes them over threads.
//
// Such kernels are limited by global memory. What counts is the number of bytes in flight: by
// Little's law 4.3 TB/s at a latency of about 1 us ask for some 32 KB a multiprocessor, all the
// time. So every thread starts all loads of its part of a row before it waits for one, CTAs are
// small and several share a multiprocessor: while one computes, others load.
#include "RowPlan.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

constexpr int64_t kWidestLoad = 16; // bytes
/// Of a row that one lane holds: 64 registers.
constexpr int64_t kHeldBytes = 256;
/// Where rows are short, of several rows together: half of that hides the latency already.
constexpr int64_t kShortRowBytes = 128;
/// Loads that a thread has in flight at most; narrow ones do not fill their bytes.
constexpr int64_t kLoads = 32;
constexpr int64_t kWarps = 4;
constexpr int64_t kMaxWarps = 8;
constexpr int64_t kRegisters = 65536; // of a multiprocessor

/// So many that a thread has registers for what it holds and half as much again to work with: 168
/// for 256 bytes, which makes 96 KB in flight on a multiprocessor.
int64_t chooseMinCtas(const RowPlan &plan, int64_t elementBytes) {
  int64_t loads = plan.unitsM * plan.unitsN;
  int64_t held = std::max(loads, loads * plan.vector * elementBytes / 4);
  int64_t registers = std::max<int64_t>(96, held + held / 2 + 72);
  return std::max<int64_t>(1, kRegisters / (registers * plan.getThreads()));
}

/// The largest power of two that divides `value`, at most `limit`.
int64_t powerDividing(int64_t value, int64_t limit) {
  int64_t power = 1;
  while (2 * power <= limit && value % (2 * power) == 0)
    power *= 2;
  return power;
}

} // namespace

int64_t mpgemm::chooseVector(int64_t columns, int64_t elementBytes) {
  return powerDividing(columns, kWidestLoad / elementBytes);
}

std::optional<RowPlan> mpgemm::planHeldRows(int64_t rows, int64_t columns, int64_t elementBytes,
                                            int64_t vector, bool exact, int64_t multiprocessors) {
  RowPlan plan;
  plan.vector = vector;
  int64_t vectors = std::max<int64_t>(1, llvm::divideCeil(columns, vector));
  plan.lanes =
      exact ? powerDividing(vectors, 32) : std::min<int64_t>(32, llvm::PowerOf2Ceil(vectors));
  int64_t vectorsOfLane = llvm::divideCeil(vectors, plan.lanes);
  int64_t most = std::min(kHeldBytes / (vector * elementBytes), kLoads);
  while (llvm::divideCeil(vectorsOfLane, plan.warpsN) > static_cast<uint64_t>(most)) {
    plan.warpsN *= 2;
    if (exact && vectorsOfLane % plan.warpsN != 0)
      return std::nullopt;
  }
  if (plan.warpsN > kMaxWarps)
    return std::nullopt;
  plan.warpsM = std::max<int64_t>(1, kWarps / plan.warpsN);
  plan.unitsN = llvm::divideCeil(vectorsOfLane, plan.warpsN);
  int64_t several = std::min(kShortRowBytes / (vector * elementBytes), kLoads);
  plan.unitsM = powerDividing(kLoads, std::max<int64_t>(1, several / plan.unitsN));
  // Few rows: rather more CTAs.
  while (!ShapedType::isDynamic(rows) && plan.unitsM > 1 &&
         rows < 2 * multiprocessors * plan.getRows())
    plan.unitsM /= 2;
  plan.minCtas = chooseMinCtas(plan, elementBytes);
  return plan;
}

RowPlan mpgemm::planStreamedRows(int64_t elementBytes, int64_t vector) {
  RowPlan plan;
  plan.lanes = 32;
  plan.vector = vector;
  plan.warpsN = kMaxWarps;
  plan.unitsN = std::min<int64_t>(4, kHeldBytes / (vector * elementBytes));
  plan.minCtas = chooseMinCtas(plan, elementBytes);
  return plan;
}
