//===- Wgmma.cpp - wgmma.mma_async and its companions ----------------------===//
//
// Section 9.7.15. An operation is queued when the four warps of a warpgroup have issued it, checked
// against the shadow then, and performed when a wgmma.wait_group covers it. Until then its
// registers are busy.
//
//===----------------------------------------------------------------------===//
#include "Fragments.h"
#include "Lanes.h"
#include "TensorMap.h"
#include "TensorMath.h"

namespace mpgemm::sim {

namespace {

/// Inst: type A, type2 B, imm N, imm2 K; list accumulators, list2 A registers, s[0] and s[1]
/// descriptors, s[2] scale-d.
enum { kAcc = 0, kTransA = 1, kTransB = 2, kNegA = 3, kNegB = 4 };
enum Accumulator : uint8_t { kF32Acc, kF16Acc, kI32Acc, kShortAcc };

/// Matrix descriptor (9.7.15.5.1.2.2).
struct Descriptor {
  uint32_t start, leading, stride;
  int swizzle, baseOffset;
  explicit Descriptor(uint64_t v)
      : start(static_cast<uint32_t>(v & 0x3fff) << 4),
        leading(static_cast<uint32_t>((v >> 16) & 0x3fff) << 4),
        stride(static_cast<uint32_t>((v >> 32) & 0x3fff) << 4),
        baseOffset(static_cast<int>((v >> 49) & 7)) {
    static const int spans[4] = {0, 128, 64, 32};
    swizzle = spans[v >> 62];
  }
};

/// Shared addresses of the 16-byte pieces of an operand with `rows` rows (M or N) and 32 bytes of
/// K. K-major: piece [row][half]. MN-major (16-bit types): piece [k][row / 8].
///
/// Byte offsets of canonical layouts, before the swizzle mixes address bits:
///   K-major,  no swizzle: (r/8) stride + (r%8) 16 + half leading;  span S: (r/8) stride + (r%8) S
///   + half 16 MN-major, no swizzle: (r/8) stride + (k%8) 16 + (k/8) leading
///             span S:     (r/(S/2)) leading + (r%(S/2)) 2 + (k%8) S + (k/8) stride
void pieces(const Descriptor &d, int rows, bool mnMajor, uint32_t *to) {
  if (!mnMajor) {
    for (int r = 0; r < rows; ++r)
      for (int h = 0; h < 2; ++h) {
        uint32_t at = d.start + static_cast<uint32_t>(r / 8) * d.stride;
        at += d.swizzle ? static_cast<uint32_t>(r % 8 * d.swizzle + h * 16)
                        : r % 8 * 16 + h * d.leading;
        to[2 * r + h] = swizzleAddress(at, d.swizzle);
      }
    return;
  }
  const int groups = rows / 8;
  for (int k = 0; k < 16; ++k)
    for (int g = 0; g < groups; ++g) {
      uint32_t at = d.start;
      if (d.swizzle) {
        int per = d.swizzle / 16;
        at += static_cast<uint32_t>(g / per) * d.leading +
              static_cast<uint32_t>(g % per * 16 + k % 8 * d.swizzle) +
              static_cast<uint32_t>(k / 8) * d.stride;
      } else {
        at += static_cast<uint32_t>(g) * d.stride + static_cast<uint32_t>(k % 8 * 16) +
              static_cast<uint32_t>(k / 8) * d.leading;
      }
      to[k * groups + g] = swizzleAddress(at, d.swizzle);
    }
}

void checkOperand(Warp &w, const WgmmaOp &op, const WarpGroup &g, uint64_t desc, int rows,
                  bool mnMajor, const char *name) {
  Descriptor d(desc);
  if (d.baseOffset)
    w.fail(-1,
           std::string("the descriptor of ") + name + " has base offset " +
               std::to_string(d.baseOffset) +
               "; the simulator needs tiles whose swizzle pattern starts at its natural alignment");
  uint32_t at[512];
  pieces(d, rows, mnMajor, at);
  Accessor a;
  a.agent = g.agent;
  a.lane = kManyLanes;
  a.epoch = op.epoch;
  a.proxy = Proxy::Async;
  a.line = op.inst->line;
  a.clock = &op.clock;
  size_t end = w.cta->shared.size();
  for (int n = 0; n < 2 * rows; ++n) {
    if (at[n] < kSharedBase || at[n] + 16u > end)
      w.fail(-1, std::string("the descriptor of ") + name + " reaches shared byte " +
                     std::to_string(int64_t(at[n]) - kSharedBase) + ", outside the CTA's " +
                     std::to_string(end - kSharedBase) + " bytes");
    if (w.checks())
      w.checkShared(*w.cta, at[n], 16, a, false, -1);
  }
}

void gatherA(Cta &cta, const WgmmaOp &op, int warp, int k, float *a) {
  const Inst &i = *op.inst;
  auto t = static_cast<Ty>(i.type);
  uint32_t at[128];
  pieces(Descriptor(op.descA), 64, i.mode[kTransA], at);
  const int per = 16 / operandBytes(t);
  float v[16];
  auto put = [&](int row, int kk, float x) {
    for (int q = 0; q < 4; ++q)
      a[(kk * 2 + row / 8) * 32 + row % 8 * 4 + q] = x;
  };
  if (!i.mode[kTransA]) {
    for (int r = 0; r < 16; ++r)
      for (int h = 0; h < 2; ++h) {
        decodeElements(cta.sharedAt(at[2 * (16 * warp + r) + h]), per, t, v);
        for (int e = 0; e < per; ++e)
          put(r, h * per + e, v[e]);
      }
  } else {
    for (int kk = 0; kk < k; ++kk)
      for (int g = 0; g < 2; ++g) {
        decodeElements(cta.sharedAt(at[kk * 8 + 2 * warp + g]), 8, t, v);
        for (int e = 0; e < 8; ++e)
          put(g * 8 + e, kk, v[e]);
      }
  }
}

void gatherB(Cta &cta, const WgmmaOp &op, int n, int k, float *b) {
  const Inst &i = *op.inst;
  auto t = static_cast<Ty>(i.type2);
  uint32_t at[512];
  pieces(Descriptor(op.descB), n, i.mode[kTransB], at);
  const int per = 16 / operandBytes(t);
  float v[16];
  auto put = [&](int column, int kk, float x) {
    b[((column / 8) * k + kk) * 8 + (column & 1) * 4 + (column & 7) / 2] = x;
  };
  if (!i.mode[kTransB]) {
    for (int c = 0; c < n; ++c)
      for (int h = 0; h < 2; ++h) {
        decodeElements(cta.sharedAt(at[2 * c + h]), per, t, v);
        for (int e = 0; e < per; ++e)
          put(c, h * per + e, v[e]);
      }
  } else {
    for (int kk = 0; kk < k; ++kk)
      for (int g = 0; g < n / 8; ++g) {
        decodeElements(cta.sharedAt(at[kk * (n / 8) + g]), 8, t, v);
        for (int e = 0; e < 8; ++e)
          put(g * 8 + e, kk, v[e]);
      }
  }
}

void multiply(Warp &w, const WgmmaOp &op, int n, int k, const float *a, const float *b) {
  const Inst &i = *op.inst;
  const int blocks = n / 8;
  float *d[128] = {};
  alignas(64) static thread_local float unpacked[128][32];
  const bool packed = i.mode[kAcc] == kF16Acc;
  for (int r = 0; r < n / 2; ++r)
    d[r] = packed ? unpacked[r] : w.r<float>(i.list[r].slot);
  if (!op.scaleD) {
    for (int r = 0; r < n / 2; ++r)
      memset(d[r], 0, 128);
  } else if (packed) {
    for (int r = 0; r < n / 2; ++r)
      for (int l = 0; l < kLanes; ++l)
        unpacked[r][l] = f16ToFloat(
            static_cast<uint16_t>(w.r<uint32_t>(i.list[r / 2].slot)[l] >> (16 * (r & 1))));
  }
  switch (i.mode[kAcc]) {
  case kI32Acc: {
    int32_t *di[128] = {};
    for (int r = 0; r < n / 2; ++r)
      di[r] = reinterpret_cast<int32_t *>(d[r]);
    productI32(blocks, k, reinterpret_cast<const int32_t *>(a),
               reinterpret_cast<const int32_t *>(b), di);
    break;
  }
  case kShortAcc:
    productShort(blocks, k, {a, smallestExponent(static_cast<Ty>(i.type))},
                 {b, smallestExponent(static_cast<Ty>(i.type2))}, d);
    break;
  default:
    productF32(blocks, k, a, b, d);
    break;
  }
  if (packed)
    for (int r = 0; r < n / 4; ++r)
      for (int l = 0; l < kLanes; ++l)
        w.r<uint32_t>(i.list[r].slot)[l] = static_cast<uint32_t>(floatToF16(unpacked[2 * r][l])) |
                                           static_cast<uint32_t>(floatToF16(unpacked[2 * r + 1][l]))
                                               << 16;
}

void perform(Cta &cta, int group, const WgmmaOp &op) {
  const Inst &i = *op.inst;
  const int n = static_cast<int>(i.imm), k = static_cast<int>(i.imm2);
  alignas(64) static thread_local float a[32 * 64], b[32 * 32 * 8];
  gatherB(cta, op, n, k, b);
  if (i.mode[kNegB])
    for (int e = 0; e < n * k; ++e)
      b[e] = -b[e];
  for (int wi = 0; wi < 4; ++wi) {
    Warp &w = *cta.warps[group * 4 + wi];
    if (!i.list2.empty())
      fragmentA(static_cast<Ty>(i.type), 4, a,
                [&](int r) { return w.r<uint32_t>(i.list2[r].slot); });
    else
      gatherA(cta, op, wi, k, a);
    if (i.mode[kNegA])
      for (int e = 0; e < k * 64; ++e)
        a[e] = -a[e];
    multiply(w, op, n, k, a, b);
  }
  cta.launch->effects.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

bool performWgmma(Cta &cta, WarpGroup &g, uint32_t group) {
  while (!g.ops.empty() && g.ops.front().epoch <= group) {
    WgmmaOp &op = g.ops.front();
    if (op.issued != 0xf)
      return false;
    if (!op.performed)
      perform(cta, static_cast<int>(&g - cta.groups.data()), op);
    g.ops.pop_front();
    ++g.first;
  }
  return true;
}

namespace {

WarpGroup &groupOf(Warp &w) {
  if (w.cta->warps.size() < static_cast<size_t>(w.index / 4 * 4 + 4))
    w.fail(-1, "wgmma needs four warps in a warpgroup; the CTA has " +
                   std::to_string(w.cta->warps.size()));
  return w.cta->groups[w.index / 4];
}

void occupy(Warp &w, uint16_t r, uint8_t kind, uint32_t epoch, Mask initAfter) {
  if (!w.busy[r]) {
    w.busyInit[r] = initAfter;
    w.busyKind[r] = kind;
    w.busyList.push_back(r);
    w.init[r] = 0;
  }
  w.busy[r] = epoch;
}

void checkWgmmaRegisters(Warp &w, const Inst &i, bool scaleD) {
  auto name = [&](uint16_t r) { return w.launch->kernel->registers[r].name; };
  for (uint16_t r : i.reads)
    if (w.init[r] != kAll)
      w.failRegister(i, r, kAll, false);
  if (!w.fencedBatch)
    w.fail(-1, "wgmma.mma_async without a wgmma.fence since the last commit; put one before the "
               "first of a group");
  for (uint16_t r : i.writes) {
    if (w.touched[r] == w.fenceEpoch)
      w.fail(-1, "register " + name(r) +
                     " was accessed after the last wgmma.fence; put a fence between");
    if (w.busy[r] && w.busyKind[r] == 2)
      w.fail(-1,
             "register " + name(r) + " is an A fragment of a wgmma in flight; wait for it first");
    if (!w.busy[r] && scaleD && w.init[r] != kAll)
      w.fail(-1, "accumulator " + name(r) + " was never written and scale-d is true");
  }
  for (uint16_t r : i.fragments) {
    if (w.touched[r] == w.fenceEpoch)
      w.fail(-1, "register " + name(r) +
                     " of A was written after the last wgmma.fence; put a fence between");
    if (w.busy[r] && w.busyKind[r] == 1)
      w.fail(-1, "register " + name(r) +
                     " of A is an accumulator of a wgmma in flight; wait for it first");
    if (!w.busy[r] && w.init[r] != kAll)
      w.fail(-1, "register " + name(r) + " of A was never written");
  }
  for (uint16_t r : i.writes)
    occupy(w, r, 1, w.wgmmaCommitted + 1, kAll);
  for (uint16_t r : i.fragments)
    occupy(w, r, 2, w.wgmmaCommitted + 1, kAll);
}

Outcome execMma(Warp &w, const Inst &i, Mask mask) {
  WarpGroup &g = groupOf(w);
  Mask p = w.pred(i.s[2].slot) & mask;
  if (p && p != mask)
    w.fail(-1, "scale-d differs between lanes");
  bool scaleD = p != 0;
  uint64_t descs[2] = {0, w.r<uint64_t>(i.s[1].slot)[0]};
  for (int o = i.list2.empty() ? 0 : 1; o < 2; ++o) {
    const uint64_t *v = w.r<uint64_t>(i.s[o].slot);
    descs[o] = v[0];
    for (int l = 1; l < kLanes; ++l)
      if (v[l] != v[0])
        w.fail(l, "the matrix descriptor differs between lanes");
  }
  if (w.checks())
    checkWgmmaRegisters(w, i, scaleD);
  uint64_t at = w.wgmmaIssued++ - g.first;
  w.wgmmaOpen = true;
  if (at == g.ops.size()) {
    WgmmaOp fresh;
    fresh.inst = &i;
    fresh.epoch = w.wgmmaCommitted + 1;
    fresh.descA = descs[0];
    fresh.descB = descs[1];
    fresh.scaleD = scaleD;
    fresh.clock = w.all;
    g.ops.push_back(std::move(fresh));
  }
  WgmmaOp &op = g.ops[at];
  if (op.inst != &i || op.descA != descs[0] || op.descB != descs[1] || op.scaleD != scaleD ||
      op.epoch != w.wgmmaCommitted + 1)
    w.fail(-1, "the warps of the warpgroup disagree on this wgmma (another issued line " +
                   std::to_string(op.inst->line) + ")");
  op.issued |= 1 << (w.index % 4);
  if (w.checks())
    op.clock.meet(w.all);
  if (op.issued == 0xf) {
    if (i.list2.empty())
      checkOperand(w, op, g, op.descA, 64, i.mode[kTransA], "A");
    checkOperand(w, op, g, op.descB, static_cast<int>(i.imm), i.mode[kTransB], "B");
    if (w.launch->options.order == AsyncOrder::Earliest) {
      perform(*w.cta, w.index / 4, op);
      op.performed = true;
    }
  }
  return Outcome::Next;
}

Outcome execFence(Warp &w, const Inst &, Mask) {
  groupOf(w);
  ++w.fenceEpoch;
  w.fencedBatch = true;
  return Outcome::Next;
}

Outcome execCommit(Warp &w, const Inst &, Mask) {
  groupOf(w);
  ++w.wgmmaCommitted;
  w.wgmmaOpen = false;
  return Outcome::Next;
}

Outcome execWait(Warp &w, const Inst &i, Mask mask) {
  WarpGroup &g = groupOf(w);
  if (static_cast<int64_t>(w.wgmmaCommitted) <= i.imm)
    return Outcome::Next;
  auto group = static_cast<uint32_t>(w.wgmmaCommitted - i.imm);
  if (!performWgmma(*w.cta, g, group))
    return w.block(WaitFor::WgmmaPeers);
  size_t kept = 0;
  for (uint16_t r : w.busyList) {
    if (w.busy[r] > group) {
      w.busyList[kept++] = r;
      continue;
    }
    w.init[r] = w.busyInit[r];
    w.busy[r] = 0;
    w.busyKind[r] = 0;
  }
  w.busyList.resize(kept);
  w.fencedBatch = false;
  w.acquireAgent(g.agent, group, mask);
  return Outcome::Next;
}

Outcome execSetMaxRegisters(Warp &w, const Inst &i, Mask) {
  int change = (static_cast<int>(i.imm) - w.maxRegisters) * kLanes;
  if (i.mode[0] && change < 0)
    w.fail(-1, "setmaxnreg.inc to " + std::to_string(i.imm) + " registers, but the warp has " +
                   std::to_string(w.maxRegisters));
  if (!i.mode[0] && change > 0)
    w.fail(-1, "setmaxnreg.dec to " + std::to_string(i.imm) + " registers, but the warp has " +
                   std::to_string(w.maxRegisters));
  if (change > w.cta->registerPool)
    return w.block(WaitFor::Registers);
  w.cta->registerPool -= change;
  w.maxRegisters = static_cast<int>(i.imm);
  ++w.setMaxCalls;
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
  return Outcome::Next;
}

bool scaleImmediate(Decoder &d, size_t n) {
  int64_t v = d.integer(n);
  if (v != 1 && v != -1)
    d.fail("imm-scale must be 1 or -1");
  return v < 0;
}

void decodeMmaAsync(Decoder &d) {
  int m = 0, n = 0, k = 0;
  if (d.rest.empty() || sscanf(d.rest[0].c_str(), "m%dn%dk%d", &m, &n, &k) != 3)
    d.fail("expected a shape");
  d.rest.erase(d.rest.begin());
  Ty td = d.type(), ta = d.type(), tb = d.type();
  bool fp8 = ta == Ty::E4M3 || ta == Ty::E5M2, fp8B = tb == Ty::E4M3 || tb == Ty::E5M2;
  bool integer = isIntegerOperand(ta);
  bool half = ta == Ty::F16 || ta == Ty::BF16;
  if (!(half && ta == tb) && !(ta == Ty::TF32 && tb == ta) && !(fp8 && fp8B) &&
      !(integer && isIntegerOperand(tb)))
    d.fail("this combination of types is not supported");
  if (m != 64 || n < 8 || n > 256 || n % 8 || k * operandBytes(ta) != 32)
    d.fail("this shape is not supported");
  if (integer ? td != Ty::S32 : td != Ty::F32 && !(td == Ty::F16 && (ta == Ty::F16 || fp8)))
    d.fail("this accumulator type is not supported");
  d.out.mode[kAcc] = integer ? kI32Acc : td == Ty::F16 ? kF16Acc : fp8 ? kShortAcc : kF32Acc;
  d.out.type = static_cast<uint8_t>(ta);
  d.out.type2 = static_cast<uint8_t>(tb);
  d.out.imm = n;
  d.out.imm2 = k;
  auto acc = d.elements(d.op(0));
  if (static_cast<int>(acc.size()) != (td == Ty::F16 ? n / 4 : n / 2))
    d.fail("wrong number of accumulators: " + std::to_string(acc.size()));
  for (auto *e : acc) {
    if (e->kind != PtxOperand::Register)
      d.fail("accumulators must be registers");
    d.out.list.push_back(d.define(*e, 32));
  }
  bool fromRegisters = d.op(1).kind == PtxOperand::Vector;
  if (fromRegisters) {
    auto a = d.elements(d.op(1));
    if (a.size() != 4)
      d.fail("A in registers takes four of them");
    for (auto *e : a) {
      if (e->kind != PtxOperand::Register)
        d.fail("A must be registers");
      d.out.list2.push_back(d.use(*e, 32));
      d.out.fragments.push_back(static_cast<uint16_t>(e->reg));
    }
    d.out.reads.clear();
  } else {
    d.out.s[0] = d.src(1, 64);
  }
  d.out.s[1] = d.src(2, 64);
  d.out.s[2] = d.predicate(d.op(3));
  if (d.op(3).negated)
    d.fail("scale-d cannot be negated here");
  if (integer) {
    d.needOperands(4, 4);
  } else {
    size_t need = half ? (fromRegisters ? 7 : 8) : 6;
    d.needOperands(need, need);
    d.out.mode[kNegA] = scaleImmediate(d, 4);
    d.out.mode[kNegB] = scaleImmediate(d, 5);
    if (half) {
      if (!fromRegisters)
        d.out.mode[kTransA] = d.integer(6) != 0;
      d.out.mode[kTransB] = d.integer(need - 1) != 0;
    }
  }
  d.out.flags |= kOwnRegisters;
  d.out.fn = execMma;
}

void decodeWgmma(Decoder &d) {
  int what = d.oneOf({"mma_async", "fence", "commit_group", "wait_group"});
  if (what < 0 || !d.has("sync") || !d.has("aligned"))
    d.fail("this wgmma instruction is not supported");
  d.out.flags |= kAligned;
  switch (what) {
  case 0:
    decodeMmaAsync(d);
    break;
  case 1:
    d.out.fn = execFence;
    break;
  case 2:
    d.out.fn = execCommit;
    break;
  default:
    d.needOperands(1, 1);
    d.out.imm = d.integer(0);
    d.out.fn = execWait;
    break;
  }
}

} // namespace

void addWgmma(DecodeTable &t) {
  t["wgmma"] = decodeWgmma;
  t["setmaxnreg"] = [](Decoder &d) {
    int which = d.oneOf({"dec", "inc"});
    if (which < 0 || !d.has("sync") || !d.has("aligned") || d.type() != Ty::U32)
      d.fail("expected .inc or .dec, .sync.aligned.u32");
    d.needOperands(1, 1);
    d.out.imm = d.integer(0);
    if (d.out.imm < 24 || d.out.imm > 256 || d.out.imm % 8)
      d.fail("the register count must be a multiple of 8 from 24 to 256");
    d.out.mode[0] = static_cast<uint8_t>(which);
    d.out.flags |= kAligned;
    d.out.fn = execSetMaxRegisters;
  };
}

} // namespace mpgemm::sim
