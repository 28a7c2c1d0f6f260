//===- Shapes.h - Shapes of a call against those of a function --*- C++ -*-===//
#ifndef MPGEMM_RUNTIME_SHAPES_H
#define MPGEMM_RUNTIME_SHAPES_H

#include "mpgemm/Artifact/Manifest.h"
#include "mpgemm/Runtime/mpgemm.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mpgemm {

/// Checks number, types, ranks and sizes of the arguments and returns the values of the function's
/// symbols. Throws Error(InvalidArgument) with the argument, both values and where a symbol was
/// bound.
std::vector<int64_t> bindSymbols(const Function &function, const mpgemm_tensor *arguments,
                                 size_t count);

/// The shapes of all results.
std::vector<std::vector<int64_t>> resultShapes(const Function &function,
                                               const ExpressionValues &values);

/// Bytes of a dense tensor. Throws Error(InvalidArgument) that begins with `what` on overflow.
int64_t tensorBytes(ElementType type, const std::vector<int64_t> &shape, const std::string &what);

/// "128x384xbf16"; symbols and expressions by name.
std::string shapeText(const TensorSpec &spec);
std::string shapeText(ElementType type, const std::vector<int64_t> &shape);

} // namespace mpgemm

#endif // MPGEMM_RUNTIME_SHAPES_H
