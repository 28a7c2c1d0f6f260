// Conversion of two adjacent elements of a fragment to 16 bits in one instruction.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_PAIREDTRUNCATION_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_PAIREDTRUNCATION_H

#include "Emitter.h"

namespace mlir::mptile {

/// If both values are arith.truncf of f32 to the same 16-bit float, replaces them by the halves of
/// one cvt.rn.bf16x2.f32 or cvt.rn.f16x2.f32.
///
/// LLVM would merge two conversions by itself only within a basic block. Where a fragment is
/// staged, the packing stands behind a barrier, and single conversions next to a wgmma wait make
/// ptxas serialise the products (C7514).
void pairTruncations(Emitter &emit, Value &low, Value &high);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_PAIREDTRUNCATION_H
