//===- FloatFormats.h - Narrow floats ----------------------------*- C++ -*-===//
//
// Encoding and decoding of f16, bf16, tf32, e4m3, e5m2 and f32 from and to double, with the
// rounding modes of PTX (section 9.7.9.21, cvt). Every format here is exact in double.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_FLOATFORMATS_H
#define MPGEMM_LIB_SIMULATOR_FLOATFORMATS_H

#include <cstdint>
#include <cstring>

namespace mpgemm::sim {

enum class Rounding : uint8_t { Nearest, Zero, Down, Up, NearestAway };

struct FloatFormat {
  int exponentBits, mantissaBits, bias;
  uint32_t maxFinite, infinity,
      nan; ///< Codes without the sign; infinity == nan where there is none.
  uint32_t signBit() const { return 1u << (exponentBits + mantissaBits); }
};
constexpr FloatFormat kF16{5, 10, 15, 0x7bff, 0x7c00, 0x7fff};
constexpr FloatFormat kBF16{8, 7, 127, 0x7f7f, 0x7f80, 0x7fff};
constexpr FloatFormat kTF32{8, 10, 127, 0x3fbff, 0x3fc00, 0x3ffff};
constexpr FloatFormat kE4M3{4, 3, 7, 0x7e, 0x7f, 0x7f};
constexpr FloatFormat kE5M2{5, 2, 15, 0x7b, 0x7c, 0x7f};
constexpr FloatFormat kF32{8, 23, 127, 0x7f7fffff, 0x7f800000, 0x7fffffff};

inline float floatOf(uint32_t bits) {
  float f;
  memcpy(&f, &bits, 4);
  return f;
}
inline uint32_t bitsOfFloat(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return u;
}
inline double doubleOf(uint64_t bits) {
  double f;
  memcpy(&f, &bits, 8);
  return f;
}
inline uint64_t bitsOfDouble(double f) {
  uint64_t u;
  memcpy(&u, &f, 8);
  return u;
}

/// The code of `v` in format `f`. Overflow gives infinity (or NaN without one), with `saturate` the
/// largest finite number.
inline uint32_t encodeFloat(double v, const FloatFormat &f, Rounding r = Rounding::Nearest,
                            bool saturate = false) {
  uint64_t bits = bitsOfDouble(v);
  bool negative = bits >> 63;
  uint32_t sign = negative ? f.signBit() : 0;
  int biased = static_cast<int>((bits >> 52) & 0x7ff);
  uint64_t mantissa = bits & ((1ull << 52) - 1);
  if (biased == 0x7ff) {
    if (mantissa)
      return f.nan;
    return sign | (saturate ? f.maxFinite : f.infinity);
  }
  if (biased == 0 && mantissa == 0)
    return sign;
  int e = biased ? biased - 1023 : -1022;
  if (biased)
    mantissa |= 1ull << 52;
  int least = 1 - f.bias;
  int shift = 52 - f.mantissaBits + (e < least ? least - e : 0);
  uint64_t q, rest, half;
  if (shift > 60) {
    q = 0;
    rest = 1;
    half = 2; // Less than half of the smallest step.
  } else {
    q = mantissa >> shift;
    rest = mantissa & ((1ull << shift) - 1);
    half = 1ull << (shift - 1);
  }
  bool up = false;
  switch (r) {
  case Rounding::Nearest:
    up = rest > half || (rest == half && (q & 1));
    break;
  case Rounding::NearestAway:
    up = rest >= half;
    break;
  case Rounding::Zero:
    break;
  case Rounding::Down:
    up = negative && rest;
    break;
  case Rounding::Up:
    up = !negative && rest;
    break;
  }
  uint64_t code = (e >= least ? static_cast<uint64_t>(e - least) << f.mantissaBits : 0) + q + up;
  if (code > f.maxFinite) {
    bool toInfinity = r == Rounding::Nearest || r == Rounding::NearestAway ||
                      (r == Rounding::Up && !negative) || (r == Rounding::Down && negative);
    return sign | (saturate || !toInfinity ? f.maxFinite : f.infinity);
  }
  return sign | static_cast<uint32_t>(code);
}

inline double decodeFloat(uint32_t code, const FloatFormat &f) {
  bool negative = code & f.signBit();
  uint32_t magnitude = code & (f.signBit() - 1);
  if (magnitude > f.maxFinite) {
    bool isInfinity = magnitude == f.infinity && f.infinity != f.nan;
    return doubleOf((isInfinity ? 0x7ff0000000000000ull : 0x7ff8000000000000ull) |
                    (negative ? 1ull << 63 : 0));
  }
  uint32_t exponent = magnitude >> f.mantissaBits;
  uint32_t mantissa = magnitude & ((1u << f.mantissaBits) - 1);
  double scale;
  double m;
  if (exponent == 0) {
    m = mantissa;
    scale = doubleOf(static_cast<uint64_t>(1023 + 1 - f.bias - f.mantissaBits) << 52);
  } else {
    m = static_cast<double>(mantissa | (1u << f.mantissaBits));
    scale = doubleOf(
        static_cast<uint64_t>(1023 + static_cast<int>(exponent) - f.bias - f.mantissaBits) << 52);
  }
  double v = m * scale;
  return negative ? -v : v;
}

inline float bf16ToFloat(uint16_t v) { return floatOf(static_cast<uint32_t>(v) << 16); }
inline uint16_t floatToBf16(float f) {
  uint32_t u = bitsOfFloat(f);
  if ((u & 0x7fffffff) > 0x7f800000)
    return 0x7fff;
  return static_cast<uint16_t>((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}
inline float f16ToFloat(uint16_t h) {
  // Shift the fields into place and let a multiplication normalise.
  uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16;
  uint32_t magnitude = h & 0x7fff;
  if (magnitude >= 0x7c00)
    return floatOf(sign | 0x7f800000 | ((magnitude & 0x3ff) << 13));
  return floatOf(bitsOfFloat(floatOf(magnitude << 13) * floatOf(0x77800000)) | sign); // times 2^112
}
inline uint16_t floatToF16(float f) { return static_cast<uint16_t>(encodeFloat(f, kF16)); }

/// a + b in double, rounded to odd: a later rounding to fewer bits is then exact.
inline double addToOdd(double a, double b) {
  double s = a + b;
  double t = s - a;
  double error = (a - (s - t)) + (b - t);
  uint64_t bits = bitsOfDouble(s);
  if (error != 0 && !(bits & 1) && (bits & 0x7ff0000000000000ull) != 0x7ff0000000000000ull) {
    bool away = (error > 0) == (s > 0);
    return doubleOf(away ? bits + 1 : bits - 1);
  }
  return s;
}

inline float flush(float f) {
  uint32_t u = bitsOfFloat(f);
  return (u & 0x7f800000) ? f : floatOf(u & 0x80000000);
}

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_FLOATFORMATS_H
