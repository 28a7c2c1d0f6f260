//===- Fragments.h - Operands of tensor-core instructions --------*- C++ -*-===//
//
// Decoding of A and B elements into the arrays of TensorMath, shared by mma.sync and wgmma.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_FRAGMENTS_H
#define MPGEMM_LIB_SIMULATOR_FRAGMENTS_H

#include "Decode.h"
#include "FloatFormats.h"

namespace mpgemm::sim {

/// Elements in 16 bytes is 16 / operandBytes(t).
inline int operandBytes(Ty t) { return t == Ty::TF32 ? 4 : t == Ty::F16 || t == Ty::BF16 ? 2 : 1; }
inline bool isIntegerOperand(Ty t) { return t == Ty::S8 || t == Ty::U8; }
inline bool isFp8Operand(Ty t) { return t == Ty::E4M3 || t == Ty::E5M2; }
/// The exponent of the smallest normal number of an 8-bit float.
inline int smallestExponent(Ty fp8) { return fp8 == Ty::E4M3 ? -6 : -14; }

struct Fp8Tables {
  float e4m3[256], e5m2[256];
  Fp8Tables() {
    for (uint32_t c = 0; c < 256; ++c) {
      e4m3[c] = static_cast<float>(decodeFloat(c, kE4M3));
      e5m2[c] = static_cast<float>(decodeFloat(c, kE5M2));
    }
  }
};
inline const Fp8Tables &fp8Tables() {
  static const Fp8Tables t;
  return t;
}

/// Decodes `n` elements at `p`. Integers come as int32_t bits in `to`.
inline void decodeElements(const uint8_t *p, int n, Ty t, float *to) {
  switch (t) {
  case Ty::BF16:
    for (int i = 0; i < n; ++i)
      to[i] = floatOf(static_cast<uint32_t>(p[2 * i] | p[2 * i + 1] << 8) << 16);
    break;
  case Ty::F16:
    for (int i = 0; i < n; ++i)
      to[i] = f16ToFloat(static_cast<uint16_t>(p[2 * i] | p[2 * i + 1] << 8));
    break;
  case Ty::TF32: // The 13 low bits do not take part.
    for (int i = 0; i < n; ++i) {
      uint32_t u;
      memcpy(&u, p + 4 * i, 4);
      to[i] = floatOf(u & 0xffffe000);
    }
    break;
  case Ty::E4M3:
    for (int i = 0; i < n; ++i)
      to[i] = fp8Tables().e4m3[p[i]];
    break;
  case Ty::E5M2:
    for (int i = 0; i < n; ++i)
      to[i] = fp8Tables().e5m2[p[i]];
    break;
  case Ty::S8:
    for (int i = 0; i < n; ++i)
      to[i] = floatOf(static_cast<uint32_t>(static_cast<int32_t>(static_cast<int8_t>(p[i]))));
    break;
  default:
    for (int i = 0; i < n; ++i)
      to[i] = floatOf(p[i]);
    break;
  }
}

/// A from registers (9.7.14.5.8): register n of lane 4g+t holds row g + 8 (n & 1) and, of the n /
/// 2-th 16 bytes of the row, bytes 4t to 4t+3. `a` is [k][2][32].
template <class RegFn> void fragmentA(Ty t, int registers, float *a, RegFn reg) {
  const int bytes = operandBytes(t), per = 4 / bytes;
  for (int n = 0; n < registers; ++n) {
    const uint32_t *r = reg(n);
    for (int lane = 0; lane < 32; ++lane) {
      float v[4];
      decodeElements(reinterpret_cast<const uint8_t *>(r + lane), per, t, v);
      int k0 = (n >> 1) * (16 / bytes) + (lane & 3) * per;
      for (int e = 0; e < per; ++e)
        for (int q = 0; q < 4; ++q)
          a[((k0 + e) * 2 + (n & 1)) * 32 + (lane & ~3) + q] = v[e];
    }
  }
}

/// B of mma.sync: register n of lane 4g+t holds column g and bytes 4t to 4t+3 of the n-th 16 bytes
/// along K. `b` is [k][2][4].
template <class RegFn> void fragmentB(Ty t, int registers, float *b, RegFn reg) {
  const int bytes = operandBytes(t), per = 4 / bytes;
  for (int n = 0; n < registers; ++n) {
    const uint32_t *r = reg(n);
    for (int lane = 0; lane < 32; ++lane) {
      float v[4];
      decodeElements(reinterpret_cast<const uint8_t *>(r + lane), per, t, v);
      int k0 = n * (16 / bytes) + (lane & 3) * per, column = lane >> 2;
      for (int e = 0; e < per; ++e)
        b[(k0 + e) * 8 + (column & 1) * 4 + (column >> 1)] = v[e];
    }
  }
}

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_FRAGMENTS_H
