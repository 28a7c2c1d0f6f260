//===- Expression.cpp - Evaluation of manifest expressions --------------------===//
#include "mpgemm/Artifact/Expression.h"

#include "mpgemm/Support/CheckedMath.h"
#include "mpgemm/Support/Error.h"

#include <algorithm>
#include <array>

namespace mpgemm {

Expression::Expression() : code{{Op::Push, 0}}, text_("0") {}

Expression Expression::constant(int64_t value, std::string place) {
  Expression result;
  result.code = {{Op::Push, value}};
  result.text_ = std::to_string(value);
  result.place_ = std::move(place);
  return result;
}

Expression Expression::symbol(int index, std::string name, std::string place) {
  Expression result;
  result.code = {{Op::Symbol, index}};
  result.text_ = std::move(name);
  result.place_ = std::move(place);
  return result;
}

std::optional<int64_t> Expression::constantValue() const {
  if (code.size() == 1 && code[0].op == Op::Push)
    return code[0].operand;
  return std::nullopt;
}

std::optional<int> Expression::symbolIndex() const {
  if (code.size() == 1 && code[0].op == Op::Symbol)
    return int(code[0].operand);
  return std::nullopt;
}

bool Expression::apply(Op op, int64_t a, int64_t b, int64_t &result) {
  switch (op) {
  case Op::Add:
    return checkedAdd(a, b, result);
  case Op::Sub:
    return checkedSub(a, b, result);
  case Op::Mul:
    return checkedMul(a, b, result);
  case Op::FloorDiv:
    return checkedFloorDiv(a, b, result);
  case Op::CeilDiv:
    return checkedCeilDiv(a, b, result);
  case Op::Mod:
    return checkedMod(a, b, result);
  case Op::Min:
    result = std::min(a, b);
    return true;
  case Op::Max:
    result = std::max(a, b);
    return true;
  case Op::And:
    result = a != 0 && b != 0;
    return true;
  case Op::Or:
    result = a != 0 || b != 0;
    return true;
  case Op::Eq:
    result = a == b;
    return true;
  case Op::Ne:
    result = a != b;
    return true;
  case Op::Lt:
    result = a < b;
    return true;
  case Op::Le:
    result = a <= b;
    return true;
  case Op::Gt:
    result = a > b;
    return true;
  case Op::Ge:
    result = a >= b;
    return true;
  default:
    return false;
  }
}

void Expression::failOperation(Op op, int64_t a, int64_t b) const {
  const char *name = op == Op::Add        ? "add"
                     : op == Op::Sub      ? "sub"
                     : op == Op::Mul      ? "mul"
                     : op == Op::FloorDiv ? "floordiv"
                     : op == Op::CeilDiv  ? "ceildiv"
                                          : "mod";
  bool divides = op == Op::FloorDiv || op == Op::CeilDiv || op == Op::Mod;
  throw Error(ErrorKind::InvalidArgument,
              place_ + ": " + name + "(" + std::to_string(a) + ", " + std::to_string(b) + ") " +
                  (divides && b == 0 ? "divides by zero" : "does not fit 64 bits") + " in " +
                  text_);
}

int64_t Expression::evaluate(const ExpressionValues &values) const {
  // Nesting is limited when the manifest is read, and each level holds at most two values.
  std::array<int64_t, 2 * maxManifestDepth + 2> stack;
  size_t top = 0;
  for (size_t at = 0; at < code.size(); ++at) {
    const Instruction &instruction = code[at];
    switch (instruction.op) {
    case Op::Push:
      stack[top++] = instruction.operand;
      break;
    case Op::Symbol:
      stack[top++] = values.symbols[instruction.operand];
      break;
    case Op::Multiprocessors:
      stack[top++] = values.multiprocessors;
      break;
    case Op::Aligned:
      stack[top++] = values.alignments[instruction.operand];
      break;
    case Op::Not:
      stack[top - 1] = stack[top - 1] == 0;
      break;
    case Op::JumpIfZero:
      if (stack[--top] == 0)
        at = size_t(instruction.operand) - 1;
      break;
    case Op::Jump:
      at = size_t(instruction.operand) - 1;
      break;
    default: {
      int64_t b = stack[--top], a = stack[top - 1];
      if (!apply(instruction.op, a, b, stack[top - 1]))
        failOperation(instruction.op, a, b);
    }
    }
  }
  return stack[0];
}

int64_t Expression::evaluateSize(const ExpressionValues &values, const char *what) const {
  int64_t value = evaluate(values);
  if (value < 0)
    throw Error(ErrorKind::InvalidArgument, place_ + ": the " + what + " " + text_ + " is " +
                                                std::to_string(value) +
                                                "; it must not be negative");
  return value;
}

} // namespace mpgemm
