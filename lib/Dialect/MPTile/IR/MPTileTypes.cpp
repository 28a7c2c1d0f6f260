// Types and attributes of the mptile dialect: text form and verification.
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mlir::mptile;

using EmitError = function_ref<InFlightDiagnostic()>;

//===- Shapes ------------------------------------------------------------------------===//

static void printShape(AsmPrinter &printer, ArrayRef<int64_t> shape, Type elementType) {
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size))
      printer << '?';
    else
      printer << size;
    printer << 'x';
  }
  printer << elementType;
}

static ParseResult parseShape(AsmParser &parser, SmallVectorImpl<int64_t> &shape, Type &elementType,
                              bool allowDynamic) {
  return failure(parser.parseDimensionList(shape, allowDynamic) || parser.parseType(elementType));
}

static LogicalResult verifyElementType(EmitError emitError, Type type) {
  if (type.isIntOrFloat() && type.getIntOrFloatBitWidth() <= 128)
    return success();
  return emitError() << "element type must be an integer or floating-point type of at most 128 "
                        "bits, not "
                     << type;
}

static LogicalResult verifyStaticShape(EmitError emitError, ArrayRef<int64_t> shape) {
  if (shape.size() != 2)
    return emitError() << "expected two dimensions, got " << shape.size();
  // Nothing on chip is as large; sums and products of sizes stay far from overflow.
  constexpr int64_t largest = 1 << 20;
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size) || size < 1)
      return emitError() << "dimensions must be static and at least 1";
    if (size > largest)
      return emitError() << "a dimension of " << size << " does not fit on chip; at most "
                         << largest << " is possible";
  }
  return success();
}

//===- View --------------------------------------------------------------------------===//

Type ViewType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() || parseShape(parser, shape, elementType, /*allowDynamic=*/true) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<ViewType>(parser.getContext(), ArrayRef<int64_t>(shape), elementType);
}

void ViewType::print(AsmPrinter &printer) const {
  printer << '<';
  printShape(printer, getShape(), getElementType());
  printer << '>';
}

LogicalResult ViewType::verify(EmitError emitError, ArrayRef<int64_t> shape, Type elementType) {
  for (int64_t size : shape)
    if (!ShapedType::isDynamic(size) && size < 0)
      return emitError() << "a dimension of a view cannot be negative";
  return verifyElementType(emitError, elementType);
}

//===- Smem --------------------------------------------------------------------------===//

Type SmemType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  int64_t swizzle = 0;
  if (parser.parseLess() || parseShape(parser, shape, elementType, /*allowDynamic=*/false))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("swizzle") || parser.parseEqual() || parser.parseInteger(swizzle)))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<SmemType>(parser.getContext(), ArrayRef<int64_t>(shape), elementType,
                                     swizzle);
}

void SmemType::print(AsmPrinter &printer) const {
  printer << '<';
  printShape(printer, getShape(), getElementType());
  if (getSwizzle())
    printer << ", swizzle = " << getSwizzle();
  printer << '>';
}

LogicalResult SmemType::verify(EmitError emitError, ArrayRef<int64_t> shape, Type elementType,
                               int64_t swizzle) {
  if (failed(verifyStaticShape(emitError, shape)) ||
      failed(verifyElementType(emitError, elementType)))
    return failure();
  int64_t rowBits = shape[1] * elementType.getIntOrFloatBitWidth();
  if (rowBits % 8 != 0)
    return emitError() << "a row of " << shape[1] << " x " << elementType
                       << " is not a whole number of bytes";
  if (swizzle != 0 && swizzle != 32 && swizzle != 64 && swizzle != 128)
    return emitError() << "swizzle must be 0, 32, 64 or 128 bytes, not " << swizzle;
  if (swizzle != 0 && rowBits / 8 % swizzle != 0)
    return emitError() << "a row of " << rowBits / 8
                       << " bytes is not a multiple of the swizzle span of " << swizzle << " bytes";
  return success();
}

//===- Ring and slot -----------------------------------------------------------------===//

static ParseResult parseElements(AsmParser &parser, SmallVectorImpl<Type> &elements) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                        [&] { return parser.parseType(elements.emplace_back()); });
}

Type RingType::parse(AsmParser &parser) {
  int64_t depth = 0;
  SmallVector<Type> elements;
  if (parser.parseLess() || parser.parseInteger(depth) || parser.parseKeyword("x") ||
      parseElements(parser, elements) || parser.parseGreater())
    return {};
  return parser.getChecked<RingType>(parser.getContext(), depth, ArrayRef<Type>(elements));
}

void RingType::print(AsmPrinter &printer) const {
  printer << '<' << getDepth() << " x (" << getElements() << ")>";
}

LogicalResult RingType::verify(EmitError emitError, int64_t depth, ArrayRef<Type> elements) {
  if (depth < 1 || depth > 1024)
    return emitError() << "a ring needs 1 to 1024 slots, not " << depth;
  if (elements.empty())
    return emitError() << "a slot needs at least one tile";
  for (Type element : elements)
    if (!isa<SmemType, AccType>(element))
      return emitError() << "a slot holds shared-memory tiles or accumulators, not " << element;
  return success();
}

int64_t RingType::getSlotBytes() const {
  int64_t bytes = 0;
  for (Type element : getElements())
    if (auto tile = dyn_cast<SmemType>(element))
      bytes += tile.getAllocatedBytes();
  return bytes;
}

int64_t RingType::getCopyBytes() const {
  int64_t bytes = 0;
  for (Type element : getElements())
    if (auto tile = dyn_cast<SmemType>(element))
      bytes += tile.getBytes();
  return bytes;
}

Type SlotType::parse(AsmParser &parser) {
  SmallVector<Type> elements;
  if (parser.parseLess() || parseElements(parser, elements) || parser.parseGreater())
    return {};
  return SlotType::get(parser.getContext(), elements);
}

void SlotType::print(AsmPrinter &printer) const { printer << "<(" << getElements() << ")>"; }

//===- Accumulators and fragments ----------------------------------------------------===//

static ParseResult parseWarps(AsmParser &parser, SmallVectorImpl<int64_t> &warps) {
  return failure(parser.parseComma() || parser.parseKeyword("warps") || parser.parseEqual() ||
                 parser.parseDimensionList(warps, /*allowDynamic=*/false, /*withTrailingX=*/false));
}

static void printWarps(AsmPrinter &printer, ArrayRef<int64_t> warps) {
  printer << ", warps = ";
  llvm::interleave(warps, printer.getStream(), "x");
}

static LogicalResult verifyWarps(EmitError emitError, ArrayRef<int64_t> warps) {
  if (warps.size() != 2 || warps[0] < 1 || warps[1] < 1 || warps[0] > 32 || warps[1] > 32)
    return emitError() << "warps must be a grid such as 4x1, of at most 32 along a side";
  return success();
}

/// Checks that every warp of the grid has whole pieces of rows x columns; a fragment's dimension
/// may also be 1.
static LogicalResult verifyPieces(EmitError emitError, ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> warps, std::array<int64_t, 2> piece,
                                  bool allowVector) {
  static constexpr StringLiteral names[] = {" rows", " columns"};
  for (int i : {0, 1})
    if (!(allowVector && shape[i] == 1) && shape[i] % (piece[i] * warps[i]) != 0)
      return emitError() << shape[i] << names[i] << " cannot be divided among " << warps[i]
                         << " warps in pieces of " << piece[i] << "; use a multiple of "
                         << piece[i] * warps[i];
  return success();
}

static LogicalResult verifyAccumulator(EmitError emitError, ArrayRef<int64_t> shape,
                                       Type elementType, ArrayRef<int64_t> warps) {
  return failure(failed(verifyStaticShape(emitError, shape)) ||
                 failed(verifyElementType(emitError, elementType)) ||
                 failed(verifyWarps(emitError, warps)) ||
                 failed(verifyPieces(emitError, shape, warps, {16, 8}, /*allowVector=*/false)));
}

template <typename T> static Type parseAccumulator(AsmParser &parser) {
  SmallVector<int64_t> shape, warps;
  Type elementType;
  bool tensorMemory = false;
  if (parser.parseLess() || parseShape(parser, shape, elementType, /*allowDynamic=*/false) ||
      parseWarps(parser, warps))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("tmem"))
      return {};
    tensorMemory = true;
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<T>(parser.getContext(), ArrayRef<int64_t>(shape), elementType,
                              ArrayRef<int64_t>(warps), tensorMemory);
}

template <typename T> static void printAccumulator(AsmPrinter &printer, T type) {
  printer << '<';
  printShape(printer, type.getShape(), type.getElementType());
  printWarps(printer, type.getWarps());
  if (type.getTensorMemory())
    printer << ", tmem";
  printer << '>';
}

Type AccType::parse(AsmParser &parser) { return parseAccumulator<AccType>(parser); }
void AccType::print(AsmPrinter &printer) const { printAccumulator(printer, *this); }
Type PendingType::parse(AsmParser &parser) { return parseAccumulator<PendingType>(parser); }
void PendingType::print(AsmPrinter &printer) const { printAccumulator(printer, *this); }

LogicalResult AccType::verify(EmitError emitError, ArrayRef<int64_t> shape, Type elementType,
                              ArrayRef<int64_t> warps, bool) {
  return verifyAccumulator(emitError, shape, elementType, warps);
}

LogicalResult PendingType::verify(EmitError emitError, ArrayRef<int64_t> shape, Type elementType,
                                  ArrayRef<int64_t> warps, bool) {
  return verifyAccumulator(emitError, shape, elementType, warps);
}

PendingType mlir::mptile::getPendingType(Type accOrPending) {
  if (auto acc = dyn_cast<AccType>(accOrPending))
    return PendingType::get(acc.getContext(), acc.getShape(), acc.getElementType(), acc.getWarps(),
                            acc.getTensorMemory());
  return cast<PendingType>(accOrPending);
}

Type FragType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape, warps;
  Type elementType;
  int64_t lanes = 0, vector = 0;
  if (parser.parseLess() || parseShape(parser, shape, elementType, /*allowDynamic=*/false) ||
      parseWarps(parser, warps))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("lanes") || parser.parseEqual() || parser.parseInteger(lanes) ||
       parser.parseComma() || parser.parseKeyword("vector") || parser.parseEqual() ||
       parser.parseInteger(vector)))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<FragType>(parser.getContext(), ArrayRef<int64_t>(shape), elementType,
                                     ArrayRef<int64_t>(warps), lanes, vector);
}

void FragType::print(AsmPrinter &printer) const {
  printer << '<';
  printShape(printer, getShape(), getElementType());
  printWarps(printer, getWarps());
  if (isRowWise())
    printer << ", lanes = " << getLanes() << ", vector = " << getVector();
  printer << '>';
}

LogicalResult FragType::verify(EmitError emitError, ArrayRef<int64_t> shape, Type elementType,
                               ArrayRef<int64_t> warps, int64_t lanes, int64_t vector) {
  if (failed(verifyStaticShape(emitError, shape)) ||
      failed(verifyElementType(emitError, elementType)) || failed(verifyWarps(emitError, warps)))
    return failure();
  if (lanes == 0 && vector == 0) // frag_c1
    return verifyPieces(emitError, shape, warps, {16, 8}, /*allowVector=*/true);
  // frag_c2
  auto isPower = [](int64_t value) { return value >= 1 && value <= 32 && !(value & (value - 1)); };
  if (!isPower(lanes) || !isPower(vector))
    return emitError() << "lanes and vector must be powers of two from 1 to 32, not " << lanes
                       << " and " << vector;
  return verifyPieces(emitError, shape, warps, {32 / lanes, lanes * vector}, /*allowVector=*/true);
}

//===- Attributes --------------------------------------------------------------------===//

LogicalResult RoleAttr::verify(EmitError emitError, StringRef name, int64_t instances,
                               int64_t warps, int64_t registers) {
  if (instances < 1 || warps < 1)
    return emitError() << "role '" << name << "' needs at least one instance and one warp";
  if (instances > 32 || warps > 32)
    return emitError() << "role '" << name << "' has " << instances << " instances of " << warps
                       << " warps; a CTA has at most 32 warps";
  if (registers != 0 && (registers < 24 || registers > 256 || registers % 8 != 0))
    return emitError() << "registers of role '" << name
                       << "' must be a multiple of 8 from 24 to 256, not " << registers;
  if (registers != 0 && warps % 4 != 0)
    return emitError() << "role '" << name << "' has " << warps
                       << " warps; only whole warpgroups of 4 warps can change their registers";
  return success();
}

LogicalResult RasterAttr::verify(EmitError emitError, int64_t grouped) {
  if (grouped < 1)
    return emitError() << "a raster groups at least 1 tile row, not " << grouped;
  return success();
}
