//===- Mbarrier.cpp - mbarrier objects -------------------------------------===//
//
// Section 9.7.13.15. The object itself lives beside the shared memory whose eight bytes it
// occupies, so that ordinary accesses to them are noticed. A phase completes when no arrival and no
// byte is pending; what its arrivals released is acquired by whoever waits for it.
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

namespace mpgemm::sim {

namespace {
constexpr int64_t kMaxCount = (1 << 20) - 1;

std::string describe(const Mbarrier &m) {
  return "the mbarrier at " + describeShared(*m.cta, m.offset);
}
void checkInitVisible(Warp &w, int lane, const Mbarrier &m) {
  bool own = m.initAgent == w.agent && m.initLane == lane;
  if (!own && !w.known(lane).knows(m.initAgent, m.initLane, m.initEpoch))
    w.fail(lane, "uses " + describe(m) + " before its initialisation (line " +
                     std::to_string(m.initLine) +
                     ") is visible here; a barrier between them is missing");
}
} // namespace

Mbarrier &mbarrierAt(Warp &w, int lane, uint64_t address, const char *what, bool remoteUse,
                     bool asyncUse) {
  SharedPlace p = resolveShared(w, lane, address, 8, 8, what);
  auto it = p.cta->mbarriers.find(p.offset);
  if (it == p.cta->mbarriers.end() || !it->second->valid)
    w.fail(lane, std::string(what) + ": " + describeShared(*p.cta, p.offset) +
                     " holds no mbarrier; mbarrier.init is missing");
  Mbarrier &m = *it->second;
  if (p.cta != w.cta) {
    p.cta->remote.raisePart(w.agent, w.clock, 1u << lane);
    remoteUse = true;
  }
  if (w.checks()) {
    checkInitVisible(w, lane, m);
    if ((remoteUse || asyncUse) && !m.initFenced)
      w.fail(lane,
             std::string(asyncUse ? "an asynchronous copy" : "another CTA") + " uses " +
                 describe(m) + ", whose initialisation (line " + std::to_string(m.initLine) +
                 ") was not followed by fence.mbarrier_init.release.cluster in the same thread");
  }
  return m;
}

void checkPhase(Mbarrier &m) {
  if (m.pending || m.tx)
    return;
  ++m.phase;
  m.pending = m.count;
  m.released = m.arriving;
  m.released.raise(m.agent, static_cast<uint32_t>(m.phase));
  m.arriving.clear();
  m.cta->launch->effects.fetch_add(1, std::memory_order_relaxed);
}

void arriveCount(Mbarrier &m, uint32_t count, Warp &w, int lane) {
  if (count > m.pending)
    w.fail(lane, "arrives " + std::to_string(count) + " times at " + describe(m) +
                     ", which expects " + std::to_string(m.pending) + " more arrivals of " +
                     std::to_string(m.count) + " in this phase");
  m.pending -= count;
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
  checkPhase(m);
}

void completeTx(Mbarrier &m, int64_t bytes, Warp &w, int lane) {
  m.tx -= bytes;
  if (m.tx < -kMaxCount)
    w.fail(lane, "the transaction count of " + describe(m) +
                     " underflows; expect_tx is missing or too small");
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
}

namespace {

/// Inst::mode: returns a state, expect_tx, noComplete, drop, relaxed, remote space.
enum {
  kState = 0,
  kExpectTx = 1,
  kNoComplete = 2,
  kDrop = 3,
  kRelaxed = 4,
  kParity = 1,
  kTest = 2
};

void expectTx(Mbarrier &m, uint32_t bytes, Warp &w, int lane) {
  m.tx += bytes;
  if (m.tx > kMaxCount)
    w.fail(lane, "the transaction count of " + describe(m) + " would exceed " +
                     std::to_string(kMaxCount) + " bytes");
}

Outcome execInit(Warp &w, const Inst &i, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    SharedPlace p = resolveShared(w, lane, w.address(i.address, lane), 8, 8, "mbarrier.init");
    uint32_t count = w.r<uint32_t>(i.s[0].slot)[lane];
    if (count == 0 || count > kMaxCount)
      w.fail(lane, "the count of an mbarrier must be 1 to " + std::to_string(kMaxCount) + ", not " +
                       std::to_string(count));
    if (p.cta != w.cta)
      w.fail(lane, "mbarrier.init in the shared memory of another CTA");
    std::unique_ptr<Mbarrier> &slot = p.cta->mbarriers[p.offset];
    if (slot && slot->valid)
      w.fail(lane, "initialises " + describe(*slot) + " again without mbarrier.inval");
    Cluster &c = *w.cta->cluster;
    auto fresh = std::make_unique<Mbarrier>();
    Mbarrier &m = *fresh;
    m.cta = p.cta;
    m.offset = p.offset;
    if (c.agents > 0xff00)
      w.fail(lane, "too many mbarriers in one cluster");
    m.agent = c.newMbarrierAgent(&m);
    m.valid = true;
    m.count = m.pending = count;
    m.initAgent = w.agent;
    m.initLane = static_cast<uint8_t>(lane);
    m.initEpoch = w.clock;
    m.initLine = i.line;
    m.arriving.resize(c.agents, c.warps.size());
    m.released = m.arriving;
    if (w.checks()) {
      w.checkShared(*p.cta, p.offset, 8, w.generic(lane), true, lane);
      p.cta->shadow.setMbarrier(p.offset, true);
    }
    if (slot)
      c.retired.push_back(std::move(slot));
    slot = std::move(fresh);
  }
  return Outcome::Next;
}

Outcome execInval(Warp &w, const Inst &i, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    Mbarrier &m = mbarrierAt(w, lane, w.address(i.address, lane), "mbarrier.inval", false, false);
    if (!m.loads.empty())
      w.fail(lane, "invalidates " + describe(m) + " while an asynchronous copy reports to it");
    m.valid = false;
    if (w.checks())
      m.cta->shadow.setMbarrier(m.offset, false);
  }
  return Outcome::Next;
}

Outcome execArrive(Warp &w, const Inst &i, Mask mask) {
  const uint32_t *amount = i.s[0].slot >= 0 ? w.r<uint32_t>(i.s[0].slot) : nullptr;
  Mask left = mask;
  while (left) {
    int lane = firstLane(left);
    uint64_t address = w.address(i.address, lane);
    Mask same = 0;
    for (int l = lane; l < kLanes; ++l)
      if (((left >> l) & 1) && w.address(i.address, l) == address)
        same |= 1u << l;
    left &= ~same;
    for (int l = lane; l < kLanes; ++l) {
      if (!((same >> l) & 1))
        continue;
      Mbarrier &m = mbarrierAt(w, l, address, "mbarrier.arrive", false, false);
      if (l == lane && !i.mode[kRelaxed])
        w.release(m.arriving, same); // All of them execute it at once.
      uint64_t state = m.phase;
      uint32_t count = 1;
      if (i.mode[kExpectTx])
        expectTx(m, amount[l], w, l);
      else if (amount)
        count = amount[l];
      if (i.mode[kDrop])
        m.count -= 1;
      arriveCount(m, count, w, l);
      if (i.mode[kNoComplete] && m.phase != state)
        w.fail(l, "mbarrier.arrive.noComplete completed the phase of " + describe(m));
      if (i.mode[kState])
        w.r<uint64_t>(i.d[0].slot)[l] = state;
    }
  }
  return Outcome::Next;
}

Outcome execTx(Warp &w, const Inst &i, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    Mbarrier &m =
        mbarrierAt(w, lane, w.address(i.address, lane), "mbarrier.expect_tx", false, false);
    uint32_t bytes = w.r<uint32_t>(i.s[0].slot)[lane];
    if (i.mode[kExpectTx]) {
      expectTx(m, bytes, w, lane);
    } else {
      completeTx(m, bytes, w, lane);
      checkPhase(m);
    }
  }
  return Outcome::Next;
}

Outcome execWait(Warp &w, const Inst &i, Mask mask) {
  Mask done = 0;
  Mbarrier *waiting = nullptr;
  uint64_t waitArg = 0;
  Mask left = mask;
  while (left) {
    int lane = firstLane(left);
    uint64_t address = w.address(i.address, lane);
    Mask same = 0, good = 0;
    for (int l = lane; l < kLanes; ++l)
      if (((left >> l) & 1) && w.address(i.address, l) == address)
        same |= 1u << l;
    left &= ~same;
    Mbarrier &m = mbarrierAt(w, lane, address, "mbarrier wait", false, false);
    for (int l = lane; l < kLanes; ++l) {
      if (!((same >> l) & 1))
        continue;
      if (w.checks())
        checkInitVisible(w, l, m);
      bool over;
      if (i.mode[kParity]) {
        uint32_t parity = w.r<uint32_t>(i.s[0].slot)[l];
        if (parity > 1)
          w.fail(l, "the phase parity must be 0 or 1, not " + std::to_string(parity));
        over = ((m.phase ^ parity) & 1) != 0;
      } else {
        uint64_t state = w.r<uint64_t>(i.s[0].slot)[l];
        if (state > m.phase)
          w.fail(l, "waits for a state that " + describe(m) + " has not given");
        over = m.phase > state;
      }
      if (over)
        good |= 1u << l;
    }
    if (good && !i.mode[kRelaxed])
      w.acquire(m.released, good);
    done |= good;
    if (good != same) {
      waiting = &m;
      waitArg = m.phase;
    }
  }
  Split &s = w.split();
  if (!done && !s.timedOut)
    return w.block(WaitFor::Mbarrier, waiting, waitArg);
  s.timedOut = false;
  Mask &p = w.pred(i.d[0].slot);
  p = (p & ~mask) | done;
  return Outcome::Next;
}

void scopes(Decoder &d) {
  d.oneOf({"cta", "cluster", "gpu"});
  d.oneOf({"shared::cluster", "shared::cta", "shared"});
}

void decodeMbarrier(Decoder &d) {
  int what = d.oneOf({"init", "inval", "arrive", "arrive_drop", "expect_tx", "complete_tx",
                      "test_wait", "try_wait"});
  d.out.mode[kRelaxed] = d.has("relaxed");
  d.oneOf({"release", "acquire"});
  scopes(d);
  d.has("b64");
  switch (what) {
  case 0:
    d.needOperands(2, 2);
    d.out.address = d.address(d.op(0));
    d.out.s[0] = d.src(1, 32);
    d.out.fn = execInit;
    break;
  case 1:
    d.needOperands(1, 1);
    d.out.address = d.address(d.op(0));
    d.out.fn = execInval;
    break;
  case 2:
  case 3: {
    d.out.mode[kDrop] = what == 3;
    d.out.mode[kExpectTx] = d.has("expect_tx");
    d.out.mode[kNoComplete] = d.has("noComplete");
    size_t at = d.op(0).kind == PtxOperand::Memory ? 0 : 1;
    if (at && d.op(0).kind != PtxOperand::Sink) {
      d.out.mode[kState] = 1;
      d.out.d[0] = d.dst(0, 64);
    }
    d.out.address = d.address(d.op(at));
    d.needOperands(at + 1, at + 2);
    if (d.operands() > at + 1)
      d.out.s[0] = d.src(at + 1, 32);
    else if (d.out.mode[kExpectTx])
      d.fail("expect_tx needs a byte count");
    d.out.fn = execArrive;
    break;
  }
  case 4:
  case 5:
    d.needOperands(2, 2);
    d.out.mode[kExpectTx] = what == 4;
    d.out.address = d.address(d.op(0));
    d.out.s[0] = d.src(1, 32);
    d.out.fn = execTx;
    break;
  case 6:
  case 7:
    d.out.mode[kParity] = d.has("parity");
    d.out.mode[kTest] = what == 6;
    d.needOperands(3, 4);
    d.out.d[0] = d.dst(0, 1);
    d.out.address = d.address(d.op(1));
    d.out.s[0] = d.src(2, d.out.mode[kParity] ? 32 : 64);
    if (d.operands() > 3)
      d.out.s[1] = d.src(3, 32);
    d.out.fn = execWait;
    break;
  default:
    d.fail("this mbarrier operation is not supported");
  }
}

} // namespace

void addMbarrier(DecodeTable &t) { t["mbarrier"] = decodeMbarrier; }

} // namespace mpgemm::sim
