// From global memory to the accumulator: producer and consumer of a warp-specialised kernel, and
// the single role that does both.
#include "FragmentMap.h"
#include "ScheduleSupport.h"
#include "TileMatmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::mpgemm;

//===-- Ring
//--------------------------------------------------------------------------------------//

SmallVector<Value> MatmulKernelWriter::acquireAll(Builder &builder, Value cursor) {
  SmallVector<Value> slots;
  for (Value ring : rings)
    slots.push_back(mptile::AcquireOp::create(builder, ring, cursor));
  return slots;
}

SmallVector<Value> MatmulKernelWriter::waitAll(Builder &builder, Value cursor,
                                               int64_t outstanding) {
  SmallVector<Value> slots;
  for (Value ring : rings)
    slots.push_back(mptile::WaitOp::create(builder, ring, cursor, outstanding));
  return slots;
}

void MatmulKernelWriter::releaseAll(Builder &builder, Value cursor) {
  for (Value ring : rings)
    mptile::ReleaseOp::create(builder, ring, cursor);
}

Value MatmulKernelWriter::advance(Builder &builder, Value cursor) {
  return mptile::AdvanceOp::create(builder, cursor, rings.front());
}

//===-- Filling
//-----------------------------------------------------------------------------------//

void MatmulKernelWriter::copyOperand(Builder &builder, const Operand &operand,
                                     ArrayRef<Value> batch, Value outer, Value k, Value slot) {
  // An operand of lower rank has the last batch dimensions of the results.
  int64_t rank = cast<mptile::ViewType>(operand.view.getType()).getRank();
  if (operand.slice)
    rank -= operand.slice->dropped.count();
  SmallVector<Value> offsets(batch.take_back(rank - 2));
  offsets.push_back(operand.kMajor ? outer : k);
  offsets.push_back(operand.kMajor ? k : outer);
  if (operand.slice)
    offsets = operand.slice->toSource(builder, builder.getLoc(), offsets,
                                      [&](int64_t value) { return index(builder, value); });
  mptile::CopyOp::create(builder, operand.view, offsets, slot, operand.element, operand.alignment);
}

void MatmulKernelWriter::copyOperands(Builder &builder, const WorkTile &work, Value kBlock,
                                      ArrayRef<Value> slots) {
  Value k = arith::MulIOp::create(builder, kBlock, index(builder, schedule.tileK));
  copyOperand(builder, a, work.batch, work.row, k, slots[a.ring]);
  copyOperand(builder, b, work.batch, work.column, k, slots[b.ring]);
}

SmallVector<Value> MatmulKernelWriter::fillSlots(Builder &builder, const WorkTile &work,
                                                 Value cursor) {
  auto loop =
      scf::ForOp::create(builder, work.kBegin, work.kEnd, index(builder, 1), cursor,
                         [&](OpBuilder &nested, Location loc, Value kBlock, ValueRange carried) {
                           Builder inner(loc, nested);
                           SmallVector<Value> slots = acquireAll(inner, carried[0]);
                           copyOperands(inner, work, kBlock, slots);
                           for (Value slot : slots)
                             mptile::CommitOp::create(inner, slot);
                           scf::YieldOp::create(inner, advance(inner, carried[0]));
                         });
  return {loop.getResult(0)};
}

//===-- Multiplying
//-------------------------------------------------------------------------------//

Value MatmulKernelWriter::zeroAccumulator(Builder &builder) {
  auto type =
      mptile::PendingType::get(builder.getContext(), {accRows(), schedule.tileN},
                               op.getAccumulation().getType(), {schedule.warpsM, schedule.warpsN});
  return mptile::AccZeroOp::create(builder, type);
}

Value MatmulKernelWriter::multiply(Builder &builder, ArrayRef<Value> slots, Value instanceRow,
                                   Value acc, bool correction) {
  Value tileA = mptile::TileOp::create(builder, slots[a.ring], a.element);
  Value tileB = mptile::TileOp::create(builder, slots[b.ring], b.element);
  const auto major = [](const Operand &operand) {
    return operand.kMajor ? mptile::Major::K : mptile::Major::MN;
  };
  return mptile::MmaAsyncOp::create(builder, tileA, tileB, acc, /*aOffset=*/instanceRow,
                                    /*bOffset=*/Value(), major(a), major(b), op.getUnsignedA(),
                                    op.getUnsignedB(), correction);
}

// An infinity or NaN of the main sum is the result: the remainder of an infinity is NaN.
Value MatmulKernelWriter::addCorrection(Builder &builder, Value acc, Value correction) {
  mptile::FragType type = fragment(accRows(), schedule.tileN, builder.getF32Type());
  const auto read = [&](Value from) -> Value {
    return mptile::AccReadOp::create(builder, type, from, ArrayRef<int64_t>{0, 0});
  };
  Value sums = buildMap(builder, {read(acc), read(correction)}, type, [&](ValueRange scalars) {
    Value main = scalars[0];
    Value infinity = arith::ConstantOp::create(
        builder, builder.getF32FloatAttr(std::numeric_limits<float>::infinity()));
    Value finite = arith::CmpFOp::create(builder, arith::CmpFPredicate::OLT,
                                         math::AbsFOp::create(builder, main), infinity);
    Value sum = arith::AddFOp::create(builder, main, scalars[1]);
    return SmallVector<Value>{arith::SelectOp::create(builder, finite, sum, main)};
  })[0];
  return mptile::AccWriteOp::create(builder, sums, acc, ArrayRef<int64_t>{0, 0});
}

// The whole K of a work tile, in one accumulator or run by run.
MatmulKernelWriter::Sum MatmulKernelWriter::consume(Builder &builder, const WorkTile &work,
                                                    Value instanceRow, Value cursor) {
  return sumRuns(builder, work, instanceRow, cursor,
                 [&](Builder &b, const WorkTile &run, ValueRange cursors, Beside beside) {
                   if (run.isBlock)
                     return consumeBlock(b, instanceRow, cursors[0], beside);
                   beside(b);
                   return consumeBlocks(b, run, instanceRow, cursors[0]);
                 });
}

// Nothing stays in flight: while this consumer reads its accumulator, another one multiplies.
MatmulKernelWriter::Sum MatmulKernelWriter::consumeBlock(Builder &builder, Value instanceRow,
                                                         Value cursor, Beside beside) {
  Value zero = zeroAccumulator(builder);
  SmallVector<Value> slots = waitAll(builder, cursor, 0);
  Value issued = multiply(builder, slots, instanceRow, zero);
  beside(builder); // not before the product, which would wait for what is loaded
  Value acc = mptile::MmaWaitOp::create(builder, issued, 0).getResult(0);
  releaseAll(builder, cursor);
  return {acc, {advance(builder, cursor)}};
}

// One product stays in flight: the slot of block k is released when block k+1 has been issued and
// block k is known to be done.
MatmulKernelWriter::Sum MatmulKernelWriter::consumeBlocks(Builder &builder, const WorkTile &work,
                                                          Value instanceRow, Value cursor) {
  Value zero = zeroAccumulator(builder);
  auto loop = scf::ForOp::create(
      builder, work.kBegin, work.kEnd, index(builder, 1), ValueRange{zero, cursor, cursor},
      [&](OpBuilder &nested, Location loc, Value kBlock, ValueRange carried) {
        Builder inner(loc, nested);
        Value current = carried[1], previous = carried[2];
        SmallVector<Value> slots = waitAll(inner, current, 0);
        Value issued = multiply(inner, slots, instanceRow, carried[0]);
        Value pending = mptile::MmaWaitOp::create(inner, issued, 1).getResult(0);
        Value notFirst =
            arith::CmpIOp::create(inner, arith::CmpIPredicate::ne, kBlock, work.kBegin);
        scf::IfOp::create(inner, notFirst, [&](OpBuilder &then, Location thenLoc) {
          Builder release(thenLoc, then);
          releaseAll(release, previous);
          scf::YieldOp::create(release);
        });
        scf::YieldOp::create(inner, ValueRange{pending, advance(inner, current), current});
      });
  Value acc = mptile::MmaWaitOp::create(builder, loop.getResult(0), 0).getResult(0);
  Value any = arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, work.kBegin, work.kEnd);
  scf::IfOp::create(builder, any, [&](OpBuilder &then, Location thenLoc) {
    Builder release(thenLoc, then);
    releaseAll(release, loop.getResult(2));
    scf::YieldOp::create(release);
  });
  return {acc, {loop.getResult(1)}};
}

// The single role keeps depth-1 groups of copies in flight. Every block commits one group, also
// where nothing is left to copy, so that the number outstanding says which block has arrived. The
// barrier of `wait` orders the reads of the slot before against the copies that refill it.
MatmulKernelWriter::Sum MatmulKernelWriter::fillAndConsume(Builder &builder, const WorkTile &work,
                                                           Value cursor) {
  const int64_t ahead = schedule.stages - 1;
  const auto fill = [&](Builder &inner, Value kBlock, Value at) -> Value {
    SmallVector<Value> slots = acquireAll(inner, at);
    Value exists = arith::CmpIOp::create(inner, arith::CmpIPredicate::ult, kBlock, work.kEnd);
    scf::IfOp::create(inner, exists, [&](OpBuilder &then, Location thenLoc) {
      Builder copies(thenLoc, then);
      copyOperands(copies, work, kBlock, slots);
      scf::YieldOp::create(copies);
    });
    for (Value slot : slots)
      mptile::CommitOp::create(inner, slot);
    return advance(inner, at);
  };
  auto prologue =
      scf::ForOp::create(builder, index(builder, 0), index(builder, ahead), index(builder, 1),
                         cursor, [&](OpBuilder &nested, Location loc, Value i, ValueRange carried) {
                           Builder inner(loc, nested);
                           Value kBlock = arith::AddIOp::create(inner, work.kBegin, i);
                           scf::YieldOp::create(inner, fill(inner, kBlock, carried[0]));
                         });
  // Carried: the accumulator, the slot to read, the slot to fill, and the correction of an exact
  // product.
  const bool exact = isExactF32(op);
  const auto block = [&](Builder &inner, Value kBlock, ValueRange carried) {
    SmallVector<Value> slots = waitAll(inner, carried[1], ahead - 1);
    Value later = arith::AddIOp::create(inner, kBlock, index(inner, ahead));
    Value writeCursor = fill(inner, later, carried[2]);
    SmallVector<Value> next{multiply(inner, slots, /*instanceRow=*/Value(), carried[0]),
                            advance(inner, carried[1]), writeCursor};
    if (exact)
      next.push_back(
          multiply(inner, slots, /*instanceRow=*/Value(), carried[3], /*correction=*/true));
    return next;
  };
  const auto sumRun = [&](Builder &b, const WorkTile &run, ValueRange cursors,
                          Beside beside) -> Sum {
    beside(b);
    SmallVector<Value> carried{zeroAccumulator(b), cursors[0], cursors[1]};
    if (exact)
      carried.push_back(zeroAccumulator(b));
    if (run.isBlock) {
      carried = block(b, run.kBegin, carried);
    } else {
      auto loop = scf::ForOp::create(
          b, run.kBegin, run.kEnd, index(b, 1), carried,
          [&](OpBuilder &nested, Location loc, Value kBlock, ValueRange arguments) {
            Builder inner(loc, nested);
            scf::YieldOp::create(inner, block(inner, kBlock, arguments));
          });
      carried.assign(loop.result_begin(), loop.result_end());
    }
    Value acc = mptile::MmaWaitOp::create(b, carried[0], 0).getResult(0);
    if (exact)
      acc = addCorrection(b, acc, mptile::MmaWaitOp::create(b, carried[3], 0).getResult(0));
    return {acc, {carried[1], carried[2]}};
  };
  Sum sum = sumRuns(builder, work, /*instanceRow=*/Value(),
                    ValueRange{cursor, prologue.getResult(0)}, sumRun);
  // The next tile starts at the slot after the last one read, which only slow warps still read.
  sum.cursors.pop_back();
  return sum;
}
