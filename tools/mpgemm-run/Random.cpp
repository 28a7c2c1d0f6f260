//===- Random.cpp - Seeded random tensors -------------------------------------===//
#include "Random.h"

#include "mpgemm/Support/Error.h"

#include <cstdlib>

namespace mpgemm {
namespace run {

namespace {

/// SplitMix64: a counter that is mixed; element i needs nothing of element i-1.
uint64_t mix(uint64_t counter) {
  uint64_t z = counter * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// From 0 to below 1, with 32 bits.
double unit(uint64_t bits) { return double(bits & 0xFFFFFFFFu) / 4294967296.0; }

enum class Distribution { Normal, Uniform, Integer };

struct Options {
  uint64_t seed = 0;
  Distribution distribution = Distribution::Normal;
  double scale = 1;
};

Options parse(const std::string &text, const std::string &name, ElementType type) {
  Options options;
  if (!isFloat(type))
    options.distribution = Distribution::Integer;
  std::string rest = text.substr(std::string("random").size());
  if (!rest.empty() && rest[0] != ':')
    throw Error(ErrorKind::InvalidArgument, name + ": expected random or random:options");
  for (size_t at = rest.empty() ? 0 : 1; at < rest.size();) {
    size_t comma = std::min(rest.find(',', at), rest.size());
    std::string option = rest.substr(at, comma - at);
    at = comma + 1;
    char *end = nullptr;
    if (option == "normal")
      options.distribution = Distribution::Normal;
    else if (option == "uniform")
      options.distribution = Distribution::Uniform;
    else if (option == "int")
      options.distribution = Distribution::Integer;
    else if (option.rfind("seed=", 0) == 0 && option.size() > 5) {
      options.seed = std::strtoull(option.c_str() + 5, &end, 10);
    } else if (option.rfind("scale=", 0) == 0 && option.size() > 6) {
      options.scale = std::strtod(option.c_str() + 6, &end);
    } else {
      throw Error(ErrorKind::InvalidArgument,
                  name + ": unknown option '" + option +
                      "'; expected seed=N, scale=S, normal, uniform or int");
    }
    if (end && *end)
      throw Error(ErrorKind::InvalidArgument, name + ": '" + option + "' has no number");
  }
  return options;
}

/// The sum of 12 uniform values less 6 has mean 0 and variance 1, and needs no library function
/// whose rounding differs between machines.
double normal(uint64_t counter) {
  double sum = -6;
  for (uint64_t i = 0; i < 6; ++i) {
    uint64_t bits = mix(counter * 6 + i);
    sum += unit(bits) + unit(bits >> 32);
  }
  return sum;
}

} // namespace

void fillRandom(HostTensor &tensor, const std::string &text, const std::string &name,
                size_t stream) {
  Options options = parse(text, name, tensor.type);
  uint64_t base = mix(mix(options.seed + 1) + stream) << 8;
  size_t bytes = elementBytes(tensor.type);
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    uint64_t counter = base + uint64_t(i);
    double value = options.distribution == Distribution::Normal    ? normal(counter)
                   : options.distribution == Distribution::Uniform ? 2 * unit(mix(counter)) - 1
                                                                   : double(mix(counter) % 9) - 4;
    encodeElement(tensor.type, value * options.scale, tensor.data.data() + size_t(i) * bytes);
  }
}

} // namespace run
} // namespace mpgemm
