//===- Arithmetic.cpp - Integer and f32/f64 arithmetic ---------------------===//
//
// Sections 9.7.1 (integer), 9.7.3 and 9.7.4 (f32, f64). The .approx functions are computed
// accurately, which is within their stated error.
//
//===----------------------------------------------------------------------===//
#include "FloatFormats.h"
#include "Lanes.h"

#include <cfenv>
#include <cmath>
#include <limits>

namespace mpgemm::sim {

namespace {

//===- Integers -------------------------------------------------------------===//

struct Add {
  template <class T> static T apply(T a, T b) { return static_cast<T>(a + b); }
};
struct Sub {
  template <class T> static T apply(T a, T b) { return static_cast<T>(a - b); }
};
struct MulLo {
  template <class T> static T apply(T a, T b) {
    using W = std::conditional_t<(sizeof(T) < 4), uint32_t, T>;
    return static_cast<T>(static_cast<W>(a) * static_cast<W>(b));
  }
};
struct Div {
  template <class T> static T apply(T a, T b) {
    if (b == 0)
      return static_cast<T>(-1); // Undefined by the manual; what the hardware's sequence gives.
    if (std::is_signed<T>::value && b == static_cast<T>(-1))
      return static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(a));
    return static_cast<T>(a / b);
  }
};
struct Rem {
  template <class T> static T apply(T a, T b) {
    if (b == 0)
      return a;
    if (std::is_signed<T>::value && b == static_cast<T>(-1))
      return 0;
    return static_cast<T>(a % b);
  }
};
struct Min {
  template <class T> static T apply(T a, T b) { return b < a ? b : a; }
};
struct Max {
  template <class T> static T apply(T a, T b) { return a < b ? b : a; }
};
struct Neg {
  template <class T> static T apply(T a) { return static_cast<T>(0 - a); }
};
/// Clamped to the 32-bit range.
struct AddSat {
  template <class T> static T apply(T a, T b) { return clamp(int64_t(a) + b); }
  static int32_t clamp(int64_t v) {
    return static_cast<int32_t>(v < INT32_MIN ? INT32_MIN : v > INT32_MAX ? INT32_MAX : v);
  }
};
struct SubSat {
  template <class T> static T apply(T a, T b) { return AddSat::clamp(int64_t(a) - b); }
};
/// c plus the absolute difference of a and b.
struct Sad {
  template <class T> static T apply(T a, T b, T c) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(c) + (a < b ? static_cast<U>(b) - static_cast<U>(a)
                                                     : static_cast<U>(a) - static_cast<U>(b)));
  }
};
struct Abs {
  template <class T> static T apply(T a) {
    return static_cast<T>(a < 0 ? 0 - static_cast<std::make_unsigned_t<T>>(a)
                                : static_cast<std::make_unsigned_t<T>>(a));
  }
};

template <class T> struct Wider;
template <> struct Wider<uint16_t> {
  using Type = uint32_t;
};
template <> struct Wider<int16_t> {
  using Type = int32_t;
};
template <> struct Wider<uint32_t> {
  using Type = uint64_t;
};
template <> struct Wider<int32_t> {
  using Type = int64_t;
};
template <> struct Wider<uint64_t> {
  using Type = unsigned __int128;
};
template <> struct Wider<int64_t> {
  using Type = __int128;
};

/// The low half of the product of the low 24 bits.
struct Mul24 {
  template <class T> static T apply(T a, T b) {
    using U = std::make_unsigned_t<T>;
    auto low = [](T v) { return static_cast<T>(static_cast<U>(v) << 8) >> 8; };
    return static_cast<T>(static_cast<U>(low(a)) * static_cast<U>(low(b)));
  }
};
struct MulHi {
  template <class T> static T apply(T a, T b) {
    using W = typename Wider<T>::Type;
    return static_cast<T>((static_cast<W>(a) * static_cast<W>(b)) >> (8 * sizeof(T)));
  }
};
template <class M> struct MadOf {
  template <class T> static T apply(T a, T b, T c) {
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(M::template apply<T>(a, b)) +
                          static_cast<std::make_unsigned_t<T>>(c));
  }
};

template <class T, bool kAdd> Outcome execWide(Warp &w, const Inst &i, Mask mask) {
  using W = typename Wider<T>::Type;
  const T *a = w.r<T>(i.s[0].slot);
  const T *b = w.r<T>(i.s[1].slot);
  const W *c = kAdd ? w.r<W>(i.s[2].slot) : nullptr;
  eachLane(w.r<W>(i.d[0].slot), mask, [=](int l) {
    W p = static_cast<W>(a[l]) * static_cast<W>(b[l]);
    return kAdd ? static_cast<W>(p + c[l]) : p;
  });
  return Outcome::Next;
}

#define INTEGER_FORMS(EXEC, OP)                                                                    \
  [](Ty t) -> ExecFn {                                                                             \
    switch (t) {                                                                                   \
    case Ty::U16:                                                                                  \
      return EXEC<uint16_t, OP>;                                                                   \
    case Ty::S16:                                                                                  \
      return EXEC<int16_t, OP>;                                                                    \
    case Ty::U32:                                                                                  \
      return EXEC<uint32_t, OP>;                                                                   \
    case Ty::S32:                                                                                  \
      return EXEC<int32_t, OP>;                                                                    \
    case Ty::U64:                                                                                  \
      return EXEC<uint64_t, OP>;                                                                   \
    case Ty::S64:                                                                                  \
      return EXEC<int64_t, OP>;                                                                    \
    default:                                                                                       \
      return nullptr;                                                                              \
    }                                                                                              \
  }

using PickFn = ExecFn (*)(Ty);

// Wrap-around arithmetic is the same for both signs; unsigned avoids overflow in C++.
Ty unsignedOf(Ty t) {
  return t == Ty::S16 ? Ty::U16 : t == Ty::S32 ? Ty::U32 : t == Ty::S64 ? Ty::U64 : t;
}

//===- Floats ---------------------------------------------------------------===//

struct FAdd {
  template <class T> static T apply(T a, T b) { return a + b; }
};
struct FSub {
  template <class T> static T apply(T a, T b) { return a - b; }
};
struct FMul {
  template <class T> static T apply(T a, T b) { return a * b; }
};
struct FDiv {
  template <class T> static T apply(T a, T b) { return a / b; }
};
template <class T> T canonicalNan() { return std::numeric_limits<T>::quiet_NaN(); }
struct FMin {
  template <class T> static T apply(T a, T b) {
    if (a == b)
      return std::signbit(a) ? a : b; // -0 is below +0.
    return a != a ? b : b != b ? a : (b < a ? b : a);
  }
};
struct FMax {
  template <class T> static T apply(T a, T b) {
    if (a == b)
      return std::signbit(a) ? b : a;
    return a != a ? b : b != b ? a : (a < b ? b : a);
  }
};
struct FMinNan {
  template <class T> static T apply(T a, T b) {
    return a != a || b != b ? canonicalNan<T>() : FMin::apply(a, b);
  }
};
struct FMaxNan {
  template <class T> static T apply(T a, T b) {
    return a != a || b != b ? canonicalNan<T>() : FMax::apply(a, b);
  }
};
struct FNeg {
  template <class T> static T apply(T a) { return -a; }
};
struct FAbs {
  template <class T> static T apply(T a) { return std::fabs(a); }
};
struct FSqrt {
  template <class T> static T apply(T a) { return std::sqrt(a); }
};
struct FRcp {
  template <class T> static T apply(T a) { return T(1) / a; }
};
struct FRsqrt {
  template <class T> static T apply(T a) {
    return static_cast<T>(1.0 / std::sqrt(static_cast<double>(a)));
  }
};
struct FEx2 {
  template <class T> static T apply(T a) { return std::exp2(a); }
};
struct FLg2 {
  template <class T> static T apply(T a) { return std::log2(a); }
};
struct FSin {
  template <class T> static T apply(T a) { return std::sin(a); }
};
struct FCos {
  template <class T> static T apply(T a) { return std::cos(a); }
};
struct FTanh {
  template <class T> static T apply(T a) { return std::tanh(a); }
};
struct FFma {
  template <class T> static T apply(T a, T b, T c) { return std::fma(a, b, c); }
};
struct FCopysign {
  template <class T> static T apply(T a, T b) { return std::copysign(b, a); }
};

/// mode[0]: flush subnormals, mode[1]: clamp to [0, 1], mode[2]: rounding.
float finish(float v, const Inst &i) {
  if (i.mode[0])
    v = flush(v);
  if (i.mode[1])
    v = v != v ? 0.0f : v < 0 ? 0.0f : v > 1 ? 1.0f : v;
  return v;
}
double finish(double v, const Inst &i) {
  if (i.mode[1])
    v = v != v ? 0.0 : v < 0 ? 0.0 : v > 1 ? 1.0 : v;
  return v;
}
float prepare(float v, const Inst &i) { return i.mode[0] ? flush(v) : v; }
double prepare(double v, const Inst &) { return v; }

struct RoundingScope {
  explicit RoundingScope(int mode) : active(mode != 0) {
    if (active)
      fesetround(mode == int(Rounding::Zero)   ? FE_TOWARDZERO
                 : mode == int(Rounding::Down) ? FE_DOWNWARD
                                               : FE_UPWARD);
  }
  ~RoundingScope() {
    if (active)
      fesetround(FE_TONEAREST);
  }
  bool active;
};

template <class T, class Op, int kSources> Outcome execFloat(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  const T *b = kSources > 1 ? w.r<T>(i.s[1].slot) : a;
  const T *c = kSources > 2 ? w.r<T>(i.s[2].slot) : a;
  auto one = [&](T x, T y, T z) {
    if constexpr (kSources == 1)
      return Op::apply(x);
    else if constexpr (kSources == 2)
      return Op::apply(x, y);
    else
      return Op::apply(x, y, z);
  };
  if (!i.mode[0] && !i.mode[1] && !i.mode[2]) {
    eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) { return one(a[l], b[l], c[l]); });
    return Outcome::Next;
  }
  RoundingScope scope(i.mode[2]);
  eachLane(w.r<T>(i.d[0].slot), mask, [&](int l) {
    volatile T x = prepare(a[l], i), y = prepare(b[l], i),
               z = prepare(c[l], i); // Not folded over modes.
    volatile T v = one(x, y, z);
    return finish(static_cast<T>(v), i);
  });
  return Outcome::Next;
}

#define FLOAT_FORMS(OP, N)                                                                         \
  [](Ty t) -> ExecFn {                                                                             \
    return t == Ty::F32   ? execFloat<float, OP, N>                                                \
           : t == Ty::F64 ? execFloat<double, OP, N>                                               \
                          : nullptr;                                                               \
  }

void floatModes(Decoder &d) {
  d.out.mode[0] = d.has("ftz");
  d.out.mode[1] = d.has("sat");
  int r = d.oneOf({"rn", "rz", "rm", "rp"});
  d.out.mode[2] = r > 0 ? static_cast<uint8_t>(r) : 0;
}

void decodeTwo(Decoder &d, const char *op, PickFn integers, PickFn floats) {
  Ty t = d.type();
  if (t == Ty::F32 || t == Ty::F64) {
    floatModes(d);
    d.out.fn = floats ? floats(t) : nullptr;
  } else if (isFloat(t)) {
    if (!decodeHalf(d, op, t))
      d.fail("this form is not supported");
    return;
  } else {
    d.out.fn = integers ? integers(t) : nullptr;
  }
  plainOperands(d, bitsOf(t), 2);
}

/// add.sat.s32 and sub.sat.s32, the only saturating integer forms.
bool decodeSaturating(Decoder &d, ExecFn fn) {
  if (d.in.opcode.find(".sat.s32") == std::string::npos)
    return false;
  d.has("sat");
  d.type();
  d.out.fn = fn;
  plainOperands(d, 32, 2);
  return true;
}

void decodeMulMad(Decoder &d, bool mad) {
  int form = d.oneOf({"lo", "hi", "wide"});
  Ty t = d.type();
  if (t == Ty::F32 || t == Ty::F64) {
    floatModes(d);
    d.out.fn = mad ? FLOAT_FORMS(FFma, 3)(t) : FLOAT_FORMS(FMul, 2)(t);
    plainOperands(d, bitsOf(t), mad ? 3 : 2);
    return;
  }
  if (isFloat(t)) {
    if (!decodeHalf(d, mad ? "fma" : "mul", t))
      d.fail("this form is not supported");
    return;
  }
  int bits = bitsOf(t);
  if (form == 2) {
    d.needOperands(mad ? 4 : 3, mad ? 4 : 3);
    d.out.d[0] = d.dst(0, 2 * bits);
    d.out.s[0] = d.src(1, bits);
    d.out.s[1] = d.src(2, bits);
    if (mad)
      d.out.s[2] = d.src(3, 2 * bits);
    switch (t) {
    case Ty::U16:
      d.out.fn = mad ? execWide<uint16_t, true> : execWide<uint16_t, false>;
      break;
    case Ty::S16:
      d.out.fn = mad ? execWide<int16_t, true> : execWide<int16_t, false>;
      break;
    case Ty::U32:
      d.out.fn = mad ? execWide<uint32_t, true> : execWide<uint32_t, false>;
      break;
    case Ty::S32:
      d.out.fn = mad ? execWide<int32_t, true> : execWide<int32_t, false>;
      break;
    default:
      break;
    }
    return;
  }
  if (form < 0)
    d.fail("expected .lo, .hi or .wide");
  plainOperands(d, bits, mad ? 3 : 2);
  if (form == 0)
    t = unsignedOf(t);
  if (mad)
    d.out.fn = form == 0 ? INTEGER_FORMS(execTernary, MadOf<MulLo>)(t)
                         : INTEGER_FORMS(execTernary, MadOf<MulHi>)(t);
  else
    d.out.fn =
        form == 0 ? INTEGER_FORMS(execBinary, MulLo)(t) : INTEGER_FORMS(execBinary, MulHi)(t);
}

void decodeFma(Decoder &d) {
  Ty t = d.type();
  if (t != Ty::F32 && t != Ty::F64) {
    if (!decodeHalf(d, "fma", t))
      d.fail("this form is not supported");
    return;
  }
  floatModes(d);
  d.out.fn = FLOAT_FORMS(FFma, 3)(t);
  plainOperands(d, bitsOf(t), 3);
}

/// One-operand float functions; `approx` and `full` name precisions that the exact result
/// satisfies.
void decodeFunction(Decoder &d, const char *name, PickFn pick) {
  d.oneOf({"approx", "full"});
  Ty t = d.type();
  if (t != Ty::F32 && t != Ty::F64) {
    if (!decodeHalf(d, name, t))
      d.fail("this form is not supported");
    return;
  }
  floatModes(d);
  d.out.fn = pick(t);
  plainOperands(d, bitsOf(t), 1);
}

} // namespace

void addArithmetic(DecodeTable &t) {
  t["add"] = [](Decoder &d) {
    d.has("cc") ? d.fail("carry arithmetic is not supported") : void();
    if (decodeSaturating(d, execBinary<int32_t, AddSat>))
      return;
    decodeTwo(
        d, "add", [](Ty t) { return INTEGER_FORMS(execBinary, Add)(unsignedOf(t)); },
        FLOAT_FORMS(FAdd, 2));
  };
  t["sub"] = [](Decoder &d) {
    if (decodeSaturating(d, execBinary<int32_t, SubSat>))
      return;
    decodeTwo(
        d, "sub", [](Ty t) { return INTEGER_FORMS(execBinary, Sub)(unsignedOf(t)); },
        FLOAT_FORMS(FSub, 2));
  };
  t["sad"] = [](Decoder &d) {
    Ty type = d.type();
    d.out.fn = isFloat(type) ? nullptr : INTEGER_FORMS(execTernary, Sad)(type);
    plainOperands(d, bitsOf(type), 3);
  };
  t["mul"] = [](Decoder &d) { decodeMulMad(d, false); };
  t["mul24"] = [](Decoder &d) {
    if (!d.has("lo"))
      d.fail("only mul24.lo is supported");
    Ty type = d.type();
    d.out.fn = type == Ty::U32   ? execBinary<uint32_t, Mul24>
               : type == Ty::S32 ? execBinary<int32_t, Mul24>
                                 : nullptr;
    plainOperands(d, 32, 2);
  };
  t["mad"] = [](Decoder &d) { decodeMulMad(d, true); };
  t["fma"] = decodeFma;
  t["div"] = [](Decoder &d) {
    d.oneOf({"approx", "full"});
    decodeTwo(d, "div", INTEGER_FORMS(execBinary, Div), FLOAT_FORMS(FDiv, 2));
  };
  t["rem"] = [](Decoder &d) { decodeTwo(d, "rem", INTEGER_FORMS(execBinary, Rem), nullptr); };
  t["min"] = [](Decoder &d) {
    bool nan = d.in.opcode.find(".f32") != std::string::npos && d.has("NaN");
    decodeTwo(d, "min", INTEGER_FORMS(execBinary, Min),
              nan ? PickFn(FLOAT_FORMS(FMinNan, 2)) : PickFn(FLOAT_FORMS(FMin, 2)));
  };
  t["max"] = [](Decoder &d) {
    bool nan = d.in.opcode.find(".f32") != std::string::npos && d.has("NaN");
    decodeTwo(d, "max", INTEGER_FORMS(execBinary, Max),
              nan ? PickFn(FLOAT_FORMS(FMaxNan, 2)) : PickFn(FLOAT_FORMS(FMax, 2)));
  };
  t["copysign"] = [](Decoder &d) { decodeTwo(d, "copysign", nullptr, FLOAT_FORMS(FCopysign, 2)); };
  t["neg"] = t["abs"] = [](Decoder &d) {
    bool neg = d.in.parts[0] == "neg";
    Ty t = d.type();
    if (isFloat(t)) {
      if (t != Ty::F32 && t != Ty::F64) {
        if (!decodeHalf(d, neg ? "neg" : "abs", t))
          d.fail("this form is not supported");
        return;
      }
      floatModes(d);
      d.out.fn = neg ? FLOAT_FORMS(FNeg, 1)(t) : FLOAT_FORMS(FAbs, 1)(t);
    } else {
      d.out.fn =
          neg ? INTEGER_FORMS(execUnary, Neg)(unsignedOf(t)) : INTEGER_FORMS(execUnary, Abs)(t);
    }
    plainOperands(d, bitsOf(t), 1);
  };
  t["sqrt"] = [](Decoder &d) { decodeFunction(d, "sqrt", FLOAT_FORMS(FSqrt, 1)); };
  t["rcp"] = [](Decoder &d) { decodeFunction(d, "rcp", FLOAT_FORMS(FRcp, 1)); };
  t["rsqrt"] = [](Decoder &d) { decodeFunction(d, "rsqrt", FLOAT_FORMS(FRsqrt, 1)); };
  t["ex2"] = [](Decoder &d) { decodeFunction(d, "ex2", FLOAT_FORMS(FEx2, 1)); };
  t["lg2"] = [](Decoder &d) { decodeFunction(d, "lg2", FLOAT_FORMS(FLg2, 1)); };
  t["sin"] = [](Decoder &d) { decodeFunction(d, "sin", FLOAT_FORMS(FSin, 1)); };
  t["cos"] = [](Decoder &d) { decodeFunction(d, "cos", FLOAT_FORMS(FCos, 1)); };
  t["tanh"] = [](Decoder &d) { decodeFunction(d, "tanh", FLOAT_FORMS(FTanh, 1)); };
}

} // namespace mpgemm::sim
