// First the kernels: the times of all schedules are predicted at many numbers of rows, and the
// kernel that saves most is added until every number of rows is served within the tolerance, or
// there are as many as there may be. Then the entries: from few rows to many, each goes as far as
// one kernel stays within the tolerance of the best of the chosen ones, which takes the fewest
// entries.
#include "mpgemm/Dialect/MPGemm/Transforms/ScheduleDispatch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace mlir::mpgemm::cost {
namespace {

// Schedules are the same kernel if they differ in nothing but the order of tiles.
auto kernelKey(const Schedule &s) {
  return std::make_tuple(s.tileM, s.tileN, s.tileK, s.stages, s.consumers, s.warpsM, s.warpsN,
                         s.minBlocks);
}
using Times = std::map<decltype(kernelKey(Schedule())), Prediction>;

struct Sample {
  int64_t rows = 0;
  double best = 0; // microseconds
  Times times;
};

// Ends of tiles: between two of them a schedule's number of tiles changes little.
std::vector<int64_t> sampledRows(int64_t most) {
  std::vector<int64_t> rows = {1, 8};
  for (int64_t m = 16; m < most; m += m < 1024 ? 16 : 64)
    rows.push_back(m);
  rows.push_back(most);
  return rows;
}

std::vector<Sample> predictAll(ProductShape shape, const TargetNumbers &target, int64_t most) {
  std::vector<Sample> samples;
  for (int64_t rows : sampledRows(most)) {
    shape.m = rows;
    Sample sample;
    sample.rows = rows;
    for (const Prediction &prediction : rankSchedules(shape, target)) {
      if (sample.times.empty())
        sample.best = prediction.microseconds;
      sample.times.try_emplace(kernelKey(prediction.schedule), prediction);
    }
    if (sample.times.empty())
      return {};
    samples.push_back(std::move(sample));
  }
  return samples;
}

using Kernel = Times::key_type;

double timeOf(const Sample &sample, const Kernel &kernel) {
  auto found = sample.times.find(kernel);
  return found == sample.times.end() ? std::numeric_limits<double>::infinity()
                                     : found->second.microseconds;
}

// Keeps `fastest[i]`, the time of the best chosen kernel at sample i.
std::vector<Kernel> chooseKernels(const std::vector<Sample> &samples,
                                  const DispatchOptions &options, std::vector<double> &fastest) {
  // With this, the first kernel is the one that is best on the whole.
  constexpr double unserved = 1e3;
  fastest.clear();
  for (const Sample &sample : samples)
    fastest.push_back(unserved * sample.best);
  const auto isServed = [&] {
    for (size_t i = 0; i < samples.size(); ++i)
      if (fastest[i] > (1 + options.tolerance) * samples[i].best)
        return false;
    return true;
  };
  std::vector<Kernel> chosen;
  while (chosen.size() < options.mostKernels && !isServed()) {
    // Squares, so that what is far from its best counts more than much that is near.
    const auto loss = [](double time, const Sample &sample) {
      const double ratio = std::log(time / sample.best);
      return ratio * ratio;
    };
    std::map<Kernel, double> saved;
    for (size_t i = 0; i < samples.size(); ++i)
      for (const auto &[kernel, prediction] : samples[i].times)
        if (prediction.microseconds < fastest[i])
          saved[kernel] += loss(fastest[i], samples[i]) - loss(prediction.microseconds, samples[i]);
    const Kernel next = std::max_element(saved.begin(), saved.end(), [](auto &a, auto &b) {
                          return a.second < b.second;
                        })->first;
    chosen.push_back(next);
    for (size_t i = 0; i < samples.size(); ++i)
      fastest[i] = std::min(fastest[i], timeOf(samples[i], next));
  }
  return chosen;
}

// The kernel that serves most samples from `begin` on; among equals the fastest.
std::pair<size_t, Kernel> longestEntry(const std::vector<Sample> &samples,
                                       const std::vector<Kernel> &kernels,
                                       const std::vector<double> &fastest, size_t begin,
                                       double tolerance) {
  std::pair<size_t, Kernel> longest;
  double leastLoss = 0;
  for (const Kernel &kernel : kernels) {
    size_t count = 0;
    double loss = 0;
    for (size_t i = begin; i < samples.size(); ++i, ++count) {
      const double excess = timeOf(samples[i], kernel) / fastest[i] - 1;
      if (excess > tolerance)
        break;
      loss += excess;
    }
    if (count > longest.first || (count && count == longest.first && loss < leastLoss)) {
      longest = {count, kernel};
      leastLoss = loss;
    }
  }
  return longest;
}

} // namespace

std::vector<DispatchEntry> chooseDispatch(const ProductShape &shape, const TargetNumbers &target,
                                          const DispatchOptions &options) {
  const std::vector<Sample> samples = predictAll(shape, target, options.mostRows);
  std::vector<DispatchEntry> entries;
  if (samples.empty())
    return entries;
  std::vector<double> fastest;
  const std::vector<Kernel> kernels = chooseKernels(samples, options, fastest);
  for (size_t begin = 0; begin < samples.size();) {
    // The fastest kernel of a sample is within any tolerance: each entry takes one at least.
    const auto [count, kernel] = longestEntry(samples, kernels, fastest, begin, options.tolerance);
    begin += count;
    DispatchEntry entry{samples[begin - 1].rows, samples[begin - 1].times.at(kernel)};
    // One kernel has one order of tiles.
    entry.prediction.schedule.rasterGroup = samples.back().times.at(kernel).schedule.rasterGroup;
    entries.push_back(entry);
  }
  entries.back().upToRows = DispatchEntry::allRows;
  return entries;
}

} // namespace mlir::mpgemm::cost
