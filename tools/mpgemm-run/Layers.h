//===- Layers.h - The values of a layer on the host -------------*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_LAYERS_H
#define MPGEMM_TOOLS_RUN_LAYERS_H

#include "HostTensor.h"

#include "mpgemm/Runtime/Observation.h"

#include <optional>
#include <string>
#include <vector>

namespace mpgemm {
namespace run {

/// Values, or codes with their scale.
struct HostValues {
  HostTensor values;
  std::optional<HostTensor> scale;

  int64_t elements() const { return values.elements(); }
  /// Element `index` in row-major order, times its scale.
  double at(int64_t index) const;
  /// Whether the numbers mean what they say: wide enough a type, or codes whose scale is known.
  bool hasKnownScale() const;
  /// "[3, 17]", the place of an element.
  std::string placeOf(int64_t index) const;
};

struct HostLayer {
  std::string name;
  HostValues a;
  std::optional<HostValues> b;
  std::vector<HostValues> results;
};

/// Copies what an observer sees; `stream` is that of the call.
HostValues download(Driver &driver, const ScaledView &view, StreamHandle stream);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_LAYERS_H
