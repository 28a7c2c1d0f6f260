#include "TestArtifact.h"

#include <sstream>

using namespace mpgemm;
using namespace mpgemm::test;
using Json = nlohmann::ordered_json;

namespace {

std::string manifestText() { return readManifestText(vectorAddPath()); }

/// The value that a JSON pointer names. (Json's own operator[] for pointers is rejected by clang
/// with the standard library of gcc 12: it instantiates a deprecated comparison.)
Json &valueAt(Json &root, const std::string &pointer) {
  Json *value = &root;
  std::istringstream names(pointer);
  std::string name;
  std::getline(names, name, '/'); // what stands before the first slash: nothing
  while (std::getline(names, name, '/'))
    value = value->is_array() ? &value->at(std::stoul(name)) : &(*value)[name];
  return *value;
}

/// The message after one value of the manifest, named by a JSON pointer, was replaced.
std::string messageAfter(const std::string &pointer, const Json &value) {
  Json manifest = Json::parse(manifestText());
  valueAt(manifest, pointer) = value;
  return messageOf([&] { readManifest(manifest.dump(), "m.ptx"); });
}

std::string messageWithout(const std::string &parent, const std::string &key) {
  Json manifest = Json::parse(manifestText());
  valueAt(manifest, parent).erase(key);
  return messageOf([&] { readManifest(manifest.dump(), "m.ptx"); });
}

Json map() {
  return Json::parse(R"({"tensormap": {"place": {"buffer": 0, "offset": 0}, "type": "bf16",
    "sizes": [64, "s0"], "strides": [128], "box": [64, 64], "swizzle": 128, "l2_promotion": 128}})");
}

/// The manifest with a tensor map as the first parameter of the first launch of `main`.
std::string messageWithMap(const Json &argument) {
  Json manifest = Json::parse(manifestText());
  Json kernel = manifest["kernels"][0];
  kernel["name"] = "mapped";
  kernel["parameters"][0] = "tensormap";
  manifest["kernels"].push_back(kernel);
  Json &variant = manifest["functions"][1]["steps"][1]["variants"][0];
  variant["kernel"] = 1;
  variant["arguments"][0] = argument;
  return messageOf([&] { readManifest(manifest.dump(), "m.ptx"); });
}

} // namespace

TEST(Manifest, ReadsTheArtifactMadeByHand) {
  Manifest manifest = readManifest(manifestText(), "m.ptx");
  EXPECT_EQ(manifest.target, "sm_80");
  ASSERT_EQ(manifest.functions.size(), 5u);
  int index = manifest.findFunction("main");
  ASSERT_EQ(index, 1);
  const Function &function = manifest.functions[1];
  EXPECT_EQ(function.symbols, std::vector<std::string>{"s0"});
  ASSERT_EQ(function.steps.size(), 3u);
  EXPECT_EQ(function.steps[1].variants[0].arguments[4].number, 1.0f);
  EXPECT_EQ(manifest.functions[3].arguments[0].alias, 0);
  EXPECT_EQ(manifest.findFunction("absent"), -1);
}

TEST(Manifest, AnotherFormatIsRefusedByVersion) {
  EXPECT_EQ(messageAfter("/format", 2), "m.ptx: format is 2; this reader reads format 1");
}

TEST(Manifest, MistakesNameFilePathAndBothValues) {
  struct Case {
    const char *pointer;
    Json value;
    const char *message;
  };
  const Case cases[] = {
      {"/image_sha256", "abc",
       "m.ptx: image_sha256 is \"abc\"; expected a SHA-256 as 64 lower-case hex digits"},
      {"/surprise", 1,
       "m.ptx: the manifest has the unknown key 'surprise'; known are format, compiler, target, "
       "image_sha256, constants_file, constants, kernels, functions"},
      {"/constants_file/name", "../x",
       "m.ptx: constants_file.name is \"../x\"; expected a file name without a directory"},
      {"/constants/0/bytes", 31, "m.ptx: constants[0].bytes is 31, but shape and type make 32"},
      {"/constants/0/type", "f31",
       "m.ptx: constants[0].type is the element type 'f31'; known are f64, f32, f16, bf16, "
       "f8E4M3FN, f8E5M2, f8E8M0FNU, i64, i32, i16, i8, u8, i1"},
      {"/constants/0/source", "net",
       "m.ptx: constants[0].source is 'net'; expected 'file' or 'init'"},
      {"/constants/1/name", "base",
       "m.ptx: constants[1].name is 'base', which an earlier element has too"},
      {"/constants/0/source", "init",
       "m.ptx: constants[0] has source 'init', but no function 'init' has a result 'base'"},
      {"/kernels/0/block/0", 0,
       "m.ptx: kernels[0].block[0] is 0; expected an integer from 1 to 1024"},
      {"/kernels/0/block", Json::array({32, 64, 1}),
       "m.ptx: kernels[0].block makes 2048 threads; a CTA has at most 1024"},
      {"/kernels/0/cluster", Json::array({16, 2, 1}),
       "m.ptx: kernels[0].cluster makes 32 CTAs; a cluster has at most 16"},
      {"/kernels/0/parameters/0", "f64",
       "m.ptx: kernels[0].parameters[0] is 'f64'; expected tensormap, pointer, i64, i32 or f32"},
      {"/functions/1/arguments/0/shape/0", "s 0",
       "m.ptx: functions[1].arguments[0].shape[0] is \"s 0\"; expected a size or a symbol of "
       "letters, digits and underscores"},
      {"/functions/1/arguments/0/shape/0", -1,
       "m.ptx: functions[1].arguments[0].shape[0] is -1; expected an integer from 0 to "
       "281474976710656"},
      {"/functions/1/results/0/shape/0", "s1",
       "m.ptx: functions[1].results[0].shape[0] names the symbol 's1', which no argument binds; "
       "known are device.multiprocessors, s0"},
      {"/functions/1/buffers/0/index", 2,
       "m.ptx: functions[1].buffers[0].index is 2, but there are 2 arguments"},
      {"/functions/1/buffers/0/kind", "heap",
       "m.ptx: functions[1].buffers[0].kind is 'heap'; expected argument, result, constant or "
       "arena"},
      {"/functions/1/steps/1/op", "call",
       "m.ptx: functions[1].steps[1].op is 'call'; expected launch, copy, fill or assert"},
      {"/functions/1/steps/1/variants", Json::array(),
       "m.ptx: functions[1].steps[1].variants is empty"},
      {"/functions/1/steps/1/variants/0/kernel", 1,
       "m.ptx: functions[1].steps[1].variants[0].kernel is 1, but there are 1 kernels"},
      {"/functions/1/steps/1/variants/0/grid", Json::array({1, 1}),
       "m.ptx: functions[1].steps[1].variants[0].grid has 2 elements; expected 3"},
      {"/functions/1/steps/1/variants/0/arguments", Json::array(),
       "m.ptx: functions[1].steps[1].variants[0].arguments has 0 elements, but kernel 'add_scaled' "
       "takes 5"},
      {"/functions/1/steps/1/variants/0/arguments/1", Json::parse(R"({"value": 1})"),
       "m.ptx: functions[1].steps[1].variants[0].arguments[1] has the key 'value', but the "
       "kernel's "
       "parameter is pointer, which takes 'pointer'"},
      {"/functions/1/steps/1/variants/0/arguments/1/pointer/buffer", 4,
       "m.ptx: functions[1].steps[1].variants[0].arguments[1].pointer.buffer is 4, but there are 4 "
       "buffers"},
      {"/functions/3/arguments/0/inout_result", 1,
       "m.ptx: functions[3].arguments[0].inout_result is 1; expected an integer from 0 to 0"},
      {"/functions/3/arguments/1/inout_result", 0,
       "m.ptx: functions[3].arguments[1].inout_result is 0, which argument 0 names already"},
      {"/functions/4/steps/0/value", 256,
       "m.ptx: functions[4].steps[0].value is 256; expected an integer from 0 to 255"},
      {"/functions/4/steps/0/to/buffer", 0,
       "m.ptx: functions[4].steps[0].to writes argument 0 'x', which has no inout_result"},
      {"/functions/0/results/0/name", "thrice",
       "m.ptx: functions[0].results[0].name is 'thrice', which no constant with source 'init' has"},
      {"/functions/0/results/0/shape/0", 9,
       "m.ptx: functions[0].results[0] differs in type or shape from the constant 'twice'"},
      {"/functions", 3, "m.ptx: functions is 3; expected a list"},
      {"/kernels/0", nullptr, "m.ptx: kernels[0] is null; expected an object"},
  };
  for (const Case &c : cases)
    EXPECT_EQ(messageAfter(c.pointer, c.value), c.message) << c.pointer << " = " << c.value;
}

TEST(Manifest, EveryRequiredKeyIsMissed) {
  for (const char *key :
       {"compiler", "target", "image_sha256", "constants", "kernels", "functions"})
    EXPECT_EQ(messageWithout("", key), std::string("m.ptx: the manifest lacks '") + key + "'");
  EXPECT_EQ(messageWithout("/kernels/0", "block"), "m.ptx: kernels[0] lacks 'block'");
  EXPECT_EQ(messageWithout("/functions/1/steps/1", "op"),
            "m.ptx: functions[1].steps[1] lacks 'op'");
  EXPECT_EQ(messageWithout("", "constants_file"),
            "m.ptx: constants[0] has source 'file', but there is no constants_file");
}

TEST(Manifest, TensorMapRules) {
  EXPECT_EQ(messageWithMap(map()), "(no error)");
  const std::string at = "m.ptx: functions[1].steps[1].variants[0].arguments[0].tensormap.";
  auto with = [&](const char *key, const Json &value) {
    Json argument = map();
    argument["tensormap"][key] = value;
    return messageWithMap(argument);
  };
  EXPECT_EQ(with("swizzle", 48), at + "swizzle is 48; expected 0, 32, 64, 128");
  EXPECT_EQ(with("swizzle", 64),
            at + "box has an inner side of 128 bytes, more than the swizzle of 64");
  EXPECT_EQ(with("box", Json::array({4, 64})),
            at + "box has an inner side of 8 bytes; it must be a multiple of 16");
  EXPECT_EQ(with("box", Json::array({64, 257})),
            at + "box[1] is 257; expected an integer from 1 to 256");
  EXPECT_EQ(with("strides", Json::array()),
            at + "strides has 0 elements; expected 1, one for each dimension but the innermost");
  EXPECT_EQ(with("sizes", Json::array()), at + "sizes has 0 dimensions; a tensor map has 1 to 5");
}

TEST(Manifest, LayersAreRead) {
  Function function = readManifest(manifestText(), "m.ptx").functions[1];
  ASSERT_EQ(function.layers.size(), 2u);
  EXPECT_EQ(function.layers[1].name, "main.1");
  EXPECT_EQ(function.layers[1].step, 2);
  EXPECT_EQ(function.layers[1].a.values.place.buffer, 3);
  ASSERT_EQ(function.layers[1].results.size(), 1u);
  EXPECT_EQ(function.layers[1].results[0].values.place.buffer, 2);
  EXPECT_FALSE(function.layers[1].results[0].scale);
  EXPECT_FALSE(function.layers[1].b);
  ASSERT_TRUE(function.layers[0].b);
  EXPECT_EQ(function.layers[0].b->values.place.buffer, 1);
}

TEST(Manifest, LayerMistakes) {
  const std::string at = "m.ptx: functions[1].layers[1]";
  auto with = [](const char *pointer, const Json &value) {
    return messageAfter(std::string("/functions/1/layers/1") + pointer, value);
  };
  EXPECT_EQ(with("/name", "main.0"), at + ".name is 'main.0', which an earlier element has too");
  EXPECT_EQ(with("/name", ""), at + ".name is empty");
  EXPECT_EQ(with("/step", 3), at + ".step is 3, but there are 3 steps");
  EXPECT_EQ(with("/step", 0), at + ".step is 0, which is no launch");
  EXPECT_EQ(with("/a/place/buffer", 9), at + ".a.place.buffer is 9, but there are 4 buffers");
  EXPECT_THAT(with("/a/type", "f4"), ::testing::StartsWith(at + ".a.type is the element type"));
  EXPECT_THAT(with("/a/surprise", 1), ::testing::HasSubstr("unknown key 'surprise'"));
  EXPECT_EQ(messageWithout("/functions/1/layers/1", "results"), at + " lacks 'results'");
  Json scale = Json::parse(R"({"place": {"buffer": 3}, "type": "f32", "shape": ["s0", 1]})");
  EXPECT_EQ(with("/results/0/scale", scale), "(no error)");
  scale["shape"] = Json::array({1});
  EXPECT_EQ(with("/results/0/scale", scale),
            at +
                ".results[0].scale.shape has 1 dimensions; expected 2, as many as the values have");
  scale["shape"] = Json::array({1, 1});
  scale["type"] = "i8";
  EXPECT_EQ(with("/results/0/scale", scale),
            at + ".results[0].scale.type is i8; a scale is a floating-point number");
  Json layers = Json::parse(manifestText())["functions"][1]["layers"];
  EXPECT_EQ(messageAfter("/functions/1/layers", Json::array({layers[1], layers[0]})),
            at + ".step is 1, before that of the layer ahead; layers stand in the order of their "
                 "steps");
}

TEST(Manifest, TextThatIsNotJson) {
  EXPECT_THAT(messageOf([] { readManifest("{\"format\": 1,", "m.ptx"); }),
              ::testing::StartsWith("m.ptx: not valid JSON: parse error at line 1, column 14"));
  EXPECT_THAT(messageOf([] { readManifest(std::string(100000, '['), "m.ptx"); }),
              ::testing::StartsWith("m.ptx: JSON is nested deeper than 64 levels at byte 64"));
  EXPECT_THAT(messageOf([] { readManifest("{\"format\": \"\xff\"}", "m.ptx"); }),
              ::testing::StartsWith("m.ptx: not valid JSON: "));
}

// Cuts and flips of a valid manifest are refused or read, and never crash.
TEST(Manifest, DamagedTextNeverCrashes) {
  std::string text = manifestText();
  uint64_t state = 7;
  for (int i = 0; i < 2000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::string damaged = text;
    size_t at = size_t(state >> 33) % text.size();
    if (i % 2)
      damaged.resize(at);
    else
      damaged[at] = char(32 + (state >> 20) % 95);
    try {
      readManifest(damaged, "m.ptx");
    } catch (const Error &error) {
      ASSERT_EQ(error.kind(), ErrorKind::InvalidArtifact) << error.what();
    }
  }
}
