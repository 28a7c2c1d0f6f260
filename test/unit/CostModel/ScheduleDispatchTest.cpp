// The few schedules for every number of rows: order, coverage and how near they are to the best.
#include "mpgemm/Dialect/MPGemm/Transforms/ScheduleDispatch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

using namespace mlir::mpgemm::cost;

namespace {

ProductShape layer(int64_t n, int64_t k) {
  ProductShape shape;
  shape.n = n;
  shape.k = k;
  return shape;
}

const DispatchEntry &entryOf(const std::vector<DispatchEntry> &entries, int64_t rows) {
  return *std::find_if(entries.begin(), entries.end(),
                       [&](const DispatchEntry &entry) { return rows <= entry.upToRows; });
}

TEST(ScheduleDispatch, EntriesAscendAndTheLastTakesAllRows) {
  const auto entries = chooseDispatch(layer(14336, 4096), *findTarget("sm_90a"));
  ASSERT_GE(entries.size(), 2u);
  ASSERT_LE(entries.size(), 64u);
  for (size_t i = 1; i < entries.size(); ++i)
    EXPECT_LT(entries[i - 1].upToRows, entries[i].upToRows);
  EXPECT_EQ(entries.back().upToRows, DispatchEntry::allRows);
}

// Between the sampled numbers of rows too.
TEST(ScheduleDispatch, IsNearTheBestScheduleAtEveryNumberOfRows) {
  for (const char *name : {"sm_90a", "sm_80"}) {
    const TargetNumbers &target = *findTarget(name);
    for (auto [n, k] :
         {std::pair<int64_t, int64_t>{4096, 4096}, {14336, 4096}, {6144, 4096}, {1000, 640}}) {
      ProductShape shape = layer(n, k);
      const auto entries = chooseDispatch(shape, target);
      ASSERT_FALSE(entries.empty());
      double logs = 0;
      int64_t count = 0;
      for (int64_t rows = 1; rows <= 16384; rows += 37) {
        shape.m = rows;
        const double best = rankSchedules(shape, target).front().microseconds;
        const double chosen =
            predict(shape, entryOf(entries, rows).prediction.schedule, target).microseconds;
        EXPECT_LE(chosen, 1.25 * best) << name << " " << rows << "x" << n << "x" << k;
        logs += std::log(chosen / best);
        ++count;
      }
      EXPECT_LE(std::exp(logs / double(count)), 1.02) << name << " " << n << "x" << k;
    }
  }
}

TEST(ScheduleDispatch, HasNoMoreKernelsThanAsked) {
  DispatchOptions few;
  few.mostKernels = 2;
  std::set<std::tuple<int64_t, int64_t, int64_t>> kernels;
  for (const DispatchEntry &entry : chooseDispatch(layer(4096, 4096), *findTarget("sm_90a"), few)) {
    const Schedule &s = entry.prediction.schedule;
    kernels.emplace(s.tileM, s.tileN, s.rasterGroup);
  }
  EXPECT_EQ(kernels.size(), 2u);
}

TEST(ScheduleDispatch, OneKernelIsOneEntry) {
  DispatchOptions one;
  one.mostKernels = 1;
  EXPECT_EQ(chooseDispatch(layer(14336, 4096), *findTarget("sm_90a"), one).size(), 1u);
}

TEST(ScheduleDispatch, NothingFits) {
  ProductShape shape = layer(4096, 4096);
  shape.quantizedColumns = 4093; // no tile holds them
  EXPECT_TRUE(chooseDispatch(shape, *findTarget("sm_90a")).empty());
}

} // namespace
