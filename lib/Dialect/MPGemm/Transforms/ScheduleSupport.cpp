// From mpgemm.matmul to the cost model and back.
//
// A hand-written #mpgemm.schedule may leave everything but the tile open; what it says is kept and
// checked.
#include "ScheduleSupport.h"

#include "ResultScales.h"
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <numeric>

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

// TMA: at most 5 dimensions, row pitch a multiple of 16 bytes (CUtensorMap,
// cuTensorMapEncodeTiled).
constexpr int64_t tmaMaxRank = 5;
constexpr int64_t tmaPitchBytes = 16;

int64_t elementBytes(RankedTensorType type) {
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

int64_t sizeOr(int64_t size, int64_t guess) { return ShapedType::isDynamic(size) ? guess : size; }

// What load_fragment and store_fragment move element by element.
bool isEpilogueType(Type type) {
  return type.isF32() || type.isF16() || type.isBF16() ||
         isa<Float8E4M3FNType, Float8E5M2Type, Float8E8M0FNUType>(type) ||
         type.isSignlessInteger(8) || type.isSignlessInteger(16) || type.isSignlessInteger(32);
}
constexpr StringLiteral epilogueTypes = "f32, f16, bf16, f8E4M3FN, f8E5M2, i8, i16 or i32";

const mptile::MmaAtom *findAtom(MatmulOp op, const cost::TargetNumbers &target, Type acc) {
  const bool warpgroup = target.warpSpecialised && !isExactF32(op);
  return mptile::findMmaAtom(target.name, op.getAType().getElementType(),
                             op.getBType().getElementType(), acc, warpgroup, op.getUnsignedA(),
                             op.getUnsignedB());
}

// "f32 or f16": what the target sums products of these operands in.
std::string describeAccumulations(MatmulOp op, const cost::TargetNumbers &target) {
  Builder builder(op.getContext());
  std::string text;
  for (Type acc :
       {Type(builder.getF32Type()), Type(builder.getF16Type()), Type(builder.getI32Type())}) {
    const mptile::MmaAtom *atom = findAtom(op, target, acc);
    if (!atom || !atom->lowered)
      continue;
    llvm::raw_string_ostream stream(text);
    stream << (text.empty() ? "" : " or ") << acc;
  }
  return text;
}

// The table of tensor-core instructions says what a target multiplies.
LogicalResult checkTypes(MatmulOp op, const cost::TargetNumbers &target) {
  Type a = op.getAType().getElementType(), b = op.getBType().getElementType();
  Type acc = op.getAccumulation().getType();
  const mptile::MmaAtom *atom = findAtom(op, target, acc);
  if (!atom || !atom->lowered) {
    std::string others = describeAccumulations(op, target);
    if (!others.empty())
      return op.emitOpError() << target.name << " cannot accumulate " << a << " x " << b << " in "
                              << acc << "; use " << others;
    return op.emitOpError() << target.name << " has no lowered product of " << a << " x " << b
                            << "; it multiplies "
                            << mptile::describeMmaAtoms(target.name, target.warpSpecialised);
  }
  if (!atom->mnMajor && (op.getTransposeA() || !op.getTransposeB()))
    return op.emitOpError() << target.name << " multiplies " << a << " x " << b
                            << " only where K is contiguous: store A as M x K and B as N x K"
                            << " (transposed); --mpgemm-legalize does so";
  return success();
}

// Scales that change along K; a run of K that shares them is a whole number of instructions.
LogicalResult checkScales(MatmulOp op, const cost::TargetNumbers &target) {
  if (op.getAZeroPoint() || op.getBZeroPoint())
    return op.emitOpError() << "is not lowered with zero points; run --mpgemm-legalize first";
  for (std::optional<ScalingAttr> scaling : {op.getAScaling(), op.getBScaling()})
    if (scaling && scaling->isConstantAlongK())
      return op.emitOpError() << "has a scale that is constant along K, which belongs into the "
                                 "epilogue; run --mpgemm-legalize first";
  for (Value scale : {op.getAScale(), op.getBScale()}) {
    if (!scale)
      continue;
    Type type = getElementTypeOrSelf(scale);
    if (!type.isF32() && !type.isF16() && !type.isBF16() && !isa<Float8E8M0FNUType>(type))
      return op.emitOpError() << "does not load scales of " << type
                              << "; use f32, f16, bf16 or f8E8M0FNU";
  }
  const mptile::MmaAtom *atom = findAtom(op, target, op.getAccumulation().getType());
  const int64_t run = getRunK(op);
  // ptxas reads the pairs of such an accumulator too early and then waits after every product.
  if (run && atom && atom->isWgmma() && op.getAccumulation().getType().isF16())
    return op.emitOpError() << target.name << " does not promote or scale partial sums of f16; "
                            << "accumulate in f32, or promote = never without scales along K";
  if (atom && run % atom->k)
    return op.emitOpError() << "has partial sums of " << run << " steps of K, but " << atom->name
                            << " multiplies " << atom->k
                            << " at a time; use groups and a promotion of a multiple of that";
  return success();
}

// Relative to products of 16 bits; three tf32 products are one of f32.
double getTensorRate(MatmulOp op) {
  Type a = op.getAType().getElementType();
  const int64_t bits =
      std::max(a.getIntOrFloatBitWidth(), op.getBType().getElementType().getIntOrFloatBitWidth());
  return 16.0 / double(bits) / (isExactF32(op) ? 3 : 1);
}

} // namespace

bool mlir::mpgemm::isExactF32(MatmulOp op) {
  return op.getAType().getElementType().isF32() && op.getBType().getElementType().isF32() &&
         op.getF32Precision().value_or(F32Precision::Exact) == F32Precision::Exact;
}

const cost::TargetNumbers *mlir::mpgemm::findTargetOrError(Operation *op, StringRef target) {
  const cost::TargetNumbers *numbers = cost::findTarget(target.str());
  if (!numbers)
    op->emitError() << "unknown target '" << target << "'; known are " << cost::targetNames();
  return numbers;
}

LogicalResult mlir::mpgemm::checkLowered(MatmulOp op, const cost::TargetNumbers &target) {
  if (failed(checkTypes(op, target)) || failed(checkScales(op, target)))
    return failure();
  if (std::string reason = whyNotQuantized(op); !reason.empty())
    return op.emitOpError() << "cannot quantize its result by " << op.getResultScalingAttr()
                            << " in a kernel: " << reason
                            << "; use mpgemm.dynamic_quantize of its result";
  for (Value result : op.getOutputs().take_front(op.getNumElementResults()))
    if (Type type = getElementTypeOrSelf(result); !isEpilogueType(type))
      return op.emitOpError() << "does not store results of " << type << " yet; use "
                              << epilogueTypes;
  for (Value operand : op.getEpilogueOperands())
    if (Type type = getElementTypeOrSelf(operand); !isEpilogueType(type))
      return op.emitOpError() << "does not load epilogue operands of " << type << " yet; use "
                              << epilogueTypes;
  return success();
}

// Sums of products of 8-bit floats are short in the tensor core: the last bits of a long sum would
// be lost. After this many steps of K they are added in f32.
static constexpr int64_t defaultPromotion = 128;

int64_t mlir::mpgemm::getRunK(MatmulOp op) {
  const auto isFloat8 = [](RankedTensorType type) {
    return isa<Float8E4M3FNType, Float8E5M2Type>(type.getElementType());
  };
  int64_t run = 0;
  const AccumulateAttr accumulation = op.getAccumulation();
  if (isFloat8(op.getAType()) && isFloat8(op.getBType()) && !accumulation.neverPromotes()) {
    run = accumulation.getPromote();
    if (!run && accumulation.getType().isF32())
      run = defaultPromotion;
  }
  bool scaled = false;
  for (std::optional<ScalingAttr> scaling : {op.getAScaling(), op.getBScaling()})
    if (scaling && !scaling->isConstantAlongK()) {
      run = std::gcd(run, scaling->getKBlock());
      scaled = true;
    }
  // A K that one run spans needs no second level.
  const int64_t k = op.getStaticK();
  return !scaled && !ShapedType::isDynamic(k) && k <= run ? 0 : run;
}

bool mlir::mpgemm::hasTmaPitch(RankedTensorType type) {
  if (type.getRank() > tmaMaxRank || type.getRank() < 2)
    return false;
  const int64_t inner = type.getShape().back();
  return !ShapedType::isDynamic(inner) && inner > 0 &&
         inner * type.getElementTypeBitWidth() / 8 % tmaPitchBytes == 0;
}

cost::ProductShape mlir::mpgemm::getProductShape(MatmulOp op, const SizeGuesses &guesses,
                                                 const cost::TargetNumbers &target) {
  cost::ProductShape shape;
  shape.m = sizeOr(op.getStaticM(), guesses.m);
  shape.n = sizeOr(op.getStaticN(), guesses.other);
  shape.k = sizeOr(op.getStaticK(), guesses.other);
  const SmallVector<int64_t> outputShape = op.getOutputShape();
  for (int64_t size : ArrayRef(outputShape).drop_back(2))
    shape.batch *= sizeOr(size, 1);
  shape.aBytes = elementBytes(op.getAType());
  shape.bBytes = elementBytes(op.getBType());
  shape.accumulatorBytes =
      llvm::divideCeil(op.getAccumulation().getType().getIntOrFloatBitWidth(), 8);
  shape.tensorRate = getTensorRate(op);
  if (isExactF32(op)) {
    shape.accumulators = 2;
    shape.bySingleWarps = target.warpSpecialised;
  }
  shape.runK = getRunK(op);
  if (op.getAScale())
    shape.aScaleRows = op.getAScaling()->getOuterBlock();
  if (op.getBScale())
    shape.bScaleColumns = op.getBScaling()->getOuterBlock();
  if (const mptile::MmaAtom *atom = findAtom(op, target, op.getAccumulation().getType()))
    shape.stepK = atom->k;
  shape.aKMajor = !op.getTransposeA();
  shape.bKMajor = op.getTransposeB();
  // With K = 0 no operand has an element, and a tensor map of nothing cannot be encoded.
  const bool anyK = !ShapedType::isDynamic(op.getStaticK()) && op.getStaticK() > 0;
  shape.aPitchForTma = anyK && hasTmaPitch(op.getAType());
  shape.bPitchForTma = anyK && hasTmaPitch(op.getBType());
  shape.resultBytes.clear();
  shape.quantizedColumns = getQuantizedColumns(op);
  for (Value result : op.getOutputs().take_front(op.getNumElementResults())) {
    auto type = cast<RankedTensorType>(result.getType());
    shape.resultBytes.push_back(elementBytes(type));
    shape.resultPitchForTma &= hasTmaPitch(type);
  }
  for (Value operand : op.getEpilogueOperands())
    if (cast<RankedTensorType>(operand.getType()).getRank() >= 2)
      shape.epilogueBytesPerElement += elementBytes(cast<RankedTensorType>(operand.getType()));
  if (op.getInit())
    shape.epilogueBytesPerElement += elementBytes(cast<RankedTensorType>(op.getInit().getType()));
  return shape;
}

//===-- The attribute
//-----------------------------------------------------------------------------//

namespace {

// The warps of the one role of sm_80: pieces as square as the tile allows.
void chooseWarps(cost::Schedule &s) {
  s.warpsM = s.warpsN = 1;
  const int64_t most = s.tileM * s.tileN > 128 * 64 ? 8 : 4;
  while (s.warpsM * s.warpsN < most) {
    const bool splitM = s.tileM % (32 * s.warpsM) == 0;
    const bool splitN = s.tileN % (32 * s.warpsN) == 0;
    if (!splitM && !splitN)
      return;
    const bool wide = s.tileN / s.warpsN >= s.tileM / s.warpsM;
    if (splitN && (wide || !splitM))
      s.warpsN *= 2;
    else
      s.warpsM *= 2;
  }
}

FailureOr<cost::Fill> parseFill(MatmulOp op, StringRef operand, StringRef text,
                                cost::Fill preferred) {
  if (text.empty())
    return preferred;
  for (cost::Fill fill : {cost::Fill::tma, cost::Fill::threads, cost::Fill::async})
    if (text == cost::fillName(fill))
      return fill;
  return op.emitOpError() << "schedule fills " << operand << " by '" << text
                          << "'; use tma, threads or async";
}

LogicalResult refuseWhatIsNotLowered(MatmulOp op, ScheduleAttr attr) {
  if (!llvm::all_of(attr.getCluster(), [](int64_t size) { return size == 1; }))
    return op.emitOpError() << "schedule asks for a cluster of " << attr.getCluster()[0] << "x"
                            << attr.getCluster()[1] << ", which is not lowered yet; use [1, 1]";
  if (attr.getSplitK() != 1)
    return op.emitOpError() << "schedule asks for split_k = " << attr.getSplitK()
                            << ", which is not lowered yet; use 1";
  if (attr.getSwapAb())
    return op.emitOpError() << "schedule asks for swap_ab, which is not lowered yet";
  return success();
}

void resolveRoles(ScheduleAttr attr, cost::Schedule &s) {
  s.consumers = attr.getConsumers();
  if (!s.consumers)
    s.consumers = s.isWarpSpecialised() && s.tileM >= 128 ? 2 : 1;
  if (!attr.getWarps().empty()) {
    s.warpsM = attr.getWarps()[0];
    s.warpsN = attr.getWarps()[1];
  } else if (!s.isWarpSpecialised()) {
    chooseWarps(s);
  }
  if (!attr.getRegisters().empty()) {
    s.producerRegisters = attr.getRegisters()[0];
    s.consumerRegisters = attr.getRegisters()[1];
  } else {
    cost::setDefaultRegisters(s);
  }
}

} // namespace

FailureOr<cost::Schedule> mlir::mpgemm::resolveSchedule(MatmulOp op, ScheduleAttr attr,
                                                        const cost::ProductShape &shape,
                                                        const cost::TargetNumbers &target) {
  if (failed(refuseWhatIsNotLowered(op, attr)))
    return failure();
  cost::Schedule s;
  s.tileM = attr.getTileM();
  s.tileN = attr.getTileN();
  s.tileK = attr.getTileK();
  s.minBlocks = std::max<int64_t>(1, attr.getMinCtas());
  s.rasterGroup = std::max<int64_t>(1, attr.getRaster());

  const auto preferred = [&](bool pitch) {
    return !target.warpSpecialised || shape.bySingleWarps ? cost::Fill::async
           : pitch                                        ? cost::Fill::tma
                                                          : cost::Fill::threads;
  };
  FailureOr<cost::Fill> a = parseFill(op, "A", attr.getFillA(), preferred(shape.aPitchForTma));
  FailureOr<cost::Fill> b = parseFill(op, "B", attr.getFillB(), preferred(shape.bPitchForTma));
  if (failed(a) || failed(b))
    return failure();
  s.fillA = *a;
  s.fillB = *b;
  resolveRoles(attr, s);

  if (!attr.getStore().empty() && attr.getStore() != "staged" && attr.getStore() != "direct")
    return op.emitOpError() << "schedule stores '" << attr.getStore() << "'; use staged or direct";
  s.stagedStore = attr.getStore().empty() ? s.isWarpSpecialised() && shape.resultPitchForTma
                                          : attr.getStore() == "staged";
  s.stages = attr.getStages();
  if (!s.stages)
    s.stages = std::max<int64_t>(2, cost::chooseStages(shape, s, target));
  const std::string reason = cost::whyImpossible(shape, s, target);
  if (!reason.empty())
    return op.emitOpError() << "schedule is impossible on " << target.name << ": " << reason;
  return s;
}

ScheduleAttr mlir::mpgemm::getScheduleAttr(MLIRContext *context, const cost::Schedule &s) {
  return ScheduleAttr::get(context, {s.tileM, s.tileN, s.tileK}, s.stages, {1, 1}, s.consumers,
                           {s.warpsM, s.warpsN}, {s.producerRegisters, s.consumerRegisters},
                           s.rasterGroup, s.minBlocks,
                           /*split_k=*/1, /*swap_ab=*/false, cost::fillName(s.fillA),
                           cost::fillName(s.fillB), s.stagedStore ? "staged" : "direct");
}
