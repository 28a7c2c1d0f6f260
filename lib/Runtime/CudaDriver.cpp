//===- CudaDriver.cpp - Driver on a CUDA device -------------------------------===//
//
// One Driver for one device. The context is the one that was current on the opening thread if it
// belongs to that device, else the primary one, which is what the CUDA runtime API and torch use.
//
//===----------------------------------------------------------------------===//
#include "CudaApi.h"

#include "mpgemm/Runtime/Driver.h"
#include "mpgemm/Support/Error.h"

#include <map>
#include <mutex>

namespace mpgemm {

namespace {

[[noreturn]] void failCall(const cuda::Api &api, cuda::Result result, const std::string &call) {
  throw Error(result == cuda::errorOutOfMemory ? ErrorKind::OutOfMemory : ErrorKind::Device,
              call + ": " + cuda::resultText(api, result));
}

class CudaModule : public DriverModule {
public:
  CudaModule(const cuda::Api &api, cuda::Context context) : api(api), context(context) {}
  ~CudaModule() override {
    api.ctxSetCurrent(context);
    if (module)
      api.moduleUnload(module);
  }
  const cuda::Api &api;
  cuda::Context context;
  cuda::Module module = nullptr;
};

class CudaKernel : public DriverKernel {
public:
  CudaKernel(const cuda::Api &api, cuda::Function function, std::string name)
      : api(api), function(function), name(std::move(name)) {}

  std::vector<size_t> parameterSizes() const override {
    std::vector<size_t> sizes;
    size_t offset = 0, bytes = 0;
    while (api.funcGetParamInfo &&
           api.funcGetParamInfo(function, sizes.size(), &offset, &bytes) == cuda::success)
      sizes.push_back(bytes);
    return sizes;
  }
  int registersPerThread() const override { return attribute(cuda::NumRegs); }
  int localBytesPerThread() const override { return attribute(cuda::LocalSizeBytes); }
  int attribute(cuda::FunctionAttribute which) const {
    int value = 0;
    if (cuda::Result result = api.funcGetAttribute(&value, which, function))
      failCall(api, result, "cuFuncGetAttribute of '" + name + "'");
    return value;
  }

  const cuda::Api &api;
  cuda::Function function;
  std::string name;
};

class CudaDriver : public Driver {
public:
  CudaDriver(const cuda::Api &api, int ordinal);

  const DeviceAttributes &attributes() const override { return deviceAttributes; }
  void makeCurrent() override {
    cuda::Context current = nullptr;
    if (api.ctxGetCurrent(&current) != cuda::success || current != context)
      check(api.ctxSetCurrent(context), "cuCtxSetCurrent");
  }

  DevicePtr allocate(size_t bytes) override;
  void free(DevicePtr address) override;
  void copyToDevice(DevicePtr to, const void *from, size_t bytes, StreamHandle stream) override;
  void copyToHost(void *to, DevicePtr from, size_t bytes, StreamHandle stream) override;
  void copyOnDevice(DevicePtr to, DevicePtr from, size_t bytes, StreamHandle stream) override;
  void fill(DevicePtr to, unsigned char value, size_t bytes, StreamHandle stream) override;

  std::unique_ptr<DriverModule> loadModule(const std::string &image,
                                           const std::string &origin) override;
  std::unique_ptr<DriverKernel> getKernel(DriverModule &module, const std::string &name) override;
  void setMaxSharedBytes(DriverKernel &kernel, size_t bytes) override;
  void launch(DriverKernel &kernel, const LaunchConfig &config, void *const *parameters,
              size_t parameterCount, StreamHandle stream) override;
  TensorMap encodeTensorMap(const TensorMapDesc &desc) override;

  StreamHandle createStream() override;
  void destroyStream(StreamHandle stream) override;
  void synchronize(StreamHandle stream) override;
  EventHandle createEvent() override;
  void destroyEvent(EventHandle event) override;
  void recordEvent(EventHandle event, StreamHandle stream) override;
  double elapsedMs(EventHandle begin, EventHandle end) override;
  void beginCapture(StreamHandle stream) override;
  GraphHandle endCapture(StreamHandle stream) override;
  GraphHandle endCaptureInto(StreamHandle stream, GraphHandle existing) override;
  bool isCapturing(StreamHandle stream) override;
  void launchGraph(GraphHandle graph, StreamHandle stream) override;
  void destroyGraph(GraphHandle graph) override;

private:
  void check(cuda::Result result, const char *call) const {
    if (result != cuda::success)
      failCall(api, result, call);
  }
  int attribute(cuda::DeviceAttribute which) const {
    int value = 0;
    check(api.deviceGetAttribute(&value, which, device), "cuDeviceGetAttribute");
    return value;
  }
  void readAttributes();
  cuda::Graph finishCapture(StreamHandle stream);
  GraphHandle instantiate(cuda::Graph graph);

  const cuda::Api &api;
  cuda::Device device = 0;
  cuda::Context context = nullptr;
  DeviceAttributes deviceAttributes;
};

cuda::Stream toStream(StreamHandle stream) { return reinterpret_cast<cuda::Stream>(stream); }
cuda::Event toEvent(EventHandle event) { return reinterpret_cast<cuda::Event>(event); }
cuda::GraphExec toGraph(GraphHandle graph) { return reinterpret_cast<cuda::GraphExec>(graph); }

/// The primary context of a device, retained once and kept until the process ends, as the CUDA
/// runtime does. Giving it back with the last driver would destroy it under every thread that still
/// has it current.
cuda::Context primaryContext(const cuda::Api &api, cuda::Device device) {
  static std::mutex mutex;
  static std::map<cuda::Device, cuda::Context> contexts;
  std::lock_guard<std::mutex> lock(mutex);
  cuda::Context &context = contexts[device];
  if (!context)
    if (cuda::Result result = api.primaryCtxRetain(&context, device))
      failCall(api, result, "cuDevicePrimaryCtxRetain");
  return context;
}

CudaDriver::CudaDriver(const cuda::Api &api, int ordinal) : api(api) {
  check(api.deviceGet(&device, ordinal), "cuDeviceGet");
  cuda::Context current = nullptr;
  cuda::Device currentDevice = -1;
  if (api.ctxGetCurrent(&current) == cuda::success && current &&
      api.ctxGetDevice(&currentDevice) == cuda::success && currentDevice == device) {
    context = current;
  } else {
    context = primaryContext(api, device);
  }
  readAttributes();
}

void CudaDriver::readAttributes() {
  char name[256] = "";
  check(api.deviceGetName(name, sizeof(name), device), "cuDeviceGetName");
  size_t globalBytes = 0;
  check(api.deviceTotalMem(&globalBytes, device), "cuDeviceTotalMem");
  DeviceAttributes &a = deviceAttributes;
  a.name = name;
  a.computeMajor = attribute(cuda::ComputeCapabilityMajor);
  a.computeMinor = attribute(cuda::ComputeCapabilityMinor);
  a.multiprocessors = attribute(cuda::MultiprocessorCount);
  a.clockKHz = attribute(cuda::ClockRate);
  a.memoryClockKHz = attribute(cuda::MemoryClockRate);
  a.memoryBusBits = attribute(cuda::GlobalMemoryBusWidth);
  a.maxThreadsPerBlock = attribute(cuda::MaxThreadsPerBlock);
  a.sharedBytesPerBlock = attribute(cuda::MaxSharedMemoryPerBlockOptin);
  a.sharedBytesPerMultiprocessor = attribute(cuda::MaxSharedMemoryPerMultiprocessor);
  a.l2Bytes = attribute(cuda::L2CacheSize);
  a.globalBytes = int64_t(globalBytes);
}

//===- Memory -----------------------------------------------------------------===//

DevicePtr CudaDriver::allocate(size_t bytes) {
  makeCurrent();
  cuda::DevicePointer address = 0;
  // The driver refuses 0 bytes; an empty tensor still gets an address of its own.
  cuda::Result result = api.memAlloc(&address, bytes ? bytes : 1);
  if (result != cuda::success)
    failCall(api, result,
             "cannot allocate " + std::to_string(bytes) + " bytes on '" + deviceAttributes.name +
                 "'");
  return address;
}

void CudaDriver::free(DevicePtr address) {
  if (!address)
    return;
  makeCurrent();
  check(api.memFree(address), "cuMemFree");
}

void CudaDriver::copyToDevice(DevicePtr to, const void *from, size_t bytes, StreamHandle stream) {
  if (!bytes)
    return;
  makeCurrent();
  check(api.memcpyHtoDAsync(to, from, bytes, toStream(stream)), "cuMemcpyHtoDAsync");
}

void CudaDriver::copyToHost(void *to, DevicePtr from, size_t bytes, StreamHandle stream) {
  if (!bytes)
    return;
  makeCurrent();
  check(api.memcpyDtoHAsync(to, from, bytes, toStream(stream)), "cuMemcpyDtoHAsync");
}

void CudaDriver::copyOnDevice(DevicePtr to, DevicePtr from, size_t bytes, StreamHandle stream) {
  if (!bytes)
    return;
  makeCurrent();
  check(api.memcpyDtoDAsync(to, from, bytes, toStream(stream)), "cuMemcpyDtoDAsync");
}

void CudaDriver::fill(DevicePtr to, unsigned char value, size_t bytes, StreamHandle stream) {
  if (!bytes)
    return;
  makeCurrent();
  check(api.memsetD8Async(to, value, bytes, toStream(stream)), "cuMemsetD8Async");
}

//===- Kernels ----------------------------------------------------------------===//

std::unique_ptr<DriverModule> CudaDriver::loadModule(const std::string &image,
                                                     const std::string &origin) {
  makeCurrent();
  std::string log(16 << 10, '\0');
  int options[] = {cuda::ErrorLogBuffer, cuda::ErrorLogBufferSizeBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size())};
  auto module = std::make_unique<CudaModule>(api, context);
  cuda::Result result = api.moduleLoadDataEx(&module->module, image.c_str(), 2, options, values);
  if (result != cuda::success) {
    module->module = nullptr;
    log.resize(log.find('\0') == std::string::npos ? log.size() : log.find('\0'));
    throw Error(ErrorKind::Device,
                origin + ": '" + deviceAttributes.name + "' (sm_" +
                    std::to_string(deviceAttributes.computeMajor) +
                    std::to_string(deviceAttributes.computeMinor) +
                    ") does not load the kernels: " + cuda::resultText(api, result) +
                    (log.empty() ? "" : "\n" + log));
  }
  return module;
}

std::unique_ptr<DriverKernel> CudaDriver::getKernel(DriverModule &module, const std::string &name) {
  makeCurrent();
  cuda::Function function = nullptr;
  cuda::Result result =
      api.moduleGetFunction(&function, static_cast<CudaModule &>(module).module, name.c_str());
  if (result != cuda::success)
    failCall(api, result, "no kernel '" + name + "' in the module");
  // Lazy loading would put the work into the first launch, perhaps inside a capture.
  if (api.funcLoad)
    check(api.funcLoad(function), "cuFuncLoad");
  return std::make_unique<CudaKernel>(api, function, name);
}

void CudaDriver::setMaxSharedBytes(DriverKernel &kernel, size_t bytes) {
  makeCurrent();
  auto &cudaKernel = static_cast<CudaKernel &>(kernel);
  int staticBytes = cudaKernel.attribute(cuda::SharedSizeBytes);
  if (int64_t(bytes) + staticBytes > deviceAttributes.sharedBytesPerBlock)
    throw Error(ErrorKind::Unsupported,
                "kernel '" + cudaKernel.name + "' needs " + std::to_string(bytes) +
                    " B dynamic and " + std::to_string(staticBytes) + " B static shared memory; '" +
                    deviceAttributes.name + "' allows " +
                    std::to_string(deviceAttributes.sharedBytesPerBlock) + " B");
  check(api.funcSetAttribute(cudaKernel.function, cuda::MaxDynamicSharedSizeBytes, int(bytes)),
        "cuFuncSetAttribute(MAX_DYNAMIC_SHARED_SIZE_BYTES)");
  // Clusters of more than 8 CTAs need leave; older devices do not know the attribute.
  if (deviceAttributes.computeMajor >= 9)
    check(api.funcSetAttribute(cudaKernel.function, cuda::NonPortableClusterSizeAllowed, 1),
          "cuFuncSetAttribute(NON_PORTABLE_CLUSTER_SIZE_ALLOWED)");
}

void CudaDriver::launch(DriverKernel &kernel, const LaunchConfig &config, void *const *parameters,
                        size_t parameterCount, StreamHandle stream) {
  auto &cudaKernel = static_cast<CudaKernel &>(kernel);
  cuda::LaunchAttribute attributes[2];
  unsigned count = 0;
  if (config.cluster != std::array<unsigned, 3>{1, 1, 1}) {
    attributes[count].id = cuda::ClusterDimension;
    attributes[count++].value.clusterDim = {config.cluster[0], config.cluster[1],
                                            config.cluster[2]};
  }
  if (config.programmaticDependentLaunch) {
    attributes[count].id = cuda::ProgrammaticStreamSerialization;
    attributes[count++].value.programmaticStreamSerializationAllowed = 1;
  }
  cuda::LaunchConfig launch{
      config.grid[0],  config.grid[1],     config.grid[2],   config.block[0], config.block[1],
      config.block[2], config.sharedBytes, toStream(stream), attributes,      count};
  cuda::Result result =
      api.launchKernelEx(&launch, cudaKernel.function, const_cast<void **>(parameters), nullptr);
  if (result != cuda::success)
    failCall(api, result, "launch of '" + cudaKernel.name + "'");
}

TensorMap CudaDriver::encodeTensorMap(const TensorMapDesc &desc) {
  auto swizzle = [](int bytes) { return bytes == 128 ? 3 : bytes == 64 ? 2 : bytes == 32 ? 1 : 0; };
  auto promotion = [](int bytes) {
    return bytes == 256 ? 3 : bytes == 128 ? 2 : bytes == 64 ? 1 : 0;
  };
  alignas(64) TensorMap map{};
  // TensorMapType lists the types in the order of CUtensorMapDataType.
  cuda::Result result = api.tensorMapEncodeTiled(
      map.data(), static_cast<int>(desc.type), unsigned(desc.rank),
      reinterpret_cast<void *>(desc.address), desc.sizes.data(), desc.stridesBytes.data(),
      desc.box.data(), desc.elementStrides.data(), /*interleave=*/0, swizzle(desc.swizzleBytes),
      promotion(desc.l2PromotionBytes), desc.nanFill ? 1 : 0);
  if (result != cuda::success) {
    std::string text;
    for (int i = 0; i < desc.rank; ++i)
      text += (i ? ", " : "") + std::to_string(desc.sizes[size_t(i)]) + " (box " +
              std::to_string(desc.box[size_t(i)]) +
              (i ? ", stride " + std::to_string(desc.stridesBytes[size_t(i) - 1]) + " B" : "") +
              ")";
    failCall(api, result, "cuTensorMapEncodeTiled of sizes " + text);
  }
  return map;
}

//===- Streams, events, graphs ------------------------------------------------===//

StreamHandle CudaDriver::createStream() {
  makeCurrent();
  cuda::Stream stream = nullptr;
  check(api.streamCreate(&stream, cuda::streamNonBlocking), "cuStreamCreate");
  return reinterpret_cast<StreamHandle>(stream);
}

void CudaDriver::destroyStream(StreamHandle stream) {
  makeCurrent();
  check(api.streamDestroy(toStream(stream)), "cuStreamDestroy");
}

void CudaDriver::synchronize(StreamHandle stream) {
  makeCurrent();
  check(api.streamSynchronize(toStream(stream)), "cuStreamSynchronize");
}

EventHandle CudaDriver::createEvent() {
  makeCurrent();
  cuda::Event event = nullptr;
  check(api.eventCreate(&event, cuda::eventDefault), "cuEventCreate");
  return reinterpret_cast<EventHandle>(event);
}

void CudaDriver::destroyEvent(EventHandle event) {
  makeCurrent();
  check(api.eventDestroy(toEvent(event)), "cuEventDestroy");
}

void CudaDriver::recordEvent(EventHandle event, StreamHandle stream) {
  makeCurrent();
  check(api.eventRecord(toEvent(event), toStream(stream)), "cuEventRecord");
}

double CudaDriver::elapsedMs(EventHandle begin, EventHandle end) {
  makeCurrent();
  check(api.eventSynchronize(toEvent(end)), "cuEventSynchronize");
  float milliseconds = 0;
  check(api.eventElapsedTime(&milliseconds, toEvent(begin), toEvent(end)), "cuEventElapsedTime");
  return milliseconds;
}

void CudaDriver::beginCapture(StreamHandle stream) {
  makeCurrent();
  check(api.streamBeginCapture(toStream(stream), cuda::captureModeRelaxed), "cuStreamBeginCapture");
}

cuda::Graph CudaDriver::finishCapture(StreamHandle stream) {
  makeCurrent();
  cuda::Graph graph = nullptr;
  check(api.streamEndCapture(toStream(stream), &graph), "cuStreamEndCapture");
  return graph;
}

GraphHandle CudaDriver::instantiate(cuda::Graph graph) {
  cuda::GraphExec executable = nullptr;
  cuda::Result result = api.graphInstantiate(&executable, graph, 0);
  api.graphDestroy(graph);
  check(result, "cuGraphInstantiate");
  return reinterpret_cast<GraphHandle>(executable);
}

GraphHandle CudaDriver::endCapture(StreamHandle stream) {
  return instantiate(finishCapture(stream));
}

GraphHandle CudaDriver::endCaptureInto(StreamHandle stream, GraphHandle existing) {
  cuda::Graph graph = finishCapture(stream);
  cuda::GraphExecUpdateResultInfo info{};
  if (api.graphExecUpdate(toGraph(existing), graph, &info) == cuda::success) {
    api.graphDestroy(graph);
    return existing;
  }
  // A graph of another structure, which an update cannot reach.
  api.graphExecDestroy(toGraph(existing));
  return instantiate(graph);
}

bool CudaDriver::isCapturing(StreamHandle stream) {
  makeCurrent();
  int status = 0;
  check(api.streamIsCapturing(toStream(stream), &status), "cuStreamIsCapturing");
  return status != 0;
}

void CudaDriver::launchGraph(GraphHandle graph, StreamHandle stream) {
  makeCurrent();
  check(api.graphLaunch(toGraph(graph), toStream(stream)), "cuGraphLaunch");
}

void CudaDriver::destroyGraph(GraphHandle graph) {
  makeCurrent();
  check(api.graphExecDestroy(toGraph(graph)), "cuGraphExecDestroy");
}

} // namespace

int cudaDeviceCount(std::string *whyNone) {
  const cuda::Api *api = cuda::api(whyNone);
  return api ? api->deviceCount : 0;
}

std::unique_ptr<Driver> createCudaDriver(int ordinal) {
  std::string whyNot;
  const cuda::Api *api = cuda::api(&whyNot);
  if (!api)
    throw Error(ErrorKind::Unsupported, whyNot);
  if (ordinal < 0 || ordinal >= api->deviceCount)
    throw Error(ErrorKind::InvalidArgument,
                "no CUDA device " + std::to_string(ordinal) + "; there " +
                    (api->deviceCount == 1
                         ? "is 1, number 0"
                         : "are " + std::to_string(api->deviceCount) + ", numbers 0 to " +
                               std::to_string(api->deviceCount - 1)));
  return std::make_unique<CudaDriver>(*api, ordinal);
}

} // namespace mpgemm
