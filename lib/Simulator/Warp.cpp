//===- Warp.cpp - Executing a warp -----------------------------------------===//
//
// The instruction loop, divergence and reconvergence, and the checks of registers: read before
// written, or touched while a wgmma in flight uses them (section 9.7.15.7.1).
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include "mpgemm/Support/Error.h"

#include <cstdio>

namespace mpgemm::sim {

std::string Warp::where(int lane) const {
  std::string text = cta->name() + " warp " + std::to_string(index);
  if (lane >= 0)
    text += " thread " + std::to_string(index * kLanes + lane);
  return text;
}

void Warp::fail(int lane, const std::string &what) const {
  const KernelCode &k = *launch->kernel;
  std::string text = "kernel '" + k.name + "'";
  if (inst)
    text += " line " + std::to_string(inst->line) + " `" + k.module->lineText(inst->line) + "`";
  throw Error(ErrorKind::Device, text + ": " + what + "; at " + where(lane));
}

Outcome Warp::block(WaitFor what, Mbarrier *barrier, uint64_t arg) {
  Split &s = split();
  s.wait = what;
  s.waitBarrier = barrier;
  s.waitArg = arg;
  return Outcome::Block;
}

bool Warp::run(int budget) {
  bool any = false;
  size_t idle = 0;
  while (live && budget > 0 && idle < splits.size()) {
    if (current >= splits.size())
      current = 0;
    size_t before = current;
    if (step(budget)) {
      any = true;
      idle = 0;
    } else {
      ++idle;
    }
    current = before + 1;
  }
  return any;
}

bool Warp::step(int &budget) {
  const std::vector<Inst> &code = launch->kernel->code;
  const bool check = checks();
  bool ran = false;
  for (; budget > 0; --budget) {
    Split &s = splits[current];
    if (s.meeting >= 0 && s.pc == meetings[s.meeting].reconverge) {
      int meeting = s.meeting;
      meetings[meeting].arrived |= s.mask;
      splits.erase(splits.begin() + current);
      closeMeeting(meeting);
      return true;
    }
    const Inst &i = code[s.pc];
    inst = &i;
    Mask mask = s.mask;
    if (i.predicate >= 0) {
      Mask p = pred(i.predicate);
      mask &= i.predicateNegated ? ~p : p;
      if (mask == 0) {
        ++s.pc;
        ran = true;
        ++executed;
        continue;
      }
    }
    if ((i.flags & kAligned) && mask != live) {
      char text[160];
      snprintf(text, sizeof text,
               "this instruction needs all lanes of the warp together, but lanes 0x%08x of 0x%08x "
               "execute it; "
               "move it out of the divergent branch",
               mask, live);
      fail(-1, text);
    }
    if (check && !(i.flags & kOwnRegisters))
      checkRegisters(i, mask);
    switch (i.fn(*this, i, mask)) {
    case Outcome::Next:
      if (check && !(i.flags & kOwnRegisters))
        markWritten(i, mask);
      splits[current].wait = WaitFor::Nothing;
      ++splits[current].pc;
      break;
    case Outcome::Jump:
      break;
    case Outcome::Block:
      return ran;
    case Outcome::Gone:
      ++executed;
      return true;
    }
    ran = true;
    ++executed;
  }
  return ran;
}

void Warp::branch(const Inst &i, Mask taken, Mask executing) {
  Split &s = split();
  if (taken == executing) {
    s.pc = i.target;
    return;
  }
  int meeting = s.meeting;
  if (i.reconverge >= 0 && (meeting < 0 || meetings[meeting].reconverge != i.reconverge)) {
    meetings.push_back({i.reconverge, executing, 0, meeting});
    meeting = static_cast<int>(meetings.size()) - 1;
  }
  Split other = s;
  s.meeting = other.meeting = meeting;
  s.mask = executing & ~taken;
  ++s.pc;
  other.mask = taken;
  other.pc = i.target;
  splits.push_back(other);
}

void Warp::closeMeeting(int index) {
  while (index >= 0) {
    Meeting &m = meetings[index];
    if (m.arrived != m.expected)
      return;
    int parent = m.parent;
    if (m.arrived) {
      Split s;
      s.pc = m.reconverge;
      s.mask = m.arrived;
      s.meeting = parent;
      splits.push_back(s);
    }
    bool wasEmpty = m.arrived == 0;
    m = Meeting();
    m.parent = parent;
    while (!meetings.empty() && meetings.back().reconverge < 0)
      meetings.pop_back();
    if (!wasEmpty)
      return; // The new split reaches its own meeting in its own time.
    index = -1;
  }
}

void Warp::exitLanes(Mask lanes) {
  if (!(live & ~lanes) && someLanes)
    all.join(some); // For the checks at the end of the CTA.
  live &= ~lanes;
  someLanes &= live;
  Split &s = split();
  s.mask &= ~lanes;
  if (s.mask == 0)
    splits.erase(splits.begin() + current);
  for (size_t k = meetings.size(); k-- > 0;) {
    if (k >= meetings.size() || meetings[k].reconverge < 0)
      continue;
    meetings[k].expected &= ~lanes;
    closeMeeting(static_cast<int>(k));
  }
}

void Warp::failRegister(const Inst &i, int reg, Mask mask, bool isWrite) {
  const std::string &name = launch->kernel->registers[reg].name;
  int lane = 0;
  while (lane < 31 && !((mask >> lane) & 1))
    ++lane;
  if (busy[reg])
    fail(lane,
         std::string(isWrite ? "writes " : "reads ") + name +
             ", which a wgmma in flight uses; commit it and wait with wgmma.wait_group first");
  for (lane = 0; lane < 31; ++lane)
    if (((mask & ~init[reg]) >> lane) & 1)
      break;
  fail(lane, "reads register " + name + ", which was never written");
}

void Warp::checkRegisters(const Inst &i, Mask mask) {
  if (!busyList.empty()) {
    for (uint16_t r : i.writes)
      if (busy[r])
        failRegister(i, r, mask, true);
    for (uint16_t r : i.reads)
      if (busy[r])
        failRegister(i, r, mask, false);
  }
  for (uint16_t r : i.reads)
    touched[r] = fenceEpoch;
  if (i.flags & kCopiesInit)
    return;
  for (uint16_t r : i.reads)
    if ((init[r] & mask) != mask)
      failRegister(i, r, mask, false);
}

void Warp::markWritten(const Inst &i, Mask mask) {
  Mask valid = kAll;
  if (i.flags & kCopiesInit)
    for (uint16_t r : i.reads)
      valid &= init[r];
  for (uint16_t r : i.writes) {
    init[r] = (init[r] & ~mask) | (mask & valid);
    touched[r] = fenceEpoch;
  }
}

} // namespace mpgemm::sim
