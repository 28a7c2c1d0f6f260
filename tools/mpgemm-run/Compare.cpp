//===- Compare.cpp - Results against expectations -----------------------------===//
#include "Compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace mpgemm {
namespace run {

namespace {

std::string numberText(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.9g", value);
  return text;
}

std::vector<int64_t> indexOf(int64_t flat, const std::vector<int64_t> &shape) {
  std::vector<int64_t> index(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

std::string indexText(const std::vector<int64_t> &index) {
  std::string text;
  for (int64_t i : index)
    text += (text.empty() ? "" : ",") + std::to_string(i);
  return "[" + text + "]";
}

double valueAt(const HostTensor &tensor, int64_t flat) {
  return decodeElement(tensor.type, tensor.at(flat));
}

struct Verdict {
  bool good;
  double error;
  double bound;
};

Verdict judge(const HostTensor &got, const HostTensor &expected, int64_t i,
              const Tolerance &tolerance) {
  double a = valueAt(got, i), b = valueAt(expected, i);
  double bound = tolerance.absolute + tolerance.relative * std::fabs(b) +
                 (tolerance.bounds ? valueAt(*tolerance.bounds, i) : 0);
  if (std::isnan(a) || std::isnan(b))
    return {std::isnan(a) && std::isnan(b), 0, bound};
  if (std::isinf(a) || std::isinf(b)) {
    bool rounded = false;
    if (tolerance.ulps) { // an expectation of higher precision may overflow the result's type
      char code[8] = {};
      encodeElement(got.type, b, code);
      rounded = decodeElement(got.type, code) == a;
    }
    return {a == b || rounded, 0, bound};
  }
  double error = std::fabs(a - b);
  if (error <= bound)
    return {true, error, bound};
  if (tolerance.ulps) {
    char code[8] = {};
    encodeElement(got.type, b, code);
    auto distance = ulpDistance(got.type, got.at(i), code);
    return {distance && *distance <= *tolerance.ulps, error, bound};
  }
  return {false, error, bound};
}

/// Rows around the first wrong element, a wrong one marked with '*'.
std::string window(const HostTensor &got, const HostTensor &expected, int64_t flat,
                   const Tolerance &tolerance) {
  if (got.shape.empty())
    return "";
  std::vector<int64_t> index = indexOf(flat, got.shape);
  size_t rank = got.shape.size();
  int64_t columns = got.shape[rank - 1], rows = rank > 1 ? got.shape[rank - 2] : 1;
  int64_t column = index[rank - 1], row = rank > 1 ? index[rank - 2] : 0;
  int64_t firstColumn = std::max<int64_t>(0, column - 2);
  int64_t lastColumn = std::min(columns - 1, column + 2);
  std::string text;
  for (int64_t r = std::max<int64_t>(0, row - 1); r <= std::min(rows - 1, row + 1); ++r) {
    std::vector<int64_t> start = index;
    if (rank > 1)
      start[rank - 2] = r;
    start[rank - 1] = firstColumn;
    std::string gotLine, expectedLine;
    for (int64_t c = firstColumn; c <= lastColumn; ++c) {
      int64_t at = flat + (r - row) * columns + (c - column);
      char cell[48];
      bool good = judge(got, expected, at, tolerance).good;
      std::snprintf(cell, sizeof(cell), " %13.7g%c", valueAt(got, at), good ? ' ' : '*');
      gotLine += cell;
      std::snprintf(cell, sizeof(cell), " %13.7g ", valueAt(expected, at));
      expectedLine += cell;
    }
    text += "\n  from " + indexText(start) + "\n    got     " + gotLine + "\n    expected" +
            expectedLine;
  }
  return text;
}

} // namespace

Comparison compare(const std::string &name, const HostTensor &got, const HostTensor &expected,
                   const Tolerance &tolerance) {
  Comparison result;
  result.elements = got.elements();
  int64_t firstWrong = -1;
  for (int64_t i = 0; i < result.elements; ++i) {
    Verdict verdict = judge(got, expected, i, tolerance);
    result.largestError = std::max(result.largestError, verdict.error);
    if (verdict.bound > 0)
      result.largestShare = std::max(result.largestShare, verdict.error / verdict.bound);
    if (verdict.good)
      continue;
    ++result.wrong;
    if (firstWrong < 0)
      firstWrong = i;
  }
  if (firstWrong < 0)
    return result;
  Verdict verdict = judge(got, expected, firstWrong, tolerance);
  std::string bound = tolerance.ulps ? std::to_string(*tolerance.ulps) + " ulp" : "";
  if (!tolerance.ulps || verdict.bound > 0)
    bound += (bound.empty() ? "" : " or ") + numberText(verdict.bound);
  result.report = name + indexText(indexOf(firstWrong, got.shape)) + ": got " +
                  numberText(valueAt(got, firstWrong)) + ", expected " +
                  numberText(valueAt(expected, firstWrong)) + ", bound " + bound + "; " +
                  std::to_string(result.wrong) + " of " + std::to_string(result.elements) +
                  " differ" + window(got, expected, firstWrong, tolerance);
  return result;
}

} // namespace run
} // namespace mpgemm
