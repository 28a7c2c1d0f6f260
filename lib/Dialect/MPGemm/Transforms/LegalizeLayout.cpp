// Operands of 8 bits and of f32 are read along K by the tensor cores, so M x K and N x K is how
// they must be stored. An operand stored the other way is transposed in front of the product: a
// constant at compile time, anything else by a linalg.transpose, which becomes a kernel.
#include "Legalize.h"
#include "Remarks.h"
#include "TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mpgemm;

/// `data`, matrices of `rows` x `columns` elements one after the other, each transposed.
static std::vector<char> transposeBytes(ArrayRef<char> data, int64_t rows, int64_t columns,
                                        int64_t elementBytes) {
  std::vector<char> result(data.size());
  int64_t matrix = rows * columns * elementBytes;
  // In square tiles, so that both sides stay in the cache.
  constexpr int64_t tile = 32;
  for (int64_t base = 0; base < static_cast<int64_t>(data.size()); base += matrix)
    for (int64_t row0 = 0; row0 < rows; row0 += tile)
      for (int64_t column0 = 0; column0 < columns; column0 += tile)
        for (int64_t row = row0; row < std::min(rows, row0 + tile); ++row)
          for (int64_t column = column0; column < std::min(columns, column0 + tile); ++column)
            std::copy_n(data.begin() + base + (row * columns + column) * elementBytes, elementBytes,
                        result.begin() + base + (column * rows + row) * elementBytes);
  return result;
}

/// The constant `elements` with its last two dimensions swapped, or null if its bytes are not at
/// hand.
static TypedAttr transposeConstant(Attribute elements) {
  auto shaped = cast<ElementsAttr>(elements);
  auto type = cast<RankedTensorType>(shaped.getShapedType());
  int64_t bits = type.getElementTypeBitWidth();
  if (bits % 8 != 0 || type.getNumElements() == 0)
    return {};
  SmallVector<int64_t> shape(type.getShape());
  int64_t rows = shape[shape.size() - 2], columns = shape.back();
  std::swap(shape[shape.size() - 2], shape.back());
  RankedTensorType transposed = type.clone(shape);
  size_t bytes = type.getNumElements() * (bits / 8);
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    if (dense.isSplat())
      return dense.resizeSplat(transposed);
    std::vector<char> data = transposeBytes(dense.getRawData(), rows, columns, bits / 8);
    return DenseElementsAttr::getFromRawBuffer(transposed, data);
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(elements);
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob || blob->getData().size() != bytes)
    return {};
  std::vector<char> data = transposeBytes(blob->getData(), rows, columns, bits / 8);
  return DenseResourceElementsAttr::get(
      transposed, (resource.getRawHandle().getKey() + ".transposed").str(),
      HeapAsmResourceBlob::allocateAndCopyWithAlign(data, 64, /*dataIsMutable=*/false));
}

/// `value` with its last two dimensions swapped: a constant at compile time, where that can be.
static Value swapStorage(RewriterBase &rewriter, Location loc, Value value) {
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)) && isa<ElementsAttr>(constant))
    if (TypedAttr folded = transposeConstant(constant))
      return arith::ConstantOp::create(rewriter, loc, folded);
  return transposeMatrix(rewriter, loc, value);
}

static void makeKMajor(RewriterBase &rewriter, MatmulOp op, bool isA) {
  LegalizeSide side = getLegalizeSide(op, isA);
  Type code = side.type().getElementType();
  bool needsKMajor =
      code.isF32() || code.isInteger(8) || isa<Float8E4M3FNType, Float8E5M2Type>(code);
  if (!needsKMajor || side.kDim > side.outerDim)
    return;
  rewriter.setInsertionPoint(op);
  bool isConstant = matchPattern(side.value, m_Constant());
  Value transposed = swapStorage(rewriter, op.getLoc(), side.value);
  rewriter.modifyOpInPlace(op, [&]() {
    (isA ? op.getAMutable() : op.getBMutable()).set(transposed);
    // Scales are stored as their operand is.
    bool isMatrixOfScales = side.scale && !side.scaling.isConstantAlongK() &&
                            side.scaling.getOuterBlock() != ScalingAttr::kWhole;
    if (isMatrixOfScales) {
      Value scales = swapStorage(rewriter, op.getLoc(), side.scale);
      (isA ? op.getAScaleMutable() : op.getBScaleMutable()).assign(scales);
    }
    if (isA)
      op.setTransposeA(false);
    else
      op.setTransposeB(true);
  });
  std::string text;
  llvm::raw_string_ostream(text) << side.name << " (" << side.type() << ") is transposed "
                                 << (isConstant ? "at compile time" : "before the product")
                                 << ", because " << code << " is read along K";
  remarkPassed(op, kLegalizePass, text);
}

void mpgemm::legalizeLayout(RewriterBase &rewriter, MatmulOp op) {
  makeKMajor(rewriter, op, /*isA=*/true);
  makeKMajor(rewriter, op, /*isA=*/false);
}
