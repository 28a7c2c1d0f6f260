// The assembly of mpgemm.matmul:
//
//   mpgemm.matmul(SIDE, SIDE) [init(%c : T)] accumulate <...> [f32_precision <...>]
//       [weight_scale <...>] [quantize_result <...>] [schedule <...>] [dispatch <...>]
//       [attributes {...}]
//       [epilogue(%acc : T, %x = %operand[MAP] : T, ...) { ... }] -> T or (T, ...)
//   SIDE = %v [transposed] [unsigned] : T [scale <...> %s : T] [zero_point %z : T]
//          [global_scale %g : T]
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

/// An operand that may be absent, with its type.
struct TypedOperand {
  std::optional<OpAsmParser::UnresolvedOperand> name;
  Type type;

  ParseResult parse(OpAsmParser &parser) {
    return failure(parser.parseOperand(name.emplace()) || parser.parseColonType(type));
  }
  ParseResult resolve(OpAsmParser &parser, OperationState &state) const {
    return name ? parser.resolveOperand(*name, type, state.operands) : ParseResult(success());
  }
  int32_t count() const { return name ? 1 : 0; }
};

/// A or B with everything that is said about it.
struct Side {
  TypedOperand value, scale, zeroPoint, globalScale;
  UnitAttr transposed, isUnsigned;
  ScalingAttr scaling;

  ParseResult parse(OpAsmParser &parser) {
    UnitAttr unit = parser.getBuilder().getUnitAttr();
    if (parser.parseOperand(value.name.emplace()))
      return failure();
    if (succeeded(parser.parseOptionalKeyword("transposed")))
      transposed = unit;
    if (succeeded(parser.parseOptionalKeyword("unsigned")))
      isUnsigned = unit;
    if (parser.parseColonType(value.type))
      return failure();
    if (succeeded(parser.parseOptionalKeyword("scale")) &&
        (parser.parseCustomAttributeWithFallback(scaling) || scale.parse(parser)))
      return failure();
    if (succeeded(parser.parseOptionalKeyword("zero_point")) && zeroPoint.parse(parser))
      return failure();
    if (succeeded(parser.parseOptionalKeyword("global_scale")) && globalScale.parse(parser))
      return failure();
    return success();
  }
};

/// The extra operands of the epilogue and its region.
struct Epilogue {
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  SmallVector<Type> types;
  SmallVector<Attribute> maps;
  SmallVector<OpAsmParser::Argument> arguments;

  ParseResult parseOperand(OpAsmParser &parser) {
    OpAsmParser::Argument &argument = arguments.emplace_back();
    if (arguments.size() == 1)
      return failure(parser.parseArgument(argument) || parser.parseColonType(argument.type));
    AffineMap map;
    SMLoc typeLoc;
    if (parser.parseArgument(argument) || parser.parseEqual() ||
        parser.parseOperand(operands.emplace_back()) || parser.parseLSquare() ||
        parser.parseAffineMap(map) || parser.parseRSquare() || parser.parseColon() ||
        parser.getCurrentLocation(&typeLoc) || parser.parseType(types.emplace_back()))
      return failure();
    maps.push_back(AffineMapAttr::get(map));
    auto tensorType = dyn_cast<RankedTensorType>(types.back());
    if (!tensorType)
      return parser.emitError(typeLoc, "extra operand of the epilogue is ")
             << types.back() << "; a ranked tensor is needed";
    argument.type = tensorType.getElementType();
    return success();
  }

  ParseResult parse(OpAsmParser &parser, Region &region) {
    auto parseOne = [&]() { return parseOperand(parser); };
    return failure(parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseOne) ||
                   parser.parseRegion(region, arguments, /*enableNameShadowing=*/true));
  }
};

} // namespace

template <typename AttrT>
static ParseResult parseOptionalClause(OpAsmParser &parser, StringRef keyword, AttrT &attribute) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  return parser.parseCustomAttributeWithFallback(attribute);
}

ParseResult MatmulOp::parse(OpAsmParser &parser, OperationState &state) {
  Side a, b;
  TypedOperand init;
  Epilogue epilogue;
  auto &properties = state.getOrAddProperties<Properties>();
  Region *region = state.addRegion();

  if (parser.parseLParen() || a.parse(parser) || parser.parseComma() || b.parse(parser) ||
      parser.parseRParen())
    return failure();
  if (succeeded(parser.parseOptionalKeyword("init")) &&
      (parser.parseLParen() || init.parse(parser) || parser.parseRParen()))
    return failure();
  if (parser.parseKeyword("accumulate") ||
      parser.parseCustomAttributeWithFallback(properties.accumulation) ||
      parseOptionalClause(parser, "f32_precision", properties.f32_precision) ||
      parseOptionalClause(parser, "weight_scale", properties.weight_scale) ||
      parseOptionalClause(parser, "quantize_result", properties.result_scaling) ||
      parseOptionalClause(parser, "schedule", properties.schedule) ||
      parseOptionalClause(parser, "dispatch", properties.dispatch) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("epilogue")) && epilogue.parse(parser, *region))
    return failure();
  SMLoc operandLoc = parser.getCurrentLocation();
  if (parser.parseArrowTypeList(state.types))
    return failure();

  properties.transpose_a = a.transposed;
  properties.transpose_b = b.transposed;
  properties.unsigned_a = a.isUnsigned;
  properties.unsigned_b = b.isUnsigned;
  properties.a_scaling = a.scaling;
  properties.b_scaling = b.scaling;
  properties.epilogue_maps = parser.getBuilder().getArrayAttr(epilogue.maps);

  for (const TypedOperand *operand : {&a.value, &b.value, &init, &a.scale, &a.zeroPoint,
                                      &a.globalScale, &b.scale, &b.zeroPoint, &b.globalScale})
    if (operand->resolve(parser, state))
      return failure();
  int32_t extra = epilogue.operands.size();
  properties.operandSegmentSizes = {1,
                                    1,
                                    init.count(),
                                    a.scale.count(),
                                    a.zeroPoint.count(),
                                    a.globalScale.count(),
                                    b.scale.count(),
                                    b.zeroPoint.count(),
                                    b.globalScale.count(),
                                    extra};
  return parser.resolveOperands(epilogue.operands, epilogue.types, operandLoc, state.operands);
}

static void printTyped(OpAsmPrinter &p, StringRef keyword, Value value) {
  if (value)
    p << ' ' << keyword << ' ' << value << " : " << value.getType();
}

static void printSide(OpAsmPrinter &p, Value value, bool transposed, bool isUnsigned,
                      ScalingAttr scaling, Value scale, Value zeroPoint, Value globalScale) {
  p << value << (transposed ? " transposed" : "") << (isUnsigned ? " unsigned" : "") << " : "
    << value.getType();
  if (scale) {
    p << " scale ";
    p.printStrippedAttrOrType(scaling);
    p << ' ' << scale << " : " << scale.getType();
  }
  printTyped(p, "zero_point", zeroPoint);
  printTyped(p, "global_scale", globalScale);
}

template <typename AttrT>
static void printOptionalClause(OpAsmPrinter &p, StringRef keyword, AttrT attribute) {
  if (!attribute)
    return;
  p << ' ' << keyword << ' ';
  p.printStrippedAttrOrType(attribute);
}

static void printEpilogue(OpAsmPrinter &p, MatmulOp op) {
  Block *block = op.getEpilogueBlock();
  p << " epilogue(" << block->getArgument(0) << " : " << block->getArgument(0).getType();
  for (auto [index, operand] : llvm::enumerate(op.getEpilogueOperands()))
    p << ", " << block->getArgument(index + 1) << " = " << operand << '['
      << op.getEpilogueMap(index) << "] : " << operand.getType();
  p << ") ";
  p.printRegion(op.getEpilogue(), /*printEntryBlockArgs=*/false);
}

void MatmulOp::print(OpAsmPrinter &p) {
  p << '(';
  printSide(p, getA(), getTransposeA(), getUnsignedA(), getAScalingAttr(), getAScale(),
            getAZeroPoint(), getAGlobalScale());
  p << ", ";
  printSide(p, getB(), getTransposeB(), getUnsignedB(), getBScalingAttr(), getBScale(),
            getBZeroPoint(), getBGlobalScale());
  p << ')';
  if (getInit())
    p << " init(" << getInit() << " : " << getInit().getType() << ')';
  printOptionalClause(p, "accumulate", getAccumulationAttr());
  printOptionalClause(p, "f32_precision", getF32PrecisionAttr());
  printOptionalClause(p, "weight_scale", getWeightScaleAttr());
  printOptionalClause(p, "quantize_result", getResultScalingAttr());
  printOptionalClause(p, "schedule", getScheduleAttr());
  printOptionalClause(p, "dispatch", getDispatchAttr());
  p.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                     {"accumulation", "f32_precision", "weight_scale",
                                      "result_scaling", "schedule", "dispatch", "transpose_a",
                                      "transpose_b", "unsigned_a", "unsigned_b", "a_scaling",
                                      "b_scaling", "epilogue_maps", getOperandSegmentSizeAttr()});
  if (hasEpilogue())
    printEpilogue(p, *this);
  p.printArrowTypeList(getResultTypes());
}
