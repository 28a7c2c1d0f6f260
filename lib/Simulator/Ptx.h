//===- Ptx.h - The syntax tree of a PTX module -------------------*- C++ -*-===//
//
// What the parser produces and the decoder consumes. Registers and labels are already resolved by
// scope; opcodes are still text, cut at their dots. Section numbers in the simulator's comments are
// those of "Parallel Thread Execution ISA", version 8.7.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_PTX_H
#define MPGEMM_LIB_SIMULATOR_PTX_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mpgemm::sim {

struct PtxRegister {
  std::string name;
  char kind = 'b'; ///< 'b', 'u', 's', 'f' or 'p' for a predicate.
  int bits = 32;   ///< 1 for a predicate.
};

struct PtxOperand {
  enum Kind { Register, Special, Integer, Float32, Float64, Symbol, Memory, Vector, Sink };
  Kind kind = Sink;
  int reg = -1;         ///< Register: index in PtxFunction::registers.
  bool negated = false; ///< `!%p`.
  int64_t value = 0;    ///< Integer; bits of a float.
  std::string text;     ///< Symbol and Special.
  int64_t offset = 0;   ///< Memory and Symbol: added bytes.
  std::vector<PtxOperand>
      parts; ///< Vector elements. Memory: the base, then what follows the comma.
  std::vector<PtxOperand> second; ///< The part after `|`.
};

struct PtxInstruction {
  int line = 0;
  int predicate = -1; ///< Register index of the guard.
  bool predicateNegated = false;
  std::string opcode;             ///< As written, e.g. "ld.global.b32".
  std::vector<std::string> parts; ///< The same, cut at dots.
  std::vector<PtxOperand> operands;
  int target = -1; ///< bra: index of the instruction it goes to.
};

struct PtxVariable {
  std::string name;
  std::string space; ///< "shared", "global", "const", "local", "param".
  uint64_t align = 1;
  uint64_t bytes = 0;
  bool isExtern = false;
  std::vector<uint8_t> init; ///< Empty: zero for global and const.
  int line = 0;
};

struct PtxFunction {
  std::string name;
  int line = 0;
  std::vector<PtxVariable> params;
  std::vector<PtxVariable> locals; ///< .local and .shared variables declared in the body.
  std::vector<PtxRegister> registers;
  std::vector<PtxInstruction> code;
  unsigned requiredThreads[3] = {0, 0, 0}; ///< .reqntid, 0 where absent.
  unsigned maxThreads = 0;                 ///< .maxntid product.
  unsigned requiredCluster[3] = {0, 0, 0};
  bool explicitCluster = false;
  unsigned minCtasPerSm = 0;
  unsigned maxRegisters = 0;
};

struct PtxModule {
  std::string origin;
  std::string target;
  int versionMajor = 0, versionMinor = 0;
  std::vector<std::string> lines; ///< For messages.
  std::vector<PtxVariable> variables;
  std::vector<PtxFunction> functions;

  std::string lineText(int line) const;
};

/// Throws Error(InvalidArgument) with origin and line on anything malformed.
PtxModule parsePtx(const std::string &text, const std::string &origin);

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_PTX_H
