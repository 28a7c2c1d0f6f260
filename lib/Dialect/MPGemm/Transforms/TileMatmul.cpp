// The kernel of a product: its views, rings and staging tiles, its roles, and the loop over work.
#include "TileMatmul.h"

#include "ResultScales.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <numeric>

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

mptile::ViewType viewOf(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return mptile::ViewType::get(type.getContext(), type.getShape(), type.getElementType());
}

// The widest swizzle whose span divides a row: TMA, ldmatrix and wgmma all take it without bank
// conflicts.
int64_t chooseSwizzle(int64_t rowBytes) {
  for (int64_t span : {128, 64, 32})
    if (rowBytes % span == 0)
      return span;
  return 0;
}

mptile::SmemType tileOf(int64_t outer, int64_t inner, Type element) {
  const int64_t rowBytes = inner * element.getIntOrFloatBitWidth() / 8;
  return mptile::SmemType::get(element.getContext(), {outer, inner}, element,
                               chooseSwizzle(rowBytes));
}

// What the address of every row is known to be a multiple of, up to the 16 bytes of the widest
// copy.
int64_t rowAlignment(mptile::ViewType view) {
  const int64_t elementBytes = view.getElementType().getIntOrFloatBitWidth() / 8;
  const int64_t inner = view.getShape().back();
  if (ShapedType::isDynamic(inner))
    return elementBytes;
  for (int64_t bytes : {16, 8, 4, 2})
    if (inner * elementBytes % bytes == 0)
      return bytes;
  return elementBytes;
}

mptile::Fill tileFill(cost::Fill fill) {
  switch (fill) {
  case cost::Fill::tma:
    return mptile::Fill::Tma;
  case cost::Fill::threads:
    return mptile::Fill::Threads;
  case cost::Fill::async:
    return mptile::Fill::Async;
  }
  llvm_unreachable("all fills are listed");
}

} // namespace

mptile::KernelOp mlir::mpgemm::writeMatmulKernel(OpBuilder &builder, MatmulOp op,
                                                 const cost::Schedule &schedule,
                                                 const cost::TargetNumbers &target,
                                                 StringRef name) {
  return MatmulKernelWriter(op, schedule, target).write(builder, name);
}

mptile::KernelOp MatmulKernelWriter::write(OpBuilder &builder, StringRef name) {
  OpBuilder::InsertionGuard guard(builder);
  auto type = builder.getFunctionType(getViewTypes(), {});
  auto kernel =
      mptile::KernelOp::create(builder, op.getLoc(), name, type, target.name, schedule.threads());
  kernel.setMinCtas(schedule.minBlocks);
  kernel.setScheduleAttr(op.getScheduleAttr());
  entry = &kernel.getBody().front();
  Builder b(op.getLoc(), builder.getContext());
  b.setInsertionPointToEnd(entry);
  declareOperands(b);
  if (schedule.stagedStore)
    declareStaging(b);
  countTiles(b);
  if (schedule.isWarpSpecialised())
    writeRoles(b);
  else
    writeOneRole(b);
  mptile::ReturnOp::create(b);
  return kernel;
}

SmallVector<Type> MatmulKernelWriter::getViewTypes() {
  a.slice = readInPlace(op, /*isB=*/false, schedule);
  b.slice = readInPlace(op, /*isB=*/true, schedule);
  SmallVector<Type> types{viewOf(a.slice ? a.slice->source : op.getA()),
                          viewOf(b.slice ? b.slice->source : op.getB())};
  if (op.getInit())
    types.push_back(viewOf(op.getInit()));
  for (Value scale : {op.getAScale(), op.getBScale()})
    if (scale)
      types.push_back(viewOf(scale));
  for (Value operand : op.getEpilogueOperands())
    types.push_back(viewOf(operand));
  for (Value result : op.getOutputs())
    types.push_back(viewOf(result));
  return types;
}

//===-- Shared memory
//-----------------------------------------------------------------------------//

// One ring with a tile of A and one of B; two when they are filled in different ways. Both have the
// same depth, so one cursor serves both.
void MatmulKernelWriter::declareOperands(Builder &builder) {
  a.view = entry->getArgument(0);
  b.view = entry->getArgument(1);
  unsigned next = 2;
  if (op.getInit())
    initView = entry->getArgument(next++);
  declareScales(next);
  for (unsigned i = 0; i < op.getEpilogueOperands().size(); ++i)
    epilogueViews.push_back(entry->getArgument(next++));
  for (unsigned i = 0; i < op.getNumElementResults(); ++i)
    resultViews.push_back(entry->getArgument(next++));
  if (op.getResultScalingAttr())
    scaleView = entry->getArgument(next++);

  a.kMajor = !op.getTransposeA();
  b.kMajor = op.getTransposeB();
  const auto tile = [&](Operand &operand, int64_t outer) {
    auto view = cast<mptile::ViewType>(operand.view.getType());
    operand.alignment = rowAlignment(view);
    if (operand.slice) // the tile's first element lies this many bytes behind one that is aligned
      operand.alignment =
          std::gcd(operand.alignment, operand.slice->offsets.back() *
                                          view.getElementType().getIntOrFloatBitWidth() / 8);
    return operand.kMajor ? tileOf(outer, schedule.tileK, view.getElementType())
                          : tileOf(schedule.tileK, outer, view.getElementType());
  };
  const Type tileA = tile(a, schedule.tileM), tileB = tile(b, schedule.tileN);

  const auto declare = [&](cost::Fill fill, ArrayRef<Type> tiles) {
    auto type = mptile::RingType::get(builder.getContext(), schedule.stages, tiles);
    rings.push_back(mptile::RingOp::create(builder, type, tileFill(fill), schedule.consumers,
                                           /*writers=*/1));
    ringFills.push_back(fill);
  };
  if (schedule.fillA == schedule.fillB) {
    declare(schedule.fillA, {tileA, tileB});
    b.element = 1;
    return;
  }
  declare(schedule.fillA, {tileA});
  declare(schedule.fillB, {tileB});
  b.ring = 1;
}

int64_t MatmulKernelWriter::epilogueColumns() {
  if (int64_t columns = getQuantizedColumns(op))
    return columns;
  int64_t bytes = 0;
  for (Value result : op.getOutputs())
    bytes = std::max<int64_t>(
        bytes, llvm::divideCeil(getElementTypeOrSelf(result).getIntOrFloatBitWidth(), 8));
  return schedule.epilogueColumns(bytes);
}

void MatmulKernelWriter::declareStaging(Builder &builder) {
  for (Value view : resultViews) {
    Type element = cast<mptile::ViewType>(view.getType()).getElementType();
    staging.push_back(mptile::AllocOp::create(builder,
                                              tileOf(accRows(), epilogueColumns(), element),
                                              stagingCopies() * schedule.consumers));
  }
}

//===-- Roles
//-------------------------------------------------------------------------------------//

void MatmulKernelWriter::writeRoles(Builder &builder) {
  MLIRContext *context = builder.getContext();
  const auto producer =
      mptile::RoleAttr::get(context, "producer", 1, 4, schedule.producerRegisters);
  const auto consumer =
      mptile::RoleAttr::get(context, "consumer", schedule.consumers,
                            schedule.warpsM * schedule.warpsN, schedule.consumerRegisters);
  auto roles = mptile::RolesOp::create(builder, ArrayRef{producer, consumer});
  OpBuilder::InsertionGuard guard(builder);

  builder.setInsertionPointToStart(&roles.getBodies()[0].front());
  Value start = mptile::CursorOp::create(builder);
  forEachWork(builder, start, [&](Builder &b, const WorkTile &work, ValueRange carried) {
    return fillSlots(b, work, carried[0]);
  });

  Block &body = roles.getBodies()[1].front();
  builder.setInsertionPointToStart(&body);
  Value instance = body.getArgument(0);
  Value instanceRow = arith::MulIOp::create(builder, instance, index(builder, accRows()));
  start = mptile::CursorOp::create(builder);
  forEachWork(builder, start, [&](Builder &b, const WorkTile &work, ValueRange carried) {
    Sum sum = consume(b, work, instanceRow, carried[0]);
    WorkTile mine = work;
    mine.row = arith::AddIOp::create(b, work.row, instanceRow);
    writeEpilogue(b, mine, instance, sum.acc);
    return sum.cursors;
  });
  if (schedule.stagedStore)
    mptile::StoreWaitOp::create(builder, /*outstanding=*/0, /*complete=*/true);
}

void MatmulKernelWriter::writeOneRole(Builder &builder) {
  Value start = mptile::CursorOp::create(builder);
  forEachWork(builder, start, [&](Builder &b, const WorkTile &work, ValueRange carried) {
    Sum sum = fillAndConsume(b, work, carried[0]);
    writeEpilogue(b, work, /*instance=*/nullptr, sum.acc);
    return sum.cursors;
  });
}

//===-- Work
//--------------------------------------------------------------------------------------//

// Constants stand once, at the start of the kernel.
Value MatmulKernelWriter::index(Builder &builder, int64_t value) {
  Value &constant = constants[value];
  if (!constant) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(entry);
    constant = arith::ConstantIndexOp::create(builder, value);
  }
  return constant;
}

Value MatmulKernelWriter::dim(Builder &builder, Value view, int64_t i) {
  auto type = cast<mptile::ViewType>(view.getType());
  if (!type.isDynamicDim(i))
    return index(builder, type.getShape()[i]);
  return mptile::DimOp::create(builder, builder.getIndexType(), view, i);
}

void MatmulKernelWriter::countTiles(Builder &builder) {
  const auto blocks = [&](Value size, int64_t tile) -> Value {
    if (std::optional<int64_t> known = getConstantIntValue(size))
      return index(builder, llvm::divideCeil(*known, tile));
    // Sizes are below 2^31 and unsigned, so the sum does not wrap.
    Value padded = arith::AddIOp::create(builder, size, index(builder, tile - 1));
    return arith::DivUIOp::create(builder, padded, index(builder, tile));
  };
  Value result = resultViews.front();
  const int64_t batchRank = op.getBatchRank();
  batchTiles = index(builder, 1);
  for (int64_t i = 0; i < batchRank; ++i)
    batchTiles = i == 0
                     ? dim(builder, result, i)
                     : Value(arith::MulIOp::create(builder, batchTiles, dim(builder, result, i)));
  mTiles = blocks(dim(builder, result, batchRank), schedule.tileM);
  nTiles = blocks(dim(builder, result, batchRank + 1), schedule.tileN);
  const int64_t staticK = op.getStaticK();
  Value k = ShapedType::isDynamic(staticK) ? dim(builder, a.view, op.getKDimOfA())
                                           : index(builder, staticK);
  kBlocks = blocks(k, schedule.tileK);
}

ValueRange MatmulKernelWriter::forEachWork(Builder &builder, ValueRange inits, WorkBody body) {
  auto loop = mptile::ForEachWorkOp::create(builder, batchTiles, mTiles, nTiles, kBlocks,
                                            schedule.rasterGroup, inits,
                                            [&](OpBuilder &, Location loc, Block *) {});
  OpBuilder::InsertionGuard guard(builder);
  Block &block = loop.getBody().front();
  if (block.mightHaveTerminator())
    block.getTerminator()->erase();
  builder.setInsertionPointToEnd(&block);
  SmallVector<Value> next = body(builder, getWorkTile(builder, loop), loop.getIterArgs());
  mptile::YieldOp::create(builder, next);
  return loop.getResults();
}

// The batch number counts all batch dimensions; the last one runs fastest.
WorkTile MatmulKernelWriter::getWorkTile(Builder &builder, mptile::ForEachWorkOp loop) {
  WorkTile work;
  Value rest = loop.getBatchIndex();
  const int64_t batchRank = op.getBatchRank();
  work.batch.resize(batchRank);
  for (int64_t i = batchRank - 1; i > 0; --i) {
    Value size = dim(builder, resultViews.front(), i);
    work.batch[i] = arith::RemUIOp::create(builder, rest, size);
    rest = arith::DivUIOp::create(builder, rest, size);
  }
  if (batchRank > 0)
    work.batch[0] = rest;
  work.row = arith::MulIOp::create(builder, loop.getMIndex(), index(builder, schedule.tileM));
  work.column = arith::MulIOp::create(builder, loop.getNIndex(), index(builder, schedule.tileN));
  work.kBegin = loop.getKBegin();
  work.kEnd = loop.getKEnd();
  return work;
}
