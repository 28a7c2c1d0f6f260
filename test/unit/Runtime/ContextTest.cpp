//===- ContextTest.cpp - Programs and contexts on the counting driver ---------===//
#include "FakeDriver.h"
#include "TestArtifact.h"

#include "mpgemm/Runtime/Context.h"
#include "mpgemm/Runtime/Program.h"

using namespace mpgemm;
using namespace mpgemm::test;
using ::testing::HasSubstr;

namespace {

/// A program on a fake device, and tensors in its memory.
class ContextTest : public ::testing::Test {
protected:
  void load(const std::string &path = vectorAddPath()) {
    memory.clear();
    program.reset();
    auto owned = std::make_unique<FakeDriver>();
    fake = owned.get();
    if (configure)
      configure(*fake);
    device = std::make_shared<Device>(std::move(owned), "cuda:0");
    program = Program::load(device, path);
  }
  mpgemm_tensor tensor(std::vector<int64_t> shape, float value = 0) {
    shapes.push_back(std::make_unique<std::vector<int64_t>>(std::move(shape)));
    int64_t count = 1;
    for (int64_t size : *shapes.back())
      count *= size;
    memory.emplace_back(*fake, size_t(count) * 4);
    auto *data = reinterpret_cast<float *>(memory.back().address());
    std::fill(data, data + count, value);
    return {memory.back().address(), "f32", int32_t(shapes.back()->size()), shapes.back()->data()};
  }
  static float *values(const mpgemm_tensor &tensor) {
    return reinterpret_cast<float *>(tensor.data);
  }
  void call(Context &context, const char *function, std::vector<mpgemm_tensor> arguments,
            std::vector<mpgemm_tensor> results, uint32_t flags = 0) {
    context.call(program->findFunction(function), arguments.data(), arguments.size(),
                 results.data(), results.size(), 0, flags);
  }
  void reserve(Context &context, const char *function, std::vector<mpgemm_tensor> arguments) {
    context.reserve(program->findFunction(function), arguments.data(), arguments.size());
  }

  std::function<void(FakeDriver &)> configure;
  FakeDriver *fake = nullptr;
  std::shared_ptr<Device> device;
  std::shared_ptr<const Program> program;
  std::vector<DeviceBuffer> memory;
  std::vector<std::unique_ptr<std::vector<int64_t>>> shapes;
};

} // namespace

TEST_F(ContextTest, MainAddsByWayOfTheArena) {
  load();
  Context context(program);
  auto x = tensor({3, 4}, 1), y = tensor({3, 4}, 10), out = tensor({3, 4});
  reserve(context, "main", {x, y});
  call(context, "main", {x, y}, {out});
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(values(out)[i], 21) << i;
  ASSERT_EQ(context.lastReports().size(), 2u);
  EXPECT_EQ(context.lastReports()[0].flops, 24);
  EXPECT_EQ(context.lastReports()[1].label, "second");
}

TEST_F(ContextTest, InitRanAtLoadAndItsResultServesCalls) {
  load();
  Context context(program);
  auto x = tensor({8}, 100), out = tensor({8});
  call(context, "plus_twice", {x}, {out});
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(values(out)[i], 100 + 2 * i);
  EXPECT_EQ(program->constantAddress(0), 0u) << "what only init read is freed";
  EXPECT_THAT(messageOf([&] { program->findFunction("init"); }),
              HasSubstr("has no function 'init'; it has main, plus_twice, accumulate, pad"));
}

TEST_F(ContextTest, AContextWithOwnConstantsReadsItsCopy) {
  load();
  Context context(program, /*ownConstants=*/true);
  std::memset(reinterpret_cast<void *>(program->constantAddress(1)), 0, 32);
  auto x = tensor({8}, 100), out = tensor({8});
  call(context, "plus_twice", {x}, {out});
  EXPECT_EQ(values(out)[7], 114);
}

TEST_F(ContextTest, FillAndCopy) {
  load();
  Context context(program);
  auto x = tensor({5}, 3), out = tensor({9}, -1);
  call(context, "pad", {x}, {out});
  EXPECT_EQ(values(out)[3], 0);
  EXPECT_EQ(values(out)[4], 3);
  EXPECT_EQ(values(out)[8], 3);
}

TEST_F(ContextTest, InoutUpdatesTheArgument) {
  load();
  Context context(program);
  auto acc = tensor({5}, 1), x = tensor({5}, 2), other = tensor({5});
  call(context, "accumulate", {acc, x}, {acc});
  call(context, "accumulate", {acc, x}, {acc});
  EXPECT_EQ(values(acc)[4], 5);
  EXPECT_EQ(messageOf([&] { call(context, "accumulate", {acc, x}, {other}); }),
            "result 0 'result0' of 'accumulate' must be the buffer of argument 0 'acc' of "
            "'accumulate', which it updates in place");
}

TEST_F(ContextTest, EmptyTensorsLaunchNothing) {
  load();
  Context context(program);
  auto x = tensor({0, 4}), out = tensor({0, 4});
  x.data = out.data = 0;
  int before = fake->launches;
  call(context, "main", {x, x}, {out});
  EXPECT_EQ(fake->launches, before);
}

TEST_F(ContextTest, CallsNeverAllocate) {
  load();
  Context context(program);
  auto x = tensor({64, 4}, 1), y = tensor({64, 4}, 1), out = tensor({64, 4});
  auto small = tensor({2, 4}, 1), smallOut = tensor({2, 4});
  reserve(context, "main", {x, y});
  int before = fake->allocations;
  call(context, "main", {x, y}, {out});
  call(context, "main", {small, small}, {smallOut});
  call(context, "main", {y, x}, {out});
  EXPECT_EQ(fake->allocations, before);
}

TEST_F(ContextTest, ALargerCallThanReservedIsAnError) {
  load();
  Context context(program);
  auto small = tensor({2, 4}), x = tensor({64, 4}), out = tensor({64, 4});
  reserve(context, "main", {small, small});
  EXPECT_EQ(messageOf([&] { call(context, "main", {x, x}, {out}); }),
            "the call of 'main' needs an arena of 1024 bytes, but the context has reserved 256; "
            "reserve for the largest shapes first");
}

TEST_F(ContextTest, ShapesAreChecked) {
  load();
  Context context(program);
  context.reserveBytes(1 << 16);
  auto x = tensor({3, 4}), y = tensor({2, 4}), flat = tensor({12}), wide = tensor({3, 5});
  auto out = tensor({3, 4});
  EXPECT_EQ(messageOf([&] { call(context, "main", {x, y}, {out}); }),
            "argument 1 'y' of 'main' is 2x4; expected s0x4xf32: dimension 0 is 2, but s0 is 3 "
            "(argument 0, dimension 0)");
  EXPECT_EQ(messageOf([&] { call(context, "main", {wide, wide}, {out}); }),
            "argument 0 'x' of 'main' is 3x5; expected s0x4xf32: dimension 1 is 5, not 4");
  EXPECT_EQ(messageOf([&] { call(context, "main", {flat, x}, {out}); }),
            "argument 0 'x' of 'main' has 1 dimensions (12); expected 2 (s0x4xf32)");
  auto beyond = x;
  int64_t beyondShape[] = {int64_t(1) << 31, 4};
  beyond.shape = beyondShape;
  EXPECT_EQ(
      messageOf([&] { call(context, "main", {beyond, x}, {out}); }),
      "argument 0 'x' of 'main' has the size 2147483648 in dimension 0; one dimension may have "
      "up to 2147479552");
  EXPECT_EQ(messageOf([&] { call(context, "main", {x}, {out}); }),
            "function 'main' takes 2 arguments; got 1");
  EXPECT_EQ(messageOf([&] { call(context, "main", {x, x}, {}); }),
            "function 'main' has 1 results; got 0");
  EXPECT_EQ(messageOf([&] { call(context, "main", {x, x}, {y}); }),
            "result 0 'result0' of 'main' is 2x4xf32; expected 3x4xf32");
  auto wrongType = x;
  wrongType.type = "bf16";
  EXPECT_EQ(messageOf([&] { call(context, "main", {wrongType, x}, {out}); }),
            "argument 0 'x' of 'main' has element type bf16; expected f32 (s0x4xf32)");
}

TEST_F(ContextTest, AddressesAreChecked) {
  load();
  Context context(program);
  context.reserveBytes(1 << 16);
  auto x = tensor({4, 4}), out = tensor({4, 4});
  auto misaligned = x, null = x, overlapping = x;
  misaligned.data += 4;
  null.data = 0;
  overlapping.data += 16;
  EXPECT_EQ(
      messageOf([&] { call(context, "main", {misaligned, x}, {out}); }),
      "argument 0 'x' of 'main' is at an address that is 4 modulo 16; it must be a multiple of "
      "16");
  EXPECT_EQ(messageOf([&] { call(context, "main", {x, null}, {out}); }),
            "argument 1 'y' of 'main' has 64 bytes, but no address");
  EXPECT_EQ(messageOf([&] { call(context, "main", {x, x}, {overlapping}); }),
            "result 0 'result0' of 'main' overlaps argument 0 'x' of 'main'");
}

TEST_F(ContextTest, AssertsFailTheCallBeforeAnythingIsLaunched) {
  load(writeVariation(
      [](auto &manifest) { manifest["functions"][1]["steps"][0]["condition"] = {"le", "s0", 2}; }));
  Context context(program);
  context.reserveBytes(1 << 16);
  auto x = tensor({3, 4}), out = tensor({3, 4});
  int before = fake->launches;
  EXPECT_THAT(messageOf([&] { call(context, "main", {x, x}, {out}); }),
              HasSubstr("functions[1].steps[0]: too many rows (le(s0, 2))"));
  EXPECT_EQ(fake->launches, before);
}

TEST_F(ContextTest, NoVariantAppliesListsThem) {
  load(writeVariation([](auto &manifest) {
    manifest["functions"][1]["steps"][1]["variants"][0]["when"] = {"ge", "s0", 128};
  }));
  Context context(program);
  context.reserveBytes(1 << 16);
  auto x = tensor({3, 4}), out = tensor({3, 4});
  EXPECT_THAT(messageOf([&] { call(context, "main", {x, x}, {out}); }),
              HasSubstr("functions[1].steps[1]: no variant applies with s0 = 3; there are\n"
                        "  'add_scaled' when ge(s0, 128)"));
}

TEST_F(ContextTest, AlignmentChoosesTheVariant) {
  load(writeVariation([](auto &manifest) {
    auto &variants = manifest["functions"][2]["steps"][0]["variants"];
    auto other = variants[0];
    other["grid"][0] = 2; // the variant for any alignment shows by its grid
    variants[0]["when"] = nlohmann::ordered_json::parse(R"(["aligned", 0, 16])");
    variants.push_back(other);
  }));
  Context context(program);
  auto x = tensor({12}, 1), out = tensor({8});
  x.rank = 1;
  int64_t eight = 8;
  x.shape = &eight;
  call(context, "plus_twice", {x}, {out});
  EXPECT_EQ(fake->lastLaunch.grid[0], 1u);
  x.data += 4;
  call(context, "plus_twice", {x}, {out});
  EXPECT_EQ(fake->lastLaunch.grid[0], 2u);
  x.data -= 4;
  call(context, "plus_twice", {x}, {out});
  EXPECT_EQ(fake->lastLaunch.grid[0], 1u);
  x.data += 2;
  EXPECT_THAT(messageOf([&] { call(context, "plus_twice", {x}, {out}); }),
              HasSubstr("must be a multiple of 4"));
}

TEST_F(ContextTest, LimitsOfALaunch) {
  auto firstVariant = [](nlohmann::ordered_json &manifest) -> nlohmann::ordered_json & {
    return manifest["functions"][1]["steps"][1]["variants"][0];
  };
  struct Case {
    std::function<void(nlohmann::ordered_json &)> change;
    const char *message;
  };
  const Case cases[] = {
      {[&](auto &m) { firstVariant(m)["grid"][1] = 65536; },
       "grid[1]: 65536 is 65536 CTAs; dimension 1 of a grid has at most 65535"},
      {[&](auto &m) { firstVariant(m)["grid"][0] = {"sub", 0, "s0"}; },
       "grid[0]: the number of CTAs sub(0, s0) is -3; it must not be negative"},
      {[&](auto &m) { m["kernels"][0]["cluster"] = {2, 1, 1}; },
       "grid[0]: 1 CTAs are not a multiple of the cluster's 2"},
      {[&](auto &m) { firstVariant(m)["arguments"][0]["pointer"]["offset"] = {"mul", "s0", 17}; },
       "offset: 0 bytes at offset 51 leave buffers[0], which has 48"},
      {[&](auto &m) { m["functions"][1]["buffers"][3]["offset"] = 128; },
       "buffers[3].offset: 128 is 128; offsets in the arena are multiples of 256"},
      {[&](auto &m) { m["functions"][1]["arena_bytes"] = 16; },
       "buffers[3].offset: 48 bytes at offset 0 leave the arena of 16"},
  };
  for (const Case &c : cases) {
    std::string path = writeVariation(c.change);
    EXPECT_THAT(messageOf([&] {
                  load(path);
                  Context context(program);
                  context.reserveBytes(1 << 16);
                  auto x = tensor({3, 4}), out = tensor({3, 4});
                  call(context, "main", {x, x}, {out});
                }),
                HasSubstr(c.message));
  }
}

/// `main` of one launch whose only parameter is a tensor map of x.
static void useTensorMap(nlohmann::ordered_json &manifest) {
  manifest["kernels"][0]["parameters"] = {"tensormap"};
  nlohmann::ordered_json main = manifest["functions"][1], step = main["steps"][1];
  step["variants"][0]["arguments"] = nlohmann::ordered_json::parse(
      R"([{"tensormap": {"place": {"buffer": 0, "offset": 0}, "type": "f32", "sizes": [4, "s0"],
           "strides": [16], "box": [4, 8]}}])");
  main["steps"] = nlohmann::ordered_json::array({step});
  main.erase("layers");
  manifest["functions"] = nlohmann::ordered_json::array({main});
  manifest["constants"].erase(1);
}

TEST_F(ContextTest, TensorMapsAreEncodedAgainOnlyForANewAddress) {
  configure = [](FakeDriver &driver) { driver.kernelParameterSizes = {128}; };
  load(writeVariation(useTensorMap));
  Context context(program);
  context.reserveBytes(1 << 16);
  auto x = tensor({3, 4}), other = tensor({3, 4}), out = tensor({3, 4});
  call(context, "main", {x, x}, {out});
  call(context, "main", {x, x}, {out});
  EXPECT_EQ(fake->encodings, 1);
  call(context, "main", {other, x}, {out});
  EXPECT_EQ(fake->encodings, 2);
}

TEST_F(ContextTest, TensorMapsStayInsideTheirBuffer) {
  configure = [](FakeDriver &driver) { driver.kernelParameterSizes = {128}; };
  auto messageWith = [&](const char *key, const nlohmann::ordered_json &value) {
    std::string path = writeVariation([&](auto &manifest) {
      useTensorMap(manifest);
      manifest["functions"][0]["steps"][0]["variants"][0]["arguments"][0]["tensormap"][key] = value;
    });
    return messageOf([&] {
      load(path);
      Context context(program);
      context.reserveBytes(1 << 16);
      auto x = tensor({3, 4}), out = tensor({3, 4});
      call(context, "main", {x, x}, {out});
    });
  };
  EXPECT_THAT(
      messageWith("sizes", {4, {"add", "s0", 1}}),
      HasSubstr("tensormap.place.offset: 64 bytes at offset 0 leave buffers[0], which has 48"));
  EXPECT_THAT(
      messageWith("strides", {8}),
      HasSubstr("tensormap.strides[0]: 8 is 8; a tensor map has strides that are multiples of "
                "16 below 2^40"));
  EXPECT_THAT(
      messageWith("sizes", {4, {"sub", "s0", 3}}),
      HasSubstr("tensormap.sizes[1]: sub(s0, 3) is 0; a tensor map has sizes from 1 to 2^32"));
}

TEST_F(ContextTest, GraphsAreKeptForAFewSetsOfAddressesAndThenUpdated) {
  load();
  {
    Context context(program);
    std::vector<mpgemm_tensor> xs, outs;
    for (int i = 0; i < 6; ++i) {
      xs.push_back(tensor({2, 4}, float(i)));
      outs.push_back(tensor({2, 4}));
    }
    reserve(context, "main", {xs[0], xs[0]});
    for (int round = 0; round < 2; ++round)
      call(context, "main", {xs[0], xs[0]}, {outs[0]}, MPGEMM_CALL_GRAPH);
    EXPECT_EQ(fake->captures, 1);
    EXPECT_EQ(fake->graphLaunches, 2);
    for (int i = 0; i < 6; ++i)
      call(context, "main", {xs[i], xs[i]}, {outs[i]}, MPGEMM_CALL_GRAPH);
    EXPECT_EQ(fake->captures, 6);
    EXPECT_EQ(fake->updates, 2);
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(values(outs[i])[0], 3 * i);
    EXPECT_EQ(fake->liveGraphs(), 4u);
  }
  EXPECT_EQ(fake->liveGraphs(), 0u) << "the context destroys its graphs";
}

TEST_F(ContextTest, AFailureInACaptureIsTheLaunchsAndLeavesTheContextUsable) {
  load();
  Context context(program);
  auto x = tensor({2, 4}, 1), out = tensor({2, 4});
  reserve(context, "main", {x, x});
  fake->failLaunch = "launch of 'add_scaled': no luck";
  EXPECT_EQ(messageOf([&] { call(context, "main", {x, x}, {out}, MPGEMM_CALL_GRAPH); }),
            "launch of 'add_scaled': no luck");
  fake->failLaunch.clear();
  call(context, "main", {x, x}, {out}, MPGEMM_CALL_GRAPH);
  EXPECT_EQ(values(out)[0], 3);
}

TEST_F(ContextTest, OneCallAtATime) {
  load();
  Context context(program);
  auto x = tensor({8}, 1), out = tensor({8});
  std::string message;
  fake->onLaunch = [&] {
    if (message.empty())
      message = messageOf([&] { call(context, "plus_twice", {x}, {out}); });
  };
  call(context, "plus_twice", {x}, {out});
  EXPECT_EQ(message,
            "the context is in use by another thread; a context serves one call at a time, so "
            "create one for each thread");
}

TEST_F(ContextTest, ManyShapesKeepWorking) {
  load();
  Context context(program);
  context.reserveBytes(1 << 20);
  auto x = tensor({3000, 4}, 1), out = tensor({3000, 4});
  for (int64_t rows = 1; rows <= 3000; ++rows) {
    auto shorter = x, shorterOut = out;
    int64_t shape[2] = {rows, 4};
    shorter.shape = shorterOut.shape = shape;
    call(context, "main", {shorter, shorter}, {shorterOut});
  }
  EXPECT_EQ(values(out)[3000 * 4 - 1], 3);
}

//===- Loading ----------------------------------------------------------------===//

TEST_F(ContextTest, TooMuchSharedMemoryNamesTheKernelAndTheDevice) {
  std::string path =
      writeVariation([](auto &manifest) { manifest["kernels"][0]["shared_bytes"] = 232448; });
  configure = [](FakeDriver &driver) { driver.a.computeMajor = 8; };
  EXPECT_EQ(messageOf([&] { load(path); }),
            path +
                ": kernels[0] 'add_scaled' needs 232448 B of shared memory; cuda:0 (sm_80) allows "
                "166912 B");
}

TEST_F(ContextTest, ClustersNeedSm90) {
  std::string path =
      writeVariation([](auto &manifest) { manifest["kernels"][0]["cluster"] = {2, 1, 1}; });
  configure = [](FakeDriver &driver) { driver.a.computeMajor = 8; };
  EXPECT_THAT(messageOf([&] { load(path); }),
              HasSubstr("'add_scaled' needs a cluster; cuda:0 (sm_80) allows none"));
}

TEST_F(ContextTest, ParametersOfTheImageAgainstTheManifest) {
  configure = [](FakeDriver &driver) { driver.kernelParameterSizes = {8, 8, 8, 4}; };
  EXPECT_EQ(messageOf([&] { load(); }),
            vectorAddPath() +
                ": kernels[0] 'add_scaled' has parameters of 8, 8, 8, 8, 4 bytes in the "
                "manifest, but of 8, 8, 8, 4 bytes in the image");
}

TEST_F(ContextTest, TargetsAgainstTheDevice) {
  std::string ptx = ptxOf(vectorAddPath());
  auto messageFor = [&](const std::string &target, int major, int minor) {
    auto manifest = nlohmann::ordered_json::parse(readManifestText(vectorAddPath()));
    manifest["target"] = target;
    std::string text = ptx;
    text.replace(text.find("sm_80"), 5, target);
    std::string path = writeArtifact(manifest, text);
    configure = [=](FakeDriver &driver) {
      driver.a.computeMajor = major;
      driver.a.computeMinor = minor;
    };
    std::string message = messageOf([&] { load(path); });
    return message.rfind(path, 0) == 0 ? message.substr(path.size()) : message;
  };
  EXPECT_EQ(messageFor("sm_80", 8, 0), "(no error)");
  EXPECT_EQ(messageFor("sm_80", 9, 0), "(no error)");
  EXPECT_EQ(messageFor("sm_90a", 9, 0), "(no error)");
  EXPECT_EQ(messageFor("sm_90a", 10, 0),
            ": the artifact is for sm_90a; cuda:0 (sm_100) cannot run code for exactly that "
            "architecture; compile with --target=sm_89");
  EXPECT_EQ(messageFor("sm_90", 8, 0),
            ": the artifact is for sm_90; cuda:0 (sm_80) is older; compile "
            "with --target=sm_80");
  EXPECT_EQ(messageFor("sm_89", 12, 0), "(no error)");
  EXPECT_EQ(messageFor("sm_120a", 12, 0), "(no error)");
  EXPECT_EQ(messageFor("sm_89", 8, 6),
            ": the artifact is for sm_89; cuda:0 (sm_86) is older; compile "
            "with --target=sm_80");
  EXPECT_EQ(messageFor("sm_120a", 9, 0),
            ": the artifact is for sm_120a; cuda:0 (sm_90) cannot run code for exactly that "
            "architecture; compile with --target=sm_90a");
  EXPECT_EQ(messageFor("sm_x", 9, 0), ": target 'sm_x' is not of the form sm_90a");
}

//===- Observed calls ---------------------------------------------------------===//

TEST_F(ContextTest, AnObservedCallShowsEachLayerBehindItsStep) {
  load();
  Context context(program);
  auto x = tensor({3, 4}, 1), y = tensor({3, 4}, 10), out = tensor({3, 4}, -1);
  reserve(context, "main", {x, y});
  std::vector<mpgemm_tensor> arguments{x, y};
  std::vector<std::string> names;
  context.callObserved(program->findFunction("main"), arguments.data(), 2, &out, 1, 0,
                       [&](const LayerView &layer) {
                         names.push_back(layer.name);
                         const TensorView &a = layer.a.values;
                         ASSERT_EQ(layer.results.size(), 1u);
                         const TensorView &result = layer.results[0].values;
                         EXPECT_EQ(a.shape, (std::vector<int64_t>{3, 4}));
                         EXPECT_EQ(a.type, ElementType::F32);
                         EXPECT_EQ(a.bytes, 48);
                         bool first = layer.name == "main.0";
                         EXPECT_EQ(reinterpret_cast<float *>(a.address)[11], first ? 1 : 11);
                         EXPECT_EQ(reinterpret_cast<float *>(result.address)[11], first ? 11 : 21);
                         EXPECT_EQ(values(out)[0], first ? -1 : 21) << "not run ahead";
                       });
  EXPECT_EQ(names, (std::vector<std::string>{"main.0", "main.1"}));
  EXPECT_EQ(fake->captures, 0);
  call(context, "main", {x, y}, {out});
  EXPECT_EQ(values(out)[5], 21) << "ordinary calls go on";
}

TEST_F(ContextTest, AnObservedCallOfNoRowsShowsEmptyLayers) {
  load();
  Context context(program);
  auto x = tensor({0, 4}), out = tensor({0, 4});
  std::vector<mpgemm_tensor> arguments{x, x};
  int seen = 0;
  context.callObserved(program->findFunction("main"), arguments.data(), 2, &out, 1, 0,
                       [&](const LayerView &layer) {
                         ++seen;
                         EXPECT_EQ(layer.results[0].values.bytes, 0);
                       });
  EXPECT_EQ(seen, 2);
}

TEST_F(ContextTest, WhatTheObserverThrowsEndsTheCallAndTheContextServesOn) {
  load();
  Context context(program);
  auto x = tensor({3, 4}, 1), y = tensor({3, 4}, 10), out = tensor({3, 4}, -1);
  reserve(context, "main", {x, y});
  std::vector<mpgemm_tensor> arguments{x, y};
  EXPECT_EQ(messageOf([&] {
              context.callObserved(program->findFunction("main"), arguments.data(), 2, &out, 1, 0,
                                   [](const LayerView &layer) {
                                     throw Error(ErrorKind::InvalidArgument,
                                                 "stop at " + layer.name);
                                   });
            }),
            "stop at main.0");
  EXPECT_EQ(values(out)[0], -1);
  call(context, "main", {x, y}, {out});
  EXPECT_EQ(values(out)[0], 21);
}

TEST_F(ContextTest, LayersAreNotObservedInACapture) {
  load();
  Context context(program);
  auto x = tensor({3, 4}, 1), y = tensor({3, 4}, 10), out = tensor({3, 4}, -1);
  reserve(context, "main", {x, y});
  std::vector<mpgemm_tensor> arguments{x, y};
  StreamHandle stream = fake->createStream();
  fake->beginCapture(stream);
  EXPECT_EQ(messageOf([&] {
              context.callObserved(program->findFunction("main"), arguments.data(), 2, &out, 1,
                                   stream, [](const LayerView &) {});
            }),
            "the layers of 'main' cannot be observed on a stream that is being captured");
  fake->destroyGraph(fake->endCapture(stream));
  fake->destroyStream(stream);
}

TEST_F(ContextTest, AScaleIsAViewOfItsOwnAndMustDivide) {
  auto withScale = [](nlohmann::ordered_json shape, int offset) {
    return writeVariation([&](nlohmann::ordered_json &manifest) {
      manifest["functions"][1]["layers"][1]["results"][0]["scale"] = {
          {"place", {{"buffer", 3}, {"offset", offset}}},
          {"type", "f32"},
          {"shape", std::move(shape)}};
    });
  };
  auto run = [&](const std::string &path) {
    load(path);
    Context context(program);
    auto x = tensor({3, 4}, 1), y = tensor({3, 4}, 10), out = tensor({3, 4}, -1);
    reserve(context, "main", {x, y});
    std::vector<mpgemm_tensor> arguments{x, y};
    std::string seen;
    std::string message = messageOf([&] {
      context.callObserved(program->findFunction("main"), arguments.data(), 2, &out, 1, 0,
                           [&](const LayerView &layer) {
                             if (!layer.results[0].scale)
                               return;
                             const TensorView &scale = *layer.results[0].scale;
                             seen = std::to_string(scale.bytes) + " " +
                                    std::to_string(scale.address - layer.a.values.address);
                           });
    });
    EXPECT_EQ(values(out)[0], message == "(no error)" ? 21 : -1);
    return seen + message;
  };
  EXPECT_EQ(run(withScale({"s0", 2}, 16)), "24 16(no error)");
  EXPECT_THAT(run(withScale({"s0", 3}, 0)),
              HasSubstr("layers[1].results[0].scale: has 3 scales in dimension 1, which do not "
                        "divide the 4 values"));
  EXPECT_THAT(run(withScale({"s0", 4}, 16)),
              HasSubstr("layers[1].results[0].scale: 48 bytes at offset 16 leave buffers[3], which "
                        "has 48"));
}
