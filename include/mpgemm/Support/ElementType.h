//===- ElementType.h - Element types of tensors on the host -----*- C++ -*-===//
//
// Names as MLIR writes them, sizes in memory, and conversion of single elements to and from double.
// This is for inputs, comparisons and tests; nothing of it is on the path of a call.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_SUPPORT_ELEMENTTYPE_H
#define MPGEMM_SUPPORT_ELEMENTTYPE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mpgemm {

enum class ElementType {
  F64,
  F32,
  F16,
  BF16,
  F8E4M3FN,
  F8E5M2,
  F8E8M0FNU, ///< a power of two: the exponent alone
  I64,
  I32,
  I16,
  I8,
  U8,
  I1
};

/// "bf16" and so on; nothing for a name that is not an element type.
std::optional<ElementType> parseElementType(std::string_view name);
const char *elementTypeName(ElementType type);
/// "f64, f32, ...", for messages.
const std::string &elementTypeNames();

/// Bytes an element takes in memory; i1 takes one.
size_t elementBytes(ElementType type);
bool isFloat(ElementType type);
/// Stored bits of the significand after the leading one (7 for bf16); 0 for integers.
int mantissaBits(ElementType type);

/// The element at `from`, exactly, but for i64 beyond 2^53.
double decodeElement(ElementType type, const void *from);

/// Stores `value` at `to`. Floats round to nearest even and overflow as arith.truncf does: to
/// infinity, or to NaN where the type has none (f8E4M3FN, f8E8M0FNU). f8E8M0FNU drops the sign and
/// has no zero: the least power of two stands for it. Integers round to nearest even and
/// clamp; NaN becomes 0.
void encodeElement(ElementType type, double value, void *to);

/// The distance between the value at `a` and at `b` counted in representable values (0 for -0 and
/// +0); nothing where just one is NaN. Integers: the absolute difference.
std::optional<uint64_t> ulpDistance(ElementType type, const void *a, const void *b);

} // namespace mpgemm

#endif // MPGEMM_SUPPORT_ELEMENTTYPE_H
