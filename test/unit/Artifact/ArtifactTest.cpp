#include "TestArtifact.h"

using namespace mpgemm;
using namespace mpgemm::test;
using ::testing::HasSubstr;

TEST(Artifact, LoadsTheOneMadeByHand) {
  Artifact artifact = loadArtifact(vectorAddPath());
  EXPECT_FALSE(artifact.isCubin);
  EXPECT_EQ(artifact.image.substr(0, 8), ".version");
  ASSERT_TRUE(artifact.constants);
  EXPECT_EQ(artifact.constants->tensors().count("base"), 1u);
}

TEST(Artifact, NotAnArtifact) {
  std::string path = testDirectory() + "plain.ptx";
  writeText(path, ".version 8.0\n");
  EXPECT_EQ(messageOf([&] { loadArtifact(path); }),
            path +
                ": not an mpgemm artifact: line 1 is '.version 8.0'; expected '// mpgemm-artifact "
                "1' (written by mpgemm-opt --emit=ptx)");
  writeText(path, "");
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }), HasSubstr("line 1 is ''"));
  EXPECT_THAT(messageOf([] { loadArtifact("/nonexistent.ptx"); }),
              HasSubstr("cannot read '/nonexistent.ptx': No such file"));
}

TEST(Artifact, OtherVersionIsNamed) {
  std::string path = testDirectory() + "next.ptx";
  writeText(path, "// mpgemm-artifact 2\n// {}\n// mpgemm-artifact end\n");
  EXPECT_EQ(messageOf([&] { loadArtifact(path); }),
            path + ": artifact of format '2'; this reader reads format 1");
}

// Every length of the file but the whole is refused.
TEST(Artifact, TruncatedAnywhereIsRefused) {
  std::string whole = readFile(vectorAddPath());
  std::string directory = testDirectory(), path = directory + "cut.ptx";
  writeText(directory + "vector-add.safetensors", readFile(inputPath("vector-add.safetensors")));
  writeText(path, whole);
  EXPECT_EQ(messageOf([&] { loadArtifact(path); }), "(no error)");
  for (size_t length = 0; length < whole.size(); length += 61) {
    writeText(path, whole.substr(0, length));
    ASSERT_NE(messageOf([&] { loadArtifact(path); }), "(no error)") << length << " bytes";
  }
  writeText(path, whole.substr(0, 500));
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }),
              HasSubstr("truncated: the manifest has no end line"));
}

TEST(Artifact, ChangedPtxIsRefusedByItsHash) {
  std::string text = readFile(vectorAddPath());
  size_t at = text.find("fma.rn.f32");
  text.replace(at, 10, "mul.rn.f32");
  std::string path = testDirectory() + "changed.ptx";
  writeText(path, text);
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }), HasSubstr("the PTX text has SHA-256"));
}

TEST(Artifact, KernelMissingInThePtx) {
  std::string path =
      writeVariation([](auto &manifest) { manifest["kernels"][0]["name"] = "add_scale"; });
  EXPECT_EQ(messageOf([&] { loadArtifact(path); }),
            path + ": kernels[0] names 'add_scale', but the image has no such kernel");
}

TEST(Artifact, TargetDiffersFromThePtx) {
  std::string path = writeVariation([](auto &manifest) { manifest["target"] = "sm_90a"; });
  EXPECT_EQ(messageOf([&] { loadArtifact(path); }),
            path + ": target is 'sm_90a', but the PTX text's is 'sm_80'");
}

TEST(Artifact, ConstantsOfAnotherArtifact) {
  std::string path = writeVariation([](auto &) {});
  std::string weights = directoryOf(path) + "vector-add.safetensors";
  std::string data = readFile(weights);
  data.back() ^= 1;
  writeText(weights, data);
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }), HasSubstr("it belongs to another artifact"));
  EXPECT_EQ(std::remove(weights.c_str()), 0);
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }),
              HasSubstr("cannot read '" + weights + "': No such file"));
}

TEST(Artifact, ConstantsAgainstTheirFile) {
  std::string path =
      writeVariation([](auto &manifest) { manifest["constants"][0]["shape"] = {4, 2}; });
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }),
              HasSubstr("tensor 'base' is 8xf32, but constants[0] of " + path + " is 4x2xf32"));
  path = writeVariation([](auto &manifest) { manifest["constants"][0]["name"] = "bias"; });
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }), HasSubstr("has no tensor 'bias', which"));
}

TEST(Artifact, CubinWithItsSidecar) {
  std::string directory = testDirectory(), path = directory + "model.cubin";
  std::string image("\x7f"
                    "ELF...\0.text.add_scaled\0.nv.info",
                    34);
  auto manifest = nlohmann::json::parse(readManifestText(vectorAddPath()));
  manifest["image_sha256"] = sha256Hex(image);
  writeText(directory + "vector-add.safetensors", readFile(inputPath("vector-add.safetensors")));
  writeText(path, image);
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }), HasSubstr("model.cubin.json': No such file"));
  writeText(path + ".json", manifest.dump());
  EXPECT_TRUE(loadArtifact(path).isCubin);
  writeText(path, image + "x");
  EXPECT_THAT(messageOf([&] { loadArtifact(path); }), HasSubstr("the cubin has SHA-256"));
}
