//===- Calibrate.h - The ranges of a function's layers ----------*- C++ -*-===//
//
// {"format": 1, "function": "main",
//  "layers": {"main.0": {"a": {"min": -3.2, "max": 2.9, "absmax": 3.2, "samples": 49152},
//                        "b": {...}, "result": {...}}, ...}}
//
// `a` and `b` are the operands of the layer's product. `samples` counts elements. A layer that saw
// none is not listed.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_TOOLS_RUN_CALIBRATE_H
#define MPGEMM_TOOLS_RUN_CALIBRATE_H

#include "Layers.h"

#include <limits>
#include <map>
#include <string>
#include <vector>

namespace mpgemm {
namespace run {

/// What values a tensor took.
struct Range {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();
  int64_t samples = 0;

  double absmax() const;
  void add(const Range &other);
};

struct LayerRanges {
  Range a, b, result;
};

/// The ranges of a function, summed up over calls.
class Calibration {
public:
  explicit Calibration(std::string function) : function(std::move(function)) {}

  /// Adds what a call saw. Throws Error(InvalidArgument) where an element is not finite, or where
  /// an operand holds codes of unknown scale.
  void add(const HostLayer &layer);
  /// Adds what an earlier run wrote; an error where `text` is of another function or format. `path`
  /// names it in messages.
  void merge(const std::string &text, const std::string &path);

  std::string text() const;
  size_t layerCount() const { return layers.size(); }

private:
  std::string function;
  std::map<std::string, LayerRanges> layers;
  std::vector<std::string> order; ///< Names as they were first seen.

  LayerRanges &rangesOf(const std::string &name);
};

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_CALIBRATE_H
