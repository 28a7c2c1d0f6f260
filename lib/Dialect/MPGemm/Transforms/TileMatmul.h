// The writer of one product's kernel: shared state of its parts.
//
//   TileMatmul.cpp    the kernel, its rings and staging tiles, the loop over work
//   TileMainLoop.cpp  producer, consumer and the single role: from global memory to the accumulator
//   TileSums.cpp      sums in two levels: runs of K that are scaled or promoted
//   TileEpilogue.cpp  from the accumulator to the results
#ifndef MPGEMM_LIB_TRANSFORMS_TILEMATMUL_H
#define MPGEMM_LIB_TRANSFORMS_TILEMATMUL_H

#include "ScheduleSupport.h"
#include "SliceInPlace.h"
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"
#include "mpgemm/Dialect/MPGemm/Transforms/CostModel.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::mpgemm {

/// Writes the kernel of `op` with `schedule` before the insertion point of `builder`. Its views are
/// A, B (or what they are slices of, see readInPlace), then as far as there are any C, the scales
/// of A and of B, and the epilogue's operands, then the results.
mptile::KernelOp writeMatmulKernel(OpBuilder &builder, MatmulOp op, const cost::Schedule &schedule,
                                   const cost::TargetNumbers &target, StringRef name);

/// The tile a CTA works on, as values inside the loop over work.
struct WorkTile {
  SmallVector<Value> batch; // one index for each batch dimension of the results
  Value row, column;        // the first element
  Value kBegin, kEnd;       // blocks of K
  bool isBlock = false;     // exactly the block kBegin
};

class MatmulKernelWriter {
public:
  MatmulKernelWriter(MatmulOp op, const cost::Schedule &schedule, const cost::TargetNumbers &target)
      : op(op), schedule(schedule), target(target), runK(getRunK(op)) {}

  mptile::KernelOp write(OpBuilder &builder, StringRef name);

private:
  using Builder = ImplicitLocOpBuilder;

  /// A or B on its way to shared memory.
  struct Operand {
    Value view;
    bool kMajor = true;
    unsigned ring = 0, element = 0;
    int64_t alignment = 0;
    std::optional<InPlaceSlice> slice; // the view is the source of it
  };

  /// A scale that changes along K.
  struct Scale {
    Value view;
    bool isA = false;
    bool kFirst = false;                // K is the outer dimension of the tensor of scales
    int64_t outerBlock = 1, kBlock = 1; // elements that share a scale
    int64_t operandBatchRank = 0;
  };

  /// An accumulator, and the cursors after it was summed.
  struct Sum {
    Value acc;
    SmallVector<Value> cursors;
  };
  /// What is done beside the products of a run: its body calls it once.
  using Beside = function_ref<void(Builder &)>;
  using RunBody = function_ref<Sum(Builder &, const WorkTile &, ValueRange, Beside)>;

  /// The scales of a run: distinct fragments, and those of each piece of the sum by their numbers.
  struct RunScales {
    SmallVector<Value> fragments;
    SmallVector<SmallVector<size_t>> ofPiece;
  };

  // TileMatmul.cpp
  SmallVector<Type> getViewTypes();
  void declareOperands(Builder &b);
  void declareStaging(Builder &b);
  void writeRoles(Builder &b);
  void writeOneRole(Builder &b);
  void countTiles(Builder &b);
  Value dim(Builder &b, Value view, int64_t i);
  Value index(Builder &b, int64_t value);
  using WorkBody = function_ref<SmallVector<Value>(Builder &, const WorkTile &, ValueRange)>;
  ValueRange forEachWork(Builder &b, ValueRange inits, WorkBody body);
  WorkTile getWorkTile(Builder &b, mptile::ForEachWorkOp loop);

  // TileMainLoop.cpp
  SmallVector<Value> fillSlots(Builder &b, const WorkTile &work, Value cursor);
  void copyOperands(Builder &b, const WorkTile &work, Value kBlock, ArrayRef<Value> slots);
  void copyOperand(Builder &b, const Operand &operand, ArrayRef<Value> batch, Value outer, Value k,
                   Value slot);
  SmallVector<Value> acquireAll(Builder &b, Value cursor);
  SmallVector<Value> waitAll(Builder &b, Value cursor, int64_t outstanding);
  void releaseAll(Builder &b, Value cursor);
  Value advance(Builder &b, Value cursor);
  Value multiply(Builder &b, ArrayRef<Value> slots, Value instanceRow, Value acc,
                 bool correction = false);
  Value addCorrection(Builder &b, Value acc, Value correction);
  Value zeroAccumulator(Builder &b);
  Sum consume(Builder &b, const WorkTile &work, Value instanceRow, Value cursor);
  Sum consumeBlock(Builder &b, Value instanceRow, Value cursor, Beside beside);
  Sum consumeBlocks(Builder &b, const WorkTile &work, Value instanceRow, Value cursor);
  Sum fillAndConsume(Builder &b, const WorkTile &work, Value cursor);

  // TileSums.cpp
  void declareScales(unsigned &nextArgument);
  std::pair<int64_t, int64_t> getPieceShape() const;
  Value loadScale(Builder &b, const Scale &scale, const WorkTile &work, Value kBlock, Value outer,
                  int64_t size);
  RunScales loadScales(Builder &b, const WorkTile &work, Value instanceRow, Value kBlock);
  Value addPartialSum(Builder &b, Value sum, Value partial, ArrayRef<Value> pieceScales);
  Sum sumRuns(Builder &b, const WorkTile &work, Value instanceRow, ValueRange cursors,
              RunBody body);

  // TileEpilogue.cpp
  struct Chunk;
  void writeEpilogue(Builder &b, const WorkTile &work, Value instance, Value acc);
  Value loadOperand(Builder &b, Value view, AffineMap map, const WorkTile &work, Value column,
                    int64_t columns);
  SmallVector<Value> mapEpilogue(Builder &b, ValueRange inputs, int64_t columns);
  Value quantize(Builder &b, Value values, const WorkTile &work, Value column);
  void storeStaged(Builder &b, const Chunk &chunk, ValueRange results, const WorkTile &work);
  void storeDirect(Builder &b, ValueRange results, const WorkTile &work, Value column);

  int64_t accRows() const { return schedule.tileM / schedule.consumers; }
  int64_t epilogueColumns();
  int64_t stagingCopies() { return schedule.tileN > epilogueColumns() ? 2 : 1; }
  mptile::FragType fragment(int64_t rows, int64_t columns, Type element);

  MatmulOp op;
  const cost::Schedule &schedule;
  const cost::TargetNumbers &target;
  const int64_t runK; // steps of K in one partial sum; 0: one sum

  Block *entry = nullptr;
  llvm::DenseMap<int64_t, Value> constants;
  Operand a, b;
  SmallVector<Value> rings;
  SmallVector<cost::Fill> ringFills;
  Value initView;
  SmallVector<Scale> scales;
  SmallVector<Value> epilogueViews, resultViews, staging;
  Value scaleView; // of the result, where it is quantized
  Value batchTiles, mTiles, nTiles, kBlocks;
};

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_TILEMATMUL_H
