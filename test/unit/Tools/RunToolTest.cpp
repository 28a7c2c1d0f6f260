//===- RunToolTest.cpp - mpgemm-run from its command line ---------------------===//
#include "TestArtifact.h"

#include <sys/wait.h>

using namespace mpgemm;
using namespace mpgemm::test;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

struct Outcome {
  int status;
  std::string text; ///< stdout and stderr.
};

Outcome runTool(const std::string &arguments, const std::string &libraryPath = "") {
  std::string command = (libraryPath.empty() ? "" : "LD_LIBRARY_PATH='" + libraryPath + "' ") +
                        std::string("'" MPGEMM_RUN_TOOL "' ") + arguments + " 2>&1";
  FILE *pipe = ::popen(command.c_str(), "r");
  Outcome outcome{-1, ""};
  if (!pipe)
    return outcome;
  char chunk[4096];
  while (size_t count = std::fread(chunk, 1, sizeof(chunk), pipe))
    outcome.text.append(chunk, count);
  int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

const std::string artifact = "'" MPGEMM_TEST_INPUTS "/vector-add.ptx' ";
const std::string onSim = artifact + "--device=sim ";

} // namespace

TEST(RunTool, RunsAndPrints) {
  Outcome outcome = runTool(onSim + "--input=2x4xf32=1 --input=2x4xf32=10");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_EQ(outcome.text, "result0: 2x4xf32 = 21 21 21 21 21 21 21 21\n");
}

TEST(RunTool, ExpectationsDecideTheStatus) {
  const std::string call = onSim + "--input=2x4xf32=1 --input=2x4xf32=10 ";
  Outcome outcome = runTool(call + "--expected_output=2x4xf32=21");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("[SUCCESS] result0: all 8 elements match"));
  outcome = runTool(call + "--expected_output=2x4xf32=21,21,21,21,21,21.5,21,21");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text,
              HasSubstr("[FAILED] result0[1,1]: got 21, expected 21.5, bound 0; 1 of 8 differ"));
  EXPECT_EQ(runTool(call + "--expected_output=2x4xf32=21.5 --atol=0.5").status, 0);
  EXPECT_EQ(runTool(call + "--expected_output=2x4xf32=21.5 --rtol=0.01").status, 1);
  EXPECT_EQ(runTool(call + "--expected_output=2x4xf32=21.000002 --max_ulp=1").status, 0);
  outcome = runTool(call + "--expected_output=3x4xf32=21");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("has shape 3x4xf32; the result has 2x4xf32"));
}

TEST(RunTool, OutputsComeBackAsInputs) {
  std::string file = testDirectory() + "y.npy";
  Outcome outcome = runTool(onSim + "--input=3x4xf32=random --input=random --output=@" + file);
  ASSERT_EQ(outcome.status, 0) << outcome.text;
  outcome = runTool(onSim + "--input=3x4xf32=random --input=random --expected_output=@" + file);
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  outcome = runTool(onSim + "--input=@" + file + " --input=3x4xf32=0 --expected_output=@" + file);
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  std::string bytes = testDirectory() + "y.bin";
  EXPECT_EQ(runTool(onSim + "--input=3x4xf32=1 --input=3x4xf32=0 --output=@" + bytes).status, 0);
  EXPECT_EQ(readFile(bytes).size(), 48u);
}

TEST(RunTool, ExistingOutputSurvivesAFailure) {
  std::string file = testDirectory() + "y.npy";
  writeText(file, "precious");
  EXPECT_EQ(runTool(onSim + "--input=2x4xf32=1 --input=3x4xf32=1 --output=@" + file).status, 1);
  EXPECT_EQ(readFile(file), "precious");
  Outcome outcome =
      runTool(onSim + "--input=2x4xf32=1 --input=2x4xf32=1 --output=@/nonexistent/y.npy");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("cannot write '/nonexistent/y.npy': No such file"));
}

TEST(RunTool, OtherFunctions) {
  Outcome outcome = runTool(onSim + "--function=plus_twice --input=8xf32=1");
  EXPECT_EQ(outcome.text, "result0: 8xf32 = 1 3 5 7 9 11 13 15\n");
  outcome = runTool(onSim + "--function=accumulate --input=3xf32=1 --input=3xf32=2 --graph");
  EXPECT_EQ(outcome.text, "result0: 3xf32 = 3 3 3\n");
  outcome = runTool(onSim + "--function=pad --input=1xf32=7");
  EXPECT_EQ(outcome.text, "result0: 5xf32 = 0 0 0 0 7\n");
  outcome = runTool(onSim + "--function=absent");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text,
              HasSubstr("has no function 'absent'; it has main, plus_twice, accumulate, pad"));
}

TEST(RunTool, WrongInputs) {
  Outcome outcome = runTool(onSim + "--input=2x4xf32=1 --input=2x5xf32=1");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text,
              HasSubstr("mpgemm-run: error: argument 1 'y' of 'main' is 2x5; expected "
                        "s0x4xf32: dimension 1 is 5, not 4"));
  outcome = runTool(onSim + "--input=2x4xbf16=1 --input=2x4xf32=1");
  EXPECT_THAT(outcome.text,
              HasSubstr("argument 0 'x' of 'main' has element type bf16; expected f32"));
  outcome = runTool(onSim + "--input=2x4xf32=1");
  EXPECT_THAT(outcome.text,
              HasSubstr("takes 2 arguments (x: s0x4xf32, y: s0x4xf32); got 1 --input"));
}

TEST(RunTool, ManifestAndHelpNeedNoDevice) {
  Outcome outcome = runTool(artifact + "--print-manifest");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.text, readManifestText(vectorAddPath()));
  outcome = runTool("--help");
  EXPECT_EQ(outcome.status, 0);
  for (const char *option : {"--function", "--input", "--output", "--expected_output", "--atol",
                             "--max_ulp", "--device", "--bench", "--print-manifest", "Examples:"})
    EXPECT_THAT(outcome.text, HasSubstr(option));
  outcome = runTool("--list-devices");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.text, HasSubstr("sim     the simulator"));
}

TEST(RunTool, MistakesOnTheCommandLine) {
  for (const char *arguments : {"", "x.ptx --nonsense", "x.ptx --atol=-1", "x.ptx --output=y.npy",
                                "x.ptx --bench-json=x.json"})
    EXPECT_EQ(runTool(arguments).status, 2) << arguments;
}

TEST(RunTool, DamagedArtifact) {
  std::string path = testDirectory() + "cut.ptx";
  writeText(path, readFile(vectorAddPath()).substr(0, 300));
  Outcome outcome = runTool(path + " --device=sim");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("error: " + path + ": truncated"));
}

TEST(RunTool, Benchmark) {
  std::string json = testDirectory() + "bench.json";
  Outcome outcome = runTool(onSim +
                            "--input=64x4xf32=random --input=random --bench=3 "
                            "--bench-preheat=0 --bench-footprint=1 --bench-json=" +
                            json);
  ASSERT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("the times of --bench are the simulator's"));
  EXPECT_THAT(outcome.text, HasSubstr("main(64x4xf32, 64x4xf32) on"));
  auto figures = nlohmann::json::parse(readFile(json));
  EXPECT_EQ(figures["flops"], 1024);
  EXPECT_EQ(figures["bytes"], 6144);
  EXPECT_EQ(figures["samples"], 3);
  EXPECT_GT(figures["copies"].get<int>(), 1);
}

//===- Without a GPU ----------------------------------------------------------===//

TEST(RunTool, DriverTooOldNamesBothVersions) {
  Outcome outcome = runTool(artifact + "--device=cuda", MPGEMM_FAKE_TOO_OLD);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(
      outcome.text,
      HasSubstr("the CUDA driver is too old: it supports CUDA 11.4, but CUDA 12.0 is needed; "
                "install NVIDIA driver 525 or later, or use --device=sim"));
}

TEST(RunTool, NoGpuIsSaidAndTheSimulatorTaken) {
  Outcome outcome = runTool(artifact + "--device=cuda:0", MPGEMM_FAKE_NO_DEVICE);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("no CUDA device: "));
  outcome = runTool(artifact + "--input=1x4xf32=1 --input=1x4xf32=1", MPGEMM_FAKE_NO_DEVICE);
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("mpgemm-run: running on sim, "));
  EXPECT_THAT(outcome.text, HasSubstr("result0: 1x4xf32 = 3 3 3 3"));
}

//===- Layers -----------------------------------------------------------------===//

TEST(RunTool, CalibrationSumsUpCallsAndFiles) {
  std::string file = testDirectory() + "ranges.json";
  // x + 2y in two layers: main.0 reads x and gives x + y, main.1 reads that and gives x + 2y.
  Outcome outcome = runTool(onSim + "--calibrate='" + file +
                            "' --input=1x4xf32=1,2,3,4 --input=1x4xf32=-10 "
                            "--input=2x4xf32=-7 --input=2x4xf32=1");
  ASSERT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_EQ(outcome.text, "ranges of 2 layers over 2 calls of 'main' written to " + file + "\n");
  auto json = nlohmann::json::parse(readFile(file));
  EXPECT_EQ(json["format"], 1);
  EXPECT_EQ(json["function"], "main");
  auto range = [](double least, double most, double absmax, int samples) {
    return nlohmann::json{{"min", least}, {"max", most}, {"absmax", absmax}, {"samples", samples}};
  };
  EXPECT_EQ(json["layers"]["main.0"]["a"], range(-7, 4, 7, 12));
  EXPECT_EQ(json["layers"]["main.0"]["b"], range(-10, 1, 10, 12));
  EXPECT_EQ(json["layers"]["main.0"]["result"], range(-9, -6, 9, 12));
  EXPECT_EQ(json["layers"]["main.1"]["a"], range(-9, -6, 9, 12));
  EXPECT_FALSE(json["layers"]["main.1"].contains("b")) << "the artifact does not say where it lies";
  EXPECT_EQ(json["layers"]["main.1"]["result"], range(-19, -5, 19, 12));

  const std::string once = onSim + "--calibrate='" + file + "' --input=1x4xf32=5 --input=1x4xf32=0";
  ASSERT_EQ(runTool(once + " --calibrate-merge").status, 0);
  EXPECT_EQ(nlohmann::json::parse(readFile(file))["layers"]["main.0"]["a"], range(-7, 5, 7, 16));
  ASSERT_EQ(runTool(once).status, 0) << "without --calibrate-merge the file is replaced";
  EXPECT_EQ(nlohmann::json::parse(readFile(file))["layers"]["main.0"]["a"], range(5, 5, 5, 4));
}

TEST(RunTool, CalibrationRefusesWhatHasNoRange) {
  std::string file = testDirectory() + "ranges.json";
  const std::string start = onSim + "--calibrate='" + file + "' ";
  Outcome outcome = runTool(start + "--input=2x4xf32=1,2,3,4,5,6,nan,8 --input=2x4xf32=0");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text,
              HasSubstr("layer 'main.0': operand A holds a NaN at [1, 2], so it has no range"));
  outcome = runTool(start + "--input=1x4xf32=3e38 --input=1x4xf32=3e38");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("layer 'main.0': the result holds an infinity at [0, 0]"));
  EXPECT_THAT(messageOf([&] { readFile(file); }), HasSubstr(file)) << "nothing was written";
  outcome = runTool(start + "--function=pad --input=3xf32=1");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("function 'pad' lists no layers"));
  outcome = runTool(start + "--input=1x4xf32 --input=1x4xf32 --input=1x4xf32");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("takes 2 arguments"));
  for (const char *text :
       {"[]", "{\"format\": 2}", "{\"format\": 1, \"function\": \"other\"}",
        "{\"format\": 1, \"function\": \"main\", \"layers\": {\"main.0\": 3}}"}) {
    writeText(file, text);
    outcome = runTool(start + "--calibrate-merge --input=1x4xf32 --input=1x4xf32");
    EXPECT_EQ(outcome.status, 1) << text;
    EXPECT_THAT(outcome.text, HasSubstr("leave --calibrate-merge out to replace it")) << text;
    EXPECT_EQ(readFile(file), text);
  }
}

TEST(RunTool, LayersAreComparedByName) {
  // The reference subtracts in its second layer, and has a third name in place of the first.
  std::string reference = writeVariation([](nlohmann::ordered_json &manifest) {
    manifest["functions"][1]["steps"][2]["variants"][0]["arguments"][4]["float"] = 0.5;
    manifest["functions"][1]["layers"][0]["name"] = "main.7";
  });
  std::string json = directoryOf(reference) + "layers.json";
  const std::string call = onSim + "--input=2x4xf32=1 --input=2x4xf32=2 --compare-layers='" +
                           reference + "' --compare-json='" + json + "'";
  Outcome outcome = runTool(call);
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  // 5 against 4: the error is 1 in 4, or 12.04 dB.
  EXPECT_THAT(outcome.text, HasSubstr("main.1            8             1          0.25     12.04  "
                                      "1.0000000  f32 against f32\n"));
  EXPECT_THAT(outcome.text, HasSubstr("result0           8             1          0.25     12.04"));
  EXPECT_THAT(outcome.text,
              HasSubstr("main.0: not in the reference\nmain.7: only in the reference"));
  auto written = nlohmann::json::parse(readFile(json));
  EXPECT_EQ(written["layers"][0]["name"], "main.1");
  EXPECT_EQ(written["layers"][0]["max_error"], 1);
  EXPECT_EQ(written["results"][0]["relative_rms"], 0.25);
  EXPECT_EQ(written["only_in_reference"][0], "main.7");
  EXPECT_EQ(runTool(call + " --min-snr=12").status, 0);
  outcome = runTool(call + " --min-snr=13");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.text, HasSubstr("[FAILED] smallest signal-to-noise ratio: main.1, 12.04 dB"));
}

TEST(RunTool, AModelIsExactAgainstItself) {
  Outcome outcome = runTool(onSim +
                            "--input=5x4xf32=random --input=random --min-snr=300 "
                            "--compare-layers=" +
                            artifact);
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("exact"));
}

TEST(RunTool, LayerOptionsThatDoNotGoTogether) {
  EXPECT_EQ(runTool(onSim + "--calibrate-merge").status, 2);
  EXPECT_EQ(runTool(onSim + "--min-snr=3").status, 2);
  EXPECT_EQ(runTool(onSim + "--compare-json=x").status, 2);
  EXPECT_EQ(runTool(onSim + "--calibrate=x --compare-layers=y").status, 2);
}
