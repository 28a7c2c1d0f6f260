#include "HostTensor.h"
#include "TestArtifact.h"

#include "mpgemm/Support/Npy.h"

#include <cmath>

using namespace mpgemm;
using namespace mpgemm::run;
using namespace mpgemm::test;
using ::testing::HasSubstr;

namespace {

/// A function of one argument of the given type and shape (numbers and symbols, as JSON).
Function functionOf(const std::string &type, const std::string &shape) {
  auto manifest = nlohmann::ordered_json::parse(readManifestText(vectorAddPath()));
  nlohmann::ordered_json function = {
      {"name", "main"},
      {"arguments", {{{"name", "x"}, {"type", type}, {"shape", nlohmann::json::parse(shape)}}}},
      {"results", nlohmann::json::array()},
      {"arena_bytes", 0},
      {"buffers", nlohmann::json::array()},
      {"steps", nlohmann::json::array()}};
  manifest["functions"] = nlohmann::ordered_json::array({function});
  manifest["constants"].erase(1);
  return readManifest(manifest.dump(), "m.ptx").functions[0];
}

HostTensor input(const std::string &text, const std::string &type = "f32",
                 const std::string &shape = "[\"s0\", 4]") {
  return parseInputs(functionOf(type, shape), {text})[0];
}

std::string mistake(const std::string &text, const std::string &type = "f32",
                    const std::string &shape = "[\"s0\", 4]") {
  return messageOf([&] { input(text, type, shape); });
}

std::vector<double> valuesOf(const HostTensor &tensor) {
  std::vector<double> values;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    values.push_back(decodeElement(tensor.type, tensor.at(i)));
  return values;
}

/// An .npy file of 2x2 with the given type and data.
std::string npy(ElementType type, const std::string &data) {
  std::string path = testDirectory() + "x.npy";
  writeFileAtomically(path, [&](std::ostream &out) { writeNpy(out, type, {2, 2}, data); });
  return path;
}

} // namespace

TEST(Inputs, Numbers) {
  EXPECT_EQ(valuesOf(input("2x2xf32=1.5")), (std::vector<double>{1.5, 1.5, 1.5, 1.5}));
  EXPECT_EQ(valuesOf(input("2x2xbf16=1,2 [3] 4")), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(valuesOf(input("3xi8")), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(valuesOf(input("f32=-2e3")), std::vector<double>{-2000});
  EXPECT_TRUE(input("0x4xf32=1").data.empty());
  EXPECT_THAT(mistake("2x2xf32=1,2,3"), HasSubstr("has 3 values; expected 1, or all 4"));
  EXPECT_THAT(mistake("2x2xf32=1,x"), HasSubstr("'x' is not a number"));
  EXPECT_THAT(mistake("2x2xf32="), HasSubstr("nothing stands after '='"));
  EXPECT_THAT(mistake("2x2xf31=1"), HasSubstr("--input 0 '2x2xf31=1': expected @file, SHAPExTYPE"));
  EXPECT_THAT(mistake("x.npy"), HasSubstr("expected @file"));
  EXPECT_THAT(mistake("99999999999x99999999999xf32"),
              HasSubstr("more bytes than 64 bits can count"));
}

TEST(Inputs, NpyFiles) {
  std::string floats(16, '\0');
  std::string path = npy(ElementType::F32, floats);
  EXPECT_EQ(input("@" + path).type, ElementType::F32);
  EXPECT_EQ(input("@" + path).shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(input("i32=@" + path).type, ElementType::I32);
  EXPECT_EQ(input("2x2xi32=@" + path).type, ElementType::I32);
  EXPECT_THAT(mistake("2x3xf32=@" + path), HasSubstr("has shape 2x2xf32; expected 2x3xf32"));
  EXPECT_THAT(mistake("bf16=@" + path),
              HasSubstr("has elements of 4 bytes (<f4), which cannot be taken as bf16 of 2"));
  EXPECT_THAT(mistake("@/nonexistent.npy"), HasSubstr("cannot read '/nonexistent.npy'"));
}

TEST(Inputs, RawNpyElementsAreWhatTheArgumentExpects) {
  std::string path = npy(ElementType::BF16, std::string("\x80\x3f\0\x40\x80\x3f\0\x40", 8));
  EXPECT_EQ(valuesOf(input("@" + path, "bf16")), (std::vector<double>{1, 2, 1, 2}));
  EXPECT_EQ(input("@" + path, "f16").type, ElementType::F16);
  EXPECT_THAT(mistake("@" + path, "f32"),
              HasSubstr("has raw elements of 2 bytes (<V2); expected f32"));
}

TEST(Inputs, UnsignedNpyElementsNeedATypeInFront) {
  std::string path = npy(ElementType::I16, std::string("\x80\x3f\0\x40\x80\x3f\0\x40", 8));
  std::string text = readFile(path);
  text.replace(text.find("<i2"), 3, "<u2");
  writeText(path, text);
  EXPECT_THAT(
      mistake("@" + path, "bf16"),
      HasSubstr("has elements of type '<u2'; to take their bits as another type, write it in "
                "front, as in bf16=@"));
  EXPECT_EQ(valuesOf(input("bf16=@" + path, "bf16")), (std::vector<double>{1, 2, 1, 2}));
}

TEST(Inputs, BareBytes) {
  std::string path = testDirectory() + "x.bin";
  writeText(path, std::string("\x80\x3f\0\x40", 4));
  EXPECT_EQ(valuesOf(input("2xbf16=@" + path)), (std::vector<double>{1, 2}));
  EXPECT_THAT(mistake("3xbf16=@" + path), HasSubstr("has 4 bytes, but 3xbf16 takes 6"));
  EXPECT_THAT(mistake("@" + path), HasSubstr("a file of bare bytes needs its shape and type"));
}

TEST(Inputs, RandomIsSeededAndOfTheArgumentsShape) {
  HostTensor a = input("random:seed=3", "f32", "[64, 4]");
  EXPECT_EQ(a.shape, (std::vector<int64_t>{64, 4}));
  EXPECT_EQ(a.data, input("random:seed=3", "f32", "[64, 4]").data);
  EXPECT_NE(a.data, input("random:seed=4", "f32", "[64, 4]").data);
  double sum = 0, squares = 0;
  for (double value : valuesOf(input("100x100xf64=random"))) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 10000, 0, 0.05);
  EXPECT_NEAR(squares / 10000, 1, 0.05);
  for (double value : valuesOf(input("10x10xf32=random:uniform,scale=2")))
    EXPECT_LE(std::fabs(value), 2);
  for (double value : valuesOf(input("10x10xbf16=random:int"))) {
    EXPECT_EQ(value, std::nearbyint(value));
    EXPECT_LE(std::fabs(value), 4);
  }
  EXPECT_THAT(mistake("random"),
              HasSubstr("argument 'x' is s0x4xf32, and nothing says what s0 is; write "
                        "the shape, as in 128x384xf32=random"));
  EXPECT_THAT(mistake("2x4xf32=random:sigma=2"), HasSubstr("unknown option 'sigma=2'"));
  EXPECT_THAT(mistake("2x4xf32=random:seed=x"), HasSubstr("'seed=x' has no number"));
}

TEST(Inputs, LaterArgumentsKnowEarlierSymbols) {
  Artifact artifact = loadArtifact(vectorAddPath());
  const Function &main = artifact.manifest.functions[1];
  auto inputs = parseInputs(main, {"7x4xf32=1", "random"});
  EXPECT_EQ(inputs[1].shape, (std::vector<int64_t>{7, 4}));
  EXPECT_EQ(messageOf([&] { parseInputs(main, {"random"}); }),
            "function 'main' takes 2 arguments (x: s0x4xf32, y: s0x4xf32); got 1 --input");
  // The same text gives two arguments different values.
  inputs = parseInputs(main, {"7x4xf32=random", "random"});
  EXPECT_NE(inputs[0].data, inputs[1].data);
}
