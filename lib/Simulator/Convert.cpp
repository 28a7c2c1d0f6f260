//===- Convert.cpp - cvt ---------------------------------------------------===//
//
// Section 9.7.9.21 and 9.7.9.22 (cvt, cvt.pack is not needed). One general path through double or
// 64-bit integers, and fast ones for what dominates kernels.
//
//===----------------------------------------------------------------------===//
#include "FloatFormats.h"
#include "Lanes.h"

#include <algorithm>
#include <cmath>

namespace mpgemm::sim {

namespace {

enum IntegerRounding : uint8_t { kNoInteger, kRni, kRzi, kRmi, kRpi };
/// Uses of Inst::mode.
enum { kRound = 0, kInteger = 1, kFtz = 2, kSat = 3, kRelu = 4, kSatFinite = 5 };

uint64_t readBits(Warp &w, const RegRef &r, int typeBits, int lane) {
  int bits = r.bits ? r.bits : std::max(typeBits, 16);
  uint64_t v = bits == 64   ? w.r<uint64_t>(r.slot)[lane]
               : bits == 32 ? w.r<uint32_t>(r.slot)[lane]
                            : w.r<uint16_t>(r.slot)[lane];
  return typeBits >= 64 ? v : v & ((1ull << typeBits) - 1);
}
void writeBits(Warp &w, const RegRef &r, int lane, uint64_t v) {
  if (r.bits == 64)
    w.r<uint64_t>(r.slot)[lane] = v;
  else if (r.bits == 32)
    w.r<uint32_t>(r.slot)[lane] = static_cast<uint32_t>(v);
  else
    w.r<uint16_t>(r.slot)[lane] = static_cast<uint16_t>(v);
}

int64_t signExtend(uint64_t v, int bits) {
  return static_cast<int64_t>(v << (64 - bits)) >> (64 - bits);
}

const FloatFormat *formatOf(Ty t) {
  switch (t) {
  case Ty::F16:
  case Ty::F16x2:
    return &kF16;
  case Ty::BF16:
  case Ty::BF16x2:
    return &kBF16;
  case Ty::E4M3x2:
    return &kE4M3;
  case Ty::E5M2x2:
    return &kE5M2;
  case Ty::F32:
    return &kF32;
  default:
    return nullptr;
  }
}

double floatSource(uint64_t bits, Ty t, bool ftz) {
  if (t == Ty::F64)
    return doubleOf(bits);
  if (t == Ty::F32) {
    float f = floatOf(static_cast<uint32_t>(bits));
    return ftz ? flush(f) : f;
  }
  return decodeFloat(static_cast<uint32_t>(bits), *formatOf(t));
}

double roundToInteger(double v, uint8_t how) {
  switch (how) {
  case kRni:
    return std::nearbyint(v);
  case kRmi:
    return std::floor(v);
  case kRpi:
    return std::ceil(v);
  default:
    return std::trunc(v);
  }
}

/// Integers beyond 53 bits become a double that rounds on correctly.
double integerToOdd(uint64_t magnitude, bool negative) {
  double v;
  if (magnitude >> 53) {
    int shift = 64 - 53 - __builtin_clzll(magnitude);
    uint64_t lost = magnitude & ((1ull << shift) - 1);
    v = std::ldexp(static_cast<double>((magnitude >> shift) | (lost != 0)), shift);
  } else {
    v = static_cast<double>(magnitude);
  }
  return negative ? -v : v;
}

uint64_t encodeTo(double v, Ty to, const Inst &i) {
  if (i.mode[kSat])
    v = v > 0 ? std::min(v, 1.0) : 0; // NaN and -0 become +0.
  if (i.mode[kRelu])
    v = v != v ? v : v <= 0 ? 0 : v;
  if (to == Ty::F64)
    return bitsOfDouble(v);
  uint32_t code =
      encodeFloat(v, *formatOf(to), static_cast<Rounding>(i.mode[kRound]), i.mode[kSatFinite]);
  if (to == Ty::F32 && i.mode[kFtz])
    code = bitsOfFloat(flush(floatOf(code)));
  return code;
}

uint64_t convertOne(uint64_t bits, Ty from, Ty to, const Inst &i) {
  int fromBits = bitsOf(from), toBits = bitsOf(to);
  if (!isFloat(from) && !isFloat(to)) {
    int64_t s = isSigned(from) ? signExtend(bits, fromBits) : static_cast<int64_t>(bits);
    if (i.mode[kSat]) {
      bool big = !isSigned(from) && s < 0; // Above 2^63.
      int64_t lo = isSigned(to) ? -static_cast<int64_t>((1ull << (toBits - 1)) - 1) - 1 : 0;
      int64_t hi = isSigned(to)   ? static_cast<int64_t>((1ull << (toBits - 1)) - 1)
                   : toBits == 64 ? INT64_MAX
                                  : static_cast<int64_t>((1ull << toBits) - 1);
      if (big)
        return isSigned(to) || toBits < 64 ? static_cast<uint64_t>(hi) : bits;
      return static_cast<uint64_t>(s < lo ? lo : s > hi ? hi : s);
    }
    return static_cast<uint64_t>(s);
  }
  if (!isFloat(from)) {
    bool negative = isSigned(from) && signExtend(bits, fromBits) < 0;
    uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(signExtend(bits, fromBits)) : bits;
    if (to == Ty::F64)
      return bitsOfDouble(negative ? -static_cast<double>(magnitude)
                                   : static_cast<double>(magnitude));
    return encodeTo(integerToOdd(magnitude, negative), to, i);
  }
  double v = floatSource(bits, from, i.mode[kFtz]);
  if (isFloat(to)) {
    if (i.mode[kInteger])
      v = roundToInteger(v, i.mode[kInteger]);
    return encodeTo(v, to, i);
  }
  // Float to integer clamps; NaN gives zero.
  if (v != v)
    return 0;
  v = roundToInteger(v, i.mode[kInteger] ? i.mode[kInteger] : static_cast<uint8_t>(kRzi));
  double top = std::ldexp(1.0, isSigned(to) ? toBits - 1 : toBits);
  if (isSigned(to)) {
    if (v >= top)
      return (1ull << (toBits - 1)) - 1;
    if (v < -top)
      v = -top;
    return static_cast<uint64_t>(static_cast<int64_t>(v));
  }
  if (v >= top)
    return toBits == 64 ? ~0ull : (1ull << toBits) - 1;
  return v <= 0 ? 0 : static_cast<uint64_t>(v);
}

Outcome execConvert(Warp &w, const Inst &i, Mask mask) {
  auto from = static_cast<Ty>(i.type), to = static_cast<Ty>(i.type2);
  int fromBits = bitsOf(from);
  for (int l = 0; l < kLanes; ++l) {
    if (!((mask >> l) & 1))
      continue;
    uint64_t v = convertOne(readBits(w, i.s[0], fromBits, l), from, to, i);
    // Results of 8 bits are extended to the register.
    if (bitsOf(to) == 8)
      v = isSigned(to) ? static_cast<uint64_t>(signExtend(v & 255, 8)) : v & 255;
    else if (bitsOf(to) < i.d[0].bits && !isSigned(to))
      v &= (1ull << bitsOf(to)) - 1;
    writeBits(w, i.d[0], l, v);
  }
  return Outcome::Next;
}

template <class S, class D> Outcome execInteger(Warp &w, const Inst &i, Mask mask) {
  const S *a = w.r<S>(i.s[0].slot);
  eachLane(w.r<D>(i.d[0].slot), mask, [=](int l) { return static_cast<D>(a[l]); });
  return Outcome::Next;
}

/// d = {a, b}: a in the upper half (9.7.9.21). imm: bits of one element.
template <bool kBf, bool kPlain> Outcome execPackPair(Warp &w, const Inst &i, Mask mask) {
  const float *a = w.r<float>(i.s[0].slot), *b = w.r<float>(i.s[1].slot);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [&](int l) -> uint32_t {
    if constexpr (kPlain)
      return uint32_t(floatToBf16(a[l])) << 16 | floatToBf16(b[l]);
    const Ty t = kBf ? Ty::BF16 : Ty::F16;
    return static_cast<uint32_t>(encodeTo(a[l], t, i) << 16 | encodeTo(b[l], t, i));
  });
  return Outcome::Next;
}

Outcome execPackFp8(Warp &w, const Inst &i, Mask mask) {
  auto to = static_cast<Ty>(i.type2);
  const float *a = w.r<float>(i.s[0].slot), *b = w.r<float>(i.s[1].slot);
  eachLane(w.r<uint16_t>(i.d[0].slot), mask, [&](int l) {
    return static_cast<uint16_t>(encodeTo(a[l], to, i) << 8 | encodeTo(b[l], to, i));
  });
  return Outcome::Next;
}

Outcome execHalfPairToFp8(Warp &w, const Inst &i, Mask mask) {
  auto to = static_cast<Ty>(i.type2), from = static_cast<Ty>(i.type);
  const uint32_t *a = w.r<uint32_t>(i.s[0].slot);
  eachLane(w.r<uint16_t>(i.d[0].slot), mask, [&](int l) {
    double lo = floatSource(a[l] & 0xffff, from, false), hi = floatSource(a[l] >> 16, from, false);
    return static_cast<uint16_t>(encodeTo(hi, to, i) << 8 | encodeTo(lo, to, i));
  });
  return Outcome::Next;
}

Outcome execFp8ToHalfPair(Warp &w, const Inst &i, Mask mask) {
  const FloatFormat &f = *formatOf(static_cast<Ty>(i.type));
  auto to = static_cast<Ty>(i.type2);
  const uint16_t *a = w.r<uint16_t>(i.s[0].slot);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [&](int l) {
    uint64_t lo = encodeTo(decodeFloat(a[l] & 255, f), to, i),
             hi = encodeTo(decodeFloat(a[l] >> 8, f), to, i);
    return static_cast<uint32_t>(hi << 16 | lo);
  });
  return Outcome::Next;
}

/// tf32 keeps its value in the upper 19 bits of a 32-bit register.
Outcome execToTf32(Warp &w, const Inst &i, Mask mask) {
  const float *a = w.r<float>(i.s[0].slot);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [&](int l) {
    double v = a[l];
    if (i.mode[kRelu])
      v = v != v ? v : v <= 0 ? 0 : v;
    return encodeFloat(v, kTF32, static_cast<Rounding>(i.mode[kRound]), i.mode[kSatFinite]) << 13;
  });
  return Outcome::Next;
}

void decodeConvert(Decoder &d) {
  int r = d.oneOf({"rn", "rz", "rm", "rp", "rna"});
  d.out.mode[kRound] = r < 0 ? 0 : static_cast<uint8_t>(r);
  d.out.mode[kInteger] = static_cast<uint8_t>(d.oneOf({"rni", "rzi", "rmi", "rpi"}) + 1);
  d.out.mode[kFtz] = d.has("ftz");
  d.out.mode[kSat] = d.has("sat");
  d.out.mode[kRelu] = d.has("relu");
  d.out.mode[kSatFinite] = d.has("satfinite");
  Ty to = d.type(), from = d.type();
  d.out.type = static_cast<uint8_t>(from);
  d.out.type2 = static_cast<uint8_t>(to);
  bool fp8To = to == Ty::E4M3x2 || to == Ty::E5M2x2,
       fp8From = from == Ty::E4M3x2 || from == Ty::E5M2x2;
  if (to == Ty::TF32 && from == Ty::F32) {
    d.needOperands(2, 2);
    d.out.d[0] = d.dst(0, 32);
    d.out.s[0] = d.src(1, 32);
    d.out.fn = execToTf32;
    return;
  }
  if ((to == Ty::F16x2 || to == Ty::BF16x2 || fp8To) && from == Ty::F32) {
    if (fp8To && !d.out.mode[kSatFinite])
      d.fail("conversion to fp8 needs .satfinite");
    d.needOperands(3, 3);
    d.out.d[0] = d.dst(0, fp8To ? 16 : 32);
    d.out.s[0] = d.src(1, 32);
    d.out.s[1] = d.src(2, 32);
    bool plain = !d.out.mode[kRound] && !d.out.mode[kRelu] && !d.out.mode[kSatFinite];
    d.out.fn = fp8To             ? execPackFp8
               : to == Ty::F16x2 ? execPackPair<false, false>
               : plain           ? execPackPair<true, true>
                                 : execPackPair<true, false>;
    return;
  }
  d.needOperands(2, 2);
  if (fp8To && (from == Ty::F16x2 || from == Ty::BF16x2)) {
    d.out.d[0] = d.dst(0, 16);
    d.out.s[0] = d.src(1, 32);
    d.out.fn = execHalfPairToFp8;
    return;
  }
  if (fp8From && (to == Ty::F16x2 || to == Ty::BF16x2)) {
    d.out.d[0] = d.dst(0, 32);
    d.out.s[0] = d.src(1, 16);
    d.out.fn = execFp8ToHalfPair;
    return;
  }
  auto scalar = [](Ty t) {
    return (t >= Ty::U8 && t <= Ty::S64) || t == Ty::F16 || t == Ty::BF16 || t == Ty::F32 ||
           t == Ty::F64;
  };
  if (!scalar(to) || !scalar(from))
    d.fail("this conversion is not supported");
  d.out.d[0] = d.dst(0, bitsOf(to), true);
  d.out.s[0] = d.src(1, bitsOf(from), true);
  d.out.fn = execConvert;
  bool exact =
      d.out.d[0].bits == bitsOf(to) && d.out.s[0].bits == bitsOf(from) && !d.out.mode[kSat];
  if (!exact)
    return;
  bool from32 = from == Ty::U32 || from == Ty::S32, to64 = to == Ty::U64 || to == Ty::S64;
  bool from64 = from == Ty::U64 || from == Ty::S64, to32 = to == Ty::U32 || to == Ty::S32;
  if (from32 && to64)
    d.out.fn = from == Ty::U32 ? execInteger<uint32_t, uint64_t> : execInteger<int32_t, int64_t>;
  else if (from64 && to32)
    d.out.fn = execInteger<uint64_t, uint32_t>;
  else if (from == Ty::S32 && to == Ty::F32 && !d.out.mode[kRound])
    d.out.fn = execInteger<int32_t, float>;
}

} // namespace

void addConvert(DecodeTable &t) {
  t["cvt"] = decodeConvert;
  t["szext"] = [](Decoder &d) {
    // szext.clamp/wrap: sign- or zero-extends the low b bits of a (9.7.1.24).
    int wrap = d.oneOf({"clamp", "wrap"});
    Ty t = d.type();
    if (wrap < 0 || (t != Ty::U32 && t != Ty::S32))
      d.fail("this form is not supported");
    plainOperands(d, 32, 2);
    d.out.mode[0] = static_cast<uint8_t>(wrap);
    d.out.mode[1] = t == Ty::S32;
    d.out.fn = [](Warp &w, const Inst &i, Mask mask) {
      const uint32_t *a = w.r<uint32_t>(i.s[0].slot), *b = w.r<uint32_t>(i.s[1].slot);
      eachLane(w.r<uint32_t>(i.d[0].slot), mask, [&](int l) -> uint32_t {
        uint32_t n = i.mode[0] ? b[l] & 31 : std::min<uint32_t>(b[l], 32);
        if (n == 0)
          return 0;
        uint32_t v = n == 32 ? a[l] : a[l] & ((1u << n) - 1);
        return i.mode[1] && ((v >> (n - 1)) & 1) && n < 32 ? v | ~((1u << n) - 1) : v;
      });
      return Outcome::Next;
    };
  };
}

} // namespace mpgemm::sim
