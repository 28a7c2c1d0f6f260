//===- Atomics.cpp - atom and red ------------------------------------------===//
//
// Sections 9.7.13.5 and 9.7.13.6. Lanes go in order; instructions on global memory exclude each
// other.
//
//===----------------------------------------------------------------------===//
#include "FloatFormats.h"
#include "Lanes.h"

#include <cmath>

namespace mpgemm::sim {

namespace {

enum Op : uint8_t { kAdd, kInc, kDec, kMin, kMax, kAnd, kOr, kXor, kExch, kCas };
/// Inst::mode: operation, bytes of an element, acquire, release, returns the old value.
enum { kOp = 0, kBytes = 1, kAcquire = 2, kRelease = 3, kReturns = 4 };

uint64_t readValue(Warp &w, const RegRef &r, int bits, int lane) {
  bits = r.bits ? r.bits : bits;
  return bits == 64   ? w.r<uint64_t>(r.slot)[lane]
         : bits == 32 ? w.r<uint32_t>(r.slot)[lane]
                      : w.r<uint16_t>(r.slot)[lane];
}

uint64_t addFloats(uint64_t a, uint64_t b, Ty t) {
  switch (t) {
  case Ty::F32:
    return bitsOfFloat(floatOf(uint32_t(a)) + floatOf(uint32_t(b)));
  case Ty::F64:
    return bitsOfDouble(doubleOf(a) + doubleOf(b));
  case Ty::F16:
  case Ty::BF16: {
    const FloatFormat &f = t == Ty::F16 ? kF16 : kBF16;
    return encodeFloat(addToOdd(decodeFloat(a & 0xffff, f), decodeFloat(b & 0xffff, f)), f);
  }
  default: {
    Ty e = t == Ty::F16x2 ? Ty::F16 : Ty::BF16;
    return addFloats(a & 0xffff, b & 0xffff, e) |
           addFloats((a >> 16) & 0xffff, (b >> 16) & 0xffff, e) << 16;
  }
  }
}

uint64_t combine(uint64_t old, uint64_t b, uint64_t c, uint8_t op, Ty t) {
  int bits = bitsOf(t);
  auto s = [&](uint64_t v) { return static_cast<int64_t>(v << (64 - bits)) >> (64 - bits); };
  switch (op) {
  case kAdd:
    return isFloat(t) ? addFloats(old, b, t) : old + b;
  case kInc:
    return old >= b ? 0 : old + 1;
  case kDec:
    return old == 0 || old > b ? b : old - 1;
  case kMin:
    return isSigned(t) ? (s(b) < s(old) ? b : old) : (b < old ? b : old);
  case kMax:
    return isSigned(t) ? (s(b) > s(old) ? b : old) : (b > old ? b : old);
  case kAnd:
    return old & b;
  case kOr:
    return old | b;
  case kXor:
    return old ^ b;
  case kExch:
    return b;
  default:
    return old == b ? c : old;
  }
}

Outcome execAtomic(Warp &w, const Inst &i, Mask mask) {
  auto t = static_cast<Ty>(i.type);
  const int bits = bitsOf(t);
  const uint32_t element = i.mode[kBytes], bytes = element * static_cast<uint32_t>(i.list.size());
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    uint64_t address = w.address(i.address, lane);
    bool shared = i.space == Space::Shared || i.space == Space::SharedCluster ||
                  (i.space == Space::Generic && address >= kSharedWindow &&
                   address < kSharedWindow + kWindowBytes);
    if (address % bytes)
      w.fail(lane, "misaligned atomic: address " + std::to_string(address) +
                       " is not a multiple of " + std::to_string(bytes));
    uint8_t *p;
    std::unique_lock<std::mutex> lock;
    if (shared) {
      SharedPlace place = resolveShared(w, lane, address, bytes, 1, "atomic");
      if (w.checks()) {
        auto it = place.cta->atomicReleases.find(place.offset);
        if (i.mode[kAcquire] && it != place.cta->atomicReleases.end())
          w.acquire(it->second, 1u << lane);
        Accessor a = w.generic(lane);
        a.atomic = true;
        if (!place.cta->shadow.initialised(place.offset, bytes))
          w.fail(lane, "atomic on " + describeShared(*place.cta, place.offset) +
                           ", which was never written");
        w.checkShared(*place.cta, place.offset, bytes, a, true, lane);
        if (i.mode[kRelease]) {
          Clock &c = place.cta->atomicReleases[place.offset];
          w.release(c, 1u << lane);
        }
      }
      p = place.cta->sharedAt(place.offset);
    } else {
      lock = std::unique_lock<std::mutex>(*w.launch->atomics);
      globalPointer(w, lane, address, bytes, false, "atomic");
      p = globalPointer(w, lane, address, bytes, true, "atomic");
    }
    for (size_t n = 0; n < i.list.size(); ++n) {
      uint64_t old = 0;
      memcpy(&old, p + n * element, element);
      uint64_t b = readValue(w, i.list[n], bits, lane);
      uint64_t c = i.mode[kOp] == kCas ? readValue(w, i.s[1], bits, lane) : 0;
      uint64_t v = combine(old, b, c, i.mode[kOp], t);
      memcpy(p + n * element, &v, element);
      if (i.mode[kReturns]) {
        const RegRef &d = i.list2[n];
        if (d.bits == 64)
          w.r<uint64_t>(d.slot)[lane] = old;
        else if (d.bits == 32)
          w.r<uint32_t>(d.slot)[lane] = static_cast<uint32_t>(old);
        else
          w.r<uint16_t>(d.slot)[lane] = static_cast<uint16_t>(old);
      }
    }
  }
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
  return Outcome::Next;
}

void decodeAtomic(Decoder &d) {
  bool returns = d.in.parts[0] == "atom";
  if (d.has("acq_rel"))
    d.out.mode[kAcquire] = d.out.mode[kRelease] = 1;
  if (d.has("acquire"))
    d.out.mode[kAcquire] = 1;
  if (d.has("release"))
    d.out.mode[kRelease] = 1;
  d.has("relaxed");
  d.oneOf({"cta", "cluster", "gpu", "sys"});
  int space = d.oneOf({"global", "shared::cluster", "shared::cta", "shared"});
  d.out.space = space < 0 ? Space::Generic : space == 0 ? Space::Global : Space::Shared;
  bool hint = d.has("L2::cache_hint");
  int op = d.oneOf({"add", "inc", "dec", "min", "max", "and", "or", "xor", "exch", "cas"});
  if (op < 0)
    d.fail("no atomic operation the simulator knows");
  d.has("noftz");
  int vector = d.oneOf({"v2", "v4", "v8"});
  Ty t = d.type();
  int bits = bitsOf(t);
  if (isFloat(t) && op != kAdd && op != kExch)
    d.fail("only .add is supported for floats");
  if (bits < 16 || bits > 64)
    d.fail("atomics of this width are not supported");
  d.out.type = static_cast<uint8_t>(t);
  d.out.mode[kOp] = static_cast<uint8_t>(op);
  d.out.mode[kBytes] = static_cast<uint8_t>(bits / 8);
  d.out.mode[kReturns] = returns;
  size_t first = returns ? 1 : 0;
  size_t need = first + 2 + (op == kCas);
  d.needOperands(need, need + hint);
  d.out.address = d.address(d.op(first));
  auto values = d.elements(d.op(first + 1));
  if (static_cast<int>(values.size()) != (vector < 0 ? 1 : 2 << vector))
    d.fail("the vector has " + std::to_string(values.size()) + " elements");
  for (const PtxOperand *e : values)
    d.out.list.push_back(d.use(*e, bits));
  if (op == kCas)
    d.out.s[1] = d.src(first + 2, bits);
  if (returns)
    for (const PtxOperand *e : d.elements(d.op(0)))
      d.out.list2.push_back(d.define(*e, bits));
  if (returns && d.out.list2.size() != d.out.list.size())
    d.fail("result and operand differ in length");
  d.out.fn = execAtomic;
}

} // namespace

void addAtomics(DecodeTable &t) {
  t["atom"] = decodeAtomic;
  t["red"] = [](Decoder &d) {
    if (!d.rest.empty() && d.rest[0] == "async")
      d.fail("red.async is not supported");
    decodeAtomic(d);
  };
}

} // namespace mpgemm::sim
