// First the kernels: the times of all schedules are predicted at many numbers of rows. The kernel
// that saves most is added until every number of rows is served within the tolerance, or there are
// as many as there may be; then kernels are exchanged as long as that saves. Then the entries: from
// few rows to many, each goes as far as one kernel stays within the tolerance of the best of the
// chosen ones, which takes the fewest entries.
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

// All schedules at all sampled numbers of rows.
struct Predictions {
  std::vector<int64_t> rows;
  std::vector<double> best;                 // microseconds at each number of rows
  std::vector<std::vector<Prediction>> all; // [kernel][sample]

  double time(size_t kernel, size_t sample) const { return all[kernel][sample].microseconds; }
  // Squares of logarithms, so that what is far from its best counts more than much that is near.
  double loss(size_t kernel, size_t sample) const {
    const double ratio = std::log(time(kernel, sample) / best[sample]);
    return ratio * ratio;
  }
};

// Between the ends of tiles the number of tiles of a schedule does not change.
std::vector<int64_t> sampledRows(int64_t most) {
  std::vector<int64_t> rows = {1, 8};
  for (int64_t m = 16; m < most; m += m < 1024 ? 16 : 64)
    rows.push_back(m);
  rows.push_back(most);
  return rows;
}

Predictions predictAll(ProductShape shape, const TargetNumbers &target, int64_t most) {
  Predictions predictions;
  predictions.rows = sampledRows(most);
  std::map<decltype(kernelKey(Schedule())), std::vector<Prediction>> byKernel;
  for (size_t sample = 0; sample < predictions.rows.size(); ++sample) {
    shape.m = predictions.rows[sample];
    const std::vector<Prediction> ranked = rankSchedules(shape, target);
    if (ranked.empty())
      return {};
    predictions.best.push_back(ranked.front().microseconds);
    for (const Prediction &prediction : ranked) {
      std::vector<Prediction> &list = byKernel[kernelKey(prediction.schedule)];
      if (list.size() == sample)
        list.push_back(prediction);
    }
  }
  for (auto &[key, list] : byKernel)
    if (list.size() == predictions.rows.size()) // fits at every number of rows
      predictions.all.push_back(std::move(list));
  return predictions;
}

using Kernels = std::vector<size_t>;

// Of the best of `kernels` at each number of rows, summed.
double totalLoss(const Predictions &predictions, const Kernels &kernels) {
  double total = 0;
  for (size_t sample = 0; sample < predictions.rows.size(); ++sample) {
    double least = std::numeric_limits<double>::infinity();
    for (size_t kernel : kernels)
      least = std::min(least, predictions.loss(kernel, sample));
    total += least;
  }
  return total;
}

bool isServed(const Predictions &predictions, const Kernels &kernels, double tolerance) {
  for (size_t sample = 0; sample < predictions.rows.size(); ++sample)
    if (std::none_of(kernels.begin(), kernels.end(), [&](size_t kernel) {
          return predictions.time(kernel, sample) <= (1 + tolerance) * predictions.best[sample];
        }))
      return false;
  return true;
}

// Puts the kernel with which the loss is least at `place`, and returns that loss.
double fillPlace(const Predictions &predictions, Kernels &kernels, size_t place) {
  double least = std::numeric_limits<double>::infinity();
  size_t best = kernels[place];
  for (size_t kernel = 0; kernel < predictions.all.size(); ++kernel) {
    kernels[place] = kernel;
    const double loss = totalLoss(predictions, kernels);
    if (loss < least) {
      least = loss;
      best = kernel;
    }
  }
  kernels[place] = best;
  return least;
}

Kernels chooseKernels(const Predictions &predictions, const DispatchOptions &options) {
  Kernels kernels;
  while (kernels.empty() || (kernels.size() < options.mostKernels &&
                             !isServed(predictions, kernels, options.tolerance))) {
    kernels.push_back(0);
    double loss = fillPlace(predictions, kernels, kernels.size() - 1);
    for (size_t place = 0, unchanged = 0; unchanged < kernels.size();
         place = (place + 1) % kernels.size()) {
      const double before = loss;
      loss = fillPlace(predictions, kernels, place);
      unchanged = loss < before ? 0 : unchanged + 1;
    }
  }
  return kernels;
}

// The kernel that serves most samples from `begin` on, and how many; among equals the fastest.
std::pair<size_t, size_t> longestEntry(const Predictions &predictions, const Kernels &kernels,
                                       size_t begin, double tolerance) {
  size_t longest = 0, which = kernels.front();
  double leastLoss = 0;
  for (size_t kernel : kernels) {
    size_t end = begin;
    double loss = 0;
    for (; end < predictions.rows.size(); ++end) {
      double fastest = std::numeric_limits<double>::infinity();
      for (size_t other : kernels)
        fastest = std::min(fastest, predictions.time(other, end));
      if (predictions.time(kernel, end) > (1 + tolerance) * fastest)
        break;
      loss += predictions.loss(kernel, end);
    }
    const size_t count = end - begin;
    if (count > longest || (count && count == longest && loss < leastLoss)) {
      longest = count;
      which = kernel;
      leastLoss = loss;
    }
  }
  return {which, longest};
}

} // namespace

std::vector<DispatchEntry> chooseDispatch(const ProductShape &shape, const TargetNumbers &target,
                                          const DispatchOptions &options) {
  const Predictions predictions = predictAll(shape, target, options.mostRows);
  std::vector<DispatchEntry> entries;
  if (predictions.all.empty())
    return entries;
  const Kernels kernels = chooseKernels(predictions, options);
  for (size_t begin = 0; begin < predictions.rows.size();) {
    // The fastest kernel of a sample is within any tolerance: each entry takes one at least.
    const auto [kernel, count] = longestEntry(predictions, kernels, begin, options.tolerance);
    begin += count;
    DispatchEntry entry{predictions.rows[begin - 1], predictions.all[kernel][begin - 1]};
    // One kernel has one order of tiles.
    entry.prediction.schedule.rasterGroup = predictions.all[kernel].back().schedule.rasterGroup;
    entries.push_back(entry);
  }
  entries.back().upToRows = DispatchEntry::allRows;
  return entries;
}

} // namespace mlir::mpgemm::cost
