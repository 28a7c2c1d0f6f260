#include "mpgemm/Support/ElementType.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using namespace mpgemm;

static uint64_t encoded(ElementType type, double value) {
  uint64_t bits = 0;
  encodeElement(type, value, &bits);
  return bits;
}

static double decoded(ElementType type, uint64_t bits) { return decodeElement(type, &bits); }

static const ElementType allTypes[] = {
    ElementType::F64,      ElementType::F32,    ElementType::F16,       ElementType::BF16,
    ElementType::F8E4M3FN, ElementType::F8E5M2, ElementType::F8E8M0FNU, ElementType::I64,
    ElementType::I32,      ElementType::I16,    ElementType::I8,        ElementType::U8,
    ElementType::I1};

TEST(ElementType, NamesRoundTrip) {
  for (ElementType type : allTypes)
    EXPECT_EQ(parseElementType(elementTypeName(type)), type);
  EXPECT_FALSE(parseElementType("f4").has_value());
  EXPECT_FALSE(parseElementType("").has_value());
}

TEST(ElementType, KnownCodes) {
  EXPECT_EQ(encoded(ElementType::BF16, 1.0), 0x3F80u);
  EXPECT_EQ(encoded(ElementType::F16, 1.0), 0x3C00u);
  EXPECT_EQ(encoded(ElementType::F16, 65504), 0x7BFFu);
  EXPECT_EQ(encoded(ElementType::F16, std::ldexp(1, -24)), 0x0001u);
  EXPECT_EQ(encoded(ElementType::F8E4M3FN, 448), 0x7Eu);
  EXPECT_EQ(encoded(ElementType::F8E4M3FN, std::ldexp(1, -9)), 0x01u);
  EXPECT_EQ(encoded(ElementType::F8E5M2, 57344), 0x7Bu);
  EXPECT_EQ(encoded(ElementType::F8E5M2, -1.0), 0xBCu);
  EXPECT_EQ(decoded(ElementType::F8E4M3FN, 0x08), std::ldexp(1, -6));
}

TEST(ElementType, ExponentsAlone) {
  const ElementType type = ElementType::F8E8M0FNU;
  EXPECT_EQ(encoded(type, 1.0), 127u);
  EXPECT_EQ(encoded(type, -4.0), 129u); // no sign
  EXPECT_EQ(encoded(type, 0.0), 0u);
  EXPECT_EQ(encoded(type, 1.5), 128u); // ties to the even code
  EXPECT_EQ(encoded(type, 3.0), 128u);
  EXPECT_EQ(encoded(type, std::ldexp(1, 128)), 0xFFu);
  EXPECT_EQ(decoded(type, 0), std::ldexp(1, -127));
  EXPECT_TRUE(std::isnan(decoded(type, 0xFF)));
  const uint8_t low = 127, high = 130;
  EXPECT_EQ(ulpDistance(type, &low, &high), 3u);
}

TEST(ElementType, OverflowFollowsTheFormat) {
  EXPECT_EQ(encoded(ElementType::F16, 65519.99), 0x7BFFu);
  EXPECT_EQ(encoded(ElementType::F16, 65520), 0x7C00u);  // tie, the even code is infinity
  EXPECT_EQ(encoded(ElementType::F8E4M3FN, 464), 0x7Eu); // tie, the even code is 448
  EXPECT_EQ(encoded(ElementType::F8E4M3FN, 465), 0x7Fu);
  EXPECT_EQ(encoded(ElementType::F8E4M3FN, -1e30), 0xFFu);
  EXPECT_EQ(encoded(ElementType::F8E5M2, 1e30), 0x7Cu);
  EXPECT_EQ(encoded(ElementType::I8, 300), 127u);
  EXPECT_EQ(encoded(ElementType::I8, -300), 0x80u);
  EXPECT_EQ(encoded(ElementType::U8, -3), 0u);
}

TEST(ElementType, TiesRoundToEven) {
  EXPECT_EQ(encoded(ElementType::BF16, 1 + std::ldexp(1, -8)), 0x3F80u);
  EXPECT_EQ(encoded(ElementType::BF16, 1 + 3 * std::ldexp(1, -8)), 0x3F82u);
  EXPECT_EQ(encoded(ElementType::F16, std::ldexp(1, -25)), 0u);
  EXPECT_EQ(encoded(ElementType::F16, std::ldexp(3, -25)), 2u);
  EXPECT_EQ(encoded(ElementType::I32, 2.5), 2u);
}

TEST(ElementType, EveryCodeOfASmallFloatRoundTrips) {
  for (ElementType type :
       {ElementType::F16, ElementType::BF16, ElementType::F8E4M3FN, ElementType::F8E5M2}) {
    uint64_t codes = uint64_t(1) << (8 * elementBytes(type));
    for (uint64_t code = 0; code < codes; ++code) {
      double value = decoded(type, code);
      uint64_t back = encoded(type, value);
      if (std::isnan(value))
        ASSERT_TRUE(std::isnan(decoded(type, back)));
      else
        ASSERT_EQ(back, code) << elementTypeName(type);
    }
  }
}

TEST(ElementType, UlpDistanceCountsRepresentableValues) {
  auto distance = [](ElementType type, uint64_t a, uint64_t b) {
    return ulpDistance(type, &a, &b);
  };
  EXPECT_EQ(distance(ElementType::BF16, 0x3F80, 0x3F83), 3u);
  EXPECT_EQ(distance(ElementType::BF16, 0x8000, 0x0000), 0u);
  EXPECT_EQ(distance(ElementType::F16, 0x8001, 0x0001), 2u);
  EXPECT_EQ(distance(ElementType::I8, 0xFF, 1), 2u);
  EXPECT_EQ(distance(ElementType::F16, 0x7E00, 0x7E01), 0u);
  EXPECT_FALSE(distance(ElementType::F16, 0x7E00, 0x0001).has_value());
}
