//===- Kernel.h - Decoded PTX ------------------------------------*- C++ -*-===//
//
// The compact form that warps execute. Every operand is a slot of the warp's register file:
// registers, and after them immediates and the special registers that never change, which are
// filled in when the warp starts. A slot is 32 lanes of 4 bytes; 64-bit registers take two, 16-bit
// ones half of one.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_KERNEL_H
#define MPGEMM_LIB_SIMULATOR_KERNEL_H

#include "Ptx.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mpgemm::sim {

class Warp;
struct Inst;
using Mask = uint32_t;
constexpr int kLanes = 32;
constexpr Mask kAll = 0xffffffffu;

/// What an instruction did to the lanes that executed it.
enum class Outcome : uint8_t {
  Next,  ///< Go on behind it.
  Jump,  ///< The handler has set the program counter.
  Block, ///< Nothing was done; try again later.
  Gone,  ///< The lanes have exited.
};
using ExecFn = Outcome (*)(Warp &, const Inst &, Mask);

/// State spaces as instructions name them.
enum class Space : uint8_t { Generic, Global, Shared, SharedCluster, Local, Param, Const };

struct AddressOperand {
  int slot = -1;      ///< Register or constant slot of the base.
  bool wide = true;   ///< 64-bit base.
  int64_t offset = 0; ///< Added bytes.
};

/// Register `reg` of the kernel, in slot `slot`.
struct RegRef {
  int32_t slot = -1;
  int16_t bits = 0; ///< Width of the register, 0 for a constant.
};

enum InstFlags : uint8_t {
  kAligned = 1,      ///< All live lanes of the warp must execute it together.
  kCopiesInit = 2,   ///< Passes on whether its sources were ever written, instead of requiring it.
  kOwnRegisters = 4, ///< Checks its registers itself (wgmma).
  kIsWgmmaWait = 8,
};

struct Inst {
  ExecFn fn = nullptr;
  int32_t predicate = -1;
  bool predicateNegated = false;
  uint8_t flags = 0;
  int line = 0;
  RegRef d[2];
  RegRef s[4];
  AddressOperand address, address2, address3;
  Space space = Space::Generic, space2 = Space::Generic;
  uint8_t type = 0, type2 = 0; ///< Family-specific (Ty values).
  uint8_t mode[6] = {0, 0, 0, 0, 0, 0};
  int64_t imm = 0, imm2 = 0;
  int target = -1;     ///< Branch target.
  int reconverge = -1; ///< Immediate post-dominator, -1 for the exit.
  std::vector<RegRef> list, list2, list3, list4;
  std::vector<uint16_t> reads, writes; ///< Register indices.
  std::vector<uint16_t> fragments;     ///< wgmma: registers of A.
};

/// A constant slot to be filled when a warp starts.
struct ConstantSlot {
  enum Kind {
    Bits,
    Tid,
    Ntid,
    Ctaid,
    Nctaid,
    LaneId,
    WarpId,
    NwarpId,
    ClusterId,
    NClusterId,
    ClusterCtaId,
    ClusterNCtaId,
    ClusterCtaRank,
    ClusterNCtaRank,
    SmId,
    NSmId,
    LaneMask,
    DynamicShared,
    TotalShared,
    IsExplicitCluster,
    GridId
  };
  Kind kind = Bits;
  int arg = 0; ///< Dimension or kind of lane mask.
  int bits = 32;
  uint64_t value = 0;
  int slot = 0;
};

struct KernelParam {
  std::string name;
  size_t offset = 0, bytes = 0, align = 1;
};

struct KernelCode {
  std::string name;
  const PtxModule *module = nullptr;
  std::vector<Inst> code;
  std::vector<PtxRegister> registers;
  std::vector<int> slotOfRegister;
  std::vector<ConstantSlot> constants;
  int slots = 0;
  std::vector<KernelParam> params;
  size_t paramBytes = 0;
  size_t staticShared = 0;  ///< Bytes of .shared variables, from the base.
  size_t dynamicOffset = 0; ///< Offset of the extern .shared array from the base.
  size_t localBytes = 0;
  unsigned requiredThreads[3] = {0, 0, 0};
  unsigned maxThreads = 0;
  unsigned requiredCluster[3] = {0, 0, 0};
  unsigned minCtasPerSm = 0, maxRegisters = 0;
  bool usesSetMaxRegisters = false;
  int registersPerThread = 0; ///< An estimate from the declarations.
};

/// Windows of the generic address space. Global allocations start at kGlobalBase.
constexpr uint64_t kSharedWindow = 0x7f0000000000ull;
constexpr uint64_t kLocalWindow = 0x7e0000000000ull;
constexpr uint64_t kParamWindow = 0x7d0000000000ull;
constexpr uint64_t kWindowBytes = 1ull << 32;
constexpr uint64_t kGlobalBase = 0x300000000ull;
/// The first 1024 bytes of a CTA's shared memory belong to the system, as on the hardware.
constexpr uint32_t kSharedBase = 1024;
/// shared::cluster addresses carry the CTA rank plus one above this bit; plain shared::cta ones
/// carry 0.
constexpr int kRankShift = 24;

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_KERNEL_H
