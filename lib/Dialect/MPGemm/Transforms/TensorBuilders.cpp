// Ops on whole tensors that several passes write.
#include "TensorBuilders.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

Value mpgemm::transposeMatrix(OpBuilder &builder, Location loc, Value value) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value);
  int64_t rank = sizes.size();
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(rank));
  std::swap(permutation[rank - 2], permutation[rank - 1]);
  std::swap(sizes[rank - 2], sizes[rank - 1]);
  Value empty = tensor::EmptyOp::create(builder, loc, sizes, getElementTypeOrSelf(value.getType()));
  return linalg::TransposeOp::create(builder, loc, value, empty, permutation)->getResult(0);
}

Value mpgemm::padToMultiple(OpBuilder &builder, Location loc, Value value, int64_t dim,
                            int64_t size) {
  auto type = cast<RankedTensorType>(value.getType());
  if (!type.isDynamicDim(dim) && type.getDimSize(dim) % size == 0)
    return value;
  AffineExpr extent = builder.getAffineSymbolExpr(0);
  OpFoldResult missing =
      affine::makeComposedFoldedAffineApply(builder, loc, extent.ceilDiv(size) * size - extent,
                                            {tensor::getMixedSize(builder, loc, value, dim)});
  SmallVector<OpFoldResult> low(type.getRank(), builder.getIndexAttr(0)), high = low;
  high[dim] = missing;
  SmallVector<int64_t> shape(type.getShape());
  if (!type.isDynamicDim(dim))
    shape[dim] = llvm::divideCeil(shape[dim], size) * size;
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(builder, loc, type.clone(shape), value, low, high, zero);
}
