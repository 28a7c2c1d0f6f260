//===- Clock.h - Vector clocks of the sanitizer ------------------*- C++ -*-===//
//
// Happens-before inside a cluster. Agents are warps (generic proxy) and the asynchronous engines:
// wgmma of a warpgroup, bulk copies out of shared memory and cp.async of a warp, and each mbarrier
// (whose clock counts phases: a byte that TMA writes belongs to the barrier it reports to). An
// access is known to a clock if the clock's entry for the access's agent has reached the access's
// epoch.
//
// Warps need lane precision, because a barrier arrival by lane 0 says nothing of what lane 5 did
// before it unless the warp was synchronised: `full` counts what every lane did, `part` what the
// lanes in `lanes` did.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_CLOCK_H
#define MPGEMM_LIB_SIMULATOR_CLOCK_H

#include <algorithm>
#include <cstdint>
#include <vector>

namespace mpgemm::sim {

constexpr uint8_t kManyLanes = 255;

class Clock {
public:
  void resize(size_t agents, size_t warps) {
    full_.assign(agents, 0);
    part_.assign(warps, 0);
    lanes_.assign(warps, 0);
  }

  bool knows(uint16_t agent, uint8_t lane, uint32_t epoch) const {
    if (agent < full_.size() && epoch <= full_[agent])
      return true;
    return agent < part_.size() && epoch <= part_[agent] && lane < 32 &&
           ((lanes_[agent] >> lane) & 1);
  }

  uint32_t full(uint16_t agent) const { return agent < full_.size() ? full_[agent] : 0; }

  /// The latest clock of warp `agent` that this clock covers for `lane`.
  uint32_t reached(uint16_t agent, uint8_t lane) const {
    uint32_t r = full(agent);
    if (agent < part_.size() && lane < 32 && ((lanes_[agent] >> lane) & 1))
      r = std::max(r, part_[agent]);
    return r;
  }

  void raise(uint16_t agent, uint32_t epoch) {
    if (agent >= full_.size())
      full_.resize(agent + 1, 0);
    full_[agent] = std::max(full_[agent], epoch);
  }

  /// Two partial entries merge to the union of their lanes at the later clock: rather miss a race
  /// of unsynchronised lanes than report one that is none.
  void raisePart(uint16_t agent, uint32_t epoch, uint32_t lanes) {
    if (epoch <= full_[agent])
      return;
    if (part_[agent] <= full_[agent])
      lanes_[agent] = 0;
    part_[agent] = std::max(part_[agent], epoch);
    lanes_[agent] |= lanes;
  }

  void join(const Clock &o) {
    if (full_.size() < o.full_.size())
      full_.resize(o.full_.size(), 0);
    for (size_t i = 0; i < o.full_.size(); ++i)
      full_[i] = std::max(full_[i], o.full_[i]);
    for (size_t i = 0; i < o.part_.size(); ++i)
      if (o.part_[i] > o.full_[i])
        raisePart(static_cast<uint16_t>(i), o.part_[i], o.lanes_[i]);
  }

  /// Keeps what both know.
  void meet(const Clock &o) {
    if (full_.size() > o.full_.size())
      full_.resize(o.full_.size());
    for (size_t i = 0; i < full_.size(); ++i)
      full_[i] = std::min(full_[i], o.full_[i]);
    for (size_t i = 0; i < part_.size(); ++i) {
      part_[i] = std::min(part_[i], o.part_[i]);
      lanes_[i] &= o.lanes_[i];
    }
  }

  void clear() {
    std::fill(full_.begin(), full_.end(), 0u);
    std::fill(part_.begin(), part_.end(), 0u);
    std::fill(lanes_.begin(), lanes_.end(), 0u);
  }

private:
  std::vector<uint32_t> full_;
  std::vector<uint32_t> part_;
  std::vector<uint32_t> lanes_;
};

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_CLOCK_H
