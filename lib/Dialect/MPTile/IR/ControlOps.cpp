// Roles, the loops over work and elements, element accesses: text form and verification.
#include "OpVerification.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::mptile;

//===- Shared checks -----------------------------------------------------------------===//

LogicalResult mlir::mptile::verifyOffsetCount(Operation *op, ViewType view, size_t count) {
  if (static_cast<size_t>(view.getRank()) == count)
    return success();
  return op->emitOpError("has ") << count << " offsets, but " << view << " has " << view.getRank()
                                 << " dimensions";
}

LogicalResult mlir::mptile::verifySameElement(Operation *op, Type from, Type to) {
  if (from == to)
    return success();
  return op->emitOpError("element types disagree: ") << from << " and " << to;
}

//===- Dim, load, store --------------------------------------------------------------===//

LogicalResult DimOp::verify() {
  ViewType view = getView().getType();
  if (getDim() < 0 || getDim() >= view.getRank())
    return emitOpError("dimension ")
           << getDim() << " of " << view << ", which has " << view.getRank() << " dimensions";
  return success();
}

OpFoldResult DimOp::fold(FoldAdaptor) {
  ViewType view = getView().getType();
  if (getDim() < 0 || getDim() >= view.getRank() || view.isDynamicDim(getDim()))
    return {};
  return IntegerAttr::get(IndexType::get(getContext()), view.getShape()[getDim()]);
}

LogicalResult LoadOp::verify() {
  return verifyOffsetCount(*this, getView().getType(), getIndices().size());
}

LogicalResult StoreOp::verify() {
  return verifyOffsetCount(*this, getView().getType(), getIndices().size());
}

//===- Roles -------------------------------------------------------------------------===//

void RolesOp::build(OpBuilder &builder, OperationState &state, ArrayRef<RoleAttr> roles) {
  SmallVector<Attribute> attributes(roles.begin(), roles.end());
  state.addAttribute(getRolesAttrName(state.name), builder.getArrayAttr(attributes));
  for (size_t i = 0; i < roles.size(); ++i) {
    Region *region = state.addRegion();
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(region, region->end(), builder.getIndexType(), state.location);
    YieldOp::create(builder, state.location);
  }
}

/// Registers the roles ask for must fit the register file of 65536 registers.
static LogicalResult verifyRegisters(RolesOp op, KernelOp kernel) {
  int64_t registers = 0;
  for (Attribute attribute : op.getRoles()) {
    auto role = cast<RoleAttr>(attribute);
    if (role.getRegisters() == 0)
      return success();
    registers += role.getRegisters() * role.getNumThreads();
  }
  if (registers * kernel.getMinCtas() > 65536)
    return op.emitOpError("roles ask for ")
           << registers << " registers" << (kernel.getMinCtas() > 1 ? " in each CTA" : "")
           << "; a multiprocessor has 65536";
  return success();
}

LogicalResult RolesOp::verify() {
  // roles_c1
  if (getBodies().size() != getRoles().size() || getBodies().empty())
    return emitOpError("has ") << getRoles().size() << " roles but " << getBodies().size()
                               << " regions";
  for (Region &body : getBodies()) {
    if (body.getNumArguments() != 1 || !body.getArgument(0).getType().isIndex())
      return emitOpError("each region needs one argument of type index, the instance");
    if (cast<YieldOp>(body.front().getTerminator()).getNumOperands() != 0)
      return emitOpError("a role yields nothing");
  }
  // roles_c2
  auto kernel = getOperation()->getParentOfType<KernelOp>();
  if (!kernel || kernel != getOperation()->getParentOp())
    return emitOpError("must stand directly in an mptile.kernel");
  int64_t threads = 0;
  for (Attribute role : getRoles())
    threads += cast<RoleAttr>(role).getNumThreads();
  if (threads != kernel.getThreads())
    return emitOpError("roles have ")
           << threads / 32 << " warps (" << threads << " threads), but the kernel has "
           << kernel.getThreads() << " threads";
  // roles_c3
  return verifyRegisters(*this, kernel);
}

//===- ForEachWork -------------------------------------------------------------------===//

void ForEachWorkOp::build(OpBuilder &builder, OperationState &state, Value batch, Value mTiles,
                          Value nTiles, Value kBlocks, int64_t grouped, ValueRange inits,
                          function_ref<void(OpBuilder &, Location, Block *)> bodyBuilder) {
  state.addOperands({batch, mTiles, nTiles, kBlocks});
  state.addOperands(inits);
  state.getOrAddProperties<Properties>().operandSegmentSizes = {
      1, 1, 1, 1, 0, static_cast<int32_t>(inits.size())};
  state.addAttribute(getRasterAttrName(state.name), RasterAttr::get(builder.getContext(), grouped));
  state.addTypes(inits.getTypes());
  Region *region = state.addRegion();
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types(5, builder.getIndexType());
  types.append(2, builder.getI1Type());
  llvm::append_range(types, inits.getTypes());
  Block *body = builder.createBlock(region, region->end(), types,
                                    SmallVector<Location>(types.size(), state.location));
  if (bodyBuilder)
    bodyBuilder(builder, state.location, body);
}

ParseResult ForEachWorkOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> counts, inits, groups;
  ViewType groupsType;
  RasterAttr raster;
  Builder &builder = parser.getBuilder();
  SMLoc argumentsLoc = parser.getCurrentLocation();
  if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren))
    return failure();
  if (arguments.size() != numWorkArguments)
    return parser.emitError(argumentsLoc,
                            "expected the seven values (%batch, %m, %n, %k0, %k1, %first, %last)");
  for (auto [i, argument] : llvm::enumerate(arguments))
    argument.type = i < 5 ? Type(builder.getIndexType()) : Type(builder.getI1Type());
  if (parser.parseKeyword("tiles") ||
      parser.parseOperandList(counts, 4, OpAsmParser::Delimiter::Paren) ||
      parser.resolveOperands(counts, builder.getIndexType(), result.operands))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("groups"))) {
    if (parser.parseLParen() || parser.parseOperand(groups.emplace_back()) ||
        parser.parseColonType(groupsType) || parser.parseRParen() ||
        parser.resolveOperand(groups[0], groupsType, result.operands))
      return failure();
  }
  if (parser.parseKeyword("raster") || parser.parseEqual() || parser.parseAttribute(raster))
    return failure();
  result.addAttribute(getRasterAttrName(result.name), raster);
  if (succeeded(parser.parseOptionalKeyword("iter_args"))) {
    SmallVector<OpAsmParser::Argument> carried;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseAssignmentList(carried, inits) || parser.parseArrowTypeList(result.types) ||
        parser.resolveOperands(inits, result.types, loc, result.operands))
      return failure();
    for (auto [argument, type] : llvm::zip_equal(carried, result.types))
      argument.type = type;
    llvm::append_range(arguments, carried);
  }
  result.getOrAddProperties<Properties>().operandSegmentSizes = {
      1, 1, 1, 1, static_cast<int32_t>(groups.size()), static_cast<int32_t>(inits.size())};
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  ensureTerminator(*result.regions[0], builder, result.location);
  return success();
}

void ForEachWorkOp::print(OpAsmPrinter &printer) {
  auto arguments = getBody().getArguments();
  printer << " (";
  llvm::interleaveComma(arguments.take_front(numWorkArguments), printer);
  printer << ") tiles(" << getBatch() << ", " << getMTiles() << ", " << getNTiles() << ", "
          << getKBlocks() << ")";
  if (getGroups())
    printer << " groups(" << getGroups() << " : " << getGroups().getType() << ")";
  printer << " raster = " << getRaster();
  if (!getInits().empty()) {
    printer << " iter_args(";
    llvm::interleaveComma(llvm::zip(getIterArgs(), getInits()), printer, [&](auto pair) {
      printer << std::get<0>(pair) << " = " << std::get<1>(pair);
    });
    printer << ") -> (" << getInits().getTypes() << ")";
  }
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {getRasterAttrName(), getOperandSegmentSizesAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false,
                      /*printBlockTerminators=*/!getInits().empty());
}

YieldOp ForEachWorkOp::getYield() { return cast<YieldOp>(getBody().front().getTerminator()); }

LogicalResult ForEachWorkOp::verifyRegions() {
  // for_each_work_c1
  auto arguments = getBody().getArguments();
  if (arguments.size() != numWorkArguments + getInits().size())
    return emitOpError("region has ")
           << arguments.size() << " arguments, expected " << numWorkArguments + getInits().size();
  for (unsigned i = 0; i < numWorkArguments; ++i)
    if (i < 5 ? !arguments[i].getType().isIndex() : !arguments[i].getType().isInteger(1))
      return emitOpError("region argument ")
             << i << " must be " << (i < 5 ? "index" : "i1") << ", not " << arguments[i].getType();
  if (ValueRange(getIterArgs()).getTypes() != getInits().getTypes() ||
      getYield().getOperandTypes() != getInits().getTypes() ||
      getResultTypes() != getInits().getTypes())
    return emitOpError("carried values, yielded values and results must have the same types");
  return success();
}

//===- ForEachElement ----------------------------------------------------------------===//

void ForEachElementOp::build(OpBuilder &builder, OperationState &state, ValueRange bounds,
                             int64_t vector,
                             function_ref<void(OpBuilder &, Location, ValueRange)> bodyBuilder) {
  state.addOperands(bounds);
  state.addAttribute(getVectorAttrName(state.name), builder.getI64IntegerAttr(vector));
  Region *region = state.addRegion();
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types(bounds.size(), builder.getIndexType());
  Block *body = builder.createBlock(region, region->end(), types,
                                    SmallVector<Location>(types.size(), state.location));
  if (bodyBuilder)
    bodyBuilder(builder, state.location, body->getArguments());
  ensureTerminator(*region, builder, state.location);
}

ParseResult ForEachElementOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> bounds;
  IntegerAttr vector;
  Builder &builder = parser.getBuilder();
  if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren) ||
      parser.parseKeyword("in") || parser.parseOperandList(bounds, OpAsmParser::Delimiter::Paren) ||
      parser.resolveOperands(bounds, builder.getIndexType(), result.operands) ||
      parser.parseKeyword("vector") || parser.parseEqual() ||
      parser.parseAttribute(vector, builder.getI64Type()) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  result.addAttribute(getVectorAttrName(result.name), vector);
  for (OpAsmParser::Argument &argument : arguments)
    argument.type = builder.getIndexType();
  if (parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  ensureTerminator(*result.regions[0], builder, result.location);
  return success();
}

void ForEachElementOp::print(OpAsmPrinter &printer) {
  printer << " (";
  llvm::interleaveComma(getBody().getArguments(), printer);
  printer << ") in (" << getBounds() << ") vector = " << getVector();
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {getVectorAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/false);
}

LogicalResult ForEachElementOp::verify() {
  if (getBounds().empty())
    return emitOpError("needs at least one bound");
  if (getBody().getNumArguments() != getBounds().size())
    return emitOpError("has ") << getBounds().size() << " bounds but "
                               << getBody().getNumArguments() << " indices";
  if (getVector() < 1)
    return emitOpError("vector must be at least 1, not ") << getVector();
  return success();
}
