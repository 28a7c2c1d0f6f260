//===- Options.cpp - "sim:sms=3,order=random" -------------------------------===//
#include "Architecture.h"
#include "mpgemm/Simulator/Simulator.h"
#include "mpgemm/Support/Error.h"

#include <cstdlib>

namespace mpgemm {

namespace {
[[noreturn]] void fail(const std::string &device, const std::string &what) {
  throw Error(ErrorKind::InvalidArgument,
              "device '" + device + "': " + what +
                  "; expected sim[:option,...] of sms=N, arch=sm_80|sm_89|sm_90a|sm_120a, "
                  "order=latest|earliest|random, seed=N, checks=on|off, threads=N");
}

long number(const std::string &device, const std::string &key, const std::string &value, long least,
            long most) {
  char *end = nullptr;
  long v = strtol(value.c_str(), &end, 10);
  if (value.empty() || *end || v < least || v > most)
    fail(device, key + "='" + value + "' is not a number from " + std::to_string(least) + " to " +
                     std::to_string(most));
  return v;
}
} // namespace

SimulatorOptions parseSimulatorOptions(const std::string &device) {
  SimulatorOptions o;
  if (device.compare(0, 3, "sim") != 0 || (device.size() > 3 && device[3] != ':'))
    fail(device, "not a simulator");
  size_t at = 4;
  while (at < device.size()) {
    size_t end = std::min(device.find(',', at), device.size());
    std::string item = device.substr(at, end - at);
    at = end + 1;
    size_t eq = item.find('=');
    if (eq == std::string::npos)
      fail(device, "option '" + item + "' has no value");
    std::string key = item.substr(0, eq), value = item.substr(eq + 1);
    if (key == "sms") {
      o.multiprocessors = static_cast<int>(number(device, key, value, 1, 1024));
    } else if (key == "seed") {
      o.seed = static_cast<uint64_t>(number(device, key, value, 0, 0x7fffffffffffffffl));
    } else if (key == "threads") {
      o.hostThreads = static_cast<int>(number(device, key, value, 0, 1024));
    } else if (key == "arch") {
      const sim::Architecture *architecture = sim::findArchitecture(value);
      if (!architecture)
        fail(device, "arch '" + value + "' is not modelled");
      o.computeMajor = architecture->major;
      o.computeMinor = architecture->minor;
    } else if (key == "order") {
      if (value == "latest")
        o.order = AsyncOrder::Latest;
      else if (value == "earliest")
        o.order = AsyncOrder::Earliest;
      else if (value == "random")
        o.order = AsyncOrder::Random;
      else
        fail(device, "order '" + value + "' is unknown");
    } else if (key == "checks") {
      if (value != "on" && value != "off")
        fail(device, "checks '" + value + "' is neither on nor off");
      o.checks = value == "on";
    } else {
      fail(device, "option '" + key + "' is unknown");
    }
  }
  return o;
}

} // namespace mpgemm
