// --mpgemm-schedule: choose how each product is cut into the work of one kernel.
//
// Enters: mpgemm.matmul without or with a #mpgemm.schedule. Leaves: every matmul has a complete
// schedule. One written by hand is kept and checked. A remark says what was chosen, why, and what
// was not possible.
#include "ResultScales.h"
#include "ScheduleSupport.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"
#include "mpgemm/Dialect/MPGemm/Transforms/ScheduleDispatch.h"

#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_SCHEDULEPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

remark::RemarkOpts remarkOptions(StringRef name) {
  return remark::RemarkOpts::name(name).category("mpgemm-schedule");
}

std::string describe(const cost::Prediction &p) {
  const cost::Schedule &s = p.schedule;
  return llvm::formatv("tile {0}x{1}x{2}, {3} stages, {4} threads: {5} waves bound by {6}, "
                       "predicted {7:f1} us",
                       s.tileM, s.tileN, s.tileK, s.stages, s.threads(), p.waves, p.limit,
                       p.microseconds);
}

// The nearest size above whose rows are whole 16-byte pieces.
void remarkOddPitch(MatmulOp op, StringRef name, RankedTensorType type, StringRef dimension) {
  const int64_t inner = type.getShape().back();
  if (ShapedType::isDynamic(inner)) {
    remark::missed(op.getLoc(), remarkOptions("use-tma"))
        << llvm::formatv("the row of {0} has a dynamic size, and TMA needs a known multiple of 16 "
                         "bytes; suggestion: a static {1}",
                         name, dimension)
               .str();
    return;
  }
  const int64_t bits = type.getElementTypeBitWidth();
  const int64_t step = 128 / bits;
  remark::missed(op.getLoc(), remarkOptions("use-tma"))
      << llvm::formatv("row of {0} ({1} elements of {2} bits) is {3} bytes, but TMA copies "
                       "multiples of 16; suggestion: pad {4} to {5}",
                       name, inner, bits, inner * bits / 8, dimension,
                       llvm::divideCeil(inner, step) * step)
             .str();
}

// The tensor core multiplies 64 rows at a time, however few there are.
void remarkFewRows(MatmulOp op, const cost::Schedule &s) {
  const int64_t m = op.getStaticM();
  if (ShapedType::isDynamic(m) || 2 * m > s.tileM)
    return;
  remark::missed(op.getLoc(), remarkOptions("fill-tile"))
      << llvm::formatv("M={0} fills {0} of the {1} rows of a tile; suggestion: batch more rows "
                       "into one product",
                       m, s.tileM)
             .str();
}

void remarkMissed(MatmulOp op, const cost::Schedule &s) {
  remarkFewRows(op, s);
  if (s.fillA == cost::Fill::threads && !hasTmaPitch(op.getAType()))
    remarkOddPitch(op, "A", op.getAType(), op.getTransposeA() ? "M" : "K");
  if (s.fillB == cost::Fill::threads && !hasTmaPitch(op.getBType()))
    remarkOddPitch(op, "B", op.getBType(), op.getTransposeB() ? "K" : "N");
  if (s.stagedStore)
    return;
  for (auto [i, result] : llvm::enumerate(op.getOutputs().take_front(op.getNumElementResults())))
    if (auto type = cast<RankedTensorType>(result.getType()); !hasTmaPitch(type))
      remarkOddPitch(op, llvm::formatv("result {0}", i).str(), type, "N");
}

struct Schedule : mpgemm::impl::SchedulePassBase<Schedule> {
  using SchedulePassBase::SchedulePassBase;

  /// The product without the quantisation of its result.
  MatmulOp split(MatmulOp op, const std::string &reason) {
    IRRewriter rewriter(&getContext());
    return splitQuantization(rewriter, op, reason, "mpgemm-schedule");
  }

  /// Schedules for fewer rows than `op`'s own is for; the last entry is that one.
  void setDispatch(MatmulOp op, ArrayRef<cost::DispatchEntry> entries) {
    SmallVector<int64_t> rows;
    SmallVector<ScheduleAttr> schedules;
    for (const cost::DispatchEntry &entry : entries.drop_back()) {
      rows.push_back(entry.upToRows);
      schedules.push_back(getScheduleAttr(op.getContext(), entry.prediction.schedule));
      remark::passed(op.getLoc(), remarkOptions("choose-schedule"))
          << llvm::formatv("up to {0} rows: {1}", entry.upToRows, describe(entry.prediction)).str();
    }
    if (!rows.empty())
      op.setDispatchAttr(DispatchAttr::get(op.getContext(), rows, schedules));
  }

  LogicalResult schedule(MatmulOp op, const cost::TargetNumbers &numbers) {
    if (std::string reason = whyNotQuantized(op); !reason.empty() && !op.getScheduleAttr())
      op = split(op, reason);
    if (failed(checkLowered(op, numbers)))
      return failure();
    const cost::ProductShape shape =
        getProductShape(op, {dynamicM > 0 ? dynamicM : SizeGuesses().m, dynamicSize}, numbers);
    const bool byHand = op.getScheduleAttr() != nullptr;
    cost::Prediction chosen;
    if (byHand) {
      FailureOr<cost::Schedule> given = resolveSchedule(op, op.getScheduleAttr(), shape, numbers);
      if (failed(given))
        return failure();
      chosen = cost::predict(shape, *given, numbers);
    } else {
      std::vector<cost::Prediction> ranked = cost::rankSchedules(shape, numbers);
      if (ranked.empty() && op.getResultScalingAttr())
        return schedule(split(op, "no tile of " + numbers.name + " holds the columns of a scale"),
                        numbers);
      if (ranked.empty())
        return op.emitOpError() << "has no schedule that fits " << numbers.name
                                << "; write one as #mpgemm.schedule";
      chosen = ranked.front();
      if (ShapedType::isDynamic(op.getStaticM()) && dynamicM <= 0) {
        std::vector<cost::DispatchEntry> entries = cost::chooseDispatch(shape, numbers);
        setDispatch(op, entries);
        chosen = entries.back().prediction;
      }
    }
    op.setScheduleAttr(getScheduleAttr(op.getContext(), chosen.schedule));
    remark::passed(op.getLoc(), remarkOptions(byHand ? "keep-schedule" : "choose-schedule"))
        << describe(chosen);
    if (chosen.schedule.isWarpSpecialised())
      remarkMissed(op, chosen.schedule);
    return success();
  }

  void runOnOperation() override {
    const cost::TargetNumbers *numbers = findTargetOrError(getOperation(), target);
    if (!numbers)
      return signalPassFailure();
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products)
      if (failed(schedule(op, *numbers)))
        return signalPassFailure();
  }
};

} // namespace
