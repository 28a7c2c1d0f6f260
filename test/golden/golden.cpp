//===- golden.cpp - Records and checks the golden cases -----------------------===//
//
// Each case is a JSON file with a small kernel and its inputs (generate.py writes it). `record`
// runs the cases on a GPU and adds the outputs to the files; `check` runs them on any device and
// compares with what was recorded. Cases that the device cannot run (another architecture) are
// counted apart.
//
//===----------------------------------------------------------------------===//
#include "mpgemm/Runtime/Driver.h"
#include "mpgemm/Simulator/Simulator.h"
#include "mpgemm/Support/Error.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>

using namespace mpgemm;
using Json = nlohmann::ordered_json;
using Bytes = std::vector<unsigned char>;

namespace {

constexpr const char *kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Bytes fromBase64(const std::string &text) {
  Bytes out;
  unsigned value = 0;
  int bits = 0;
  for (char c : text) {
    const char *at = std::strchr(kBase64, c);
    if (!at || c == '=')
      break;
    value = value << 6 | static_cast<unsigned>(at - kBase64);
    if ((bits += 6) >= 8)
      out.push_back(static_cast<unsigned char>(value >> (bits -= 8)));
  }
  return out;
}

std::string toBase64(const Bytes &bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    unsigned value = bytes[i] << 16;
    value |= i + 1 < bytes.size() ? bytes[i + 1] << 8 : 0;
    value |= i + 2 < bytes.size() ? bytes[i + 2] : 0;
    for (int j = 0; j < 4; ++j)
      out += i + j > bytes.size() ? '=' : kBase64[value >> (18 - 6 * j) & 63];
  }
  return out;
}

Bytes decode(const Json &text, size_t size) {
  Bytes packed = fromBase64(text.get<std::string>()), out(size);
  uLongf length = size;
  if (uncompress(out.data(), &length, packed.data(), packed.size()) != Z_OK || length != size)
    throw std::runtime_error("damaged data");
  return out;
}

std::string encode(const Bytes &bytes) {
  uLongf length = compressBound(bytes.size());
  Bytes packed(length);
  compress2(packed.data(), &length, bytes.data(), bytes.size(), 9);
  packed.resize(length);
  return toBase64(packed);
}

TensorMapType tensorMapType(const std::string &name) {
  static const std::map<std::string, TensorMapType> types = {
      {"U8", TensorMapType::U8},   {"U16", TensorMapType::U16}, {"U32", TensorMapType::U32},
      {"F16", TensorMapType::F16}, {"F32", TensorMapType::F32}, {"BF16", TensorMapType::BF16}};
  return types.at(name);
}

/// Runs a case and returns the bytes of each of its outputs.
std::map<std::string, Bytes> runCase(Driver &driver, const Json &entry) {
  std::map<std::string, DevicePtr> addresses;
  for (const auto &[name, buffer] : entry["buffers"].items()) {
    Bytes data = decode(buffer["data"], buffer["bytes"]);
    addresses[name] = driver.allocate(data.size());
    driver.copyToDevice(addresses[name], data.data(), data.size(), 0);
  }
  for (const auto &[name, output] : entry["outputs"].items()) {
    size_t size = output["bytes"];
    addresses[name] = driver.allocate(size);
    if (output.contains("initial")) {
      Bytes data = decode(output["initial"], size);
      driver.copyToDevice(addresses[name], data.data(), size, 0);
    } else {
      driver.fill(addresses[name], 0xA5, size, 0);
    }
  }

  std::vector<TensorMap> maps(entry["params"].size());
  std::vector<DevicePtr> pointers(entry["params"].size());
  std::vector<void *> values;
  for (size_t i = 0; i < entry["params"].size(); ++i) {
    const Json &param = entry["params"][i];
    if (param.is_string()) {
      pointers[i] = addresses.at(param);
      values.push_back(&pointers[i]);
      continue;
    }
    TensorMapDesc desc;
    desc.type = tensorMapType(param["type"]);
    desc.rank = static_cast<int>(param["sizes"].size());
    desc.address = addresses.at(param["tensormap"]);
    for (int d = 0; d < desc.rank; ++d) {
      desc.sizes[d] = param["sizes"][d];
      desc.box[d] = param["box"][d];
      if (d > 0)
        desc.stridesBytes[d - 1] = param["strides"][d - 1];
    }
    desc.swizzleBytes = param["swizzle"];
    desc.nanFill = param["nan_fill"];
    maps[i] = driver.encodeTensorMap(desc);
    values.push_back(&maps[i]);
  }

  std::string name = entry["name"];
  std::unique_ptr<DriverModule> module = driver.loadModule(entry["ptx"], name);
  std::unique_ptr<DriverKernel> kernel = driver.getKernel(*module, name);
  LaunchConfig config;
  config.grid[0] = entry["grid"];
  config.cluster[0] = entry["cluster"];
  config.block[0] = entry["threads"];
  config.sharedBytes = entry["shared"];
  if (config.sharedBytes)
    driver.setMaxSharedBytes(*kernel, config.sharedBytes);
  driver.launch(*kernel, config, values.data(), values.size(), 0);
  driver.synchronize(0);

  std::map<std::string, Bytes> results;
  for (const auto &[output, spec] : entry["outputs"].items()) {
    results[output].resize(spec["bytes"]);
    driver.copyToHost(results[output].data(), addresses[output], results[output].size(), 0);
  }
  driver.synchronize(0);
  for (const auto &item : addresses)
    driver.free(item.second);
  return results;
}

double halfToDouble(uint16_t bits) {
  int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  double value = exponent == 31
                     ? (mantissa ? NAN : INFINITY)
                     : std::ldexp(mantissa + (exponent ? 1024 : 0), std::max(exponent, 1) - 25);
  return bits >> 15 ? -value : value;
}

bool isClose(double got, double expected, double rel, double abs) {
  if (std::isnan(got) || std::isnan(expected))
    return std::isnan(got) && std::isnan(expected);
  if (std::isinf(got) || std::isinf(expected))
    return got == expected;
  return std::fabs(got - expected) <= abs + rel * std::fabs(expected);
}

/// Whether each value in two words is the same but for the payloads of NaNs, which no manual
/// defines.
bool sameButForNans(uint32_t got, uint32_t expected, const std::string &type) {
  auto agree = [](uint32_t g, uint32_t e, uint32_t magnitude, uint32_t infinity) {
    return g == e || ((g & magnitude) > infinity && (e & magnitude) > infinity);
  };
  if (type == "f32")
    return agree(got, expected, 0x7fffffff, 0x7f800000);
  uint32_t infinity = type == "bf16x2" ? 0x7f80 : 0x7c00;
  return agree(got & 0xffff, expected & 0xffff, 0x7fff, infinity) &&
         agree(got >> 16, expected >> 16, 0x7fff, infinity);
}

/// The first difference between two outputs under a part's rule, or "" if they agree. Of parts that
/// hold floats, NaNs agree with NaNs.
std::string compare(const unsigned char *got, const unsigned char *expected, size_t bytes,
                    const Json &rule) {
  bool exact = rule["mode"] == "exact";
  for (size_t i = 0; i + 4 <= bytes; i += 4) {
    uint32_t g, e;
    std::memcpy(&g, got + i, 4);
    std::memcpy(&e, expected + i, 4);
    bool same = g == e;
    if (!same && exact && rule.contains("type"))
      same = sameButForNans(g, e, rule["type"]);
    if (!same && !exact && rule["type"] == "f32") {
      float fg, fe;
      std::memcpy(&fg, &g, 4);
      std::memcpy(&fe, &e, 4);
      same = isClose(fg, fe, rule["rel"], rule["abs"]);
    } else if (!same && !exact) {
      same =
          isClose(halfToDouble(g & 0xFFFF), halfToDouble(e & 0xFFFF), rule["rel"], rule["abs"]) &&
          isClose(halfToDouble(g >> 16), halfToDouble(e >> 16), rule["rel"], rule["abs"]);
    }
    if (!same) {
      char text[96];
      std::snprintf(text, sizeof text, "word %zu: got 0x%08x, recorded 0x%08x", i / 4, g, e);
      return text;
    }
  }
  return "";
}

bool isRecorded(const Json &entry) {
  for (const Json &output : entry["outputs"])
    if (!output.contains("data"))
      return false;
  return true;
}

/// Compares each part of each output; returns the number of parts that differ, printing each.
int checkCase(const Json &entry, const std::map<std::string, Bytes> &results) {
  int different = 0;
  for (const auto &[name, spec] : entry["outputs"].items()) {
    Bytes expected = decode(spec["data"], spec["bytes"]);
    Json whole = Json::array({spec});
    size_t offset = 0;
    for (const Json &part : spec.contains("parts") ? spec["parts"] : whole) {
      size_t size = part["bytes"];
      std::string difference =
          compare(results.at(name).data() + offset, expected.data() + offset, size, part);
      if (!difference.empty()) {
        std::cout << "  " << entry["name"].get<std::string>() << "." << name << " "
                  << part.value("what", std::string()) << " " << difference << "\n";
        ++different;
      }
      offset += size;
    }
  }
  return different;
}

std::string targetOf(const Json &entry) {
  std::string ptx = entry["ptx"];
  size_t at = ptx.find(".target ") + 8;
  return ptx.substr(at, ptx.find('\n', at) - at);
}

/// sm_90a code runs on 9.0 alone; other code on its architecture and later ones.
bool canRun(const std::string &target, const DeviceAttributes &device) {
  int have = device.computeMajor * 10 + device.computeMinor;
  return target == "sm_90a" ? have == 90 : std::stoi(target.substr(3)) <= have;
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app{
      "Records the outputs of the golden cases on a GPU, or checks a device against them."};
  std::string mode, directory, device = "sim", filter;
  app.add_option("mode", mode, "record or check")
      ->required()
      ->check(CLI::IsMember({"record", "check"}));
  app.add_option("directory", directory, "folder of case files")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--device", device, "cuda, cuda:N, or sim with its options");
  app.add_option("--filter", filter, "only cases whose name contains this");
  CLI11_PARSE(app, argc, argv);

  int passed = 0, failed = 0, unsupported = 0, unrecorded = 0;
  try {
    bool cuda = device.rfind("cuda", 0) == 0;
    std::unique_ptr<Driver> driver =
        cuda ? createCudaDriver(device.size() > 5 ? std::stoi(device.substr(5)) : 0)
             : createSimulatorDriver(parseSimulatorOptions(device));
    driver->makeCurrent();
    std::vector<std::filesystem::path> files;
    for (const auto &file : std::filesystem::directory_iterator(directory))
      if (file.path().extension() == ".json" &&
          file.path().stem().string().find(filter) != std::string::npos)
        files.push_back(file.path());
    std::sort(files.begin(), files.end());
    // In the words of GoogleTest, so that scripts that read those count the cases.
    auto say = [](const char *mark, const std::string &name) {
      std::cout << "[" << mark << "] golden." << name << "\n";
    };
    for (const auto &file : files) {
      const std::string caseName = file.stem().string();
      try {
        Json entry = Json::parse(std::ifstream(file));
        if (!canRun(targetOf(entry), driver->attributes())) {
          ++unsupported;
          continue;
        }
        say(" RUN      ", caseName);
        std::map<std::string, Bytes> results = runCase(*driver, entry);
        if (mode == "record") {
          for (auto &[name, bytes] : results)
            entry["outputs"][name]["data"] = encode(bytes);
          std::ofstream(file) << entry.dump(1) << "\n";
          ++passed;
          say("       OK ", caseName);
        } else if (!isRecorded(entry)) {
          std::cout << "its outputs are not recorded yet: needs a GPU and 'mpgemm-golden record'\n";
          ++unrecorded;
          say("  SKIPPED ", caseName);
        } else {
          bool same = checkCase(entry, results) == 0;
          ++(same ? passed : failed);
          say(same ? "       OK " : "  FAILED  ", caseName);
        }
      } catch (const std::exception &error) {
        std::cout << "  " << caseName << ": " << error.what() << "\n";
        ++failed;
        say("  FAILED  ", caseName);
      }
    }
    std::cout << driver->attributes().name << ": " << passed << " passed, " << failed << " failed, "
              << unrecorded << " not recorded yet, " << unsupported
              << " for another architecture\n";
  } catch (const std::exception &error) {
    std::cerr << "mpgemm-golden: " << error.what() << "\n";
    return 1;
  }
  return failed || !passed ? 1 : 0;
}
