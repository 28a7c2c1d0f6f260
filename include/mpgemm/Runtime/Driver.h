//===- Driver.h - What the runtime needs of a device ------------*- C++ -*-===//
//
// The one interface between the runtime and a device. Two classes implement it: the CUDA driver,
// which is opened at run time, and the simulator. One conformance suite runs on both.
//
// A Driver owns one device. Its methods may be called from several threads at once. Errors are
// thrown as mpgemm::Error with a message that names the call and what would work.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_RUNTIME_DRIVER_H
#define MPGEMM_RUNTIME_DRIVER_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mpgemm {

/// Address in the device's global memory.
using DevicePtr = uint64_t;

/// What a launch, the manifest's predicates and messages need to know of a device.
struct DeviceAttributes {
  std::string name;     ///< For people: "NVIDIA H200", "simulator (sm_90a, 2 SMs)".
  int computeMajor = 0; ///< Compute capability, 9 and 0 for sm_90a.
  int computeMinor = 0;
  int multiprocessors = 0; ///< Number of SMs.
  int clockKHz = 0;        ///< Boost clock of an SM; 0 where it means nothing.
  int memoryClockKHz = 0;
  int memoryBusBits = 0;
  int maxThreadsPerBlock = 0;
  int64_t sharedBytesPerBlock = 0; ///< Most shared memory a CTA can ask for (opt-in).
  int64_t sharedBytesPerMultiprocessor = 0;
  int64_t l2Bytes = 0;
  int64_t globalBytes = 0;
  bool isSimulator = false;
};

/// Element types of a tensor map, with the names of PTX and CUtensorMapDataType.
enum class TensorMapType {
  U8,
  U16,
  U32,
  I32,
  U64,
  I64,
  F16,
  F32,
  F64,
  BF16,
  F32Ftz,
  TF32,
  TF32Ftz
};

/// Everything cuTensorMapEncodeTiled takes. Dimension 0 is the innermost, as there.
struct TensorMapDesc {
  TensorMapType type = TensorMapType::U8;
  int rank = 0;                           ///< 1 to 5.
  DevicePtr address = 0;                  ///< 16-byte aligned.
  std::array<uint64_t, 5> sizes{};        ///< Elements, each 1 to 2^32.
  std::array<uint64_t, 4> stridesBytes{}; ///< Of dimensions 1 to rank-1; multiples of 16.
  std::array<uint32_t, 5> box{};          ///< Elements, each 1 to 256.
  std::array<uint32_t, 5> elementStrides{1, 1, 1, 1, 1};
  int swizzleBytes = 0;     ///< 0, 32, 64 or 128.
  int l2PromotionBytes = 0; ///< 0, 64, 128 or 256.
  bool nanFill = false;     ///< Out-of-bounds elements read as NaN instead of 0.
};

/// The 128 opaque bytes that a kernel takes by value (64-byte aligned in the parameter space).
using TensorMap = std::array<unsigned char, 128>;

struct LaunchConfig {
  std::array<unsigned, 3> grid{1, 1, 1};    ///< CTAs (not clusters).
  std::array<unsigned, 3> cluster{1, 1, 1}; ///< CTAs per cluster; {1,1,1} is no cluster.
  std::array<unsigned, 3> block{1, 1, 1};   ///< Threads.
  unsigned sharedBytes = 0;                 ///< Dynamic shared memory.
  bool programmaticDependentLaunch = false;
};

/// A loaded image of kernels. Destroying it unloads it; kernels must no longer be in flight.
class DriverModule {
public:
  virtual ~DriverModule() = default;
};

/// One kernel of a module, valid as long as the module is.
class DriverKernel {
public:
  virtual ~DriverKernel() = default;
  /// Sizes in bytes of the kernel's parameters, in order; empty where the driver cannot tell.
  virtual std::vector<size_t> parameterSizes() const = 0;
  virtual int registersPerThread() const = 0;
  virtual int localBytesPerThread() const = 0;
};

/// A stream or an event or an executable graph: opaque handles, 0 is the default stream.
using StreamHandle = uintptr_t;
using EventHandle = uintptr_t;
using GraphHandle = uintptr_t;

class Driver {
public:
  virtual ~Driver() = default;

  virtual const DeviceAttributes &attributes() const = 0;

  /// Makes the device's context current on the calling thread (no-op where there is none).
  virtual void makeCurrent() = 0;

  //===- Memory ---------------------------------------------------------------===//
  virtual DevicePtr
  allocate(size_t bytes) = 0; ///< At least 256-byte aligned; bytes = 0 is allowed.
  virtual void free(DevicePtr address) = 0;
  virtual void copyToDevice(DevicePtr to, const void *from, size_t bytes, StreamHandle stream) = 0;
  virtual void copyToHost(void *to, DevicePtr from, size_t bytes, StreamHandle stream) = 0;
  virtual void copyOnDevice(DevicePtr to, DevicePtr from, size_t bytes, StreamHandle stream) = 0;
  virtual void fill(DevicePtr to, unsigned char value, size_t bytes, StreamHandle stream) = 0;

  //===- Kernels --------------------------------------------------------------===//
  /// Loads PTX text or a cubin. `origin` names the image in messages.
  virtual std::unique_ptr<DriverModule> loadModule(const std::string &image,
                                                   const std::string &origin) = 0;
  virtual std::unique_ptr<DriverKernel> getKernel(DriverModule &module,
                                                  const std::string &name) = 0;
  /// Allows `bytes` of dynamic shared memory; called once after loading, never inside a capture.
  virtual void setMaxSharedBytes(DriverKernel &kernel, size_t bytes) = 0;
  /// `parameters[i]` points at the value of parameter i; the values are copied before the call
  /// returns.
  virtual void launch(DriverKernel &kernel, const LaunchConfig &config, void *const *parameters,
                      size_t parameterCount, StreamHandle stream) = 0;
  virtual TensorMap encodeTensorMap(const TensorMapDesc &desc) = 0;

  //===- Streams, events, graphs ----------------------------------------------===//
  virtual StreamHandle createStream() = 0;
  virtual void destroyStream(StreamHandle stream) = 0;
  virtual void synchronize(StreamHandle stream) = 0;
  virtual EventHandle createEvent() = 0;
  virtual void destroyEvent(EventHandle event) = 0;
  virtual void recordEvent(EventHandle event, StreamHandle stream) = 0;
  /// Milliseconds between two events that have completed (synchronizes with `end`).
  virtual double elapsedMs(EventHandle begin, EventHandle end) = 0;
  virtual void beginCapture(StreamHandle stream) = 0;
  virtual GraphHandle endCapture(StreamHandle stream) = 0;
  /// Ends a capture and puts what it recorded in the place of an executable graph that an earlier
  /// capture made; cheaper than a new one where only addresses and sizes changed. `existing` is
  /// given up; use the result.
  virtual GraphHandle endCaptureInto(StreamHandle stream, GraphHandle existing) {
    GraphHandle graph = endCapture(stream);
    destroyGraph(existing);
    return graph;
  }
  virtual bool isCapturing(StreamHandle stream) = 0;
  virtual void launchGraph(GraphHandle graph, StreamHandle stream) = 0;
  virtual void destroyGraph(GraphHandle graph) = 0;
};

/// Number of CUDA devices; 0 with a reason where there is no driver, no device, or one that is too
/// old.
int cudaDeviceCount(std::string *whyNone = nullptr);

/// Opens CUDA device `ordinal`. Uses the calling thread's current context if it has one on that
/// device, else retains the primary one.
std::unique_ptr<Driver> createCudaDriver(int ordinal);

} // namespace mpgemm

#endif // MPGEMM_RUNTIME_DRIVER_H
