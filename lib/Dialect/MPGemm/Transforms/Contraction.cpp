// Recognising contractions among linalg ops.
//
// Named ops and linalg.generic are treated alike: by their indexing maps and their body. A body is
// a sum of products if it yields out + lhs * rhs, where lhs and rhs are the first two inputs,
// possibly widened, possibly less a zero point (a constant or a scalar input).
#include "Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mpgemm;

//===-- Bodies
//------------------------------------------------------------------------------------//

static std::string typeText(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Follows `value` through casts that keep every value to an argument of `body`. A cast that loses
/// values ends the way with a reason.
static BlockArgument followWideningCasts(Value value, Block *body, bool &isUnsigned,
                                         std::string &reason) {
  while (true) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return argument.getOwner() == body ? argument : BlockArgument();
    Operation *cast = value.getDefiningOp();
    if (isa<arith::ExtUIOp, arith::UIToFPOp>(cast)) {
      isUnsigned = true;
    } else if (isa<arith::TruncFOp, arith::TruncIOp, arith::FPToSIOp, arith::FPToUIOp>(cast)) {
      reason = "it converts an operand from " + typeText(cast->getOperand(0).getType()) + " to " +
               typeText(value.getType()) +
               ", which loses values before the product; only casts that widen are part of one";
      return {};
    } else if (!isa<arith::ExtFOp, arith::ExtSIOp, arith::SIToFPOp>(cast)) {
      return {};
    }
    value = cast->getOperand(0);
  }
}

/// The factors of a body that yields out + lhs * rhs; null if it is no such body.
static std::pair<Value, Value> matchMultiplyAndAdd(Block *body) {
  if (body->getNumArguments() < 3 || body->getTerminator()->getNumOperands() != 1)
    return {};
  Operation *add = body->getTerminator()->getOperand(0).getDefiningOp();
  if (!add || !isa<arith::AddFOp, arith::AddIOp>(add))
    return {};
  Value sum = body->getArguments().back();
  if (add->getOperand(0) != sum && add->getOperand(1) != sum)
    return {};
  Value product = add->getOperand(add->getOperand(0) == sum ? 1 : 0);
  Operation *multiply = product.getDefiningOp();
  if (!multiply || !isa<arith::MulFOp, arith::MulIOp>(multiply))
    return {};
  return {multiply->getOperand(0), multiply->getOperand(1)};
}

/// Takes the zero point off a factor: from (code - zero), `factor` becomes the code. Returns the
/// zero point, an i32 outside of the body, or null.
static Value takeZeroPoint(Value &factor, linalg::LinalgOp op) {
  auto subtraction = factor.getDefiningOp<arith::SubIOp>();
  if (!subtraction || !subtraction.getType().isInteger(32))
    return {};
  Value zero = subtraction.getRhs();
  if (auto argument = dyn_cast<BlockArgument>(zero);
      argument && argument.getOwner() == op.getBlock())
    zero = op.getMatchingOpOperand(argument)->get();
  else if (!matchPattern(zero, m_Constant()))
    return {};
  if (!zero.getType().isInteger(32))
    return {};
  factor = subtraction.getLhs();
  return zero;
}

//===-- Operands
//----------------------------------------------------------------------------------//

/// An elementwise op of one input whose body only widens (or copies) it.
static bool isElementwiseCast(linalg::GenericOp op, bool &isUnsigned) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
      !op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isProjectedPermutation())
    return false;
  std::string ignored;
  bool castsUnsigned = false;
  BlockArgument source = followWideningCasts(op.getBody()->getTerminator()->getOperand(0),
                                             op.getBody(), castsUnsigned, ignored);
  isUnsigned |= castsUnsigned;
  return source && source.getArgNumber() == 0;
}

/// The map from the dimensions of a linalg.transpose's result to those of its input.
static AffineMap getTransposeMap(linalg::TransposeOp op) {
  return inversePermutation(AffineMap::getPermutationMap(op.getPermutation(), op.getContext()));
}

static AffineMap getBroadcastMap(linalg::BroadcastOp op) {
  int64_t rank = cast<RankedTensorType>(op.getResult().front().getType()).getRank();
  SmallVector<AffineExpr> exprs;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (!llvm::is_contained(op.getDimensions(), dim))
      exprs.push_back(getAffineDimExpr(dim, op.getContext()));
  return AffineMap::get(rank, 0, exprs, op.getContext());
}

/// One step back from `value`: its source and the map from the dimensions of `value` to the
/// source's.
static std::pair<Value, AffineMap> getSource(Value value, bool allowCasts, bool &isUnsigned) {
  Operation *op = value.getDefiningOp();
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(op))
    return {transpose.getInput(), getTransposeMap(transpose)};
  if (auto broadcast = dyn_cast_or_null<linalg::BroadcastOp>(op))
    return {broadcast.getInput(), getBroadcastMap(broadcast)};
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic || !generic.hasPureTensorSemantics())
    return {};
  bool castsUnsigned = isUnsigned;
  if (!isElementwiseCast(generic, castsUnsigned))
    return {};
  Value source = generic.getInputs().front();
  bool isCast = getElementTypeOrSelf(source.getType()) != getElementTypeOrSelf(value.getType());
  if (isCast && !allowCasts)
    return {};
  isUnsigned = castsUnsigned;
  return {source, generic.getIndexingMapsArray().front()};
}

bool mpgemm::lookThroughBroadcast(Value &value, AffineMap &map) {
  bool followed = false, isUnsigned = false;
  while (true) {
    auto [source, sourceMap] = getSource(value, /*allowCasts=*/false, isUnsigned);
    if (!source)
      return followed;
    value = source;
    map = sourceMap.compose(map);
    followed = true;
  }
}

/// Follows an operand as far back as the loop `isNeeded` allows: each loop stays in one of the
/// factors.
static void lookThrough(ContractionOperand &operand, const ContractionOperand &other,
                        AffineMap outMap) {
  while (true) {
    bool isUnsigned = operand.isUnsigned;
    auto [source, sourceMap] = getSource(operand.value, /*allowCasts=*/true, isUnsigned);
    if (!source)
      return;
    AffineMap map = sourceMap.compose(operand.map);
    for (unsigned loop = 0; loop < map.getNumDims(); ++loop) {
      bool isLost = operand.uses(loop) && !map.isFunctionOfDim(loop);
      // A loop that is summed over, or that only this operand has, must not be broadcast.
      if (isLost && (!other.uses(loop) || !outMap.isFunctionOfDim(loop)))
        return;
    }
    operand = {source, map, isUnsigned, operand.zeroPoint};
  }
}

//===-- Loops
//-------------------------------------------------------------------------------------//

/// Sorts the loops into batch, M, N and K; false if one is none of them.
static bool classifyLoops(Contraction &contraction) {
  for (unsigned loop = 0; loop < contraction.outMap.getNumDims(); ++loop) {
    bool inLhs = contraction.lhs.uses(loop), inRhs = contraction.rhs.uses(loop);
    bool inOut = contraction.outMap.isFunctionOfDim(loop);
    if (!inLhs && !inRhs)
      return false;
    if (!inOut && !(inLhs && inRhs))
      return false;
    SmallVector<unsigned> &kind = !inOut           ? contraction.k
                                  : inLhs && inRhs ? contraction.batch
                                  : inLhs          ? contraction.m
                                                   : contraction.n;
    kind.push_back(loop);
  }
  // In the order of the result, so that loops next to each other can be merged.
  auto positionInOut = [&](unsigned loop) {
    return *contraction.outMap.getResultPosition(
        getAffineDimExpr(loop, contraction.outMap.getContext()));
  };
  auto byPosition = [&](unsigned lhs, unsigned rhs) {
    return positionInOut(lhs) < positionInOut(rhs);
  };
  llvm::sort(contraction.batch, byPosition);
  llvm::sort(contraction.m, byPosition);
  llvm::sort(contraction.n, byPosition);
  return true;
}

FailureOr<Contraction> mpgemm::matchContraction(linalg::LinalgOp op, std::string &reason) {
  int64_t inputs = op.getNumDpsInputs();
  if (!op.hasPureTensorSemantics() || inputs < 2 || inputs > 4 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return failure();
  // Beside the two factors only scalars.
  SmallVector<Value> operands = op.getDpsInputs();
  for (Value input : ArrayRef<Value>(operands).drop_front(2))
    if (isa<ShapedType>(input.getType()))
      return failure();
  Block *body = op.getBlock();
  std::pair<Value, Value> factors = matchMultiplyAndAdd(body);
  auto &[first, second] = factors;
  if (!first)
    return failure();
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!llvm::all_of(maps, [](AffineMap map) { return map.isProjectedPermutation(); }))
    return failure();

  Value firstZero = takeZeroPoint(first, op), secondZero = takeZeroPoint(second, op);
  bool firstUnsigned = false, secondUnsigned = false;
  BlockArgument lhs = followWideningCasts(first, body, firstUnsigned, reason);
  BlockArgument rhs = followWideningCasts(second, body, secondUnsigned, reason);
  if (!lhs || !rhs || lhs == rhs || lhs.getArgNumber() > 1 || rhs.getArgNumber() > 1)
    return failure();
  // Left is what the op names first, whatever the order in its body.
  if (lhs.getArgNumber() != 0) {
    std::swap(lhs, rhs);
    std::swap(firstUnsigned, secondUnsigned);
    std::swap(firstZero, secondZero);
  }
  Contraction contraction;
  contraction.lhs = {op.getDpsInputs()[0], maps[0], firstUnsigned, firstZero};
  contraction.rhs = {op.getDpsInputs()[1], maps[1], secondUnsigned, secondZero};
  contraction.init = op.getDpsInits()[0];
  contraction.outMap = maps.back();
  lookThrough(contraction.lhs, contraction.rhs, contraction.outMap);
  lookThrough(contraction.rhs, contraction.lhs, contraction.outMap);
  if (!classifyLoops(contraction)) {
    reason = "one of its loops is in neither operand, or summed over in only one";
    return failure();
  }
  return contraction;
}
