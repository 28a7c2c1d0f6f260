#include "mpgemm/Support/CheckedMath.h"

#include <gtest/gtest.h>

using namespace mpgemm;

static constexpr int64_t smallest = std::numeric_limits<int64_t>::min();
static constexpr int64_t largest = std::numeric_limits<int64_t>::max();

TEST(CheckedMath, OverflowIsReported) {
  int64_t r;
  EXPECT_FALSE(checkedAdd(largest, 1, r));
  EXPECT_FALSE(checkedSub(smallest, 1, r));
  EXPECT_FALSE(checkedMul(largest, 2, r));
  EXPECT_FALSE(checkedFloorDiv(smallest, -1, r));
  EXPECT_FALSE(checkedCeilDiv(smallest, -1, r));
  ASSERT_TRUE(checkedMul(16384, 152064, r));
  EXPECT_EQ(r, 2491416576);
}

TEST(CheckedMath, DivisionByZeroIsReported) {
  int64_t r;
  EXPECT_FALSE(checkedFloorDiv(1, 0, r));
  EXPECT_FALSE(checkedCeilDiv(1, 0, r));
  EXPECT_FALSE(checkedMod(1, 0, r));
}

TEST(CheckedMath, DivisionsRoundAsNamedForEverySign) {
  for (int64_t a = -9; a <= 9; ++a)
    for (int64_t b = -4; b <= 4; ++b) {
      if (b == 0)
        continue;
      int64_t floor, ceil, mod;
      ASSERT_TRUE(checkedFloorDiv(a, b, floor) && checkedCeilDiv(a, b, ceil) &&
                  checkedMod(a, b, mod));
      double exact = double(a) / double(b);
      EXPECT_LE(double(floor), exact);
      EXPECT_GT(double(floor) + 1, exact);
      EXPECT_GE(double(ceil), exact);
      EXPECT_LT(double(ceil) - 1, exact);
      EXPECT_EQ(floor * b + mod, a);
    }
  int64_t mod;
  ASSERT_TRUE(checkedMod(smallest, -1, mod));
  EXPECT_EQ(mod, 0);
}
