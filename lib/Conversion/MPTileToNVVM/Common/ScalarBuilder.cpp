// ScalarBuilder: one short method for each operation that the expansions of scalar math are made
// of.
#include "ScalarBuilder.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::mptile;

Value ScalarBuilder::f32(float value) {
  return arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(value));
}
Value ScalarBuilder::f64(double value) {
  return arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(value));
}
Value ScalarBuilder::i32(int32_t value) {
  return arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(value));
}

Value ScalarBuilder::add(Value a, Value b) { return arith::AddFOp::create(builder, loc, a, b); }
Value ScalarBuilder::sub(Value a, Value b) { return arith::SubFOp::create(builder, loc, a, b); }
Value ScalarBuilder::mul(Value a, Value b) { return arith::MulFOp::create(builder, loc, a, b); }
Value ScalarBuilder::neg(Value a) { return arith::NegFOp::create(builder, loc, a); }
Value ScalarBuilder::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(builder, loc, a, b, c);
}
Value ScalarBuilder::abs(Value a) { return math::AbsFOp::create(builder, loc, a); }
Value ScalarBuilder::copySign(Value magnitude, Value sign) {
  return math::CopySignOp::create(builder, loc, magnitude, sign);
}
Value ScalarBuilder::roundEven(Value a) { return math::RoundEvenOp::create(builder, loc, a); }
Value ScalarBuilder::floor(Value a) { return math::FloorOp::create(builder, loc, a); }
Value ScalarBuilder::min(Value a, Value b) { return arith::MinimumFOp::create(builder, loc, a, b); }
Value ScalarBuilder::max(Value a, Value b) { return arith::MaximumFOp::create(builder, loc, a, b); }

Value ScalarBuilder::intrinsic(StringRef name, ValueRange arguments) {
  return LLVM::CallIntrinsicOp::create(builder, loc, arguments[0].getType(),
                                       builder.getStringAttr(name), arguments)
      ->getResult(0);
}
Value ScalarBuilder::exp2Approx(Value a) { return intrinsic("llvm.nvvm.ex2.approx.f32", a); }
Value ScalarBuilder::reciprocalApprox(Value a) {
  return intrinsic("llvm.nvvm.rcp.approx.ftz.f", a);
}
Value ScalarBuilder::reciprocalSquareRootApprox(Value a) {
  return intrinsic("llvm.nvvm.rsqrt.approx.f", a);
}
Value ScalarBuilder::divideFull(Value a, Value b) {
  return intrinsic("llvm.nvvm.div.full", {a, b});
}

Value ScalarBuilder::compare(arith::CmpFPredicate predicate, Value a, Value b) {
  return arith::CmpFOp::create(builder, loc, predicate, a, b);
}
Value ScalarBuilder::compare(arith::CmpIPredicate predicate, Value a, Value b) {
  return arith::CmpIOp::create(builder, loc, predicate, a, b);
}
Value ScalarBuilder::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(builder, loc, condition, a, b);
}

Value ScalarBuilder::addInt(Value a, Value b) { return arith::AddIOp::create(builder, loc, a, b); }
Value ScalarBuilder::subInt(Value a, Value b) { return arith::SubIOp::create(builder, loc, a, b); }
Value ScalarBuilder::andInt(Value a, Value b) { return arith::AndIOp::create(builder, loc, a, b); }
Value ScalarBuilder::orInt(Value a, Value b) { return arith::OrIOp::create(builder, loc, a, b); }
Value ScalarBuilder::xorInt(Value a, Value b) { return arith::XOrIOp::create(builder, loc, a, b); }
Value ScalarBuilder::shiftLeft(Value a, int32_t bits) {
  return arith::ShLIOp::create(builder, loc, a, i32(bits));
}
Value ScalarBuilder::shiftRight(Value a, int32_t bits) {
  return arith::ShRUIOp::create(builder, loc, a, i32(bits));
}

Value ScalarBuilder::bits(Value a) {
  return arith::BitcastOp::create(builder, loc, builder.getI32Type(), a);
}
Value ScalarBuilder::fromBits(Value a) {
  return arith::BitcastOp::create(builder, loc, builder.getF32Type(), a);
}
Value ScalarBuilder::toInt(Value a) {
  return arith::FPToSIOp::create(builder, loc, builder.getI32Type(), a);
}
Value ScalarBuilder::toFloat(Value a) {
  return arith::SIToFPOp::create(builder, loc, builder.getF32Type(), a);
}
Value ScalarBuilder::extend(Value a, Type type) {
  return arith::ExtFOp::create(builder, loc, type, a);
}
Value ScalarBuilder::truncate(Value a, Type type) {
  return arith::TruncFOp::create(builder, loc, type, a);
}

Value ScalarBuilder::polynomial(Value x, ArrayRef<float> coefficients) {
  Value sum = f32(coefficients.back());
  for (float coefficient : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, f32(coefficient));
  return sum;
}

namespace {
struct ExpansionPattern : RewritePattern {
  ExpansionPattern(StringRef op, Expansion expansion, MLIRContext *context)
      : RewritePattern(op, /*benefit=*/10, context), expansion(expansion) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!op->getResult(0).getType().isF32())
      return rewriter.notifyMatchFailure(op, "expands f32 only");
    ScalarBuilder builder(rewriter, op->getLoc());
    rewriter.replaceOp(op, expansion(builder, op->getOperands()));
    return success();
  }

  Expansion expansion;
};
} // namespace

void mptile::addExpansion(RewritePatternSet &patterns, StringRef op, Expansion expansion) {
  patterns.insert(std::make_unique<ExpansionPattern>(op, expansion, patterns.getContext()));
}
