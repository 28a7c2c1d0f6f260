//===- mpgemm-run.cpp - Runs a compiled artifact ------------------------------===//
//
// Everything after the artifact: load, run, compare, write, measure. `mpgemm-run --help` is the
// manual.
//
//===----------------------------------------------------------------------===//
#include "Bench.h"
#include "Compare.h"
#include "HostTensor.h"
#include "ObserveLayers.h"
#include "Options.h"
#include "Run.h"

#include "mpgemm/Runtime/Shapes.h"
#include "mpgemm/Support/Error.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

using namespace mpgemm;
using namespace mpgemm::run;

static void listDevices() {
  std::string whyNone;
  int count = cudaDeviceCount(&whyNone);
  if (count == 0)
    std::cout << "no CUDA device (" << whyNone << ")\n";
  for (int i = 0; i < count; ++i) {
    auto device = Device::open("cuda:" + std::to_string(i));
    const DeviceAttributes &a = device->attributes();
    std::cout << "cuda:" << i << "  " << a.name << ", sm_" << a.computeMajor << a.computeMinor
              << ", " << a.multiprocessors << " SMs, " << (a.globalBytes >> 20) << " MiB\n";
  }
  std::cout << "sim     the simulator; options as in sim:sms=3,arch=sm_80\n";
}

/// Opens --device, or picks one and says which.
static std::shared_ptr<Device> openDevice(const Options &options) {
  if (!options.device.empty())
    return Device::open(options.device);
  std::string why;
  auto device = Device::open(defaultDevice(&why));
  std::cerr << "mpgemm-run: running on " << device->specification() << ", "
            << device->attributes().name;
  if (!why.empty())
    std::cerr << " (" << why << ")";
  std::cerr << "\n";
  return device;
}

/// --function, else `main`, else the only one.
static int chooseFunction(const Program &program, const Options &options) {
  if (!options.function.empty())
    return program.findFunction(options.function);
  if (program.callable().size() == 1)
    return program.callable()[0];
  return program.findFunction("main");
}

static void print(const std::string &name, const HostTensor &tensor) {
  std::cout << name << ": " << shapeText(tensor.type, tensor.shape);
  int64_t shown = std::min<int64_t>(tensor.elements(), 16);
  for (int64_t i = 0; i < shown; ++i) {
    char text[32];
    std::snprintf(text, sizeof(text), "%s%.6g", i ? " " : " = ",
                  decodeElement(tensor.type, tensor.at(i)));
    std::cout << text;
  }
  std::cout << (shown < tensor.elements() ? " ...\n" : "\n");
}

/// Compares with the expectations; returns whether all held.
static bool check(const Options &options, const Function &function,
                  const std::vector<HostTensor> &results) {
  bool allHeld = true;
  for (size_t i = 0; i < options.expectedOutputs.size(); ++i) {
    std::string number = std::to_string(i);
    HostTensor expected = parseReference(options.expectedOutputs[i], results[i].type,
                                         results[i].shape, "--expected_output " + number);
    Tolerance tolerance;
    tolerance.absolute = options.absolute;
    tolerance.relative = options.relative;
    tolerance.ulps = options.ulps;
    if (i < options.bounds.size())
      tolerance.bounds = parseReference(options.bounds[i], ElementType::F64, results[i].shape,
                                        "--bound " + number);
    std::string name = function.results[i].name;
    Comparison comparison = compare(name, results[i], expected, tolerance);
    if (comparison.wrong) {
      std::cout << "[FAILED] " << comparison.report << "\n";
      allHeld = false;
      continue;
    }
    char text[96];
    std::snprintf(text, sizeof(text), "largest error %.3g", comparison.largestError);
    std::cout << "[SUCCESS] " << name << ": all " << comparison.elements
              << " elements match the expected values, " << text;
    if (comparison.largestShare > 0) {
      std::snprintf(text, sizeof(text), " (%.2f of its bound)", comparison.largestShare);
      std::cout << text;
    }
    std::cout << "\n";
  }
  return allHeld;
}

static void checkCount(const char *option, size_t given, const Function &function) {
  if (given > function.results.size())
    throw Error(ErrorKind::InvalidArgument,
                "function '" + function.name + "' has " + std::to_string(function.results.size()) +
                    " results; got " + std::to_string(given) + " " + option);
}

static int runArtifact(const Options &options) {
  auto device = openDevice(options);
  std::shared_ptr<const Program> program = Program::load(device, options.artifact);
  int index = chooseFunction(*program, options);
  const Function &function = program->manifest().functions[size_t(index)];
  if (!options.layers.calibrate.empty()) {
    calibrate(program, index, options);
    return 0;
  }
  if (!options.layers.reference.empty())
    return compareWithReference(program, index, options) ? 0 : 1;
  checkCount("--output", options.outputs.size(), function);
  checkCount("--expected_output", options.expectedOutputs.size(), function);
  std::vector<HostTensor> inputs = parseInputs(function, options.inputs);
  std::vector<HostTensor> results;
  {
    CallSite site(program, index, inputs);
    StreamHandle stream = device->driver().createStream();
    site.call(stream, options.graph);
    results = site.download(stream);
    device->driver().destroyStream(stream);
  }
  bool held = check(options, function, results);
  for (size_t i = 0; i < options.outputs.size(); ++i)
    writeOutput(options.outputs[i], results[i]);
  if (options.outputs.empty() && options.expectedOutputs.empty() && !options.bench.repetitions)
    for (size_t i = 0; i < results.size(); ++i)
      print(function.results[i].name, results[i]);
  if (options.bench.repetitions)
    bench(program, index, inputs, options.bench);
  return held ? 0 : 1;
}

int main(int argc, char **argv) {
  Options options;
  if (std::optional<int> status = parseOptions(argc, argv, options))
    return *status;
  try {
    if (options.listDevices) {
      listDevices();
      return 0;
    }
    if (options.printManifest) {
      std::cout << readManifestText(options.artifact);
      return 0;
    }
    return runArtifact(options);
  } catch (const Error &error) {
    std::cerr << "mpgemm-run: error: " << error.what() << "\n";
  } catch (const std::exception &error) {
    std::cerr << "mpgemm-run: internal error: " << error.what() << "\n";
  }
  return 1;
}
