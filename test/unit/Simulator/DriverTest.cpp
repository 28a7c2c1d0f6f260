//===- DriverTest.cpp - The simulator as a device ---------------------------===//
#include "Snippet.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace mpgemm;
using namespace mpgemm::test;
using testing::HasSubstr;

namespace {

template <class F> std::string messageOf(F f) {
  try {
    f();
  } catch (const Error &e) {
    return e.what();
  }
  return "";
}

TEST(Options, parse) {
  auto o = parseSimulatorOptions("sim:sms=3,order=random,seed=7,arch=sm_80,checks=off,threads=1");
  EXPECT_EQ(o.multiprocessors, 3);
  EXPECT_EQ(o.order, AsyncOrder::Random);
  EXPECT_EQ(o.seed, 7u);
  EXPECT_EQ(o.computeMajor, 8);
  EXPECT_FALSE(o.checks);
  EXPECT_EQ(o.hostThreads, 1);
  EXPECT_EQ(parseSimulatorOptions("sim").multiprocessors, 2);
  for (auto [name, capability] : {std::pair<const char *, int>{"sm_80", 80},
                                  {"sm_89", 89},
                                  {"sm_90a", 90},
                                  {"sm_90", 90},
                                  {"sm_120a", 120}}) {
    o = parseSimulatorOptions(std::string("sim:arch=") + name);
    EXPECT_EQ(10 * o.computeMajor + o.computeMinor, capability) << name;
  }
  for (const char *bad : {"simx", "sim:sms=0", "sim:sms", "sim:order=late", "sim:color=red",
                          "sim:arch=sm_70", "cuda"})
    EXPECT_THAT(messageOf([&] { parseSimulatorOptions(bad); }), HasSubstr(bad));
}

TEST(Attributes, of_each_architecture) {
  SimulatorOptions o;
  EXPECT_EQ(createSimulatorDriver(o)->attributes().sharedBytesPerBlock, 232448);
  o.computeMajor = 8;
  EXPECT_EQ(createSimulatorDriver(o)->attributes().sharedBytesPerBlock, 166912);
  o.computeMinor = 9;
  EXPECT_EQ(createSimulatorDriver(o)->attributes().sharedBytesPerBlock, 101376);
  o.computeMajor = 12;
  o.computeMinor = 0;
  EXPECT_EQ(createSimulatorDriver(o)->attributes().sharedBytesPerBlock, 101376);
  EXPECT_THAT(createSimulatorDriver(o)->attributes().name, HasSubstr("sm_120a"));
  o.computeMajor = 7;
  EXPECT_THAT(messageOf([&] { createSimulatorDriver(o); }), HasSubstr("not 7.0"));
}

TEST(Memory, bounds_and_lifetime) {
  auto d = createSimulatorDriver({});
  DevicePtr p = d->allocate(100);
  EXPECT_EQ(p % 256, 0u);
  char buffer[200] = "hello";
  d->copyToDevice(p, buffer, 100, 0);
  char back[100];
  d->copyToHost(back, p, 100, 0);
  EXPECT_STREQ(back, "hello");
  d->fill(p, 7, 10, 0);
  d->copyOnDevice(p + 50, p, 10, 0);
  d->copyToHost(back, p, 100, 0);
  EXPECT_EQ(back[59], 7);
  EXPECT_THAT(messageOf([&] { d->copyToDevice(p, buffer, 101, 0); }), HasSubstr("copyToDevice"));
  EXPECT_THAT(messageOf([&] { d->free(p + 1); }), HasSubstr("not the start"));
  d->free(p);
  EXPECT_THAT(messageOf([&] { d->copyToHost(back, p, 1, 0); }), HasSubstr("freed"));
  EXPECT_THAT(messageOf([&] { d->free(p); }), HasSubstr("freed before"));
  EXPECT_THAT(messageOf([&] { d->allocate(1ull << 60); }), HasSubstr("allocate"));
}

TEST(TensorMaps, are_validated) {
  auto d = createSimulatorDriver({});
  TensorMapDesc good;
  good.type = TensorMapType::BF16;
  good.rank = 2;
  good.address = d->allocate(4096);
  good.sizes = {64, 32};
  good.stridesBytes = {128};
  good.box = {64, 8};
  good.swizzleBytes = 128;
  EXPECT_EQ(messageOf([&] { d->encodeTensorMap(good); }), "");
  auto with = [&](auto change) {
    TensorMapDesc t = good;
    change(t);
    return messageOf([&] { d->encodeTensorMap(t); });
  };
  EXPECT_THAT(with([](auto &t) { t.rank = 6; }), HasSubstr("rank 6"));
  EXPECT_THAT(with([](auto &t) { t.address += 8; }), HasSubstr("multiple of 16"));
  EXPECT_THAT(with([](auto &t) { t.stridesBytes[0] = 136; }), HasSubstr("stride 136"));
  EXPECT_THAT(with([](auto &t) { t.box[1] = 257; }), HasSubstr("box 257"));
  EXPECT_THAT(with([](auto &t) { t.box[0] = 128; }), HasSubstr("exceeds the swizzle span"));
  EXPECT_THAT(with([](auto &t) { t.box[0] = 4; }), HasSubstr("not a multiple of 16"));
  EXPECT_THAT(with([](auto &t) { t.sizes[0] = 0; }), HasSubstr("size 0"));
  EXPECT_THAT(with([](auto &t) { t.swizzleBytes = 16; }), HasSubstr("swizzle"));
}

const char *const kCopy = R"(.version 8.0
.target sm_90a
.address_size 64
.visible .entry tile(.param .align 64 .b8 from[128], .param .align 64 .b8 to[128], .param .u32 x, .param .u32 y)
{
.reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %d<9>;
.shared .align 1024 .b8 smem[4096];
.shared .align 8 .b8 bar[8];
mov.b64 %d0, from; cvta.param.u64 %d1, %d0; mov.b64 %d0, to; cvta.param.u64 %d2, %d0;
ld.param.b32 %r0, [x]; ld.param.b32 %r1, [y];
mbarrier.init.shared.b64 [bar], 1;
fence.mbarrier_init.release.cluster;
mbarrier.arrive.expect_tx.shared.b64 _, [bar], 1024;
cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [smem], [%d1, {%r0, %r1}], [bar];
W: mbarrier.try_wait.parity.shared.b64 %p0, [bar], 0;
@!%p0 bra W;
cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%d2, {%r0, %r1}], [smem];
cp.async.bulk.commit_group;
cp.async.bulk.wait_group 0;
ret;
}
)";

/// A box of 8 rows x 64 bf16 in, and out again with another swizzle: what comes back shows how the
/// tile lay in shared memory; coordinates reach over both edges of the 60 x 20 tensor.
TEST(Tma, swizzle_fill_and_clipping) {
  for (int swizzle : {128, 0})
    for (int x : {0, -8, 24, 56}) {
      for (int y : {0, -3, 16}) {
        auto d = createSimulatorDriver({});
        std::vector<uint16_t> in(64 * 20), out(64 * 20, 0xaaaa);
        for (size_t i = 0; i < in.size(); ++i)
          in[i] = static_cast<uint16_t>(i + 1);
        DevicePtr from = d->allocate(in.size() * 2), to = d->allocate(out.size() * 2);
        d->copyToDevice(from, in.data(), in.size() * 2, 0);
        d->copyToDevice(to, out.data(), out.size() * 2, 0);
        TensorMapDesc t;
        t.type = TensorMapType::BF16;
        t.rank = 2;
        t.sizes = {60, 20};
        t.stridesBytes = {128};
        t.box = {64, 8};
        t.swizzleBytes = 128;
        t.address = from;
        TensorMap a = d->encodeTensorMap(t);
        t.swizzleBytes = swizzle;
        t.address = to;
        TensorMap b = d->encodeTensorMap(t);
        auto module = d->loadModule(kCopy, "copy");
        auto kernel = d->getKernel(*module, "tile");
        void *params[] = {&a, &b, &x, &y};
        d->launch(*kernel, {}, params, 4, 0);
        d->copyToHost(out.data(), to, out.size() * 2, 0);
        for (int row = 0; row < 20; ++row)
          for (int col = 0; col < 64; ++col) {
            uint16_t want = 0xaaaa;
            int r = row - y, c = col - x;
            if (r >= 0 && r < 8 && c >= 0 && c < 64 && col < 60) {
              // Without a swizzle on the way out, 16-byte chunk j of row r holds chunk j ^ r of the
              // box.
              int sc = swizzle ? c : ((c / 8) ^ (r % 8)) * 8 + c % 8;
              int gx = x + sc;
              want = gx >= 0 && gx < 60 ? in[row * 64 + gx] : 0;
            }
            ASSERT_EQ(out[row * 64 + col], want)
                << "row " << row << " column " << col << " x " << x << " y " << y;
          }
      }
    }
}

TEST(Launch, is_validated) {
  auto d = createSimulatorDriver({});
  auto module = d->loadModule(kCopy, "copy");
  EXPECT_THAT(messageOf([&] { d->getKernel(*module, "nope"); }), HasSubstr("it has: tile"));
  auto kernel = d->getKernel(*module, "tile");
  EXPECT_THAT(kernel->parameterSizes(), testing::ElementsAre(128, 128, 4, 4));
  LaunchConfig c;
  int zero = 0;
  TensorMap map{};
  void *params[] = {&map, &map, &zero, &zero};
  EXPECT_THAT(messageOf([&] { d->launch(*kernel, c, params, 3, 0); }),
              HasSubstr("3 parameters given, 4 expected"));
  EXPECT_THAT(messageOf([&] { d->launch(*kernel, c, params, 4, 0); }),
              HasSubstr("no tensor map of this driver"));
  c.block = {2048, 1, 1};
  EXPECT_THAT(messageOf([&] { d->launch(*kernel, c, params, 4, 0); }), HasSubstr("2048 threads"));
  c.block = {32, 1, 1};
  c.cluster = {2, 1, 1};
  EXPECT_THAT(messageOf([&] { d->launch(*kernel, c, params, 4, 0); }),
              HasSubstr("multiple of the cluster"));
  c.cluster = {1, 1, 1};
  c.sharedBytes = 100000;
  EXPECT_THAT(messageOf([&] { d->launch(*kernel, c, params, 4, 0); }),
              HasSubstr("setMaxSharedBytes allowed"));
  EXPECT_THAT(messageOf([&] { d->setMaxSharedBytes(*kernel, 300000); }),
              HasSubstr("allows 232448 B"));
}

TEST(Launch, target_must_fit_the_device) {
  SimulatorOptions o;
  o.computeMajor = 8;
  auto d = createSimulatorDriver(o);
  EXPECT_THAT(messageOf([&] { d->loadModule(kCopy, "copy"); }),
              HasSubstr("sm_90a does not run on"));
}

/// Damaged texts, each of which once hung, overflowed or took all memory.
TEST(Launch, damaged_texts_are_refused) {
  auto d = createSimulatorDriver({});
  auto load = [&](const std::string &text) {
    return messageOf([&] { d->loadModule(".version 8.0\n.target sm_90a\n" + text, "m.ptx"); });
  };
  auto body = [&](const std::string &text) { return load(".entry k()\n{\n" + text + "\nret;\n}"); };
  EXPECT_THAT(load(".global .attribute(.managed"), HasSubstr("m.ptx:3: expected ')'"));
  EXPECT_THAT(load(".entry k()\n{\n.loc 1 2 3"), HasSubstr("no closing brace"));
  EXPECT_THAT(load(".global .align 3 .b8 x;"), HasSubstr(".align is 3; expected a power of two"));
  EXPECT_THAT(load(".global .align 0 .b8 x;"), HasSubstr("expected 1 to 65536"));
  EXPECT_THAT(load(".global .b12 x;"), HasSubstr("unsupported type '.b12'"));
  EXPECT_THAT(load(".global .b8 x[-1];"), HasSubstr("an array size is -1"));
  EXPECT_THAT(load(".global .b64 x[4294967296][4294967296];"), HasSubstr("elements"));
  EXPECT_THAT(load(".global .b8 x[1000000000] = {1};"), HasSubstr("initialiser"));
  EXPECT_THAT(load(".entry k()\n.reqntid 65536, 65536, 1\n{ ret; }"),
              HasSubstr("a count is 65536"));
  EXPECT_THAT(load(".entry k(.param .b8 p[100000])\n{ ret; }"),
              HasSubstr("100000 bytes of parameters"));
  EXPECT_THAT(body(".shared .b8 s[300000];"), HasSubstr("300000 bytes of static shared memory"));
  EXPECT_THAT(body(".local .b8 s[1000000];"), HasSubstr("bytes of local memory"));
  EXPECT_THAT(body("mov.b32 " + std::string(100000, '[')), HasSubstr("nested deeper than 8"));
  EXPECT_THAT(body("mov.b32 " + std::string(100000, '!')), HasSubstr("nested deeper than 8"));
  EXPECT_THAT(body(".reg .b32 %a<1000000>;"), HasSubstr("out of range"));
  EXPECT_THAT(body(".reg .b32 %a<100000>;\n.reg .b32 %b<100000>;"), HasSubstr("out of range"));
}

TEST(Streams, capture_and_replay) {
  auto d = createSimulatorDriver({});
  StreamHandle s = d->createStream();
  DevicePtr p = d->allocate(16);
  unsigned char host[16] = {};
  d->fill(p, 1, 16, s);
  d->beginCapture(s);
  EXPECT_TRUE(d->isCapturing(s));
  d->fill(p, 2, 16, s);
  EXPECT_THAT(messageOf([&] { d->synchronize(s); }), HasSubstr("captured"));
  GraphHandle g = d->endCapture(s);
  d->copyToHost(host, p, 16, s);
  EXPECT_EQ(host[0], 1);
  EventHandle a = d->createEvent(), b = d->createEvent();
  d->recordEvent(a, s);
  d->launchGraph(g, s);
  d->recordEvent(b, s);
  EXPECT_GE(d->elapsedMs(a, b), 0.0);
  d->copyToHost(host, p, 16, s);
  EXPECT_EQ(host[15], 2);
  d->destroyGraph(g);
  EXPECT_THAT(messageOf([&] { d->launchGraph(g, s); }), HasSubstr("does not exist"));
  d->destroyEvent(a);
  d->destroyEvent(b);
  d->destroyStream(s);
}

} // namespace
