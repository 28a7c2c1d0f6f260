// Floats of 16 and 8 bits: functions are computed in f32 and rounded once; conversions to and from
// 8 bits are bit arithmetic, because the hardware's conversion to 8 bits saturates where arith
// overflows.
#include "ScalarBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>
#include <optional>

using namespace mlir;
using namespace mlir::mptile;

namespace {

bool is16BitFloat(Type type) { return type.isF16() || type.isBF16(); }

/// f(x) of 16-bit floats is truncf(f(extf(x))). For a division the second rounding is harmless: f32
/// has more than twice the bits.
struct ComputeInF32 : RewritePattern {
  ComputeInF32(StringRef op, MLIRContext *context) : RewritePattern(op, /*benefit=*/10, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    Type narrow = op->getResult(0).getType();
    if (!is16BitFloat(narrow))
      return rewriter.notifyMatchFailure(op, "not a 16-bit float");
    Type f32 = rewriter.getF32Type();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(is16BitFloat(operand.getType())
                             ? arith::ExtFOp::create(rewriter, op->getLoc(), f32, operand)
                             : operand);
    OperationState state(op->getLoc(), op->getName(), operands, f32, op->getAttrs());
    Value wide = rewriter.create(state)->getResult(0);
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, narrow, wide);
    return success();
  }
};

/// An 8-bit float format with subnormals.
struct Format8 {
  int mantissaBits;
  int bias;
  float largestRounded; // the largest magnitude that does not overflow when rounded to nearest even
  int overflow, nan;    // codes
};

std::optional<Format8> format8(Type type) {
  if (isa<Float8E4M3FNType>(type)) // 464 is half way from 448 to the code of NaN and rounds to 448
    return Format8{3, 7, 464.0f, 0x7f, 0x7f};
  if (isa<Float8E5M2Type>(type)) // 61440 is half way to 65536 and rounds up to infinity
    return Format8{2, 15, 0x1.dffffep+15f, 0x7c, 0x7e};
  return std::nullopt;
}

/// f32 or 16 bits to 8 bits, to nearest even; overflow gives what arith defines (E4M3FN: NaN, E5M2:
/// infinity).
struct TruncateTo8 : OpRewritePattern<arith::TruncFOp> {
  TruncateTo8(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/10) {}

  LogicalResult matchAndRewrite(arith::TruncFOp op, PatternRewriter &rewriter) const override {
    std::optional<Format8> format = format8(op.getType());
    Value x = op.getIn();
    if (!format || x.getType().isF64())
      return rewriter.notifyMatchFailure(op, "not a conversion to an 8-bit float");
    Location loc = op.getLoc();
    ScalarBuilder b(rewriter, loc);
    if (!x.getType().isF32())
      x = b.extend(x, rewriter.getF32Type());

    Value bits = b.bits(x);
    Value magnitudeBits = b.andInt(bits, b.i32(0x7fffffff));
    Value magnitude = b.fromBits(magnitudeBits);
    int dropped = 23 - format->mantissaBits;
    // Normal: add half a unit less one, plus the last kept bit; then rebase the exponent.
    Value odd = b.andInt(b.shiftRight(magnitudeBits, dropped), b.i32(1));
    Value rounded = b.addInt(b.addInt(magnitudeBits, b.i32((1 << (dropped - 1)) - 1)), odd);
    Value normal = b.subInt(b.shiftRight(rounded, dropped),
                            b.i32((127 - format->bias) << format->mantissaBits));
    // Subnormal: adding 2^k with unit 2^(k-23) equal to the smallest subnormal rounds to a multiple
    // of it.
    float magic = std::ldexp(1.0f, 1 - format->bias - format->mantissaBits + 23);
    Value subnormal = b.subInt(b.bits(b.add(magnitude, b.f32(magic))), b.bits(b.f32(magic)));
    Value isNormal =
        b.compare(arith::CmpFPredicate::OGE, magnitude, b.f32(std::ldexp(1.0f, 1 - format->bias)));
    Value code = b.select(isNormal, normal, subnormal);
    Value overflows =
        b.compare(arith::CmpFPredicate::OGT, magnitude, b.f32(format->largestRounded));
    code = b.select(overflows, b.i32(format->overflow), code);
    Value isNaN = b.compare(arith::CmpFPredicate::UNO, x, x);
    code = b.select(isNaN, b.i32(format->nan), code);
    code = b.orInt(code, b.andInt(b.shiftRight(bits, 24), b.i32(0x80)));
    Value byte = arith::TruncIOp::create(rewriter, loc, rewriter.getI8Type(), code);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, op.getType(), byte);
    return success();
  }
};

/// 8 bits to f32 or 16 bits, exact (E5M2's largest values overflow nothing wider; E4M3FN fits f16
/// and bf16).
struct ExtendFrom8 : OpRewritePattern<arith::ExtFOp> {
  ExtendFrom8(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/10) {}

  LogicalResult matchAndRewrite(arith::ExtFOp op, PatternRewriter &rewriter) const override {
    std::optional<Format8> format = format8(op.getIn().getType());
    if (!format || op.getType().isF64())
      return rewriter.notifyMatchFailure(op, "not a conversion from an 8-bit float");
    Location loc = op.getLoc();
    ScalarBuilder b(rewriter, loc);
    Value byte = arith::BitcastOp::create(rewriter, loc, rewriter.getI8Type(), op.getIn());
    Value code = arith::ExtUIOp::create(rewriter, loc, rewriter.getI32Type(), byte);
    Value magnitude = b.andInt(code, b.i32(0x7f));
    // The bits in the place of an f32's are the value times 2^(bias - 127), subnormals included.
    Value scaled = b.fromBits(b.shiftLeft(magnitude, 23 - format->mantissaBits));
    Value value = b.bits(b.mul(scaled, b.f32(std::ldexp(1.0f, 127 - format->bias))));
    if (format->overflow == format->nan) {
      Value isNaN = b.compare(arith::CmpIPredicate::eq, magnitude, b.i32(format->nan));
      value = b.select(isNaN, b.i32(0x7fc00000), value);
    } else { // an exponent of ones: infinity or NaN with the same mantissa
      Value special = b.compare(arith::CmpIPredicate::uge, magnitude, b.i32(format->overflow));
      Value ones = b.orInt(b.bits(scaled), b.i32(0x7f800000));
      value = b.select(special, ones, value);
    }
    Value sign = b.shiftLeft(b.andInt(code, b.i32(0x80)), 24);
    Value result = b.fromBits(b.orInt(value, sign));
    if (!op.getType().isF32())
      result = b.truncate(result, op.getType());
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// An exponent alone, to f32: its bits in the place of an f32's exponent. The least, 2^-127, is a
/// subnormal of f32; the greatest code is NaN.
struct ExtendFromExponent : OpRewritePattern<arith::ExtFOp> {
  ExtendFromExponent(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/10) {}

  LogicalResult matchAndRewrite(arith::ExtFOp op, PatternRewriter &rewriter) const override {
    if (!isa<Float8E8M0FNUType>(op.getIn().getType()) || op.getType().isF64())
      return rewriter.notifyMatchFailure(op, "not a conversion from f8E8M0FNU");
    Location loc = op.getLoc();
    ScalarBuilder b(rewriter, loc);
    Value byte = arith::BitcastOp::create(rewriter, loc, rewriter.getI8Type(), op.getIn());
    Value code = arith::ExtUIOp::create(rewriter, loc, rewriter.getI32Type(), byte);
    Value bits = b.shiftLeft(code, 23);
    Value isLeast = b.compare(arith::CmpIPredicate::eq, code, b.i32(0));
    bits = b.select(isLeast, b.i32(0x00400000), bits);
    Value isNaN = b.compare(arith::CmpIPredicate::eq, code, b.i32(0xff));
    bits = b.select(isNaN, b.i32(0x7fc00000), bits);
    Value result = b.fromBits(bits);
    if (!op.getType().isF32())
      result = b.truncate(result, op.getType());
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// An integer to 8 bits, by way of f32: what f32 would round overflows 8 bits anyway.
template <typename OpT> struct IntegerTo8 : OpRewritePattern<OpT> {
  IntegerTo8(MLIRContext *context) : OpRewritePattern<OpT>(context, /*benefit=*/10) {}

  LogicalResult matchAndRewrite(OpT op, PatternRewriter &rewriter) const override {
    if (!format8(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a conversion to an 8-bit float");
    Value wide = OpT::create(rewriter, op.getLoc(), rewriter.getF32Type(), op.getIn());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), wide);
    return success();
  }
};

/// The clamp is a maximum and a minimum; NaN stays NaN.
struct ClampF : OpRewritePattern<math::ClampFOp> {
  ClampF(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/10) {}

  LogicalResult matchAndRewrite(math::ClampFOp op, PatternRewriter &rewriter) const override {
    Value raised = arith::MaximumFOp::create(rewriter, op.getLoc(), op.getValue(), op.getMin());
    rewriter.replaceOpWithNewOp<arith::MinimumFOp>(op, raised, op.getMax());
    return success();
  }
};

/// isnan, isinf and isfinite as a comparison.
struct Classify : RewritePattern {
  Classify(StringRef op, arith::CmpFPredicate predicate, MLIRContext *context)
      : RewritePattern(op, /*benefit=*/10, context), predicate(predicate) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    Location loc = op->getLoc();
    auto type = dyn_cast<FloatType>(op->getOperand(0).getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "not a scalar");
    Value magnitude = math::AbsFOp::create(rewriter, loc, op->getOperand(0));
    APFloat infinity = APFloat::getInf(type.getFloatSemantics());
    Value limit = arith::ConstantOp::create(rewriter, loc, rewriter.getFloatAttr(type, infinity));
    rewriter.replaceOpWithNewOp<arith::CmpFOp>(op, predicate, magnitude, limit);
    return success();
  }

  arith::CmpFPredicate predicate;
};

} // namespace

void mptile::populateNarrowFloatExpansions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  for (StringRef op :
       {"math.exp",   "math.exp2",  "math.expm1", "math.tanh",  "math.log",       "math.log2",
        "math.log10", "math.log1p", "math.erf",   "math.sin",   "math.cos",       "math.powf",
        "math.fpowi", "math.rsqrt", "math.sqrt",  "math.round", "math.roundeven", "math.floor",
        "math.ceil",  "math.trunc", "arith.divf"})
    patterns.insert(std::make_unique<ComputeInF32>(op, context));
  using P = arith::CmpFPredicate;
  for (auto [op, predicate] : {std::pair("math.isnan", P::UNO), std::pair("math.isinf", P::OEQ),
                               std::pair("math.isfinite", P::OLT)})
    patterns.insert(std::make_unique<Classify>(op, predicate, context));
  patterns.add<TruncateTo8, ExtendFrom8, ExtendFromExponent, ClampF, IntegerTo8<arith::SIToFPOp>,
               IntegerTo8<arith::UIToFPOp>>(context);
}
