//===- Move.cpp - Moves, packing and address conversion --------------------===//
//
// mov (9.7.9.4), cvta (9.7.9.20), isspacep, mapa and getctarank (9.7.9.23, 9.7.9.24), createpolicy.
//
//===----------------------------------------------------------------------===//
#include "FloatFormats.h"
#include "Lanes.h"

#include <chrono>

namespace mpgemm::sim {

namespace {

struct Same {
  template <class T> static T apply(T a) { return a; }
};

Outcome execMovePredicate(Warp &w, const Inst &i, Mask mask) {
  Mask v = w.pred(i.s[0].slot);
  Mask &d = w.pred(i.d[0].slot);
  d = (d & ~mask) | (v & mask);
  return Outcome::Next;
}

uint64_t readLane(Warp &w, const RegRef &r, int bits, int lane) {
  return bits == 64   ? w.r<uint64_t>(r.slot)[lane]
         : bits == 32 ? w.r<uint32_t>(r.slot)[lane]
                      : w.r<uint16_t>(r.slot)[lane];
}
void writeLane(Warp &w, const RegRef &r, int bits, int lane, uint64_t v) {
  if (bits == 64)
    w.r<uint64_t>(r.slot)[lane] = v;
  else if (bits == 32)
    w.r<uint32_t>(r.slot)[lane] = static_cast<uint32_t>(v);
  else
    w.r<uint16_t>(r.slot)[lane] = static_cast<uint16_t>(v);
}

/// mov.b32 %r, {%rs0, %rs1} and the like; mode[0]: element bits, mode[1]: whole bits.
Outcome execPack(Warp &w, const Inst &i, Mask mask) {
  int part = i.mode[0];
  uint64_t keep = part == 32 ? 0xffffffffull : part == 16 ? 0xffffull : 0xffull;
  uint64_t v[kLanes] = {};
  for (size_t n = 0; n < i.list.size(); ++n)
    for (int l = 0; l < kLanes; ++l)
      v[l] |= (readLane(w, i.list[n], std::max(part, 16), l) & keep) << (part * n);
  for (int l = 0; l < kLanes; ++l)
    if ((mask >> l) & 1)
      writeLane(w, i.d[0], i.mode[1], l, v[l]);
  return Outcome::Next;
}

Outcome execUnpack(Warp &w, const Inst &i, Mask mask) {
  int part = i.mode[0];
  uint64_t keep = part == 32 ? 0xffffffffull : part == 16 ? 0xffffull : 0xffull;
  uint64_t v[kLanes];
  for (int l = 0; l < kLanes; ++l)
    v[l] = readLane(w, i.s[0], i.mode[1], l);
  for (size_t n = 0; n < i.list.size(); ++n)
    for (int l = 0; l < kLanes; ++l)
      if ((mask >> l) & 1)
        writeLane(w, i.list[n], std::max(part, 16), l, (v[l] >> (part * n)) & keep);
  return Outcome::Next;
}

Outcome execClock(Warp &w, const Inst &i, Mask mask) {
  uint64_t v = i.mode[0] ? std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count()
                         : w.executed * 4;
  for (int l = 0; l < kLanes; ++l)
    if ((mask >> l) & 1)
      writeLane(w, i.d[0], i.mode[1], l, i.mode[2] ? v >> 32 : v);
  return Outcome::Next;
}

void decodeMove(Decoder &d) {
  Ty t = d.type();
  d.needOperands(2, 2);
  const PtxOperand &to = d.op(0), &from = d.op(1);
  int bits = bitsOf(t);
  d.out.flags |= kCopiesInit;
  if (t == Ty::Pred) {
    d.out.d[0] = d.dst(0, 1);
    d.out.s[0] = d.predicate(from);
    d.out.fn = execMovePredicate;
    return;
  }
  if (bits != 16 && bits != 32 && bits != 64)
    d.fail("moves of this width are not supported");
  if (from.kind == PtxOperand::Vector || to.kind == PtxOperand::Vector) {
    bool pack = from.kind == PtxOperand::Vector;
    const PtxOperand &v = pack ? from : to;
    int part = bits / static_cast<int>(v.parts.size());
    if (part * static_cast<int>(v.parts.size()) != bits || part < 8)
      d.fail("the vector does not fill " + std::to_string(bits) + " bits");
    d.out.mode[0] = static_cast<uint8_t>(part);
    d.out.mode[1] = static_cast<uint8_t>(bits);
    for (const PtxOperand &e : v.parts)
      d.out.list.push_back(pack ? d.use(e, part) : d.define(e, part));
    if (pack)
      d.out.d[0] = d.dst(0, bits);
    else
      d.out.s[0] = d.src(1, bits);
    d.out.fn = pack ? execPack : execUnpack;
    return;
  }
  d.out.d[0] = d.dst(0, bits);
  if (from.kind == PtxOperand::Special &&
      (from.text.rfind("%clock", 0) == 0 || from.text.rfind("%globaltimer", 0) == 0)) {
    d.out.mode[0] = from.text[1] == 'g';
    d.out.mode[1] = static_cast<uint8_t>(bits);
    d.out.mode[2] = from.text.size() > 3 && from.text.substr(from.text.size() - 3) == "_hi";
    d.out.fn = execClock;
    return;
  }
  d.out.s[0] = d.src(1, bits);
  d.out.fn = bits == 16   ? execUnary<uint16_t, Same>
             : bits == 32 ? execUnary<uint32_t, Same>
                          : execUnary<uint64_t, Same>;
}

uint64_t windowOf(Space s) {
  switch (s) {
  case Space::Shared:
  case Space::SharedCluster:
    return kSharedWindow;
  case Space::Local:
    return kLocalWindow;
  case Space::Param:
    return kParamWindow;
  default:
    return 0;
  }
}

/// cvta: adds or removes the window of the space. mode[0]: to the space (else to generic), mode[1]:
/// bits.
Outcome execCvta(Warp &w, const Inst &i, Mask mask) {
  uint64_t window = windowOf(i.space);
  for (int l = 0; l < kLanes; ++l) {
    if (!((mask >> l) & 1))
      continue;
    uint64_t v = readLane(w, i.s[0], i.mode[1], l);
    if (i.mode[0]) {
      if (window && (v < window || v >= window + kWindowBytes))
        w.fail(l, "the address is not in the state space it is converted to");
      v -= window;
    } else {
      v += window;
    }
    writeLane(w, i.d[0], i.mode[1], l, v);
  }
  return Outcome::Next;
}

Space parseSpace(Decoder &d) {
  switch (d.oneOf({"shared::cluster", "shared::cta", "shared", "global", "local", "const", "param",
                   "param::entry"})) {
  case 0:
    return Space::SharedCluster;
  case 1:
  case 2:
    return Space::Shared;
  case 3:
  case 5:
    return Space::Global;
  case 4:
    return Space::Local;
  case 6:
  case 7:
    return Space::Param;
  default:
    d.fail("no state space the simulator knows");
  }
}

Outcome execIsSpace(Warp &w, const Inst &i, Mask mask) {
  const uint64_t *a = w.r<uint64_t>(i.s[0].slot);
  Mask v = 0;
  for (int l = 0; l < kLanes; ++l) {
    bool in;
    uint64_t window = windowOf(i.space);
    if (window)
      in = a[l] >= window && a[l] < window + kWindowBytes;
    else
      in = a[l] < kParamWindow;
    if (i.space == Space::Shared && in) {
      unsigned tag = static_cast<uint32_t>(a[l]) >> kRankShift;
      in = tag == 0 || tag == w.cta->rank + 1;
    }
    v |= Mask(in) << l;
  }
  Mask &d = w.pred(i.d[0].slot);
  d = (d & ~mask) | (v & mask);
  return Outcome::Next;
}

/// mapa: the same variable in another CTA of the cluster. mode[0]: generic addresses, mode[1]:
/// bits.
Outcome execMapa(Warp &w, const Inst &i, Mask mask) {
  const uint32_t *rank = w.r<uint32_t>(i.s[1].slot);
  for (int l = 0; l < kLanes; ++l) {
    if (!((mask >> l) & 1))
      continue;
    uint64_t v = readLane(w, i.s[0], i.mode[1], l);
    if (rank[l] >= w.cta->cluster->ctas.size())
      w.fail(l, "cluster rank " + std::to_string(rank[l]) + " in a cluster of " +
                    std::to_string(w.cta->cluster->ctas.size()));
    uint64_t window = v >= kSharedWindow && v < kSharedWindow + kWindowBytes ? kSharedWindow : 0;
    v = (v & ((1u << kRankShift) - 1)) | uint64_t(rank[l] + 1) << kRankShift;
    if (window || i.mode[0])
      v += kSharedWindow;
    writeLane(w, i.d[0], i.mode[1], l, v);
  }
  return Outcome::Next;
}

Outcome execGetCtaRank(Warp &w, const Inst &i, Mask mask) {
  for (int l = 0; l < kLanes; ++l) {
    if (!((mask >> l) & 1))
      continue;
    uint64_t v = readLane(w, i.s[0], i.mode[1], l);
    unsigned tag = static_cast<uint32_t>(v) >> kRankShift;
    w.r<uint32_t>(i.d[0].slot)[l] = tag ? tag - 1 : w.cta->rank;
  }
  return Outcome::Next;
}

} // namespace

void addMove(DecodeTable &t) {
  t["mov"] = decodeMove;
  t["cvta"] = [](Decoder &d) {
    d.out.mode[0] = d.has("to");
    d.out.space = parseSpace(d);
    int bits = bitsOf(d.type());
    d.out.mode[1] = static_cast<uint8_t>(bits);
    d.needOperands(2, 2);
    d.out.d[0] = d.dst(0, bits);
    d.out.s[0] = d.src(1, bits);
    d.out.fn = execCvta;
  };
  t["isspacep"] = [](Decoder &d) {
    d.out.space = parseSpace(d);
    d.needOperands(2, 2);
    d.out.d[0] = d.dst(0, 1);
    d.out.s[0] = d.src(1, 64);
    d.out.fn = execIsSpace;
  };
  t["mapa"] = [](Decoder &d) {
    d.out.mode[0] = !d.has("shared::cluster");
    int bits = bitsOf(d.type());
    d.out.mode[1] = static_cast<uint8_t>(bits);
    d.needOperands(3, 3);
    d.out.d[0] = d.dst(0, bits);
    d.out.s[0] = d.src(1, bits);
    d.out.s[1] = d.src(2, 32);
    d.out.fn = execMapa;
  };
  t["getctarank"] = [](Decoder &d) {
    d.has("shared::cluster");
    int bits = bitsOf(d.type());
    d.out.mode[1] = static_cast<uint8_t>(bits);
    d.needOperands(2, 2);
    d.out.d[0] = d.dst(0, 32);
    d.out.s[0] = d.src(1, bits);
    d.out.fn = execGetCtaRank;
  };
  // Cache policies mean nothing here; the value is what evict-first looks like.
  t["createpolicy"] = [](Decoder &d) {
    d.rest.clear();
    d.out.d[0] = d.dst(0, 64);
    d.out.s[0] = d.constant(0x12f0000000000000ull, 64);
    d.out.fn = execUnary<uint64_t, Same>;
  };
}

} // namespace mpgemm::sim
