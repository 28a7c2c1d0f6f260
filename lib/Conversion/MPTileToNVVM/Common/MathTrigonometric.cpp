// sin and cos of f32.
//
// x = j pi/2 + r is reduced in f64, where pi/2 has 107 bits in two parts: exact enough for every
// f32 up to 2^48. Beyond, and for infinities, the result is NaN. Then minimax polynomials on |r| <=
// pi/4 (errors 3.7e-9 and 1e-10 of the result).
#include "ScalarBuilder.h"

#include "mlir/IR/PatternMatch.h"

#include <limits>

using namespace mlir;
using namespace mlir::mptile;

// sin(x + quarter pi/2)
static Value sinOfShifted(ScalarBuilder &b, Value x, int quarter) {
  Value inRange = b.compare(arith::CmpFPredicate::OLE, b.abs(x), b.f32(0x1p+48f));
  Value reducible = b.select(inRange, x, b.f32(0.0f));
  Value wide = b.extend(reducible, b.f64(0).getType());
  Value j = b.roundEven(b.mul(wide, b.f64(0x1.45f306dc9c883p-1)));
  Value r = b.fma(j, b.f64(-0x1.921fb54442d18p+0), wide);
  r = b.truncate(b.fma(j, b.f64(-0x1.1a62633145c07p-54), r), x.getType());
  // j mod 4
  Value turns = b.floor(b.mul(j, b.f64(0.25)));
  Value quadrant = b.addInt(b.toInt(b.fma(turns, b.f64(-4.0), j)), b.i32(quarter));

  Value square = b.mul(r, r);
  Value sinTail = b.polynomial(square, {-1.666665524e-01f, 8.332174271e-03f, -1.951680606e-04f});
  Value sine = b.fma(b.mul(r, square), sinTail, r);
  Value cosine =
      b.polynomial(square, {1.0f, -0.5f, 4.166664556e-02f, -1.388736302e-03f, 2.443789890e-05f});
  Value odd = b.compare(arith::CmpIPredicate::ne, b.andInt(quadrant, b.i32(1)), b.i32(0));
  Value result = b.select(odd, cosine, sine);
  Value sign = b.shiftLeft(b.andInt(quadrant, b.i32(2)), 30);
  result = b.fromBits(b.xorInt(b.bits(result), sign));
  return b.select(inRange, result, b.f32(std::numeric_limits<float>::quiet_NaN()));
}

static Value expandSin(ScalarBuilder &b, ValueRange operands) {
  return sinOfShifted(b, operands[0], 0);
}
static Value expandCos(ScalarBuilder &b, ValueRange operands) {
  return sinOfShifted(b, operands[0], 1);
}

void mptile::populateTrigonometricExpansions(RewritePatternSet &patterns) {
  addExpansion(patterns, "math.sin", expandSin);
  addExpansion(patterns, "math.cos", expandCos);
}
