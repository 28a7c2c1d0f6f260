// Two truncations to 16 or 8 bits as one instruction whose result is a pair.
#include "PairedTruncation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

/// cvt.rn.satfinite.*x2.f32 of an 8-bit float (PTX ISA, cvt: sm_89 and later).
struct Conversion8 {
  const char *assembly;
  float largest; // finite
  float
      overflowFrom; // the least magnitude that rounds to more than `largest`, or the one before it
  bool toInfinity;  // otherwise to NaN
};

std::optional<Conversion8> getConversion8(Type type) {
  if (isa<Float8E4M3FNType>(type)) // 464 is half way to the next value and rounds to even: to 448
    return Conversion8{"cvt.rn.satfinite.e4m3x2.f32 $0, $1, $2;", 448.0f, 464.0f, false};
  if (isa<Float8E5M2Type>(type)) // 61440 is half way and rounds up
    return Conversion8{"cvt.rn.satfinite.e5m2x2.f32 $0, $1, $2;", 57344.0f, 0x1.dffffep+15f, true};
  return std::nullopt;
}

bool convertsTo8Bits(StringRef target) {
  unsigned number = 0;
  return target.consume_front("sm_") && !target.rtrim("af").getAsInteger(10, number) &&
         number >= 89;
}

bool isFloat(Value value, float expected) {
  APFloat constant(0.0f);
  return matchPattern(value, m_ConstantFloat(&constant)) &&
         constant.bitwiseIsEqual(APFloat(expected));
}

/// What a clamp to +-largest that keeps NaN was applied to, or null. The saturating conversion
/// clamps by itself.
Value getClamped(Value value, float largest) {
  if (auto clamp = value.getDefiningOp<math::ClampFOp>())
    if (isFloat(clamp.getMin(), -largest) && isFloat(clamp.getMax(), largest))
      return clamp.getValue();
  // Constants stand on the right of these commutative ops.
  if (auto upper = value.getDefiningOp<arith::MinimumFOp>();
      upper && isFloat(upper.getRhs(), largest))
    if (auto lower = upper.getLhs().getDefiningOp<arith::MaximumFOp>();
        lower && isFloat(lower.getRhs(), -largest))
      return lower.getLhs();
  if (auto lower = value.getDefiningOp<arith::MaximumFOp>();
      lower && isFloat(lower.getRhs(), -largest))
    if (auto upper = lower.getLhs().getDefiningOp<arith::MinimumFOp>();
        upper && isFloat(upper.getRhs(), largest))
      return upper.getLhs();
  return {};
}

/// An f32 on its way to 8 bits.
struct Source8 {
  Value value;        // what to convert
  Value overflows;    // whether the code has to be replaced (to infinity), or null
  Value replacedCode; // by this
};

Source8 prepare(Emitter &emit, Value x, const Conversion8 &conversion) {
  if (Value clamped = getClamped(x, conversion.largest))
    return {clamped, {}, {}};
  auto constant = [&](float value) -> Value {
    return arith::ConstantOp::create(emit, emit.getF32FloatAttr(value));
  };
  Value magnitude = math::AbsFOp::create(emit, x);
  Value overflows = arith::CmpFOp::create(emit, arith::CmpFPredicate::OGT, magnitude,
                                          constant(conversion.overflowFrom));
  if (!conversion.toInfinity) { // a NaN is converted to a NaN
    Value nan = constant(std::numeric_limits<float>::quiet_NaN());
    return {arith::SelectOp::create(emit, overflows, nan, x), {}, {}};
  }
  Value bits = arith::BitcastOp::create(emit, emit.getI32Type(), x);
  Value sign = emit.andI(emit.shrU(bits, 24), 0x80);
  Value infinity = arith::TruncIOp::create(emit, emit.getI8Type(), emit.orI(sign, emit.i32(0x7c)));
  return {x, overflows, infinity};
}

/// The truncation behind a value, which may already be cast to the type of its code.
arith::TruncFOp getTruncation(Value value) {
  if (auto cast = value.getDefiningOp<UnrealizedConversionCastOp>();
      cast && cast->getNumOperands() == 1)
    value = cast.getOperand(0);
  return value.getDefiningOp<arith::TruncFOp>();
}

void pairTo8Bits(Emitter &emit, const Conversion8 &conversion, Value lowInput, Value highInput,
                 Value &low, Value &high) {
  Source8 sources[] = {prepare(emit, lowInput, conversion), prepare(emit, highInput, conversion)};
  // The first operand goes to the upper half (PTX ISA, cvt with packed formats).
  Value pair = LLVM::InlineAsmOp::create(
                   emit, emit.getI16Type(), ValueRange{sources[1].value, sources[0].value},
                   conversion.assembly, "=h,f,f", /*has_side_effects=*/false,
                   /*is_align_stack=*/false, LLVM::TailCallKind::None,
                   LLVM::AsmDialectAttr::get(emit.getContext(), LLVM::AsmDialect::AD_ATT),
                   /*operand_attrs=*/ArrayAttr())
                   .getResult(0);
  auto code = [&](int64_t half) -> Value {
    Value bits =
        half == 0
            ? pair
            : Value(arith::ShRUIOp::create(
                  emit, pair,
                  arith::ConstantOp::create(emit, emit.getIntegerAttr(emit.getI16Type(), 8))));
    Value byte = arith::TruncIOp::create(emit, emit.getI8Type(), bits);
    const Source8 &source = sources[half];
    if (!source.overflows)
      return byte;
    return arith::SelectOp::create(emit, source.overflows, source.replacedCode, byte);
  };
  low = code(0);
  high = code(1);
}

} // namespace

void mlir::mptile::pairTruncations(Emitter &emit, StringRef target, Value &low, Value &high) {
  arith::TruncFOp lowOp = getTruncation(low), highOp = getTruncation(high);
  if (!lowOp || !highOp || lowOp.getType() != highOp.getType() ||
      !lowOp.getIn().getType().isF32() || !highOp.getIn().getType().isF32())
    return;
  Type type = lowOp.getType();
  if (std::optional<Conversion8> conversion = getConversion8(type)) {
    // A code is an i8, as the fragment's registers are.
    if (convertsTo8Bits(target) && low.getType().isInteger(8) && high.getType().isInteger(8))
      pairTo8Bits(emit, *conversion, lowOp.getIn(), highOp.getIn(), low, high);
    return;
  }
  if (!type.isF16() && !type.isBF16())
    return;
  // The first operand goes to the upper half (PTX ISA, cvt with packed formats).
  StringRef name = type.isBF16() ? "llvm.nvvm.ff2bf16x2.rn" : "llvm.nvvm.ff2f16x2.rn";
  Value pair =
      LLVM::CallIntrinsicOp::create(emit, VectorType::get(2, type), emit.getStringAttr(name),
                                    ValueRange{highOp.getIn(), lowOp.getIn()})
          ->getResult(0);
  low = LLVM::ExtractElementOp::create(emit, pair, emit.i32(0));
  high = LLVM::ExtractElementOp::create(emit, pair, emit.i32(1));
}
