//===- Decode.h - From syntax tree to executable form ------------*- C++ -*-===//
//
// A Decoder turns one instruction into an Inst. Families of instructions register a function for
// their first opcode part; it consumes the modifiers it knows, and what is left over is an error,
// so that no modifier is ignored silently.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_DECODE_H
#define MPGEMM_LIB_SIMULATOR_DECODE_H

#include "Kernel.h"

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <unordered_map>

namespace mpgemm::sim {

enum class Ty : uint8_t {
  None,
  Pred,
  B8,
  B16,
  B32,
  B64,
  B128,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F16,
  F16x2,
  BF16,
  BF16x2,
  F32,
  F32x2,
  F64,
  TF32,
  E4M3,
  E5M2,
  E4M3x2,
  E5M2x2,
};
int bitsOf(Ty t);
bool isFloat(Ty t);
bool isSigned(Ty t);
Ty parseType(const std::string &s); ///< Ty::None if it is none.

/// A variable or a parameter: where it is.
struct Symbol {
  Space space = Space::Global;
  uint64_t address = 0; ///< In its space.
  size_t bytes = 0;
  bool dynamicShared = false;
};

class Decoder {
public:
  Decoder(KernelCode &kernel, const PtxModule &module, const PtxInstruction &in,
          const std::unordered_map<std::string, Symbol> &symbols,
          std::map<std::tuple<int, int, uint64_t, int>, int> &pool)
      : kernel(kernel), module(module), in(in), symbols_(symbols), pool_(pool) {
    for (size_t i = 1; i < in.parts.size(); ++i)
      rest.push_back(in.parts[i]);
    out.line = in.line;
  }

  KernelCode &kernel;
  const PtxModule &module;
  const PtxInstruction &in;
  Inst out;
  std::vector<std::string> rest; ///< Modifiers not consumed yet.

  [[noreturn]] void fail(const std::string &message) const;
  /// Consumes the modifier if it is there.
  bool has(const char *modifier);
  /// Consumes one of the modifiers, returns its index, or -1.
  int oneOf(std::initializer_list<const char *> modifiers);
  /// Consumes the next modifier, which must be a type.
  Ty type();
  Ty typeIfAny();
  void needOperands(size_t least, size_t most);
  size_t operands() const { return in.operands.size(); }
  bool isAtLeast(int major, int minor = 0) const;

  const PtxOperand &op(size_t n) const;
  RegRef src(size_t n, int bits, bool loose = false) { return use(op(n), bits, loose); }
  RegRef dst(size_t n, int bits, bool loose = false) { return define(op(n), bits, loose); }
  RegRef use(const PtxOperand &o, int bits, bool loose = false);
  RegRef define(const PtxOperand &o, int bits, bool loose = false);
  RegRef constant(uint64_t value, int bits);
  RegRef predicate(const PtxOperand &o);
  AddressOperand address(const PtxOperand &o);
  /// The operands of a vector, or the one operand as a vector of one.
  std::vector<const PtxOperand *> elements(const PtxOperand &o) const;
  int64_t integer(size_t n) const;
  int slotOf(int reg) const { return kernel.slotOfRegister[reg]; }

  void finish();

private:
  RegRef special(const std::string &name, int bits);
  void read(int reg);

  const std::unordered_map<std::string, Symbol> &symbols_;
  std::map<std::tuple<int, int, uint64_t, int>, int> &pool_;
};

using DecodeFn = void (*)(Decoder &);
using DecodeTable = std::unordered_map<std::string, DecodeFn>;
void addArithmetic(DecodeTable &t);
void addBits(DecodeTable &t);
void addMove(DecodeTable &t);
void addConvert(DecodeTable &t);
void addCompare(DecodeTable &t);
void addLoadStore(DecodeTable &t);
void addAtomics(DecodeTable &t);
void addControl(DecodeTable &t);
void addWarpOps(DecodeTable &t);
void addBarriers(DecodeTable &t);
void addMbarrier(DecodeTable &t);
void addAsync(DecodeTable &t);
void addMatrix(DecodeTable &t);
void addMma(DecodeTable &t);
void addWgmma(DecodeTable &t);

/// Half, bfloat and packed forms of arithmetic instructions, reached from addArithmetic's decoders.
bool decodeHalf(Decoder &d, const char *op, Ty t);

/// Bulk copies, reached from addAsync's decoder of cp.
void decodeBulk(Decoder &d, bool reduce);

/// Finds immediate post-dominators of all branches (ControlFlow.cpp).
void findReconvergence(KernelCode &kernel);

/// Decodes kernel `f`; variables of the module are in `symbols`.
std::unique_ptr<KernelCode> decodeKernel(const PtxModule &module, const PtxFunction &f,
                                         std::unordered_map<std::string, Symbol> symbols);

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_DECODE_H
