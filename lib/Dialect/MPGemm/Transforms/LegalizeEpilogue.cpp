// Scales and zero points that are constant along K act on the whole sum, so they are arithmetic at
// the head of the epilogue:
//
//   sum        i32 or f32, of codes
//   - zA * sum over k of (B - zB) - zB * sum over k of A      i32, wrapping like the sum itself
//   * sA * sB                                                f32
//   + C                                                      f32 (i32 without scales)
//   the epilogue as it was
//
// This is the order and the rounding of --mpgemm-to-linalg. With wrapping arithmetic the zero
// points' terms are exact: sum (A - zA)(B - zB) = sum A B - zA sum (B - zB) - zB sum A.
#include "Legalize.h"
#include "Quantization.h"
#include "Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace mlir::mpgemm;

LegalizeSide mpgemm::getLegalizeSide(MatmulOp op, bool isA) {
  if (isA)
    return {"A",
            op.getA(),
            op.getMDimOfA(),
            op.getKDimOfA(),
            op.getUnsignedA(),
            op.getAScalingAttr(),
            op.getAScale(),
            op.getAZeroPoint()};
  return {"B",
          op.getB(),
          op.getNDimOfB(),
          op.getKDimOfB(),
          op.getUnsignedB(),
          op.getBScalingAttr(),
          op.getBScale(),
          op.getBZeroPoint()};
}

AffineMap mpgemm::getVectorMap(MatmulOp op, const LegalizeSide &side, int64_t rank, bool hasOuter) {
  MLIRContext *context = op.getContext();
  int64_t batchRank = op.getBatchRank(), ownBatch = rank - (hasOuter ? 1 : 0);
  SmallVector<AffineExpr> exprs;
  for (int64_t dim = batchRank - ownBatch; dim < batchRank; ++dim)
    exprs.push_back(getAffineDimExpr(dim, context));
  if (hasOuter)
    exprs.push_back(getAffineDimExpr(side.isA() ? batchRank : batchRank + 1, context));
  return AffineMap::get(batchRank + 2, 0, exprs, context);
}

namespace {

/// Extends the epilogue of a product at its head.
class EpilogueHead {
public:
  EpilogueHead(RewriterBase &rewriter, MatmulOp op)
      : rewriter(rewriter), op(op), loc(op.getLoc()), block(op.getOrCreateEpilogue(rewriter)),
        maps(llvm::to_vector(op.getEpilogueMaps().getAsValueRange<AffineMapAttr>())) {
    old = block->getArgument(0);
    rewriter.setInsertionPointToStart(block);
  }

  /// An extra operand of the epilogue; its element.
  Value read(Value tensor, AffineMap map) {
    op.getEpilogueOperandsMutable().append(tensor);
    maps.push_back(map);
    return block->addArgument(getElementTypeOrSelf(tensor.getType()), loc);
  }

  /// The accumulator, now of type `type`; what used it before will use what `finish` is given.
  Value accumulator(Type type) {
    oldType = old.getType();
    placeholder = UnrealizedConversionCastOp::create(rewriter, loc, oldType, ValueRange{});
    rewriter.replaceAllUsesWith(old, placeholder.getResult(0));
    old.setType(type);
    rewriter.setInsertionPoint(placeholder);
    return old;
  }

  void finish(Value value) {
    rewriter.replaceOp(placeholder, value);
    op.setEpilogueMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  }

private:
  RewriterBase &rewriter;
  MatmulOp op;
  Location loc;
  Block *block;
  SmallVector<AffineMap> maps;
  BlockArgument old;
  Type oldType;
  UnrealizedConversionCastOp placeholder;
};

} // namespace

//===-- Scales
//------------------------------------------------------------------------------------//

void mpgemm::legalizeScales(RewriterBase &rewriter, MatmulOp op) {
  LegalizeSide sides[] = {getLegalizeSide(op, true), getLegalizeSide(op, false)};
  auto moves = [&](const LegalizeSide &side) {
    bool scalesSum = side.scale && !(side.isA() ? op.scalesOperandA() : op.scalesOperandB());
    return scalesSum && side.scaling.isConstantAlongK();
  };
  // A global scale acts after those of its operand.
  if ((!moves(sides[0]) && !moves(sides[1])) || op.getAGlobalScale() || op.getBGlobalScale())
    return;

  Location loc = op.getLoc();
  EpilogueHead head(rewriter, op);
  Value init = op.getInit();
  SmallVector<std::pair<Value, AffineMap>> scales;
  std::string moved;
  for (const LegalizeSide &side : sides) {
    if (!moves(side))
      continue;
    int64_t rank = cast<RankedTensorType>(side.scale.getType()).getRank();
    bool hasOuter = side.scaling.getOuterBlock() != ScalingAttr::kWhole;
    scales.emplace_back(side.scale, getVectorMap(op, side, rank, hasOuter));
    moved += (moved.empty() ? "" : " and ") + stringifyScalingKind(side.scaling.getKind()).str() +
             " scales of " + side.name.str();
    if (side.isA()) {
      op.getAScaleMutable().clear();
      op.removeAScalingAttr();
    } else {
      op.getBScaleMutable().clear();
      op.removeBScalingAttr();
    }
  }
  if (init)
    op.getInitMutable().clear();

  Type f32 = rewriter.getF32Type();
  Value value =
      convertScalar(rewriter, loc, head.accumulator(op.getEpilogueInputType()), f32, false);
  for (auto [scale, map] : scales)
    value = arith::MulFOp::create(rewriter, loc, value,
                                  convertScalar(rewriter, loc, head.read(scale, map), f32, false));
  if (init) {
    AffineMap map = rewriter.getMultiDimIdentityMap(op.getOutputRank());
    value = arith::AddFOp::create(rewriter, loc, value,
                                  convertScalar(rewriter, loc, head.read(init, map), f32, false));
  }
  head.finish(value);
  remarkPassed(op, kLegalizePass, "multiplies by the " + moved + " in its epilogue, once, in f32");
}

//===-- Zero points
//-------------------------------------------------------------------------------//

/// The sums of an operand along K, i32, less the zero point at each element if `zero` is given:
/// batch x M or N.
static Value sumAlongK(RewriterBase &rewriter, Location loc, const LegalizeSide &side, Value zero) {
  Value value = side.value;
  int64_t rank = side.type().getRank();
  Type i32 = rewriter.getI32Type();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, value);
  sizes.erase(sizes.begin() + side.kDim);
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, i32);
  Value init = arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(i32));
  Value zeros = linalg::FillOp::create(rewriter, loc, init, empty).getResult(0);

  SmallVector<Value> inputs = {value};
  AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps = {identity};
  if (zero) {
    inputs.push_back(zero);
    // Without the dimensions of the batch, or all of the sum's, or none.
    int64_t zeroRank = cast<RankedTensorType>(zero.getType()).getRank();
    AffineMap ofSum = identity.dropResult(side.kDim);
    bool hasOuter =
        zeroRank > 0 && side.scaling && side.scaling.getOuterBlock() != ScalingAttr::kWhole;
    SmallVector<AffineExpr> exprs;
    if (hasOuter)
      exprs.push_back(ofSum.getResults().back());
    for (int64_t dim = rank - 2; dim-- > 0 && static_cast<int64_t>(exprs.size()) < zeroRank;)
      exprs.insert(exprs.begin(), rewriter.getAffineDimExpr(dim));
    maps.push_back(AffineMap::get(rank, 0, exprs, rewriter.getContext()));
  }
  maps.push_back(identity.dropResult(side.kDim));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators[side.kDim] = utils::IteratorType::reduction;
  auto body = [&](OpBuilder &b, Location nested, ValueRange args) {
    Value term = convertScalar(b, nested, args[0], i32, side.isUnsigned);
    if (zero) {
      bool isUnsigned = side.isUnsigned && args[1].getType() == args[0].getType();
      term = arith::SubIOp::create(b, nested, term,
                                   convertScalar(b, nested, args[1], i32, isUnsigned));
    }
    linalg::YieldOp::create(b, nested,
                            arith::AddIOp::create(b, nested, args.back(), term).getResult());
  };
  return linalg::GenericOp::create(rewriter, loc, zeros.getType(), inputs, zeros, maps, iterators,
                                   body)
      .getResult(0);
}

LogicalResult mpgemm::legalizeZeroPoints(RewriterBase &rewriter, MatmulOp op) {
  LegalizeSide a = getLegalizeSide(op, true), b = getLegalizeSide(op, false);
  if ((!a.zeroPoint && !b.zeroPoint) || !op.hasIntegerCodes())
    return success();
  for (const LegalizeSide &side : {a, b})
    if (side.scale && !side.scaling.isConstantAlongK())
      return op.emitOpError() << "has zero points and a scale of " << side.name
                              << " that varies along K (" << side.scaling
                              << "); use symmetric codes there, or "
                              << (side.isA() ? "row" : "column") << " scales";

  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Value sumOfB = a.zeroPoint ? sumAlongK(rewriter, loc, b, b.zeroPoint) : Value();
  Value sumOfA = b.zeroPoint ? sumAlongK(rewriter, loc, a, Value()) : Value();

  struct Term {
    const LegalizeSide &side; // that has the zero point
    Value sum;                // of the other one
  };
  SmallVector<Term> terms;
  if (a.zeroPoint)
    terms.push_back({a, sumOfB});
  if (b.zeroPoint)
    terms.push_back({b, sumOfA});

  // Scales are still there: the accumulator the epilogue sees may be f32. Integers come first, so
  // the scales, constant along K, and C move with them.
  legalizeScales(rewriter, op);
  Type i32 = rewriter.getI32Type();
  EpilogueHead head(rewriter, op);
  Value value = head.accumulator(i32);
  for (const Term &term : terms) {
    const LegalizeSide &other = term.side.isA() ? b : a;
    Value zero = term.side.zeroPoint;
    int64_t zeroRank = cast<RankedTensorType>(zero.getType()).getRank();
    bool hasOuter = zeroRank > 0 && term.side.scaling &&
                    term.side.scaling.getOuterBlock() != ScalingAttr::kWhole;
    bool isUnsigned = term.side.isUnsigned &&
                      getElementTypeOrSelf(zero.getType()) == term.side.type().getElementType();
    Value zeroScalar = convertScalar(
        rewriter, loc, head.read(zero, getVectorMap(op, term.side, zeroRank, hasOuter)), i32,
        isUnsigned);
    int64_t sumRank = cast<RankedTensorType>(term.sum.getType()).getRank();
    Value sum = head.read(term.sum, getVectorMap(op, other, sumRank, /*hasOuter=*/true));
    value = arith::SubIOp::create(rewriter, loc, value,
                                  arith::MulIOp::create(rewriter, loc, zeroScalar, sum));
  }
  head.finish(value);
  op.getAZeroPointMutable().clear();
  op.getBZeroPointMutable().clear();
  std::string names = a.zeroPoint && b.zeroPoint ? "A and B" : a.zeroPoint ? "A" : "B";
  remarkPassed(op, kLegalizePass,
               "subtracts the zero point of " + names +
                   " in its epilogue, by sums of the other operand along K");
  return success();
}
