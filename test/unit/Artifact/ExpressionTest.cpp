#include "ExpressionParser.h"
#include "TestArtifact.h"

using namespace mpgemm;
using namespace mpgemm::test;
using ::testing::HasSubstr;

namespace {

/// Parses `text` over the symbols m and n and two buffers, and evaluates it.
struct Harness {
  std::vector<std::string> symbols{"m", "n"};
  std::vector<AlignmentQuery> queries;

  Expression parse(const std::string &text) {
    JsonReader json = JsonReader::parse(text, "model.ptx");
    ExpressionParser parser(symbols, queries);
    parser.allowBuffers(2);
    return parser.parse(json);
  }
  int64_t evaluate(const std::string &text, int64_t m = 0, int64_t n = 0) {
    Expression expression = parse(text);
    int64_t values[] = {m, n};
    std::vector<uint8_t> alignments(queries.size(), 1);
    ExpressionValues environment;
    environment.symbols = values;
    environment.alignments = alignments.data();
    environment.multiprocessors = 132;
    return expression.evaluate(environment);
  }
};

} // namespace

TEST(Expression, Leaves) {
  Harness h;
  EXPECT_EQ(h.evaluate("42"), 42);
  EXPECT_EQ(h.evaluate("\"n\"", 3, 5), 5);
  EXPECT_EQ(h.evaluate("\"device.multiprocessors\""), 132);
}

TEST(Expression, Operators) {
  Harness h;
  EXPECT_EQ(h.evaluate(R"(["add", 1, 2, 3, "m"])", 10), 16);
  EXPECT_EQ(h.evaluate(R"(["mul", 2, ["sub", "m", "n"]])", 3, 10), -14);
  EXPECT_EQ(h.evaluate(R"(["floordiv", -7, 2])"), -4);
  EXPECT_EQ(h.evaluate(R"(["ceildiv", 129, 128])"), 2);
  EXPECT_EQ(h.evaluate(R"(["ceildiv", -7, 2])"), -3);
  EXPECT_EQ(h.evaluate(R"(["mod", -7, 4])"), 1);
  EXPECT_EQ(h.evaluate(R"(["min", 4, 2, 3])"), 2);
  EXPECT_EQ(h.evaluate(R"(["max", 4, 2, 5])"), 5);
  EXPECT_EQ(h.evaluate(R"(["and", 2, 3])"), 1);
  EXPECT_EQ(h.evaluate(R"(["and", 2, 0, 1])"), 0);
  EXPECT_EQ(h.evaluate(R"(["or", 0, 0])"), 0);
  EXPECT_EQ(h.evaluate(R"(["or", 0, 7])"), 1);
  EXPECT_EQ(h.evaluate(R"(["not", 7])"), 0);
  EXPECT_EQ(h.evaluate(R"(["le", "m", "n"])", 3, 3), 1);
  EXPECT_EQ(h.evaluate(R"(["gt", "m", "n"])", 3, 3), 0);
}

TEST(Expression, SelectEvaluatesOnlyItsBranch) {
  Harness h;
  EXPECT_EQ(h.evaluate(R"(["select", ["eq", "m", 0], 7, ["floordiv", 10, "m"]])", 0), 7);
  EXPECT_EQ(h.evaluate(R"(["select", ["eq", "m", 0], 7, ["floordiv", 10, "m"]])", 5), 2);
  EXPECT_EQ(h.evaluate(R"(["add", ["select", 0, 1, ["select", 1, 2, 3]], 10])"), 12);
}

TEST(Expression, OverflowNamesThePlaceAndTheValues) {
  Harness h;
  EXPECT_EQ(
      messageOf([&] { h.evaluate(R"(["mul", "m", 8])", int64_t(1) << 62); }),
      "model.ptx: the manifest: mul(4611686018427387904, 8) does not fit 64 bits in mul(m, 8)");
  EXPECT_EQ(messageOf([&] { h.evaluate(R"(["mod", 5, "m"])", 0); }),
            "model.ptx: the manifest: mod(5, 0) divides by zero in mod(5, m)");
}

TEST(Expression, NegativeSizeIsRefused) {
  Harness h;
  Expression expression = h.parse(R"(["sub", "m", 5])");
  int64_t values[] = {3, 0};
  ExpressionValues environment;
  environment.symbols = values;
  EXPECT_EQ(messageOf([&] { expression.evaluateSize(environment, "size"); }),
            "model.ptx: the manifest: the size sub(m, 5) is -2; it must not be negative");
}

TEST(Expression, AlignmentQueriesAreSharedByValue) {
  Harness h;
  h.parse(R"(["and", ["aligned", 0, 16], ["aligned", 1, 16], ["aligned", 0, 16]])");
  EXPECT_EQ(h.queries.size(), 2u);
}

TEST(Expression, MistakesAreNamed) {
  Harness h;
  auto mistake = [&](const std::string &text) { return messageOf([&] { h.parse(text); }); };
  EXPECT_THAT(mistake("\"k\""),
              HasSubstr("names the symbol 'k', which no argument binds; known are "
                        "device.multiprocessors, m, n"));
  EXPECT_THAT(mistake(R"(["pow", 2, 3])"), HasSubstr("[0] names the operator 'pow'; known are"));
  EXPECT_THAT(mistake(R"(["sub", 2])"), HasSubstr("gives 'sub' 1 operands; it takes 2"));
  EXPECT_THAT(mistake(R"(["select", 2, 3])"), HasSubstr("takes a condition and two values"));
  EXPECT_THAT(mistake(R"(["aligned", 2, 16])"),
              HasSubstr("[1] is 2; expected an integer from 0 to 1"));
  EXPECT_THAT(mistake("[]"), HasSubstr("is an empty list"));
  EXPECT_THAT(mistake("1.5"), HasSubstr("is 1.5; expected an integer"));
  EXPECT_THAT(mistake("99999999999999999999"), HasSubstr("expected an integer"));
  EXPECT_THAT(mistake("18446744073709551615"), HasSubstr("expected an integer of 64 bits"));
}

TEST(Expression, DeepestNestingEvaluates) {
  Harness h;
  std::string text = "1";
  for (int i = 0; i < maxManifestDepth; ++i)
    text = "[\"add\", 1, " + text + "]";
  EXPECT_EQ(h.evaluate(text), maxManifestDepth + 1);
  EXPECT_THAT(messageOf([&] { h.evaluate("[\"add\", 1, " + text + "]"); }),
              HasSubstr("nested deeper than 64 levels"));
}
