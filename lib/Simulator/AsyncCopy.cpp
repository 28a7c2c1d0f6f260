//===- AsyncCopy.cpp - cp.async --------------------------------------------===//
//
// Non-bulk asynchronous copies (9.7.9.25.3): groups of the executing thread, and mbarriers that
// they arrive at. They write through the generic proxy.
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

namespace mpgemm::sim {

void performCpAsync(Warp &w, CpAsync &op, Mask lanes) {
  const Inst *saved = w.inst;
  w.inst = op.inst;
  for (int lane = 0; lane < kLanes; ++lane) {
    if (op.performed || !((op.mask & lanes) >> lane & 1))
      continue;
    uint8_t *to = w.cta->sharedAt(op.shared[lane]);
    uint32_t n = op.sourceBytes[lane];
    if (n)
      memcpy(to, globalPointer(w, lane, op.global[lane], n, false, "cp.async"), n);
    memset(to + n, 0, op.bytes - n);
  }
  op.mask &= ~lanes;
  w.inst = saved;
}

void finishCpAsync(Warp &w, Mask lanes) {
  for (CpAsyncGroup &g : w.cpGroups)
    for (CpAsync &op : g.ops)
      performCpAsync(w, op, lanes);
  for (CpAsync &op : w.cpOpen)
    performCpAsync(w, op, lanes);
}

namespace {

enum { kBytes = 0, kNoInc = 1, kIgnore = 2, kIgnoreNegated = 3 };

Outcome execCopy(Warp &w, const Inst &i, Mask mask) {
  CpAsync op;
  op.mask = mask;
  op.bytes = i.mode[kBytes];
  op.inst = &i;
  Mask ignored = 0;
  if (i.mode[kIgnore]) {
    ignored = w.pred(i.s[1].slot);
    if (i.mode[kIgnoreNegated])
      ignored = ~ignored;
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    SharedPlace p =
        resolveShared(w, lane, w.address(i.address, lane), op.bytes, op.bytes, "cp.async");
    if (p.cta != w.cta)
      w.fail(lane, "cp.async into the shared memory of another CTA");
    op.shared[lane] = p.offset;
    op.global[lane] = w.address(i.address2, lane);
    op.sourceBytes[lane] = i.s[0].slot >= 0 ? w.r<uint32_t>(i.s[0].slot)[lane] : op.bytes;
    if (op.sourceBytes[lane] > op.bytes)
      w.fail(lane, "cp.async reads " + std::to_string(op.sourceBytes[lane]) +
                       " bytes but writes only " + std::to_string(op.bytes));
    if ((ignored >> lane) & 1)
      op.sourceBytes[lane] = 0;
    if (op.sourceBytes[lane] && op.global[lane] % op.bytes)
      w.fail(lane, "cp.async: the global address is not a multiple of " + std::to_string(op.bytes));
    if (w.checks()) {
      Accessor a = w.generic(lane);
      a.agent = w.cta->cluster->cpAgent(w);
      a.epoch = w.cpEpoch;
      w.checkShared(*w.cta, p.offset, op.bytes, a, true, lane);
    }
  }
  if (w.launch->options.order == AsyncOrder::Earliest) {
    CpAsync now = op;
    performCpAsync(w, now, mask);
    op.performed = true; // Only kept for the checks.
  }
  w.cpOpen.push_back(op);
  return Outcome::Next;
}

Outcome execCommit(Warp &w, const Inst &, Mask mask) {
  CpAsyncGroup g;
  g.mask = mask;
  g.epoch = w.cpEpoch++;
  std::vector<CpAsync> rest;
  for (CpAsync &op : w.cpOpen) {
    Mask in = op.mask & mask, out = op.mask & ~mask;
    if (out) {
      rest.push_back(op);
      rest.back().mask = out;
    }
    if (in) {
      op.mask = in;
      g.ops.push_back(op);
    }
  }
  w.cpOpen = std::move(rest);
  w.cpGroups.push_back(std::move(g));
  return Outcome::Next;
}

Outcome execWait(Warp &w, const Inst &i, Mask mask) {
  int later[kLanes] = {};
  for (size_t k = w.cpGroups.size(); k-- > 0;) {
    CpAsyncGroup &g = w.cpGroups[k];
    Mask due = 0;
    for (Mask m = g.mask & mask; m; m &= m - 1)
      if (later[firstLane(m)]++ >= i.imm)
        due |= m & -m;
    if (!due)
      continue;
    w.cpDone = std::max(w.cpDone, g.epoch);
    g.mask &= ~due;
    g.due |= due;
  }
  for (CpAsyncGroup &g : w.cpGroups) {
    if (g.due)
      for (CpAsync &op : g.ops)
        performCpAsync(w, op, g.due);
    g.due = 0;
  }
  while (!w.cpGroups.empty() && !w.cpGroups.front().mask)
    w.cpGroups.pop_front();
  return Outcome::Next;
}

Outcome execWaitAll(Warp &w, const Inst &i, Mask mask) {
  if (!w.cpOpen.empty())
    execCommit(w, i, mask);
  return execWait(w, i, mask);
}

/// The mbarrier gets an arrival of each lane once the lane's copies so far are complete; without
/// .noinc its pending count is raised first.
Outcome execMbarrierArrive(Warp &w, const Inst &i, Mask mask) {
  Mask left = mask;
  while (left) {
    int lane = firstLane(left);
    uint64_t address = w.address(i.address, lane);
    Mask same = 0;
    for (int l = lane; l < kLanes; ++l)
      if (((left >> l) & 1) && w.address(i.address, l) == address)
        same |= 1u << l;
    left &= ~same;
    Mbarrier &m = mbarrierAt(w, lane, address, "cp.async.mbarrier.arrive", false, false);
    if (!i.mode[kNoInc])
      m.pending += static_cast<uint32_t>(__builtin_popcount(same));
    AsyncLoad op;
    op.kind = AsyncLoad::CpAsyncArrive;
    op.warp = &w;
    op.lane = lane;
    op.inst = &i;
    op.lanes = same;
    op.epoch = w.cpEpoch;
    op.clock.resize(w.cta->cluster->agents, w.cta->cluster->warps.size());
    m.loads.push_back(std::move(op));
    loadQueued(m);
  }
  ++w.cpEpoch;
  return Outcome::Next;
}

void decodeCp(Decoder &d) {
  bool reduce = d.has("reduce");
  if (!d.has("async"))
    d.fail("expected .async");
  if (d.has("bulk")) {
    decodeBulk(d, reduce);
    return;
  }
  if (d.has("commit_group")) {
    d.needOperands(0, 0);
    d.out.fn = execCommit;
    return;
  }
  if (d.has("wait_group")) {
    d.needOperands(1, 1);
    d.out.imm = d.integer(0);
    d.out.fn = execWait;
    return;
  }
  if (d.has("wait_all")) {
    d.needOperands(0, 0);
    d.out.fn = execWaitAll;
    return;
  }
  if (d.has("mbarrier")) {
    d.has("arrive");
    d.out.mode[kNoInc] = d.has("noinc");
    d.oneOf({"shared::cta", "shared"});
    d.has("b64");
    d.needOperands(1, 1);
    d.out.address = d.address(d.op(0));
    d.out.fn = execMbarrierArrive;
    return;
  }
  int cache = d.oneOf({"ca", "cg"});
  if (cache < 0 || !(d.has("shared") || d.has("shared::cta")) || !d.has("global"))
    d.fail("expected .ca or .cg, .shared, .global");
  bool hint = d.has("L2::cache_hint");
  d.oneOf({"L2::64B", "L2::128B", "L2::256B"});
  d.needOperands(3, 4 + hint);
  int64_t bytes = d.integer(2);
  if (bytes != 16 && (cache == 1 || (bytes != 4 && bytes != 8)))
    d.fail("cp.async copies 4, 8 or 16 bytes with .ca and 16 with .cg, not " +
           std::to_string(bytes));
  d.out.mode[kBytes] = static_cast<uint8_t>(bytes);
  d.out.address = d.address(d.op(0));
  d.out.address2 = d.address(d.op(1));
  if (d.operands() > 3u + hint) {
    const PtxOperand &o = d.op(3);
    if (o.kind == PtxOperand::Register && d.kernel.registers[o.reg].bits == 1) {
      d.out.s[1] = d.predicate(o);
      d.out.mode[kIgnore] = 1;
      d.out.mode[kIgnoreNegated] = o.negated;
    } else {
      d.out.s[0] = d.use(o, 32);
    }
  }
  if (hint)
    d.src(d.operands() - 1, 64);
  d.out.fn = execCopy;
}

} // namespace

void addAsync(DecodeTable &t) { t["cp"] = decodeCp; }

} // namespace mpgemm::sim
