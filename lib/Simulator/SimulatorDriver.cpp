//===- SimulatorDriver.cpp - The simulator as a Driver ---------------------===//
//
// Everything is synchronous: a call returns when its work is done. Captures record calls and replay
// them. One lock guards the device.
//
//===----------------------------------------------------------------------===//
#include "Architecture.h"
#include "Decode.h"
#include "Executor.h"
#include "TensorMap.h"
#include "mpgemm/Simulator/Simulator.h"
#include "mpgemm/Support/Error.h"

#include <chrono>
#include <cstring>
#include <functional>
#include <set>

namespace mpgemm {

namespace {

using namespace sim;

class SimulatorModule final : public DriverModule {
public:
  SimulatorModule(std::shared_ptr<GlobalMemory> memory, std::shared_ptr<std::recursive_mutex> mutex)
      : memory(std::move(memory)), mutex(std::move(mutex)) {}
  ~SimulatorModule() override {
    std::lock_guard<std::recursive_mutex> lock(*mutex);
    for (uint64_t a : allocations)
      memory->free(a);
  }

  std::shared_ptr<GlobalMemory> memory;
  std::shared_ptr<std::recursive_mutex> mutex;
  PtxModule ptx;
  std::vector<uint64_t> allocations;
  std::map<std::string, std::unique_ptr<KernelCode>> kernels;
};

class SimulatorKernel final : public DriverKernel {
public:
  explicit SimulatorKernel(const KernelCode &code) : code(code) {}
  std::vector<size_t> parameterSizes() const override {
    std::vector<size_t> sizes;
    for (const KernelParam &p : code.params)
      sizes.push_back(p.bytes);
    return sizes;
  }
  int registersPerThread() const override { return code.registersPerThread; }
  int localBytesPerThread() const override { return static_cast<int>(code.localBytes); }

  const KernelCode &code;
  size_t maxDynamicShared = 48 * 1024;
};

[[noreturn]] void bad(const std::string &what) { throw Error(ErrorKind::InvalidArgument, what); }

std::string dims(const std::array<unsigned, 3> &v) {
  return std::to_string(v[0]) + "x" + std::to_string(v[1]) + "x" + std::to_string(v[2]);
}

class SimulatorDriver final : public Driver {
public:
  explicit SimulatorDriver(const SimulatorOptions &options);

  const DeviceAttributes &attributes() const override { return attributes_; }
  void makeCurrent() override {}

  DevicePtr allocate(size_t bytes) override {
    Lock lock(*mutex_);
    return memory_->allocate(bytes, "");
  }
  void free(DevicePtr address) override {
    Lock lock(*mutex_);
    if (address)
      memory_->free(address);
  }
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
  bool isCapturing(StreamHandle stream) override;
  void launchGraph(GraphHandle graph, StreamHandle stream) override;
  void destroyGraph(GraphHandle graph) override;

private:
  using Lock = std::lock_guard<std::recursive_mutex>;
  using Work = std::function<void()>;
  struct Stream {
    bool capturing = false;
    std::vector<Work> recorded;
  };

  /// Does the work now, or records it if the stream is being captured.
  void submit(StreamHandle stream, Work work);
  Stream &stream(StreamHandle handle);
  Allocation &range(DevicePtr address, size_t bytes, const char *what);
  void checkTarget(const PtxModule &ptx) const;
  void checkLaunch(const SimulatorKernel &k, const LaunchConfig &config) const;

  SimulatorOptions options_;
  DeviceAttributes attributes_;
  std::shared_ptr<std::recursive_mutex> mutex_ = std::make_shared<std::recursive_mutex>();
  std::shared_ptr<GlobalMemory> memory_;
  std::mutex atomics_;
  std::map<StreamHandle, Stream> streams_;
  std::map<EventHandle, std::chrono::steady_clock::time_point> events_;
  std::map<GraphHandle, std::vector<Work>> graphs_;
  uintptr_t nextHandle_ = 1;
};

SimulatorDriver::SimulatorDriver(const SimulatorOptions &options) : options_(options) {
  const sim::Architecture *model =
      sim::findArchitecture(options.computeMajor, options.computeMinor);
  if (!model)
    throw Error(ErrorKind::Unsupported,
                "the simulator models compute capability 8.0, 8.9, 9.0 and 12.0, not " +
                    std::to_string(options.computeMajor) + "." +
                    std::to_string(options.computeMinor));
  if (options.multiprocessors < 1 || options.multiprocessors > 1024)
    bad("the simulator takes 1 to 1024 multiprocessors, not " +
        std::to_string(options.multiprocessors));
  DeviceAttributes &a = attributes_;
  a.computeMajor = options.computeMajor;
  a.computeMinor = options.computeMinor;
  a.multiprocessors = options.multiprocessors;
  a.name = std::string("simulator (") + model->name + ", " +
           std::to_string(options.multiprocessors) +
           (options.multiprocessors == 1 ? " SM)" : " SMs)");
  a.maxThreadsPerBlock = 1024;
  a.sharedBytesPerBlock = model->sharedBytesPerBlock;
  a.sharedBytesPerMultiprocessor = model->sharedBytesPerBlock + 1024;
  a.l2Bytes = model->l2Bytes;
  a.globalBytes = 16ll << 30;
  a.isSimulator = true;
  memory_ = std::make_shared<GlobalMemory>(a.globalBytes, options.checks);
  streams_[0];
}

//===- Memory -----------------------------------------------------------------===//

Allocation &SimulatorDriver::range(DevicePtr address, size_t bytes, const char *what) {
  std::string why;
  Allocation *a = memory_->find(address, bytes, &why);
  if (!a)
    bad(std::string(what) + ": " + why);
  return *a;
}

void SimulatorDriver::copyToDevice(DevicePtr to, const void *from, size_t bytes, StreamHandle s) {
  Lock lock(*mutex_);
  if (bytes == 0)
    return;
  range(to, bytes, "copyToDevice");
  // A capture keeps the pointer, as CUDA does: the replay copies what it holds then.
  submit(s, [=] {
    Allocation &a = range(to, bytes, "copyToDevice");
    memcpy(a.data + (to - a.address), from, bytes);
    GlobalMemory::markWritten(a, to, bytes);
  });
}

void SimulatorDriver::copyToHost(void *to, DevicePtr from, size_t bytes, StreamHandle s) {
  Lock lock(*mutex_);
  if (bytes == 0)
    return;
  range(from, bytes, "copyToHost");
  submit(s, [=] {
    Allocation &a = range(from, bytes, "copyToHost");
    memcpy(to, a.data + (from - a.address), bytes);
  });
}

void SimulatorDriver::copyOnDevice(DevicePtr to, DevicePtr from, size_t bytes, StreamHandle s) {
  Lock lock(*mutex_);
  if (bytes == 0)
    return;
  range(to, bytes, "copyOnDevice");
  range(from, bytes, "copyOnDevice");
  submit(s, [=] {
    Allocation &a = range(from, bytes, "copyOnDevice"), &b = range(to, bytes, "copyOnDevice");
    memmove(b.data + (to - b.address), a.data + (from - a.address), bytes);
    GlobalMemory::markWritten(b, to, bytes);
  });
}

void SimulatorDriver::fill(DevicePtr to, unsigned char value, size_t bytes, StreamHandle s) {
  Lock lock(*mutex_);
  if (bytes == 0)
    return;
  range(to, bytes, "fill");
  submit(s, [=] {
    Allocation &a = range(to, bytes, "fill");
    memset(a.data + (to - a.address), value, bytes);
    GlobalMemory::markWritten(a, to, bytes);
  });
}

//===- Kernels ----------------------------------------------------------------===//

void SimulatorDriver::checkTarget(const PtxModule &ptx) const {
  int sm = 0;
  char suffix = 0;
  if (sscanf(ptx.target.c_str(), "sm_%d%c", &sm, &suffix) < 1)
    throw Error(ErrorKind::Unsupported,
                ptx.origin + ": target '" + ptx.target + "' is not an sm_ target");
  int have = options_.computeMajor * 10 + options_.computeMinor;
  bool fits = suffix ? sm == have : sm <= have;
  if (!fits)
    throw Error(ErrorKind::Unsupported,
                ptx.origin + ": target " + ptx.target + " does not run on " + attributes_.name);
}

std::unique_ptr<DriverModule> SimulatorDriver::loadModule(const std::string &image,
                                                          const std::string &origin) {
  auto module = std::make_unique<SimulatorModule>(memory_, mutex_);
  module->ptx = parsePtx(image, origin);
  checkTarget(module->ptx);
  Lock lock(*mutex_);
  std::unordered_map<std::string, Symbol> symbols;
  for (const PtxVariable &v : module->ptx.variables) {
    if (v.space != "global" && v.space != "const")
      continue;
    uint64_t address = memory_->allocate(v.bytes, v.name);
    module->allocations.push_back(address);
    Allocation &a = range(address, v.bytes, "loadModule");
    if (!v.init.empty())
      memcpy(a.data, v.init.data(), v.bytes);
    GlobalMemory::markWritten(a, address, v.bytes);
    a.readOnly = v.space == "const";
    symbols[v.name] = {v.space == "const" ? Space::Const : Space::Global, address, v.bytes, false};
  }
  for (const PtxFunction &f : module->ptx.functions)
    module->kernels[f.name] = decodeKernel(module->ptx, f, symbols);
  return module;
}

std::unique_ptr<DriverKernel> SimulatorDriver::getKernel(DriverModule &module,
                                                         const std::string &name) {
  auto &m = dynamic_cast<SimulatorModule &>(module);
  auto it = m.kernels.find(name);
  if (it == m.kernels.end()) {
    std::string have;
    for (auto &k : m.kernels)
      have += (have.empty() ? "" : ", ") + k.first;
    bad(m.ptx.origin + " has no kernel '" + name + "'; it has: " + have);
  }
  return std::make_unique<SimulatorKernel>(*it->second);
}

void SimulatorDriver::setMaxSharedBytes(DriverKernel &kernel, size_t bytes) {
  auto &k = dynamic_cast<SimulatorKernel &>(kernel);
  size_t total = k.code.dynamicOffset + bytes;
  if (total > static_cast<size_t>(attributes_.sharedBytesPerBlock))
    bad("kernel '" + k.code.name + "' needs " + std::to_string(total) + " B of shared memory; " +
        attributes_.name + " allows " + std::to_string(attributes_.sharedBytesPerBlock) + " B");
  k.maxDynamicShared = bytes;
}

void SimulatorDriver::checkLaunch(const SimulatorKernel &k, const LaunchConfig &c) const {
  const KernelCode &code = k.code;
  std::string who = "launch of '" + code.name + "': ";
  uint64_t threads = 1, cluster = 1;
  bool fixed = code.requiredThreads[0] != 0;
  for (int d = 0; d < 3; ++d) {
    if (c.grid[d] == 0 || c.block[d] == 0 || c.cluster[d] == 0)
      bad(who + "grid " + dims(c.grid) + ", block " + dims(c.block) + ", cluster " +
          dims(c.cluster) + ": all extents must be at least 1");
    if (c.grid[d] > (d == 0 ? 0x7fffffffu : 65535u))
      bad(who + "grid " + dims(c.grid) + " is too large; y and z end at 65535");
    if (c.grid[d] % c.cluster[d])
      bad(who + "grid " + dims(c.grid) + " is not a multiple of the cluster " + dims(c.cluster));
    threads *= c.block[d];
    cluster *= c.cluster[d];
    if (fixed && c.block[d] != std::max(1u, code.requiredThreads[d]))
      bad(who + "block " + dims(c.block) + ", but the kernel requires " +
          dims({code.requiredThreads[0], std::max(1u, code.requiredThreads[1]),
                std::max(1u, code.requiredThreads[2])}));
    if (code.requiredCluster[0] && c.cluster[d] != std::max(1u, code.requiredCluster[d]))
      bad(who + "cluster " + dims(c.cluster) + ", but the kernel requires " +
          dims({code.requiredCluster[0], std::max(1u, code.requiredCluster[1]),
                std::max(1u, code.requiredCluster[2])}));
  }
  unsigned most = code.maxThreads ? std::min(1024u, code.maxThreads) : 1024u;
  if (threads > most)
    bad(who + std::to_string(threads) + " threads in a block; at most " + std::to_string(most) +
        " are possible");
  if (cluster > 8 || (cluster > 1 && options_.computeMajor < 9))
    bad(who + "clusters of " + std::to_string(cluster) + " CTAs are not possible on " +
        attributes_.name);
  if (cluster > static_cast<uint64_t>(attributes_.multiprocessors))
    bad(who + "a cluster of " + std::to_string(cluster) + " CTAs needs as many SMs; " +
        attributes_.name + " has fewer (ask for more with sms=)");
  if (c.sharedBytes > k.maxDynamicShared)
    bad(who + std::to_string(c.sharedBytes) +
        " B of dynamic shared memory; setMaxSharedBytes allowed " +
        std::to_string(k.maxDynamicShared) + " B");
}

void SimulatorDriver::launch(DriverKernel &kernel, const LaunchConfig &given,
                             void *const *parameters, size_t parameterCount, StreamHandle s) {
  auto &k = dynamic_cast<SimulatorKernel &>(kernel);
  LaunchConfig config = given;
  // Without a cluster in the launch the compiled-in one holds, as in CUDA.
  if (k.code.requiredCluster[0] && config.cluster == std::array<unsigned, 3>{1, 1, 1})
    for (int d = 0; d < 3; ++d)
      config.cluster[d] = std::max(1u, k.code.requiredCluster[d]);
  checkLaunch(k, config);
  if (parameterCount != k.code.params.size())
    bad("launch of '" + k.code.name + "': " + std::to_string(parameterCount) +
        " parameters given, " + std::to_string(k.code.params.size()) + " expected");
  std::vector<uint8_t> params(k.code.paramBytes);
  for (size_t n = 0; n < parameterCount; ++n)
    memcpy(params.data() + k.code.params[n].offset, parameters[n], k.code.params[n].bytes);
  const KernelCode *code = &k.code;
  Lock lock(*mutex_);
  submit(s, [this, code, config, params] {
    Launch l;
    l.kernel = code;
    l.config = config;
    l.options = options_;
    l.memory = memory_.get();
    l.params = params;
    l.sharedBytes = code->dynamicOffset + config.sharedBytes;
    l.multiprocessors = options_.multiprocessors;
    l.atomics = &atomics_;
    execute(l);
  });
}

TensorMap SimulatorDriver::encodeTensorMap(const TensorMapDesc &desc) {
  return sim::encodeTensorMap(desc);
}

//===- Streams, events, graphs ------------------------------------------------===//

SimulatorDriver::Stream &SimulatorDriver::stream(StreamHandle handle) {
  auto it = streams_.find(handle);
  if (it == streams_.end())
    bad("stream " + std::to_string(handle) + " does not exist");
  return it->second;
}

void SimulatorDriver::submit(StreamHandle handle, Work work) {
  Stream &s = stream(handle);
  if (s.capturing)
    s.recorded.push_back(std::move(work));
  else
    work();
}

StreamHandle SimulatorDriver::createStream() {
  Lock lock(*mutex_);
  streams_[nextHandle_];
  return nextHandle_++;
}
void SimulatorDriver::destroyStream(StreamHandle handle) {
  Lock lock(*mutex_);
  stream(handle);
  if (handle == 0)
    bad("destroyStream: the default stream cannot be destroyed");
  streams_.erase(handle);
}
void SimulatorDriver::synchronize(StreamHandle handle) {
  Lock lock(*mutex_);
  if (stream(handle).capturing)
    bad("synchronize: the stream is being captured");
}

EventHandle SimulatorDriver::createEvent() {
  Lock lock(*mutex_);
  events_[nextHandle_];
  return nextHandle_++;
}
void SimulatorDriver::destroyEvent(EventHandle event) {
  Lock lock(*mutex_);
  if (!events_.erase(event))
    bad("destroyEvent: event " + std::to_string(event) + " does not exist");
}
void SimulatorDriver::recordEvent(EventHandle event, StreamHandle handle) {
  Lock lock(*mutex_);
  if (!events_.count(event))
    bad("recordEvent: event " + std::to_string(event) + " does not exist");
  submit(handle, [=] { events_[event] = std::chrono::steady_clock::now(); });
}
double SimulatorDriver::elapsedMs(EventHandle begin, EventHandle end) {
  Lock lock(*mutex_);
  auto b = events_.find(begin), e = events_.find(end);
  if (b == events_.end() || e == events_.end() || b->second.time_since_epoch().count() == 0 ||
      e->second.time_since_epoch().count() == 0)
    bad("elapsedMs: both events must exist and have been recorded");
  return std::chrono::duration<double, std::milli>(e->second - b->second).count();
}

void SimulatorDriver::beginCapture(StreamHandle handle) {
  Lock lock(*mutex_);
  Stream &s = stream(handle);
  if (handle == 0)
    bad("beginCapture: the default stream cannot be captured");
  if (s.capturing)
    bad("beginCapture: the stream is being captured already");
  s.capturing = true;
  s.recorded.clear();
}
GraphHandle SimulatorDriver::endCapture(StreamHandle handle) {
  Lock lock(*mutex_);
  Stream &s = stream(handle);
  if (!s.capturing)
    bad("endCapture: the stream is not being captured");
  s.capturing = false;
  graphs_[nextHandle_] = std::move(s.recorded);
  s.recorded.clear();
  return nextHandle_++;
}
bool SimulatorDriver::isCapturing(StreamHandle handle) {
  Lock lock(*mutex_);
  return stream(handle).capturing;
}
void SimulatorDriver::launchGraph(GraphHandle graph, StreamHandle handle) {
  Lock lock(*mutex_);
  auto it = graphs_.find(graph);
  if (it == graphs_.end())
    bad("launchGraph: graph " + std::to_string(graph) + " does not exist");
  for (const Work &w : it->second)
    submit(handle, w);
}
void SimulatorDriver::destroyGraph(GraphHandle graph) {
  Lock lock(*mutex_);
  if (!graphs_.erase(graph))
    bad("destroyGraph: graph " + std::to_string(graph) + " does not exist");
}

} // namespace

std::unique_ptr<Driver> createSimulatorDriver(const SimulatorOptions &options) {
  return std::make_unique<SimulatorDriver>(options);
}

} // namespace mpgemm
