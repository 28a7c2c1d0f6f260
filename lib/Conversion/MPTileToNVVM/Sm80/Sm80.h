// The patterns of the sm_80 generation: cp.async rings, ldmatrix and mma.sync.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_SM80_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_SM80_H

#include "../Common/KernelLowering.h"

namespace mlir::mptile {

/// Everything below.
void populateSm80Patterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);

/// The bytes that one cp.async or load of a copy moves: as many as alignment and row allow, at
/// most 16. cp.async moves at least 4.
int64_t getChunkBytes(CopyOp copy);

/// acquire, commit, wait and release of rings with fill = async.
void populateAsyncRingPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
/// copy into a slot of a ring with fill = async.
void populateAsyncCopyPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
/// mma_async and mma_wait by ldmatrix and mma.sync.
void populateMmaSyncPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_SM80_H
