//===- Barriers.cpp - bar, barrier.cluster and fences ----------------------===//
//
// Sections 9.7.13.1 to 9.7.13.4. A barrier releases what its arrivals know and did to everyone who
// waits.
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

namespace mpgemm::sim {

namespace {

unsigned threadsOf(const Cta &cta) { return static_cast<unsigned>(cta.liveWarps) * kLanes; }

void complete(Warp &w, NamedBarrier &b) {
  b.released = b.arriving;
  b.arriving.clear();
  ++b.generation;
  b.arrived = 0;
  b.expected = 0;
  b.warps = 0;
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
}

/// Common to sync and arrive. The value of `id` and `count` must agree among the lanes.
NamedBarrier &arrive(Warp &w, const Inst &i, Mask mask, unsigned id, unsigned count) {
  if (id >= w.cta->barriers.size())
    w.fail(-1, "barrier " + std::to_string(id) + " does not exist; there are 16");
  NamedBarrier &b = w.cta->barriers[id];
  unsigned expected = count ? count : w.cta->cluster->threads();
  if (count % kLanes)
    w.fail(-1,
           "the thread count of a barrier must be a multiple of 32, not " + std::to_string(count));
  expected = (expected + kLanes - 1) / kLanes * kLanes;
  if (b.arrived && b.expected != expected)
    w.fail(-1, "barrier " + std::to_string(id) + " is used with " + std::to_string(expected) +
                   " threads, but earlier arrivals expect " + std::to_string(b.expected));
  if (mask == w.live && ((b.warps >> w.index) & 1))
    w.fail(-1, "this warp arrives at barrier " + std::to_string(id) +
                   " twice before the others; a bar.sync between is missing");
  b.expected = expected;
  b.warps |= 1u << w.index;
  b.arrived += mask == w.live ? kLanes : static_cast<unsigned>(__builtin_popcount(mask));
  if (b.arrived > b.expected)
    w.fail(-1, "barrier " + std::to_string(id) + " gets " + std::to_string(b.arrived) +
                   " arrivals but expects " + std::to_string(b.expected));
  w.release(b.arriving, mask);
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
  return b;
}

unsigned uniform(Warp &w, const RegRef &r, Mask mask) {
  if (r.slot < 0)
    return 0;
  const uint32_t *v = w.r<uint32_t>(r.slot);
  unsigned first = v[firstLane(mask)];
  for (int l = 0; l < kLanes; ++l)
    if (((mask >> l) & 1) && v[l] != first)
      w.fail(l, "lanes of a warp name different barriers or counts");
  return first;
}

Outcome execBarSync(Warp &w, const Inst &i, Mask mask) {
  unsigned id = uniform(w, i.s[0], mask), count = uniform(w, i.s[1], mask);
  Split &s = w.split();
  if (!s.ticket) {
    NamedBarrier &b = arrive(w, i, mask, id, count);
    s.ticket = b.generation + 1;
    if (b.arrived == b.expected)
      complete(w, b);
    else if (!count)
      exitNamedBarrier(*w.cta, id);
  }
  NamedBarrier &b = w.cta->barriers[id];
  if (b.generation < s.ticket)
    return w.block(WaitFor::NamedBarrier, nullptr, id);
  s.ticket = 0;
  w.acquire(b.released, mask);
  w.syncLanes(mask);
  return Outcome::Next;
}

Outcome execBarArrive(Warp &w, const Inst &i, Mask mask) {
  unsigned id = uniform(w, i.s[0], mask), count = uniform(w, i.s[1], mask);
  NamedBarrier &b = arrive(w, i, mask, id, count);
  if (b.arrived == b.expected)
    complete(w, b);
  return Outcome::Next;
}

/// bar.red: mode[0] popc, and, or. The count travels in orCount; a second word would be needed for
/// two reductions in flight, which the barrier itself excludes.
Outcome execBarRed(Warp &w, const Inst &i, Mask mask) {
  unsigned id = uniform(w, i.s[0], mask), count = uniform(w, i.s[1], mask);
  Split &s = w.split();
  if (!s.ticket) {
    Mask p = w.pred(i.s[2].slot);
    if (i.mode[1])
      p = ~p;
    NamedBarrier &b = arrive(w, i, mask, id, count);
    if (b.arrived <= kLanes)
      b.orCount = 0;
    b.orCount += static_cast<unsigned>(__builtin_popcount(p & mask));
    s.ticket = b.generation + 1;
    if (b.arrived == b.expected) {
      b.redResult = b.orCount;
      b.redThreads = b.expected;
      complete(w, b);
    }
  }
  NamedBarrier &b = w.cta->barriers[id];
  if (b.generation < s.ticket)
    return w.block(WaitFor::NamedBarrier, nullptr, id);
  s.ticket = 0;
  w.acquire(b.released, mask);
  w.syncLanes(mask);
  unsigned n = b.redResult, all = std::min(b.redThreads, w.cta->cluster->threads());
  if (i.mode[0] == 0) {
    eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int) { return n; });
  } else {
    bool v = i.mode[0] == 1 ? n == all : n != 0;
    Mask &d = w.pred(i.d[0].slot);
    d = (d & ~mask) | (v ? mask : 0);
  }
  return Outcome::Next;
}

Outcome execWarpSync(Warp &w, const Inst &i, Mask mask) {
  Mask m = w.r<uint32_t>(i.s[0].slot)[firstLane(mask)];
  if (m & w.live & ~mask)
    w.fail(firstLane(mask), "bar.warp.sync names lanes that do not execute it together");
  w.syncLanes(mask);
  return Outcome::Next;
}

void decodeBar(Decoder &d) {
  bool isBar = d.in.parts[0] == "bar";
  d.has("cta");
  if (d.has("warp")) {
    d.has("sync");
    d.needOperands(1, 1);
    d.out.s[0] = d.src(0, 32);
    d.out.fn = execWarpSync;
    return;
  }
  if (d.has("sync")) {
    d.needOperands(1, 2);
    d.out.fn = execBarSync;
    d.out.s[0] = d.src(0, 32);
    if (d.operands() > 1)
      d.out.s[1] = d.src(1, 32);
  } else if (d.has("arrive")) {
    d.needOperands(2, 2);
    d.out.fn = execBarArrive;
    d.out.s[0] = d.src(0, 32);
    d.out.s[1] = d.src(1, 32);
  } else if (d.has("red")) {
    int op = d.oneOf({"popc", "and", "or"});
    Ty t = d.type();
    if (op < 0 || (op == 0) != (t == Ty::U32))
      d.fail("expected .popc.u32, .and.pred or .or.pred");
    d.needOperands(3, 4);
    d.out.mode[0] = static_cast<uint8_t>(op);
    d.out.d[0] = d.dst(0, op == 0 ? 32 : 1);
    d.out.s[0] = d.src(1, 32);
    if (d.operands() > 3)
      d.out.s[1] = d.src(2, 32);
    const PtxOperand &p = d.op(d.operands() - 1);
    d.out.s[2] = d.predicate(p);
    d.out.mode[1] = p.negated;
    d.out.fn = execBarRed;
  } else {
    d.fail("expected .sync, .arrive or .red");
  }
  if (d.has("aligned") || isBar)
    d.out.flags |= kAligned;
}

//===- barrier.cluster -------------------------------------------------------===//

Outcome execClusterArrive(Warp &w, const Inst &i, Mask mask) {
  Cluster &c = *w.cta->cluster;
  if (mask != w.live)
    w.fail(firstLane(mask), "barrier.cluster.arrive by a part of a warp is not supported");
  if (w.clusterArrived != c.clusterGeneration)
    w.fail(-1, "barrier.cluster.arrive again without barrier.cluster.wait between");
  if (!i.mode[0])
    w.release(c.clusterArriving, mask);
  ++w.clusterArrived;
  ++c.clusterArrived;
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
  c.checkClusterBarrier();
  return Outcome::Next;
}

Outcome execClusterWait(Warp &w, const Inst &, Mask mask) {
  Cluster &c = *w.cta->cluster;
  if (w.clusterWaited >= w.clusterArrived)
    w.fail(-1, "barrier.cluster.wait without barrier.cluster.arrive before");
  if (c.clusterGeneration < w.clusterArrived)
    return w.block(WaitFor::ClusterBarrier);
  w.clusterWaited = w.clusterArrived;
  w.acquire(c.clusterReleased, mask);
  w.syncLanes(mask);
  return Outcome::Next;
}

void decodeBarrier(Decoder &d) {
  if (!d.has("cluster")) {
    decodeBar(d);
    return;
  }
  if (d.has("aligned"))
    d.out.flags |= kAligned;
  d.needOperands(0, 0);
  if (d.has("arrive")) {
    d.out.mode[0] = d.has("relaxed");
    d.has("release");
    d.out.fn = execClusterArrive;
  } else if (d.has("wait")) {
    d.has("acquire");
    d.out.fn = execClusterWait;
  }
}

//===- Fences ----------------------------------------------------------------===//

Outcome execNothing(Warp &, const Inst &, Mask) { return Outcome::Next; }

Outcome execMemoryFence(Warp &, const Inst &, Mask) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return Outcome::Next;
}

void fenceMbarriers(Warp &w, Mask mask) {
  for (auto &entry : w.cta->mbarriers) {
    Mbarrier &m = *entry.second;
    if (m.initAgent == w.agent && ((mask >> m.initLane) & 1))
      m.initFenced = true;
  }
}

Outcome execProxyFence(Warp &w, const Inst &, Mask mask) {
  w.proxyFence(mask);
  fenceMbarriers(w, mask); // Makes initialisation visible to the async proxy as well.
  return Outcome::Next;
}

Outcome execMbarrierInitFence(Warp &w, const Inst &, Mask mask) {
  fenceMbarriers(w, mask);
  return Outcome::Next;
}

void decodeFence(Decoder &d) {
  if (d.has("mbarrier_init")) {
    d.has("release");
    d.has("cluster");
    d.out.fn = execMbarrierInitFence;
    return;
  }
  if (d.has("proxy")) {
    int which = d.oneOf({"async", "async::generic", "alias", "tensormap::generic"});
    bool global = d.has("global");
    d.oneOf({"shared::cta", "shared::cluster", "sync_restrict::shared::cta",
             "sync_restrict::shared::cluster"});
    d.oneOf({"acquire", "release"});
    d.oneOf({"cta", "cluster", "gpu", "sys"});
    if (which == 3) {
      d.needOperands(0, 2);
      if (d.operands())
        d.out.address = d.address(d.op(0));
    }
    d.out.fn = which == 0 && !global ? execProxyFence : which >= 0 ? execNothing : nullptr;
    return;
  }
  d.oneOf({"sc", "acq_rel", "acquire", "release"});
  d.oneOf({"cta", "cluster", "gpu", "sys"});
  d.out.fn = execMemoryFence;
}

} // namespace

void exitNamedBarrier(Cta &cta, unsigned id) {
  NamedBarrier &b = cta.barriers[id];
  unsigned all = (cta.cluster->threads() + kLanes - 1) / kLanes * kLanes;
  // Exited threads count as arrived where a barrier waits for all of them.
  if (b.arrived && b.expected == all && b.arrived >= threadsOf(cta) && cta.liveWarps)
    complete(*cta.warps[0], b);
}

void Cluster::checkClusterBarrier() {
  unsigned alive = 0;
  for (Warp *w : warps)
    if (w->live || w->clusterArrived > clusterGeneration)
      ++alive;
  if (!clusterArrived || clusterArrived < alive)
    return;
  clusterReleased = clusterArriving;
  clusterArriving.clear();
  clusterArrived = 0;
  ++clusterGeneration;
  for (Warp *w : warps)
    if (!w->live)
      w->clusterArrived = clusterGeneration;
}

void addBarriers(DecodeTable &t) {
  t["bar"] = decodeBar;
  t["barrier"] = decodeBarrier;
  t["fence"] = decodeFence;
  t["membar"] = [](Decoder &d) {
    if (d.has("proxy")) {
      d.oneOf({"async", "alias"});
      d.out.fn = execProxyFence;
      return;
    }
    d.oneOf({"cta", "gl", "sys"});
    d.out.fn = execMemoryFence;
  };
}

} // namespace mpgemm::sim
