// powf, fpowi, rsqrt and inexact division of f32.
//
// x^y = 2^(y log2 x) loses as many bits as the exponent has, so log2 x is computed in two floats:
// x = 2^e m, s = (m - 1) / (m + 1), log2 m = 2/ln 2 (s + s^3/3 + s^5/5 + ...).
#include "ScalarBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::mptile;

namespace {
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

// An unevaluated sum of two floats, |low| at most half a unit in the last place of high.
struct Double {
  Value high, low;
};
} // namespace

// log2 of a positive finite x.
static Double log2InTwoFloats(ScalarBuilder &b, Value x) {
  Value subnormal = b.compare(arith::CmpFPredicate::OLT, x, b.f32(0x1p-126f));
  Value bits = b.bits(b.select(subnormal, b.mul(x, b.f32(0x1p+23f)), x));
  Value field =
      b.andInt(b.subInt(bits, b.i32(0x3f3504f3)), b.i32(static_cast<int32_t>(0xff800000)));
  Value m = b.fromBits(b.subInt(bits, field)); // in [sqrt(1/2), sqrt(2))
  Value bias = b.select(subnormal, b.f32(-23.0f), b.f32(0.0f));
  Value e = b.fma(b.toFloat(field), b.f32(0x1p-23f), bias);

  // s = f / g in two floats; g = m + 1 itself is rounded, gLow is what it lost.
  Value f = b.sub(m, b.f32(1.0f));
  Value g = b.add(m, b.f32(1.0f));
  Value gLow = b.sub(m, b.sub(g, b.f32(1.0f)));
  Value reciprocal = b.reciprocalApprox(g);
  Value s = b.mul(f, reciprocal);
  Value remainder = b.fma(b.neg(s), gLow, b.fma(b.neg(s), g, f));
  Value sLow = b.mul(reciprocal, remainder);

  Value z = b.mul(s, s);
  // (atanh(s) - s) / s^3 as a series in z <= 0.0295; the next term is below 2^-34.
  Value tail =
      b.mul(b.mul(s, z), b.polynomial(z, {1.0f / 3, 1.0f / 5, 1.0f / 7, 1.0f / 9, 1.0f / 11}));
  // times 2/ln 2 = scale + scaleLow
  Value scale = b.f32(0x1.715476p+1f), scaleLow = b.f32(0x1.4ae0cp-25f);
  Value product = b.mul(s, scale);
  Value low = b.fma(s, scale, b.neg(product));
  low = b.fma(s, scaleLow, low);
  low = b.fma(sLow, scale, low);
  low = b.fma(tail, scale, low);
  // e + product: |e| >= 1 > |product|, or e = 0
  Value sum = b.add(e, product);
  low = b.add(low, b.sub(product, b.sub(sum, e)));
  Value high = b.add(sum, low);
  return {high, b.sub(low, b.sub(high, sum))};
}

// |x|^y for finite |x| > 0.
static Value powerOfPositive(ScalarBuilder &b, Value magnitude, Value y) {
  Double log = log2InTwoFloats(b, magnitude);
  Value high = b.mul(y, log.high);
  Value low = b.fma(y, log.low, b.fma(y, log.high, b.neg(high)));
  // The exponential of `high` alone overflows, underflows or is exactly representable in range.
  Value clamped = b.min(b.max(high, b.f32(-160.0f)), b.f32(130.0f));
  Value power = b.exp2Approx(clamped);
  Value corrected = b.fma(power, b.mul(low, b.f32(0x1.62e43p-1f)), power);
  // At the clamps `low` may be inf or NaN and the power is 0 or inf.
  Value finite = b.compare(arith::CmpFPredicate::OLT, b.abs(high), b.f32(160.0f));
  Value notInfinite = b.compare(arith::CmpFPredicate::OLT, power, b.f32(infinity));
  return b.select(b.andInt(finite, notInfinite), corrected, power);
}

static Value expandPow(ScalarBuilder &b, ValueRange operands) {
  using P = arith::CmpFPredicate;
  Value x = operands[0], y = operands[1];
  Value one = b.f32(1.0f), zero = b.f32(0.0f), inf = b.f32(infinity);
  Value magnitude = b.abs(x);
  Value result = powerOfPositive(b, magnitude, y);

  // 0 and inf: 0 or inf by the sign of y.
  Value yPositive = b.compare(P::OGT, y, zero);
  Value ofZero = b.select(yPositive, zero, inf);
  Value ofInfinity = b.select(yPositive, inf, zero);
  result = b.select(b.compare(P::OEQ, magnitude, zero), ofZero, result);
  result = b.select(b.compare(P::OEQ, magnitude, inf), ofInfinity, result);

  // Below 0: the sign of an odd power, NaN unless y is an integer (infinite y counts as even).
  Value isInteger = b.compare(P::OEQ, b.floor(y), y);
  Value halfY = b.mul(y, b.f32(0.5f));
  Value isEven = b.compare(P::OEQ, b.floor(halfY), halfY);
  Value signBit = b.compare(arith::CmpIPredicate::slt, b.bits(x), b.i32(0));
  Value negated = b.select(isEven, result, b.neg(result));
  Value ofNegative = b.select(isInteger, negated, b.f32(notANumber));
  Value isZeroOrInfinite = b.compare(P::OEQ, b.mul(magnitude, zero), zero);
  // magnitude * 0 is NaN for inf, so this is "finite"; -0 and -inf with a fractional y are
  // positive.
  Value finiteNonZero = b.andInt(isZeroOrInfinite, b.compare(P::ONE, magnitude, zero));
  Value ofSpecial = b.select(isInteger, negated, result);
  Value signedResult = b.select(finiteNonZero, ofNegative, ofSpecial);
  result = b.select(signBit, signedResult, result);

  Value nan = b.compare(P::UNO, x, y);
  result = b.select(nan, b.f32(notANumber), result);
  // 1^y, (-1)^(+-inf) and x^0 are 1, also for NaN.
  Value infiniteY = b.compare(P::OEQ, b.abs(y), inf);
  Value isOne = b.compare(P::OEQ, x, one);
  Value isMinusOne = b.andInt(b.compare(P::OEQ, x, b.f32(-1.0f)), infiniteY);
  result = b.select(isMinusOne, one, result);
  result = b.select(isOne, one, result);
  return b.select(b.compare(P::OEQ, y, zero), one, result);
}

static Value expandRsqrt(ScalarBuilder &b, ValueRange operands) {
  return b.reciprocalSquareRootApprox(operands[0]);
}

// x^n by multiplication for 1 <= |n| <= 16.
static Value repeatedProduct(ScalarBuilder &b, Value x, int64_t n) {
  Value result;
  for (Value square = x; n != 0; n >>= 1) {
    if (n & 1)
      result = result ? b.mul(result, square) : square;
    if (n > 1)
      square = b.mul(square, square);
  }
  return result;
}

namespace {
/// A constant exponent becomes products, a square root, or a reciprocal of these.
struct ConstantPower : RewritePattern {
  ConstantPower(StringRef op, MLIRContext *context) : RewritePattern(op, /*benefit=*/20, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!op->getResult(0).getType().isF32())
      return rewriter.notifyMatchFailure(op, "expands f32 only");
    double exponent;
    if (!constantExponent(op->getOperand(1), exponent))
      return rewriter.notifyMatchFailure(op, "the exponent is not constant");
    ScalarBuilder b(rewriter, op->getLoc());
    Value x = op->getOperand(0), result;
    double magnitude = std::fabs(exponent);
    if (exponent == 0)
      result = b.f32(1.0f);
    else if (magnitude <= 16 && magnitude == std::floor(magnitude))
      result = repeatedProduct(b, x, static_cast<int64_t>(magnitude));
    else
      return rewriter.notifyMatchFailure(op, "the exponent is not a small integer");
    if (exponent < 0)
      result = arith::DivFOp::create(rewriter, op->getLoc(), b.f32(1.0f), result);
    rewriter.replaceOp(op, result);
    return success();
  }

  static bool constantExponent(Value value, double &exponent) {
    APFloat real(0.0);
    APInt integer;
    if (matchPattern(value, m_ConstantFloat(&real))) {
      bool losesInfo;
      real.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
      exponent = real.convertToDouble();
      return true;
    }
    if (!matchPattern(value, m_ConstantInt(&integer)))
      return false;
    exponent = static_cast<double>(integer.getSExtValue());
    return true;
  }
};

/// x^n with an n known only at run time: as powf, exact for |n| up to 2^24.
struct IntegerPower : OpRewritePattern<math::FPowIOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FPowIOp op, PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return rewriter.notifyMatchFailure(op, "expands f32 only");
    Value y = arith::SIToFPOp::create(rewriter, op.getLoc(), op.getType(), op.getRhs());
    rewriter.replaceOpWithNewOp<math::PowFOp>(op, op.getLhs(), y);
    return success();
  }
};

/// A division that allows a reciprocal or approximation: div.full, 2 units in the last place.
struct InexactDivision : OpRewritePattern<arith::DivFOp> {
  InexactDivision(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/10) {}
  LogicalResult matchAndRewrite(arith::DivFOp op, PatternRewriter &rewriter) const override {
    constexpr auto inexact = arith::FastMathFlags::arcp | arith::FastMathFlags::afn;
    if (!op.getType().isF32() || (op.getFastmath() & inexact) == arith::FastMathFlags::none)
      return rewriter.notifyMatchFailure(op, "the division is exact or not f32");
    ScalarBuilder b(rewriter, op.getLoc());
    rewriter.replaceOp(op, b.divideFull(op.getLhs(), op.getRhs()));
    return success();
  }
};
} // namespace

void mptile::populatePowerExpansions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  addExpansion(patterns, "math.powf", expandPow);
  addExpansion(patterns, "math.rsqrt", expandRsqrt);
  patterns.insert(std::make_unique<ConstantPower>("math.powf", context));
  patterns.insert(std::make_unique<ConstantPower>("math.fpowi", context));
  patterns.add<IntegerPower, InexactDivision>(context);
}
