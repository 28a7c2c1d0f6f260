// erf of f32, accurate relative to the result for all arguments (exact GELU needs it).
#include "ScalarBuilder.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::mptile;

// Below 1: x + x P(x^2), error 1.2e-9 of the result. From 1 on: 1 - 2^(-Q(x)) with Q minimax for
// -log2(erfc) on [1, 4], weighted so that its effect on erf is 1.1e-9; from 4 on erf rounds to 1.
static Value expandErf(ScalarBuilder &b, ValueRange operands) {
  Value x = operands[0];
  Value magnitude = b.abs(x);
  Value p = b.polynomial(b.mul(x, x),
                         {1.283791661e-01f, -3.761262596e-01f, 1.128360033e-01f, -2.685444430e-02f,
                          5.189535674e-03f, -8.020842215e-04f, 7.889122935e-05f});
  Value small = b.fma(magnitude, p, magnitude);
  Value q =
      b.polynomial(b.min(magnitude, b.f32(4.0f)),
                   {-4.927189439e-04f, -1.626045942e+00f, -9.206483960e-01f, -1.487515718e-01f,
                    3.150565177e-02f, -4.252568353e-03f, 2.688879613e-04f});
  Value large = b.sub(b.f32(1.0f), b.exp2Approx(q));
  Value isSmall = b.compare(arith::CmpFPredicate::OLT, magnitude, b.f32(1.0f));
  return b.copySign(b.select(isSmall, small, large), x);
}

void mptile::populateErrorFunctionExpansions(RewritePatternSet &patterns) {
  addExpansion(patterns, "math.erf", expandErf);
}
