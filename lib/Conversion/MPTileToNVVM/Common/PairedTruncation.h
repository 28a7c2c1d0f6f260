// Conversion of two adjacent elements of a fragment to 16 bits in one instruction.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_PAIREDTRUNCATION_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_PAIREDTRUNCATION_H

#include "Emitter.h"

#include "llvm/ADT/StringRef.h"

namespace mlir::mptile {

/// If both values are arith.truncf of f32 to the same float of 16 bits, or of 8 bits on a target
/// that converts to those (sm_89 and later), replaces them by the halves of one cvt.
///
/// LLVM would merge two conversions by itself only within a basic block. Where a fragment is
/// staged, the packing stands behind a barrier, and single conversions next to a wgmma wait make
/// ptxas serialise the products (C7514).
///
/// The conversion to 8 bits saturates, where arith.truncf overflows to NaN (f8E4M3FN) or infinity
/// (f8E5M2): what would overflow is put right, unless it was clamped to the finite range before.
void pairTruncations(Emitter &emit, llvm::StringRef target, Value &low, Value &high);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_PAIREDTRUNCATION_H
