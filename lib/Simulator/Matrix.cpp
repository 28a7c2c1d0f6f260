//===- Matrix.cpp - ldmatrix and stmatrix ----------------------------------===//
//
// Sections 9.7.14.5.15 and 9.7.14.5.16: 8x8 matrices of 16-bit elements. Lanes 8j to 8j+7 give the
// row addresses of matrix j; lane 4g+t holds elements (g, 2t) and (g, 2t+1), with .trans (2t, g)
// and (2t+1, g).
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

namespace mpgemm::sim {

namespace {

/// Checks the row that lane `lane` addresses and returns it.
uint8_t *row(Warp &w, const Inst &i, int lane, bool write) {
  uint64_t address = w.address(i.address, lane);
  SharedPlace p = resolveShared(w, lane, address, 16, 16, write ? "stmatrix" : "ldmatrix");
  if (w.checks())
    w.checkShared(*p.cta, p.offset, 16, w.generic(lane), write, lane);
  return p.cta->sharedAt(p.offset);
}

Outcome execLoad(Warp &w, const Inst &i, Mask) {
  const int count = static_cast<int>(i.list.size());
  uint16_t m[4][8][8];
  for (int j = 0; j < count; ++j)
    for (int r = 0; r < 8; ++r)
      memcpy(m[j][r], row(w, i, 8 * j + r, false), 16);
  for (int j = 0; j < count; ++j) {
    uint32_t *to = w.r<uint32_t>(i.list[j].slot);
    for (int l = 0; l < kLanes; ++l) {
      int g = l >> 2, t = l & 3;
      to[l] = i.mode[0] ? m[j][2 * t][g] | static_cast<uint32_t>(m[j][2 * t + 1][g]) << 16
                        : m[j][g][2 * t] | static_cast<uint32_t>(m[j][g][2 * t + 1]) << 16;
    }
  }
  return Outcome::Next;
}

Outcome execStore(Warp &w, const Inst &i, Mask) {
  const int count = static_cast<int>(i.list.size());
  for (int j = 0; j < count; ++j) {
    const uint32_t *from = w.r<uint32_t>(i.list[j].slot);
    uint16_t m[8][8];
    for (int l = 0; l < kLanes; ++l) {
      int g = l >> 2, t = l & 3;
      auto lo = static_cast<uint16_t>(from[l]), hi = static_cast<uint16_t>(from[l] >> 16);
      (i.mode[0] ? m[2 * t][g] : m[g][2 * t]) = lo;
      (i.mode[0] ? m[2 * t + 1][g] : m[g][2 * t + 1]) = hi;
    }
    for (int r = 0; r < 8; ++r)
      memcpy(row(w, i, 8 * j + r, true), m[r], 16);
  }
  return Outcome::Next;
}

void decodeMatrix(Decoder &d, bool load) {
  if (!d.has("sync") || !d.has("aligned") || !d.has("m8n8"))
    d.fail("expected .sync.aligned.m8n8");
  int x = d.oneOf({"x1", "x2", "x4"});
  d.out.mode[0] = d.has("trans");
  d.oneOf({"shared::cta", "shared"});
  if (x < 0 || d.type() != Ty::B16)
    d.fail("expected .x1, .x2 or .x4, and .b16");
  d.needOperands(2, 2);
  auto regs = d.elements(d.op(load ? 0 : 1));
  if (regs.size() != 1u << x)
    d.fail("wrong number of registers");
  d.out.address = d.address(d.op(load ? 1 : 0));
  for (auto *e : regs)
    d.out.list.push_back(load ? d.define(*e, 32) : d.use(*e, 32));
  d.out.flags |= kAligned;
  d.out.fn = load ? execLoad : execStore;
}

} // namespace

void addMatrix(DecodeTable &t) {
  t["ldmatrix"] = [](Decoder &d) { decodeMatrix(d, true); };
  t["stmatrix"] = [](Decoder &d) { decodeMatrix(d, false); };
}

} // namespace mpgemm::sim
