//===- CompareLayersTest.cpp - Deviations, and which layers meet --------------===//
#include "CompareLayers.h"
#include "TestTensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace mpgemm;
using namespace mpgemm::run;

static HostValues f32(std::vector<int64_t> shape, const std::vector<double> &values) {
  return {tensor(ElementType::F32, std::move(shape), values), std::nullopt};
}

TEST(CompareLayers, DeviationOfKnownVectors) {
  Deviation d = measure(f32({4}, {3, 4, 0, 1}), f32({4}, {3, 4, 0, 0}));
  EXPECT_EQ(d.elements, 4);
  EXPECT_EQ(d.largestError, 1);
  EXPECT_DOUBLE_EQ(d.relativeRms, 0.2);
  EXPECT_NEAR(d.signalToNoise, 13.9794, 1e-4);
  EXPECT_NEAR(d.cosine, 5 / std::sqrt(26), 1e-12);
  EXPECT_EQ(d.notFinite, 0);
  EXPECT_FALSE(d.fittedScale);
}

TEST(CompareLayers, EqualAndZero) {
  Deviation same = measure(f32({2}, {0, 0}), f32({2}, {0, 0}));
  EXPECT_EQ(same.relativeRms, 0);
  EXPECT_TRUE(std::isinf(same.signalToNoise) && same.signalToNoise > 0);
  EXPECT_EQ(same.cosine, 1);
  Deviation noise = measure(f32({2}, {0, 1}), f32({2}, {0, 0}));
  EXPECT_TRUE(std::isinf(noise.relativeRms));
  EXPECT_TRUE(std::isinf(noise.signalToNoise) && noise.signalToNoise < 0);
  EXPECT_EQ(noise.cosine, 0);
}

TEST(CompareLayers, ElementsThatAreNotFiniteAreCounted) {
  Deviation d = measure(f32({4}, {NAN, INFINITY, NAN, 2}), f32({4}, {NAN, INFINITY, 1, 2}));
  EXPECT_EQ(d.notFinite, 1);
  EXPECT_EQ(d.largestError, 0);
}

TEST(CompareLayers, CodesAreMultipliedByTheirScale) {
  // One scale for each row and pair of columns.
  HostValues codes{tensor(ElementType::I8, {2, 4}, {1, 2, 3, 4, -1, -2, -3, -4}),
                   tensor(ElementType::F32, {2, 2}, {0.5, 2, 10, 100})};
  EXPECT_EQ(measure(codes, f32({2, 4}, {0.5, 1, 6, 8, -10, -20, -300, -400})).largestError, 0);
  EXPECT_EQ(codes.placeOf(6), "[1, 2]");
}

TEST(CompareLayers, CodesWithoutAScaleAreFitted) {
  HostValues codes{tensor(ElementType::I8, {3}, {10, -20, 40}), std::nullopt};
  Deviation d = measure(codes, f32({3}, {1, -2, 4}));
  ASSERT_TRUE(d.fittedScale);
  EXPECT_DOUBLE_EQ(*d.fittedScale, 0.1);
  EXPECT_LT(d.relativeRms, 1e-12);
  EXPECT_FALSE(measure(codes, codes).fittedScale) << "both are codes: compared as they are";
}

TEST(CompareLayers, LayersMeetByNameAndShapesMustAgree) {
  std::vector<HostLayer> got, reference;
  got.push_back({"b", f32({1}, {0}), {}, {f32({2}, {1, 2})}});
  got.push_back({"new", f32({1}, {0}), {}, {f32({1}, {1})}});
  got.push_back({"a", f32({1}, {0}), {}, {f32({2}, {1, 2}), f32({1}, {7})}});
  reference.push_back({"a", f32({1}, {0}), {}, {f32({1, 2}, {1, 2})}});
  reference.push_back({"b", f32({1}, {0}), {}, {f32({2}, {1, 4})}});
  LayerComparison comparison = compareLayers(got, reference);
  ASSERT_EQ(comparison.layers.size(), 3u);
  EXPECT_EQ(comparison.layers[0].name, "b");
  EXPECT_EQ(comparison.layers[0].deviation->largestError, 2);
  EXPECT_FALSE(comparison.layers[1].deviation);
  EXPECT_EQ(comparison.layers[1].note, "is 2xf32, in the reference 1x2xf32");
  EXPECT_THAT(comparison.layers[2].note, ::testing::HasSubstr("has 2 results, in the reference 1"));
  EXPECT_EQ(comparison.onlyHere, std::vector<std::string>{"new"});
  EXPECT_EQ(comparison.worst().second, "a") << "what cannot be compared is the worst";
}
