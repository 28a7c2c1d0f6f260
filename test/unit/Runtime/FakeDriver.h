//===- FakeDriver.h - A Driver on host memory that counts -------*- C++ -*-===//
//
// Knows one kernel, add_scaled of vector-add.ptx, and counts what the runtime asks of it. It shows
// what a test cannot see on a real device: allocations, encodings, captures.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_TEST_UNIT_RUNTIME_FAKEDRIVER_H
#define MPGEMM_TEST_UNIT_RUNTIME_FAKEDRIVER_H

#include "mpgemm/Runtime/Driver.h"
#include "mpgemm/Support/Error.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace mpgemm {
namespace test {

class FakeDriver : public Driver {
public:
  FakeDriver() {
    a.name = "fake";
    a.computeMajor = 9;
    a.multiprocessors = 2;
    a.maxThreadsPerBlock = 1024;
    a.sharedBytesPerBlock = 166912;
    a.l2Bytes = 1 << 16;
    a.isSimulator = true;
  }

  DeviceAttributes a;
  int allocations = 0, launches = 0, encodings = 0, captures = 0, updates = 0, graphLaunches = 0;
  std::function<void()> onLaunch;
  std::string failLaunch; ///< Message of the error that launches throw; empty for none.
  LaunchConfig lastLaunch;

  const DeviceAttributes &attributes() const override { return a; }
  void makeCurrent() override {}

  DevicePtr allocate(size_t bytes) override {
    std::lock_guard<std::mutex> lock(mutex);
    ++allocations;
    void *p = std::aligned_alloc(256, (std::max<size_t>(bytes, 1) + 255) / 256 * 256);
    return reinterpret_cast<DevicePtr>(p);
  }
  void free(DevicePtr address) override { std::free(reinterpret_cast<void *>(address)); }
  void copyToDevice(DevicePtr to, const void *from, size_t bytes, StreamHandle) override {
    std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  }
  void copyToHost(void *to, DevicePtr from, size_t bytes, StreamHandle) override {
    std::memcpy(to, reinterpret_cast<void *>(from), bytes);
  }
  void copyOnDevice(DevicePtr to, DevicePtr from, size_t bytes, StreamHandle stream) override {
    enqueue(stream, [=] {
      std::memcpy(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from), bytes);
    });
  }
  void fill(DevicePtr to, unsigned char value, size_t bytes, StreamHandle stream) override {
    enqueue(stream, [=] { std::memset(reinterpret_cast<void *>(to), value, bytes); });
  }

  struct Module : DriverModule {
    std::string image;
  };
  struct Kernel : DriverKernel {
    std::vector<size_t> parameterSizes() const override { return sizes; }
    int registersPerThread() const override { return 16; }
    int localBytesPerThread() const override { return 0; }
    std::vector<size_t> sizes;
  };
  std::vector<size_t> kernelParameterSizes{8, 8, 8, 8, 4};

  std::unique_ptr<DriverModule> loadModule(const std::string &image,
                                           const std::string &origin) override {
    if (image.find(".visible .entry") == std::string::npos)
      throw Error(ErrorKind::Device, origin + ": no kernels");
    auto module = std::make_unique<Module>();
    module->image = image;
    return module;
  }
  std::unique_ptr<DriverKernel> getKernel(DriverModule &module, const std::string &name) override {
    if (static_cast<Module &>(module).image.find(".entry " + name + "(") == std::string::npos)
      throw Error(ErrorKind::Device, "no kernel '" + name + "' in the module");
    auto kernel = std::make_unique<Kernel>();
    kernel->sizes = kernelParameterSizes;
    return kernel;
  }
  void setMaxSharedBytes(DriverKernel &, size_t bytes) override {
    if (int64_t(bytes) > a.sharedBytesPerBlock)
      throw Error(ErrorKind::Unsupported, "too much shared memory");
  }
  void launch(DriverKernel &, const LaunchConfig &config, void *const *parameters, size_t count,
              StreamHandle stream) override {
    if (!failLaunch.empty())
      throw Error(ErrorKind::Device, failLaunch);
    if (config.block[0] > 1024)
      throw Error(ErrorKind::Device, "launch: too many threads");
    ++launches;
    lastLaunch = config;
    if (onLaunch)
      onLaunch();
    if (count != 5)
      return;
    const float *x, *y;
    float *out, scale;
    int64_t n;
    std::memcpy(&x, parameters[0], 8);
    std::memcpy(&y, parameters[1], 8);
    std::memcpy(&out, parameters[2], 8);
    std::memcpy(&n, parameters[3], 8);
    std::memcpy(&scale, parameters[4], 4);
    int64_t threads = int64_t(config.grid[0]) * config.block[0];
    enqueue(stream, [=] {
      for (int64_t i = 0; i < std::min(n, threads); ++i)
        out[i] = std::fma(y[i], scale, x[i]);
    });
  }
  TensorMap encodeTensorMap(const TensorMapDesc &desc) override {
    if (desc.address % 16 || (desc.rank > 1 && desc.stridesBytes[0] % 16))
      throw Error(ErrorKind::Device, "encodeTensorMap: not a multiple of 16");
    ++encodings;
    TensorMap map{};
    std::memcpy(map.data(), &desc.address, 8);
    return map;
  }

  StreamHandle createStream() override { return ++handles; }
  void destroyStream(StreamHandle) override {}
  void synchronize(StreamHandle) override {}
  EventHandle createEvent() override { return ++handles; }
  void destroyEvent(EventHandle) override {}
  void recordEvent(EventHandle, StreamHandle) override {}
  double elapsedMs(EventHandle, EventHandle) override { return 0; }
  void beginCapture(StreamHandle stream) override {
    ++captures;
    capturing[stream].clear();
  }
  GraphHandle endCapture(StreamHandle stream) override {
    graphs[++handles] = std::move(capturing.at(stream));
    capturing.erase(stream);
    return handles;
  }
  GraphHandle endCaptureInto(StreamHandle stream, GraphHandle existing) override {
    ++updates;
    return Driver::endCaptureInto(stream, existing);
  }
  bool isCapturing(StreamHandle stream) override { return capturing.count(stream) != 0; }
  void launchGraph(GraphHandle graph, StreamHandle) override {
    ++graphLaunches;
    for (auto &action : graphs.at(graph))
      action();
  }
  void destroyGraph(GraphHandle graph) override { graphs.erase(graph); }
  size_t liveGraphs() const { return graphs.size(); }

private:
  void enqueue(StreamHandle stream, std::function<void()> action) {
    auto found = capturing.find(stream);
    if (found != capturing.end())
      found->second.push_back(std::move(action));
    else
      action();
  }

  std::mutex mutex;
  uintptr_t handles = 0;
  std::map<StreamHandle, std::vector<std::function<void()>>> capturing;
  std::map<GraphHandle, std::vector<std::function<void()>>> graphs;
};

} // namespace test
} // namespace mpgemm

#endif // MPGEMM_TEST_UNIT_RUNTIME_FAKEDRIVER_H
