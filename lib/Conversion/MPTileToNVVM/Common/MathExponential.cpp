// exp, exp2, expm1 and tanh of f32 on the hardware's 2^x.
#include "ScalarBuilder.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {
constexpr float log2E = 0x1.715476p+0f;
constexpr float log2ELow = 0x1.4ae0cp-26f; // log2(e) - log2E
constexpr float ln2 = 0x1.62e43p-1f;
constexpr float ln2High = 0x1.62e4p-1f; // 16 bits: multiples up to 2^8 are exact
constexpr float ln2Low = 0x1.7f7d1cp-20f;
} // namespace

// 2^t with t = x log2(e) kept in two floats: the low part enters as 1 + low ln 2.
// The upper clamp is the smallest float whose exponential overflows; its low part is positive, so
// that inf * low + inf is inf and not NaN. Below the lower clamp the result is 0.
static Value expandExp(ScalarBuilder &b, ValueRange operands) {
  Value x = b.min(b.max(operands[0], b.f32(-106.0f)), b.f32(0x1.62e43p+6f));
  Value high = b.mul(x, b.f32(log2E));
  Value low = b.fma(x, b.f32(log2ELow), b.fma(x, b.f32(log2E), b.neg(high)));
  Value power = b.exp2Approx(high);
  return b.fma(power, b.mul(low, b.f32(ln2)), power);
}

static Value expandExp2(ScalarBuilder &b, ValueRange operands) { return b.exp2Approx(operands[0]); }

// x = j ln 2 + r, |r| <= ln 2 / 2:  e^x - 1 = 2^j (e^r - 1) + (2^j - 1), computed at half its size
// so that j = 128 does not overflow early. e^r - 1 = r + r^2 P(r), P a minimax polynomial
// (error 2.4e-10 of the result).
static Value expandExpM1(ScalarBuilder &b, ValueRange operands) {
  Value x = b.min(b.max(operands[0], b.f32(-25.0f)), b.f32(89.0f));
  Value j = b.roundEven(b.mul(x, b.f32(log2E)));
  Value r = b.fma(j, b.f32(-ln2Low), b.fma(j, b.f32(-ln2High), x));
  Value p = b.polynomial(r, {5.000000000e-01f, 1.666666716e-01f, 4.166635498e-02f, 8.333273232e-03f,
                             1.394103630e-03f, 1.991421159e-04f});
  p = b.fma(b.mul(r, r), p, r);
  // j of a NaN is clamped by nothing, but then p is NaN as well.
  Value number = b.compare(arith::CmpFPredicate::ORD, x, x);
  Value exponent = b.toInt(b.select(number, j, b.f32(0.0f)));
  Value half = b.fromBits(b.shiftLeft(b.addInt(exponent, b.i32(126)), 23)); // 2^(j-1)
  Value result = b.fma(half, p, b.sub(half, b.f32(0.5f)));
  return b.add(result, result);
}

// Below 0.6: x + x^3 P(x^2), P minimax (error 2.7e-9 of the result). From 0.6 on: 1 - 2 / (e^(2x) +
// 1), where the errors of 2^x and 1/x shrink by at least 2.7.
static Value expandTanh(ScalarBuilder &b, ValueRange operands) {
  Value x = operands[0];
  Value magnitude = b.abs(x);
  Value square = b.mul(x, x);
  Value p = b.polynomial(square, {-3.333329856e-01f, 1.333195865e-01f, -5.378668383e-02f,
                                  2.080538310e-02f, -5.905867554e-03f});
  Value small = b.fma(b.mul(magnitude, square), p, magnitude);
  Value power = b.exp2Approx(b.mul(magnitude, b.f32(2.0f * log2E)));
  Value reciprocal = b.reciprocalApprox(b.add(power, b.f32(1.0f)));
  Value large = b.fma(b.f32(-2.0f), reciprocal, b.f32(1.0f));
  Value isSmall = b.compare(arith::CmpFPredicate::OLT, magnitude, b.f32(0.6f));
  return b.copySign(b.select(isSmall, small, large), x);
}

void mptile::populateExponentialExpansions(RewritePatternSet &patterns) {
  addExpansion(patterns, "math.exp", expandExp);
  addExpansion(patterns, "math.exp2", expandExp2);
  addExpansion(patterns, "math.expm1", expandExpM1);
  addExpansion(patterns, "math.tanh", expandTanh);
}
