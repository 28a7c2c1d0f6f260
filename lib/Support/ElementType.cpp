//===- ElementType.cpp - Element types of tensors on the host -----------------===//
#include "mpgemm/Support/ElementType.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace mpgemm {

namespace {

/// One row for each element type, in the order of the enumeration. Float formats of at most 16 bits
/// are described by their fields; the others convert natively.
struct TypeRow {
  const char *name;
  size_t bytes;
  int exponentBits; ///< 0 for integers.
  int mantissaBits;
  bool hasInfinity;
};

constexpr TypeRow rows[] = {
    {"f64", 8, 11, 52, true},      {"f32", 4, 8, 23, true},      {"f16", 2, 5, 10, true},
    {"bf16", 2, 8, 7, true},       {"f8E4M3FN", 1, 4, 3, false}, {"f8E5M2", 1, 5, 2, true},
    {"f8E8M0FNU", 1, 8, 0, false}, {"i64", 8, 0, 0, false},      {"i32", 4, 0, 0, false},
    {"i16", 2, 0, 0, false},       {"i8", 1, 0, 0, false},       {"u8", 1, 0, 0, false},
    {"i1", 1, 0, 0, false},
};
constexpr int typeCount = sizeof(rows) / sizeof(rows[0]);

const TypeRow &row(ElementType type) { return rows[static_cast<int>(type)]; }

uint64_t loadBits(size_t bytes, const void *from) {
  uint64_t bits = 0;
  std::memcpy(&bits, from, bytes); // hosts are little endian, as the device is
  return bits;
}

double decodeSmallFloat(const TypeRow &format, uint32_t bits) {
  int bias = (1 << (format.exponentBits - 1)) - 1;
  uint32_t mantissaMask = (1u << format.mantissaBits) - 1;
  uint32_t exponentMask = (1u << format.exponentBits) - 1;
  uint32_t mantissa = bits & mantissaMask;
  uint32_t exponent = (bits >> format.mantissaBits) & exponentMask;
  double sign = (bits >> (format.mantissaBits + format.exponentBits)) & 1 ? -1.0 : 1.0;
  if (exponent == exponentMask) {
    if (format.hasInfinity)
      return mantissa ? std::numeric_limits<double>::quiet_NaN()
                      : sign * std::numeric_limits<double>::infinity();
    if (mantissa == mantissaMask)
      return std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0)
    return sign * std::ldexp(double(mantissa), 1 - bias - format.mantissaBits);
  return sign * std::ldexp(double(mantissa | (1u << format.mantissaBits)),
                           int(exponent) - bias - format.mantissaBits);
}

uint32_t encodeSmallFloat(const TypeRow &format, double value) {
  int bias = (1 << (format.exponentBits - 1)) - 1;
  uint32_t signBit = std::signbit(value) ? 1u << (format.exponentBits + format.mantissaBits) : 0;
  uint32_t allOnes = (1u << (format.exponentBits + format.mantissaBits)) - 1;
  uint32_t infinity = allOnes & ~((1u << format.mantissaBits) - 1);
  uint32_t nan = format.hasInfinity ? infinity | (1u << (format.mantissaBits - 1)) : allOnes;
  uint32_t overflow = signBit | (format.hasInfinity ? infinity : nan);
  if (std::isnan(value))
    return signBit | nan;
  if (std::isinf(value))
    return overflow;
  double magnitude = std::fabs(value);
  if (magnitude == 0)
    return signBit;
  // The value in units of the last place of its binade; below the normal range the unit stays.
  int exponent = std::max(std::ilogb(magnitude), 1 - bias);
  if (exponent > bias + 1)
    return overflow;
  auto units =
      static_cast<uint32_t>(std::nearbyint(std::ldexp(magnitude, format.mantissaBits - exponent)));
  // A carry out of the significand moves the code into the next binade by itself.
  uint32_t code = units < (1u << format.mantissaBits)
                      ? units
                      : (uint32_t(exponent + bias - 1) << format.mantissaBits) + units;
  uint32_t largest = format.hasInfinity ? infinity - 1 : allOnes - 1;
  return code > largest ? overflow : signBit | code;
}

// The exponent alone: code c is 2^(c - 127), 255 is NaN.
constexpr int exponentBias = 127;
constexpr uint8_t exponentNaN = 0xFF;

double decodeExponent(uint8_t code) {
  return code == exponentNaN ? std::numeric_limits<double>::quiet_NaN()
                             : std::ldexp(1.0, int(code) - exponentBias);
}

uint8_t encodeExponent(double value) {
  const double magnitude = std::fabs(value);
  if (!std::isfinite(magnitude))
    return exponentNaN;
  if (magnitude < std::ldexp(1.0, -exponentBias))
    return 0;
  // Half way between two powers of two lies 1.5; the even code takes it.
  const int exponent = std::ilogb(magnitude);
  const double significand = std::ldexp(magnitude, -exponent);
  const int code = exponent + exponentBias;
  const bool up = significand > 1.5 || (significand == 1.5 && code % 2 == 1);
  return uint8_t(std::min(code + up, int(exponentNaN)));
}

template <typename T> double loadAs(const void *from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return static_cast<double>(value);
}

template <typename T> void storeClamped(double value, void *to) {
  double rounded = std::nearbyint(value);
  T result;
  if (std::isnan(rounded))
    result = 0;
  else if (rounded <= static_cast<double>(std::numeric_limits<T>::min()))
    result = std::numeric_limits<T>::min();
  else if (rounded >= static_cast<double>(std::numeric_limits<T>::max()))
    result = std::numeric_limits<T>::max();
  else
    result = static_cast<T>(rounded);
  std::memcpy(to, &result, sizeof(T));
}

} // namespace

std::optional<ElementType> parseElementType(std::string_view name) {
  for (int i = 0; i < typeCount; ++i)
    if (name == rows[i].name)
      return static_cast<ElementType>(i);
  return std::nullopt;
}

const char *elementTypeName(ElementType type) { return row(type).name; }

const std::string &elementTypeNames() {
  static const std::string names = [] {
    std::string list;
    for (const TypeRow &r : rows)
      list += (list.empty() ? "" : ", ") + std::string(r.name);
    return list;
  }();
  return names;
}

size_t elementBytes(ElementType type) { return row(type).bytes; }
bool isFloat(ElementType type) { return row(type).exponentBits > 0; }
int mantissaBits(ElementType type) { return row(type).mantissaBits; }

double decodeElement(ElementType type, const void *from) {
  switch (type) {
  case ElementType::F64:
    return loadAs<double>(from);
  case ElementType::F32:
    return loadAs<float>(from);
  case ElementType::F16:
  case ElementType::BF16:
  case ElementType::F8E4M3FN:
  case ElementType::F8E5M2:
    return decodeSmallFloat(row(type), uint32_t(loadBits(row(type).bytes, from)));
  case ElementType::F8E8M0FNU:
    return decodeExponent(uint8_t(loadBits(1, from)));
  case ElementType::I64:
    return loadAs<int64_t>(from);
  case ElementType::I32:
    return loadAs<int32_t>(from);
  case ElementType::I16:
    return loadAs<int16_t>(from);
  case ElementType::I8:
    return loadAs<int8_t>(from);
  case ElementType::U8:
    return loadAs<uint8_t>(from);
  case ElementType::I1:
    return loadAs<uint8_t>(from) != 0 ? 1.0 : 0.0;
  }
  return 0;
}

void encodeElement(ElementType type, double value, void *to) {
  switch (type) {
  case ElementType::F64:
    std::memcpy(to, &value, 8);
    return;
  case ElementType::F32: {
    auto narrow = static_cast<float>(value);
    std::memcpy(to, &narrow, 4);
    return;
  }
  case ElementType::F8E8M0FNU: {
    uint8_t code = encodeExponent(value);
    std::memcpy(to, &code, 1);
    return;
  }
  case ElementType::F16:
  case ElementType::BF16:
  case ElementType::F8E4M3FN:
  case ElementType::F8E5M2: {
    uint32_t bits = encodeSmallFloat(row(type), value);
    std::memcpy(to, &bits, row(type).bytes);
    return;
  }
  case ElementType::I64:
    return storeClamped<int64_t>(value, to);
  case ElementType::I32:
    return storeClamped<int32_t>(value, to);
  case ElementType::I16:
    return storeClamped<int16_t>(value, to);
  case ElementType::I8:
    return storeClamped<int8_t>(value, to);
  case ElementType::U8:
    return storeClamped<uint8_t>(value, to);
  case ElementType::I1: {
    unsigned char bit = value != 0 && !std::isnan(value);
    std::memcpy(to, &bit, 1);
    return;
  }
  }
}

std::optional<uint64_t> ulpDistance(ElementType type, const void *a, const void *b) {
  double x = decodeElement(type, a), y = decodeElement(type, b);
  if (std::isnan(x) && std::isnan(y))
    return 0;
  if (std::isnan(x) || std::isnan(y))
    return std::nullopt;
  size_t bytes = row(type).bytes;
  // Codes of a sign-magnitude format, mapped to integers that grow with the value.
  auto ordered = [&](const void *p) -> int64_t {
    uint64_t bits = loadBits(bytes, p);
    if (type == ElementType::F8E8M0FNU) // has no sign
      return int64_t(bits);
    uint64_t sign = uint64_t(1) << (8 * bytes - 1);
    return bits & sign ? -int64_t(bits & (sign - 1)) : int64_t(bits);
  };
  auto integer = [&](const void *p) -> int64_t {
    int64_t value = 0;
    if (type == ElementType::I64)
      std::memcpy(&value, p, 8);
    else
      value = int64_t(decodeElement(type, p));
    return value;
  };
  int64_t left = isFloat(type) ? ordered(a) : integer(a);
  int64_t right = isFloat(type) ? ordered(b) : integer(b);
  return left > right ? uint64_t(left) - uint64_t(right) : uint64_t(right) - uint64_t(left);
}

} // namespace mpgemm
