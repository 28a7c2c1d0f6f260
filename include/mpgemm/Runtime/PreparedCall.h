//===- PreparedCall.h - A function resolved for one set of shapes -*- C++ -*-===//
//
// Everything of a call that does not change with addresses: the variants chosen, grids, scalar
// parameters, sizes, all checked. What is left for a call is to put addresses in (bind) and to
// enqueue (run).
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_RUNTIME_PREPAREDCALL_H
#define MPGEMM_RUNTIME_PREPAREDCALL_H

#include "mpgemm/Runtime/Program.h"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace mpgemm {

/// What a launch is and does, for reports.
struct LaunchReport {
  std::string label;
  int kernel = 0;
  std::array<unsigned, 3> grid{};
  int64_t flops = 0;
  int64_t bytes = 0; ///< Least global traffic.
};

class PreparedCall {
public:
  /// Resolves the function. `bufferBytes` holds the size of each of its buffers. Throws Error where
  /// an assert fails, no variant applies, or a launch would leave a buffer or the device's limits.
  PreparedCall(const Program &program, const Function &function, const ExpressionValues &values,
               const std::vector<int64_t> &bufferBytes);
  ~PreparedCall();
  PreparedCall(const PreparedCall &) = delete;
  PreparedCall &operator=(const PreparedCall &) = delete;

  /// Puts the addresses of the function's buffers into the parameters.
  void bind(const std::vector<DevicePtr> &addresses);
  /// Enqueues all steps. With `graph` through an executable graph: one is kept for each of the last
  /// few sets of addresses, and an older one is updated for a new set.
  void run(StreamHandle stream, bool graph);
  /// Enqueues the steps one by one; `afterStep` is called behind each of the function's steps with
  /// its index, also behind those that launch nothing for these shapes.
  void runSteps(StreamHandle stream, const std::function<void(int)> &afterStep);

  const std::vector<LaunchReport> &reports() const { return reports_; }

private:
  /// One kernel parameter by value, as aligned as the strictest (a tensor map).
  struct alignas(64) Slot {
    unsigned char bytes[128];
  };
  struct PointerPatch {
    size_t slot;
    int buffer;
    int64_t offset;
  };
  struct MapPatch {
    size_t slot;
    int buffer;
    int64_t offset;
    TensorMapDesc desc;
  };
  /// `parameters` points into `slots`: a launch may be moved (which keeps the storage), never
  /// copied.
  struct Launch {
    Launch() = default;
    Launch(Launch &&) = default;
    Launch &operator=(Launch &&) = default;
    DriverKernel *kernel = nullptr;
    LaunchConfig config;
    std::vector<Slot> slots;
    std::vector<void *> parameters;
    std::vector<PointerPatch> pointers;
    std::vector<MapPatch> maps;
  };
  struct Copy {
    int fromBuffer, toBuffer;
    int64_t fromOffset, toOffset, bytes;
  };
  struct Fill {
    int buffer;
    int64_t offset, bytes;
    uint8_t value;
  };
  struct Graph {
    std::vector<DevicePtr> addresses;
    GraphHandle handle;
    uint64_t lastUse;
  };

  void addLaunch(const Step &step, const ExpressionValues &values);
  void addArgument(Launch &launch, size_t slot, const LaunchArgument &argument,
                   const ExpressionValues &values);
  void addTensorMap(Launch &launch, size_t slot, const LaunchArgument &argument,
                    const ExpressionValues &values);
  void checkGrid(const LaunchVariant &variant, Launch &launch, const ExpressionValues &values);
  int64_t offsetOf(const Place &place, const ExpressionValues &values, int64_t bytes);
  void enqueue(StreamHandle stream);
  void enqueueStep(std::variant<Launch, Copy, Fill> &step, StreamHandle stream);
  GraphHandle graphForBoundAddresses();

  const Program &program;
  const Function &function;
  const std::vector<int64_t> &bufferBytes;
  Driver &driver;
  std::vector<std::variant<Launch, Copy, Fill>> steps;
  std::vector<int> stepIndices; ///< Of each of `steps` in the function.
  std::vector<LaunchReport> reports_;
  std::vector<DevicePtr> bound;
  std::vector<Graph> graphs;
  StreamHandle captureStream = 0;
  uint64_t useCount = 0;
};

} // namespace mpgemm

#endif // MPGEMM_RUNTIME_PREPAREDCALL_H
