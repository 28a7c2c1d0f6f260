//===- Simulator.h - A functional PTX simulator behind Driver ---*- C++ -*-===//
#ifndef MPGEMM_SIMULATOR_SIMULATOR_H
#define MPGEMM_SIMULATOR_SIMULATOR_H

#include "mpgemm/Runtime/Driver.h"

#include <cstdint>
#include <memory>
#include <string>

namespace mpgemm {

/// When asynchronous work (TMA, cp.async, wgmma, bulk stores) takes effect.
enum class AsyncOrder {
  Latest,   ///< At the last moment the memory model allows (default): a missing wait shows.
  Earliest, ///< At once.
  Random,   ///< At a seeded random moment in between.
};

struct SimulatorOptions {
  int computeMajor = 9; ///< 8.0, 8.9, 9.0 (as sm_90a) or 12.0 (as sm_120a).
  int computeMinor = 0;
  int multiprocessors = 2;
  AsyncOrder order = AsyncOrder::Latest;
  uint64_t seed = 1;
  bool checks = true;  ///< The sanitizer: shadow state for proxies, races and pending work.
  int hostThreads = 0; ///< 0: one per core.
};

/// Parses "sim", "sim:sms=3,order=random,seed=7,arch=sm_80,checks=off". Throws Error on anything
/// else.
SimulatorOptions parseSimulatorOptions(const std::string &device);

std::unique_ptr<Driver> createSimulatorDriver(const SimulatorOptions &options);

} // namespace mpgemm

#endif // MPGEMM_SIMULATOR_SIMULATOR_H
