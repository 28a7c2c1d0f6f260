//===- Run.h - One call with buffers of its own -----------------*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_RUN_H
#define MPGEMM_TOOLS_RUN_RUN_H

#include "HostTensor.h"
#include "Layers.h"

#include "mpgemm/Runtime/Context.h"

#include <functional>
#include <memory>
#include <vector>

namespace mpgemm {
namespace run {

/// A context, device copies of inputs, and device memory for results.
class CallSite {
public:
  /// Checks the inputs' shapes, reserves the arena and uploads.
  CallSite(std::shared_ptr<const Program> program, int function,
           const std::vector<HostTensor> &inputs, bool ownConstants = false);

  void call(StreamHandle stream, bool graph);
  /// The same, step by step; `observer` sees the values of each layer.
  void callObserved(StreamHandle stream, const std::function<void(HostLayer)> &observer);
  /// Waits for the stream and copies the results to the host.
  std::vector<HostTensor> download(StreamHandle stream);

  /// Arguments, results and arena.
  int64_t bytes() const { return totalBytes; }
  const Context &context() const { return *context_; }

private:
  std::shared_ptr<const Program> program;
  int function;
  std::unique_ptr<Context> context_;
  std::vector<DeviceBuffer> memory;
  std::vector<std::vector<int64_t>> argumentShapes, resultShapes;
  std::vector<mpgemm_tensor> arguments, results;
  int64_t totalBytes = 0;
};

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_RUN_H
