//===- ConformanceTest.cpp - What every driver must do ------------------------===//
//
// One suite for both drivers, over the Driver interface and the program above it. On a machine
// without a GPU the CUDA half is reported as skipped, with the reason.
//
//===----------------------------------------------------------------------===//
#include "TestArtifact.h"

#include "mpgemm/Runtime/Context.h"
#include "mpgemm/Runtime/Program.h"

#include <numeric>
#include <thread>

using namespace mpgemm;
using namespace mpgemm::test;
using ::testing::HasSubstr;

namespace {

class Conformance : public ::testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    std::string why;
    if (std::string(GetParam()) == "cuda" && cudaDeviceCount(&why) == 0)
      GTEST_SKIP() << "unsupported here: " << why;
    device = Device::open(GetParam());
  }
  Driver &driver() { return device->driver(); }

  /// Device memory with the given values.
  DeviceBuffer upload(const std::vector<float> &values) {
    DeviceBuffer buffer(driver(), values.size() * 4);
    driver().copyToDevice(buffer.address(), values.data(), values.size() * 4, 0);
    driver().synchronize(0);
    return buffer;
  }
  std::vector<float> download(const DeviceBuffer &buffer, size_t count) {
    std::vector<float> values(count);
    driver().copyToHost(values.data(), buffer.address(), count * 4, 0);
    driver().synchronize(0);
    return values;
  }
  void launchAdd(DriverKernel &kernel, const DeviceBuffer &a, const DeviceBuffer &b,
                 const DeviceBuffer &out, int64_t n, float scale, StreamHandle stream) {
    DevicePtr addresses[3] = {a.address(), b.address(), out.address()};
    void *parameters[] = {&addresses[0], &addresses[1], &addresses[2], &n, &scale};
    LaunchConfig config;
    config.grid = {unsigned((n + 127) / 128), 1, 1};
    config.block = {128, 1, 1};
    driver().launch(kernel, config, parameters, 5, stream);
  }

  std::shared_ptr<Device> device;
};

std::vector<float> ramp(size_t count, float start = 0) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), start);
  return values;
}

} // namespace

INSTANTIATE_TEST_SUITE_P(Driver, Conformance, ::testing::Values("sim", "cuda"),
                         [](const auto &info) { return std::string(info.param); });

TEST_P(Conformance, AttributesMakeSense) {
  const DeviceAttributes &a = device->attributes();
  EXPECT_FALSE(a.name.empty());
  EXPECT_GE(a.computeMajor, 8);
  EXPECT_GE(a.multiprocessors, 1);
  EXPECT_GE(a.sharedBytesPerBlock, 48 << 10);
  EXPECT_GE(a.maxThreadsPerBlock, 1024);
  EXPECT_EQ(a.isSimulator, std::string(GetParam()) == "sim");
}

TEST_P(Conformance, MemoryIsAlignedAndCopiesRoundTrip) {
  for (size_t bytes : {size_t(0), size_t(1), size_t(1000), size_t(1) << 20}) {
    DeviceBuffer buffer(driver(), bytes);
    EXPECT_NE(buffer.address(), 0u);
    EXPECT_EQ(buffer.address() % 256, 0u);
  }
  DeviceBuffer a = upload(ramp(1000)), b = upload(std::vector<float>(1000, -1));
  driver().copyOnDevice(b.address() + 40, a.address(), 400, 0);
  std::vector<float> values = download(b, 1000);
  EXPECT_EQ(values[9], -1);
  EXPECT_EQ(values[10], 0);
  EXPECT_EQ(values[109], 99);
  EXPECT_EQ(values[110], -1);
  driver().fill(b.address(), 0x40, 8, 0);
  values = download(b, 3);
  EXPECT_EQ(values[1], 3.00392151f); // 0x40404040
  EXPECT_EQ(values[2], -1);
}

TEST_P(Conformance, KernelRunsWithATail) {
  auto module = driver().loadModule(ptxOf(vectorAddPath()), "vector-add.ptx");
  auto kernel = driver().getKernel(*module, "add_scaled");
  driver().setMaxSharedBytes(*kernel, 0);
  std::vector<size_t> sizes = kernel->parameterSizes();
  if (!sizes.empty()) {
    EXPECT_EQ(sizes, (std::vector<size_t>{8, 8, 8, 8, 4}));
  }
  for (int64_t n : {1, 127, 128, 129, 1000}) {
    DeviceBuffer a = upload(ramp(1001)), b = upload(ramp(1001, 5)), out = upload(ramp(1001));
    launchAdd(*kernel, a, b, out, n, 3, 0);
    std::vector<float> values = download(out, 1001);
    for (int64_t i = 0; i < n; ++i)
      ASSERT_EQ(values[size_t(i)], float(i) + 3 * float(i + 5)) << i << " of " << n;
    EXPECT_EQ(values[size_t(n)], float(n)) << "an element behind the end was written";
  }
}

TEST_P(Conformance, BadPtxIsAnErrorThatNamesTheImage) {
  std::string ptx = ptxOf(vectorAddPath());
  ptx.replace(ptx.find("fma.rn.f32"), 10, "fmx.rn.f32");
  EXPECT_THAT(messageOf([&] {
                auto module = driver().loadModule(ptx, "broken.ptx");
                driver().getKernel(*module, "add_scaled");
              }),
              HasSubstr("broken.ptx"));
}

TEST_P(Conformance, MissingKernelIsNamed) {
  auto module = driver().loadModule(ptxOf(vectorAddPath()), "vector-add.ptx");
  EXPECT_THAT(messageOf([&] { driver().getKernel(*module, "absent"); }), HasSubstr("absent"));
}

TEST_P(Conformance, LimitsOfTheDeviceAreErrors) {
  auto module = driver().loadModule(ptxOf(vectorAddPath()), "vector-add.ptx");
  auto kernel = driver().getKernel(*module, "add_scaled");
  EXPECT_THROW(driver().setMaxSharedBytes(*kernel, size_t(1) << 24), Error);
  DeviceBuffer a = upload(ramp(8));
  DevicePtr address = a.address();
  int64_t n = 8;
  float scale = 1;
  void *parameters[] = {&address, &address, &address, &n, &scale};
  LaunchConfig config;
  config.block = {1025, 1, 1};
  EXPECT_THROW(
      {
        driver().launch(*kernel, config, parameters, 5, 0);
        driver().synchronize(0);
      },
      Error);
}

TEST_P(Conformance, StreamsAndEvents) {
  auto module = driver().loadModule(ptxOf(vectorAddPath()), "vector-add.ptx");
  auto kernel = driver().getKernel(*module, "add_scaled");
  DeviceBuffer a = upload(ramp(100)), out = upload(ramp(100));
  StreamHandle stream = driver().createStream();
  EventHandle begin = driver().createEvent(), end = driver().createEvent();
  driver().recordEvent(begin, stream);
  launchAdd(*kernel, a, a, out, 100, 1, stream);
  launchAdd(*kernel, out, a, out, 100, 1, stream);
  driver().recordEvent(end, stream);
  EXPECT_GE(driver().elapsedMs(begin, end), 0);
  driver().synchronize(stream);
  EXPECT_EQ(download(out, 100)[99], 3 * 99);
  driver().destroyEvent(begin);
  driver().destroyEvent(end);
  driver().destroyStream(stream);
}

TEST_P(Conformance, GraphsReplayWhatWasCaptured) {
  auto module = driver().loadModule(ptxOf(vectorAddPath()), "vector-add.ptx");
  auto kernel = driver().getKernel(*module, "add_scaled");
  DeviceBuffer acc = upload(std::vector<float>(100, 0)), one = upload(std::vector<float>(100, 1));
  DeviceBuffer other = upload(std::vector<float>(100, 0));
  StreamHandle stream = driver().createStream();
  EXPECT_FALSE(driver().isCapturing(stream));
  driver().beginCapture(stream);
  EXPECT_TRUE(driver().isCapturing(stream));
  launchAdd(*kernel, acc, one, acc, 100, 1, stream);
  launchAdd(*kernel, acc, one, acc, 100, 10, stream);
  GraphHandle graph = driver().endCapture(stream);
  EXPECT_FALSE(driver().isCapturing(stream));
  EXPECT_EQ(download(acc, 100)[50], 0) << "a capture runs nothing";
  for (int i = 0; i < 3; ++i)
    driver().launchGraph(graph, stream);
  driver().synchronize(stream);
  EXPECT_EQ(download(acc, 100)[50], 33);

  driver().beginCapture(stream);
  launchAdd(*kernel, other, one, other, 100, 2, stream);
  launchAdd(*kernel, other, one, other, 100, 20, stream);
  graph = driver().endCaptureInto(stream, graph);
  driver().launchGraph(graph, stream);
  driver().synchronize(stream);
  EXPECT_EQ(download(acc, 100)[50], 33);
  EXPECT_EQ(download(other, 100)[50], 22);
  driver().destroyGraph(graph);
  driver().destroyStream(stream);
}

TEST_P(Conformance, TensorMapRulesAreChecked) {
  if (device->attributes().computeMajor < 9)
    GTEST_SKIP() << "unsupported here: tensor maps need sm_90";
  DeviceBuffer buffer(driver(), 1 << 16);
  TensorMapDesc desc;
  desc.type = TensorMapType::BF16;
  desc.rank = 2;
  desc.address = buffer.address();
  desc.sizes = {128, 64};
  desc.stridesBytes = {256};
  desc.box = {64, 32};
  desc.swizzleBytes = 128;
  TensorMap first = driver().encodeTensorMap(desc);
  EXPECT_NE(first, TensorMap{});
  EXPECT_EQ(driver().encodeTensorMap(desc), first);
  auto refused = [&](const std::function<void(TensorMapDesc &)> &change) {
    TensorMapDesc changed = desc;
    change(changed);
    EXPECT_THROW(driver().encodeTensorMap(changed), Error);
  };
  refused([](TensorMapDesc &d) { d.address += 8; });
  refused([](TensorMapDesc &d) { d.stridesBytes[0] = 264; });
  refused([](TensorMapDesc &d) { d.box[1] = 257; });
  refused([](TensorMapDesc &d) { d.box[0] = 128; }); // 256 bytes, more than the swizzle
  refused([](TensorMapDesc &d) { d.rank = 0; });
}

TEST_P(Conformance, TwoThreadsWithTwoContexts) {
  auto program = Program::load(device, vectorAddPath());
  int function = program->findFunction("main");
  auto work = [&](int seed) {
    Context context(program);
    StreamHandle stream = driver().createStream();
    for (int64_t rows : {1, 33, 100, 7}) {
      int64_t shape[2] = {rows, 4};
      size_t count = size_t(rows) * 4;
      DeviceBuffer x(driver(), count * 4), y(driver(), count * 4), out(driver(), count * 4);
      mpgemm_tensor arguments[2] = {{x.address(), "f32", 2, shape}, {y.address(), "f32", 2, shape}};
      mpgemm_tensor result = {out.address(), "f32", 2, shape};
      context.reserve(function, arguments, 2);
      std::vector<float> a = ramp(count, float(seed)), b = ramp(count, float(rows)), got(count);
      driver().copyToDevice(x.address(), a.data(), count * 4, stream);
      driver().copyToDevice(y.address(), b.data(), count * 4, stream);
      for (int i = 0; i < 3; ++i)
        context.call(function, arguments, 2, &result, 1, stream, i ? MPGEMM_CALL_GRAPH : 0);
      driver().copyToHost(got.data(), out.address(), count * 4, stream);
      driver().synchronize(stream);
      for (size_t i = 0; i < count; ++i)
        ASSERT_EQ(got[i], a[i] + 2 * b[i]) << "thread " << seed << ", row count " << rows;
    }
    driver().destroyStream(stream);
  };
  std::thread other(work, 1);
  work(1000);
  other.join();
}

TEST_P(Conformance, ConstantsAndInit) {
  auto program = Program::load(device, vectorAddPath());
  Context context(program);
  int64_t shape[1] = {8};
  DeviceBuffer x = upload(std::vector<float>(8, 100)), out = upload(std::vector<float>(8, 0));
  mpgemm_tensor argument = {x.address(), "f32", 1, shape},
                result = {out.address(), "f32", 1, shape};
  context.call(program->findFunction("plus_twice"), &argument, 1, &result, 1, 0, 0);
  std::vector<float> values = download(out, 8);
  for (size_t i = 0; i < 8; ++i)
    EXPECT_EQ(values[i], 100 + 2 * float(i));
}
