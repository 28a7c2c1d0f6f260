// Slices that a kernel reads inside the tensor they are cut from, without a copy.
#ifndef MPGEMM_LIB_TRANSFORMS_SLICEINPLACE_H
#define MPGEMM_LIB_TRANSFORMS_SLICEINPLACE_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"
#include "mpgemm/Dialect/MPGemm/Transforms/CostModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::mpgemm {

/// Where the elements of a slice lie in its source.
struct InPlaceSlice {
  Value source;
  SmallVector<int64_t> offsets; ///< In each dimension of the source.
  llvm::SmallBitVector dropped; ///< Dimensions of the source that the slice does not have.

  /// The indices in the source of the slice's element `indices`; constants come from `constant`.
  SmallVector<Value> toSource(OpBuilder &builder, Location loc, ValueRange indices,
                              function_ref<Value(int64_t)> constant) const;
};

/// The slice that makes `tensor`, if its offsets are known and its elements follow each other as in
/// the source.
std::optional<InPlaceSlice> matchInPlaceSlice(Value tensor);

/// The same for A or B of a product, if its kernel can read it: behind the slice's last element
/// along K the kernel would multiply what the source holds there, so a block of K ends where the
/// slice does or outside the source.
std::optional<InPlaceSlice> readInPlace(MatmulOp op, bool isB, const cost::Schedule &schedule);

/// Replaces sizes of slices by what the slices are given as sizes, so that a slice nobody copies
/// has no use left.
void resolveSliceSizes(func::FuncOp function);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_SLICEINPLACE_H
