//===- Options.h - The command line of mpgemm-run ---------------*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_OPTIONS_H
#define MPGEMM_TOOLS_RUN_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mpgemm {
namespace run {

struct BenchOptions {
  int repetitions = 0; ///< Samples; 0 is no benchmark.
  double preheatSeconds = 1;
  int64_t footprintBytes =
      0; ///< Buffers rotate over at least this much; 0: four times the L2 cache.
  std::string jsonPath;
};

struct LayerOptions {
  std::string calibrate; ///< File to write; empty for none.
  bool mergesCalibration = false;
  std::string reference;      ///< Artifact whose layers are compared; empty for none.
  std::string comparisonJson; ///< File to write; empty for none.
  std::optional<double> leastSignalToNoise;
};

struct Options {
  std::string artifact;
  std::string function;
  std::string device;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> expectedOutputs;
  std::vector<std::string> bounds;
  double absolute = 0;
  double relative = 0;
  std::optional<uint64_t> ulps;
  bool graph = false;
  bool printManifest = false;
  bool listDevices = false;
  BenchOptions bench;
  LayerOptions layers;
};

/// Parses the command line. Returns the exit status where the program is to end at once (help,
/// version, a mistake, which is printed), nothing where it is to go on.
std::optional<int> parseOptions(int argc, char **argv, Options &options);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_OPTIONS_H
