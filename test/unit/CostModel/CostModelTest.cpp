// The cost model: what it chooses where the answer is known, and what it refuses.
#include "mpgemm/Dialect/MPGemm/Transforms/CostModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

using namespace mlir::mpgemm::cost;
using ::testing::HasSubstr;

namespace {

const TargetNumbers &sm90a() { return *findTarget("sm_90a"); }
const TargetNumbers &sm80() { return *findTarget("sm_80"); }

ProductShape product(int64_t m, int64_t n, int64_t k) {
  ProductShape shape;
  shape.m = m;
  shape.n = n;
  shape.k = k;
  return shape;
}

Schedule recipe() {
  Schedule s;
  s.tileM = 128;
  s.tileN = 256;
  s.tileK = 64;
  s.stages = 4;
  s.consumers = 2;
  s.producerRegisters = 40;
  s.consumerRegisters = 232;
  s.stagedStore = true;
  return s;
}

TEST(CostModel, UnknownTargetHasNoNumbers) {
  EXPECT_EQ(findTarget("sm_75"), nullptr);
  EXPECT_THAT(targetNames(), HasSubstr("sm_90a"));
}

TEST(CostModel, LargeSquareTakesTheMeasuredBestTile) {
  for (int64_t size : {2048, 4096, 8192}) {
    const Schedule best = rankSchedules(product(size, size, size), sm90a()).front().schedule;
    EXPECT_EQ(std::make_tuple(best.tileM, best.tileN, best.tileK), std::make_tuple(128, 256, 64))
        << size;
    EXPECT_EQ(best.stages, 4) << size;
    EXPECT_EQ(best.consumers, 2) << size;
  }
}

// Sustained on an H200: 702 and 665 TFLOP/s. The prediction has to be right within a tenth.
TEST(CostModel, PredictsTheMeasuredTimeOfTheRecipe) {
  for (auto [size, teraflops] : {std::pair<int64_t, double>{8192, 702}, {4096, 665}}) {
    const double flops = 2.0 * size * size * size;
    const double predicted =
        flops / predict(product(size, size, size), recipe(), sm90a()).microseconds * 1e-6;
    EXPECT_NEAR(predicted, teraflops, teraflops / 10) << size;
  }
}

TEST(CostModel, FewRowsSpreadOverManyMultiprocessors) {
  const Prediction best = rankSchedules(product(16, 4096, 4096), sm90a()).front();
  EXPECT_GE((4096 + best.schedule.tileN - 1) / best.schedule.tileN, 64);
  EXPECT_EQ(best.schedule.tileM, 64);
}

TEST(CostModel, StreamingOfWeightsIsBoundByMemory) {
  EXPECT_STREQ(rankSchedules(product(16, 14336, 4096), sm90a()).front().limit, "HBM");
}

TEST(CostModel, EveryRankedScheduleFits) {
  for (const TargetNumbers *target :
       {&sm90a(), &sm80(), findTarget("sm_89"), findTarget("sm_120a")})
    for (bool kMajor : {true, false})
      for (auto [m, n, k] : {std::tuple<int, int, int>{1, 1, 1}, {127, 129, 0}, {4096, 4097, 31}}) {
        ProductShape shape = product(m, n, k);
        shape.aKMajor = shape.bKMajor = kMajor;
        shape.resultBytes = {4, 2};
        const auto ranked = rankSchedules(shape, *target);
        ASSERT_FALSE(ranked.empty()) << target->name;
        for (const Prediction &p : ranked) {
          EXPECT_EQ(whyImpossible(shape, p.schedule, *target), "");
          EXPECT_LE(sharedBytes(shape, p.schedule), target->sharedBytesPerBlock);
        }
        for (size_t i = 1; i < ranked.size(); ++i)
          EXPECT_LE(ranked[i - 1].microseconds, ranked[i].microseconds);
      }
}

// f32 with f32's accuracy: two accumulators by mma.sync, in a kernel of one role on every target.
TEST(CostModel, ExactF32TakesOneRole) {
  for (const char *name : {"sm_80", "sm_89", "sm_90a", "sm_120a"}) {
    const TargetNumbers &target = *findTarget(name);
    ProductShape shape = product(4096, 4096, 4096);
    shape.aBytes = shape.bBytes = 4;
    shape.stepK = 8;
    shape.tensorRate = 1.0 / 6;
    shape.accumulators = 2;
    shape.bySingleWarps = target.warpSpecialised;
    const auto ranked = rankSchedules(shape, target);
    ASSERT_FALSE(ranked.empty()) << name;
    for (const Prediction &p : ranked) {
      EXPECT_FALSE(p.schedule.isWarpSpecialised()) << name;
      EXPECT_EQ(whyImpossible(shape, p.schedule, target), "") << name;
    }
    Schedule s = ranked.front().schedule;
    s.tileM = s.tileN = 128;
    s.warpsM = s.warpsN = 2;
    EXPECT_THAT(whyImpossible(shape, s, target), HasSubstr("256 accumulator registers")) << name;
  }
}

TEST(CostModel, OddPitchFillsByThreadsAndStoresDirectly) {
  ProductShape shape = product(512, 512, 513);
  shape.aPitchForTma = false;
  shape.resultPitchForTma = false;
  const Schedule best = rankSchedules(shape, sm90a()).front().schedule;
  EXPECT_EQ(best.fillA, Fill::threads);
  EXPECT_EQ(best.fillB, Fill::tma);
  EXPECT_FALSE(best.stagedStore);
}

// A 128-byte swizzle needs whole rows of 128 bytes of the contiguous dimension.
TEST(CostModel, NMajorBKeepsWholeSwizzleRows) {
  ProductShape shape = product(64, 96, 512);
  shape.bKMajor = false;
  for (const Prediction &p : rankSchedules(shape, sm90a()))
    EXPECT_EQ(p.schedule.tileN % 64, 0);
}

TEST(CostModel, RefusesTooMuchSharedMemoryWithNumbers) {
  Schedule s = recipe();
  s.stages = 5;
  const std::string why = whyImpossible(product(4096, 4096, 4096), s, sm90a());
  EXPECT_THAT(why, HasSubstr("128x256x64 with 5 stages needs 278688 B"));
  EXPECT_THAT(why, HasSubstr("allows 232448 B (4 stages fit)"));
}

TEST(CostModel, RefusesTilesThatTheAtomDoesNotDivide) {
  Schedule s = recipe();
  s.tileM = 96;
  EXPECT_THAT(whyImpossible(product(96, 256, 64), s, sm90a()),
              HasSubstr("tile M=96 is not a multiple of 128"));
  s = recipe();
  s.tileN = 264;
  EXPECT_THAT(whyImpossible(product(96, 256, 64), s, sm90a()),
              HasSubstr("tile N=264 is not a multiple of 8 up to 256"));
  s = recipe();
  s.tileK = 48;
  EXPECT_THAT(whyImpossible(product(96, 256, 64), s, sm90a()), HasSubstr("tile K=48"));
}

TEST(CostModel, RefusesAnAccumulatorThatLeavesNoRegisters) {
  Schedule s = recipe();
  s.consumers = 1;
  s.stages = 3;
  EXPECT_THAT(whyImpossible(product(4096, 4096, 4096), s, sm90a()),
              HasSubstr("256 accumulator registers"));
}

TEST(CostModel, RefusesTheOtherTargetsFill) {
  Schedule s = recipe();
  s.fillA = Fill::async;
  EXPECT_THAT(whyImpossible(product(4096, 4096, 4096), s, sm90a()),
              HasSubstr("sm_90a fills by tma or threads"));
}

TEST(CostModel, RefusesTmaWithAnOddPitch) {
  ProductShape shape = product(4096, 4096, 4095);
  shape.bPitchForTma = false;
  EXPECT_THAT(whyImpossible(shape, recipe(), sm90a()), HasSubstr("B is filled by tma"));
}

TEST(CostModel, EpilogueColumnsStayWithinASwizzledRow) {
  Schedule s = recipe();
  EXPECT_EQ(s.epilogueColumns(2), 64);
  EXPECT_EQ(s.epilogueColumns(4), 32);
  s.tileN = 96;
  EXPECT_EQ(s.epilogueColumns(2), 32);
  s.tileN = 16;
  EXPECT_EQ(s.epilogueColumns(2), 16);
}

ProductShape fp8(int64_t size) {
  ProductShape shape = product(size, size, size);
  shape.aBytes = shape.bBytes = 1;
  shape.tensorRate = 2;
  shape.stepK = 32;
  shape.runK = 128;
  return shape;
}

// Two accumulators of 64x256 do not fit the registers of a thread.
TEST(CostModel, SumsInTwoLevelsTakeNarrowerTiles) {
  const Schedule promoted = rankSchedules(fp8(8192), sm90a()).front().schedule;
  EXPECT_EQ(std::make_tuple(promoted.tileM, promoted.tileN, promoted.tileK),
            std::make_tuple(128, 192, 128));
  ProductShape fast = fp8(8192);
  fast.runK = 0;
  EXPECT_EQ(rankSchedules(fast, sm90a()).front().schedule.tileN, 256);
}

TEST(CostModel, TileKDividesTheRun) {
  for (auto [run, tileK] :
       {std::pair<int, int>{32, 32}, {64, 64}, {96, 32}, {128, 128}, {256, 128}}) {
    ProductShape shape = fp8(4096);
    shape.runK = run;
    EXPECT_EQ(chooseTileK(shape), tileK) << run;
    EXPECT_EQ(rankSchedules(shape, sm90a()).front().schedule.tileK, tileK) << run;
  }
}

TEST(CostModel, ScalesOfColumnsTakeRegisters) {
  ProductShape shape = fp8(4096);
  shape.aScaleRows = shape.bScaleColumns = 1;
  EXPECT_LE(rankSchedules(shape, sm90a()).front().schedule.tileN, 160);
}

} // namespace
