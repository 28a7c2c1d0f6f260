// Rounding to an integer code in one conversion.
#include "IntegerRounding.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mptile;

/// A bound that rounding does not move across: an integer.
static bool isIntegerBound(Value value) {
  APFloat bound(0.0f);
  return matchPattern(value, m_ConstantFloat(&bound)) && bound.isInteger();
}

Value mlir::mptile::roundInConversion(Emitter &emit, Value code) {
  // trunci(fptosi(select(r is a number, maximumf(minimumf(r, high), low), 0))), r = roundeven(x)
  auto narrow = code.getDefiningOp<arith::TruncIOp>();
  auto convert = narrow ? narrow.getIn().getDefiningOp<arith::FPToSIOp>() : nullptr;
  if (!convert || !convert.getType().isInteger(32) || !convert.getIn().getType().isF32())
    return code;
  auto select = convert.getIn().getDefiningOp<arith::SelectOp>();
  if (!select || !matchPattern(select.getFalseValue(), m_PosZeroFloat()))
    return code;
  auto isNumber = select.getCondition().getDefiningOp<arith::CmpFOp>();
  auto raised = select.getTrueValue().getDefiningOp<arith::MaximumFOp>();
  auto capped = raised ? raised.getLhs().getDefiningOp<arith::MinimumFOp>() : nullptr;
  auto rounded = capped ? capped.getLhs().getDefiningOp<math::RoundEvenOp>() : nullptr;
  if (!isNumber || !rounded || isNumber.getPredicate() != arith::CmpFPredicate::ORD ||
      isNumber.getLhs() != rounded.getResult() || isNumber.getRhs() != rounded.getResult() ||
      !isIntegerBound(capped.getRhs()) || !isIntegerBound(raised.getRhs()))
    return code;
  // Between integers clamping and rounding commute; the conversion makes NaN 0 (PTX ISA, cvt).
  Value value = arith::MinimumFOp::create(emit, rounded.getOperand(), capped.getRhs());
  value = arith::MaximumFOp::create(emit, value, raised.getRhs());
  Value integer = LLVM::CallIntrinsicOp::create(emit, emit.getI32Type(),
                                                emit.getStringAttr("llvm.nvvm.f2i.rn"), value)
                      ->getResult(0);
  return arith::TruncIOp::create(emit, code.getType(), integer);
}
