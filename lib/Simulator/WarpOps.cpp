//===- WarpOps.cpp - Exchange between lanes --------------------------------===//
//
// shfl.sync (9.7.9.6), vote, match, activemask, redux (9.7.13.9 to 9.7.13.13), elect.sync
// (9.7.13.14).
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

#include <cstdio>

namespace mpgemm::sim {

namespace {

/// The member mask names who takes part; they must be here, and nobody else.
Mask members(Warp &w, const RegRef &r, Mask mask) {
  Mask m = w.r<uint32_t>(r.slot)[firstLane(mask)];
  for (int l = 0; l < kLanes; ++l)
    if (((mask >> l) & 1) && w.r<uint32_t>(r.slot)[l] != m)
      w.fail(l, "lanes disagree on the member mask");
  if ((mask & ~m) || (m & w.live & ~mask)) {
    char text[160];
    snprintf(
        text, sizeof text,
        "the member mask is 0x%08x, but lanes 0x%08x (of 0x%08x alive) execute the instruction "
        "together",
        m, mask, w.live);
    w.fail(firstLane(mask), text);
  }
  return m;
}

enum { kUp, kDown, kBfly, kIdx };

Outcome execShfl(Warp &w, const Inst &i, Mask mask) {
  members(w, i.s[3], mask);
  const uint32_t *a = w.r<uint32_t>(i.s[0].slot), *b = w.r<uint32_t>(i.s[1].slot),
                 *c = w.r<uint32_t>(i.s[2].slot);
  uint32_t out[kLanes];
  Mask in = 0;
  for (int l = 0; l < kLanes; ++l) {
    out[l] = 0;
    if (!((mask >> l) & 1))
      continue;
    int bval = static_cast<int>(b[l] & 31), clamp = static_cast<int>(c[l] & 31),
        segment = static_cast<int>((c[l] >> 8) & 31);
    int most = (l & segment) | (clamp & ~segment), least = l & segment, j = l;
    bool p = false;
    switch (i.mode[0]) {
    case kUp:
      j = l - bval, p = j >= most;
      break;
    case kDown:
      j = l + bval, p = j <= most;
      break;
    case kBfly:
      j = l ^ bval, p = j <= most;
      break;
    default:
      j = least | (bval & ~segment), p = j <= most;
      break;
    }
    if (!p)
      j = l;
    if (!((mask >> j) & 1))
      w.fail(l, "shfl reads lane " + std::to_string(j) + ", which does not take part");
    in |= Mask(p) << l;
    out[l] = a[j];
  }
  storeLanes(w.r<uint32_t>(i.d[0].slot), out, mask);
  if (i.d[1].slot >= 0) {
    Mask &p = w.pred(i.d[1].slot);
    p = (p & ~mask) | (in & mask);
  }
  return Outcome::Next;
}

Outcome execVote(Warp &w, const Inst &i, Mask mask) {
  members(w, i.s[1], mask);
  Mask p = w.pred(i.s[0].slot);
  if (i.mode[1])
    p = ~p;
  p &= mask;
  if (i.mode[0] == 3) {
    eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int) { return p; });
    return Outcome::Next;
  }
  bool v = i.mode[0] == 0 ? p == mask : i.mode[0] == 1 ? p != 0 : p == 0 || p == mask;
  Mask &d = w.pred(i.d[0].slot);
  d = (d & ~mask) | (v ? mask : 0);
  return Outcome::Next;
}

template <class T> Outcome execMatch(Warp &w, const Inst &i, Mask mask) {
  members(w, i.s[1], mask);
  const T *a = w.r<T>(i.s[0].slot);
  uint32_t out[kLanes] = {};
  bool same = true;
  for (int l = 0; l < kLanes; ++l)
    for (int m = 0; m < kLanes; ++m)
      if (((mask >> l) & 1) && ((mask >> m) & 1)) {
        if (a[l] == a[m])
          out[l] |= 1u << m;
        else
          same = false;
      }
  if (i.mode[0]) {
    for (uint32_t &v : out)
      v = same ? mask : 0;
    if (i.d[1].slot >= 0) {
      Mask &p = w.pred(i.d[1].slot);
      p = (p & ~mask) | (same ? mask : 0);
    }
  }
  storeLanes(w.r<uint32_t>(i.d[0].slot), out, mask);
  return Outcome::Next;
}

Outcome execRedux(Warp &w, const Inst &i, Mask mask) {
  members(w, i.s[1], mask);
  const uint32_t *a = w.r<uint32_t>(i.s[0].slot);
  bool isSigned = i.mode[1];
  uint32_t v = a[firstLane(mask)];
  for (int l = firstLane(mask) + 1; l < kLanes; ++l) {
    if (!((mask >> l) & 1))
      continue;
    uint32_t x = a[l];
    bool less = isSigned ? static_cast<int32_t>(x) < static_cast<int32_t>(v) : x < v;
    switch (i.mode[0]) {
    case 0:
      v += x;
      break;
    case 1:
      v = less ? x : v;
      break;
    case 2:
      v = less || x == v ? v : x;
      break;
    case 3:
      v &= x;
      break;
    case 4:
      v |= x;
      break;
    default:
      v ^= x;
      break;
    }
  }
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int) { return v; });
  return Outcome::Next;
}

Outcome execElect(Warp &w, const Inst &i, Mask mask) {
  Mask m = members(w, i.s[0], mask) & mask;
  auto leader = static_cast<uint32_t>(firstLane(m));
  if (i.d[0].slot >= 0)
    eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int) { return leader; });
  Mask &p = w.pred(i.d[1].slot);
  p = (p & ~mask) | (1u << leader);
  return Outcome::Next;
}

Outcome execActiveMask(Warp &w, const Inst &i, Mask mask) {
  eachLane(w.r<uint32_t>(i.d[0].slot), mask, [=](int) { return mask; });
  return Outcome::Next;
}

void second(Decoder &d) {
  if (!d.op(0).second.empty() && d.op(0).second[0].kind != PtxOperand::Sink)
    d.out.d[1] = d.define(d.op(0).second[0], 1);
}

void needSync(Decoder &d) {
  if (!d.has("sync"))
    d.fail("only the .sync form exists on this target");
}

} // namespace

void addWarpOps(DecodeTable &t) {
  t["shfl"] = [](Decoder &d) {
    needSync(d);
    int mode = d.oneOf({"up", "down", "bfly", "idx"});
    if (mode < 0 || bitsOf(d.type()) != 32)
      d.fail("expected .up, .down, .bfly or .idx, and .b32");
    d.out.mode[0] = static_cast<uint8_t>(mode);
    d.needOperands(5, 5);
    d.out.d[0] = d.dst(0, 32);
    second(d);
    for (int n = 0; n < 4; ++n)
      d.out.s[n] = d.src(n + 1, 32);
    d.out.fn = execShfl;
  };
  t["vote"] = [](Decoder &d) {
    needSync(d);
    int mode = d.oneOf({"all", "any", "uni", "ballot"});
    Ty t = d.type();
    if (mode < 0 || (mode == 3) != (t == Ty::B32))
      d.fail("expected .all, .any or .uni with .pred, or .ballot with .b32");
    d.out.mode[0] = static_cast<uint8_t>(mode);
    d.needOperands(3, 3);
    d.out.d[0] = d.dst(0, mode == 3 ? 32 : 1);
    d.out.s[0] = d.predicate(d.op(1));
    d.out.mode[1] = d.op(1).negated;
    d.out.s[1] = d.src(2, 32);
    d.out.fn = execVote;
  };
  t["match"] = [](Decoder &d) {
    int mode = d.oneOf({"any", "all"});
    needSync(d);
    int bits = bitsOf(d.type());
    if (mode < 0)
      d.fail("expected .any or .all");
    d.out.mode[0] = static_cast<uint8_t>(mode);
    d.needOperands(3, 3);
    d.out.d[0] = d.dst(0, 32);
    second(d);
    d.out.s[0] = d.src(1, bits);
    d.out.s[1] = d.src(2, 32);
    d.out.fn = bits == 32 ? execMatch<uint32_t> : execMatch<uint64_t>;
  };
  t["redux"] = [](Decoder &d) {
    needSync(d);
    int mode = d.oneOf({"add", "min", "max", "and", "or", "xor"});
    Ty t = d.type();
    if (mode < 0 || bitsOf(t) != 32 || isFloat(t))
      d.fail("this form is not supported");
    d.out.mode[0] = static_cast<uint8_t>(mode);
    d.out.mode[1] = t == Ty::S32;
    plainOperands(d, 32, 2);
    d.out.fn = execRedux;
  };
  t["activemask"] = [](Decoder &d) {
    d.type();
    d.out.d[0] = d.dst(0, 32);
    d.out.fn = execActiveMask;
  };
  t["elect"] = [](Decoder &d) {
    needSync(d);
    d.needOperands(2, 2);
    if (d.op(0).kind != PtxOperand::Sink)
      d.out.d[0] = d.dst(0, 32);
    if (d.op(0).second.empty())
      d.fail("expected a predicate behind |");
    d.out.d[1] = d.define(d.op(0).second[0], 1);
    d.out.s[0] = d.src(1, 32);
    d.out.fn = execElect;
  };
}

} // namespace mpgemm::sim
