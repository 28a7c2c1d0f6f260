// Rounding to an integer code in one conversion.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_INTEGERROUNDING_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_INTEGERROUNDING_H

#include "Emitter.h"

namespace mlir::mptile {

/// If `code` rounds an f32 to nearest even, clamps it to integers, makes NaN 0 and converts it (as
/// mpgemm.quantize does), the same value by one cvt.rni.s32.f32; else `code`.
///
/// Roundings and conversions share a pipe of a quarter of the width of arithmetic: two of them for
/// each element are what would limit a quantisation.
Value roundInConversion(Emitter &emit, Value code);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_INTEGERROUNDING_H
