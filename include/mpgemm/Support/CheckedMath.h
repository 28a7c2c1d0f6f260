//===- CheckedMath.h - 64-bit arithmetic that reports overflow --*- C++ -*-===//
//
// Each function stores the result and returns true, or returns false where the result does not fit
// or does not exist (division by zero). Divisions round as their names say, for either sign.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_SUPPORT_CHECKEDMATH_H
#define MPGEMM_SUPPORT_CHECKEDMATH_H

#include <cstdint>
#include <limits>

namespace mpgemm {

inline bool checkedAdd(int64_t a, int64_t b, int64_t &result) {
  return !__builtin_add_overflow(a, b, &result);
}

inline bool checkedSub(int64_t a, int64_t b, int64_t &result) {
  return !__builtin_sub_overflow(a, b, &result);
}

inline bool checkedMul(int64_t a, int64_t b, int64_t &result) {
  return !__builtin_mul_overflow(a, b, &result);
}

/// Rounds towards minus infinity.
inline bool checkedFloorDiv(int64_t a, int64_t b, int64_t &result) {
  if (b == 0 || (a == std::numeric_limits<int64_t>::min() && b == -1))
    return false;
  int64_t quotient = a / b;
  bool inexact = a % b != 0;
  result = quotient - (inexact && ((a < 0) != (b < 0)) ? 1 : 0);
  return true;
}

/// Rounds towards plus infinity.
inline bool checkedCeilDiv(int64_t a, int64_t b, int64_t &result) {
  if (b == 0 || (a == std::numeric_limits<int64_t>::min() && b == -1))
    return false;
  int64_t quotient = a / b;
  bool inexact = a % b != 0;
  result = quotient + (inexact && ((a < 0) == (b < 0)) ? 1 : 0);
  return true;
}

/// What checkedFloorDiv leaves: it has the sign of b.
inline bool checkedMod(int64_t a, int64_t b, int64_t &result) {
  if (b == 0)
    return false;
  if (b == -1) {
    result = 0;
    return true;
  }
  int64_t remainder = a % b;
  result = remainder != 0 && ((remainder < 0) != (b < 0)) ? remainder + b : remainder;
  return true;
}

} // namespace mpgemm

#endif // MPGEMM_SUPPORT_CHECKEDMATH_H
