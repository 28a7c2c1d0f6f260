//===- Cluster.cpp - Running the warps of a cluster ------------------------===//
//
// Warps take turns; one that must wait is polled again after the others. When none can go on, the
// latest moment for asynchronous loads has come: one that somebody waits for is performed. When
// that does not help either, try_wait is allowed to time out, and if nothing changes the cluster is
// in a deadlock.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include "mpgemm/Support/Error.h"

#include <cstring>

namespace mpgemm::sim {

namespace {
constexpr int kQuantum = 4096;
/// Instructions of warps without any store, barrier or copy after which a spin loop is a livelock.
constexpr uint64_t kSpinLimit = 100'000'000;
} // namespace

std::string Cta::name() const {
  std::string text = "CTA (" + std::to_string(id[0]) + "," + std::to_string(id[1]) + "," +
                     std::to_string(id[2]) + ")";
  if (cluster->ctas.size() > 1)
    text += " (cluster rank " + std::to_string(rank) + ")";
  return text;
}

Cluster::Cluster(Launch &launch, uint64_t index, unsigned slot)
    : launch(launch), index(index), slot(slot), random(launch.options.seed * 7919 + index) {
  const LaunchConfig &c = launch.config;
  unsigned clusters[3];
  for (int d = 0; d < 3; ++d)
    clusters[d] = c.grid[d] / c.cluster[d];
  id[0] = static_cast<unsigned>(index % clusters[0]);
  id[1] = static_cast<unsigned>(index / clusters[0] % clusters[1]);
  id[2] = static_cast<unsigned>(index / clusters[0] / clusters[1]);
  unsigned count = c.cluster[0] * c.cluster[1] * c.cluster[2];
  threads_ = c.block[0] * c.block[1] * c.block[2];
  warpsPerCta_ = (threads_ + kLanes - 1) / kLanes;
  unsigned groupsPerCta = (warpsPerCta_ + 3) / 4;
  wgmmaBase_ = warpsPerCta_ * count;
  bulkBase_ = wgmmaBase_ + groupsPerCta * count;
  cpBase_ = bulkBase_ + warpsPerCta_ * count;
  agents = cpBase_ + warpsPerCta_ * count;
  mbarrierOfAgent.resize(agents, nullptr);
  clusterArriving.resize(agents, wgmmaBase_);
  clusterReleased = clusterArriving;
  for (unsigned rank = 0; rank < count; ++rank) {
    auto cta = std::make_unique<Cta>();
    cta->cluster = this;
    cta->launch = &launch;
    cta->rank = rank;
    unsigned at[3] = {rank % c.cluster[0], rank / c.cluster[0] % c.cluster[1],
                      rank / c.cluster[0] / c.cluster[1]};
    for (int d = 0; d < 3; ++d)
      cta->id[d] = id[d] * c.cluster[d] + at[d];
    cta->sm = (slot * count + rank) % launch.multiprocessors;
    cta->shared.assign(kSharedBase + launch.sharedBytes, 0xCB); // A pattern that shows.
    if (launch.options.checks)
      cta->shadow.reset(cta->shared.size());
    cta->remote = clusterArriving;
    for (NamedBarrier &b : cta->barriers)
      b.arriving = b.released = clusterArriving;
    cta->groups.resize(groupsPerCta);
    for (unsigned g = 0; g < groupsPerCta; ++g)
      cta->groups[g].agent = static_cast<uint16_t>(wgmmaBase_ + rank * groupsPerCta + g);
    ctas.push_back(std::move(cta));
  }
  for (auto &cta : ctas) {
    startWarps(*cta);
    cta->registerPool =
        65536 - static_cast<int>(warpsPerCta_) * kLanes * launch.kernel->registersPerThread;
  }
}

uint16_t Cluster::newMbarrierAgent(Mbarrier *m) {
  mbarrierOfAgent.push_back(m);
  return static_cast<uint16_t>(agents++);
}

namespace {
uint64_t constantValue(const ConstantSlot &c, const Warp &w, int lane) {
  const Launch &l = *w.launch;
  const LaunchConfig &g = l.config;
  unsigned thread = w.index * kLanes + lane;
  unsigned tid[3] = {thread % g.block[0], thread / g.block[0] % g.block[1],
                     thread / g.block[0] / g.block[1]};
  unsigned count = g.cluster[0] * g.cluster[1] * g.cluster[2];
  unsigned rank = w.cta->rank;
  unsigned inCluster[3] = {rank % g.cluster[0], rank / g.cluster[0] % g.cluster[1],
                           rank / g.cluster[0] / g.cluster[1]};
  switch (c.kind) {
  case ConstantSlot::Bits:
    return c.value;
  case ConstantSlot::Tid:
    return tid[c.arg];
  case ConstantSlot::Ntid:
    return g.block[c.arg];
  case ConstantSlot::Ctaid:
    return w.cta->id[c.arg];
  case ConstantSlot::Nctaid:
    return g.grid[c.arg];
  case ConstantSlot::LaneId:
    return lane;
  case ConstantSlot::WarpId:
    return w.index;
  case ConstantSlot::NwarpId:
    return (w.cta->cluster->threads() + kLanes - 1) / kLanes;
  case ConstantSlot::ClusterId:
    return w.cta->cluster->id[c.arg];
  case ConstantSlot::NClusterId:
    return g.grid[c.arg] / g.cluster[c.arg];
  case ConstantSlot::ClusterCtaId:
    return inCluster[c.arg];
  case ConstantSlot::ClusterNCtaId:
    return g.cluster[c.arg];
  case ConstantSlot::ClusterCtaRank:
    return rank;
  case ConstantSlot::ClusterNCtaRank:
    return count;
  case ConstantSlot::SmId:
    return w.cta->sm;
  case ConstantSlot::NSmId:
    return l.multiprocessors;
  case ConstantSlot::LaneMask: {
    Mask eq = 1u << lane;
    Mask lt = eq - 1;
    Mask v[5] = {eq, lt, lt | eq, ~(lt | eq), ~lt};
    return v[c.arg];
  }
  case ConstantSlot::DynamicShared:
    return g.sharedBytes;
  case ConstantSlot::TotalShared:
    return kSharedBase + l.sharedBytes;
  case ConstantSlot::IsExplicitCluster:
    return count > 1;
  case ConstantSlot::GridId:
    return 0;
  }
  return 0;
}
} // namespace

void Cluster::startWarps(Cta &cta) {
  const KernelCode &k = *launch.kernel;
  for (unsigned n = 0; n < warpsPerCta_; ++n) {
    auto warp = std::make_unique<Warp>();
    Warp &w = *warp;
    w.cta = &cta;
    w.launch = &launch;
    w.index = static_cast<int>(n);
    w.agent = static_cast<uint16_t>(warps.size());
    unsigned lanes = std::min<unsigned>(kLanes, threads_ - n * kLanes);
    w.live = w.started = lanes == kLanes ? kAll : (1u << lanes) - 1;
    w.storage.assign(size_t(k.slots) * kLanes + 16, 0);
    auto base = reinterpret_cast<uintptr_t>(w.storage.data());
    w.slots = reinterpret_cast<uint32_t *>((base + 63) & ~uintptr_t(63));
    w.init.assign(k.registers.size(), launch.options.checks ? 0 : kAll);
    w.touched.assign(k.registers.size(), 0);
    w.busy.assign(k.registers.size(), 0);
    w.busyInit.assign(k.registers.size(), 0);
    w.busyKind.assign(k.registers.size(), 0);
    w.localBytes = k.localBytes;
    w.local.assign(k.localBytes * kLanes, 0);
    w.all.resize(agents, wgmmaBase_);
    w.some = w.all;
    for (const ConstantSlot &c : k.constants)
      for (int lane = 0; lane < kLanes; ++lane) {
        uint64_t v = constantValue(c, w, lane);
        if (c.bits == 64)
          w.r<uint64_t>(c.slot)[lane] = v;
        else if (c.bits == 16)
          w.r<uint16_t>(c.slot)[lane] = static_cast<uint16_t>(v);
        else
          w.r<uint32_t>(c.slot)[lane] = static_cast<uint32_t>(v);
      }
    Split s;
    s.mask = w.live;
    w.splits.push_back(s);
    w.maxRegisters = k.registersPerThread;
    warps.push_back(&w);
    cta.warps.push_back(std::move(warp));
    ++cta.liveWarps;
  }
}

bool Cluster::finishSomeLoad(bool onlyWanted) {
  for (Warp *w : warps)
    for (Split &s : w->splits) {
      if (s.wait != WaitFor::Mbarrier || !s.waitBarrier || s.waitBarrier->loads.empty())
        continue;
      Mbarrier &m = *s.waitBarrier;
      while (!m.loads.empty()) {
        AsyncLoad op = std::move(m.loads.front());
        m.loads.pop_front();
        performLoad(op, m);
        checkPhase(m);
      }
      return true;
    }
  if (onlyWanted)
    return false;
  std::vector<Mbarrier *> candidates;
  for (auto &cta : ctas)
    for (auto &entry : cta->mbarriers)
      if (!entry.second->loads.empty())
        candidates.push_back(entry.second.get());
  if (candidates.empty())
    return false;
  std::sort(candidates.begin(), candidates.end(),
            [](Mbarrier *a, Mbarrier *b) { return a->agent < b->agent; });
  Mbarrier &m = *candidates[random() % candidates.size()];
  size_t pick = random() % m.loads.size();
  AsyncLoad op = std::move(m.loads[pick]);
  m.loads.erase(m.loads.begin() + static_cast<ptrdiff_t>(pick));
  performLoad(op, m);
  checkPhase(m);
  return true;
}

bool Cluster::run() {
  for (int round = 0; round < 32; ++round) {
    bool any = false, alive = false;
    for (Warp *w : warps) {
      if (!w->live)
        continue;
      alive = true;
      uint64_t before = w->executed;
      any |= w->run(kQuantum);
      sinceEffect_ += w->executed - before;
    }
    if (!alive)
      return true;
    if (launch.stop)
      return true;
    uint64_t effects = launch.effects.load(std::memory_order_relaxed);
    if (effects != lastEffects_) {
      lastEffects_ = effects;
      sinceEffect_ = 0;
      idleRounds_ = 0;
    } else if (sinceEffect_ > kSpinLimit) {
      for (Warp *w : warps)
        if (w->live)
          w->fail(-1, "a loop has run " + std::to_string(kSpinLimit) +
                          " instructions without any effect; what it waits for does not happen");
    }
    if (launch.options.order == AsyncOrder::Random && random() % 4 == 0)
      any |= finishSomeLoad(false);
    if (any || finishSomeLoad(true))
      continue;
    if (++idleRounds_ > 3)
      deadlock();
    for (Warp *w : warps)
      for (Split &s : w->splits)
        if (s.wait == WaitFor::Mbarrier)
          s.timedOut = true;
  }
  return false;
}

std::string Cluster::describeWait(const Warp &w, const Split &s) const {
  switch (s.wait) {
  case WaitFor::Mbarrier:
    return "phase " + std::to_string(s.waitArg) + " of the mbarrier at " +
           describeShared(*s.waitBarrier->cta, s.waitBarrier->offset) + ", which lacks " +
           std::to_string(s.waitBarrier->pending) + " of " + std::to_string(s.waitBarrier->count) +
           " arrivals and " + std::to_string(s.waitBarrier->tx) + " bytes";
  case WaitFor::NamedBarrier: {
    const NamedBarrier &b = w.cta->barriers[s.waitArg];
    return "barrier " + std::to_string(s.waitArg) + ", where " + std::to_string(b.arrived) +
           " of " + std::to_string(b.expected) + " threads have arrived";
  }
  case WaitFor::ClusterBarrier:
    return "barrier.cluster, where " + std::to_string(clusterArrived) + " warps have arrived";
  case WaitFor::WgmmaPeers:
    return "the other warps of its warpgroup to issue the same wgmma";
  case WaitFor::Registers:
    return "registers: " + std::to_string(w.cta->registerPool) + " of the SM's 65536 are free";
  case WaitFor::Nothing:
    break;
  }
  return "lanes that went another way";
}

void Cluster::deadlock() {
  // Warps that wait for the same at the same place share a line of the report.
  std::vector<std::pair<std::string, std::string>> lines;
  const KernelCode &k = *launch.kernel;
  Warp *first = nullptr;
  for (Warp *w : warps)
    for (const Split &s : w->splits) {
      if (!w->live)
        continue;
      if (!first)
        first = w;
      const Inst &i = k.code[s.pc];
      std::string what = "at line " + std::to_string(i.line) + " `" + k.module->lineText(i.line) +
                         "` waits for " + describeWait(*w, s);
      auto same =
          std::find_if(lines.begin(), lines.end(), [&](auto &l) { return l.second == what; });
      if (same == lines.end())
        lines.push_back({w->where(-1), what});
      else
        same->first += ", " + std::to_string(w->index);
    }
  std::string text;
  for (auto &l : lines)
    text += "\n  " + l.first + " " + l.second;
  first->inst = &k.code[first->splits[0].pc];
  first->fail(
      -1, "deadlock: no warp of the cluster can go on; an arrive, a copy or a barrier is missing:" +
              text + "\n ");
}

std::string Cluster::describeAgent(uint16_t agent, uint8_t lane) const {
  auto ctaOf = [&](unsigned n, unsigned per) {
    return ctas.size() > 1 ? " of cluster rank " + std::to_string(n / per) : std::string();
  };
  if (agent < wgmmaBase_) {
    std::string text = "warp " + std::to_string(agent % warpsPerCta_);
    if (lane < kLanes)
      text += " thread " + std::to_string(agent % warpsPerCta_ * kLanes + lane);
    return text + ctaOf(agent, warpsPerCta_);
  }
  unsigned groups = (warpsPerCta_ + 3) / 4;
  if (agent < bulkBase_)
    return "wgmma of warpgroup " + std::to_string((agent - wgmmaBase_) % groups) +
           ctaOf(agent - wgmmaBase_, groups);
  if (agent < cpBase_)
    return "a bulk store of warp " + std::to_string((agent - bulkBase_) % warpsPerCta_) +
           ctaOf(agent - bulkBase_, warpsPerCta_);
  if (agent < cpBase_ + warps.size())
    return "cp.async of warp " + std::to_string((agent - cpBase_) % warpsPerCta_) +
           ctaOf(agent - cpBase_, warpsPerCta_);
  if (agent < mbarrierOfAgent.size() && mbarrierOfAgent[agent])
    return "the asynchronous copy that reports to the mbarrier at " +
           describeShared(*mbarrierOfAgent[agent]->cta, mbarrierOfAgent[agent]->offset);
  return "somebody";
}

void Cluster::warpExited(Warp &w) {
  Cta &cta = *w.cta;
  if (launch.options.checks) {
    w.inst = w.inst ? w.inst : &launch.kernel->code.back();
    if (!w.bulkOpen.empty())
      w.fail(w.bulkOpen.front().lane,
             "exits with a bulk copy out of shared memory (line " +
                 std::to_string(w.bulkOpen.front().inst->line) +
                 ") that was never committed; add cp.async.bulk.commit_group and "
                 "cp.async.bulk.wait_group");
    for (const BulkGroup &g : w.bulkGroups)
      if (!g.done && !g.ops.empty())
        w.fail(g.lane, "exits while a bulk copy (line " + std::to_string(g.ops.front().inst->line) +
                           ") still reads shared memory; add cp.async.bulk.wait_group");
    if (w.wgmmaOpen)
      w.fail(-1, "exits with a wgmma that was never committed; add wgmma.commit_group and "
                 "wgmma.wait_group");
    if (!w.busyList.empty())
      w.fail(-1, "exits with a wgmma in flight; add wgmma.wait_group");
    for (const CpAsyncGroup &g : w.cpGroups)
      for (const CpAsync &op : g.ops)
        if (op.mask)
          w.fail(-1, "exits with a cp.async in flight (line " + std::to_string(op.inst->line) +
                         "); add cp.async.wait_all");
    for (const CpAsync &op : w.cpOpen)
      if (op.mask)
        w.fail(-1, "exits with a cp.async in flight (line " + std::to_string(op.inst->line) +
                       "); add cp.async.wait_all");
  } else {
    for (const BulkGroup &g : w.bulkGroups)
      if (!g.done)
        for (const BulkStore &op : g.ops)
          if (!op.performed)
            performBulkStore(w, op);
    for (const BulkStore &op : w.bulkOpen)
      if (!op.performed)
        performBulkStore(w, op);
  }
  launch.effects.fetch_add(1, std::memory_order_relaxed);
  checkClusterBarrier();
  for (unsigned id = 0; id < cta.barriers.size(); ++id)
    exitNamedBarrier(cta, id);
  if (--cta.liveWarps)
    return;
  if (launch.options.checks) {
    for (auto &entry : cta.mbarriers)
      if (!entry.second->loads.empty())
        w.fail(-1, "the CTA exits while an asynchronous copy (line " +
                       std::to_string(entry.second->loads.front().inst->line) +
                       ") into its shared memory is pending; wait for its mbarrier");
    for (size_t n = 0; n < cta.warps.size(); ++n)
      if (cta.warps[n]->setMaxCalls != cta.warps[n / 4 * 4]->setMaxCalls)
        w.fail(-1,
               "setmaxnreg was not executed by all warps of warpgroup " + std::to_string(n / 4));
    // Accesses of other CTAs must be over by synchronisation, not by luck.
    Clock last;
    last.resize(agents, wgmmaBase_);
    for (auto &other : cta.warps) {
      last.join(other->all);
      if (other->someLanes)
        last.join(other->some);
    }
    for (Warp *other : warps)
      if (other->cta != &cta)
        for (int lane = 0; lane < kLanes; ++lane) {
          uint32_t epoch = cta.remote.reached(other->agent, static_cast<uint8_t>(lane));
          if (epoch && !last.knows(other->agent, static_cast<uint8_t>(lane), epoch))
            w.fail(
                -1,
                "the CTA exits while " + describeAgent(other->agent, static_cast<uint8_t>(lane)) +
                    " may still access its shared memory; end the kernel with a barrier.cluster");
        }
  }
  cta.exited = true;
}

} // namespace mpgemm::sim
