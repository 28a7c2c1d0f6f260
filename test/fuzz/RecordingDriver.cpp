//===- RecordingDriver.cpp - A device that only checks ------------------------===//
#include "RecordingDriver.h"

#include "Fuzz.h"
#include "TensorMap.h"

namespace mpgemm {
namespace fuzz {

namespace {

class Module final : public DriverModule {};

class Kernel final : public DriverKernel {
public:
  std::vector<size_t> parameterSizes() const override { return {}; }
  int registersPerThread() const override { return 32; }
  int localBytesPerThread() const override { return 0; }
};

class RecordingDriver final : public Driver {
public:
  RecordingDriver() {
    attributes_.name = "recording";
    attributes_.computeMajor = 9;
    attributes_.multiprocessors = 132;
    attributes_.maxThreadsPerBlock = 1024;
    attributes_.sharedBytesPerBlock = 232448;
    attributes_.globalBytes = int64_t(1) << 40;
  }

  const DeviceAttributes &attributes() const override { return attributes_; }
  void makeCurrent() override {}

  DevicePtr allocate(size_t bytes) override {
    if (bytes > size_t(attributes_.globalBytes))
      throw Error(ErrorKind::OutOfMemory, "allocate: no " + std::to_string(bytes) + " bytes");
    DevicePtr address = next;
    next += (bytes + 511) / 256 * 256 + 65536;
    allocations[address] = bytes;
    return address;
  }
  void free(DevicePtr address) override {
    if (allocations.erase(address) != 1)
      fail("an address was freed that was not allocated");
  }
  void copyToDevice(DevicePtr to, const void *from, size_t bytes, StreamHandle) override {
    check(to, bytes, "a copy to the device");
    unsigned sum = 0; // reads the source, which a sanitizer watches
    for (size_t i = 0; i < bytes; ++i)
      sum += static_cast<const volatile unsigned char *>(from)[i];
    touched += sum;
  }
  void copyToHost(void *, DevicePtr from, size_t bytes, StreamHandle) override {
    check(from, bytes, "a copy to the host");
  }
  void copyOnDevice(DevicePtr to, DevicePtr from, size_t bytes, StreamHandle) override {
    check(to, bytes, "the target of a copy");
    check(from, bytes, "the source of a copy");
  }
  void fill(DevicePtr to, unsigned char, size_t bytes, StreamHandle) override {
    check(to, bytes, "a fill");
  }

  std::unique_ptr<DriverModule> loadModule(const std::string &, const std::string &) override {
    return std::make_unique<Module>();
  }
  std::unique_ptr<DriverKernel> getKernel(DriverModule &, const std::string &) override {
    return std::make_unique<Kernel>();
  }
  void setMaxSharedBytes(DriverKernel &, size_t bytes) override {
    if (bytes > size_t(attributes_.sharedBytesPerBlock))
      fail("more shared memory than the device has was asked for");
  }
  void launch(DriverKernel &, const LaunchConfig &config, void *const *parameters,
              size_t parameterCount, StreamHandle) override {
    uint64_t threads = 1;
    for (size_t d = 0; d < 3; ++d) {
      if (config.grid[d] == 0 || config.grid[d] > (d ? 65535u : 0x7fffffffu))
        fail("a launch with a grid that no device takes");
      if (config.grid[d] % config.cluster[d] != 0)
        fail("a launch whose grid is not a multiple of its cluster");
      threads *= config.block[d];
    }
    if (threads == 0 || threads > 1024)
      fail("a launch with " + std::to_string(threads) + " threads");
    for (size_t i = 0; i < parameterCount; ++i)
      touched += *static_cast<const volatile unsigned char *>(parameters[i]);
  }
  TensorMap encodeTensorMap(const TensorMapDesc &desc) override {
    return sim::encodeTensorMap(desc);
  }

  StreamHandle createStream() override { return ++handles; }
  void destroyStream(StreamHandle) override {}
  void synchronize(StreamHandle) override {}
  EventHandle createEvent() override { return ++handles; }
  void destroyEvent(EventHandle) override {}
  void recordEvent(EventHandle, StreamHandle) override {}
  double elapsedMs(EventHandle, EventHandle) override { return 0; }
  void beginCapture(StreamHandle) override {}
  GraphHandle endCapture(StreamHandle) override { return ++handles; }
  bool isCapturing(StreamHandle) override { return false; }
  void launchGraph(GraphHandle, StreamHandle) override {}
  void destroyGraph(GraphHandle) override {}

private:
  void check(DevicePtr address, size_t bytes, const char *what) const {
    auto after = allocations.upper_bound(address);
    if (after != allocations.begin()) {
      auto [begin, size] = *--after;
      if (address - begin <= size && bytes <= size - (address - begin))
        return;
    }
    fail(std::string(what) + " of " + std::to_string(bytes) + " bytes leaves its allocation");
  }

  DeviceAttributes attributes_;
  std::map<DevicePtr, size_t> allocations;
  DevicePtr next = 0x300000000;
  uintptr_t handles = 0;
  unsigned touched = 0;
};

} // namespace

std::unique_ptr<Driver> createRecordingDriver() { return std::make_unique<RecordingDriver>(); }

} // namespace fuzz
} // namespace mpgemm
