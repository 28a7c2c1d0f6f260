// Assembly and verification of the attributes of the mpgemm dialect.
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::mpgemm;

FailureOr<SmallVector<int64_t>> mpgemm::parseIntegerList(AsmParser &parser) {
  SmallVector<int64_t> values;
  auto parseOne = [&]() { return parser.parseInteger(values.emplace_back()); };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne))
    return failure();
  return values;
}

void mpgemm::printIntegerList(AsmPrinter &printer, ArrayRef<int64_t> values) {
  printer << '[';
  llvm::interleaveComma(values, printer);
  printer << ']';
}

//===-- Accumulate
//--------------------------------------------------------------------------------//

Attribute AccumulateAttr::parse(AsmParser &parser, Type) {
  Type type;
  int64_t promote = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseType(type))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("promote") || parser.parseEqual())
      return {};
    if (succeeded(parser.parseOptionalKeyword("never"))) {
      promote = kNeverPromote;
    } else {
      SMLoc promoteLoc = parser.getCurrentLocation();
      if (parser.parseInteger(promote))
        return {};
      if (promote <= 0) {
        parser.emitError(promoteLoc, "promote is ")
            << promote << "; give a positive number of K steps or `never`";
        return {};
      }
    }
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<AccumulateAttr>(loc, parser.getContext(), type, promote);
}

void AccumulateAttr::print(AsmPrinter &printer) const {
  printer << '<' << getType();
  if (neverPromotes())
    printer << ", promote = never";
  else if (getPromote() != 0)
    printer << ", promote = " << getPromote();
  printer << '>';
}

LogicalResult AccumulateAttr::verify(function_ref<InFlightDiagnostic()> emitError, Type type,
                                     int64_t promote) {
  if (!type.isF32() && !type.isF16() && !type.isSignlessInteger(32))
    return emitError() << "cannot accumulate in " << type << "; use f32, f16 or i32";
  if (promote < kNeverPromote)
    return emitError() << "promote is " << promote
                       << "; give a positive number of K steps or `never`";
  return success();
}

//===-- Scaling
//-----------------------------------------------------------------------------------//

Attribute ScalingAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  std::string keyword;
  if (parser.parseLess() || parser.parseKeywordOrString(&keyword))
    return {};
  std::optional<ScalingKind> kind = symbolizeScalingKind(keyword);
  if (!kind) {
    parser.emitError(loc, "unknown scaling '")
        << keyword << "'; use per_tensor, row, column, group = g, block = [outer, k], mx or nvfp4";
    return {};
  }
  int64_t outer = 1, k = kWhole;
  switch (*kind) {
  case ScalingKind::PerTensor:
    outer = kWhole;
    break;
  case ScalingKind::Row:
  case ScalingKind::Column:
    break;
  case ScalingKind::Group:
    if (parser.parseEqual() || parser.parseInteger(k))
      return {};
    break;
  case ScalingKind::Block:
    if (parser.parseEqual() || parser.parseLSquare() || parser.parseInteger(outer) ||
        parser.parseComma() || parser.parseInteger(k) || parser.parseRSquare())
      return {};
    break;
  case ScalingKind::MX:
    k = 32;
    break;
  case ScalingKind::NVFP4:
    k = 16;
    break;
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<ScalingAttr>(loc, parser.getContext(), *kind, outer, k);
}

void ScalingAttr::print(AsmPrinter &printer) const {
  printer << '<' << stringifyScalingKind(getKind());
  if (getKind() == ScalingKind::Group)
    printer << " = " << getKBlock();
  if (getKind() == ScalingKind::Block)
    printer << " = [" << getOuterBlock() << ", " << getKBlock() << ']';
  printer << '>';
}

LogicalResult ScalingAttr::verify(function_ref<InFlightDiagnostic()> emitError, ScalingKind kind,
                                  int64_t outer, int64_t k) {
  bool isBlocked = kind == ScalingKind::Group || kind == ScalingKind::Block;
  if (isBlocked && (outer < 1 || k < 1))
    return emitError() << "a block of " << outer << "x" << k
                       << " elements cannot share a scale; both extents must be positive";
  int64_t fixedOuter = kind == ScalingKind::PerTensor ? kWhole : 1;
  int64_t fixedK = kind == ScalingKind::MX ? 32 : kind == ScalingKind::NVFP4 ? 16 : kWhole;
  if (kind != ScalingKind::Block && outer != fixedOuter)
    return emitError() << stringifyScalingKind(kind) << " scaling has outer extent " << fixedOuter
                       << ", not " << outer;
  if (!isBlocked && k != fixedK)
    return emitError() << stringifyScalingKind(kind) << " scaling has K extent " << fixedK
                       << ", not " << k;
  return success();
}

SmallVector<int64_t> ScalingAttr::getScaleShape(ArrayRef<int64_t> shape, unsigned outerDim,
                                                unsigned kDim) const {
  SmallVector<int64_t> scales;
  for (unsigned dim : {std::min(outerDim, kDim), std::max(outerDim, kDim)}) {
    int64_t block = dim == kDim ? getKBlock() : getOuterBlock();
    if (block != kWhole)
      scales.push_back(ShapedType::isDynamic(shape[dim]) ? ShapedType::kDynamic
                                                         : llvm::divideCeil(shape[dim], block));
  }
  return scales;
}

bool ScalingAttr::isScaleShape(ArrayRef<int64_t> scales, ArrayRef<int64_t> shape, unsigned outerDim,
                               unsigned kDim) const {
  SmallVector<int64_t> matrix = getScaleShape(shape, outerDim, kDim);
  SmallVector<int64_t> batched(shape.drop_back(2));
  llvm::append_range(batched, matrix);
  return succeeded(verifyCompatibleShape(scales, matrix)) ||
         succeeded(verifyCompatibleShape(scales, batched));
}

std::pair<unsigned, unsigned> ScalingAttr::getDimsAsStored(int64_t rank) const {
  unsigned last = rank - 1;
  return getKind() == ScalingKind::Column ? std::pair(last, last - 1) : std::pair(last - 1, last);
}

bool ScalingAttr::takesScalesOf(Type type) const {
  if (getKind() == ScalingKind::MX)
    return isa<Float8E8M0FNUType>(type);
  if (getKind() == ScalingKind::NVFP4)
    return isa<Float8E4M3FNType>(type);
  return isa<Float32Type, Float16Type, BFloat16Type, Float8E8M0FNUType>(type);
}

StringRef ScalingAttr::getScaleTypesText() const {
  if (getKind() == ScalingKind::MX)
    return "f8E8M0FNU";
  if (getKind() == ScalingKind::NVFP4)
    return "f8E4M3FN";
  return "f32, f16, bf16 or f8E8M0FNU";
}

//===-- Schedule
//----------------------------------------------------------------------------------//

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   ArrayRef<int64_t> tile, int64_t stages,
                                   ArrayRef<int64_t> cluster, int64_t consumers,
                                   ArrayRef<int64_t> warps, ArrayRef<int64_t> registers,
                                   int64_t raster, int64_t minCtas, int64_t splitK, bool swapAB,
                                   StringRef fillA, StringRef fillB, StringRef store) {
  auto isPositive = [](int64_t value) { return value > 0; };
  auto isNegative = [](int64_t value) { return value < 0; };
  // No machine is near; what is computed from these numbers fits 64 bits.
  constexpr int64_t most = 65536;
  auto isTooLarge = [](int64_t value) { return value > most; };
  const int64_t others[] = {stages, consumers, raster, minCtas, splitK};
  for (ArrayRef<int64_t> values : {tile, cluster, warps, registers, ArrayRef<int64_t>(others)})
    if (const int64_t *value = llvm::find_if(values, isTooLarge); value != values.end())
      return emitError() << "a number of the schedule is " << *value << "; the largest is " << most;
  if (tile.size() != 3 || !llvm::all_of(tile, isPositive))
    return emitError() << "tile needs three positive extents, M, N and K, as in [128, 256, 64]";
  if (cluster.size() != 2 || !llvm::all_of(cluster, isPositive))
    return emitError() << "cluster needs two positive extents, along M and N, as in [2, 1]";
  if (stages < 0)
    return emitError() << "stages is " << stages << "; give a number of slots, or 0 to choose";
  if (consumers < 0)
    return emitError() << "consumers is " << consumers
                       << "; give a number of warp groups, or 0 to choose";
  if (!warps.empty() && (warps.size() != 2 || !llvm::all_of(warps, isPositive)))
    return emitError() << "warps needs two positive counts, along M and N, as in [4, 1]";
  if (!registers.empty() && (registers.size() != 2 || llvm::any_of(registers, isNegative)))
    return emitError() << "registers needs two counts, of producer and consumer, as in [40, 232]";
  if (raster < 0)
    return emitError() << "raster is " << raster << "; give a number of tiles, or 0 for none";
  if (minCtas < 0)
    return emitError() << "min_ctas is " << minCtas << "; give a number of CTAs, or 0 for one";
  if (splitK < 1)
    return emitError() << "split_k is " << splitK << "; give 1 for none";
  return success();
}

LogicalResult DispatchAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   ArrayRef<int64_t> rows, ArrayRef<ScheduleAttr> schedules) {
  if (rows.empty() || rows.size() != schedules.size())
    return emitError() << "dispatch has " << rows.size() << " numbers of rows and "
                       << schedules.size() << " schedules; expected one schedule for each number";
  if (rows.front() < 1 || !llvm::is_sorted(rows, std::less_equal<>()))
    return emitError() << "dispatch needs positive numbers of rows, each more than the one before";
  return success();
}
