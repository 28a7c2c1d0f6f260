//===- Options.cpp - The command line of mpgemm-run ---------------------------===//
#include "Options.h"

#include <CLI/CLI.hpp>

namespace mpgemm {
namespace run {

static const char *const footer = R"(
Inputs and outputs stand in the order of the function's arguments and results.

  --input=@x.npy                 a NumPy file
  --input=128x384xbf16=@x.npy    its elements, of equal width, taken as bf16 (also: bf16=@x.npy)
  --input=128x384xbf16=@x.bin    bare bytes
  --input=4x8xf32=1.5            every element 1.5; 4x8xf32 alone is zeros
  --input=2x2xf32=1,2,3,4        all elements
  --input=random                 normal, for an argument whose shape is known from the function or earlier inputs
  --input=128x384xbf16=random:seed=7,uniform
                                 options: seed=N, scale=S, normal, uniform (-1 to 1), int (-4 to 4)
  --output=@y.npy                bf16 and fp8 are written as ml_dtypes does; other endings get bare bytes
  --expected_output=@e.npy       compared per element: |got - expected| <= atol + rtol * |expected| + bound, or within
                                 max_ulp; without a tolerance the values must be equal

Layers (docs/debugging.md):
  --calibrate=ranges.json        runs the function and writes the ranges of each layer's operands and result; inputs may
                                 be given several times over, once for each call
  --compare-layers=f32.ptx       runs that artifact on the same inputs too and prints the error of each layer against it

Output files are written once everything ran: beside their place first, then renamed.

Examples:
  mpgemm-run mlp.ptx --input=@x.npy --output=@y.npy
  mpgemm-run mlp.ptx --function=main --input=128x384xbf16=random --expected_output=@y.npy --atol=0.01
  mpgemm-run mlp.ptx --device=sim:sms=3 --input=5x384xbf16=random:int
  mpgemm-run mlp.ptx --input=4096x384xbf16=random --bench=200
  mpgemm-run mlp.ptx --print-manifest

Exit status: 0 if everything ran and every expectation held, 1 if not, 2 for a mistake on the command line.)";

std::optional<int> parseOptions(int argc, char **argv, Options &options) {
  CLI::App app(
      "Runs a function of an artifact that mpgemm-opt compiled, on a GPU or on the simulator.",
      "mpgemm-run");
  app.footer(footer);
  app.set_version_flag("--version", "mpgemm-run " MPGEMM_VERSION);
  app.add_option("artifact", options.artifact, "a .ptx, or a .cubin with its .cubin.json")
      ->type_name("FILE");
  app.add_option("--function", options.function,
                 "the function to run; needed where there are several and none is 'main'")
      ->type_name("NAME");
  auto list = [&](const char *name, std::vector<std::string> &into, const char *text) {
    app.add_option(name, into, text)->type_name("TENSOR")->expected(1)->take_all();
  };
  list("--input", options.inputs, "an argument, once for each; forms below");
  list("--output", options.outputs, "@FILE for a result, once for each that is wanted");
  list("--expected_output,--expected-output", options.expectedOutputs,
       "what a result must be, once for each that is checked; forms as of --input");
  list("--bound", options.bounds, "absolute bounds, one for each element of an expected output");
  app.add_option("--atol", options.absolute, "absolute tolerance")->check(CLI::NonNegativeNumber);
  app.add_option("--rtol", options.relative, "relative tolerance")->check(CLI::NonNegativeNumber);
  uint64_t ulps = 0;
  auto *ulpOption =
      app.add_option("--max_ulp,--max-ulp", ulps, "tolerance in units of the result's last place");
  app.add_option(
      "--device", options.device,
      "cuda, cuda:N, sim or sim:sms=N,order=latest|earliest|random,seed=N,arch=sm_80,... "
      "(default: a GPU if there is one, else the simulator)");
  app.add_flag("--graph", options.graph, "launch through a CUDA graph");
  app.add_flag("--bench{100}", options.bench.repetitions,
               "measure the time of a call, in that many samples (default 100)");
  app.add_option("--bench-preheat", options.bench.preheatSeconds,
                 "seconds of load before the first sample (default 1)")
      ->check(CLI::NonNegativeNumber);
  int64_t footprintMegabytes = 0;
  app.add_option(
         "--bench-footprint", footprintMegabytes,
         "megabytes over which copies of arguments, results and constants rotate (default: four "
         "times the L2 cache)")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20));
  app.add_option("--bench-json", options.bench.jsonPath, "also write the figures to this file")
      ->type_name("FILE");
  app.add_option("--calibrate", options.layers.calibrate,
                 "write the ranges of the layers' values to this file")
      ->type_name("FILE");
  app.add_flag("--calibrate-merge", options.layers.mergesCalibration,
               "add to the ranges that the file holds");
  app.add_option("--compare-layers", options.layers.reference,
                 "an artifact of the same model in higher precision: print the error of each layer "
                 "against it")
      ->type_name("ARTIFACT");
  app.add_option("--compare-json", options.layers.comparisonJson,
                 "also write that comparison to this file")
      ->type_name("FILE");
  double leastSignalToNoise = 0;
  auto *leastOption = app.add_option(
      "--min-snr", leastSignalToNoise,
      "with --compare-layers: fail where a layer or a result has a smaller signal-to-noise ratio, "
      "in dB");
  app.add_flag("--print-manifest,--print_manifest", options.printManifest,
               "print the artifact's manifest and end");
  app.add_flag("--list-devices,--list_devices", options.listDevices, "list the devices and end");
  try {
    app.parse(argc, argv);
    if (options.artifact.empty() && !options.listDevices)
      throw CLI::RequiredError("artifact");
    if (options.bench.repetitions < 0)
      throw CLI::ValidationError("--bench", "the number of samples must be positive");
    if (!options.bench.jsonPath.empty() && options.bench.repetitions == 0)
      throw CLI::RequiresError("--bench-json", "--bench");
    if (options.bounds.size() > options.expectedOutputs.size())
      throw CLI::ValidationError("--bound", "there are more bounds than expected outputs");
    if (options.layers.mergesCalibration && options.layers.calibrate.empty())
      throw CLI::RequiresError("--calibrate-merge", "--calibrate");
    if (!options.layers.comparisonJson.empty() && options.layers.reference.empty())
      throw CLI::RequiresError("--compare-json", "--compare-layers");
    if (leastOption->count() && options.layers.reference.empty())
      throw CLI::RequiresError("--min-snr", "--compare-layers");
    if (!options.layers.calibrate.empty() && !options.layers.reference.empty())
      throw CLI::ExcludesError("--calibrate", "--compare-layers");
    for (std::string &output : options.outputs) {
      if (output.size() > 1 && output[0] == '@')
        output.erase(0, 1);
      else
        throw CLI::ValidationError("--output", "'" + output + "' is not of the form @FILE");
    }
  } catch (const CLI::Success &success) { // help, version
    return app.exit(success);
  } catch (const CLI::ParseError &error) {
    app.exit(error);
    return 2;
  }
  if (ulpOption->count())
    options.ulps = ulps;
  if (leastOption->count())
    options.layers.leastSignalToNoise = leastSignalToNoise;
  options.bench.footprintBytes = footprintMegabytes << 20;
  return std::nullopt;
}

} // namespace run
} // namespace mpgemm
