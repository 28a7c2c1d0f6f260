//===- CompareLayers.h - The error of each layer between two models -*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_COMPARELAYERS_H
#define MPGEMM_TOOLS_RUN_COMPARELAYERS_H

#include "Layers.h"

#include <optional>
#include <string>
#include <vector>

namespace mpgemm {
namespace run {

/// How far values are from their reference, over the elements where both are finite.
struct Deviation {
  int64_t elements = 0;
  int64_t notFinite = 0;    ///< Elements where one is not finite and the two differ.
  double largestError = 0;  ///< Absolute.
  double relativeRms = 0;   ///< sqrt(sum error^2 / sum reference^2); infinite where only that is 0.
  double signalToNoise = 0; ///< 10 log10(sum reference^2 / sum error^2), infinite where equal.
  double cosine = 1;        ///< Of the angle between the two, as vectors.
  std::optional<double> fittedScale; ///< Of codes whose scale is unknown: the best one.
};

Deviation measure(const HostValues &got, const HostValues &reference);

/// What is compared: a result of a layer, or of the function.
struct ComparedValues {
  std::string name;
  std::string types; ///< "f8E4M3FN against f32"
  std::optional<Deviation> deviation;
  std::string note; ///< Why there is no deviation.
};

struct LayerComparison {
  std::vector<ComparedValues> layers, results;
  std::vector<std::string> onlyHere, onlyInReference;

  /// The smallest signal-to-noise ratio, and whose it is; elements that are not finite on one side
  /// count as minus infinity.
  std::pair<double, std::string> worst() const;
  std::string table() const;
  std::string json(const std::string &artifact, const std::string &reference) const;
};

/// Compares layers by name, results by index.
LayerComparison compareLayers(const std::vector<HostLayer> &got,
                              const std::vector<HostLayer> &reference);
/// Adds the function's results.
void compareResults(LayerComparison &comparison, const std::vector<std::string> &names,
                    const std::vector<HostTensor> &got, const std::vector<HostTensor> &reference);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_COMPARELAYERS_H
