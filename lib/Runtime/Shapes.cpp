//===- Shapes.cpp - Shapes of a call against those of a function --------------===//
#include "mpgemm/Runtime/Shapes.h"

#include "mpgemm/Support/CheckedMath.h"
#include "mpgemm/Support/Error.h"

#include <cstring>

namespace mpgemm {

std::string shapeText(const TensorSpec &spec) {
  std::string text;
  for (const Expression &size : spec.shape)
    text += size.text() + "x";
  return text + elementTypeName(spec.type);
}

std::string shapeText(ElementType type, const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + elementTypeName(type);
}

static std::string givenText(const mpgemm_tensor &tensor) {
  std::string text;
  for (int32_t d = 0; d < tensor.rank; ++d)
    text += (d ? "x" : "") + std::to_string(tensor.shape[d]);
  return text.empty() ? "a scalar" : text;
}

/// Coordinates inside a kernel have 32 bits, and those of a tile's last row must not overflow.
static constexpr int64_t kLargestDimension = (int64_t(1) << 31) - 4096;

std::vector<int64_t> bindSymbols(const Function &function, const mpgemm_tensor *arguments,
                                 size_t count) {
  if (count != function.arguments.size())
    throw Error(ErrorKind::InvalidArgument, "function '" + function.name + "' takes " +
                                                std::to_string(function.arguments.size()) +
                                                " arguments; got " + std::to_string(count));
  std::vector<int64_t> symbols(function.symbols.size(), -1);
  std::vector<std::string> boundBy(function.symbols.size());
  for (size_t i = 0; i < count; ++i) {
    const TensorSpec &spec = function.arguments[i];
    const mpgemm_tensor &given = arguments[i];
    auto fail = [&](const std::string &what) {
      return Error(ErrorKind::InvalidArgument, "argument " + std::to_string(i) + " '" + spec.name +
                                                   "' of '" + function.name + "' " + what);
    };
    if (given.type && std::strcmp(given.type, elementTypeName(spec.type)) != 0)
      throw fail(std::string("has element type ") + given.type + "; expected " +
                 elementTypeName(spec.type) + " (" + shapeText(spec) + ")");
    if (given.rank != int32_t(spec.shape.size()) || (given.rank > 0 && !given.shape))
      throw fail("has " + std::to_string(given.rank) + " dimensions (" +
                 (given.shape || given.rank <= 0 ? givenText(given) : "no shape") + "); expected " +
                 std::to_string(spec.shape.size()) + " (" + shapeText(spec) + ")");
    for (size_t d = 0; d < spec.shape.size(); ++d) {
      int64_t size = given.shape[d];
      std::string dimension = "dimension " + std::to_string(d);
      if (size < 0)
        throw fail("has the negative size " + std::to_string(size) + " in " + dimension);
      if (size > kLargestDimension)
        throw fail("has the size " + std::to_string(size) + " in " + dimension +
                   "; one dimension may have up to " + std::to_string(kLargestDimension));
      if (auto fixed = spec.shape[d].constantValue()) {
        if (size != *fixed)
          throw fail("is " + givenText(given) + "; expected " + shapeText(spec) + ": " + dimension +
                     " is " + std::to_string(size) + ", not " + std::to_string(*fixed));
        continue;
      }
      auto symbol = size_t(*spec.shape[d].symbolIndex());
      if (symbols[symbol] < 0) {
        symbols[symbol] = size;
        boundBy[symbol] = "argument " + std::to_string(i) + ", " + dimension;
      } else if (symbols[symbol] != size) {
        throw fail("is " + givenText(given) + "; expected " + shapeText(spec) + ": " + dimension +
                   " is " + std::to_string(size) + ", but " + function.symbols[symbol] + " is " +
                   std::to_string(symbols[symbol]) + " (" + boundBy[symbol] + ")");
      }
    }
  }
  return symbols;
}

std::vector<std::vector<int64_t>> resultShapes(const Function &function,
                                               const ExpressionValues &values) {
  std::vector<std::vector<int64_t>> shapes;
  for (const TensorSpec &result : function.results) {
    shapes.emplace_back();
    for (const Expression &size : result.shape)
      shapes.back().push_back(size.evaluateSize(values, "size"));
  }
  return shapes;
}

int64_t tensorBytes(ElementType type, const std::vector<int64_t> &shape, const std::string &what) {
  auto bytes = int64_t(elementBytes(type));
  for (int64_t size : shape)
    if (!checkedMul(bytes, size, bytes))
      throw Error(ErrorKind::InvalidArgument,
                  what + " (" + shapeText(type, shape) + ") has more bytes than 64 bits can count");
  return bytes;
}

} // namespace mpgemm
