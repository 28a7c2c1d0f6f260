//===- TensorMath.cpp - Products of fragments ------------------------------===//
#include "TensorMath.h"

#include <cstring>

#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) &&                   \
    !defined(MPGEMM_NO_CLONES)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MPGEMM_CLONES
#endif
#endif
#ifndef MPGEMM_CLONES
#define MPGEMM_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#endif
#else
#define MPGEMM_CLONES
#endif

namespace mpgemm::sim {

namespace {
typedef float F16 __attribute__((vector_size(64)));
typedef float F4 __attribute__((vector_size(16)));
typedef int32_t I16 __attribute__((vector_size(64)));
typedef int32_t I4 __attribute__((vector_size(16)));

#define SPREAD(V) __builtin_shufflevector(V, V, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3)

#define PRODUCT(WIDE, NARROW, T)                                                                   \
  for (int n = 0; n < blocks; ++n) {                                                               \
    WIDE c[4][2];                                                                                  \
    for (int r = 0; r < 4; ++r)                                                                    \
      memcpy(c[r], d[4 * n + r], 128);                                                             \
    const T *bn = b + n * k * 8;                                                                   \
    for (int i = 0; i < k; ++i) {                                                                  \
      WIDE x[4];                                                                                   \
      memcpy(x, a + i * 64, 256);                                                                  \
      NARROW y[2];                                                                                 \
      memcpy(y, bn + i * 8, 32);                                                                   \
      WIDE even = SPREAD(y[0]), odd = SPREAD(y[1]);                                                \
      c[0][0] += x[0] * even;                                                                      \
      c[0][1] += x[1] * even;                                                                      \
      c[1][0] += x[0] * odd;                                                                       \
      c[1][1] += x[1] * odd;                                                                       \
      c[2][0] += x[2] * even;                                                                      \
      c[2][1] += x[3] * even;                                                                      \
      c[3][0] += x[2] * odd;                                                                       \
      c[3][1] += x[3] * odd;                                                                       \
    }                                                                                              \
    for (int r = 0; r < 4; ++r)                                                                    \
      memcpy(d[4 * n + r], c[r], 128);                                                             \
  }
} // namespace

MPGEMM_CLONES void productF32(int blocks, int k, const float *a, const float *b,
                              float *const *d){PRODUCT(F16, F4, float)}

MPGEMM_CLONES
    void productI32(int blocks, int k, const int32_t *a, const int32_t *b, int32_t *const *d) {
  PRODUCT(I16, I4, int32_t)
}

namespace {
/// The biased exponents of operands as the tensor core aligns them: significands are taken as they
/// are stored, so a subnormal has the smallest exponent of its format.
void operandExponents(const float *values, int count, int smallest, int32_t *exponents) {
  for (int i = 0; i < count; ++i) {
    uint32_t bits;
    memcpy(&bits, values + i, 4);
    int32_t e = static_cast<int32_t>((bits >> 23) & 255);
    exponents[i] = e > smallest ? e : smallest;
  }
}
} // namespace

MPGEMM_CLONES
void productShort(int blocks, int k, const ShortOperand &a, const ShortOperand &b,
                  float *const *d) {
  constexpr int kFraction = 13;
  alignas(64) static thread_local int32_t exponentsA[32 * 64], exponentsB[32 * 32 * 8];
  operandExponents(a.values, k * 64, a.smallestExponent + 127, exponentsA);
  operandExponents(b.values, blocks * k * 8, b.smallestExponent + 127, exponentsB);
  for (int n = 0; n < blocks; ++n)
    for (int r = 0; r < 4; ++r) {
      float *acc = d[4 * n + r];
      const int atA = (r / 2) * 32, atB = n * k * 8 + (r % 2) * 4;
      alignas(64) float p[32][32];
      alignas(64) int32_t top[32];
      alignas(64) int32_t special[32];
      alignas(64) uint32_t bits[32];
      memcpy(bits, acc, 128);
      for (int l = 0; l < 32; ++l) {
        top[l] = static_cast<int32_t>((bits[l] >> 23) & 255);
        special[l] = top[l] == 255;
      }
      for (int i = 0; i < k; ++i) {
        alignas(64) float spread[32];
        alignas(64) int32_t spreadExponents[32];
        for (int l = 0; l < 32; l += 4) {
          memcpy(spread + l, b.values + atB + i * 8, 16);
          memcpy(spreadExponents + l, exponentsB + atB + i * 8, 16);
        }
        for (int l = 0; l < 32; ++l) {
          p[i][l] = a.values[atA + i * 64 + l] * spread[l];
          int32_t ea = exponentsA[atA + i * 64 + l], eb = spreadExponents[l];
          special[l] |= (ea == 255) | (eb == 255);
          int32_t e = p[i][l] == 0 ? 0 : ea + eb - 127;
          top[l] = top[l] > e ? top[l] : e;
        }
      }
      alignas(64) float scale[32], back[32];
      alignas(64) uint32_t backBits[32];
      for (int l = 0; l < 32; ++l) {
        // 2^(13 - e) and its inverse, by exponent bits; extremes do not occur for products of fp8.
        auto e = static_cast<uint32_t>(top[l] < 30 ? 30 : top[l] > 240 ? 240 : top[l]);
        bits[l] = (254 + kFraction - e) << 23;
        backBits[l] = (e - kFraction) << 23;
      }
      memcpy(scale, bits, 128);
      memcpy(back, backBits, 128);
      alignas(64) int32_t sum[32];
      for (int l = 0; l < 32; ++l)
        sum[l] = special[l] ? 0 : static_cast<int32_t>(acc[l] * scale[l]);
      for (int i = 0; i < k; ++i)
        for (int l = 0; l < 32; ++l)
          sum[l] += static_cast<int32_t>(special[l] ? 0.0f : p[i][l] * scale[l]);
      alignas(64) float out[32];
      for (int l = 0; l < 32; ++l)
        out[l] = static_cast<float>(sum[l]) * back[l];
      memcpy(bits, out, 128);
      for (int l = 0; l < 32; ++l)
        bits[l] &= ~((1u << (23 - kFraction)) - 1);
      memcpy(out, bits, 128);
      for (int l = 0; l < 32; ++l)
        if (special[l]) { // An infinity or NaN takes part: no alignment, plain sum.
          float s = acc[l];
          for (int i = 0; i < k; ++i)
            s += p[i][l];
          out[l] = s;
        }
      memcpy(acc, out, 128);
    }
}

} // namespace mpgemm::sim
