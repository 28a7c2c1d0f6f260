//===- CompareLayers.cpp - The error of each layer between two models ---------===//
#include "CompareLayers.h"

#include "mpgemm/Runtime/Shapes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

namespace mpgemm {
namespace run {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The factor that brings `got` nearest to `reference`.
static double fitScale(const HostValues &got, const HostValues &reference) {
  double both = 0, own = 0;
  for (int64_t i = 0; i < got.elements(); ++i) {
    double value = got.at(i), expected = reference.at(i);
    if (!std::isfinite(value) || !std::isfinite(expected))
      continue;
    both += value * expected;
    own += value * value;
  }
  return own > 0 ? both / own : 1;
}

Deviation measure(const HostValues &got, const HostValues &reference) {
  Deviation deviation;
  double factor = 1;
  if (!got.hasKnownScale() && reference.hasKnownScale()) {
    factor = fitScale(got, reference);
    deviation.fittedScale = factor;
  }
  double error2 = 0, reference2 = 0, got2 = 0, both = 0;
  deviation.elements = got.elements();
  for (int64_t i = 0; i < got.elements(); ++i) {
    double value = got.at(i) * factor, expected = reference.at(i);
    if (!std::isfinite(value) || !std::isfinite(expected)) {
      bool same = value == expected || (std::isnan(value) && std::isnan(expected));
      deviation.notFinite += !same;
      continue;
    }
    double error = value - expected;
    deviation.largestError = std::max(deviation.largestError, std::fabs(error));
    error2 += error * error;
    reference2 += expected * expected;
    got2 += value * value;
    both += value * expected;
  }
  deviation.relativeRms =
      error2 == 0 ? 0 : (reference2 == 0 ? kInfinity : std::sqrt(error2 / reference2));
  deviation.signalToNoise = error2 == 0 ? kInfinity : 10 * std::log10(reference2 / error2);
  if (got2 > 0 && reference2 > 0)
    deviation.cosine = both / std::sqrt(got2) / std::sqrt(reference2);
  else if (got2 != reference2)
    deviation.cosine = 0;
  return deviation;
}

static ComparedValues compareValues(std::string name, const HostValues &got,
                                    const HostValues &reference) {
  ComparedValues compared;
  compared.name = std::move(name);
  compared.types = std::string(elementTypeName(got.values.type)) + " against " +
                   elementTypeName(reference.values.type);
  if (got.values.shape != reference.values.shape)
    compared.note = "is " + shapeText(got.values.type, got.values.shape) + ", in the reference " +
                    shapeText(reference.values.type, reference.values.shape);
  else
    compared.deviation = measure(got, reference);
  return compared;
}

LayerComparison compareLayers(const std::vector<HostLayer> &got,
                              const std::vector<HostLayer> &reference) {
  LayerComparison comparison;
  std::set<std::string> matched;
  for (const HostLayer &layer : got) {
    auto other = std::find_if(reference.begin(), reference.end(),
                              [&](const HostLayer &r) { return r.name == layer.name; });
    if (other == reference.end()) {
      comparison.onlyHere.push_back(layer.name);
      continue;
    }
    matched.insert(layer.name);
    size_t count = std::min(layer.results.size(), other->results.size());
    for (size_t i = 0; i < count; ++i)
      comparison.layers.push_back(
          compareValues(layer.name + (count > 1 ? " result " + std::to_string(i) : ""),
                        layer.results[i], other->results[i]));
    if (layer.results.size() != other->results.size()) {
      ComparedValues rest;
      rest.name = layer.name;
      rest.note = "has " + std::to_string(layer.results.size()) + " results, in the reference " +
                  std::to_string(other->results.size()) + "; the others are not compared";
      comparison.layers.push_back(std::move(rest));
    }
  }
  for (const HostLayer &layer : reference)
    if (!matched.count(layer.name))
      comparison.onlyInReference.push_back(layer.name);
  return comparison;
}

void compareResults(LayerComparison &comparison, const std::vector<std::string> &names,
                    const std::vector<HostTensor> &got, const std::vector<HostTensor> &reference) {
  for (size_t i = 0; i < got.size(); ++i)
    comparison.results.push_back(
        compareValues(names[i], {got[i], std::nullopt}, {reference[i], std::nullopt}));
}

std::pair<double, std::string> LayerComparison::worst() const {
  std::pair<double, std::string> worst{kInfinity, ""};
  for (const auto *list : {&layers, &results})
    for (const ComparedValues &values : *list) {
      double ratio = -kInfinity;
      if (values.deviation && values.deviation->notFinite == 0)
        ratio = values.deviation->signalToNoise;
      if (worst.second.empty() || ratio < worst.first)
        worst = {ratio, values.name};
    }
  return worst;
}

//===- Reports ----------------------------------------------------------------===//

static std::string row(const ComparedValues &values, size_t width) {
  std::string line = values.name + std::string(width - values.name.size(), ' ');
  if (!values.deviation)
    return line + "  " + values.note + "\n";
  const Deviation &d = *values.deviation;
  char text[160];
  std::snprintf(text, sizeof(text), "  %10lld  %12.4g  %12.4g  ", (long long)d.elements,
                d.largestError, d.relativeRms);
  line += text;
  if (std::isinf(d.signalToNoise))
    std::snprintf(text, sizeof(text), "%8s", d.signalToNoise > 0 ? "exact" : "-inf");
  else
    std::snprintf(text, sizeof(text), "%8.2f", d.signalToNoise);
  line += text;
  std::snprintf(text, sizeof(text), "  %9.7f  %s", d.cosine, values.types.c_str());
  line += text;
  if (d.fittedScale) {
    std::snprintf(text, sizeof(text), ", codes times a fitted %.6g", *d.fittedScale);
    line += text;
  }
  if (d.notFinite)
    line += ", " + std::to_string(d.notFinite) + " elements differ in NaN or infinity";
  return line + "\n";
}

std::string LayerComparison::table() const {
  size_t width = 5;
  for (const auto *list : {&layers, &results})
    for (const ComparedValues &values : *list)
      width = std::max(width, values.name.size());
  std::string text = "layer" + std::string(width - 5, ' ') +
                     "    elements     max error  relative RMS    SNR dB     cosine  types\n";
  for (const ComparedValues &values : layers)
    text += row(values, width);
  for (const ComparedValues &values : results)
    text += row(values, width);
  for (const std::string &name : onlyHere)
    text += name + ": not in the reference\n";
  for (const std::string &name : onlyInReference)
    text += name + ": only in the reference\n";
  return text;
}

/// JSON has no infinity: null stands for it.
static nlohmann::ordered_json number(double value) {
  if (std::isfinite(value))
    return value;
  return nullptr;
}

static nlohmann::ordered_json describe(const std::vector<ComparedValues> &list) {
  auto array = nlohmann::ordered_json::array();
  for (const ComparedValues &values : list) {
    nlohmann::ordered_json entry{{"name", values.name}};
    if (values.deviation) {
      const Deviation &d = *values.deviation;
      entry["types"] = values.types;
      entry["elements"] = d.elements;
      entry["max_error"] = d.largestError;
      entry["relative_rms"] = number(d.relativeRms);
      entry["exact"] = d.signalToNoise == kInfinity && d.notFinite == 0;
      entry["snr_db"] = number(d.signalToNoise);
      entry["cosine"] = d.cosine;
      entry["not_finite"] = d.notFinite;
      if (d.fittedScale)
        entry["fitted_scale"] = *d.fittedScale;
    } else {
      entry["note"] = values.note;
    }
    array.push_back(std::move(entry));
  }
  return array;
}

std::string LayerComparison::json(const std::string &artifact, const std::string &reference) const {
  nlohmann::ordered_json file{{"format", 1},
                              {"artifact", artifact},
                              {"reference", reference},
                              {"layers", describe(layers)},
                              {"results", describe(results)},
                              {"only_in_artifact", onlyHere},
                              {"only_in_reference", onlyInReference}};
  return file.dump(1) + "\n";
}

} // namespace run
} // namespace mpgemm
