// The patterns of sm_90a: bulk tensor copies, warpgroup products, staged epilogues.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM90_SM90_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM90_SM90_H

#include "../Common/KernelLowering.h"

namespace mlir::mptile::sm90 {

// One file each; what they lower is in their header comment.
void populateCopyPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateProductPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateEpiloguePatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);

/// All of them.
void populatePatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);

} // namespace mlir::mptile::sm90

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM90_SM90_H
