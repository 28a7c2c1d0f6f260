//===- Compare.h - Results against expectations -----------------*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_COMPARE_H
#define MPGEMM_TOOLS_RUN_COMPARE_H

#include "HostTensor.h"

#include <optional>
#include <string>

namespace mpgemm {
namespace run {

/// How far an element may be from its expectation. Without anything set, the values must be equal.
struct Tolerance {
  double absolute = 0;
  double relative = 0; ///< Times the magnitude of the expected value.
  std::optional<uint64_t>
      ulps; ///< Of the result's type; the expected value is rounded to it first.
  std::optional<HostTensor> bounds; ///< One absolute bound for each element, on top of `absolute`.
};

struct Comparison {
  int64_t elements = 0;
  int64_t wrong = 0;
  double largestError = 0; ///< Absolute, over the elements where both values are finite.
  double largestShare = 0; ///< Of an element's error in its bound, where there are bounds.
  std::string report;      ///< For people; empty where nothing is wrong.
};

/// Compares element by element; both have the same shape. NaN equals NaN, and infinities must be
/// equal.
Comparison compare(const std::string &name, const HostTensor &got, const HostTensor &expected,
                   const Tolerance &tolerance);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_COMPARE_H
