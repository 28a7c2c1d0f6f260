// Builds scalar f32 arithmetic so that an expansion reads as its formula.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_SCALARBUILDER_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_SCALARBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace mlir::mptile {

class ScalarBuilder {
public:
  ScalarBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value f32(float value);
  Value f64(double value);
  Value i32(int32_t value);

  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value neg(Value a);
  Value fma(Value a, Value b, Value c);
  Value abs(Value a);
  Value copySign(Value magnitude, Value sign);
  Value roundEven(Value a);
  Value floor(Value a);
  /// NaN if either is NaN.
  Value min(Value a, Value b);
  Value max(Value a, Value b);

  /// ex2.approx.f32, lg2 and rcp: PTX states the error.
  Value exp2Approx(Value a);
  Value reciprocalApprox(Value a);
  Value reciprocalSquareRootApprox(Value a);
  Value divideFull(Value a, Value b);

  Value compare(arith::CmpFPredicate predicate, Value a, Value b);
  Value compare(arith::CmpIPredicate predicate, Value a, Value b);
  Value select(Value condition, Value a, Value b);

  Value addInt(Value a, Value b);
  Value subInt(Value a, Value b);
  Value andInt(Value a, Value b);
  Value orInt(Value a, Value b);
  Value xorInt(Value a, Value b);
  Value shiftLeft(Value a, int32_t bits);
  Value shiftRight(Value a, int32_t bits);

  /// The bits of an f32 as i32, and back.
  Value bits(Value a);
  Value fromBits(Value a);
  Value toInt(Value a);
  Value toFloat(Value a);
  Value extend(Value a, Type type);
  Value truncate(Value a, Type type);

  /// coefficients[0] + x coefficients[1] + ..., by Horner's rule with fma.
  Value polynomial(Value x, ArrayRef<float> coefficients);

private:
  Value intrinsic(StringRef name, ValueRange arguments);

  OpBuilder &builder;
  Location loc;
};

/// One rewrite of `Source` with an f32 result: subclasses provide the formula.
using Expansion = Value (*)(ScalarBuilder &, ValueRange operands);

/// Adds a pattern that replaces `op` of type f32 by `expansion`.
void addExpansion(RewritePatternSet &patterns, StringRef op, Expansion expansion);

void populateExponentialExpansions(RewritePatternSet &patterns);
void populateLogarithmExpansions(RewritePatternSet &patterns);
void populateErrorFunctionExpansions(RewritePatternSet &patterns);
void populateTrigonometricExpansions(RewritePatternSet &patterns);
void populatePowerExpansions(RewritePatternSet &patterns);
void populateNarrowFloatExpansions(RewritePatternSet &patterns);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_SCALARBUILDER_H
