//===- Expression.h - Checked 64-bit expressions of the manifest -*- C++ -*-===//
//
// Sizes, offsets, grids and predicates of an artifact are expressions over symbolic sizes and the
// device (docs/artifact.md). They are parsed once, from JSON into a small postfix program, and
// evaluated without allocation. Every step is checked: overflow and division by zero are errors
// that name the place.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_ARTIFACT_EXPRESSION_H
#define MPGEMM_ARTIFACT_EXPRESSION_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mpgemm {

/// An `["aligned", buffer, bytes]` of a function. They are numbered per function, so that a call
/// computes each once and the answers can be part of the key of a prepared call.
struct AlignmentQuery {
  int buffer;
  int64_t bytes;
};

/// The values an expression is evaluated over.
struct ExpressionValues {
  const int64_t *symbols = nullptr;    ///< In the order of the function's symbols.
  const uint8_t *alignments = nullptr; ///< 1 where the function's query of that number holds.
  int64_t multiprocessors = 0;
};

class Expression {
public:
  /// The constant 0, at no place.
  Expression();
  static Expression constant(int64_t value, std::string place);
  static Expression symbol(int index, std::string name, std::string place);

  /// Throws Error(InvalidArgument) that starts with the place.
  int64_t evaluate(const ExpressionValues &values) const;
  /// The same, and refuses a negative value; `what` is the noun in the message ("size").
  int64_t evaluateSize(const ExpressionValues &values, const char *what) const;

  std::optional<int64_t> constantValue() const;
  /// The number of the symbol that this expression is, alone.
  std::optional<int> symbolIndex() const;

  /// For people: `ceildiv(s0, 128)`.
  const std::string &text() const { return text_; }
  /// Where it stands: `model.ptx: functions[0].steps[2].variants[0].grid[1]`.
  const std::string &place() const { return place_; }

private:
  friend class ExpressionParser;

  enum class Op : uint8_t {
    Push,
    Symbol,
    Multiprocessors,
    Aligned, // leaves; `operand` says which
    Add,
    Mul,
    Min,
    Max,
    And,
    Or,
    Sub,
    FloorDiv,
    CeilDiv,
    Mod, // two operands
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Not,
    JumpIfZero,
    Jump, // to instruction `operand`
  };
  struct Instruction {
    Op op;
    int64_t operand;
  };
  static bool apply(Op op, int64_t a, int64_t b, int64_t &result);
  [[noreturn]] void failOperation(Op op, int64_t a, int64_t b) const;

  std::vector<Instruction> code;
  std::string text_;
  std::string place_;
};

/// Deepest nesting a manifest's JSON may have, and with it an expression's stack.
constexpr int maxManifestDepth = 64;

} // namespace mpgemm

#endif // MPGEMM_ARTIFACT_EXPRESSION_H
