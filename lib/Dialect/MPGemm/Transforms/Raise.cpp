// --mpgemm-raise: contractions of linalg become mpgemm.matmul.
//
// In: functions on tensors. Out: each linalg op that sums products of two tensors is an
// mpgemm.matmul, if its types and the order of its dimensions allow; else it stays, and a remark
// says why. Dimensions that form M, N or K together are merged with tensor.collapse_shape, and the
// result is expanded again.
#include "Contraction.h"
#include "Remarks.h"
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_RAISEPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

static constexpr StringLiteral kPass = "mpgemm-raise";

//===-- Dimensions
//--------------------------------------------------------------------------------//

namespace {

/// How the dimensions of a contraction become batch x M x N: loops in the order of the result.
struct Layout {
  bool swapped = false;        // lhs is B and rhs is A
  SmallVector<unsigned> outer; // batch dimensions of one operand only
  SmallVector<unsigned> batch, m, n, k;
  bool outerOfA = true; // the operand that has `outer`
  bool transposeA = false, transposeB = false;
};

} // namespace

static SmallVector<unsigned> getLoops(AffineMap map) {
  SmallVector<unsigned> loops;
  for (AffineExpr expr : map.getResults())
    loops.push_back(cast<AffineDimExpr>(expr).getPosition());
  return loops;
}

static SmallVector<unsigned> concat(std::initializer_list<ArrayRef<unsigned>> lists) {
  SmallVector<unsigned> all;
  for (ArrayRef<unsigned> list : lists)
    llvm::append_range(all, list);
  return all;
}

/// Whether `loops` is prefix, first, second (false) or prefix, second, first (true).
static std::optional<bool> matchOrder(ArrayRef<unsigned> loops, ArrayRef<unsigned> prefix,
                                      ArrayRef<unsigned> first, ArrayRef<unsigned> second) {
  if (loops == ArrayRef<unsigned>(concat({prefix, first, second})))
    return false;
  if (loops == ArrayRef<unsigned>(concat({prefix, second, first})))
    return true;
  return std::nullopt;
}

static bool matchLayout(const Contraction &contraction, Layout &layout) {
  const ContractionOperand &a = layout.swapped ? contraction.rhs : contraction.lhs;
  const ContractionOperand &b = layout.swapped ? contraction.lhs : contraction.rhs;
  SmallVector<unsigned> prefix = concat({layout.outer, layout.batch});
  if (getLoops(contraction.outMap) != concat({prefix, layout.m, layout.n}))
    return false;
  ArrayRef<unsigned> batch = layout.batch;
  std::optional<bool> orderOfA =
      matchOrder(getLoops(a.map), layout.outerOfA ? prefix : batch, layout.m, layout.k);
  std::optional<bool> orderOfB =
      matchOrder(getLoops(b.map), layout.outerOfA ? batch : prefix, layout.k, layout.n);
  if (!orderOfA || !orderOfB)
    return false;
  layout.transposeA = *orderOfA;
  layout.transposeB = *orderOfB;
  return true;
}

/// Finds the layout with the fewest batch dimensions: what can be merged into M or N is.
static std::optional<Layout> findLayout(const Contraction &contraction) {
  size_t maxOuter = std::max(contraction.m.size(), contraction.n.size());
  for (size_t outer = 0; outer < maxOuter; ++outer)
    for (bool swapped : {false, true})
      for (bool outerOfA : {true, false}) {
        Layout layout;
        layout.swapped = swapped;
        layout.outerOfA = outerOfA;
        layout.batch = contraction.batch;
        layout.m = swapped ? contraction.n : contraction.m;
        layout.n = swapped ? contraction.m : contraction.n;
        // K in the order of one operand; the other is checked against it.
        for (unsigned loop : getLoops(contraction.lhs.map))
          if (llvm::is_contained(contraction.k, loop))
            layout.k.push_back(loop);
        SmallVector<unsigned> &source = outerOfA ? layout.m : layout.n;
        if (outer >= source.size())
          continue;
        layout.outer.assign(source.begin(), source.begin() + outer);
        source.erase(source.begin(), source.begin() + outer);
        if (matchLayout(contraction, layout))
          return layout;
      }
  return std::nullopt;
}

/// Dimensions of a value with `prefix` single ones and then groups of the given sizes.
static SmallVector<ReassociationIndices> getReassociation(size_t prefix, size_t first,
                                                          size_t second) {
  SmallVector<ReassociationIndices> groups;
  int64_t dim = 0;
  for (size_t i = 0; i < prefix; ++i)
    groups.push_back({dim++});
  for (size_t size : {first, second}) {
    ReassociationIndices &group = groups.emplace_back();
    for (size_t i = 0; i < size; ++i)
      group.push_back(dim++);
  }
  return groups;
}

//===-- Initial value
//-----------------------------------------------------------------------------//

/// The sizes of `value`, from the op that allocated it where that is known.
static SmallVector<OpFoldResult> getSizes(OpBuilder &builder, Location loc, Value value) {
  while (auto fill = value.getDefiningOp<linalg::FillOp>())
    value = fill.getOutputs()[0];
  if (auto empty = value.getDefiningOp<tensor::EmptyOp>())
    return empty.getMixedSizes();
  return tensor::getMixedSizes(builder, loc, value);
}

//===-- Types
//-------------------------------------------------------------------------------------//

static bool isStorageType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.isSignless() && llvm::is_contained({1u, 2u, 4u, 8u}, integer.getWidth());
  return isa<Float32Type, Float16Type, BFloat16Type, Float8E4M3FNType, Float8E5M2Type,
             Float4E2M1FNType, Float6E2M3FNType, Float6E3M2FNType>(type);
}

static std::string text(Type type) {
  std::string result;
  llvm::raw_string_ostream(result) << type;
  return result;
}

/// The accumulation type, or null and the reason why there is none.
static Type getAccumulationType(const Contraction &contraction, std::string &reason) {
  Type a = contraction.lhs.type().getElementType(), b = contraction.rhs.type().getElementType();
  Type out = contraction.outType().getElementType();
  for (Type code : {a, b})
    if (!isStorageType(code)) {
      reason = "an operand is stored as " + text(code) +
               "; products are of f32, f16, bf16, f8E4M3FN, f8E5M2, i8 and narrower codes";
      return {};
    }
  bool areIntegers = a.isInteger() && b.isInteger();
  if (areIntegers && !out.isInteger(32)) {
    reason =
        text(a) + " x " + text(b) + " is summed in " + text(out) + "; integers are summed in i32";
    return {};
  }
  bool hasZeroPoint = contraction.lhs.zeroPoint || contraction.rhs.zeroPoint;
  if (areIntegers)
    return out;
  if (hasZeroPoint) {
    reason = text(a) + " x " + text(b) + " has zero points; they belong to integer codes";
    return {};
  }
  if (isa<Float32Type, Float16Type, BFloat16Type>(out))
    return Float32Type::get(out.getContext());
  reason = text(a) + " x " + text(b) + " is summed in " + text(out) + "; use f32";
  return {};
}

//===-- Building
//----------------------------------------------------------------------------------//

namespace {

/// Builds the product for one contraction.
class Raising {
public:
  Raising(RewriterBase &rewriter, linalg::LinalgOp op, const Contraction &contraction,
          const Layout &layout, Type accumulation)
      : rewriter(rewriter), op(op), loc(op.getLoc()), contraction(contraction), layout(layout),
        accumulation(accumulation) {}

  void run() {
    const ContractionOperand &a = layout.swapped ? contraction.rhs : contraction.lhs;
    const ContractionOperand &b = layout.swapped ? contraction.lhs : contraction.rhs;
    size_t batch = layout.batch.size(), outer = layout.outer.size() + batch;
    size_t m = layout.m.size(), n = layout.n.size(), k = layout.k.size();
    Value valueOfA =
        collapse(a.value, getReassociation(layout.outerOfA ? outer : batch,
                                           layout.transposeA ? k : m, layout.transposeA ? m : k));
    Value valueOfB =
        collapse(b.value, getReassociation(layout.outerOfA ? batch : outer,
                                           layout.transposeB ? n : k, layout.transposeB ? k : n));
    SmallVector<ReassociationIndices> groups = getReassociation(outer, m, n);
    RankedTensorType type = contraction.outType();
    auto resultType = type.getRank() == static_cast<int64_t>(groups.size())
                          ? type
                          : tensor::CollapseShapeOp::inferCollapsedType(type, groups);

    Value extra = contraction.init;
    AffineMap map;
    bool startsAtZero = isZeroTensor(contraction.init);
    bool isBroadcast = !startsAtZero && getBroadcast(groups, extra, map);
    Value init = startsAtZero || isBroadcast ? Value() : collapse(contraction.init, groups);
    Value zeroOfA = getZeroPoint(a), zeroOfB = getZeroPoint(b);
    auto product =
        MatmulOp::create(rewriter, loc, resultType, valueOfA, valueOfB, init, layout.transposeA,
                         layout.transposeB, AccumulateAttr::get(accumulation));
    product.setUnsignedA(a.isUnsigned && a.type().getElementType().isInteger());
    product.setUnsignedB(b.isUnsigned && b.type().getElementType().isInteger());
    if (zeroOfA)
      product.getAZeroPointMutable().assign(zeroOfA);
    if (zeroOfB)
      product.getBZeroPointMutable().assign(zeroOfB);
    if (isBroadcast)
      addInEpilogue(product, extra, map);
    rewriter.replaceOp(op, expand(product.getOutputs()[0], groups));
  }

private:
  Value collapse(Value value, ArrayRef<ReassociationIndices> groups) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getRank() == static_cast<int64_t>(groups.size()))
      return value;
    return tensor::CollapseShapeOp::create(rewriter, loc, value, groups);
  }

  /// The zero point as a tensor, or null if it is 0.
  Value getZeroPoint(const ContractionOperand &operand) {
    Value zero = operand.zeroPoint;
    if (!zero || matchPattern(zero, m_Zero()))
      return {};
    auto type = RankedTensorType::get({}, rewriter.getI32Type());
    Attribute constant;
    if (matchPattern(zero, m_Constant(&constant)))
      return arith::ConstantOp::create(rewriter, loc, DenseElementsAttr::get(type, constant));
    auto extract = zero.getDefiningOp<tensor::ExtractOp>();
    if (extract && extract.getIndices().empty())
      return extract.getTensor();
    return tensor::FromElementsOp::create(rewriter, loc, type, zero);
  }

  Value expand(Value value, ArrayRef<ReassociationIndices> groups) {
    RankedTensorType type = contraction.outType();
    if (type.getRank() == static_cast<int64_t>(groups.size()))
      return value;
    return tensor::ExpandShapeOp::create(rewriter, loc, type, value, groups,
                                         getSizes(rewriter, loc, contraction.init));
  }

  /// Whether the initial value is a broadcast that can be read over batch x M x N.
  bool getBroadcast(ArrayRef<ReassociationIndices> groups, Value &value, AffineMap &map) {
    map = rewriter.getMultiDimIdentityMap(contraction.outType().getRank());
    if (!lookThroughBroadcast(value, map) || map.isPermutation())
      return false;
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : map.getResults()) {
      int64_t dim = cast<AffineDimExpr>(expr).getPosition();
      auto *group = llvm::find_if(groups, [&](const ReassociationIndices &indices) {
        return indices.size() == 1 && indices.front() == dim;
      });
      if (group == groups.end())
        return false;
      exprs.push_back(rewriter.getAffineDimExpr(group - groups.begin()));
    }
    map = AffineMap::get(groups.size(), 0, exprs, rewriter.getContext());
    return true;
  }

  /// Adds `extra`, read at `map`, to the accumulator.
  void addInEpilogue(MatmulOp product, Value extra, AffineMap map) {
    product.getEpilogueOperandsMutable().append(extra);
    product.setEpilogueMapsAttr(rewriter.getAffineMapArrayAttr(map));
    Block *block = product.getOrCreateEpilogue(rewriter);
    Value acc = block->getArgument(0);
    Value value = block->addArgument(getElementTypeOrSelf(extra.getType()), loc);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(block);
    if (value.getType() != accumulation)
      value = arith::ExtFOp::create(rewriter, loc, accumulation, value);
    Operation *sum = accumulation.isInteger()
                         ? arith::AddIOp::create(rewriter, loc, acc, value).getOperation()
                         : arith::AddFOp::create(rewriter, loc, acc, value).getOperation();
    rewriter.replaceUsesWithIf(acc, sum->getResult(0),
                               [&](OpOperand &use) { return use.getOwner() != sum; });
  }

  RewriterBase &rewriter;
  linalg::LinalgOp op;
  Location loc;
  const Contraction &contraction;
  const Layout &layout;
  Type accumulation;
};

struct RaisePass : mpgemm::impl::RaisePassBase<RaisePass> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops)
      raise(rewriter, op);
    (void)runRegionDCE(rewriter, getOperation()->getRegions());
  }

  void raise(RewriterBase &rewriter, linalg::LinalgOp op) {
    std::string reason;
    FailureOr<Contraction> contraction = matchContraction(op, reason);
    if (failed(contraction)) {
      if (!reason.empty())
        remarkMissed(op, kPass, reason);
      return;
    }
    if (contraction->m.empty() || contraction->n.empty()) {
      remarkMissed(op, kPass, "an operand is a vector", "give it a dimension of size 1");
      return;
    }
    Type accumulation = getAccumulationType(*contraction, reason);
    if (!accumulation) {
      remarkMissed(op, kPass, reason);
      return;
    }
    std::optional<Layout> layout = findLayout(*contraction);
    if (!layout) {
      remarkMissed(op, kPass, "the dimensions of its operands are not batch, then M and K (or N)",
                   "transpose an operand with linalg.transpose");
      return;
    }
    Type type = contraction->outType().getElementType();
    if (type != accumulation)
      remarkPassed(op, kPass,
                   "summed in " + text(type) + " as written; raised to sums in " +
                       text(accumulation) + " with one rounding to " + text(type));
    rewriter.setInsertionPoint(op);
    Raising(rewriter, op, *contraction, *layout, accumulation).run();
  }
};

} // namespace
