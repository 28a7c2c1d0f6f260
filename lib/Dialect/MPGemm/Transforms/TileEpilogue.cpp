// From the accumulator to the results, a few columns at a time so that few registers hold
// fragments: read the accumulator, load C and the epilogue's operands at the same elements, map,
// store.
#include "FragmentMap.h"
#include "QuantizeRows.h"
#include "TileMatmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::mpgemm;

/// The columns [column, column + columns) of a tile.
struct MatmulKernelWriter::Chunk {
  int64_t number = 0, count = 1;
  Value column; // in the result
  Value instance;
};

mptile::FragType MatmulKernelWriter::fragment(int64_t rows, int64_t columns, Type element) {
  return mptile::FragType::get(op.getContext(), {rows, columns}, element,
                               {schedule.warpsM, schedule.warpsN});
}

namespace {

// Bytes that divide the address of every element with an even column; neighbours are then moved as
// a pair.
IntegerAttr pairAlignment(mptile::ViewType view, AffineMap fragmentMap) {
  MLIRContext *context = view.getContext();
  const int64_t bytes = view.getElementType().getIntOrFloatBitWidth() / 8;
  const int64_t rank = view.getRank();
  bool pairs = rank > 0 && fragmentMap.getResult(rank - 1) == getAffineDimExpr(1, context);
  if (rank > 1)
    pairs &= !view.isDynamicDim(rank - 1) && view.getShape()[rank - 1] % 2 == 0;
  return IntegerAttr::get(IntegerType::get(context, 64), pairs ? 2 * bytes : bytes);
}

} // namespace

// `map` takes batch x M x N to the dimensions of the view. What depends on neither M nor N is one
// scalar of the tile, on one of them a column or a row.
Value MatmulKernelWriter::loadOperand(Builder &builder, Value view, AffineMap map,
                                      const WorkTile &work, Value column, int64_t columns) {
  const unsigned batchRank = work.batch.size();
  MLIRContext *context = builder.getContext();
  SmallVector<Value> offsets;
  SmallVector<AffineExpr> inFragment;
  bool usesRow = false, usesColumn = false;
  for (AffineExpr result : map.getResults()) {
    auto dimension = dyn_cast<AffineDimExpr>(result);
    AffineExpr expr = getAffineConstantExpr(0, context);
    Value offset;
    if (!dimension) {
      offset = index(builder, 0);
    } else if (dimension.getPosition() < batchRank) {
      offset = work.batch[dimension.getPosition()];
    } else if (dimension.getPosition() == batchRank) {
      offset = work.row;
      expr = getAffineDimExpr(0, context);
      usesRow = true;
    } else {
      offset = column;
      expr = getAffineDimExpr(1, context);
      usesColumn = true;
    }
    offsets.push_back(offset);
    inFragment.push_back(expr);
  }
  auto viewType = cast<mptile::ViewType>(view.getType());
  AffineMap fragmentMap = AffineMap::get(2, 0, inFragment, context);
  auto type =
      fragment(usesRow ? accRows() : 1, usesColumn ? columns : 1, viewType.getElementType());
  return mptile::LoadFragmentOp::create(builder, type, view, offsets,
                                        AffineMapAttr::get(fragmentMap),
                                        pairAlignment(viewType, fragmentMap));
}

// The body of the epilogue with C added in front: (acc, C?, operands...) -> results.
SmallVector<Value> MatmulKernelWriter::mapEpilogue(Builder &builder, ValueRange inputs,
                                                   int64_t columns) {
  SmallVector<Type> types;
  for (Value result : op.getOutputs().take_front(op.getNumElementResults()))
    types.push_back(fragment(accRows(), columns, getElementTypeOrSelf(result)));
  if (scaleView) // codes are made of f32
    types.front() = fragment(accRows(), columns, builder.getF32Type());
  return buildMap(builder, inputs, types, [&](ValueRange scalars) {
    Value sum = scalars[0];
    unsigned next = 1;
    if (initView) {
      Value c = scalars[next++];
      const bool isInteger = sum.getType().isInteger();
      if (c.getType() != sum.getType())
        c = isInteger ? Value(arith::ExtSIOp::create(builder, sum.getType(), c))
                      : Value(arith::ExtFOp::create(builder, sum.getType(), c));
      sum = isInteger ? Value(arith::AddIOp::create(builder, sum, c))
                      : Value(arith::AddFOp::create(builder, sum, c));
    }
    Block *epilogue = op.getEpilogueBlock();
    IRMapping mapping;
    mapping.map(epilogue->getArgument(0), sum);
    for (BlockArgument operand : epilogue->getArguments().drop_front())
      mapping.map(operand, scalars[next++]);
    for (Operation &inner : epilogue->without_terminator())
      builder.clone(inner, mapping);
    SmallVector<Value> yielded;
    for (Value value : epilogue->getTerminator()->getOperands())
      yielded.push_back(mapping.lookup(value));
    return yielded;
  });
}

// All columns of `values` share a scale in each row: stores it, and gives the codes.
Value MatmulKernelWriter::quantize(Builder &builder, Value values, const WorkTile &work,
                                   Value column) {
  MLIRContext *context = builder.getContext();
  auto view = cast<mptile::ViewType>(scaleView.getType());
  Type code = op.getResultType().getElementType();
  RowScales rows = buildRowScales(builder, values, code, view.getElementType());
  SmallVector<Value> offsets(work.batch);
  SmallVector<AffineExpr> exprs(work.batch.size(), getAffineConstantExpr(0, context));
  offsets.push_back(work.row);
  exprs.push_back(getAffineDimExpr(0, context));
  if (view.getRank() > static_cast<int64_t>(offsets.size())) { // groups of a row
    offsets.push_back(arith::DivUIOp::create(builder, column, index(builder, epilogueColumns())));
    exprs.push_back(getAffineConstantExpr(0, context));
  }
  mptile::StoreFragmentOp::create(builder, rows.scales, scaleView, offsets,
                                  AffineMapAttr::get(AffineMap::get(2, 0, exprs, context)),
                                  IntegerAttr());
  return buildRowCodes(builder, values, rows.reciprocals, code);
}

// Two staging tiles take turns: one is written while the copy engine still reads the other.
void MatmulKernelWriter::storeStaged(Builder &builder, const Chunk &chunk, ValueRange results,
                                     const WorkTile &work) {
  const int64_t copies = stagingCopies();
  // The first chunk of a tile follows the last one of the tile before: the same buffer if the count
  // is odd.
  const bool otherBuffer = copies == 2 && (chunk.number > 0 || chunk.count % 2 == 0);
  mptile::StoreWaitOp::create(builder, otherBuffer ? int64_t(results.size()) : 0,
                              /*complete=*/false);
  // An instance's copies lie one after the other.
  Value buffer = chunk.instance;
  if (copies == 2) {
    buffer = arith::MulIOp::create(builder, buffer, index(builder, copies));
    buffer = arith::AddIOp::create(builder, buffer, index(builder, chunk.number % copies));
  }
  for (auto [result, tiles, view] : llvm::zip_equal(results, staging, resultViews)) {
    Value tile = mptile::SelectOp::create(builder, tiles, buffer);
    mptile::WriteFragmentOp::create(builder, result, tile);
    SmallVector<Value> offsets(work.batch);
    offsets.append({work.row, chunk.column});
    mptile::CopyOutOp::create(builder, tile, view, offsets);
  }
}

void MatmulKernelWriter::storeDirect(Builder &builder, ValueRange results, const WorkTile &work,
                                     Value column) {
  MLIRContext *context = builder.getContext();
  SmallVector<AffineExpr> exprs(work.batch.size(), getAffineConstantExpr(0, context));
  exprs.append({getAffineDimExpr(0, context), getAffineDimExpr(1, context)});
  AffineMap map = AffineMap::get(2, 0, exprs, context);
  SmallVector<Value> offsets(work.batch);
  offsets.append({work.row, column});
  for (auto [result, view] : llvm::zip_equal(results, resultViews))
    mptile::StoreFragmentOp::create(builder, result, view, offsets, AffineMapAttr::get(map),
                                    pairAlignment(cast<mptile::ViewType>(view.getType()), map));
}

void MatmulKernelWriter::writeEpilogue(Builder &builder, const WorkTile &work, Value instance,
                                       Value acc) {
  const int64_t columns = epilogueColumns();
  const unsigned columnDim = op.getOutputRank() - 1;
  // What is the same for all columns is loaded once.
  SmallVector<Value> invariant(epilogueViews.size());
  for (auto [i, view] : llvm::enumerate(epilogueViews))
    if (AffineMap map = op.getEpilogueMap(i); !map.isFunctionOfDim(columnDim))
      invariant[i] = loadOperand(builder, view, map, work, Value(), columns);

  Chunk chunk;
  chunk.count = schedule.tileN / columns;
  chunk.instance = instance;
  for (; chunk.number < chunk.count; ++chunk.number) {
    const int64_t offset = chunk.number * columns;
    chunk.column =
        offset ? arith::AddIOp::create(builder, work.column, index(builder, offset)) : work.column;
    SmallVector<Value> inputs{
        mptile::AccReadOp::create(builder, fragment(accRows(), columns, op.getEpilogueInputType()),
                                  acc, ArrayRef<int64_t>{0, offset})};
    if (initView)
      inputs.push_back(loadOperand(
          builder, initView, AffineMap::getMultiDimIdentityMap(op.getOutputRank(), op.getContext()),
          work, chunk.column, columns));
    for (auto [i, view] : llvm::enumerate(epilogueViews))
      inputs.push_back(invariant[i] ? invariant[i]
                                    : loadOperand(builder, view, op.getEpilogueMap(i), work,
                                                  chunk.column, columns));
    SmallVector<Value> results = mapEpilogue(builder, inputs, columns);
    if (scaleView)
      results.front() = quantize(builder, results.front(), work, chunk.column);
    if (schedule.stagedStore)
      storeStaged(builder, chunk, results, work);
    else
      storeDirect(builder, results, work, chunk.column);
  }
}
