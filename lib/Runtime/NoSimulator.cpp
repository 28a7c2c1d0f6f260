//===- NoSimulator.cpp - Says so where a build has no simulator ---------------===//
#include "mpgemm/Simulator/Simulator.h"

#include "mpgemm/Support/Error.h"

namespace mpgemm {

SimulatorOptions parseSimulatorOptions(const std::string &device) {
  throw Error(ErrorKind::Unsupported, "device '" + device + "': this build has no simulator");
}

std::unique_ptr<Driver> createSimulatorDriver(const SimulatorOptions &) {
  throw Error(ErrorKind::Unsupported, "this build has no simulator");
}

} // namespace mpgemm
