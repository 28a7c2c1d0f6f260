// Recognising elementwise users of a product.
//
// Between a product and its user may stand one reshape: an expand_shape that splits merged
// dimensions (the user loops over more dimensions than the product), or a collapse_shape that
// merges them. The user's loops are then translated to batch x M x N group by group.
#include "ElementwiseUser.h"
#include "Contraction.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::mpgemm;

static std::string toText(AffineMap map) {
  std::string text;
  llvm::raw_string_ostream(text) << map;
  return text;
}

/// Whether the body can stand in an epilogue: no regions, no effects, no loop indices, and from
/// outside only constants.
static bool hasPlainBody(linalg::LinalgOp op, std::string &reason) {
  Block *body = op.getBlock();
  for (Operation &inner : body->without_terminator()) {
    if (isa<linalg::IndexOp>(inner) || inner.getNumRegions() != 0 || !isMemoryEffectFree(&inner)) {
      reason = "its body has " + inner.getName().getStringRef().str() +
               ", which an epilogue does not take";
      return false;
    }
  }
  for (Operation &inner : *body)
    for (Value operand : inner.getOperands())
      if (operand.getParentBlock() != body && !matchPattern(operand, m_Constant())) {
        reason = "its body uses a scalar from outside that is not constant";
        return false;
      }
  return true;
}

static bool isElementwise(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op.getNumParallelLoops() != op.getNumLoops() ||
      isa<linalg::FillOp, linalg::BroadcastOp, linalg::TransposeOp, linalg::SoftmaxOp>(
          op.getOperation()))
    return false;
  return llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.getMatchingIndexingMap(&init).isIdentity();
  });
}

/// The one value of all elements of `value`, if it is constant.
static TypedAttr getSplat(Value value) {
  Attribute attribute;
  if (auto fill = value.getDefiningOp<linalg::FillOp>()) {
    if (matchPattern(fill.getInputs()[0], m_Constant(&attribute)))
      return dyn_cast<TypedAttr>(attribute);
    return {};
  }
  DenseElementsAttr dense;
  if (matchPattern(value, m_Constant(&dense)) && dense.isSplat())
    return dense.getSplatValue<TypedAttr>();
  return {};
}

//===-- Loops through a reshape
//-------------------------------------------------------------------//

/// Translates an operand of a user behind an expand_shape: `map` is over the user's loops, of which
/// each group is one dimension of the product. An operand uses all of a group's loops next to each
/// other and in order (they are merged in the operand too), or none. Loops of size 1 do not count.
static bool translateExpanded(UserOperand &operand, ArrayRef<ReassociationIndices> groups,
                              ArrayRef<int64_t> loopSizes) {
  MLIRContext *context = operand.map.getContext();
  auto groupOf = [&](int64_t loop) {
    for (auto [index, group] : llvm::enumerate(groups))
      if (llvm::is_contained(group, loop))
        return static_cast<int64_t>(index);
    return int64_t(-1);
  };
  SmallVector<AffineExpr> exprs;
  SmallVector<ReassociationIndices> collapse;
  SmallVector<SmallVector<int64_t>> found(groups.size());
  int64_t current = -1;
  for (auto [dim, expr] : llvm::enumerate(operand.map.getResults())) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    int64_t group = loop ? groupOf(loop.getPosition()) : -1;
    if (loop && group < 0)
      return false; // a reshape whose groups leave a dimension out
    if (loop && group == current) {
      collapse.back().push_back(dim);
    } else {
      if (loop && !found[group].empty())
        return false;
      collapse.push_back({static_cast<int64_t>(dim)});
      exprs.push_back(loop ? getAffineDimExpr(group, context) : getAffineConstantExpr(0, context));
    }
    current = group;
    if (loop)
      found[group].push_back(loop.getPosition());
  }
  for (auto [group, loops] : llvm::zip(groups, found)) {
    if (loops.empty())
      continue;
    auto counts = [&](int64_t loop) { return loopSizes[loop] != 1; };
    SmallVector<int64_t> needed = llvm::filter_to_vector(group, counts);
    SmallVector<int64_t> used = llvm::filter_to_vector(loops, counts);
    if (needed != used)
      return false;
  }
  if (collapse.size() != operand.map.getNumResults())
    operand.collapse = collapse;
  operand.map = AffineMap::get(groups.size(), 0, exprs, context);
  return true;
}

/// Translates an operand of a user behind a collapse_shape: each of the user's loops is a group of
/// dimensions of the product. Only loops that are one dimension can be used by the operand.
static bool translateCollapsed(UserOperand &operand, ArrayRef<ReassociationIndices> groups,
                               int64_t rank) {
  SmallVector<AffineExpr> exprs;
  for (AffineExpr expr : operand.map.getResults()) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    if (loop && groups[loop.getPosition()].size() != 1)
      return false;
    exprs.push_back(loop ? getAffineDimExpr(groups[loop.getPosition()].front(), expr.getContext())
                         : expr);
  }
  operand.map = AffineMap::get(rank, 0, exprs, operand.map.getContext());
  return true;
}

//===-- Operands
//----------------------------------------------------------------------------------//

/// The result of `product` that `value` is, directly or through an equal reshape.
static std::optional<unsigned> getProductResult(MatmulOp product, const ElementwiseUser &user,
                                                Value value) {
  if (user.reshape) {
    Operation *reshape = value.getDefiningOp();
    if (!reshape || reshape->getName() != user.reshape->getName())
      return std::nullopt;
    auto groups = isa<tensor::ExpandShapeOp>(reshape)
                      ? cast<tensor::ExpandShapeOp>(reshape).getReassociationIndices()
                      : cast<tensor::CollapseShapeOp>(reshape).getReassociationIndices();
    if (groups != user.groups)
      return std::nullopt;
    value = reshape->getOperand(0);
  }
  auto result = dyn_cast<OpResult>(value);
  if (!result || result.getOwner() != product)
    return std::nullopt;
  return result.getResultNumber();
}

static bool matchOperand(MatmulOp product, const ElementwiseUser &user, OpOperand &use,
                         ArrayRef<int64_t> loopSizes, UserOperand &operand, std::string &reason) {
  linalg::LinalgOp op = user.op;
  operand.value = use.get();
  operand.map = op.getMatchingIndexingMap(&use);
  operand.result = getProductResult(product, user, operand.value);
  if (operand.result) {
    if (operand.map.isIdentity())
      return true;
    reason = "it reads the product at " + toText(operand.map) + ", not at its own element";
    return false;
  }
  if (!isa<RankedTensorType>(operand.value.getType())) {
    reason = "it has a scalar operand";
    return false;
  }
  if ((operand.constant = getSplat(operand.value)))
    return true;
  lookThroughBroadcast(operand.value, operand.map);
  if (!operand.map.isProjectedPermutation(/*allowZeroInResults=*/true)) {
    reason = "it reads an operand at " + toText(operand.map) + ", which is no projection";
    return false;
  }
  bool fits = !user.reshape  ? true
              : user.expands ? translateExpanded(operand, user.groups, loopSizes)
                             : translateCollapsed(operand, user.groups, product.getOutputRank());
  if (!fits)
    reason = "an operand uses only part of the dimensions that a reshape merges";
  return fits;
}

FailureOr<ElementwiseUser> mpgemm::matchElementwiseUser(MatmulOp product, Operation *op,
                                                        Operation *reshape, std::string &reason) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !isElementwise(linalgOp))
    return failure();
  ElementwiseUser user;
  user.op = linalgOp;
  user.reshape = reshape;
  if (auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(reshape)) {
    user.expands = true;
    user.groups = expand.getReassociationIndices();
  } else if (auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(reshape)) {
    user.groups = collapse.getReassociationIndices();
  }
  if (!hasPlainBody(linalgOp, reason))
    return failure();
  if (linalgOp->getBlock() != product->getBlock()) {
    reason = "it is in another block than the product";
    return failure();
  }
  SmallVector<int64_t> loopSizes = linalgOp.getStaticLoopRanges();
  for (OpOperand &use : op->getOpOperands()) {
    // Only what the body reads counts; the tensors it writes to usually are not read.
    bool hasArgument = use.getOperandNumber() < linalgOp.getBlock()->getNumArguments();
    if (!hasArgument || !linalgOp.payloadUsesValueFromOperand(&use))
      continue;
    UserOperand operand;
    operand.argument = linalgOp.getMatchingBlockArgument(&use);
    if (!matchOperand(product, user, use, loopSizes, operand, reason))
      return failure();
    user.operands.push_back(std::move(operand));
  }
  // An op that only writes to the tensor the product gave does not read it.
  if (llvm::none_of(user.operands, [](const UserOperand &operand) { return operand.result; }))
    return failure();
  return user;
}
