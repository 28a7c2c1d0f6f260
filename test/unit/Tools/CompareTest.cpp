#include "Compare.h"
#include "TestTensor.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

using namespace mpgemm;
using namespace mpgemm::run;
using ::testing::HasSubstr;
using ::testing::StartsWith;

static const double notANumber = std::numeric_limits<double>::quiet_NaN();
static const double infinite = std::numeric_limits<double>::infinity();

TEST(Compare, EqualByDefault) {
  HostTensor a = tensor(ElementType::F32, {2}, {1, 2}),
             b = tensor(ElementType::F32, {2}, {1, 2.25});
  EXPECT_EQ(compare("D", a, a, {}).wrong, 0);
  Comparison result = compare("D", a, b, {});
  EXPECT_EQ(result.wrong, 1);
  EXPECT_THAT(result.report, StartsWith("D[1]: got 2, expected 2.25, bound 0; 1 of 2 differ"));
}

TEST(Compare, ToleranceIsPerElement) {
  HostTensor got = tensor(ElementType::F32, {2}, {100.5, 1.5});
  HostTensor expected = tensor(ElementType::F64, {2}, {100, 1});
  Tolerance relative;
  relative.relative = 0.01;
  Comparison result = compare("D", got, expected, relative);
  EXPECT_EQ(result.wrong, 1); // a norm over both would pass
  EXPECT_THAT(result.report, StartsWith("D[1]: got 1.5, expected 1, bound 0.01"));
  Tolerance absolute;
  absolute.absolute = 0.5;
  EXPECT_EQ(compare("D", got, expected, absolute).wrong, 0);
  EXPECT_EQ(compare("D", got, expected, absolute).largestShare, 1);
}

TEST(Compare, BoundsOfTheirOwn) {
  HostTensor got = tensor(ElementType::F32, {2}, {1.25, 1.25});
  HostTensor expected = tensor(ElementType::F32, {2}, {1, 1});
  Tolerance tolerance;
  tolerance.bounds = tensor(ElementType::F64, {2}, {0.3, 0.2});
  Comparison result = compare("D", got, expected, tolerance);
  EXPECT_EQ(result.wrong, 1);
  EXPECT_THAT(result.report, HasSubstr("D[1]: got 1.25, expected 1, bound 0.2"));
}

TEST(Compare, UlpsRoundTheExpectationFirst) {
  HostTensor got = tensor(ElementType::BF16, {2}, {1.0078125, 1.015625});
  HostTensor expected = tensor(ElementType::F64, {2}, {1.001, 1.001});
  Tolerance tolerance;
  tolerance.ulps = 1;
  Comparison result = compare("D", got, expected, tolerance);
  EXPECT_EQ(result.wrong, 1);
  EXPECT_THAT(result.report, HasSubstr("D[1]: got 1.015625, expected 1.001, bound 1 ulp; 1 of 2"));
}

TEST(Compare, SpecialValuesMustBeTheSame) {
  Tolerance generous;
  generous.absolute = 1e30;
  auto wrong = [&](double got, double expected) {
    return compare("D", tensor(ElementType::F32, {1}, {got}),
                   tensor(ElementType::F32, {1}, {expected}), generous)
        .wrong;
  };
  EXPECT_EQ(wrong(notANumber, notANumber), 0);
  EXPECT_EQ(wrong(notANumber, 1), 1);
  EXPECT_EQ(wrong(1, notANumber), 1);
  EXPECT_EQ(wrong(infinite, infinite), 0);
  EXPECT_EQ(wrong(infinite, -infinite), 1);
  EXPECT_EQ(wrong(1, infinite), 1);
  EXPECT_EQ(wrong(0.0, -0.0), 0);
}

TEST(Compare, TheWindowShowsTheNeighbours) {
  std::vector<double> values(5 * 8, 1), broken = values;
  broken[2 * 8 + 3] = 9;
  Comparison result = compare("D", tensor(ElementType::F32, {5, 8}, broken),
                              tensor(ElementType::F32, {5, 8}, values), {});
  EXPECT_THAT(result.report, StartsWith("D[2,3]: got 9, expected 1, bound 0; 1 of 40 differ"));
  EXPECT_THAT(result.report, HasSubstr("from [1,1]"));
  EXPECT_THAT(result.report, HasSubstr("from [3,1]"));
  EXPECT_THAT(result.report, HasSubstr("9*"));
}
