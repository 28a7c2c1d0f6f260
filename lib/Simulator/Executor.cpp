//===- Executor.cpp - Running a launch -------------------------------------===//
//
// Resident clusters are dealt out over host threads; each thread lets its own take turns, so that
// CTAs that wait for each other through global memory all make progress.
//
//===----------------------------------------------------------------------===//
#include "Executor.h"

#include <exception>
#include <thread>

namespace mpgemm::sim {

void execute(Launch &launch) {
  const LaunchConfig &c = launch.config;
  const uint64_t perCluster = uint64_t(c.cluster[0]) * c.cluster[1] * c.cluster[2];
  const uint64_t total = uint64_t(c.grid[0]) * c.grid[1] * c.grid[2] / perCluster;
  const unsigned slots = static_cast<unsigned>(
      std::min<uint64_t>(total, std::max<uint64_t>(1, launch.multiprocessors / perCluster)));
  unsigned hosts = launch.options.hostThreads > 0
                       ? static_cast<unsigned>(launch.options.hostThreads)
                       : std::max(1u, std::thread::hardware_concurrency());
  hosts = std::min(hosts, slots);
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  std::exception_ptr first;

  auto work = [&](unsigned host) {
    try {
      std::vector<std::unique_ptr<Cluster>> mine;
      std::vector<unsigned> names;
      for (unsigned s = host; s < slots; s += hosts) {
        mine.emplace_back();
        names.push_back(s);
      }
      for (bool busy = true; busy && !launch.stop;) {
        busy = false;
        for (size_t n = 0; n < mine.size() && !launch.stop; ++n) {
          if (!mine[n]) {
            uint64_t index = next.fetch_add(1);
            if (index >= total)
              continue;
            mine[n] = std::make_unique<Cluster>(launch, index, names[n]);
          }
          busy = true;
          if (mine[n]->run())
            mine[n].reset();
        }
      }
    } catch (...) {
      std::lock_guard<std::mutex> lock(mutex);
      if (!first)
        first = std::current_exception();
      launch.stop = true;
    }
  };

  std::vector<std::thread> threads;
  for (unsigned h = 1; h < hosts; ++h)
    threads.emplace_back(work, h);
  work(0);
  for (std::thread &t : threads)
    t.join();
  if (first)
    std::rethrow_exception(first);
}

} // namespace mpgemm::sim
