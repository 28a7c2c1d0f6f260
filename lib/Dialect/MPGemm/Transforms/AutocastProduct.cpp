// What becomes of each product of a function: facts are gathered, the policy's rule is found, the
// operands are converted, and a remark says what was done and why.
#include "AutocastProduct.h"
#include "AutocastOperands.h"
#include "Remarks.h"
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/DenseSet.h"
#include <cmath>

using namespace mlir;
using namespace mlir::mpgemm;

static constexpr StringLiteral kPass = "mpgemm-autocast";

//===-- Facts
//-------------------------------------------------------------------------------------//

/// The products that no other product depends on, if there are several products.
static llvm::DenseSet<Operation *> findLastProducts(func::FuncOp function) {
  llvm::DenseSet<Operation *> feeding, last;
  size_t products = 0;
  Block &block = function.getBody().front();
  for (Operation &op : llvm::reverse(block)) {
    bool feeds = llvm::any_of(op.getUsers(), [&](Operation *user) {
      Operation *ancestor = block.findAncestorOpInBlock(*user);
      return isa<MatmulOp>(user) || (ancestor && feeding.contains(ancestor));
    });
    if (feeds)
      feeding.insert(&op);
    if (!isa<MatmulOp>(op))
      continue;
    ++products;
    if (!feeds)
      last.insert(&op);
  }
  if (products < 2)
    last.clear();
  return last;
}

namespace {
/// Finds origins; each op is looked at once.
class OriginFinder {
public:
  Origin find(Value value) {
    if (dependsOnConstants(value))
      return Origin::Constant;
    while (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
                           linalg::TransposeOp>(value.getDefiningOp()))
      value = value.getDefiningOp()->getOperand(0);
    return isa<BlockArgument>(value) ? Origin::Argument : Origin::Computed;
  }

private:
  /// Walks with a list: a model is deeper than the stack.
  bool dependsOnConstants(Value root) {
    SmallVector<Operation *> stack;
    auto verdictOf = [&](Value value) -> std::optional<bool> {
      Operation *op = value.getDefiningOp();
      if (!op)
        return false;
      auto known = verdicts.find(op);
      if (known != verdicts.end())
        return known->second;
      stack.push_back(op);
      return std::nullopt;
    };
    std::optional<bool> result = verdictOf(root);
    while (!stack.empty()) {
      Operation *op = stack.back();
      size_t depth = stack.size();
      bool verdict = true;
      llvm::SetVector<Value> read(op->operand_begin(), op->operand_end());
      getUsedValuesDefinedAbove(op->getRegions(), read);
      for (Value operand : read)
        if (std::optional<bool> inner = verdictOf(operand))
          verdict &= *inner;
      if (stack.size() != depth)
        continue;
      verdicts[op] = verdict;
      stack.pop_back();
    }
    return result ? *result : verdicts.lookup(root.getDefiningOp());
  }

  llvm::DenseMap<Operation *, bool> verdicts;
};
} // namespace

static double toSize(int64_t size) {
  return ShapedType::isDynamic(size) ? std::numeric_limits<double>::infinity() : size;
}

//===-- One operand
//-------------------------------------------------------------------------------//

namespace {

/// An operand of a product.
struct Side {
  bool isA;
  Value value;
  bool kIsLast;
  Origin origin;
  std::optional<Weight> weight;
  const ObservedRange *range = nullptr;

  StringRef name() const { return isA ? "A" : "B"; }
  Type elementType() const { return cast<RankedTensorType>(value.getType()).getElementType(); }
};

/// What the product reads in place of an operand.
struct LowOperand {
  Value value, scale, zeroPoint;
  ScalingAttr scaling;
  bool kIsLast;
};

} // namespace

static void setOperand(MatmulOp product, bool isA, const LowOperand &operand) {
  auto assign = [](MutableOperandRange range, Value value) {
    if (value)
      range.assign(value);
  };
  if (isA) {
    product.getAMutable().set(operand.value);
    product.setTransposeA(!operand.kIsLast);
    assign(product.getAScaleMutable(), operand.scale);
    assign(product.getAZeroPointMutable(), operand.zeroPoint);
    product.setAScalingAttr(operand.scaling);
  } else {
    product.getBMutable().set(operand.value);
    product.setTransposeB(operand.kIsLast);
    assign(product.getBScaleMutable(), operand.scale);
    assign(product.getBZeroPointMutable(), operand.zeroPoint);
    product.setBScalingAttr(operand.scaling);
  }
}

/// How scales of this granularity are placed; `each` is the kind for one row along K.
static ScalingAttr getScaling(MLIRContext *context, Granularity granularity, ScalingKind each) {
  ScalingKind kind = granularity.isPerTensor() ? ScalingKind::PerTensor
                     : granularity.k == 0      ? each
                     : granularity.outer == 1  ? ScalingKind::Group
                                               : ScalingKind::Block;
  return ScalingAttr::get(context, kind, granularity.outer, granularity.k);
}

static std::string toText(Granularity granularity, StringRef each) {
  if (granularity.isPerTensor())
    return "per tensor";
  if (granularity.k == 0)
    return ("per " + each).str();
  return (Twine("per ") + Twine(granularity.outer) + "x" + Twine(granularity.k)).str();
}

/// The scale of a range in codes up to `largestCode`, as mpgemm.dynamic_quantize computes it.
static TensorScale getSymmetricScale(const ObservedRange &range, float largestCode) {
  float scale = static_cast<float>(range.absmax) / largestCode;
  return {std::max(scale, 0x1p-126f), std::nullopt};
}

/// Scale and zero point that spread a range, which is made to include 0, over the codes of i8.
static TensorScale getAsymmetricScale(const ObservedRange &range) {
  float low = std::min(0.0, range.min), high = std::max(0.0, range.max);
  float scale = std::max((high - low) / 255.0f, 0x1p-126f);
  float zero = std::nearbyint(-128.0f - low / scale);
  return {scale, static_cast<int8_t>(std::clamp(zero, -128.0f, 127.0f))};
}

//===-- Autocast
//----------------------------------------------------------------------------------//

namespace {

class Autocast {
public:
  Autocast(func::FuncOp function, const AutocastSettings &settings, WeightConverter &weights)
      : function(function), settings(settings), weights(weights), operands(function.getContext()) {}

  LogicalResult run(llvm::StringSet<> &layers) {
    llvm::DenseSet<Operation *> last;
    if (!settings.castsLast)
      last = findLastProducts(function);
    SmallVector<MatmulOp> products(function.getBody().getOps<MatmulOp>());
    for (auto [index, product] : llvm::enumerate(products)) {
      auto name = product->getAttrOfType<StringAttr>(kLayerAttr);
      layer = name ? name.str() : (function.getSymName() + "." + Twine(index)).str();
      layers.insert(layer);
      if (failed(autocast(product, last.contains(product))))
        return failure();
    }
    return success();
  }

private:
  LogicalResult autocast(MatmulOp product, bool isLast);
  LogicalResult convert(MatmulOp product, Side &a, Side &b, const AutocastRule &rule);
  LogicalResult checkTarget(MatmulOp product, Type code, Type accumulator);

  FailureOr<Side> getSide(MatmulOp product, bool isA);
  void castOperand(MatmulOp product, const Side &side, FloatType type, std::string &how);
  LogicalResult quantiseOperand(MatmulOp product, const Side &side, bool isWeight, Type code,
                                const AutocastAction &action, std::string &how);

  /// Where the product is no candidate: why, and what would help.
  bool isCandidate(MatmulOp product, std::string &reason, std::string &help);
  /// Why the operands cannot have 8-bit codes, or "".
  std::string findObstacle(const Side &a, const Side &b);

  void stays(MatmulOp product, const std::string &reason, const std::string &help) {
    remarkMissed(product, kPass, layer + " stays as it is: " + reason, help);
  }

  func::FuncOp function;
  const AutocastSettings &settings;
  WeightConverter &weights;
  OperandConverter operands;
  OriginFinder origins;
  std::string layer;
};

} // namespace

bool Autocast::isCandidate(MatmulOp product, std::string &reason, std::string &help) {
  Type a = product.getAType().getElementType(), b = product.getBType().getElementType();
  if (!a.isF32() || !b.isF32()) {
    llvm::raw_string_ostream(reason) << "its operands are " << a << " x " << b;
    help = "autocast takes models in f32";
    return false;
  }
  if (product.getF32Precision()) {
    reason = "the model sets its f32_precision";
    return false;
  }
  if (product.getScheduleAttr()) {
    reason = "it has a schedule, which was written for its types";
    return false;
  }
  if (product.getAScale() || product.getBScale()) {
    reason = "it has scales";
    return false;
  }
  return true;
}

FailureOr<Side> Autocast::getSide(MatmulOp product, bool isA) {
  Side side;
  side.isA = isA;
  side.value = isA ? product.getA() : product.getB();
  side.kIsLast = isA ? !product.getTransposeA() : product.getTransposeB();
  side.origin = origins.find(side.value);
  FailureOr<std::optional<Weight>> weight = getWeight(side.value);
  if (failed(weight))
    return failure();
  side.weight = *weight;
  const ObservedLayer *observed =
      settings.calibration ? settings.calibration->find(layer) : nullptr;
  if (observed && (isA ? observed->a : observed->b))
    side.range = isA ? &*observed->a : &*observed->b;
  return side;
}

LogicalResult Autocast::autocast(MatmulOp product, bool isLast) {
  std::string reason, help;
  if (!isCandidate(product, reason, help)) {
    stays(product, reason, help);
    return success();
  }
  FailureOr<Side> a = getSide(product, true), b = getSide(product, false);
  if (failed(a) || failed(b))
    return failure();
  auto absmaxOf = [](const Side &side) -> std::optional<double> {
    if (side.weight)
      return scanWeight(*side.weight).absmax;
    if (side.range)
      return side.range->absmax;
    return std::nullopt;
  };
  ProductFacts facts;
  facts.layer = layer;
  facts.isLast = isLast;
  facts.a = a->origin;
  facts.b = b->origin;
  facts.m = toSize(product.getStaticM());
  facts.n = toSize(product.getStaticN());
  facts.k = toSize(product.getStaticK());
  facts.work = facts.k;
  for (int64_t size : product.getOutputShape())
    facts.work = size == 0 ? 0 : facts.work * toSize(size);
  facts.absmaxA = [&] { return absmaxOf(*a); };
  facts.absmaxB = [&] { return absmaxOf(*b); };

  const AutocastRule *rule = settings.policy.find(facts, settings.asked);
  if (!rule) {
    stays(product, "no rule of the policy matches it", "a last rule with an empty match");
    return success();
  }
  if (rule->action.precision == Precision::F32) {
    stays(product, rule->why, rule->help);
    return success();
  }
  return convert(product, *a, *b, *rule);
}

//===-- Converting
//--------------------------------------------------------------------------------//

LogicalResult Autocast::checkTarget(MatmulOp product, Type code, Type accumulator) {
  StringRef target = settings.target;
  if (target.empty())
    return success();
  for (bool warpgroup : {false, true})
    if (mptile::findMmaAtom(target, code, code, accumulator, warpgroup))
      return success();
  return product.emitOpError() << layer << " is to be multiplied as " << code << " x " << code
                               << ", for which " << target
                               << " has no instruction; choose another precision, or a policy that "
                                  "gives this layer one";
}

std::string Autocast::findObstacle(const Side &a, const Side &b) {
  for (const Side *side : {&a, &b}) {
    auto type = cast<RankedTensorType>(side->value.getType());
    if (type.hasStaticShape() && type.getNumElements() == 0)
      return (side->name() + " has no elements").str();
    if (!side->weight)
      continue;
    if (int64_t count = scanWeight(*side->weight).notFinite)
      return (Twine(count) + " values of the weight " + side->name() + " are not finite").str();
  }
  return "";
}

void Autocast::castOperand(MatmulOp product, const Side &side, FloatType type, std::string &how) {
  LowOperand low;
  low.kIsLast = side.kIsLast;
  how += (how.empty() ? "" : ", ") + side.name().str();
  if (!side.weight) {
    low.value = operands.castTo(side.value, type);
    how += " cast as the program runs";
  } else {
    int64_t overflows;
    low.value = operands.constant(product, weights.cast(*side.weight, type, overflows));
    how += " converted at compile time";
    if (overflows)
      remarkMissed(product, kPass,
                   layer + ": " + std::to_string(overflows) + " values of the weight " +
                       side.name().str() + " are beyond the range of f16 and became infinities",
                   "bf16, or a policy that leaves this layer in f32");
  }
  setOperand(product, side.isA, low);
}

LogicalResult Autocast::quantiseOperand(MatmulOp product, const Side &side, bool isWeight,
                                        Type code, const AutocastAction &action, std::string &how) {
  const Granularity granularity = isWeight ? action.weights : action.activations;
  how += (how.empty() ? "" : ", ") + side.name().str() + " quantised ";
  ScalingKind each = side.isA ? ScalingKind::Row : ScalingKind::Column;
  LowOperand low;
  low.kIsLast = true;
  low.scaling = getScaling(product.getContext(), granularity, each);

  if (side.weight) {
    QuantisedWeight quantised =
        weights.quantise(*side.weight, code, side.kIsLast, granularity.outer, granularity.k);
    low.value = operands.constant(product, quantised.codes);
    low.scale = operands.constant(product, quantised.scales);
    setOperand(product, side.isA, low);
    how += toText(granularity, "channel") + " at compile time";
    return success();
  }
  if (!isWeight && action.ranges == RangeSource::Static && !side.range)
    return product.emitOpError()
           << layer << " is to have static scales, but "
           << (settings.calibration
                   ? "the calibration file has no range of its operand " + side.name().str() +
                         "; calibrate with inputs that reach it"
                   : "no calibration file is given; name one with --calibration")
           << ", or let the policy say \"ranges\": \"dynamic\"";
  if (!isWeight && action.ranges != RangeSource::Dynamic && side.range) {
    bool spreads = action.zeroPoint && code.isInteger();
    TensorScale scale = spreads ? getAsymmetricScale(*side.range)
                                : getSymmetricScale(*side.range, code.isInteger() ? 127 : 448);
    OperandConverter::Codes codes = operands.quantise(side.value, code, scale);
    low = {codes.codes, codes.scale, codes.zeroPoint,
           getScaling(product.getContext(), Granularity{0, 0}, each), side.kIsLast};
    setOperand(product, side.isA, low);
    how += spreads ? "per tensor with the calibrated range and a zero point"
                   : "per tensor with the calibrated range";
    return success();
  }
  Value value = side.kIsLast ? side.value : operands.transpose(side.value);
  OperandConverter::Codes codes = operands.quantiseDynamically(
      value, code, getScaling(product.getContext(), granularity, ScalingKind::Row));
  low.value = codes.codes;
  low.scale = codes.scale;
  setOperand(product, side.isA, low);
  how += toText(granularity, isWeight ? "channel" : "token") + " as the program runs";
  if (!isWeight && settings.calibration && action.ranges == RangeSource::Auto)
    how += " (the calibration file has no range of it)";
  return success();
}

LogicalResult Autocast::convert(MatmulOp product, Side &a, Side &b, const AutocastRule &rule) {
  Precision precision = rule.action.precision.value_or(settings.asked);
  Builder builder(product.getContext());
  std::string how;
  switch (precision) {
  case Precision::F32:
    break;
  case Precision::TF32:
    product.setF32Precision(F32Precision::TF32);
    how = "operands read with 10 bits of mantissa";
    break;
  case Precision::F16:
  case Precision::BF16: {
    FloatType type = precision == Precision::F16 ? FloatType(builder.getF16Type())
                                                 : FloatType(builder.getBF16Type());
    castOperand(product, a, type, how);
    castOperand(product, b, type, how);
    break;
  }
  case Precision::FP8:
  case Precision::INT8: {
    if (std::string obstacle = findObstacle(a, b); !obstacle.empty()) {
      stays(product, obstacle, "");
      return success();
    }
    bool isInteger = precision == Precision::INT8;
    Type code = isInteger ? Type(builder.getI8Type()) : Float8E4M3FNType::get(builder.getContext());
    Type accumulator = isInteger ? Type(builder.getI32Type()) : builder.getF32Type();
    if (failed(checkTarget(product, code, accumulator)))
      return failure();
    bool weightIsB = b.origin != Origin::Computed;
    bool weightIsA = !weightIsB && a.origin == Origin::Constant;
    if (failed(quantiseOperand(product, a, weightIsA, code, rule.action, how)) ||
        failed(quantiseOperand(product, b, weightIsB, code, rule.action, how)))
      return failure();
    product.setAccumulationAttr(AccumulateAttr::get(accumulator));
    break;
  }
  }
  std::string text = layer + " in " + mpgemm::toText(precision).str() + ": " + how;
  if (precision != settings.asked)
    text += "; not in " + mpgemm::toText(settings.asked).str() + ", because " + rule.why;
  remarkPassed(product, kPass, text);
  return success();
}

LogicalResult mpgemm::autocastFunction(func::FuncOp function, const AutocastSettings &settings,
                                       WeightConverter &weights, llvm::StringSet<> &layers) {
  return Autocast(function, settings, weights).run(layers);
}
