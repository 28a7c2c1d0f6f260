//===- ObserveLayers.cpp - --calibrate and --compare-layers -------------------===//
#include "ObserveLayers.h"

#include "Calibrate.h"
#include "CompareLayers.h"

#include "mpgemm/Support/Error.h"
#include "mpgemm/Support/File.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <ostream>

namespace mpgemm {
namespace run {

static const Function &functionOf(const Program &program, int index) {
  return program.manifest().functions[size_t(index)];
}

static void requireLayers(const Program &program, const Function &function) {
  if (function.layers.empty())
    throw Error(ErrorKind::InvalidArgument,
                program.path() + ": function '" + function.name +
                    "' lists no layers; it has no products, or its compiler did not name them");
}

/// One observed call; returns the results.
static std::vector<HostTensor> callOnce(const std::shared_ptr<const Program> &program, int function,
                                        const std::vector<HostTensor> &inputs,
                                        const std::function<void(HostLayer)> &observer) {
  CallSite site(program, function, inputs);
  StreamHandle stream = program->device().driver().createStream();
  site.callObserved(stream, observer);
  std::vector<HostTensor> results = site.download(stream);
  program->device().driver().destroyStream(stream);
  return results;
}

/// --input once for each argument, over and over: one list for each call.
static std::vector<std::vector<std::string>> splitInputs(const Function &function,
                                                         const std::vector<std::string> &texts) {
  size_t count = function.arguments.size();
  if (count == 0 || texts.size() <= count || texts.size() % count != 0)
    return {texts}; // one call; parseInputs says what is wrong with it
  std::vector<std::vector<std::string>> sets;
  for (size_t first = 0; first < texts.size(); first += count)
    sets.emplace_back(texts.begin() + std::ptrdiff_t(first),
                      texts.begin() + std::ptrdiff_t(first + count));
  return sets;
}

void calibrate(const std::shared_ptr<const Program> &program, int index, const Options &options) {
  const Function &function = functionOf(*program, index);
  requireLayers(*program, function);
  const std::string &path = options.layers.calibrate;
  Calibration calibration(function.name);
  if (options.layers.mergesCalibration && std::ifstream(path))
    calibration.merge(readFile(path), path);
  std::vector<std::vector<std::string>> sets = splitInputs(function, options.inputs);
  for (size_t set = 0; set < sets.size(); ++set)
    callOnce(program, index, parseInputs(function, sets[set], set * function.arguments.size()),
             [&](HostLayer layer) { calibration.add(layer); });
  writeFileAtomically(path, [&](std::ostream &out) { out << calibration.text(); });
  std::cout << "ranges of " << calibration.layerCount() << " layers over " << sets.size()
            << (sets.size() == 1 ? " call" : " calls") << " of '" << function.name
            << "' written to " << path << "\n";
}

/// The inputs as the reference takes them: the same values, in its types.
static std::vector<HostTensor> convertInputs(const Program &program, const Function &function,
                                             const std::vector<HostTensor> &inputs) {
  if (function.arguments.size() != inputs.size())
    throw Error(ErrorKind::InvalidArgument,
                program.path() + ": function '" + function.name + "' takes " +
                    std::to_string(function.arguments.size()) + " arguments, but the other one " +
                    std::to_string(inputs.size()) + "; compare two versions of one model");
  std::vector<HostTensor> converted;
  for (size_t i = 0; i < inputs.size(); ++i)
    converted.push_back(convert(inputs[i], function.arguments[i].type));
  return converted;
}

bool compareWithReference(const std::shared_ptr<const Program> &program, int index,
                          const Options &options) {
  const Function &function = functionOf(*program, index);
  std::vector<HostTensor> inputs = parseInputs(function, options.inputs);
  std::vector<HostLayer> expected, got;
  std::vector<HostTensor> expectedResults, results;
  {
    auto reference =
        Program::load(Device::open(program->device().specification()), options.layers.reference);
    int referenceIndex = reference->findFunction(function.name);
    const Function &referenceFunction = functionOf(*reference, referenceIndex);
    requireLayers(*reference, referenceFunction);
    if (referenceFunction.results.size() != function.results.size())
      throw Error(ErrorKind::InvalidArgument,
                  reference->path() + ": function '" + function.name + "' has " +
                      std::to_string(referenceFunction.results.size()) +
                      " results, but the other one " + std::to_string(function.results.size()) +
                      "; compare two versions of one model");
    expectedResults =
        callOnce(reference, referenceIndex, convertInputs(*reference, referenceFunction, inputs),
                 [&](HostLayer layer) { expected.push_back(std::move(layer)); });
  }
  results =
      callOnce(program, index, inputs, [&](HostLayer layer) { got.push_back(std::move(layer)); });
  LayerComparison comparison = compareLayers(got, expected);
  std::vector<std::string> names;
  for (const TensorSpec &result : function.results)
    names.push_back(result.name);
  compareResults(comparison, names, results, expectedResults);
  std::cout << comparison.table();
  if (!options.layers.comparisonJson.empty())
    writeFileAtomically(options.layers.comparisonJson, [&](std::ostream &out) {
      out << comparison.json(options.artifact, options.layers.reference);
    });
  if (!options.layers.leastSignalToNoise)
    return true;
  auto [ratio, name] = comparison.worst();
  bool held = ratio >= *options.layers.leastSignalToNoise;
  char text[96];
  std::snprintf(text, sizeof(text), "%.2f dB, at least %.2f dB asked for", ratio,
                *options.layers.leastSignalToNoise);
  std::cout << (held ? "[SUCCESS] " : "[FAILED] ") << "smallest signal-to-noise ratio: " << name
            << ", " << text << "\n";
  return held;
}

} // namespace run
} // namespace mpgemm
