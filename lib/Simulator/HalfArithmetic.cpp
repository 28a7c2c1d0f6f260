//===- HalfArithmetic.cpp - f16, bf16 and their pairs ----------------------===//
//
// Section 9.7.5. Computed in double on decoded values and rounded once.
//
//===----------------------------------------------------------------------===//
#include "FloatFormats.h"
#include "Lanes.h"

#include <cmath>
#include <limits>

namespace mpgemm::sim {

namespace {

enum Op : uint8_t { kAdd, kSub, kMul, kFma, kMin, kMax, kNeg, kAbs, kEx2, kTanh, kRcp };
struct OpName {
  const char *name;
  Op op;
  int sources;
};
constexpr OpName kOps[] = {{"add", kAdd, 2}, {"sub", kSub, 2},  {"mul", kMul, 2}, {"fma", kFma, 3},
                           {"min", kMin, 2}, {"max", kMax, 2},  {"neg", kNeg, 1}, {"abs", kAbs, 1},
                           {"ex2", kEx2, 1}, {"tanh", kTanh, 1}};

template <bool kBf> inline double decode(uint16_t v) {
  return kBf ? bf16ToFloat(v) : f16ToFloat(v);
}
template <bool kBf> inline uint16_t encode(double v) {
  return static_cast<uint16_t>(encodeFloat(v, kBf ? kBF16 : kF16));
}

/// mode[0]: flush subnormals, [1]: clamp to [0,1], [2]: NaN wins, [3]: negative to zero.
template <bool kBf> uint16_t one(const Inst &i, uint16_t a, uint16_t b, uint16_t c) {
  auto flushed = [&](uint16_t v) -> uint16_t {
    return i.mode[0] && !(v & (kBf ? 0x7f80 : 0x7c00)) ? v & 0x8000 : v;
  };
  a = flushed(a);
  b = flushed(b);
  c = flushed(c);
  if (i.type2 == kNeg)
    return a ^ 0x8000;
  if (i.type2 == kAbs)
    return a & 0x7fff;
  double x = decode<kBf>(a), y = decode<kBf>(b), z = decode<kBf>(c), v = 0;
  switch (i.type2) {
  case kAdd:
    v = addToOdd(x, y);
    break;
  case kSub:
    v = addToOdd(x, -y);
    break;
  case kMul:
    v = x * y;
    break;
  case kFma:
    v = addToOdd(x * y, z);
    break;
  case kMin:
  case kMax:
    if (i.mode[2] && (x != x || y != y))
      v = std::numeric_limits<double>::quiet_NaN();
    else if (x == y)
      v = std::signbit(x) == (i.type2 == kMin) ? x : y;
    else if (x != x || y != y)
      v = x != x ? y : x;
    else
      v = (x < y) == (i.type2 == kMin) ? x : y;
    break;
  case kEx2:
    v = std::exp2(x);
    break;
  case kTanh:
    v = std::tanh(x);
    break;
  }
  if (i.mode[1])
    v = v != v ? 0 : v < 0 ? 0 : v > 1 ? 1 : v;
  if (i.mode[3])
    v = v != v ? v : v < 0 ? 0 : v;
  return flushed(encode<kBf>(v));
}

template <bool kBf, bool kPair> Outcome execHalf(Warp &w, const Inst &i, Mask mask) {
  if constexpr (kPair) {
    const uint32_t *a = w.r<uint32_t>(i.s[0].slot), *b = w.r<uint32_t>(i.s[1].slot),
                   *c = w.r<uint32_t>(i.s[2].slot);
    eachLane(w.r<uint32_t>(i.d[0].slot), mask, [&](int l) {
      uint32_t lo = one<kBf>(i, uint16_t(a[l]), uint16_t(b[l]), uint16_t(c[l]));
      uint32_t hi = one<kBf>(i, uint16_t(a[l] >> 16), uint16_t(b[l] >> 16), uint16_t(c[l] >> 16));
      return lo | hi << 16;
    });
  } else {
    const uint16_t *a = w.r<uint16_t>(i.s[0].slot), *b = w.r<uint16_t>(i.s[1].slot),
                   *c = w.r<uint16_t>(i.s[2].slot);
    eachLane(w.r<uint16_t>(i.d[0].slot), mask,
             [&](int l) { return one<kBf>(i, a[l], b[l], c[l]); });
  }
  return Outcome::Next;
}

} // namespace

bool decodeHalf(Decoder &d, const char *op, Ty t) {
  if (t != Ty::F16 && t != Ty::F16x2 && t != Ty::BF16 && t != Ty::BF16x2)
    return false;
  const OpName *found = nullptr;
  for (const OpName &o : kOps)
    if (!strcmp(o.name, op))
      found = &o;
  if (!found)
    return false;
  d.out.mode[0] = d.has("ftz");
  d.out.mode[1] = d.has("sat");
  d.out.mode[2] = d.has("NaN");
  d.out.mode[3] = d.has("relu");
  d.has("noftz");
  d.has("rn"); // The only rounding there is.
  d.out.type2 = found->op;
  plainOperands(d, bitsOf(t), found->sources);
  for (int n = found->sources; n < 3; ++n)
    d.out.s[n] = d.out.s[0];
  switch (t) {
  case Ty::F16:
    d.out.fn = execHalf<false, false>;
    break;
  case Ty::F16x2:
    d.out.fn = execHalf<false, true>;
    break;
  case Ty::BF16:
    d.out.fn = execHalf<true, false>;
    break;
  default:
    d.out.fn = execHalf<true, true>;
    break;
  }
  return true;
}

} // namespace mpgemm::sim
