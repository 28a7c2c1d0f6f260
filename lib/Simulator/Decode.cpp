//===- Decode.cpp - From syntax tree to executable form -------------------===//
#include "Decode.h"

#include "mpgemm/Support/Error.h"

#include <algorithm>
#include <cstring>

namespace mpgemm::sim {

namespace {
struct TypeInfo {
  const char *name;
  Ty type;
  int bits;
};
constexpr TypeInfo kTypes[] = {
    {"pred", Ty::Pred, 1},      {"b8", Ty::B8, 8},          {"b16", Ty::B16, 16},
    {"b32", Ty::B32, 32},       {"b64", Ty::B64, 64},       {"b128", Ty::B128, 128},
    {"u8", Ty::U8, 8},          {"u16", Ty::U16, 16},       {"u32", Ty::U32, 32},
    {"u64", Ty::U64, 64},       {"s8", Ty::S8, 8},          {"s16", Ty::S16, 16},
    {"s32", Ty::S32, 32},       {"s64", Ty::S64, 64},       {"f16", Ty::F16, 16},
    {"f16x2", Ty::F16x2, 32},   {"bf16", Ty::BF16, 16},     {"bf16x2", Ty::BF16x2, 32},
    {"f32", Ty::F32, 32},       {"f32x2", Ty::F32x2, 64},   {"f64", Ty::F64, 64},
    {"tf32", Ty::TF32, 32},     {"e4m3", Ty::E4M3, 8},      {"e5m2", Ty::E5M2, 8},
    {"e4m3x2", Ty::E4M3x2, 16}, {"e5m2x2", Ty::E5M2x2, 16},
};
} // namespace

int bitsOf(Ty t) {
  for (const TypeInfo &i : kTypes)
    if (i.type == t)
      return i.bits;
  return 0;
}
bool isFloat(Ty t) { return t >= Ty::F16; }
bool isSigned(Ty t) { return t >= Ty::S8 && t <= Ty::S64; }
Ty parseType(const std::string &s) {
  for (const TypeInfo &i : kTypes)
    if (s == i.name)
      return i.type;
  return Ty::None;
}

void Decoder::fail(const std::string &message) const {
  throw Error(ErrorKind::Unsupported, module.origin + ":" + std::to_string(in.line) + ": kernel '" +
                                          kernel.name + "': " + message + " in `" +
                                          module.lineText(in.line) + "`");
}

bool Decoder::has(const char *modifier) {
  for (size_t i = 0; i < rest.size(); ++i)
    if (rest[i] == modifier) {
      rest.erase(rest.begin() + static_cast<ptrdiff_t>(i));
      return true;
    }
  return false;
}

int Decoder::oneOf(std::initializer_list<const char *> modifiers) {
  int n = 0;
  for (const char *m : modifiers) {
    if (has(m))
      return n;
    ++n;
  }
  return -1;
}

Ty Decoder::typeIfAny() {
  for (size_t i = 0; i < rest.size(); ++i) {
    Ty t = parseType(rest[i]);
    if (t != Ty::None) {
      rest.erase(rest.begin() + static_cast<ptrdiff_t>(i));
      return t;
    }
  }
  return Ty::None;
}

Ty Decoder::type() {
  Ty t = typeIfAny();
  if (t == Ty::None)
    fail("no type the simulator knows");
  return t;
}

void Decoder::needOperands(size_t least, size_t most) {
  if (operands() < least || operands() > most)
    fail("expected " + std::to_string(least) +
         (most > least ? " to " + std::to_string(most) : std::string()) + " operands, found " +
         std::to_string(operands()));
}

const PtxOperand &Decoder::op(size_t n) const {
  if (n >= in.operands.size())
    fail("operand " + std::to_string(n + 1) + " is missing");
  return in.operands[n];
}

int64_t Decoder::integer(size_t n) const {
  if (op(n).kind != PtxOperand::Integer)
    fail("operand " + std::to_string(n + 1) + " must be a number");
  return op(n).value;
}

void Decoder::read(int reg) {
  auto r = static_cast<uint16_t>(reg);
  if (std::find(out.reads.begin(), out.reads.end(), r) == out.reads.end())
    out.reads.push_back(r);
}

RegRef Decoder::constant(uint64_t value, int bits) {
  auto key = std::make_tuple(int(ConstantSlot::Bits), bits, value, 0);
  auto it = pool_.find(key);
  if (it == pool_.end()) {
    ConstantSlot c;
    c.bits = bits == 64 ? 64 : bits <= 16 && bits > 1 ? 16 : 32;
    c.value = bits == 1 ? (value ? kAll : 0) : value;
    c.slot = kernel.slots;
    kernel.slots += bits == 64 ? 2 : 1;
    kernel.constants.push_back(c);
    it = pool_.emplace(key, c.slot).first;
  }
  return {it->second, 0};
}

RegRef Decoder::special(const std::string &name, int bits) {
  struct Entry {
    const char *name;
    ConstantSlot::Kind kind;
    bool dims;
  };
  static const Entry entries[] = {
      {"%tid", ConstantSlot::Tid, true},
      {"%ntid", ConstantSlot::Ntid, true},
      {"%ctaid", ConstantSlot::Ctaid, true},
      {"%nctaid", ConstantSlot::Nctaid, true},
      {"%clusterid", ConstantSlot::ClusterId, true},
      {"%nclusterid", ConstantSlot::NClusterId, true},
      {"%cluster_ctaid", ConstantSlot::ClusterCtaId, true},
      {"%cluster_nctaid", ConstantSlot::ClusterNCtaId, true},
      {"%cluster_ctarank", ConstantSlot::ClusterCtaRank, false},
      {"%cluster_nctarank", ConstantSlot::ClusterNCtaRank, false},
      {"%laneid", ConstantSlot::LaneId, false},
      {"%warpid", ConstantSlot::WarpId, false},
      {"%nwarpid", ConstantSlot::NwarpId, false},
      {"%smid", ConstantSlot::SmId, false},
      {"%nsmid", ConstantSlot::NSmId, false},
      {"%gridid", ConstantSlot::GridId, false},
      {"%dynamic_smem_size", ConstantSlot::DynamicShared, false},
      {"%total_smem_size", ConstantSlot::TotalShared, false},
      {"%is_explicit_cluster", ConstantSlot::IsExplicitCluster, false},
  };
  static const char *const masks[] = {"%lanemask_eq", "%lanemask_lt", "%lanemask_le",
                                      "%lanemask_gt", "%lanemask_ge"};
  ConstantSlot c;
  bool found = false;
  std::string base = name;
  if (name.size() > 2 && name[name.size() - 2] == '.')
    base = name.substr(0, name.size() - 2);
  for (const Entry &e : entries)
    if (base == e.name && (base != name) == e.dims) {
      found = true;
      c.kind = e.kind;
      c.arg = e.dims ? name.back() - 'x' : 0;
      if (c.arg < 0 || c.arg > 2)
        found = false;
    }
  for (int i = 0; i < 5; ++i)
    if (name == masks[i]) {
      found = true;
      c.kind = ConstantSlot::LaneMask;
      c.arg = i;
    }
  if (!found)
    fail("special register '" + name + "' is not supported");
  auto key = std::make_tuple(int(c.kind), bits, uint64_t(0), c.arg);
  auto it = pool_.find(key);
  if (it == pool_.end()) {
    c.bits = bits == 64 ? 64 : bits == 16 ? 16 : 32;
    c.slot = kernel.slots;
    kernel.slots += bits == 64 ? 2 : 1;
    kernel.constants.push_back(c);
    it = pool_.emplace(key, c.slot).first;
  }
  return {it->second, 0};
}

RegRef Decoder::use(const PtxOperand &o, int bits, bool loose) {
  switch (o.kind) {
  case PtxOperand::Register: {
    int have = kernel.registers[o.reg].bits;
    if (have != bits && !(loose && have > bits) && !(bits == 8 && have == 16))
      fail("register " + kernel.registers[o.reg].name + " has " + std::to_string(have) +
           " bits where the instruction takes " + std::to_string(bits));
    read(o.reg);
    return {slotOf(o.reg), static_cast<int16_t>(have)};
  }
  case PtxOperand::Integer:
    return constant(bits == 64 ? uint64_t(o.value)
                               : uint64_t(o.value) & ((1ull << std::max(bits, 1)) - 1),
                    bits);
  case PtxOperand::Float32: {
    uint64_t value = static_cast<uint64_t>(o.value);
    if (bits == 64) {
      auto u = static_cast<uint32_t>(o.value);
      float f;
      memcpy(&f, &u, 4);
      double d = f;
      memcpy(&value, &d, 8);
    }
    return constant(value, bits);
  }
  case PtxOperand::Float64: {
    uint64_t value = static_cast<uint64_t>(o.value);
    if (bits == 32) {
      double d;
      memcpy(&d, &value, 8);
      float f = static_cast<float>(d);
      uint32_t u;
      memcpy(&u, &f, 4);
      value = u;
    }
    return constant(value, bits);
  }
  case PtxOperand::Special:
    return special(o.text, bits);
  case PtxOperand::Symbol: {
    if (o.text == "WARP_SZ")
      return constant(kLanes, bits);
    auto it = symbols_.find(o.text);
    if (it == symbols_.end())
      fail("unknown name '" + o.text + "'");
    return constant(it->second.address + static_cast<uint64_t>(o.offset), bits);
  }
  default:
    fail("an operand of a kind that does not fit");
  }
}

RegRef Decoder::define(const PtxOperand &o, int bits, bool loose) {
  if (o.kind == PtxOperand::Sink) {
    // `_` throws the value away: a slot nobody reads.
    RegRef r = constant(0xdeadull << 32 | static_cast<unsigned>(bits), 64);
    return {r.slot, static_cast<int16_t>(bits)};
  }
  if (o.kind != PtxOperand::Register)
    fail("the destination is not a register");
  int have = kernel.registers[o.reg].bits;
  if (have != bits && !(loose && have > bits) && !(bits == 8 && have == 16))
    fail("register " + kernel.registers[o.reg].name + " has " + std::to_string(have) +
         " bits where the instruction writes " + std::to_string(bits));
  out.writes.push_back(static_cast<uint16_t>(o.reg));
  return {slotOf(o.reg), static_cast<int16_t>(have)};
}

RegRef Decoder::predicate(const PtxOperand &o) {
  if (o.kind == PtxOperand::Integer)
    return constant(o.value != 0, 1);
  if (o.kind != PtxOperand::Register || kernel.registers[o.reg].bits != 1)
    fail("expected a predicate");
  read(o.reg);
  return {slotOf(o.reg), 1};
}

AddressOperand Decoder::address(const PtxOperand &o) {
  if (o.kind != PtxOperand::Memory)
    fail("expected an address in brackets");
  const PtxOperand &base = o.parts[0];
  AddressOperand a;
  a.offset = o.offset;
  if (base.kind == PtxOperand::Register) {
    int bits = kernel.registers[base.reg].bits;
    if (bits != 32 && bits != 64)
      fail("an address needs a 32-bit or 64-bit register");
    a.wide = bits == 64;
    read(base.reg);
    a.slot = slotOf(base.reg);
    return a;
  }
  a.slot = use(base, 64).slot;
  return a;
}

std::vector<const PtxOperand *> Decoder::elements(const PtxOperand &o) const {
  std::vector<const PtxOperand *> v;
  if (o.kind == PtxOperand::Vector)
    for (const PtxOperand &e : o.parts)
      v.push_back(&e);
  else
    v.push_back(&o);
  return v;
}

bool Decoder::isAtLeast(int major, int minor) const {
  int sm = module.target.size() > 3 ? atoi(module.target.c_str() + 3) : 0;
  return sm >= major * 10 + minor;
}

void Decoder::finish() {
  if (!rest.empty())
    fail("modifier '." + rest[0] + "' is not supported");
  if (!out.fn)
    fail("this form is not supported");
}

namespace {
const DecodeTable &table() {
  static const DecodeTable t = [] {
    DecodeTable t;
    addArithmetic(t);
    addBits(t);
    addMove(t);
    addConvert(t);
    addCompare(t);
    addLoadStore(t);
    addAtomics(t);
    addControl(t);
    addWarpOps(t);
    addBarriers(t);
    addMbarrier(t);
    addAsync(t);
    addMatrix(t);
    addMma(t);
    addWgmma(t);
    return t;
  }();
  return t;
}

size_t roundUp(size_t v, size_t to) { return (v + to - 1) / to * to; }
} // namespace

std::unique_ptr<KernelCode> decodeKernel(const PtxModule &module, const PtxFunction &f,
                                         std::unordered_map<std::string, Symbol> symbols) {
  auto kernel = std::make_unique<KernelCode>();
  KernelCode &k = *kernel;
  k.name = f.name;
  k.module = &module;
  k.registers = f.registers;
  std::copy(f.requiredThreads, f.requiredThreads + 3, k.requiredThreads);
  std::copy(f.requiredCluster, f.requiredCluster + 3, k.requiredCluster);
  k.maxThreads = f.maxThreads;
  k.minCtasPerSm = f.minCtasPerSm;
  k.maxRegisters = f.maxRegisters;
  auto tooLong = [&](size_t limit) {
    throw Error(ErrorKind::Unsupported, module.origin + ": kernel '" + f.name + "' has more than " +
                                            std::to_string(limit) + " registers");
  };
  if (f.registers.size() > 60000)
    tooLong(60000);
  auto refuseBeyond = [&](size_t bytes, size_t most, const char *what) {
    if (bytes > most)
      throw Error(ErrorKind::Unsupported,
                  module.origin + ": kernel '" + f.name + "' has " + std::to_string(bytes) +
                      " bytes " + what + "; at most " + std::to_string(most) + " are possible");
  };
  for (const PtxRegister &r : f.registers) {
    k.slotOfRegister.push_back(k.slots);
    k.slots += r.bits == 64 ? 2 : 1;
  }

  // Parameters lie one behind the other, each at its alignment.
  for (const PtxVariable &p : f.params) {
    k.paramBytes = roundUp(k.paramBytes, p.align);
    k.params.push_back({p.name, k.paramBytes, p.bytes, p.align});
    symbols[p.name] = {Space::Param, k.paramBytes, p.bytes, false};
    k.paramBytes += p.bytes;
  }

  refuseBeyond(k.paramBytes, 32764, "of parameters");

  // Static shared variables of the module and of the kernel, then the dynamic array.
  std::vector<const PtxVariable *> shared;
  for (const PtxVariable &v : module.variables)
    if (v.space == "shared")
      shared.push_back(&v);
  for (const PtxVariable &v : f.locals)
    if (v.space == "shared")
      shared.push_back(&v);
  size_t at = kSharedBase;
  for (const PtxVariable *v : shared)
    if (!v->isExtern) {
      at = roundUp(at, v->align);
      symbols[v->name] = {Space::Shared, at, v->bytes, false};
      at += v->bytes;
    }
  k.staticShared = at - kSharedBase;
  refuseBeyond(k.staticShared, 232448, "of static shared memory");
  for (const PtxVariable *v : shared)
    if (v->isExtern)
      at = roundUp(at, v->align);
  k.dynamicOffset = at - kSharedBase;
  for (const PtxVariable *v : shared)
    if (v->isExtern)
      symbols[v->name] = {Space::Shared, at, 0, true};
  for (const PtxVariable &v : f.locals)
    if (v.space == "local") {
      k.localBytes = roundUp(k.localBytes, v.align);
      symbols[v.name] = {Space::Local, k.localBytes, v.bytes, false};
      k.localBytes += v.bytes;
    }
  k.localBytes = roundUp(k.localBytes, 16);
  refuseBeyond(k.localBytes, 512 << 10, "of local memory for a thread");

  std::map<std::tuple<int, int, uint64_t, int>, int> pool;
  for (const PtxInstruction &i : f.code) {
    Decoder d(k, module, i, symbols, pool);
    auto it = table().find(i.parts[0]);
    if (it == table().end())
      d.fail("instruction '" + i.parts[0] + "' is not supported");
    it->second(d);
    d.finish();
    if (i.predicate >= 0) {
      d.out.predicate = k.slotOfRegister[i.predicate];
      d.out.predicateNegated = i.predicateNegated;
      auto r = static_cast<uint16_t>(i.predicate);
      if (std::find(d.out.reads.begin(), d.out.reads.end(), r) == d.out.reads.end() &&
          !(d.out.flags & kCopiesInit))
        d.out.reads.push_back(r);
    }
    k.code.push_back(std::move(d.out));
  }
  findReconvergence(k);
  // ptxas would allocate by liveness; the virtual registers only give a bound.
  k.registersPerThread = k.maxRegisters ? static_cast<int>(k.maxRegisters) : 255;
  uint64_t threads = uint64_t(k.requiredThreads[0]) * std::max(1u, k.requiredThreads[1]) *
                     std::max(1u, k.requiredThreads[2]);
  threads = threads ? threads : k.maxThreads;
  if (!k.maxRegisters && threads) {
    uint64_t ctas = std::max(1u, k.minCtasPerSm);
    k.registersPerThread = std::min(255, static_cast<int>(65536 / (threads * ctas) / 8 * 8));
  }
  return kernel;
}

} // namespace mpgemm::sim
