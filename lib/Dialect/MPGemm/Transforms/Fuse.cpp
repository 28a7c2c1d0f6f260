// --mpgemm-fuse: elementwise users of a product move into its epilogue.
//
// In: products, and linalg ops on tensors around them. Out: the same values, with every elementwise
// op that reads a product's result at its own element computed in the product's epilogue. A user
// takes with it whatever else it reads; the product moves down to it where that is computed after
// the product.
#include "ElementwiseUser.h"
#include "Remarks.h"
#include "ResultScales.h"
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_FUSEPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

static constexpr StringLiteral kPass = "mpgemm-fuse";

namespace {

/// A user of a product, perhaps through a reshape.
struct Use {
  Operation *user, *reshape;
};

} // namespace

static std::string toText(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// The users of `value`, those of its reshapes in place of the reshapes.
static SmallVector<Use> getUses(Value value) {
  SmallVector<Use> uses;
  for (Operation *user : value.getUsers()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(user)) {
      uses.push_back({user, nullptr});
      continue;
    }
    for (Operation *behind : user->getUsers())
      uses.push_back({behind, user});
  }
  return uses;
}

/// The users of all results, each once, in the order of the block.
static SmallVector<Use> getUsesInOrder(MatmulOp product) {
  SmallVector<Use> uses;
  // Codes of `quantize_result` are computed after the epilogue.
  if (product.getResultScalingAttr())
    return uses;
  for (Value result : product.getOutputs())
    for (Use use : getUses(result))
      if (use.user->getBlock() == product->getBlock() &&
          llvm::none_of(uses, [&](Use &other) { return other.user == use.user; }))
        uses.push_back(use);
  llvm::sort(uses, [](const Use &lhs, const Use &rhs) {
    return lhs.user != rhs.user && lhs.user->isBeforeInBlock(rhs.user);
  });
  return uses;
}

/// Whether everything else that reads what `user` reads of the product can join the epilogue too.
static bool sharesOnlyWithElementwise(MatmulOp product, ElementwiseUser &user,
                                      std::string &reason) {
  for (const UserOperand &operand : user.operands) {
    if (!operand.result)
      continue;
    for (Use other : getUses(product.getOutputs()[*operand.result])) {
      std::string ignored;
      if (other.user == user.op.getOperation() ||
          succeeded(matchElementwiseUser(product, other.user, other.reshape, ignored)))
        continue;
      reason = "the result it reads is also used by " + other.user->getName().getStringRef().str() +
               ", which needs the value before this op";
      return false;
    }
  }
  return true;
}

/// Where the product with `user` in its epilogue can stand: at the product, or at the user.
static Operation *findPosition(MatmulOp product, ElementwiseUser &user, std::string &reason) {
  Block *block = product->getBlock();
  bool areReady = llvm::all_of(user.operands, [&](const UserOperand &operand) {
    if (operand.result || operand.constant)
      return true;
    Operation *producer = operand.value.getDefiningOp();
    Operation *ancestor = producer ? block->findAncestorOpInBlock(*producer) : nullptr;
    return !ancestor || ancestor->isBeforeInBlock(product);
  });
  if (areReady)
    return product;
  for (Operation *other : product->getUsers()) {
    if (other == user.op.getOperation() || (other == user.reshape && other->hasOneUse()))
      continue;
    Operation *ancestor = block->findAncestorOpInBlock(*other);
    if (ancestor && ancestor->isBeforeInBlock(user.op)) {
      reason = "an operand is computed after the product, whose other user " +
               other->getName().getStringRef().str() + " comes before it";
      return nullptr;
    }
  }
  return user.op;
}

//===-- Moving one user
//---------------------------------------------------------------------------//

namespace {

class Fusion {
public:
  Fusion(RewriterBase &rewriter, MatmulOp product, ElementwiseUser &user, bool foldsRounding)
      : rewriter(rewriter), product(product), user(user), foldsRounding(foldsRounding) {}

  MatmulOp run(Operation *position) {
    remarkPassed(user.op, kPass, "moved into the epilogue of a product");
    product.getOrCreateEpilogue(rewriter);
    rewriter.setInsertionPoint(position);
    SmallVector<Value> operands(product.getEpilogueOperands());
    SmallVector<AffineMap> maps =
        llvm::to_vector(product.getEpilogueMaps().getAsValueRange<AffineMapAttr>());
    for (UserOperand &operand : user.operands)
      if (!operand.result && !operand.constant) {
        operands.push_back(collapse(operand));
        maps.push_back(operand.map);
      }
    unsigned kept = product->getNumResults();
    SmallVector<Type> types(product->getResultTypes());
    for (Value result : user.op->getResults())
      types.push_back(getProductType(cast<RankedTensorType>(result.getType())));
    MatmulOp fused = takeWithEpilogue(rewriter, product, types, operands, maps);
    appendBody(fused.getEpilogueBlock());

    rewriter.replaceAllUsesWith(product->getResults(), fused->getResults().take_front(kept));
    rewriter.setInsertionPoint(user.op);
    SmallVector<Value> values;
    for (auto [result, value] :
         llvm::zip(user.op->getResults(), fused->getResults().drop_front(kept)))
      values.push_back(reshape(value, cast<RankedTensorType>(result.getType())));
    rewriter.replaceOp(user.op, values);
    if (user.reshape && user.reshape->use_empty())
      rewriter.eraseOp(user.reshape);
    rewriter.eraseOp(product);
    return dropUnusedResults(rewriter, fused);
  }

private:
  Value collapse(const UserOperand &operand) {
    if (operand.collapse.empty())
      return operand.value;
    auto expand = operand.value.getDefiningOp<tensor::ExpandShapeOp>();
    if (expand && expand.getReassociationIndices() == operand.collapse)
      return expand.getSrc();
    return tensor::CollapseShapeOp::create(rewriter, user.op.getLoc(), operand.value,
                                           operand.collapse);
  }

  /// The type over batch x M x N of a result that the user gives as `type`.
  RankedTensorType getProductType(RankedTensorType type) {
    if (!user.reshape)
      return type;
    if (user.expands)
      return tensor::CollapseShapeOp::inferCollapsedType(type, user.groups);
    return RankedTensorType::get(product.getResultType().getShape(), type.getElementType());
  }

  /// `value`, over batch x M x N, in the shape the user gave it.
  Value reshape(Value value, RankedTensorType type) {
    Location loc = user.op.getLoc();
    if (auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(user.reshape))
      return tensor::ExpandShapeOp::create(rewriter, loc, type, value, user.groups,
                                           expand.getMixedOutputShape());
    if (!user.reshape)
      return value;
    Value collapsed = tensor::CollapseShapeOp::create(rewriter, loc, value, user.groups);
    if (collapsed.getType() == type)
      return collapsed;
    return tensor::CastOp::create(rewriter, loc, type, collapsed);
  }

  /// Appends the user's body to the epilogue and yields its values after those that are there.
  void appendBody(Block *block) {
    OpBuilder::InsertionGuard guard(rewriter);
    Operation *yield = block->getTerminator();
    rewriter.setInsertionPoint(yield);
    IRMapping mapping;
    for (UserOperand &operand : user.operands) {
      Value value;
      if (operand.result)
        value = yield->getOperand(*operand.result);
      else if (operand.constant)
        value = arith::ConstantOp::create(rewriter, user.op.getLoc(), operand.constant);
      else
        value = block->addArgument(operand.argument.getType(), user.op.getLoc());
      mapping.map(operand.argument, value);
    }
    for (Operation &inner : user.op.getBlock()->without_terminator()) {
      importConstants(inner, mapping);
      if (!foldRounding(inner, mapping))
        rewriter.clone(inner, mapping);
    }
    Operation *end = user.op.getBlock()->getTerminator();
    importConstants(*end, mapping);
    SmallVector<Value> yielded(yield->getOperands());
    for (Value value : end->getOperands())
      yielded.push_back(mapping.lookup(value));
    rewriter.modifyOpInPlace(yield, [&]() { yield->setOperands(yielded); });
  }

  /// Constants from outside the body are copied into the epilogue, which is isolated.
  void importConstants(Operation &inner, IRMapping &mapping) {
    for (Value operand : inner.getOperands())
      if (operand.getParentBlock() != user.op.getBlock() && !mapping.contains(operand))
        mapping.map(operand, rewriter.clone(*operand.getDefiningOp())->getResult(0));
  }

  /// Widening what the product's epilogue rounded a moment ago gives the value before the rounding.
  bool foldRounding(Operation &inner, IRMapping &mapping) {
    auto extend = dyn_cast<arith::ExtFOp>(inner);
    if (!foldsRounding || !extend || !isa<BlockArgument>(extend.getIn()))
      return false;
    auto truncate = mapping.lookup(extend.getIn()).getDefiningOp<arith::TruncFOp>();
    if (!truncate || truncate.getIn().getType() != extend.getType())
      return false;
    remarkPassed(&inner, kPass,
                 "rounding to " + toText(truncate.getType()) +
                     " between two fused ops dropped; fold-intermediate-rounding=false keeps it");
    mapping.map(extend.getResult(), truncate.getIn());
    return true;
  }

  RewriterBase &rewriter;
  MatmulOp product;
  ElementwiseUser &user;
  bool foldsRounding;
};

//===-- Pass
//--------------------------------------------------------------------------------------//

struct FusePass : mpgemm::impl::FusePassBase<FusePass> {
  using FusePassBase::FusePassBase;

  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp product) { products.push_back(product); });
    IRRewriter rewriter(&getContext());
    for (MatmulOp product : products) {
      while (MatmulOp fused = fuseOne(rewriter, product))
        product = fused;
      explainRest(product);
      (void)fuseQuantization(rewriter, product, foldIntermediateRounding, kPass);
    }
    (void)runRegionDCE(rewriter, getOperation()->getRegions());
  }

  /// The way into the epilogue for one user: where the product will stand, or null and a reason if
  /// the op is elementwise.
  Operation *plan(MatmulOp product, Use use, FailureOr<ElementwiseUser> &user,
                  std::string &reason) {
    user = matchElementwiseUser(product, use.user, use.reshape, reason);
    if (failed(user) || !sharesOnlyWithElementwise(product, *user, reason))
      return nullptr;
    return findPosition(product, *user, reason);
  }

  MatmulOp fuseOne(RewriterBase &rewriter, MatmulOp product) {
    for (Use use : getUsesInOrder(product)) {
      std::string reason;
      FailureOr<ElementwiseUser> user = failure();
      if (Operation *position = plan(product, use, user, reason))
        return Fusion(rewriter, product, *user, foldIntermediateRounding).run(position);
    }
    return {};
  }

  void explainRest(MatmulOp product) {
    for (Use use : getUsesInOrder(product)) {
      std::string reason;
      FailureOr<ElementwiseUser> user = failure();
      if (!plan(product, use, user, reason) && !reason.empty())
        remarkMissed(use.user, kPass, reason);
    }
  }
};

} // namespace
