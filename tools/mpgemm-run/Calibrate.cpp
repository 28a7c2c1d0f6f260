//===- Calibrate.cpp - The ranges of a function's layers ----------------------===//
#include "Calibrate.h"

#include "mpgemm/Support/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace mpgemm {
namespace run {

using Json = nlohmann::ordered_json;

double Range::absmax() const { return std::max(std::fabs(least), std::fabs(most)); }

void Range::add(const Range &other) {
  least = std::min(least, other.least);
  most = std::max(most, other.most);
  samples += other.samples;
}

static Range rangeOf(const HostValues &values, const std::string &layer, const char *what) {
  Range range;
  for (int64_t i = 0; i < values.elements(); ++i) {
    double value = values.at(i);
    if (!std::isfinite(value))
      throw Error(ErrorKind::InvalidArgument,
                  "layer '" + layer + "': " + what + " holds " +
                      (std::isnan(value) ? "a NaN" : "an infinity") + " at " + values.placeOf(i) +
                      ", so it has no range; check the inputs, or look at the layers ahead with "
                      "--compare-layers");
    range.least = std::min(range.least, value);
    range.most = std::max(range.most, value);
  }
  range.samples = values.elements();
  return range;
}

LayerRanges &Calibration::rangesOf(const std::string &name) {
  auto [entry, isNew] = layers.try_emplace(name);
  if (isNew)
    order.push_back(name);
  return entry->second;
}

static void addOperand(Range &range, const HostValues &values, const std::string &layer,
                       const char *name) {
  if (!values.hasKnownScale())
    throw Error(ErrorKind::InvalidArgument,
                "layer '" + layer + "': " + name + " holds codes of " +
                    elementTypeName(values.values.type) +
                    " whose scale is not known; calibrate the model compiled for f32, f16 or bf16");
  range.add(rangeOf(values, layer, name));
}

void Calibration::add(const HostLayer &layer) {
  LayerRanges &ranges = rangesOf(layer.name);
  addOperand(ranges.a, layer.a, layer.name, "operand A");
  if (layer.b)
    addOperand(ranges.b, *layer.b, layer.name, "operand B");
  if (!layer.results.empty() && layer.results[0].hasKnownScale())
    ranges.result.add(rangeOf(layer.results[0], layer.name, "the result"));
}

static Json rangeJson(const Range &range) {
  return {{"min", range.least},
          {"max", range.most},
          {"absmax", range.absmax()},
          {"samples", range.samples}};
}

std::string Calibration::text() const {
  Json list = Json::object();
  for (const std::string &name : order) {
    const LayerRanges &ranges = layers.at(name);
    for (auto [key, range] :
         {std::pair("a", &ranges.a), {"b", &ranges.b}, {"result", &ranges.result}})
      if (range->samples)
        list[name][key] = rangeJson(*range);
  }
  Json file{{"format", 1}, {"function", function}, {"layers", std::move(list)}};
  return file.dump(1) + "\n";
}

static Range readRange(const Json &json) {
  Range range;
  range.least = json.at("min").get<double>();
  range.most = json.at("max").get<double>();
  range.samples = json.at("samples").get<int64_t>();
  if (range.samples < 1 || !(range.least <= range.most))
    throw Error(ErrorKind::InvalidArgument, "a range is empty");
  return range;
}

void Calibration::merge(const std::string &text, const std::string &path) {
  auto fail = [&](const std::string &what) {
    return Error(ErrorKind::InvalidArgument,
                 path + ": " + what +
                     "; give another file, or leave --calibrate-merge out to replace it");
  };
  try {
    Json file = Json::parse(text);
    if (file.at("format") != 1)
      throw fail("is a calibration of format " + file.at("format").dump() + "; expected 1");
    if (file.at("function") != function)
      throw fail("is a calibration of function " + file.at("function").dump() + ", not of '" +
                 function + "'");
    for (const auto &[name, layer] : file.at("layers").items()) {
      if (!layer.is_object())
        throw fail("holds no ranges for layer '" + name + "'");
      LayerRanges &ranges = rangesOf(name);
      for (auto [key, range] :
           {std::pair("a", &ranges.a), {"b", &ranges.b}, {"result", &ranges.result}})
        if (layer.contains(key))
          range->add(readRange(layer.at(key)));
    }
  } catch (const nlohmann::json::exception &error) {
    throw fail(std::string("is not a calibration file (") + error.what() + ")");
  }
}

} // namespace run
} // namespace mpgemm
