// Products of dequantised operands, as models in quantise-dequantise form have them:
//
//   matmul(dequantize(qA, sA, zA), dequantize(qB, sB, zB))  ->  matmul of qA with sA, zA and qB
//   with sB, zB
//
// Both compute the same formula. The sum of codes is exact in i32 (for 8-bit floats: products of
// codes are exact in f32), so the rewritten product rounds less, never more: dequantize rounds each
// operand to its type.
#include "Legalize.h"
#include "Remarks.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

/// What one operand of the product becomes.
struct Codes {
  Value value, scale, zeroPoint;
  ScalingAttr scaling;
  bool isUnsigned;
};

/// The scaling of an operand of a product, for one of the tensor as it is stored; nothing if the
/// scale is not one a product can carry.
ScalingAttr getOperandScaling(ScalingAttr scaling, bool isA, bool isKLast) {
  MLIRContext *context = scaling.getContext();
  auto make = [&](ScalingKind kind, int64_t outer, int64_t k) {
    return ScalingAttr::get(context, kind, outer, k);
  };
  switch (scaling.getKind()) {
  case ScalingKind::PerTensor:
    return scaling;
  case ScalingKind::Row:
  case ScalingKind::Column:
    // The scales must run along M or N, the dimension that is not K.
    if ((scaling.getKind() == ScalingKind::Row) != isKLast)
      return {};
    return make(isA ? ScalingKind::Row : ScalingKind::Column, 1, ScalingAttr::kWhole);
  case ScalingKind::Group:
  case ScalingKind::MX:
    return isKLast ? scaling : ScalingAttr();
  case ScalingKind::Block:
    return isKLast ? scaling
                   : make(ScalingKind::Block, scaling.getKBlock(), scaling.getOuterBlock());
  case ScalingKind::NVFP4:
    return {};
  }
  return {};
}

/// `value` behind a reshape that merges leading dimensions, or null. Scales and zero points
/// (tensors of rows) merge the same dimensions; a scalar stays.
Value collapseLike(RewriterBase &rewriter, Location loc, Value value, int64_t rankOfCodes,
                   ArrayRef<ReassociationIndices> groups) {
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  if (rank == 0)
    return value;
  if (rank == rankOfCodes)
    return tensor::CollapseShapeOp::create(rewriter, loc, value, groups);
  // One scale for each row: all but the last dimension.
  if (rank == rankOfCodes - 1)
    return tensor::CollapseShapeOp::create(rewriter, loc, value, groups.drop_back());
  return {};
}

std::optional<Codes> matchCodes(RewriterBase &rewriter, MatmulOp op, bool isA,
                                std::string &reason) {
  LegalizeSide side = getLegalizeSide(op, isA);
  Value value = side.value;
  auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>();
  auto dequantize = (collapse ? collapse.getSrc() : value).getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return std::nullopt;
  Codes codes{dequantize.getCodes(), dequantize.getScale(), dequantize.getZeroPoint(),
              dequantize.getScaling(), dequantize.getIsUnsigned()};
  bool isKLast = side.kDim > side.outerDim;
  codes.scaling = getOperandScaling(codes.scaling, isA, isKLast);
  if (!codes.scaling) {
    reason = "the scales of " + side.name.str() + " change at each step of K";
    return std::nullopt;
  }
  if (!collapse)
    return codes;
  SmallVector<ReassociationIndices> groups = collapse.getReassociationIndices();
  ScalingKind kind = codes.scaling.getKind();
  bool mergesRows = isKLast && groups.back().size() == 1 &&
                    (kind == ScalingKind::PerTensor || kind == ScalingKind::Group ||
                     kind == ScalingKind::MX || codes.scaling.isConstantAlongK());
  int64_t rank = dequantize.getCodes().getType().getRank();
  // A batch dimension that is merged into rows needs scales of its own.
  auto fits = [&](Value tensor, int64_t needed) {
    int64_t own = tensor ? cast<RankedTensorType>(tensor.getType()).getRank() : 0;
    return own == 0 || own == needed;
  };
  int64_t needed = kind == ScalingKind::PerTensor     ? 0
                   : codes.scaling.isConstantAlongK() ? rank - 1
                                                      : rank;
  if (!mergesRows || !fits(codes.scale, needed) || !fits(codes.zeroPoint, needed)) {
    reason = "the scales of " + side.name.str() +
             " do not follow the reshape between dequantize and the product";
    return std::nullopt;
  }
  rewriter.setInsertionPoint(op);
  for (Value *tensor : {&codes.value, &codes.scale, &codes.zeroPoint})
    if (*tensor)
      *tensor = collapseLike(rewriter, op.getLoc(), *tensor, rank, groups);
  return codes;
}

} // namespace

void mpgemm::raiseDequantized(RewriterBase &rewriter, MatmulOp op) {
  bool isPlain = op.getAccumulation().getType().isF32() && !op.getAScale() && !op.getBScale() &&
                 !op.getAZeroPoint() && !op.getBZeroPoint();
  if (!isPlain || op.getUnsignedA() || op.getUnsignedB())
    return;
  auto isDequantized = [](Value value) {
    if (auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>())
      value = collapse.getSrc();
    return value.getDefiningOp<DequantizeOp>();
  };
  DequantizeOp ofA = isDequantized(op.getA()), ofB = isDequantized(op.getB());
  if (!ofA || !ofB) {
    if (ofA || ofB)
      remarkMissed(op, kLegalizePass,
                   std::string("only ") + (ofA ? "A" : "B") +
                       " is dequantised; the product stays one of values",
                   "quantize the other operand too");
    return;
  }
  Type a = ofA.getCodes().getType().getElementType(), b = ofB.getCodes().getType().getElementType();
  std::string reason;
  if (a.isInteger() != b.isInteger())
    reason = "one operand has integer codes, the other 8-bit floats";
  std::optional<Codes> codesOfA, codesOfB;
  if (reason.empty())
    codesOfA = matchCodes(rewriter, op, true, reason);
  if (codesOfA)
    codesOfB = matchCodes(rewriter, op, false, reason);
  bool hasZero = codesOfB && (codesOfA->zeroPoint || codesOfB->zeroPoint);
  if (hasZero && !(codesOfA->scaling.isConstantAlongK() && codesOfB->scaling.isConstantAlongK()))
    reason = "codes have zero points and scales that vary along K";
  if (!reason.empty() || !codesOfB) {
    remarkMissed(op, kLegalizePass, "a product of dequantised values stays one: " + reason);
    return;
  }

  // Set the parts of the op; the result has the same shape and the epilogue still sees f32.
  rewriter.modifyOpInPlace(op, [&]() {
    op.getOrCreateEpilogue(rewriter);
    op.getAMutable().assign(codesOfA->value);
    op.getBMutable().assign(codesOfB->value);
    op.getAScaleMutable().assign(codesOfA->scale);
    op.getBScaleMutable().assign(codesOfB->scale);
    op.setAScalingAttr(codesOfA->scaling);
    op.setBScalingAttr(codesOfB->scaling);
    if (codesOfA->zeroPoint)
      op.getAZeroPointMutable().assign(codesOfA->zeroPoint);
    if (codesOfB->zeroPoint)
      op.getBZeroPointMutable().assign(codesOfB->zeroPoint);
    op.setUnsignedA(codesOfA->isUnsigned);
    op.setUnsignedB(codesOfB->isUnsigned);
    op.removeF32PrecisionAttr();
    if (a.isInteger())
      op.setAccumulationAttr(AccumulateAttr::get(rewriter.getI32Type()));
  });
  std::string text;
  llvm::raw_string_ostream(text) << "a product of dequantised values becomes a product of " << a
                                 << " x " << b << " codes; their scales act on sums";
  remarkPassed(op, kLegalizePass, text);
}
