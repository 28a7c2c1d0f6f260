// Sums in two levels: partial sums of a run of K, each scaled and added to a sum in f32.
//
//     sum = 0
//     scales = those of the first run
//     for each run of K:
//       next = the scales of the next run
//       partial = A B over the run
//       sum = sum + partial * scales
//       scales = next
//
// Each run has a fresh accumulator and leaves nothing in flight; the sum is in f32. Scales are
// loaded a whole run ahead, so that the tensor cores never wait for them.
//
// A run ends where a scale changes along K, and where the short accumulation of 8-bit floats is
// promoted. The sum is kept in pieces, so that each piece has one scale of a block of A or B.
#include "FragmentMap.h"
#include "TileMatmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AffineMap.h"

#include <numeric>

using namespace mlir;
using namespace mlir::mpgemm;

void MatmulKernelWriter::declareScales(unsigned &nextArgument) {
  const auto declare = [&](bool isA, Value scale, std::optional<ScalingAttr> scaling) {
    if (!scale)
      return;
    Scale added;
    added.view = entry->getArgument(nextArgument++);
    added.isA = isA;
    added.kFirst = isA ? op.getTransposeA() : !op.getTransposeB();
    added.outerBlock = scaling->getOuterBlock();
    added.kBlock = scaling->getKBlock();
    added.operandBatchRank = (isA ? op.getAType() : op.getBType()).getRank() - 2;
    scales.push_back(added);
  };
  declare(true, op.getAScale(), op.getAScaling());
  declare(false, op.getBScale(), op.getBScaling());
}

// Rows and columns of a piece of the sum.
std::pair<int64_t, int64_t> MatmulKernelWriter::getPieceShape() const {
  int64_t rows = accRows(), columns = schedule.tileN;
  for (const Scale &scale : scales)
    if (scale.outerBlock > 1) {
      int64_t &size = scale.isA ? rows : columns;
      size = std::gcd(size, scale.outerBlock);
    }
  return {rows, columns};
}

// The scales of one piece for the run that starts at block `kBlock` of K: a vector where each row
// (column) has its own, else a scalar.
Value MatmulKernelWriter::loadScale(Builder &builder, const Scale &scale, const WorkTile &work,
                                    Value kBlock, Value outer, int64_t size) {
  auto view = cast<mptile::ViewType>(scale.view.getType());
  MLIRContext *context = builder.getContext();
  const bool isVector = scale.outerBlock == 1;
  if (!isVector)
    outer = arith::DivUIOp::create(builder, outer, index(builder, scale.outerBlock));
  Value k = arith::MulIOp::create(builder, kBlock, index(builder, schedule.tileK));
  k = arith::DivUIOp::create(builder, k, index(builder, scale.kBlock));

  SmallVector<Value> offsets{outer, k};
  SmallVector<AffineExpr> exprs{isVector ? getAffineDimExpr(scale.isA ? 0 : 1, context)
                                         : getAffineConstantExpr(0, context),
                                getAffineConstantExpr(0, context)};
  if (scale.kFirst) {
    std::swap(offsets[0], offsets[1]);
    std::swap(exprs[0], exprs[1]);
  }
  if (view.getRank() > 2) {
    ArrayRef<Value> batch = ArrayRef(work.batch).take_back(scale.operandBatchRank);
    offsets.insert(offsets.begin(), batch.begin(), batch.end());
    exprs.insert(exprs.begin(), batch.size(), getAffineConstantExpr(0, context));
  }
  auto type = fragment(isVector && scale.isA ? size : 1, isVector && !scale.isA ? size : 1,
                       view.getElementType());
  const int64_t bytes = view.getElementType().getIntOrFloatBitWidth() / 8;
  return mptile::LoadFragmentOp::create(builder, type, scale.view, offsets,
                                        AffineMapAttr::get(AffineMap::get(2, 0, exprs, context)),
                                        builder.getI64IntegerAttr(bytes));
}

namespace {

Value toF32(ImplicitLocOpBuilder &b, Value value) {
  Type f32 = b.getF32Type();
  if (value.getType().isF32())
    return value;
  if (value.getType().isInteger())
    return arith::SIToFPOp::create(b, f32, value);
  return arith::ExtFOp::create(b, f32, value);
}

} // namespace

// The scales of all pieces for one run: one fragment a piece, or two where both rows and columns
// have scales of their own. The scales of A and B are multiplied with each other first, where that
// is cheaper.
MatmulKernelWriter::RunScales MatmulKernelWriter::loadScales(Builder &builder, const WorkTile &work,
                                                             Value instanceRow, Value kBlock) {
  const auto [rows, columns] = getPieceShape();
  Value firstRow = instanceRow ? arith::AddIOp::create(builder, work.row, instanceRow) : work.row;
  RunScales loaded;
  llvm::DenseMap<int64_t, size_t> known[2]; // of B and A, by their offset in the tile
  const auto load = [&](const Scale &scale, int64_t offset, int64_t size) {
    auto [number, isNew] = known[scale.isA].try_emplace(offset, loaded.fragments.size());
    if (isNew) {
      Value outer = scale.isA ? firstRow : work.column;
      if (offset)
        outer = arith::AddIOp::create(builder, outer, index(builder, offset));
      loaded.fragments.push_back(loadScale(builder, scale, work, kBlock, outer, size));
    }
    return number->second;
  };
  for (int64_t row = 0; row < accRows(); row += rows)
    for (int64_t column = 0; column < schedule.tileN; column += columns) {
      SmallVector<size_t> &piece = loaded.ofPiece.emplace_back();
      for (const Scale &scale : scales)
        piece.push_back(scale.isA ? load(scale, row, rows) : load(scale, column, columns));
    }
  return loaded;
}

// sum + partial * scales, element by element.
Value MatmulKernelWriter::addPartialSum(Builder &builder, Value sum, Value partial,
                                        ArrayRef<Value> pieceScales) {
  auto type = cast<mptile::FragType>(sum.getType());
  SmallVector<Value> factors(pieceScales);
  const auto isVector = [](Value factor) {
    auto shape = cast<mptile::FragType>(factor.getType()).getShape();
    return std::pair(shape[0] > 1, shape[1] > 1);
  };
  // A scalar joins the other factor before they are spread.
  if (factors.size() == 2) {
    auto [rowsA, columnsA] = isVector(factors[0]);
    auto [rowsB, columnsB] = isVector(factors[1]);
    const bool rows = rowsA || rowsB, columns = columnsA || columnsB;
    if (!rows || !columns) {
      auto factorType = fragment(rows ? type.getRows() : 1, columns ? type.getColumns() : 1,
                                 builder.getF32Type());
      factors = buildMap(builder, factors, factorType, [&](ValueRange scalars) {
        return SmallVector<Value>{
            arith::MulFOp::create(builder, toF32(builder, scalars[0]), toF32(builder, scalars[1]))};
      });
    }
  }
  SmallVector<Value> inputs{sum, partial};
  llvm::append_range(inputs, factors);
  const auto add = [&](ValueRange scalars) -> Value {
    Value value = scalars[1];
    if (value.getType() != type.getElementType())
      value = toF32(builder, value);
    if (scalars.size() == 2)
      return arith::AddFOp::create(builder, scalars[0], value);
    Value factor = toF32(builder, scalars[2]);
    if (scalars.size() == 4)
      factor = arith::MulFOp::create(builder, factor, toF32(builder, scalars[3]));
    return math::FmaOp::create(builder, value, factor, scalars[0]);
  };
  return buildMap(builder, inputs, type,
                  [&](ValueRange scalars) { return SmallVector<Value>{add(scalars)}; })[0];
}

// `body` sums the blocks of K of a work tile in one accumulator, and moves the cursors on.
MatmulKernelWriter::Sum MatmulKernelWriter::sumRuns(Builder &builder, const WorkTile &work,
                                                    Value instanceRow, ValueRange cursors,
                                                    RunBody body) {
  if (!runK)
    return body(builder, work, cursors, [](Builder &) {});
  const std::pair<int64_t, int64_t> piece = getPieceShape();
  const int64_t rows = piece.first, columns = piece.second;
  const int64_t blocks = runK / schedule.tileK;
  auto accType =
      mptile::AccType::get(op.getContext(), {accRows(), schedule.tileN}, op.getEpilogueInputType(),
                           {schedule.warpsM, schedule.warpsN});
  Value zeros = mptile::AccZeroOp::create(builder, accType);
  SmallVector<SmallVector<int64_t>> offsets;
  SmallVector<Value> inits;
  for (int64_t row = 0; row < accRows(); row += rows)
    for (int64_t column = 0; column < schedule.tileN; column += columns) {
      offsets.push_back({row, column});
      inits.push_back(mptile::AccReadOp::create(
          builder, fragment(rows, columns, accType.getElementType()), zeros, offsets.back()));
    }
  const size_t pieces = offsets.size();
  // The scales of a run come in with the loop; pieces of one row or column share them.
  const RunScales first = loadScales(builder, work, instanceRow, work.kBegin);
  const size_t scaleCount = first.fragments.size();
  llvm::append_range(inits, first.fragments);
  llvm::append_range(inits, cursors);

  auto loop = scf::ForOp::create(
      builder, work.kBegin, work.kEnd, index(builder, blocks), inits,
      [&](OpBuilder &nested, Location loc, Value kBlock, ValueRange carried) {
        Builder inner(loc, nested);
        Value nextBlock;
        if (scaleCount || blocks > 1)
          nextBlock = arith::AddIOp::create(inner, kBlock, index(inner, blocks));
        WorkTile run = work;
        run.kBegin = kBlock;
        run.isBlock = blocks == 1;
        if (!run.isBlock)
          run.kEnd = arith::MinUIOp::create(inner, nextBlock, work.kEnd);
        // ptxas copies a loaded scale for the next turn right behind its load: where that comes
        // before the product, the tensor cores wait for it.
        SmallVector<Value> nextScales;
        Sum partial = body(inner, run, carried.drop_front(pieces + scaleCount), [&](Builder &b) {
          if (scaleCount)
            nextScales = loadScales(b, work, instanceRow, nextBlock).fragments;
        });
        SmallVector<Value> next;
        for (size_t i = 0; i < pieces; ++i) {
          Value fragmentOfRun = mptile::AccReadOp::create(
              inner, fragment(rows, columns, op.getAccumulation().getType()), partial.acc,
              offsets[i]);
          SmallVector<Value> scalesOfPiece;
          for (size_t number : first.ofPiece[i])
            scalesOfPiece.push_back(carried[pieces + number]);
          next.push_back(addPartialSum(inner, carried[i], fragmentOfRun, scalesOfPiece));
        }
        llvm::append_range(next, nextScales);
        llvm::append_range(next, partial.cursors);
        scf::YieldOp::create(inner, next);
      });
  Value acc = zeros;
  for (size_t i = 0; i < pieces; ++i)
    acc = mptile::AccWriteOp::create(builder, loop.getResult(i), acc, offsets[i]);
  return {acc, SmallVector<Value>(loop.getResults().drop_front(pieces + scaleCount))};
}
