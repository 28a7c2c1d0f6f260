//===- Observation.h - Looking at layers while a function runs --*- C++ -*-===//
#ifndef MPGEMM_RUNTIME_OBSERVATION_H
#define MPGEMM_RUNTIME_OBSERVATION_H

#include "mpgemm/Artifact/Manifest.h"
#include "mpgemm/Runtime/Driver.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mpgemm {

/// A dense tensor in device memory.
struct TensorView {
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
  DevicePtr address = 0;
  int64_t bytes = 0;
};

/// Values, or codes and their scale: each size of the scale divides that of the codes.
struct ScaledView {
  TensorView values;
  std::optional<TensorView> scale;
};

/// A layer right after its step: everything lies in device memory until the observer returns.
struct LayerView {
  std::string name;
  ScaledView a;                ///< The left operand of its product, as it is stored.
  std::optional<ScaledView> b; ///< The right one, where the manifest has it.
  std::vector<ScaledView> results;
};

/// Called on the calling thread, once for each layer, while the device is idle. What it throws ends
/// the call.
using LayerObserver = std::function<void(const LayerView &)>;

/// Where the tensors of `layer` lie for one call. `addresses` and `bufferBytes` are those of the
/// function's buffers. Throws Error(InvalidArgument) where a tensor leaves its buffer or a scale
/// does not fit.
LayerView viewLayer(const Layer &layer, const ExpressionValues &values,
                    const std::vector<DevicePtr> &addresses,
                    const std::vector<int64_t> &bufferBytes);

} // namespace mpgemm

#endif // MPGEMM_RUNTIME_OBSERVATION_H
