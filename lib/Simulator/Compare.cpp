//===- Compare.cpp - Comparison and selection ------------------------------===//
//
// setp and set (9.7.6, 9.7.7), selp and slct (9.7.6.3, 9.7.6.4), testp.
//
//===----------------------------------------------------------------------===//
#include "FloatFormats.h"
#include "Lanes.h"

#include <cmath>

namespace mpgemm::sim {

namespace {

enum Cmp : uint8_t {
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kLo,
  kLs,
  kHi,
  kHs,
  kEqu,
  kNeu,
  kLtu,
  kLeu,
  kGtu,
  kGeu,
  kNum,
  kNan
};

int parseCmp(Decoder &d) {
  return d.oneOf({"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu",
                  "leu", "gtu", "geu", "num", "nan"});
}

template <class T, class F> Mask lanesWhere(const T *a, const T *b, F f) {
  Mask m = 0;
  for (int l = 0; l < kLanes; ++l)
    m |= Mask(f(a[l], b[l])) << l;
  return m;
}

template <class T> Mask compareOrdered(uint8_t op, const T *a, const T *b) {
  switch (op) {
  case kEq:
    return lanesWhere(a, b, [](T x, T y) { return x == y; });
  case kNe:
    return lanesWhere(a, b, [](T x, T y) { return x != y; });
  case kLt:
  case kLo:
    return lanesWhere(a, b, [](T x, T y) { return x < y; });
  case kLe:
  case kLs:
    return lanesWhere(a, b, [](T x, T y) { return x <= y; });
  case kGt:
  case kHi:
    return lanesWhere(a, b, [](T x, T y) { return x > y; });
  default:
    return lanesWhere(a, b, [](T x, T y) { return x >= y; });
  }
}

template <class T> Mask compareFloat(uint8_t op, const T *a, const T *b) {
  Mask nan = lanesWhere(a, b, [](T x, T y) { return x != x || y != y; });
  switch (op) {
  case kNum:
    return ~nan;
  case kNan:
    return nan;
  case kNe:
    return compareOrdered(kNe, a, b) & ~nan;
  case kEqu:
    return compareOrdered(kEq, a, b) | nan;
  case kNeu:
    return compareOrdered(kNe, a, b) | nan;
  case kLtu:
    return compareOrdered(kLt, a, b) | nan;
  case kLeu:
    return compareOrdered(kLe, a, b) | nan;
  case kGtu:
    return compareOrdered(kGt, a, b) | nan;
  case kGeu:
    return compareOrdered(kGe, a, b) | nan;
  default:
    return compareOrdered(op, a, b) & ~nan;
  }
}

void halves(Warp &w, const RegRef &r, bool bf, int shift, bool pair, float *to) {
  for (int l = 0; l < kLanes; ++l) {
    uint16_t v =
        pair ? static_cast<uint16_t>(w.r<uint32_t>(r.slot)[l] >> shift) : w.r<uint16_t>(r.slot)[l];
    to[l] = bf ? bf16ToFloat(v) : f16ToFloat(v);
  }
}

Mask compareLanes(Warp &w, const Inst &i, int shift = 0) {
  int a = i.s[0].slot, b = i.s[1].slot;
  switch (static_cast<Ty>(i.type)) {
  case Ty::B16:
  case Ty::U16:
    return compareOrdered(i.mode[0], w.r<uint16_t>(a), w.r<uint16_t>(b));
  case Ty::S16:
    return compareOrdered(i.mode[0], w.r<int16_t>(a), w.r<int16_t>(b));
  case Ty::B32:
  case Ty::U32:
    return compareOrdered(i.mode[0], w.r<uint32_t>(a), w.r<uint32_t>(b));
  case Ty::S32:
    return compareOrdered(i.mode[0], w.r<int32_t>(a), w.r<int32_t>(b));
  case Ty::B64:
  case Ty::U64:
    return compareOrdered(i.mode[0], w.r<uint64_t>(a), w.r<uint64_t>(b));
  case Ty::S64:
    return compareOrdered(i.mode[0], w.r<int64_t>(a), w.r<int64_t>(b));
  case Ty::F64:
    return compareFloat(i.mode[0], w.r<double>(a), w.r<double>(b));
  case Ty::F32: {
    if (!i.mode[3])
      return compareFloat(i.mode[0], w.r<float>(a), w.r<float>(b));
    float x[kLanes], y[kLanes];
    for (int l = 0; l < kLanes; ++l) {
      x[l] = flush(w.r<float>(a)[l]);
      y[l] = flush(w.r<float>(b)[l]);
    }
    return compareFloat(i.mode[0], x, y);
  }
  default: {
    auto t = static_cast<Ty>(i.type);
    float x[kLanes], y[kLanes];
    bool bf = t == Ty::BF16 || t == Ty::BF16x2, pair = t == Ty::F16x2 || t == Ty::BF16x2;
    halves(w, i.s[0], bf, shift, pair, x);
    halves(w, i.s[1], bf, shift, pair, y);
    return compareFloat(i.mode[0], x, y);
  }
  }
}

/// mode[1]: 0 none, 1 and, 2 or, 3 xor with the predicate s[2] (negated by mode[2]).
Mask combine(Warp &w, const Inst &i, Mask v) {
  if (!i.mode[1])
    return v;
  Mask c = w.pred(i.s[2].slot);
  if (i.mode[2])
    c = ~c;
  return i.mode[1] == 1 ? v & c : i.mode[1] == 2 ? v | c : v ^ c;
}

Outcome execSetp(Warp &w, const Inst &i, Mask mask) {
  Mask v = compareLanes(w, i);
  bool pair = static_cast<Ty>(i.type) == Ty::F16x2 || static_cast<Ty>(i.type) == Ty::BF16x2;
  Mask other = pair ? compareLanes(w, i, 16) : ~v;
  if (i.d[1].slot >= 0) {
    Mask &q = w.pred(i.d[1].slot);
    q = (q & ~mask) | (combine(w, i, other) & mask);
  }
  Mask &p = w.pred(i.d[0].slot);
  p = (p & ~mask) | (combine(w, i, v) & mask);
  return Outcome::Next;
}

void decodeComparison(Decoder &d) {
  int c = parseCmp(d);
  if (c < 0)
    d.fail("no comparison the simulator knows");
  d.out.mode[0] = static_cast<uint8_t>(c);
  d.out.mode[1] = static_cast<uint8_t>(d.oneOf({"and", "or", "xor"}) + 1);
  d.out.mode[3] = d.has("ftz");
}

void decodeSetp(Decoder &d) {
  decodeComparison(d);
  Ty t = d.type();
  d.out.type = static_cast<uint8_t>(t);
  d.needOperands(d.out.mode[1] ? 4 : 3, d.out.mode[1] ? 4 : 3);
  d.out.d[0] = d.dst(0, 1);
  if (!d.op(0).second.empty() && d.op(0).second[0].kind != PtxOperand::Sink)
    d.out.d[1] = d.define(d.op(0).second[0], 1);
  d.out.s[0] = d.src(1, bitsOf(t));
  d.out.s[1] = d.src(2, bitsOf(t));
  if (d.out.mode[1]) {
    d.out.s[2] = d.predicate(d.op(3));
    d.out.mode[2] = d.op(3).negated;
  }
  d.out.fn = execSetp;
}

/// set.cmp.dtype.stype: 1.0 or all ones where it holds.
Outcome execSet(Warp &w, const Inst &i, Mask mask) {
  Mask v = combine(w, i, compareLanes(w, i));
  auto t = static_cast<Ty>(i.type2);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int l) -> uint32_t {
    if (!((v >> l) & 1))
      return 0;
    return t == Ty::F32 ? 0x3f800000u : 0xffffffffu;
  });
  return Outcome::Next;
}

void decodeSet(Decoder &d) {
  decodeComparison(d);
  Ty to = d.type(), t = d.type();
  if (to != Ty::U32 && to != Ty::S32 && to != Ty::F32)
    d.fail("expected .u32, .s32 or .f32 results");
  d.out.type = static_cast<uint8_t>(t);
  d.out.type2 = static_cast<uint8_t>(to);
  d.needOperands(d.out.mode[1] ? 4 : 3, d.out.mode[1] ? 4 : 3);
  d.out.d[0] = d.dst(0, 32);
  d.out.s[0] = d.src(1, bitsOf(t));
  d.out.s[1] = d.src(2, bitsOf(t));
  if (d.out.mode[1]) {
    d.out.s[2] = d.predicate(d.op(3));
    d.out.mode[2] = d.op(3).negated;
  }
  d.out.fn = execSet;
}

template <class T> Outcome execSelp(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot), *b = w.r<T>(i.s[1].slot);
  Mask p = w.pred(i.s[2].slot);
  if (i.mode[0])
    p = ~p;
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) { return (p >> l) & 1 ? a[l] : b[l]; });
  return Outcome::Next;
}

template <class T> Outcome execSlct(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot), *b = w.r<T>(i.s[1].slot);
  const uint32_t *c = w.r<uint32_t>(i.s[2].slot);
  bool isFloat = i.mode[0];
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) {
    bool first = isFloat ? floatOf(c[l]) >= 0 : static_cast<int32_t>(c[l]) >= 0;
    return first ? a[l] : b[l];
  });
  return Outcome::Next;
}

Outcome execTestp(Warp &w, const Inst &i, Mask mask) {
  Mask v = 0;
  for (int l = 0; l < kLanes; ++l) {
    double x =
        i.type == uint8_t(Ty::F32) ? w.r<float>(i.s[0].slot)[l] : w.r<double>(i.s[0].slot)[l];
    bool normal =
        i.type == uint8_t(Ty::F32) ? std::isnormal(static_cast<float>(x)) : std::isnormal(x);
    bool is[] = {std::isfinite(x), std::isinf(x), !std::isnan(x),
                 std::isnan(x),    normal,        std::isfinite(x) && !normal && x != 0};
    v |= Mask(is[i.mode[0]]) << l;
  }
  Mask &p = w.pred(i.d[0].slot);
  p = (p & ~mask) | (v & mask);
  return Outcome::Next;
}

} // namespace

void addCompare(DecodeTable &t) {
  t["setp"] = decodeSetp;
  t["set"] = decodeSet;
  t["selp"] = [](Decoder &d) {
    int bits = bitsOf(d.type());
    d.needOperands(4, 4);
    d.out.d[0] = d.dst(0, bits);
    d.out.s[0] = d.src(1, bits);
    d.out.s[1] = d.src(2, bits);
    d.out.s[2] = d.predicate(d.op(3));
    d.out.mode[0] = d.op(3).negated;
    d.out.fn = bits == 16   ? execSelp<uint16_t>
               : bits == 32 ? execSelp<uint32_t>
               : bits == 64 ? execSelp<uint64_t>
                            : nullptr;
  };
  t["slct"] = [](Decoder &d) {
    d.has("ftz");
    Ty t = d.type(), c = d.type();
    int bits = bitsOf(t);
    d.needOperands(4, 4);
    d.out.d[0] = d.dst(0, bits);
    d.out.s[0] = d.src(1, bits);
    d.out.s[1] = d.src(2, bits);
    d.out.s[2] = d.src(3, 32);
    d.out.mode[0] = c == Ty::F32;
    d.out.fn = bits == 16   ? execSlct<uint16_t>
               : bits == 32 ? execSlct<uint32_t>
               : bits == 64 ? execSlct<uint64_t>
                            : nullptr;
  };
  t["testp"] = [](Decoder &d) {
    int which = d.oneOf({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
    Ty t = d.type();
    if (which < 0 || (t != Ty::F32 && t != Ty::F64))
      d.fail("this form is not supported");
    d.out.mode[0] = static_cast<uint8_t>(which);
    d.out.type = static_cast<uint8_t>(t);
    d.needOperands(2, 2);
    d.out.d[0] = d.dst(0, 1);
    d.out.s[0] = d.src(1, bitsOf(t));
    d.out.fn = execTestp;
  };
}

} // namespace mpgemm::sim
