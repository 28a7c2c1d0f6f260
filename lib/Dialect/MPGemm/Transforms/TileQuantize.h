// Kernels for mpgemm.dynamic_quantize.
#ifndef MPGEMM_LIB_TRANSFORMS_TILEQUANTIZE_H
#define MPGEMM_LIB_TRANSFORMS_TILEQUANTIZE_H

#include "KernelCache.h"
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"
#include "mpgemm/Dialect/MPGemm/Transforms/CostModel.h"

namespace mlir::mpgemm {

/// Replaces `op` by the launch of one kernel where a scale belongs to a row or a part of it; by its
/// linalg ops, with a remark, where it does not.
void tileDynamicQuantize(DynamicQuantizeOp op, const cost::TargetNumbers &target,
                         KernelCache &cache);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_TILEQUANTIZE_H
