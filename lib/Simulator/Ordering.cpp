//===- Ordering.cpp - Acquire, release and checks of shared accesses -------===//
//
// How warps gain and pass on knowledge of each other's accesses (the memory consistency model,
// section 8, reduced to what shared memory of a cluster needs), and the wording of the races found.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

namespace mpgemm::sim {

void Warp::acquire(const Clock &c, Mask lanes) {
  if ((lanes & live) == live) {
    all.join(c);
    if (someLanes)
      some.join(c);
    return;
  }
  if (!someLanes)
    some = all;
  someLanes |= lanes;
  some.join(c);
}

void Warp::acquireAgent(uint16_t other, uint32_t epoch, Mask lanes) {
  if ((lanes & live) == live) {
    all.raise(other, epoch);
    if (someLanes)
      some.raise(other, epoch);
    return;
  }
  if (!someLanes)
    some = all;
  someLanes |= lanes;
  some.raise(other, epoch);
}

void Warp::release(Clock &into, Mask lanes) {
  into.join(all);
  if (lanes & someLanes)
    into.join(some);
  if ((lanes & live) == live)
    into.raise(agent, clock);
  else
    into.raisePart(agent, clock, lanes);
  if (cpDone)
    into.raise(cta->cluster->cpAgent(*this), cpDone);
  ++clock;
}

void Warp::syncLanes(Mask lanes) {
  if (someLanes) {
    all.join(some);
    someLanes = 0;
  }
  if ((lanes & live) == live)
    all.raise(agent, clock);
  else
    all.raisePart(agent, clock, lanes);
  if (cpDone)
    all.raise(cta->cluster->cpAgent(*this), cpDone);
  ++clock;
}

void Warp::proxyFence(Mask lanes) {
  proxyFences.push_back({clock, lanes});
  cpFenced = cpDone;
  ++clock;
}

bool Cluster::fenced(uint16_t agent, uint8_t lane, uint32_t epoch, uint32_t reached) const {
  if (agent >= cpBase_ && agent < cpBase_ + warps.size()) {
    // cp.async writes through the generic proxy; a fence of its warp after the wait covers it.
    const Warp &w = *warps[agent - cpBase_];
    return epoch <= w.cpFenced;
  }
  if (agent >= warps.size())
    return true;
  const Warp &w = *warps[agent];
  for (size_t k = w.proxyFences.size(); k-- > 0;) {
    const Warp::Fence &f = w.proxyFences[k];
    if (f.clock < epoch)
      return false;
    if (f.clock <= reached && (lane >= kLanes || ((f.lanes >> lane) & 1)))
      return true;
  }
  return false;
}

Accessor Warp::generic(int lane) const {
  Accessor a;
  a.agent = agent;
  a.lane = static_cast<uint8_t>(lane);
  a.epoch = clock;
  a.selfAgent = agent;
  a.selfLane = static_cast<uint8_t>(lane);
  a.selfCopies = cta->cluster->cpAgent(*this);
  a.selfCopied = cpDone;
  a.line = inst ? inst->line : 0;
  a.clock = &known(lane);
  return a;
}

void Warp::checkShared(Cta &target, uint32_t offset, uint32_t bytes, const Accessor &a, bool write,
                       int lane) {
  Cluster &c = *cta->cluster;
  ShadowConflict conflict =
      write ? target.shadow.write(offset, bytes, a, c) : target.shadow.read(offset, bytes, a, c);
  if (&target != cta)
    target.remote.raisePart(agent, clock, lane >= 0 ? 1u << lane : live);
  if (conflict.kind == ShadowConflict::None)
    return;
  std::string place = describeShared(target, conflict.offset);
  std::string other = c.describeAgent(conflict.agent, conflict.lane);
  std::string line = conflict.line ? " (line " + std::to_string(conflict.line) + ")" : "";
  std::string me = a.agent == agent ? "" : " by " + c.describeAgent(a.agent, kManyLanes);
  switch (conflict.kind) {
  case ShadowConflict::Uninitialised:
    fail(lane, "reads " + place + me + ", which was never written");
  case ShadowConflict::MbarrierBytes:
    fail(lane, std::string(write ? "writes " : "reads ") + place + me +
                   ", which belongs to an mbarrier; only mbarrier instructions may touch it");
  case ShadowConflict::ReadAfterWrite:
    fail(lane, "reads " + place + me + ", whose write by " + other + line +
                   " is not ordered before; a wait or a barrier is missing between them");
  case ShadowConflict::WriteAfterWrite:
    fail(lane, "writes " + place + me + ", whose earlier write by " + other + line +
                   " is not ordered before; a wait or a barrier is missing between them");
  case ShadowConflict::WriteAfterRead:
    fail(lane,
         "overwrites " + place + me + ", whose read by " + other + line +
             " is not ordered before; a wait, an arrive or a barrier is missing between them");
  case ShadowConflict::MissingProxyFence:
    fail(lane, std::string(write ? "writes " : "reads ") + place + " through the async proxy" + me +
                   ", written through the generic proxy by " + other + line +
                   " without a fence.proxy.async of the writing thread before the barrier");
  case ShadowConflict::None:
    break;
  }
}

} // namespace mpgemm::sim
