// Weights at compile time. Weights have hundreds of millions of elements: the loops below work on
// raw values, in formats written out as bits.
#include "WeightConversion.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace mlir;
using namespace mlir::mpgemm;

//===-- Finding
//-----------------------------------------------------------------------------------//

float Weight::at(int64_t index) const {
  float value;
  std::memcpy(&value, bytes.data() + (isSplat ? 0 : index * sizeof(float)), sizeof(float));
  return value;
}

StringRef Weight::getName() const {
  auto resource = dyn_cast<DenseResourceElementsAttr>(attribute);
  return resource ? resource.getRawHandle().getKey() : StringRef();
}

FailureOr<std::optional<Weight>> mpgemm::getWeight(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  while (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(
      value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  ElementsAttr attribute;
  if (!type.getElementType().isF32() || !type.hasStaticShape() ||
      !matchPattern(value, m_Constant(&attribute)))
    return std::optional<Weight>();
  Weight weight{attribute, type, {}};
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    weight.bytes = dense.getRawData();
    weight.isSplat = dense.isSplat();
    return std::optional(weight);
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(attribute);
  if (!resource)
    return std::optional<Weight>();
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  StringRef key = resource.getRawHandle().getKey();
  if (!blob)
    return emitError(value.getLoc())
           << "the resource '" << key
           << "' has no data in this file; it was elided when the file was printed";
  weight.bytes = blob->getData();
  size_t needed = weight.size() * sizeof(float);
  if (weight.bytes.size() != needed)
    return emitError(value.getLoc())
           << "the resource '" << key << "' has " << weight.bytes.size() << " bytes, but "
           << attribute.getShapedType() << " takes " << needed;
  return std::optional(weight);
}

static int64_t storedElements(const Weight &weight) {
  return weight.isSplat ? std::min<int64_t>(weight.size(), 1) : weight.size();
}

WeightRange mpgemm::scanWeight(const Weight &weight) {
  WeightRange range;
  for (int64_t i = 0, end = storedElements(weight); i < end; ++i) {
    float magnitude = std::fabs(weight.at(i));
    if (!(magnitude <= std::numeric_limits<float>::max()))
      ++range.notFinite;
    else
      range.absmax = std::max(range.absmax, magnitude);
  }
  return range;
}

//===-- Formats
//-----------------------------------------------------------------------------------//

/// The bits of `magnitude` (of a finite f32 that does not overflow) in a format with `mantissa`
/// bits and the exponent bias `bias`, rounded to nearest, ties to even.
template <int mantissa, int bias> static uint32_t roundMagnitude(uint32_t magnitude) {
  constexpr int shift = 23 - mantissa;
  constexpr uint32_t smallestNormal = static_cast<uint32_t>(127 - bias + 1) << 23;
  if (magnitude < smallestNormal) {
    // The sum's last bit is the format's smallest subnormal, so the addition rounds as it has to.
    constexpr uint32_t magic = static_cast<uint32_t>(127 - bias + 1 + shift) << 23;
    float sum = llvm::bit_cast<float>(magnitude) + llvm::bit_cast<float>(magic);
    return llvm::bit_cast<uint32_t>(sum) - magic;
  }
  magnitude += (1u << (shift - 1)) - 1 + ((magnitude >> shift) & 1);
  return (magnitude - (static_cast<uint32_t>(127 - bias) << 23)) >> shift;
}

static constexpr uint32_t kInfinity = 0x7f800000;

static uint16_t toF16(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > kInfinity)
    return sign | 0x7e00;
  if (magnitude >= 0x477ff000) // 65520, half way from the largest f16 to the next power of two
    return sign | 0x7c00;
  return sign | roundMagnitude<10, 15>(magnitude);
}

static uint16_t toBF16(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > kInfinity)
    return bits >> 16 | 0x40;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/// f8E4M3FN, saturating; `value` is no NaN.
static uint8_t toE4M3(float value) {
  float clamped = std::min(std::max(value, -448.0f), 448.0f);
  uint32_t bits = llvm::bit_cast<uint32_t>(clamped);
  return (bits >> 24 & 0x80) | roundMagnitude<3, 7>(bits & 0x7fffffff);
}

/// i8, saturating; `value` is no NaN.
static uint8_t toI8(float value) {
  constexpr float magic =
      12582912.0f; // 1.5 * 2^23: its last bit is 1, so the sum is rounded to an integer
  float clamped = std::min(std::max(value, -128.0f), 127.0f);
  float sum = clamped + magic;
  return static_cast<uint8_t>(llvm::bit_cast<uint32_t>(sum));
}

//===-- Results
//-----------------------------------------------------------------------------------//

/// The elements of `type` that `fill` writes, as the kind of attribute that `weight` is.
static ElementsAttr makeElements(const Weight &weight, RankedTensorType type, StringRef suffix,
                                 int64_t elements, function_ref<void(MutableArrayRef<char>)> fill) {
  size_t bytes = elements * (type.getElementTypeBitWidth() / 8);
  if (weight.getName().empty()) {
    std::vector<char> buffer(bytes);
    fill(buffer);
    return DenseElementsAttr::getFromRawBuffer(type, buffer);
  }
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, /*align=*/64);
  fill(blob.getMutableData());
  return DenseResourceElementsAttr::get(type, (weight.getName() + "." + suffix).str(),
                                        std::move(blob));
}

static std::string toText(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

ElementsAttr WeightConverter::cast(const Weight &weight, FloatType type, int64_t &overflows) {
  auto [entry, isNew] = done.try_emplace(Key{weight.attribute, weight.type, type, true, -1, -1});
  Conversion &conversion = entry->second;
  if (isNew) {
    auto convert = [&](MutableArrayRef<char> out) {
      for (int64_t i = 0, end = storedElements(weight); i < end; ++i) {
        float value = weight.at(i);
        uint16_t code = type.isF16() ? toF16(value) : toBF16(value);
        conversion.overflows +=
            std::isfinite(value) && (code & 0x7fff) == (type.isF16() ? 0x7c00 : 0x7f80);
        std::memcpy(out.data() + 2 * i, &code, 2);
      }
    };
    conversion.result.codes =
        makeElements(weight, RankedTensorType::get(weight.type.getShape(), type), toText(type),
                     storedElements(weight), convert);
    if (weight.isSplat)
      conversion.overflows *= weight.size();
  }
  overflows = conversion.overflows;
  return conversion.result.codes;
}

//===-- Codes and scales
//--------------------------------------------------------------------------//

namespace {

/// A batch of matrices with K last, and the blocks that share a scale.
struct Blocks {
  int64_t batch, rows, k, outerBlock, kBlock;

  int64_t blocksOfRows() const { return llvm::divideCeil(rows, outerBlock); }
  int64_t blocksOfK() const { return llvm::divideCeil(k, kBlock); }
};

} // namespace

/// Batch dimensions and the two of the matrix, without those that one block spans.
static SmallVector<int64_t> getScaleShape(ArrayRef<int64_t> batch, const Blocks &blocks,
                                          bool spansRows, bool spansK) {
  SmallVector<int64_t> shape(batch);
  if (!spansRows)
    shape.push_back(blocks.blocksOfRows());
  if (!spansK)
    shape.push_back(blocks.blocksOfK());
  return shape;
}

/// The values with K last.
static std::vector<float> readWithKLast(const Weight &weight, const Blocks &blocks, bool kIsLast) {
  std::vector<float> values(weight.size());
  if (kIsLast) {
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = weight.at(i);
    return values;
  }
  constexpr int64_t side = 32; // squares of this side stay in the cache
  const int64_t rows = blocks.rows, k = blocks.k;
  for (int64_t matrix = 0; matrix < blocks.batch; ++matrix) {
    const int64_t base = matrix * rows * k;
    for (int64_t k0 = 0; k0 < k; k0 += side)
      for (int64_t row0 = 0; row0 < rows; row0 += side)
        for (int64_t i = k0; i < std::min(k, k0 + side); ++i)
          for (int64_t row = row0; row < std::min(rows, row0 + side); ++row)
            values[base + row * k + i] = weight.at(base + i * rows + row);
  }
  return values;
}

/// The scale of a block with this largest magnitude, as mpgemm.dynamic_quantize computes it.
static float getScale(float absmax, float largestCode) {
  return std::max(absmax / largestCode, 0x1p-126f);
}

template <typename Convert>
static void quantiseBlocks(ArrayRef<float> values, const Blocks &blocks, float largestCode,
                           MutableArrayRef<char> codes, std::vector<float> &scales,
                           Convert convert) {
  const int64_t k = blocks.k;
  for (int64_t matrix = 0; matrix < blocks.batch; ++matrix)
    for (int64_t row0 = 0; row0 < blocks.rows; row0 += blocks.outerBlock)
      for (int64_t k0 = 0; k0 < std::max<int64_t>(k, 1); k0 += blocks.kBlock) {
        const int64_t rowEnd = std::min(blocks.rows, row0 + blocks.outerBlock);
        const int64_t kEnd = std::min(k, k0 + blocks.kBlock);
        float absmax = 0;
        for (int64_t row = row0; row < rowEnd; ++row)
          for (int64_t i = (matrix * blocks.rows + row) * k + k0, end = i + kEnd - k0; i < end; ++i)
            absmax = std::max(absmax, std::fabs(values[i]));
        const float scale = getScale(absmax, largestCode), inverse = 1.0f / scale;
        scales.push_back(scale);
        for (int64_t row = row0; row < rowEnd; ++row)
          for (int64_t i = (matrix * blocks.rows + row) * k + k0, end = i + kEnd - k0; i < end; ++i)
            codes[i] = static_cast<char>(convert(values[i] * inverse));
      }
}

QuantisedWeight WeightConverter::quantise(const Weight &weight, Type code, bool kIsLast,
                                          int64_t outerBlock, int64_t kBlock) {
  auto [entry, isNew] =
      done.try_emplace(Key{weight.attribute, weight.type, code, kIsLast, outerBlock, kBlock});
  Conversion &conversion = entry->second;
  if (!isNew)
    return conversion.result;
  ArrayRef<int64_t> shape = weight.type.getShape(), batch = shape.drop_back(2);
  Blocks blocks;
  blocks.batch = ShapedType::getNumElements(batch);
  blocks.rows = shape[shape.size() - (kIsLast ? 2 : 1)];
  blocks.k = shape[shape.size() - (kIsLast ? 1 : 2)];
  blocks.outerBlock = std::max<int64_t>(outerBlock == 0 ? blocks.rows : outerBlock, 1);
  blocks.kBlock = std::max<int64_t>(kBlock == 0 ? blocks.k : kBlock, 1);

  std::vector<float> values = readWithKLast(weight, blocks, kIsLast);
  std::vector<float> scales;
  SmallVector<int64_t> codesShape(batch);
  codesShape.append({blocks.rows, blocks.k});
  auto writeCodes = [&](MutableArrayRef<char> out) {
    if (code.isInteger(8))
      quantiseBlocks(values, blocks, 127.0f, out, scales, toI8);
    else
      quantiseBlocks(values, blocks, 448.0f, out, scales, toE4M3);
  };
  conversion.result.codes = makeElements(weight, RankedTensorType::get(codesShape, code),
                                         toText(code), weight.size(), writeCodes);
  auto writeScales = [&](MutableArrayRef<char> out) {
    std::memcpy(out.data(), scales.data(), out.size());
  };
  auto scalesType =
      RankedTensorType::get(getScaleShape(batch, blocks, outerBlock == 0, kBlock == 0),
                            Float32Type::get(code.getContext()));
  conversion.result.scales =
      makeElements(weight, scalesType, toText(code) + ".scale", scales.size(), writeScales);
  return conversion.result;
}
