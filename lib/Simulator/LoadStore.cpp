//===- LoadStore.cpp - ld, st and prefetch ---------------------------------===//
//
// Sections 9.7.9.8 to 9.7.9.12 and 9.7.9.18. Cache operators and hints change nothing and are
// accepted.
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

namespace mpgemm::sim {

uint8_t *globalPointer(Warp &w, int lane, uint64_t address, size_t bytes, bool write,
                       const char *what) {
  Allocation *a = w.lastAllocation;
  if (!a || a->freed || address < a->address || address - a->address > a->bytes ||
      bytes > a->bytes - (address - a->address)) {
    std::string why;
    a = w.launch->memory->find(address, bytes, &why);
    if (!a)
      w.fail(lane, std::string(what) + " out of bounds: " + why);
    w.lastAllocation = a;
  }
  if (write) {
    if (a->readOnly)
      w.fail(lane, std::string(what) + ": writes to constant memory");
    GlobalMemory::markWritten(*a, address, bytes);
  } else if (!GlobalMemory::isWritten(*a, address, bytes)) {
    w.fail(lane, std::string(what) + ": reads global memory that was never written, " +
                     std::to_string(address - a->address) + " bytes into an allocation of " +
                     std::to_string(a->bytes));
  }
  return a->data + (address - a->address);
}

namespace {

/// Inst::mode of loads and stores.
enum {
  kElementBytes = 0,
  kSignExtend = 1,
  kStrong = 2,
  kAcquire = 3,
  kRelease = 4,
  kGlobalConst = 5
};

uint64_t readElement(Warp &w, const RegRef &r, int bytes, int lane) {
  int bits = r.bits ? r.bits : std::max(bytes * 8, 16);
  return bits == 64   ? w.r<uint64_t>(r.slot)[lane]
         : bits == 32 ? w.r<uint32_t>(r.slot)[lane]
                      : w.r<uint16_t>(r.slot)[lane];
}
void writeElement(Warp &w, const RegRef &r, int lane, uint64_t v) {
  if (r.bits == 64)
    w.r<uint64_t>(r.slot)[lane] = v;
  else if (r.bits == 32)
    w.r<uint32_t>(r.slot)[lane] = static_cast<uint32_t>(v);
  else
    w.r<uint16_t>(r.slot)[lane] = static_cast<uint16_t>(v);
}

/// Host pointer of one lane's access of any state space, checked.
uint8_t *place(Warp &w, const Inst &i, int lane, uint32_t bytes, bool write) {
  uint64_t a = w.address(i.address, lane);
  Space space = i.space;
  if (space == Space::Generic) {
    if (a >= kSharedWindow && a < kSharedWindow + kWindowBytes)
      space = Space::Shared;
    else if (a >= kLocalWindow && a < kLocalWindow + kWindowBytes) {
      space = Space::Local;
      a -= kLocalWindow;
    } else if (a >= kParamWindow && a < kParamWindow + kWindowBytes) {
      space = Space::Param;
      a -= kParamWindow;
    } else
      space = Space::Global;
  }
  const char *what = write ? "store" : "load";
  if (a % bytes)
    w.fail(lane, std::string("misaligned ") + what + ": address " + std::to_string(a) +
                     " is not a multiple of the " + std::to_string(bytes) + " bytes it moves");
  switch (space) {
  case Space::Shared:
  case Space::SharedCluster: {
    SharedPlace p = resolveShared(w, lane, a, bytes, 1, what);
    if (w.checks()) {
      Accessor access = w.generic(lane);
      access.atomic = i.mode[kStrong];
      if (i.mode[kAcquire]) {
        auto it = p.cta->atomicReleases.find(p.offset);
        if (it != p.cta->atomicReleases.end())
          w.acquire(it->second, 1u << lane);
        access = w.generic(lane);
        access.atomic = true;
      }
      w.checkShared(*p.cta, p.offset, bytes, access, write, lane);
      if (i.mode[kRelease]) {
        Clock &c = p.cta->atomicReleases[p.offset];
        c.resize(w.cta->cluster->agents, w.cta->cluster->warps.size());
        w.release(c, 1u << lane);
      }
    }
    return p.cta->sharedAt(p.offset);
  }
  case Space::Local:
    if (a > w.localBytes || bytes > w.localBytes - a)
      w.fail(lane, std::string(what) + " out of bounds: byte " + std::to_string(a) + " of " +
                       std::to_string(w.localBytes) + " bytes of local memory");
    return w.local.data() + lane * w.localBytes + a;
  case Space::Param:
    if (write)
      w.fail(lane, "stores to a kernel parameter");
    if (a > w.launch->params.size() || bytes > w.launch->params.size() - a)
      w.fail(lane, "load out of bounds: byte " + std::to_string(a) + " of " +
                       std::to_string(w.launch->params.size()) + " bytes of parameters");
    return w.launch->params.data() + a;
  default:
    return globalPointer(w, lane, a, bytes, write, what);
  }
}

Outcome execLoad(Warp &w, const Inst &i, Mask mask) {
  const uint32_t element = i.mode[kElementBytes];
  const uint32_t bytes = element * static_cast<uint32_t>(i.list.size());
  if (i.mode[kAcquire])
    std::atomic_thread_fence(std::memory_order_acquire);
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    const uint8_t *p = place(w, i, lane, bytes, false);
    for (const RegRef &r : i.list) {
      uint64_t v = 0;
      memcpy(&v, p, element);
      p += element;
      if (i.mode[kSignExtend])
        v = static_cast<uint64_t>(static_cast<int64_t>(v << (64 - 8 * element)) >>
                                  (64 - 8 * element));
      writeElement(w, r, lane, v);
    }
  }
  if (i.mode[kAcquire])
    std::atomic_thread_fence(std::memory_order_acquire);
  return Outcome::Next;
}

Outcome execStore(Warp &w, const Inst &i, Mask mask) {
  const uint32_t element = i.mode[kElementBytes];
  const uint32_t bytes = element * static_cast<uint32_t>(i.list.size());
  if (i.mode[kRelease])
    std::atomic_thread_fence(std::memory_order_release);
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    uint8_t *p = place(w, i, lane, bytes, true);
    for (const RegRef &r : i.list) {
      uint64_t v = readElement(w, r, static_cast<int>(element), lane);
      memcpy(p, &v, element);
      p += element;
    }
  }
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
  return Outcome::Next;
}

/// Modifiers that ld, st, atom and red share.
void cacheModifiers(Decoder &d) {
  for (size_t i = 0; i < d.rest.size();) {
    const std::string &m = d.rest[i];
    if (m.rfind("L1::", 0) == 0 || m.rfind("L2::", 0) == 0 || m == "ca" || m == "cg" || m == "cs" ||
        m == "lu" || m == "cv" || m == "wb" || m == "wt" || m == "nc" || m == "weak" ||
        m == "unified")
      d.rest.erase(d.rest.begin() + static_cast<ptrdiff_t>(i));
    else
      ++i;
  }
}

Space stateSpace(Decoder &d) {
  switch (d.oneOf({"global", "shared::cluster", "shared::cta", "shared", "local", "param", "const",
                   "param::entry"})) {
  case 0:
    return Space::Global;
  case 1:
    return Space::SharedCluster;
  case 2:
  case 3:
    return Space::Shared;
  case 4:
    return Space::Local;
  case 5:
  case 7:
    return Space::Param;
  case 6:
    return Space::Const;
  default:
    return Space::Generic;
  }
}

void decodeAccess(Decoder &d, bool load) {
  bool isVolatile = d.has("volatile"), relaxed = d.has("relaxed"), mmio = d.has("mmio");
  d.out.mode[kAcquire] = d.has("acquire");
  d.out.mode[kRelease] = d.has("release");
  d.out.mode[kStrong] =
      isVolatile || relaxed || mmio || d.out.mode[kAcquire] || d.out.mode[kRelease];
  d.oneOf({"cta", "cluster", "gpu", "sys"});
  d.out.space = stateSpace(d);
  bool hint = d.in.opcode.find("cache_hint") != std::string::npos;
  cacheModifiers(d);
  int vector = d.oneOf({"v2", "v4", "v8"});
  Ty t = d.type();
  int bits = bitsOf(t);
  if (bits < 8 || bits > 64)
    d.fail("accesses of this type are not supported");
  d.needOperands(2, hint ? 3 : 2);
  const PtxOperand &value = d.op(load ? 0 : 1);
  auto elements = d.elements(value);
  if (static_cast<int>(elements.size()) != (vector < 0 ? 1 : 2 << vector))
    d.fail("the vector has " + std::to_string(elements.size()) + " elements");
  d.out.address = d.address(d.op(load ? 1 : 0));
  for (const PtxOperand *e : elements)
    d.out.list.push_back(load ? d.define(*e, bits, true) : d.use(*e, bits, true));
  d.out.mode[kElementBytes] = static_cast<uint8_t>(bits / 8);
  d.out.mode[kSignExtend] = isSigned(t) && bits < 64;
  d.out.fn = load ? execLoad : execStore;
  if (hint)
    d.src(2, 64);
}

} // namespace

void addLoadStore(DecodeTable &t) {
  t["ld"] = t["ldu"] = [](Decoder &d) { decodeAccess(d, true); };
  t["st"] = [](Decoder &d) { decodeAccess(d, false); };
  // Prefetches move nothing; their operands are still checked to be well formed.
  t["prefetch"] = t["prefetchu"] = [](Decoder &d) {
    d.oneOf({"global", "local", "param", "const"});
    d.has("tensormap");
    d.oneOf({"L1", "L2", "L2::evict_last", "L2::evict_normal"});
    d.needOperands(1, 1);
    d.out.address = d.address(d.op(0));
    d.out.fn = [](Warp &, const Inst &, Mask) { return Outcome::Next; };
  };
  t["applypriority"] = t["discard"] = [](Decoder &d) {
    d.has("global");
    cacheModifiers(d);
    d.out.address = d.address(d.op(0));
    d.out.fn = [](Warp &, const Inst &, Mask) { return Outcome::Next; };
  };
}

} // namespace mpgemm::sim
