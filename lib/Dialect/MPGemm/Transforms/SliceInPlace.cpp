// Slices that a kernel reads inside the tensor they are cut from.
//
// The kernel takes the source as its view and adds the slice's offsets to its coordinates. Rows and
// columns of a tile that lie behind the slice hold other elements of the source, and only results
// that are never stored see them; along K they would be summed, so K is held to whole blocks.
#include "SliceInPlace.h"
#include "LaunchSupport.h"
#include "ScheduleSupport.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::mpgemm;

SmallVector<Value> InPlaceSlice::toSource(OpBuilder &builder, Location loc, ValueRange indices,
                                          function_ref<Value(int64_t)> constant) const {
  SmallVector<Value> inSource;
  for (auto [dim, offset] : llvm::enumerate(offsets)) {
    if (dropped.test(dim)) {
      inSource.push_back(constant(offset));
      continue;
    }
    Value index = indices.front();
    indices = indices.drop_front();
    inSource.push_back(offset ? arith::AddIOp::create(builder, loc, index, constant(offset))
                              : index);
  }
  return inSource;
}

std::optional<InPlaceSlice> mpgemm::matchInPlaceSlice(Value tensor) {
  auto slice = tensor.getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice || !slice.hasUnitStride())
    return std::nullopt;
  for (int64_t offset : slice.getStaticOffsets())
    if (ShapedType::isDynamic(offset))
      return std::nullopt;
  InPlaceSlice found{slice.getSource(), llvm::to_vector(slice.getStaticOffsets()),
                     slice.getDroppedDims()};
  // A slice of a slice lies in the source of that one.
  std::optional<InPlaceSlice> outer = matchInPlaceSlice(slice.getSource());
  if (!outer)
    return found;
  unsigned inner = 0;
  for (auto [dim, offset] : llvm::enumerate(outer->offsets)) {
    if (outer->dropped.test(dim))
      continue;
    offset += found.offsets[inner];
    if (found.dropped.test(inner++))
      outer->dropped.set(dim);
  }
  return outer;
}

std::optional<InPlaceSlice> mpgemm::readInPlace(MatmulOp op, bool isB,
                                                const cost::Schedule &schedule) {
  std::optional<InPlaceSlice> slice = matchInPlaceSlice(isB ? op.getB() : op.getA());
  if (!slice)
    return std::nullopt;
  auto source = cast<RankedTensorType>(slice->source.getType());
  const int64_t rank = source.getRank();
  if (rank < 2 || slice->dropped.test(rank - 1) || slice->dropped.test(rank - 2))
    return std::nullopt;
  const bool isKMajor = isB ? op.getTransposeB() : !op.getTransposeA();
  const int64_t kDim = isKMajor ? rank - 1 : rank - 2;
  const int64_t k = op.getStaticK();
  if (ShapedType::isDynamic(k) || k == 0)
    return std::nullopt;
  const bool endsWithSource = slice->offsets[kDim] + k == source.getDimSize(kDim);
  if (k % schedule.tileK != 0 && !endsWithSource)
    return std::nullopt;
  const cost::Fill fill = isB ? schedule.fillB : schedule.fillA;
  // TMA starts at multiples of 16 bytes of a row; elsewhere it faults.
  const int64_t firstBit = slice->offsets.back() * source.getElementTypeBitWidth();
  if (fill == cost::Fill::tma && (!hasTmaPitch(source) || firstBit % 128 != 0))
    return std::nullopt;
  return slice;
}

void mpgemm::resolveSliceSizes(func::FuncOp function) {
  SmallVector<tensor::DimOp> sizes;
  function.walk([&](tensor::DimOp size) {
    if (size.getSource().getDefiningOp<tensor::ExtractSliceOp>() && size.getConstantIndex())
      sizes.push_back(size);
  });
  for (tensor::DimOp size : sizes) {
    OpBuilder builder(size);
    OpFoldResult known = getSizes(builder, size.getSource())[*size.getConstantIndex()];
    size.replaceAllUsesWith(getValueOrCreateConstantIndexOp(builder, size.getLoc(), known));
    size.erase();
  }
}
