//===- TensorMath.h - Products of fragments ----------------------*- C++ -*-===//
//
// The inner loops of mma.sync and wgmma, in the layout that both share: a warp owns 16 rows, and of
// each block of 8 columns lane l holds rows l/4 and l/4+8, columns 2(l%4) and 2(l%4)+1
// (section 9.7.14.5.8):
//
//     d[0], d[1]: row l/4,   columns 2(l%4), 2(l%4)+1        d[2], d[3]: row l/4+8, the same
//     columns
//
// a[k][half][lane] = A[l/4 + 8 half][k], already spread over the lanes;
// b[block][k][parity][t] = B[k][8 block + 2t + parity].
// Built for several instruction sets, chosen when the program starts.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_TENSORMATH_H
#define MPGEMM_LIB_SIMULATOR_TENSORMATH_H

#include <cstdint>

namespace mpgemm::sim {

/// d += a b in f32, one k after the other. Products of 16-bit and 8-bit floats and of tf32 are
/// exact in f32; the hardware aligns and truncates the terms of an instruction instead, which
/// differs in the last bits and is covered by every error bound in use.
void productF32(int blocks, int k, const float *a, const float *b, float *const *d);
/// The same in 32-bit integers, modulo 2^32.
void productI32(int blocks, int k, const int32_t *a, const int32_t *b, int32_t *const *d);
/// fp8 operands in the layouts above.
struct ShortOperand {
  const float *values;
  int smallestExponent; ///< Of a normal number of the format: -6 for e4m3, -14 for e5m2.
};
/// fp8 on Hopper's wgmma, to the bit as an H200 computes it (test/golden): the 32 products and the
/// accumulator are aligned to the largest exponent, a product's being the sum of its operands'
/// exponents, its significand in [1, 4) notwithstanding; each is truncated to 13 fraction bits
/// below that, and their sum to 13 fraction bits of its own.
void productShort(int blocks, int k, const ShortOperand &a, const ShortOperand &b, float *const *d);

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_TENSORMATH_H
