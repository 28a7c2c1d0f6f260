//===- Bench.cpp - Measuring the time of a call -------------------------------===//
#include "Bench.h"

#include "Run.h"

#include "mpgemm/Runtime/Shapes.h"
#include "mpgemm/Support/File.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace mpgemm {
namespace run {

namespace {

constexpr int64_t mostCopies = 256;
constexpr int64_t mostCallsPerSample = 1024;
/// A sample lasts about this long, so that the events' resolution does not matter.
constexpr double sampleMs = 1.0;

struct Figures {
  double median, p10, p90; ///< Microseconds a call.
  int64_t copies, callsPerSample, samples;
  int64_t flops = 0, bytes = 0;
};

/// Destroys streams, events and graphs of a measurement.
class Session {
public:
  explicit Session(Driver &driver)
      : driver(driver), stream(driver.createStream()), begin(driver.createEvent()),
        end(driver.createEvent()) {}
  ~Session() {
    try {
      dropGraph();
      driver.destroyEvent(begin);
      driver.destroyEvent(end);
      driver.destroyStream(stream);
    } catch (const std::exception &) {
      // The device failed earlier; that failure was reported where it happened.
    }
  }
  void capture(std::vector<std::unique_ptr<CallSite>> &sites, int64_t calls) {
    dropGraph();
    driver.beginCapture(stream);
    for (int64_t i = 0; i < calls; ++i)
      sites[size_t(i) % sites.size()]->call(stream, false);
    graph = driver.endCapture(stream);
  }
  /// Milliseconds of one launch of the graph, on the device.
  double sample() {
    driver.recordEvent(begin, stream);
    driver.launchGraph(graph, stream);
    driver.recordEvent(end, stream);
    return driver.elapsedMs(begin, end);
  }

private:
  void dropGraph() {
    if (graph)
      driver.destroyGraph(graph);
    graph = 0;
  }
  Driver &driver;
  StreamHandle stream;
  EventHandle begin, end;
  GraphHandle graph = 0;
};

int64_t constantBytes(const Program &program) {
  int64_t bytes = 0;
  for (size_t i = 0; i < program.manifest().constants.size(); ++i)
    if (program.constantAddress(int(i)))
      bytes += program.manifest().constants[i].bytes;
  return bytes;
}

std::vector<std::unique_ptr<CallSite>> makeSites(const std::shared_ptr<const Program> &program,
                                                 int function,
                                                 const std::vector<HostTensor> &inputs,
                                                 const BenchOptions &options) {
  const DeviceAttributes &attributes = program->device().attributes();
  // The simulator has no cache to defeat.
  int64_t byDefault = attributes.isSimulator ? 1 : 4 * attributes.l2Bytes;
  int64_t footprint = options.footprintBytes ? options.footprintBytes : byDefault;
  std::vector<std::unique_ptr<CallSite>> sites;
  sites.push_back(std::make_unique<CallSite>(program, function, inputs));
  int64_t constants = constantBytes(*program);
  // Constants beyond the footprint push themselves out of the cache.
  bool copyConstants = constants > 0 && constants < footprint;
  int64_t each = std::max<int64_t>(1, sites[0]->bytes() + (copyConstants ? constants : 0));
  int64_t copies = std::min(mostCopies, footprint / each + 1);
  if (attributes.globalBytes)
    copies = std::min(copies, std::max<int64_t>(1, attributes.globalBytes / 2 / each));
  while (int64_t(sites.size()) < copies)
    sites.push_back(std::make_unique<CallSite>(program, function, inputs, copyConstants));
  return sites;
}

Figures measure(const std::shared_ptr<const Program> &program, int function,
                const std::vector<HostTensor> &inputs, const BenchOptions &options) {
  Driver &driver = program->device().driver();
  auto sites = makeSites(program, function, inputs, options);
  for (auto &site : sites) {
    site->call(0, false); // everything that happens once, outside the capture
    driver.synchronize(0);
  }
  Session session(driver);
  auto copies = int64_t(sites.size());
  session.capture(sites, copies);
  session.sample();
  double perCall = session.sample() / double(copies);
  int64_t calls = copies;
  if (!program->device().attributes().isSimulator && perCall > 0)
    calls = std::min(
        mostCallsPerSample,
        std::max(copies, int64_t(std::ceil(sampleMs / perCall / double(copies))) * copies));
  session.capture(sites, calls);
  auto start = std::chrono::steady_clock::now();
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() <
         options.preheatSeconds)
    session.sample();
  std::vector<double> times;
  for (int i = 0; i < options.repetitions; ++i)
    times.push_back(session.sample() * 1000 / double(calls));
  std::sort(times.begin(), times.end());
  auto at = [&](double share) {
    return times[size_t(std::lround(share * double(times.size() - 1)))];
  };
  Figures figures{at(0.5), at(0.1), at(0.9), copies, calls, int64_t(times.size())};
  for (const LaunchReport &report : sites[0]->context().lastReports()) {
    figures.flops += report.flops;
    figures.bytes += report.bytes;
  }
  return figures;
}

} // namespace

void bench(const std::shared_ptr<const Program> &program, int function,
           const std::vector<HostTensor> &inputs, const BenchOptions &options) {
  if (program->device().attributes().isSimulator)
    std::cerr << "mpgemm-run: the times of --bench are the simulator's, not a GPU's\n";
  Figures figures = measure(program, function, inputs, options);
  const Function &spec = program->manifest().functions[size_t(function)];
  // 1 FLOP a microsecond is 1e6 FLOP/s.
  double teraflops = double(figures.flops) / figures.median * 1e-6;
  double gigabytes = double(figures.bytes) / figures.median * 1e-3;
  std::string shapes;
  for (const HostTensor &input : inputs)
    shapes += (shapes.empty() ? "" : ", ") + shapeText(input.type, input.shape);
  char line[256];
  std::snprintf(line, sizeof(line), "median %.2f us (p10 %.2f, p90 %.2f), %.1f TFLOP/s, %.0f GB/s",
                figures.median, figures.p10, figures.p90, teraflops, gigabytes);
  std::cout << spec.name << "(" << shapes << ") on " << program->device().attributes().name << ": "
            << line << "\n"
            << "  " << figures.samples << " samples of " << figures.callsPerSample << " calls over "
            << figures.copies << " copies of the buffers, " << options.preheatSeconds
            << " s preheating\n";
  if (options.jsonPath.empty())
    return;
  nlohmann::ordered_json json;
  json["artifact"] = program->path();
  json["compiler"] = program->manifest().compiler;
  json["function"] = spec.name;
  json["inputs"] = shapes;
  json["device"] = program->device().attributes().name;
  json["median_us"] = figures.median;
  json["p10_us"] = figures.p10;
  json["p90_us"] = figures.p90;
  json["tflops"] = teraflops;
  json["gb_per_s"] = gigabytes;
  json["flops"] = figures.flops;
  json["bytes"] = figures.bytes;
  json["samples"] = figures.samples;
  json["calls_per_sample"] = figures.callsPerSample;
  json["copies"] = figures.copies;
  json["preheat_s"] = options.preheatSeconds;
  writeFileAtomically(options.jsonPath, [&](std::ostream &out) { out << json.dump(2) << "\n"; });
}

} // namespace run
} // namespace mpgemm
