//===- Tma.cpp - Bulk copies -----------------------------------------------===//
//
// cp.async.bulk, cp.async.bulk.tensor, cp.reduce.async.bulk (9.7.9.25 to 9.7.9.27). When a copy is
// issued its shared bytes are checked and tagged in the shadow; the data moves when somebody waits.
// Loads are queued at their mbarrier, stores in bulk groups of the executing thread.
//
//===----------------------------------------------------------------------===//
#include "FloatFormats.h"
#include "Lanes.h"
#include "TensorMap.h"

namespace mpgemm::sim {

namespace {

/// Inst::mode of bulk copies.
enum { kRank = 0, kMulticast = 1, kReduction = 2, kRead = 3 };
enum Reduction : uint8_t { kRedAdd, kRedMin, kRedMax, kRedInc, kRedDec, kRedAnd, kRedOr, kRedXor };

TensorMap fetchMap(Warp &w, int lane, uint64_t address) {
  TensorMap map;
  if (address % 64)
    w.fail(lane, "the tensor map's address is not a multiple of 64");
  if (address >= kParamWindow && address < kParamWindow + kWindowBytes) {
    uint64_t offset = address - kParamWindow;
    if (offset + 128 > w.launch->params.size())
      w.fail(lane, "the tensor map is outside the kernel's parameters");
    memcpy(map.data(), w.launch->params.data() + offset, 128);
  } else if (address >= kLocalWindow && address < kLocalWindow + kWindowBytes) {
    w.fail(lane, "the tensor map is in local memory; pass it as a __grid_constant__ parameter");
  } else {
    memcpy(map.data(), globalPointer(w, lane, address, 128, false, "tensor map"), 128);
  }
  TensorMapFields f;
  if (!decodeTensorMap(map, f))
    w.fail(lane,
           "these 128 bytes are no tensor map of this driver; encode it with encodeTensorMap");
  return map;
}

uint32_t boxBytes(const TensorMapFields &f) {
  uint32_t n = f.elementBytes;
  for (int d = 0; d < f.rank; ++d)
    n *= f.box[d];
  return n;
}

/// Rows of a box in shared memory lie a swizzle span apart where they are narrower than that.
uint32_t rowPitch(const TensorMapFields &f) {
  uint32_t bytes = uint32_t(f.box[0]) * f.elementBytes;
  return std::max<uint32_t>(bytes, f.swizzle);
}

/// The shared bytes from a box's first row to its last.
uint32_t boxSpan(const TensorMapFields &f) {
  return boxBytes(f) / (uint32_t(f.box[0]) * f.elementBytes) * rowPitch(f);
}

/// Lets the operation's own warp report with the line of the copy.
struct ReportAs {
  ReportAs(Warp &w, const Inst *inst) : w(w), saved(w.inst) { w.inst = inst; }
  ~ReportAs() { w.inst = saved; }
  Warp &w;
  const Inst *saved;
};

/// Calls row(box row number, tensor address of its first element in bounds, first, count) for every
/// inner row; count is 0 where the row lies outside the tensor.
template <class F> void eachRow(const TensorMapFields &f, const int32_t *coordinates, F row) {
  uint32_t rows = 1;
  for (int d = 1; d < f.rank; ++d)
    rows *= f.box[d];
  int64_t size0 = int64_t(f.sizes[0]) + 1;
  int64_t begin = coordinates[0], end = begin + f.box[0];
  int64_t lo = std::max<int64_t>(begin, 0), hi = std::min(end, size0);
  for (uint32_t r = 0; r < rows; ++r) {
    uint32_t rest = r;
    int64_t address = static_cast<int64_t>(f.address);
    bool inside = hi > lo;
    for (int d = 1; d < f.rank; ++d) {
      int64_t c = int64_t(coordinates[d]) + rest % f.box[d];
      rest /= f.box[d];
      if (c < 0 || c > int64_t(f.sizes[d]))
        inside = false;
      address += c * static_cast<int64_t>(f.strides[d - 1]);
    }
    if (inside)
      row(r, static_cast<uint64_t>(address + lo * f.elementBytes),
          static_cast<uint32_t>(lo - begin), static_cast<uint32_t>(hi - lo));
    else
      row(r, 0, 0, 0);
  }
}

/// Copies `bytes` between a linear buffer and a swizzled tile row that starts at `offset`.
template <bool kToShared>
void copySwizzled(Cta &cta, uint32_t offset, uint8_t *linear, uint32_t bytes, int swizzle) {
  if (!swizzle) {
    if (kToShared)
      memcpy(cta.sharedAt(offset), linear, bytes);
    else
      memcpy(linear, cta.sharedAt(offset), bytes);
    return;
  }
  for (uint32_t b = 0; b < bytes; b += 16) {
    uint8_t *s = cta.sharedAt(swizzleAddress(offset + b, swizzle));
    if (kToShared)
      memcpy(s, linear + b, 16);
    else
      memcpy(linear + b, s, 16);
  }
}

void fillOutside(uint8_t *to, uint32_t bytes, const TensorMapFields &f) {
  if (!f.nanFill) {
    memset(to, 0, bytes);
    return;
  }
  auto t = static_cast<TensorMapType>(f.type);
  uint64_t nan = t == TensorMapType::F16    ? 0x7ff7 // As an H200 fills; no manual says it.
                 : t == TensorMapType::BF16 ? 0x7ff7
                 : t == TensorMapType::F64  ? 0x7fffffffffffffffull
                                            : 0x7fffffff;
  for (uint32_t b = 0; b < bytes; b += f.elementBytes)
    memcpy(to + b, &nan, f.elementBytes);
}

void loadTensor(AsyncLoad &op) {
  TensorMapFields f;
  decodeTensorMap(op.map, f);
  uint32_t rowBytes = uint32_t(f.box[0]) * f.elementBytes;
  alignas(16) uint8_t buffer[256 * 8];
  auto type = static_cast<TensorMapType>(f.type);
  eachRow(f, op.coordinates, [&](uint32_t r, uint64_t address, uint32_t first, uint32_t count) {
    if (count < f.box[0])
      fillOutside(buffer, rowBytes, f);
    if (count)
      memcpy(buffer + first * f.elementBytes,
             globalPointer(*op.warp, op.lane, address, size_t(count) * f.elementBytes, false,
                           "TMA load"),
             count * f.elementBytes);
    if (type == TensorMapType::TF32 || type == TensorMapType::TF32Ftz)
      for (uint32_t b = 0; b < rowBytes; b += 4) {
        uint32_t v;
        memcpy(&v, buffer + b, 4);
        v = encodeFloat(floatOf(v), kTF32, Rounding::Nearest) << 13;
        memcpy(buffer + b, &v, 4);
      }
    copySwizzled<true>(*op.cta, op.shared + r * rowPitch(f), buffer, rowBytes, f.swizzle);
  });
}

} // namespace

void performLoad(AsyncLoad &op, Mbarrier &m) {
  Warp &w = *op.warp;
  ReportAs as(w, op.inst);
  switch (op.kind) {
  case AsyncLoad::Tensor:
    loadTensor(op);
    break;
  case AsyncLoad::BulkFromGlobal:
    memcpy(op.cta->sharedAt(op.shared),
           globalPointer(w, op.lane, op.global, op.bytes, false, "bulk copy"), op.bytes);
    break;
  case AsyncLoad::BulkFromShared:
    memcpy(op.cta->sharedAt(op.shared), op.sourceCta->sharedAt(op.sourceShared), op.bytes);
    break;
  case AsyncLoad::CpAsyncArrive:
    finishCpAsync(w, op.lanes);
    m.arriving.join(op.clock);
    m.arriving.raise(w.cta->cluster->cpAgent(w), op.epoch);
    for (int lane = 0; lane < kLanes; ++lane)
      if ((op.lanes >> lane) & 1)
        arriveCount(m, 1, w, lane);
    return;
  }
  completeTx(m, op.bytes, w, op.lane);
}

void loadQueued(Mbarrier &m) {
  if (m.cta->launch->options.order != AsyncOrder::Earliest)
    return;
  while (!m.loads.empty()) {
    AsyncLoad op = std::move(m.loads.front());
    m.loads.pop_front();
    performLoad(op, m);
    checkPhase(m);
  }
}

namespace {

void reduceElement(uint8_t *to, const uint8_t *from, int bytes, TensorMapType t, int op) {
  uint64_t a = 0, b = 0, v;
  memcpy(&a, to, bytes);
  memcpy(&b, from, bytes);
  bool isSigned = t == TensorMapType::I32 || t == TensorMapType::I64;
  auto s = [&](uint64_t x) {
    return static_cast<int64_t>(x << (64 - 8 * bytes)) >> (64 - 8 * bytes);
  };
  switch (op) {
  case kRedAdd:
    if (t == TensorMapType::F32 || t == TensorMapType::F32Ftz)
      v = bitsOfFloat(floatOf(uint32_t(a)) + floatOf(uint32_t(b)));
    else if (t == TensorMapType::F64)
      v = bitsOfDouble(doubleOf(a) + doubleOf(b));
    else if (t == TensorMapType::F16 || t == TensorMapType::BF16) {
      const FloatFormat &f = t == TensorMapType::F16 ? kF16 : kBF16;
      v = encodeFloat(addToOdd(decodeFloat(uint32_t(a), f), decodeFloat(uint32_t(b), f)), f);
    } else
      v = a + b;
    break;
  case kRedMin:
  case kRedMax: {
    bool less;
    if (t == TensorMapType::F16 || t == TensorMapType::BF16) {
      const FloatFormat &f = t == TensorMapType::F16 ? kF16 : kBF16;
      less = decodeFloat(uint32_t(b), f) < decodeFloat(uint32_t(a), f);
    } else {
      less = isSigned ? s(b) < s(a) : b < a;
    }
    v = less == (op == kRedMin) ? b : a;
    break;
  }
  case kRedInc:
    v = a >= b ? 0 : a + 1;
    break;
  case kRedDec:
    v = a == 0 || a > b ? b : a - 1;
    break;
  case kRedAnd:
    v = a & b;
    break;
  case kRedOr:
    v = a | b;
    break;
  default:
    v = a ^ b;
    break;
  }
  memcpy(to, &v, bytes);
}

} // namespace

void performBulkStore(Warp &w, const BulkStore &op) {
  ReportAs as(w, op.inst);
  Cta &cta = *w.cta;
  w.launch->effects.fetch_add(1, std::memory_order_relaxed);
  auto write = [&](uint64_t address, const uint8_t *from, uint32_t bytes, TensorMapType t,
                   int element) {
    if (op.reduction < 0) {
      memcpy(globalPointer(w, op.lane, address, bytes, true, "bulk store"), from, bytes);
      return;
    }
    std::lock_guard<std::mutex> lock(*w.launch->atomics);
    uint8_t *to = globalPointer(w, op.lane, address, bytes, false, "bulk reduction");
    for (uint32_t b = 0; b < bytes; b += element)
      reduceElement(to + b, from + b, element, t, op.reduction);
  };
  if (!op.tensor) {
    auto t = static_cast<TensorMapType>(op.rank);
    write(op.global, cta.sharedAt(op.shared), op.bytes, t, elementBytes(t));
    return;
  }
  TensorMapFields f;
  decodeTensorMap(op.map, f);
  uint32_t rowBytes = uint32_t(f.box[0]) * f.elementBytes;
  alignas(16) uint8_t buffer[256 * 8];
  eachRow(f, op.coordinates, [&](uint32_t r, uint64_t address, uint32_t first, uint32_t count) {
    if (!count)
      return;
    copySwizzled<false>(cta, op.shared + r * rowPitch(f), buffer, rowBytes, f.swizzle);
    write(address, buffer + first * f.elementBytes, count * f.elementBytes,
          static_cast<TensorMapType>(f.type), f.elementBytes);
  });
}

namespace {

void checkAlignedTile(Warp &w, int lane, const TensorMapFields &f, uint32_t offset) {
  if (offset % 128)
    w.fail(lane, "the shared address of a tensor copy must be a multiple of 128; it is at " +
                     describeShared(*w.cta, offset));
  (void)f;
}

void queueLoad(Warp &w, int lane, AsyncLoad op, uint64_t mbarAddress, const Inst &i) {
  Mbarrier &m = mbarrierAt(w, lane, mbarAddress, "copy", op.cta != w.cta, true);
  if (m.cta != op.cta)
    w.fail(lane, "the destination and the mbarrier of a copy must be in the same CTA");
  op.warp = &w;
  op.lane = lane;
  op.inst = &i;
  if (w.checks()) {
    Accessor a = w.generic(lane);
    a.agent = m.agent;
    a.lane = kManyLanes;
    a.epoch = static_cast<uint32_t>(m.phase) + 1;
    a.proxy = Proxy::Async;
    w.checkShared(*op.cta, op.shared, op.span ? op.span : op.bytes, a, true, lane);
    if (op.kind == AsyncLoad::BulkFromShared)
      w.checkShared(*op.sourceCta, op.sourceShared, op.bytes, a, false, lane);
  }
  m.loads.push_back(std::move(op));
  loadQueued(m);
}

/// Destination CTAs: the one the address names, or those of the multicast mask.
template <class F>
void eachDestination(Warp &w, const Inst &i, int lane, uint64_t dst, uint64_t mbar, F f) {
  if (!i.mode[kMulticast]) {
    f(dst, mbar);
    return;
  }
  unsigned mask = w.r<uint16_t>(i.s[1].slot)[lane];
  unsigned ctas = static_cast<unsigned>(w.cta->cluster->ctas.size());
  if (mask == 0 || mask >> ctas)
    w.fail(lane,
           "multicast mask " + std::to_string(mask) + " in a cluster of " + std::to_string(ctas));
  const uint64_t low = (1u << kRankShift) - 1;
  for (unsigned r = 0; r < ctas; ++r)
    if ((mask >> r) & 1)
      f((dst & low) | uint64_t(r + 1) << kRankShift, (mbar & low) | uint64_t(r + 1) << kRankShift);
}

Outcome execTensorLoad(Warp &w, const Inst &i, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    AsyncLoad base;
    base.kind = AsyncLoad::Tensor;
    base.map = fetchMap(w, lane, w.address(i.address2, lane));
    TensorMapFields f;
    decodeTensorMap(base.map, f);
    if (f.rank != i.mode[kRank])
      w.fail(lane, "the tensor map has " + std::to_string(f.rank) +
                       " dimensions, the instruction " + std::to_string(i.mode[kRank]));
    for (int d = 0; d < f.rank; ++d)
      base.coordinates[d] = w.r<int32_t>(i.list[d].slot)[lane];
    // An H200 takes 16 bytes and faults at 8 (an "illegal instruction").
    if (f.swizzle && int64_t(base.coordinates[0]) * f.elementBytes % 16)
      w.fail(lane,
             "a copy into a swizzled tile starts at a multiple of 16 bytes of a row; element " +
                 std::to_string(base.coordinates[0]) + " of " + std::to_string(f.elementBytes) +
                 " bytes is none");
    base.bytes = boxBytes(f);
    base.span = boxSpan(f);
    eachDestination(w, i, lane, w.address(i.address, lane), w.address(i.address3, lane),
                    [&](uint64_t dst, uint64_t mbar) {
                      SharedPlace p = resolveShared(w, lane, dst, base.span, 1, "TMA load");
                      checkAlignedTile(w, lane, f, p.offset);
                      AsyncLoad op = base;
                      op.cta = p.cta;
                      op.shared = p.offset;
                      queueLoad(w, lane, std::move(op), mbar, i);
                    });
  }
  return Outcome::Next;
}

Outcome execBulkLoad(Warp &w, const Inst &i, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    AsyncLoad base;
    base.bytes = w.r<uint32_t>(i.s[0].slot)[lane];
    if (base.bytes % 16)
      w.fail(lane, "a bulk copy moves a multiple of 16 bytes, not " + std::to_string(base.bytes));
    uint64_t source = w.address(i.address2, lane);
    if (i.space2 == Space::Shared) {
      base.kind = AsyncLoad::BulkFromShared;
      SharedPlace p = resolveShared(w, lane, source, base.bytes, 16, "bulk copy");
      base.sourceCta = p.cta;
      base.sourceShared = p.offset;
    } else {
      base.kind = AsyncLoad::BulkFromGlobal;
      base.global = source;
      if (source % 16)
        w.fail(lane, "the global address of a bulk copy is not a multiple of 16");
    }
    eachDestination(w, i, lane, w.address(i.address, lane), w.address(i.address3, lane),
                    [&](uint64_t dst, uint64_t mbar) {
                      SharedPlace p = resolveShared(w, lane, dst, base.bytes, 16, "bulk copy");
                      AsyncLoad op = base;
                      op.cta = p.cta;
                      op.shared = p.offset;
                      queueLoad(w, lane, std::move(op), mbar, i);
                    });
  }
  return Outcome::Next;
}

Outcome execBulkStore(Warp &w, const Inst &i, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    BulkStore op;
    op.lane = lane;
    op.inst = &i;
    op.reduction = i.mode[kReduction] ? i.mode[kReduction] - 1 : -1;
    op.tensor = i.mode[kRank] != 0;
    if (op.tensor) {
      op.map = fetchMap(w, lane, w.address(i.address, lane));
      TensorMapFields f;
      decodeTensorMap(op.map, f);
      if (f.rank != i.mode[kRank])
        w.fail(lane, "the tensor map has " + std::to_string(f.rank) +
                         " dimensions, the instruction " + std::to_string(i.mode[kRank]));
      for (int d = 0; d < f.rank; ++d)
        op.coordinates[d] = w.r<int32_t>(i.list[d].slot)[lane];
      op.bytes = boxSpan(f);
      SharedPlace p = resolveShared(w, lane, w.address(i.address2, lane), op.bytes, 1, "TMA store");
      checkAlignedTile(w, lane, f, p.offset);
      op.shared = p.offset;
    } else {
      op.rank = i.type; // The element type of a reduction.
      op.bytes = w.r<uint32_t>(i.s[0].slot)[lane];
      op.global = w.address(i.address, lane);
      if (op.bytes % 16 || op.global % 16)
        w.fail(lane, "a bulk copy needs a multiple of 16 bytes at a multiple of 16");
      op.shared =
          resolveShared(w, lane, w.address(i.address2, lane), op.bytes, 16, "bulk store").offset;
    }
    if (w.checks()) {
      Accessor a = w.generic(lane);
      a.agent = w.cta->cluster->bulkAgent(w);
      a.lane = kManyLanes;
      a.epoch = w.bulkEpoch;
      a.proxy = Proxy::Async;
      w.checkShared(*w.cta, op.shared, op.bytes, a, false, lane);
    }
    if (w.launch->options.order == AsyncOrder::Earliest) {
      performBulkStore(w, op);
      op.bytes = 0; // Done; stays in its group for the checks.
      op.performed = true;
    }
    w.bulkOpen.push_back(op);
  }
  return Outcome::Next;
}

Outcome execBulkCommit(Warp &w, const Inst &, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    BulkGroup g;
    g.lane = lane;
    g.epoch = w.bulkEpoch;
    for (size_t k = 0; k < w.bulkOpen.size();) {
      if (w.bulkOpen[k].lane == lane) {
        g.ops.push_back(w.bulkOpen[k]);
        w.bulkOpen.erase(w.bulkOpen.begin() + static_cast<ptrdiff_t>(k));
      } else {
        ++k;
      }
    }
    w.bulkGroups.push_back(std::move(g));
  }
  ++w.bulkEpoch;
  return Outcome::Next;
}

Outcome execBulkWait(Warp &w, const Inst &i, Mask mask) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!((mask >> lane) & 1))
      continue;
    int64_t later = 0;
    uint32_t reached = 0;
    for (size_t k = w.bulkGroups.size(); k-- > 0;) {
      BulkGroup &g = w.bulkGroups[k];
      if (g.lane != lane || later++ < i.imm)
        continue;
      reached = std::max(reached, g.epoch);
      g.done = true;
    }
    for (BulkGroup &g : w.bulkGroups)
      if (g.done)
        for (BulkStore &op : g.ops)
          if (!op.performed) {
            performBulkStore(w, op);
            op.performed = true;
          }
    while (!w.bulkGroups.empty() && w.bulkGroups.front().done)
      w.bulkGroups.pop_front();
    if (reached)
      w.acquireAgent(w.cta->cluster->bulkAgent(w), reached, 1u << lane);
  }
  return Outcome::Next;
}

Outcome execNothing(Warp &, const Inst &, Mask) { return Outcome::Next; }

int dimensions(Decoder &d) { return d.oneOf({"1d", "2d", "3d", "4d", "5d"}) + 1; }

void coordinates(Decoder &d, const PtxOperand &map, int rank) {
  if (map.kind != PtxOperand::Memory || map.parts.size() != 2 ||
      map.parts[1].kind != PtxOperand::Vector ||
      static_cast<int>(map.parts[1].parts.size()) != rank)
    d.fail("expected [map, {" + std::to_string(rank) + " coordinates}]");
  for (const PtxOperand &c : map.parts[1].parts)
    d.out.list.push_back(d.use(c, 32));
}

void multicastAndHint(Decoder &d, size_t next) {
  bool multicast = d.has("multicast::cluster"), hint = d.has("L2::cache_hint");
  d.needOperands(next + multicast + hint, next + multicast + hint);
  d.out.mode[kMulticast] = multicast;
  if (multicast)
    d.out.s[1] = d.src(next++, 16);
  if (hint)
    d.src(next, 64);
}

Ty reductionType(Decoder &d, TensorMapType &t) {
  Ty ty = d.type();
  switch (ty) {
  case Ty::U32:
    t = TensorMapType::U32;
    break;
  case Ty::S32:
    t = TensorMapType::I32;
    break;
  case Ty::B32:
    t = TensorMapType::U32;
    break;
  case Ty::U64:
  case Ty::B64:
    t = TensorMapType::U64;
    break;
  case Ty::S64:
    t = TensorMapType::I64;
    break;
  case Ty::F16:
    t = TensorMapType::F16;
    break;
  case Ty::BF16:
    t = TensorMapType::BF16;
    break;
  case Ty::F32:
    t = TensorMapType::F32;
    break;
  case Ty::F64:
    t = TensorMapType::F64;
    break;
  default:
    d.fail("reductions of this type are not supported");
  }
  return ty;
}

} // namespace

/// cp.async.bulk...; "cp", "async" and "bulk" are consumed by the caller.
void decodeBulk(Decoder &d, bool reduce) {
  if (d.has("commit_group")) {
    d.needOperands(0, 0);
    d.out.fn = execBulkCommit;
    return;
  }
  if (d.has("wait_group")) {
    d.out.mode[kRead] = d.has("read");
    d.needOperands(1, 1);
    d.out.imm = d.integer(0);
    d.out.fn = execBulkWait;
    return;
  }
  if (d.has("prefetch")) {
    d.rest.clear();
    d.out.address = d.address(d.op(0));
    d.out.fn = execNothing;
    return;
  }
  bool tensor = d.has("tensor");
  int rank = tensor ? dimensions(d) : 0;
  if (tensor && rank == 0)
    d.fail("expected .1d to .5d");
  d.out.mode[kRank] = static_cast<uint8_t>(rank);
  d.has("tile");
  int red = -1;
  if (reduce) {
    red = d.oneOf({"add", "min", "max", "inc", "dec", "and", "or", "xor"});
    if (red < 0)
      d.fail("no reduction the simulator knows");
    d.out.mode[kReduction] = static_cast<uint8_t>(red + 1);
  }
  // The first of the two spaces is the destination.
  std::string first = d.rest.empty() ? "" : d.rest[0];
  bool toShared = first.rfind("shared", 0) == 0;
  bool mbarrier = d.has("mbarrier::complete_tx::bytes"), bulkGroup = d.has("bulk_group");
  if (toShared && mbarrier && !reduce) {
    d.rest.erase(d.rest.begin());
    if (!d.rest.empty() && (d.rest[0] == "global" || d.rest[0] == "shared::cta")) {
      d.out.space2 = d.rest[0] == "global" ? Space::Global : Space::Shared;
      d.rest.erase(d.rest.begin());
    }
    d.out.address = d.address(d.op(0));
    if (tensor) {
      coordinates(d, d.op(1), rank);
      d.out.address2 = d.address(d.op(1));
      d.out.address3 = d.address(d.op(2));
      multicastAndHint(d, 3);
      d.out.fn = execTensorLoad;
    } else {
      d.out.address2 = d.address(d.op(1));
      d.out.s[0] = d.src(2, 32);
      d.out.address3 = d.address(d.op(3));
      multicastAndHint(d, 4);
      d.out.fn = execBulkLoad;
    }
    return;
  }
  if (first == "global" && bulkGroup) {
    d.has("global");
    if (!d.has("shared::cta") && !d.has("shared"))
      d.fail("expected .shared::cta as the source");
    if (reduce && !tensor) {
      TensorMapType t;
      d.has("noftz");
      reductionType(d, t);
      d.out.type = static_cast<uint8_t>(t);
    }
    if (tensor)
      coordinates(d, d.op(0), rank);
    d.out.address = d.address(d.op(0));
    d.out.address2 = d.address(d.op(1));
    if (!tensor)
      d.out.s[0] = d.src(2, 32);
    multicastAndHint(d, tensor ? 2 : 3);
    d.out.fn = execBulkStore;
    return;
  }
  d.fail("this bulk copy is not supported");
}

} // namespace mpgemm::sim
