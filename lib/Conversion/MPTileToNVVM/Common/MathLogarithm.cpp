// log, log2, log10 and log1p of f32.
//
// x = 2^e m with m in [2/3, 4/3). With f = m - 1 (exact): ln m = f - f^2/2 + f^3 P(f), P a minimax
// polynomial whose error is 5e-9 of the result. The hardware's lg2.approx is not used: near 1 only
// its absolute error is small.
#include "ScalarBuilder.h"

#include "mlir/IR/PatternMatch.h"

#include <limits>

using namespace mlir;
using namespace mlir::mptile;

namespace {
constexpr float infinity = std::numeric_limits<float>::infinity();

struct Parts {
  Value exponent;    // e
  Value logMantissa; // ln m
};
} // namespace

static Parts split(ScalarBuilder &b, Value x) {
  Value subnormal = b.compare(arith::CmpFPredicate::OLT, x, b.f32(0x1p-126f));
  Value scaled = b.select(subnormal, b.mul(x, b.f32(0x1p+23f)), x);
  Value bits = b.bits(scaled);
  // The exponent field of x / (2/3), as bits of a float.
  Value field =
      b.andInt(b.subInt(bits, b.i32(0x3f2aaaab)), b.i32(static_cast<int32_t>(0xff800000)));
  Value f = b.sub(b.fromBits(b.subInt(bits, field)), b.f32(1.0f));
  Value bias = b.select(subnormal, b.f32(-23.0f), b.f32(0.0f));
  Value exponent = b.fma(b.toFloat(field), b.f32(0x1p-23f), bias);
  Value p = b.polynomial(f, {-0.5f, 3.333322108e-01f, -2.499969900e-01f, 2.001016438e-01f,
                             -1.668488234e-01f, 1.400880069e-01f, -1.212461069e-01f,
                             1.397358626e-01f, -1.314458996e-01f});
  return {exponent, b.fma(b.mul(f, f), p, f)};
}

// inf for inf, -inf for 0, NaN below 0 and for NaN.
static Value withSpecialCases(ScalarBuilder &b, Value x, Value result) {
  result = b.select(b.compare(arith::CmpFPredicate::OEQ, x, b.f32(infinity)), x, result);
  Value zero = b.compare(arith::CmpFPredicate::OEQ, x, b.f32(0.0f));
  Value notPositive =
      b.select(zero, b.f32(-infinity), b.f32(std::numeric_limits<float>::quiet_NaN()));
  return b.select(b.compare(arith::CmpFPredicate::OGT, x, b.f32(0.0f)), result, notPositive);
}

static Value naturalLog(ScalarBuilder &b, Value x) {
  Parts parts = split(b, x);
  return withSpecialCases(b, x, b.fma(parts.exponent, b.f32(0x1.62e43p-1f), parts.logMantissa));
}

static Value expandLog(ScalarBuilder &b, ValueRange operands) { return naturalLog(b, operands[0]); }

static Value expandLog2(ScalarBuilder &b, ValueRange operands) {
  Parts parts = split(b, operands[0]);
  Value result = b.fma(parts.logMantissa, b.f32(0x1.715476p+0f), parts.exponent);
  return withSpecialCases(b, operands[0], result);
}

static Value expandLog10(ScalarBuilder &b, ValueRange operands) {
  Parts parts = split(b, operands[0]);
  Value mantissa = b.mul(parts.logMantissa, b.f32(0x1.bcb7b2p-2f));
  Value result = b.fma(parts.exponent, b.f32(0x1.344136p-2f), mantissa);
  return withSpecialCases(b, operands[0], result);
}

// With u = 1 + x rounded: ln(1 + x) = ln u + (x - (u - 1)) / u to first order in the rounding
// error.
static Value expandLog1p(ScalarBuilder &b, ValueRange operands) {
  Value x = operands[0];
  Value u = b.add(x, b.f32(1.0f));
  Value log = naturalLog(b, u);
  Value rounding = b.sub(x, b.sub(u, b.f32(1.0f)));
  Value corrected = b.add(log, b.mul(rounding, b.reciprocalApprox(u)));
  Value aboveMinusOne = b.compare(arith::CmpFPredicate::OGT, x, b.f32(-1.0f));
  Value finite = b.compare(arith::CmpFPredicate::OLT, x, b.f32(0x1p+100f)); // above, u is x
  return b.select(b.andInt(aboveMinusOne, finite), corrected, log);
}

void mptile::populateLogarithmExpansions(RewritePatternSet &patterns) {
  addExpansion(patterns, "math.log", expandLog);
  addExpansion(patterns, "math.log2", expandLog2);
  addExpansion(patterns, "math.log10", expandLog10);
  addExpansion(patterns, "math.log1p", expandLog1p);
}
