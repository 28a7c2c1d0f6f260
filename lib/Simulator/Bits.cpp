//===- Bits.cpp - Logic, shifts and bit fields -----------------------------===//
//
// Sections 9.7.8 (logic and shift), 9.7.1 (bit fields, dp4a) and 9.7.9.7 (prmt).
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

namespace mpgemm::sim {

namespace {

struct And {
  template <class T> static T apply(T a, T b) { return a & b; }
};
struct Or {
  template <class T> static T apply(T a, T b) { return a | b; }
};
struct Xor {
  template <class T> static T apply(T a, T b) { return a ^ b; }
};
struct Not {
  template <class T> static T apply(T a) { return static_cast<T>(~a); }
};
struct Cnot {
  template <class T> static T apply(T a) { return a == 0; }
};

Outcome execPredicateLogic(Warp &w, const Inst &i, Mask mask) {
  Mask a = w.pred(i.s[0].slot), b = w.pred(i.s[1].slot);
  Mask v = i.type2 == 0 ? a & b : i.type2 == 1 ? a | b : i.type2 == 2 ? a ^ b : ~a;
  Mask &d = w.pred(i.d[0].slot);
  d = (d & ~mask) | (v & mask);
  return Outcome::Next;
}

template <class Op> ExecFn pick(int bits) {
  return bits == 16   ? execBinary<uint16_t, Op>
         : bits == 32 ? execBinary<uint32_t, Op>
                      : execBinary<uint64_t, Op>;
}

void decodeLogic(Decoder &d, int which) {
  Ty t = d.type();
  if (t == Ty::Pred) {
    d.needOperands(which == 3 ? 2 : 3, which == 3 ? 2 : 3);
    d.out.d[0] = d.dst(0, 1);
    d.out.s[0] = d.predicate(d.op(1));
    d.out.s[1] = which == 3 ? d.out.s[0] : d.predicate(d.op(2));
    d.out.type2 = static_cast<uint8_t>(which);
    d.out.fn = execPredicateLogic;
    return;
  }
  int bits = bitsOf(t);
  if (bits != 16 && bits != 32 && bits != 64)
    d.fail("expected .pred, .b16, .b32 or .b64");
  plainOperands(d, bits, which == 3 ? 1 : 2);
  d.out.fn = which == 0   ? pick<And>(bits)
             : which == 1 ? pick<Or>(bits)
             : which == 2 ? pick<Xor>(bits)
             : bits == 16 ? execUnary<uint16_t, Not>
             : bits == 32 ? execUnary<uint32_t, Not>
                          : execUnary<uint64_t, Not>;
}

/// Shift amounts are clamped to the width (9.7.8.6, 9.7.8.7).
template <class T, bool kLeft> Outcome execShift(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  const uint32_t *b = w.r<uint32_t>(i.s[1].slot);
  constexpr unsigned kBits = 8 * sizeof(T);
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) -> T {
    uint32_t n = b[l];
    if constexpr (kLeft)
      return n >= kBits ? T(0) : static_cast<T>(a[l] << n);
    return static_cast<T>(n >= kBits ? a[l] >> (kBits - 1) >> (std::is_signed<T>::value ? 0 : 1)
                                     : a[l] >> n);
  });
  return Outcome::Next;
}

void decodeShift(Decoder &d, bool left) {
  Ty t = d.type();
  int bits = bitsOf(t);
  d.needOperands(3, 3);
  d.out.d[0] = d.dst(0, bits);
  d.out.s[0] = d.src(1, bits);
  d.out.s[1] = d.src(2, 32);
  if (left)
    d.out.fn = bits == 16   ? execShift<uint16_t, true>
               : bits == 32 ? execShift<uint32_t, true>
               : bits == 64 ? execShift<uint64_t, true>
                            : nullptr;
  else if (isSigned(t))
    d.out.fn = bits == 16   ? execShift<int16_t, false>
               : bits == 32 ? execShift<int32_t, false>
                            : execShift<int64_t, false>;
  else
    d.out.fn = bits == 16   ? execShift<uint16_t, false>
               : bits == 32 ? execShift<uint32_t, false>
               : bits == 64 ? execShift<uint64_t, false>
                            : nullptr;
}

template <bool kWrap, bool kLeft> Outcome execFunnel(Warp &w, const Inst &i, Mask mask) {
  const uint32_t *lo = w.r<uint32_t>(i.s[0].slot), *hi = w.r<uint32_t>(i.s[1].slot),
                 *c = w.r<uint32_t>(i.s[2].slot);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int l) {
    uint64_t v = uint64_t(hi[l]) << 32 | lo[l];
    uint32_t n = kWrap ? c[l] & 31 : std::min<uint32_t>(c[l], 32);
    return static_cast<uint32_t>(kLeft ? (v << n) >> 32 : v >> n);
  });
  return Outcome::Next;
}

template <class T> Outcome execBfe(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  const uint32_t *b = w.r<uint32_t>(i.s[1].slot), *c = w.r<uint32_t>(i.s[2].slot);
  using U = std::make_unsigned_t<T>;
  constexpr unsigned kBits = 8 * sizeof(T);
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) -> T {
    unsigned pos = b[l] & 255, len = c[l] & 255;
    if (len == 0)
      return 0;
    U u = static_cast<U>(a[l]);
    unsigned top = std::min(pos + len - 1, kBits - 1);
    bool sign = std::is_signed<T>::value && ((u >> top) & 1);
    U v = pos >= kBits ? U(0) : u >> pos;
    if (len < kBits) {
      U keep = (U(1) << len) - 1;
      v &= keep;
      unsigned have = pos >= kBits ? 0 : std::min(len, kBits - pos);
      if (sign)
        v |= ~(have == 0 ? U(0) : (U(1) << have) - 1);
    } else if (sign && pos > 0) {
      v |= pos >= kBits ? ~U(0) : ~(~U(0) >> pos);
    }
    return static_cast<T>(v);
  });
  return Outcome::Next;
}

template <class T> Outcome execBfi(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot), *b = w.r<T>(i.s[1].slot);
  const uint32_t *c = w.r<uint32_t>(i.s[2].slot), *e = w.r<uint32_t>(i.s[3].slot);
  constexpr unsigned kBits = 8 * sizeof(T);
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) -> T {
    unsigned pos = c[l] & 255, len = e[l] & 255;
    if (len == 0 || pos >= kBits)
      return b[l];
    T field = len >= kBits ? ~T(0) : (T(1) << len) - 1;
    field <<= pos;
    return (b[l] & ~field) | ((a[l] << pos) & field);
  });
  return Outcome::Next;
}

/// prmt selects bytes of {b, a} (9.7.9.7). mode[0]: 0 for the default, else the named modes.
Outcome execPrmt(Warp &w, const Inst &i, Mask mask) {
  const uint32_t *a = w.r<uint32_t>(i.s[0].slot), *b = w.r<uint32_t>(i.s[1].slot),
                 *c = w.r<uint32_t>(i.s[2].slot);
  int mode = i.mode[0];
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int l) {
    uint64_t v = uint64_t(b[l]) << 32 | a[l];
    uint32_t out = 0;
    for (unsigned n = 0; n < 4; ++n) {
      unsigned s = c[l] & 3, pick = 0;
      bool sign = false;
      switch (mode) {
      case 0:
        pick = (c[l] >> (4 * n)) & 7;
        sign = (c[l] >> (4 * n)) & 8;
        break;
      case 1:
        pick = (s + n) & 7;
        break; // f4e
      case 2:
        pick = (s - n) & 7;
        break; // b4e
      case 3:
        pick = s;
        break; // rc8
      case 4:
        pick = std::max(s, n);
        break; // ecl
      case 5:
        pick = std::min(s, n);
        break; // ecr
      case 6:
        pick = 2 * (s & 1) + (n & 1);
        break; // rc16
      }
      uint32_t byte = (v >> (8 * pick)) & 255;
      if (sign)
        byte = byte & 128 ? 255 : 0;
      out |= byte << (8 * n);
    }
    return out;
  });
  return Outcome::Next;
}

Outcome execLop3(Warp &w, const Inst &i, Mask mask) {
  const uint32_t *a = w.r<uint32_t>(i.s[0].slot), *b = w.r<uint32_t>(i.s[1].slot),
                 *c = w.r<uint32_t>(i.s[2].slot);
  const auto lut = static_cast<unsigned>(i.imm);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int l) {
    uint32_t out = 0;
    for (unsigned n = 0; n < 8; ++n)
      out |= (0u - ((lut >> n) & 1)) & (n & 4 ? a[l] : ~a[l]) & (n & 2 ? b[l] : ~b[l]) &
             (n & 1 ? c[l] : ~c[l]);
    return out;
  });
  return Outcome::Next;
}

template <class T, int kWhich> Outcome execCount(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  constexpr int kBits = 8 * sizeof(T);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int l) -> uint32_t {
    uint64_t v = a[l];
    if (kWhich == 0)
      return __builtin_popcountll(v);
    return v ? __builtin_clzll(v) - (64 - kBits) : kBits;
  });
  return Outcome::Next;
}

/// bfind: position of the most significant bit (of the first non-sign bit for signed types).
template <class T> Outcome execBfind(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  bool shift = i.mode[0];
  constexpr int kBits = 8 * sizeof(T);
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int l) -> uint32_t {
    using U = std::make_unsigned_t<T>;
    U v = static_cast<U>(a[l] < 0 ? ~a[l] : a[l]);
    if (v == 0)
      return ~0u;
    uint32_t at = 63 - __builtin_clzll(static_cast<uint64_t>(v));
    return shift ? kBits - 1 - at : at;
  });
  return Outcome::Next;
}

template <class T> Outcome execBrev(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) {
    T v = 0;
    for (unsigned n = 0; n < 8 * sizeof(T); ++n)
      v |= ((a[l] >> n) & 1) << (8 * sizeof(T) - 1 - n);
    return v;
  });
  return Outcome::Next;
}

/// Sum of four byte products (9.7.1.23). mode: signedness of a and b.
Outcome execDp4a(Warp &w, const Inst &i, Mask mask) {
  const uint32_t *a = w.r<uint32_t>(i.s[0].slot), *b = w.r<uint32_t>(i.s[1].slot),
                 *c = w.r<uint32_t>(i.s[2].slot);
  bool sa = i.mode[0], sb = i.mode[1];
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int l) {
    uint32_t sum = c[l];
    for (int n = 0; n < 4; ++n) {
      auto x = static_cast<uint8_t>(a[l] >> (8 * n)), y = static_cast<uint8_t>(b[l] >> (8 * n));
      sum += static_cast<uint32_t>((sa ? int(static_cast<int8_t>(x)) : int(x)) *
                                   (sb ? int(static_cast<int8_t>(y)) : int(y)));
    }
    return sum;
  });
  return Outcome::Next;
}

} // namespace

void addBits(DecodeTable &t) {
  t["and"] = [](Decoder &d) { decodeLogic(d, 0); };
  t["or"] = [](Decoder &d) { decodeLogic(d, 1); };
  t["xor"] = [](Decoder &d) { decodeLogic(d, 2); };
  t["not"] = [](Decoder &d) { decodeLogic(d, 3); };
  t["cnot"] = [](Decoder &d) {
    int bits = bitsOf(d.type());
    plainOperands(d, bits, 1);
    d.out.fn = bits == 16   ? execUnary<uint16_t, Cnot>
               : bits == 32 ? execUnary<uint32_t, Cnot>
                            : execUnary<uint64_t, Cnot>;
  };
  t["shl"] = [](Decoder &d) { decodeShift(d, true); };
  t["shr"] = [](Decoder &d) { decodeShift(d, false); };
  t["shf"] = [](Decoder &d) {
    int left = d.oneOf({"r", "l"});
    int wrap = d.oneOf({"clamp", "wrap"});
    if (left < 0 || wrap < 0 || d.type() != Ty::B32)
      d.fail("expected .l or .r, .clamp or .wrap, and .b32");
    plainOperands(d, 32, 3);
    d.out.fn = wrap ? (left ? execFunnel<true, true> : execFunnel<true, false>)
                    : (left ? execFunnel<false, true> : execFunnel<false, false>);
  };
  t["bfe"] = [](Decoder &d) {
    Ty t = d.type();
    int bits = bitsOf(t);
    d.needOperands(4, 4);
    d.out.d[0] = d.dst(0, bits);
    d.out.s[0] = d.src(1, bits);
    d.out.s[1] = d.src(2, 32);
    d.out.s[2] = d.src(3, 32);
    d.out.fn = t == Ty::U32   ? execBfe<uint32_t>
               : t == Ty::S32 ? execBfe<int32_t>
               : t == Ty::U64 ? execBfe<uint64_t>
               : t == Ty::S64 ? execBfe<int64_t>
                              : nullptr;
  };
  t["bfi"] = [](Decoder &d) {
    Ty t = d.type();
    int bits = bitsOf(t);
    d.needOperands(5, 5);
    d.out.d[0] = d.dst(0, bits);
    d.out.s[0] = d.src(1, bits);
    d.out.s[1] = d.src(2, bits);
    d.out.s[2] = d.src(3, 32);
    d.out.s[3] = d.src(4, 32);
    d.out.fn = t == Ty::B32 ? execBfi<uint32_t> : t == Ty::B64 ? execBfi<uint64_t> : nullptr;
  };
  t["prmt"] = [](Decoder &d) {
    d.type();
    d.out.mode[0] = static_cast<uint8_t>(d.oneOf({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"}) + 1);
    plainOperands(d, 32, 3);
    d.out.fn = execPrmt;
  };
  t["lop3"] = [](Decoder &d) {
    if (d.type() != Ty::B32)
      d.fail("expected .b32");
    d.needOperands(5, 5);
    d.out.d[0] = d.dst(0, 32);
    for (int n = 0; n < 3; ++n)
      d.out.s[n] = d.src(n + 1, 32);
    d.out.imm = d.integer(4);
    d.out.fn = execLop3;
  };
  t["popc"] = t["clz"] = [](Decoder &d) {
    bool popc = d.in.parts[0] == "popc";
    int bits = bitsOf(d.type());
    d.needOperands(2, 2);
    d.out.d[0] = d.dst(0, 32);
    d.out.s[0] = d.src(1, bits);
    d.out.fn = bits == 32 ? (popc ? execCount<uint32_t, 0> : execCount<uint32_t, 1>)
                          : (popc ? execCount<uint64_t, 0> : execCount<uint64_t, 1>);
  };
  t["bfind"] = [](Decoder &d) {
    d.out.mode[0] = d.has("shiftamt");
    Ty t = d.type();
    d.needOperands(2, 2);
    d.out.d[0] = d.dst(0, 32);
    d.out.s[0] = d.src(1, bitsOf(t));
    d.out.fn = t == Ty::U32   ? execBfind<uint32_t>
               : t == Ty::S32 ? execBfind<int32_t>
               : t == Ty::U64 ? execBfind<uint64_t>
               : t == Ty::S64 ? execBfind<int64_t>
                              : nullptr;
  };
  t["brev"] = [](Decoder &d) {
    int bits = bitsOf(d.type());
    plainOperands(d, bits, 1);
    d.out.fn = bits == 32 ? execBrev<uint32_t> : execBrev<uint64_t>;
  };
  t["dp4a"] = [](Decoder &d) {
    Ty a = d.type(), b = d.type();
    d.out.mode[0] = a == Ty::S32;
    d.out.mode[1] = b == Ty::S32;
    plainOperands(d, 32, 3);
    d.out.fn = execDp4a;
  };
}

} // namespace mpgemm::sim
