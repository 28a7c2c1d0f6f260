// The arithmetic of quantisation on scalars: arith and math ops, as QuantizeOps.td defines it.
#include "Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::mpgemm;

static Value constantF32(OpBuilder &b, Location loc, double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
}

static Value constantI32(OpBuilder &b, Location loc, int32_t value) {
  return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
}

Value mpgemm::convertScalar(OpBuilder &b, Location loc, Value value, Type type, bool isUnsigned) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (isa<FloatType>(from)) {
    if (from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(b, loc, type, value);
    return arith::TruncFOp::create(b, loc, type, value);
  }
  if (type.isInteger())
    return isUnsigned ? arith::ExtUIOp::create(b, loc, type, value).getResult()
                      : arith::ExtSIOp::create(b, loc, type, value).getResult();
  return isUnsigned ? arith::UIToFPOp::create(b, loc, type, value).getResult()
                    : arith::SIToFPOp::create(b, loc, type, value).getResult();
}

/// The largest finite value of a code, signed if it is an integer.
static double getLargestCode(Type code) {
  if (auto type = dyn_cast<FloatType>(code))
    return APFloat::getLargest(type.getFloatSemantics()).convertToDouble();
  return (int64_t(1) << (code.getIntOrFloatBitWidth() - 1)) - 1;
}

Value mpgemm::buildReciprocal(OpBuilder &b, Location loc, Value scale) {
  Value wide = convertScalar(b, loc, scale, b.getF32Type(), false);
  return arith::DivFOp::create(b, loc, constantF32(b, loc, 1.0), wide);
}

/// `value` between `low` and `high`; NaN stays NaN.
static Value clamp(OpBuilder &b, Location loc, Value value, double low, double high) {
  Value capped = arith::MinimumFOp::create(b, loc, value, constantF32(b, loc, high));
  return arith::MaximumFOp::create(b, loc, capped, constantF32(b, loc, low));
}

Value mpgemm::buildCode(OpBuilder &b, Location loc, Value x, Value reciprocal, Value zero,
                        Type code, bool isUnsigned) {
  Value scaled = arith::MulFOp::create(b, loc, x, reciprocal);
  double largest = getLargestCode(code);
  if (isa<FloatType>(code))
    return arith::TruncFOp::create(b, loc, code, clamp(b, loc, scaled, -largest, largest));

  Value rounded = math::RoundEvenOp::create(b, loc, scaled);
  if (zero) {
    bool isUnsignedZero = isUnsigned && zero.getType() == code;
    Value shift = convertScalar(b, loc, zero, b.getF32Type(), isUnsignedZero);
    rounded = arith::AddFOp::create(b, loc, rounded, shift);
  }
  Value isNumber =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ORD, rounded, rounded).getResult();
  Value clamped =
      clamp(b, loc, rounded, isUnsigned ? 0 : -largest - 1, isUnsigned ? 2 * largest + 1 : largest);
  Value number = arith::SelectOp::create(b, loc, isNumber, clamped, constantF32(b, loc, 0.0));
  // By way of i32, so that the unsigned range needs no other conversion.
  Value integer = arith::FPToSIOp::create(b, loc, b.getI32Type(), number);
  return arith::TruncIOp::create(b, loc, code, integer);
}

Value mpgemm::buildValueOfCode(OpBuilder &b, Location loc, Value code, Value scale, Value zero,
                               Type type, bool isUnsigned) {
  Type codeType = code.getType();
  if (zero) {
    bool isUnsignedZero = isUnsigned && zero.getType() == codeType;
    Value wide = convertScalar(b, loc, code, b.getI32Type(), isUnsigned);
    code = arith::SubIOp::create(b, loc, wide,
                                 convertScalar(b, loc, zero, b.getI32Type(), isUnsignedZero));
  }
  Value value = convertScalar(b, loc, code, b.getF32Type(), isUnsigned && !zero);
  value = arith::MulFOp::create(b, loc, value, convertScalar(b, loc, scale, b.getF32Type(), false));
  return convertScalar(b, loc, value, type, false);
}

Value mpgemm::buildScale(OpBuilder &b, Location loc, Value amax, Type code, Type scaleType) {
  Value quotient = arith::DivFOp::create(b, loc, amax, constantF32(b, loc, getLargestCode(code)));
  Value scale = arith::MaximumFOp::create(b, loc, quotient, constantF32(b, loc, 0x1p-126));
  if (scaleType.isF32())
    return scale;
  // The exponent field, one more if a bit of the mantissa is set: the next power of two. The
  // encoding of f8E8M0FNU is that field; 255 is NaN, which an infinite scale becomes too.
  Value bits = arith::BitcastOp::create(b, loc, b.getI32Type(), scale);
  Value carried = arith::AddIOp::create(b, loc, bits, constantI32(b, loc, 0x007fffff));
  Value exponent = arith::ShRUIOp::create(b, loc, carried, constantI32(b, loc, 23));
  Value isNumber = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ORD, scale, scale);
  exponent = arith::SelectOp::create(b, loc, isNumber, exponent, constantI32(b, loc, 255));
  Value encoding = arith::TruncIOp::create(b, loc, b.getI8Type(), exponent);
  return arith::BitcastOp::create(b, loc, scaleType, encoding);
}
