//===- CudaApi.h - The part of the CUDA driver API in use -------*- C++ -*-===//
//
// The driver library is opened at run time and its functions are looked up by name, so that this
// builds and starts on machines without anything from CUDA. Types and numbers are declared here by
// hand, after the CUDA Driver API reference manual (12.0); versioned entry points (`_v2`) are named
// explicitly.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_RUNTIME_CUDAAPI_H
#define MPGEMM_LIB_RUNTIME_CUDAAPI_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace mpgemm {
namespace cuda {

using Result = int;
using Device = int;
using DevicePointer = unsigned long long;
using Context = struct ContextTag *;
using Module = struct ModuleTag *;
using Function = struct FunctionTag *;
using Stream = struct StreamTag *;
using Event = struct EventTag *;
using Graph = struct GraphTag *;
using GraphExec = struct GraphExecTag *;

constexpr Result success = 0;
constexpr Result errorOutOfMemory = 2;
constexpr Result errorNoDevice = 100;
constexpr Result errorNotFound = 500;

/// The first driver with tensor maps, clusters and PTX 8.0.
constexpr int leastDriverVersion = 12000;

enum DeviceAttribute : int {
  MaxThreadsPerBlock = 1,
  ClockRate = 13,
  MultiprocessorCount = 16,
  MemoryClockRate = 36,
  GlobalMemoryBusWidth = 37,
  L2CacheSize = 38,
  ComputeCapabilityMajor = 75,
  ComputeCapabilityMinor = 76,
  MaxSharedMemoryPerMultiprocessor = 81,
  MaxSharedMemoryPerBlockOptin = 97,
};

enum FunctionAttribute : int {
  SharedSizeBytes = 1,
  LocalSizeBytes = 3,
  NumRegs = 4,
  MaxDynamicSharedSizeBytes = 8,
  NonPortableClusterSizeAllowed = 14,
};

enum JitOption : int { ErrorLogBuffer = 5, ErrorLogBufferSizeBytes = 6 };

enum LaunchAttributeId : int { ClusterDimension = 4, ProgrammaticStreamSerialization = 6 };

struct alignas(8) LaunchAttribute {
  LaunchAttributeId id;
  char pad[8 - sizeof(int)];
  union {
    char bytes[64];
    struct {
      unsigned x, y, z;
    } clusterDim;
    int programmaticStreamSerializationAllowed;
  } value;
};
static_assert(sizeof(LaunchAttribute) == 72, "CUlaunchAttribute is 72 bytes");

struct LaunchConfig {
  unsigned gridX, gridY, gridZ;
  unsigned blockX, blockY, blockZ;
  unsigned sharedBytes;
  Stream stream;
  LaunchAttribute *attributes;
  unsigned attributeCount;
};
static_assert(sizeof(LaunchConfig) == 56, "CUlaunchConfig is 56 bytes");

struct GraphExecUpdateResultInfo {
  int result;
  void *errorNode;
  void *errorFromNode;
};

constexpr int eventDefault = 0;
constexpr int streamNonBlocking = 1;
constexpr int captureModeRelaxed = 2;

// Every function in use: name of the member, exported symbol, parameters. All return Result.
#define MPGEMM_CUDA_FUNCTIONS(FUNCTION)                                                            \
  FUNCTION(init, "cuInit", (unsigned))                                                             \
  FUNCTION(driverGetVersion, "cuDriverGetVersion", (int *))                                        \
  FUNCTION(getErrorName, "cuGetErrorName", (Result, const char **))                                \
  FUNCTION(getErrorString, "cuGetErrorString", (Result, const char **))                            \
  FUNCTION(deviceGetCount, "cuDeviceGetCount", (int *))                                            \
  FUNCTION(deviceGet, "cuDeviceGet", (Device *, int))                                              \
  FUNCTION(deviceGetName, "cuDeviceGetName", (char *, int, Device))                                \
  FUNCTION(deviceGetAttribute, "cuDeviceGetAttribute", (int *, int, Device))                       \
  FUNCTION(deviceTotalMem, "cuDeviceTotalMem_v2", (size_t *, Device))                              \
  FUNCTION(primaryCtxRetain, "cuDevicePrimaryCtxRetain", (Context *, Device))                      \
  FUNCTION(ctxGetCurrent, "cuCtxGetCurrent", (Context *))                                          \
  FUNCTION(ctxSetCurrent, "cuCtxSetCurrent", (Context))                                            \
  FUNCTION(ctxGetDevice, "cuCtxGetDevice", (Device *))                                             \
  FUNCTION(memAlloc, "cuMemAlloc_v2", (DevicePointer *, size_t))                                   \
  FUNCTION(memFree, "cuMemFree_v2", (DevicePointer))                                               \
  FUNCTION(memcpyHtoDAsync, "cuMemcpyHtoDAsync_v2", (DevicePointer, const void *, size_t, Stream)) \
  FUNCTION(memcpyDtoHAsync, "cuMemcpyDtoHAsync_v2", (void *, DevicePointer, size_t, Stream))       \
  FUNCTION(memcpyDtoDAsync, "cuMemcpyDtoDAsync_v2",                                                \
           (DevicePointer, DevicePointer, size_t, Stream))                                         \
  FUNCTION(memsetD8Async, "cuMemsetD8Async", (DevicePointer, unsigned char, size_t, Stream))       \
  FUNCTION(moduleLoadDataEx, "cuModuleLoadDataEx",                                                 \
           (Module *, const void *, unsigned, int *, void **))                                     \
  FUNCTION(moduleUnload, "cuModuleUnload", (Module))                                               \
  FUNCTION(moduleGetFunction, "cuModuleGetFunction", (Function *, Module, const char *))           \
  FUNCTION(funcGetAttribute, "cuFuncGetAttribute", (int *, int, Function))                         \
  FUNCTION(funcSetAttribute, "cuFuncSetAttribute", (Function, int, int))                           \
  FUNCTION(launchKernelEx, "cuLaunchKernelEx", (const LaunchConfig *, Function, void **, void **)) \
  FUNCTION(tensorMapEncodeTiled, "cuTensorMapEncodeTiled",                                         \
           (void *, int, unsigned, void *, const uint64_t *, const uint64_t *, const uint32_t *,   \
            const uint32_t *, int, int, int, int))                                                 \
  FUNCTION(streamCreate, "cuStreamCreate", (Stream *, unsigned))                                   \
  FUNCTION(streamDestroy, "cuStreamDestroy_v2", (Stream))                                          \
  FUNCTION(streamSynchronize, "cuStreamSynchronize", (Stream))                                     \
  FUNCTION(eventCreate, "cuEventCreate", (Event *, unsigned))                                      \
  FUNCTION(eventDestroy, "cuEventDestroy_v2", (Event))                                             \
  FUNCTION(eventRecord, "cuEventRecord", (Event, Stream))                                          \
  FUNCTION(eventSynchronize, "cuEventSynchronize", (Event))                                        \
  FUNCTION(eventElapsedTime, "cuEventElapsedTime", (float *, Event, Event))                        \
  FUNCTION(streamBeginCapture, "cuStreamBeginCapture_v2", (Stream, int))                           \
  FUNCTION(streamEndCapture, "cuStreamEndCapture", (Stream, Graph *))                              \
  FUNCTION(streamIsCapturing, "cuStreamIsCapturing", (Stream, int *))                              \
  FUNCTION(graphInstantiate, "cuGraphInstantiateWithFlags",                                        \
           (GraphExec *, Graph, unsigned long long))                                               \
  FUNCTION(graphExecUpdate, "cuGraphExecUpdate_v2",                                                \
           (GraphExec, Graph, GraphExecUpdateResultInfo *))                                        \
  FUNCTION(graphLaunch, "cuGraphLaunch", (GraphExec, Stream))                                      \
  FUNCTION(graphExecDestroy, "cuGraphExecDestroy", (GraphExec))                                    \
  FUNCTION(graphDestroy, "cuGraphDestroy", (Graph))

/// The loaded driver library.
struct Api {
#define MPGEMM_CUDA_MEMBER(member, symbol, parameters) Result(*member) parameters = nullptr;
  MPGEMM_CUDA_FUNCTIONS(MPGEMM_CUDA_MEMBER)
#undef MPGEMM_CUDA_MEMBER
  /// Since 12.4; null in older drivers.
  Result (*funcGetParamInfo)(Function, size_t, size_t *, size_t *) = nullptr;
  /// Since 12.4; with it a kernel is loaded before its first launch.
  Result (*funcLoad)(Function) = nullptr;
  int driverVersion = 0;
  int deviceCount = 0;
};

/// The driver library, opened and initialised at the first call; null where there is none that
/// serves, with the reason and the remedy in `whyNot`.
const Api *api(std::string *whyNot);

/// Puts the calling thread's current context back when it goes, so that a caller who works on
/// another device (or context) finds it as it was. A thread that had none keeps the one it got.
class KeepCurrentContext {
public:
  KeepCurrentContext();
  ~KeepCurrentContext();
  KeepCurrentContext(const KeepCurrentContext &) = delete;
  KeepCurrentContext &operator=(const KeepCurrentContext &) = delete;

private:
  Context before = nullptr;
};

/// "CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected)".
std::string resultText(const Api &api, Result result);

} // namespace cuda
} // namespace mpgemm

#endif // MPGEMM_LIB_RUNTIME_CUDAAPI_H
