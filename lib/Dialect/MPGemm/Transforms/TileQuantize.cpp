// Dynamic quantisation as one kernel: a scale for each row (or group of a row), then the codes.
//
// The tensor becomes a matrix of `blocks`: rows whose elements share a scale. A row of x is a
// block, or, where groups divide it, each of its groups; else the kernel takes the groups of a row
// one after the other. A block that fits is loaded into registers once; a longer one, or one of
// unknown length, is read twice.
//
//   held                                streamed, a CTA a row
//     x = load block                      for piece: m = max(m, |load piece|)
//     s, 1/s = scale(reduce |x|)          s, 1/s = scale(reduce m)
//     store s; store code(x, 1/s)         store s; for piece: store code(load piece, 1/s)
#include "TileQuantize.h"

#include "FragmentMap.h"
#include "LaunchSupport.h"
#include "Quantization.h"
#include "QuantizeRows.h"
#include "Remarks.h"
#include "RowPlan.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

//===-- The kernel
//--------------------------------------------------------------------------------//

/// Writes the kernel of a matrix of values: views of the values, the codes and the scales. With
/// `group` a row has a scale for each group of so many columns, else one.
class QuantizeKernelWriter {
public:
  QuantizeKernelWriter(Location loc, RankedTensorType x, RankedTensorType codes,
                       RankedTensorType scales, int64_t group, const cost::TargetNumbers &target)
      : b(loc, x.getContext()), x(x), codes(codes), scales(scales), group(group), target(target) {
    elementBytes = x.getElementTypeBitWidth() / 8;
    codeBytes = codes.getElementTypeBitWidth() / 8;
    int64_t columns = x.getDimSize(1);
    hasDynamicRows = ShapedType::isDynamic(columns);
    int64_t vector = chooseVector(hasDynamicRows ? 0 : columns, elementBytes);
    if (group)
      vector = std::min(vector, chooseVector(group, elementBytes));
    int64_t block = group ? group : columns;
    std::optional<RowPlan> held;
    if (group || !hasDynamicRows)
      held = planHeldRows(x.getDimSize(0), block, elementBytes, vector, /*exact=*/group != 0,
                          target.multiprocessors);
    isHeld = held.has_value();
    plan = held ? *held : planStreamedRows(elementBytes, vector);
  }

  /// A group in the middle of a row has to be held: a piece would reach into the next group.
  bool canWrite() const { return isHeld || !group; }

  /// Rows of a tile; there is a CTA for each.
  int64_t getTileRows() const { return plan.getRows(); }

  mptile::KernelOp write(OpBuilder &builder) {
    Type views[] = {viewOf(x), viewOf(codes), viewOf(scales)};
    auto kernel = mptile::KernelOp::create(builder, b.getLoc(), KernelCache::kPlaceholder,
                                           builder.getFunctionType(views, {}), target.name,
                                           plan.getThreads());
    kernel.setMinCtas(plan.minCtas);
    entry = &kernel.getBody().front();
    b.setInsertionPointToEnd(entry);
    isAligned = true;
    if (hasDynamicRows && plan.vector > 1)
      writeBothAlignments();
    else
      writeTiles();
    mptile::ReturnOp::create(b);
    return kernel;
  }

private:
  static mptile::ViewType viewOf(RankedTensorType type) {
    return mptile::ViewType::get(type.getContext(), type.getShape(), type.getElementType());
  }

  Value view(unsigned i) { return entry->getArgument(i); }
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value dim(unsigned viewNumber, int64_t i) {
    return b.createOrFold<mptile::DimOp>(b.getIndexType(), view(viewNumber), i);
  }
  Value blocksOf(Value size, int64_t block) {
    Value padded = b.createOrFold<arith::AddIOp>(size, index(block - 1));
    return b.createOrFold<arith::DivUIOp>(padded, index(block));
  }

  /// Rows of unknown length are whole vectors, or are read and written one element at a time.
  void writeBothAlignments() {
    Value rest = arith::RemUIOp::create(b, dim(0, 1), index(plan.vector));
    Value whole = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rest, index(0));
    auto choice = scf::IfOp::create(b, whole, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    writeTiles();
    b.setInsertionPointToStart(choice.elseBlock());
    isAligned = false;
    writeTiles();
  }

  void writeTiles() {
    Value one = index(1);
    Value tiles = blocksOf(dim(0, 0), plan.getRows());
    Value groups = group ? blocksOf(dim(0, 1), group) : one;
    auto loop =
        mptile::ForEachWorkOp::create(b, one, tiles, groups, one, /*grouped=*/1, ValueRange());
    OpBuilder::InsertionGuard guard(b);
    Block &body = loop.getBody().front();
    if (!body.empty())
      body.back().erase();
    b.setInsertionPointToEnd(&body);
    row = arith::MulIOp::create(b, loop.getMIndex(), index(plan.getRows()));
    groupIndex = loop.getNIndex();
    if (isHeld)
      writeHeld();
    else
      writeStreamed();
    mptile::YieldOp::create(b);
  }

  void writeHeld() {
    Value column = group ? Value(arith::MulIOp::create(b, groupIndex, index(group))) : index(0);
    Value values = load(column);
    Value reciprocal = writeScales(values);
    storeCodes(values, reciprocal, column);
  }

  void writeStreamed() {
    Value columns = dim(0, 1), first = index(0), step = index(plan.getColumns());
    mptile::FragType type = plan.getFragment(x.getElementType());
    Value zero = buildMap(b, {}, type, [&](ValueRange) {
      return SmallVector<Value>{arith::ConstantOp::create(b, b.getZeroAttr(type.getElementType()))};
    })[0];
    auto largest = scf::ForOp::create(b, first, columns, step, ValueRange(zero));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(largest.getBody());
      Value values = load(largest.getInductionVar());
      Value larger = buildMap(b, {largest.getRegionIterArg(0), values}, type, [&](ValueRange args) {
        Value magnitude = math::AbsFOp::create(b, args[1]);
        return SmallVector<Value>{arith::MaximumFOp::create(b, args[0], magnitude)};
      })[0];
      scf::YieldOp::create(b, larger);
    }
    Value reciprocal = writeScales(largest.getResult(0));
    auto pieces = scf::ForOp::create(b, first, columns, step);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(pieces.getBody());
    storeCodes(load(pieces.getInductionVar()), reciprocal, pieces.getInductionVar());
  }

  /// Of the first element of every vector of elements of so many bytes.
  IntegerAttr alignment(int64_t bytes) {
    return b.getI64IntegerAttr((isAligned ? plan.vector : 1) * bytes);
  }

  AffineMapAttr matrixMap() { return AffineMapAttr::get(b.getMultiDimIdentityMap(2)); }

  Value load(Value column) {
    return mptile::LoadFragmentOp::create(b, plan.getFragment(x.getElementType()), view(0),
                                          ValueRange{row, column}, matrixMap(),
                                          alignment(elementBytes));
  }

  /// Stores the scale of each row of `values`; returns 1 / scale.
  Value writeScales(Value values) {
    RowScales rows = buildRowScales(b, values, codes.getElementType(), scales.getElementType());
    SmallVector<Value> offsets{row};
    SmallVector<AffineExpr> exprs{b.getAffineDimExpr(0)};
    if (scales.getRank() == 2) {
      offsets.push_back(groupIndex);
      exprs.push_back(b.getAffineConstantExpr(0));
    }
    auto place = AffineMapAttr::get(AffineMap::get(2, 0, exprs, b.getContext()));
    mptile::StoreFragmentOp::create(b, rows.scales, view(2), offsets, place, IntegerAttr());
    return rows.reciprocals;
  }

  void storeCodes(Value values, Value reciprocals, Value column) {
    Value quantized = buildRowCodes(b, values, reciprocals, codes.getElementType());
    mptile::StoreFragmentOp::create(b, quantized, view(1), ValueRange{row, column}, matrixMap(),
                                    alignment(codeBytes));
  }

  ImplicitLocOpBuilder b;
  RankedTensorType x, codes, scales;
  int64_t group, elementBytes, codeBytes;
  const cost::TargetNumbers &target;
  bool hasDynamicRows = false, isHeld = false, isAligned = true;
  RowPlan plan;
  Block *entry = nullptr;
  Value row, groupIndex; // of the tile
};

//===-- The launch
//--------------------------------------------------------------------------------//

/// Reassociation of `rank` dimensions in two: all but the last `inner`, and those.
SmallVector<ReassociationIndices> splitDims(int64_t rank, int64_t inner) {
  SmallVector<ReassociationIndices> groups(inner ? 2 : 1);
  for (int64_t dim = 0; dim < rank; ++dim)
    groups[dim >= rank - inner ? 1 : 0].push_back(dim);
  return groups;
}

Value collapse(ImplicitLocOpBuilder &b, Value value, ArrayRef<ReassociationIndices> groups) {
  if (cast<RankedTensorType>(value.getType()).getRank() == static_cast<int64_t>(groups.size()))
    return value;
  return tensor::CollapseShapeOp::create(b, value, groups);
}

Value expand(ImplicitLocOpBuilder &b, Value value, RankedTensorType type,
             ArrayRef<ReassociationIndices> groups, ArrayRef<OpFoldResult> sizes) {
  if (type.getRank() == static_cast<int64_t>(groups.size()))
    return value;
  return tensor::ExpandShapeOp::create(b, type, value, groups, sizes);
}

/// Where a scale belongs to a row or to a group of a row of the matrix as stored.
bool hasRowScales(DynamicQuantizeOp op) {
  RankedTensorType x = op.getX().getType(), scales = op.getScale().getType();
  ScalingKind kind = op.getScaling().getKind();
  if (kind == ScalingKind::Row)
    return scales.getRank() == x.getRank() - 1; // not shared by the batch
  if (kind == ScalingKind::Group || kind == ScalingKind::MX)
    return scales.getRank() == x.getRank();
  return false;
}

/// From the op to a launch on a matrix of blocks and back.
class QuantizeLaunch {
public:
  QuantizeLaunch(DynamicQuantizeOp op, const cost::TargetNumbers &target, KernelCache &cache)
      : b(op.getLoc(), op), op(op), target(target), cache(cache),
        rank(op.getX().getType().getRank()) {}

  /// False if no kernel can be written.
  bool write() {
    if (op.getScaling().getKind() != ScalingKind::Row)
      group = op.getScaling().getKBlock();
    sizes = tensor::getMixedSizes(b, b.getLoc(), op.getX());
    scaleSizes.assign(sizes.begin(), sizes.end() - 1);
    if (group)
      scaleSizes.push_back(affine::makeComposedFoldedAffineApply(
          b, b.getLoc(), b.getAffineSymbolExpr(0).ceilDiv(group), {sizes.back()}));
    Value values = getBlocks();
    bool groupsOfRow = group && !groupsAreRows;
    SmallVector<OpFoldResult> outputSizes = tensor::getMixedSizes(b, b.getLoc(), values);
    Type code = op.getCodes().getType().getElementType();
    Type scale = op.getScale().getType().getElementType();
    Value codes = tensor::EmptyOp::create(b, outputSizes, code);
    OpFoldResult rows = outputSizes[0];
    outputSizes.resize(1);
    if (groupsOfRow)
      outputSizes.push_back(scaleSizes.back());
    Value scales = tensor::EmptyOp::create(b, outputSizes, scale);
    auto function = op->getParentOfType<func::FuncOp>();
    QuantizeKernelWriter writer(op.getLoc(), cast<RankedTensorType>(values.getType()),
                                cast<RankedTensorType>(codes.getType()),
                                cast<RankedTensorType>(scales.getType()), groupsOfRow ? group : 0,
                                target);
    if (!writer.canWrite())
      return false;
    OpBuilder outside(function);
    mptile::KernelOp kernel =
        cache.unique(writer.write(outside), function.getSymName(), "quantize");
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value tiles = getTiles(rows, writer.getTileRows());
    if (groupsOfRow)
      tiles = b.createOrFold<arith::MulIOp>(
          tiles, getValueOrCreateConstantIndexOp(b, b.getLoc(), scaleSizes.back()));
    auto launch = mptile::LaunchOp::create(
        b, SymbolRefAttr::get(b.getContext(), kernel.getSymName()), values,
        ValueRange{codes, scales}, ArrayRef<Value>{tiles, one, one}, Value(), Value(), "quantize");
    op.getCodes().replaceAllUsesWith(getCodes(launch.getResult(0)));
    op.getScale().replaceAllUsesWith(getScales(launch.getResult(1)));
    op.erase();
    return true;
  }

private:
  Value getTiles(OpFoldResult rows, int64_t tileRows) {
    Value size = getValueOrCreateConstantIndexOp(b, b.getLoc(), rows);
    Value padded =
        b.createOrFold<arith::AddIOp>(size, arith::ConstantIndexOp::create(b, tileRows - 1));
    return b.createOrFold<arith::DivUIOp>(padded, arith::ConstantIndexOp::create(b, tileRows));
  }

  SmallVector<ReassociationIndices> lastInTwo() {
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < rank; ++dim)
      groups.push_back({dim});
    groups.back().push_back(rank);
    return groups;
  }

  /// x as a matrix whose rows are blocks, or rows of x.
  Value getBlocks() {
    RankedTensorType x = op.getX().getType();
    int64_t columns = x.getDimSize(rank - 1);
    groupsAreRows = group && !ShapedType::isDynamic(columns) && columns % group == 0;
    if (!groupsAreRows)
      return collapse(b, op.getX(), splitDims(rank, 1));
    splitShape.assign(x.getShape().begin(), x.getShape().end());
    splitShape.back() /= group;
    splitShape.push_back(group);
    splitSizes = sizes;
    splitSizes.back() = b.getIndexAttr(columns / group);
    splitSizes.push_back(b.getIndexAttr(group));
    Value split = expand(b, op.getX(), RankedTensorType::get(splitShape, x.getElementType()),
                         lastInTwo(), splitSizes);
    return collapse(b, split, splitDims(rank + 1, 1));
  }

  Value getCodes(Value codes) {
    RankedTensorType type = op.getCodes().getType();
    Type code = type.getElementType();
    if (groupsAreRows) {
      codes = expand(b, codes, RankedTensorType::get(splitShape, code), splitDims(rank + 1, 1),
                     splitSizes);
      codes = collapse(b, codes, lastInTwo());
    } else {
      codes = expand(b, codes, op.getX().getType().clone(code), splitDims(rank, 1), sizes);
    }
    return castTo(codes, type);
  }

  Value getScales(Value scales) {
    RankedTensorType type = op.getScale().getType();
    SmallVector<int64_t> shape;
    for (OpFoldResult size : scaleSizes)
      shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
    int64_t inner = group && !groupsAreRows ? 1 : 0;
    scales = expand(b, scales, RankedTensorType::get(shape, type.getElementType()),
                    splitDims(shape.size(), inner), scaleSizes);
    return castTo(scales, type);
  }

  Value castTo(Value value, Type type) {
    return value.getType() == type ? value : tensor::CastOp::create(b, type, value);
  }

  ImplicitLocOpBuilder b;
  DynamicQuantizeOp op;
  const cost::TargetNumbers &target;
  KernelCache &cache;
  int64_t rank, group = 0;
  bool groupsAreRows = false;
  SmallVector<OpFoldResult> sizes, scaleSizes, splitSizes; // of x, the scales, x in groups
  SmallVector<int64_t> splitShape;
};

} // namespace

void mpgemm::tileDynamicQuantize(DynamicQuantizeOp op, const cost::TargetNumbers &target,
                                 KernelCache &cache) {
  if (hasRowScales(op) && QuantizeLaunch(op, target, cache).write())
    return;
  remarkMissed(op, "mpgemm-tile",
               "scales of this granularity have no kernel of their own: several simple kernels",
               "scales by row or by group along the last dimension");
  OpBuilder builder(op);
  auto [codes, scales] = decompose(builder, op);
  op.getCodes().replaceAllUsesWith(codes);
  op.getScale().replaceAllUsesWith(scales);
  op.erase();
}
