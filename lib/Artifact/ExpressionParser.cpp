//===- ExpressionParser.cpp - Expressions from JSON ---------------------------===//
#include "ExpressionParser.h"

#include <algorithm>

namespace mpgemm {

Expression ExpressionParser::parse(const JsonReader &json) {
  Expression result;
  result.code.clear();
  result.text_.clear();
  result.place_ = json.place();
  emit(json, result);
  return result;
}

void ExpressionParser::emit(const JsonReader &json, Expression &into) {
  if (!json.isList())
    return emitLeaf(json, into);
  if (json.size() == 0)
    json.fail("is an empty list; expected [operator, operands...]");
  std::string name = json.element(0).string();
  into.text_ += name + "(";
  if (name == "select")
    emitSelect(json, into);
  else if (name == "aligned")
    emitAligned(json, into);
  else
    emitOperation(name, json, into);
  into.text_ += ")";
}

void ExpressionParser::emitLeaf(const JsonReader &json, Expression &into) {
  using Op = Expression::Op;
  if (json.isInteger()) {
    int64_t value = json.integer();
    into.code.push_back({Op::Push, value});
    into.text_ += std::to_string(value);
    return;
  }
  if (!json.isString())
    json.fail("is " + json.describe() +
              "; expected an integer, a symbol or [operator, operands...]");
  std::string name = json.string();
  into.text_ += name;
  if (name == "device.multiprocessors") {
    into.code.push_back({Op::Multiprocessors, 0});
    return;
  }
  auto found = std::find(symbols.begin(), symbols.end(), name);
  if (found == symbols.end()) {
    std::string known = "device.multiprocessors";
    for (const std::string &symbol : symbols)
      known += ", " + symbol;
    json.fail("names the symbol '" + name + "', which no argument binds; known are " + known);
  }
  into.code.push_back({Op::Symbol, found - symbols.begin()});
}

void ExpressionParser::emitOperation(const std::string &name, const JsonReader &json,
                                     Expression &into) {
  using Op = Expression::Op;
  struct Row {
    const char *name;
    Op op;
    size_t least, most;
  };
  constexpr size_t many = 1u << 20;
  static const Row rows[] = {
      {"add", Op::Add, 2, many},      {"mul", Op::Mul, 2, many},
      {"min", Op::Min, 2, many},      {"max", Op::Max, 2, many},
      {"and", Op::And, 2, many},      {"or", Op::Or, 2, many},
      {"sub", Op::Sub, 2, 2},         {"floordiv", Op::FloorDiv, 2, 2},
      {"ceildiv", Op::CeilDiv, 2, 2}, {"mod", Op::Mod, 2, 2},
      {"eq", Op::Eq, 2, 2},           {"ne", Op::Ne, 2, 2},
      {"lt", Op::Lt, 2, 2},           {"le", Op::Le, 2, 2},
      {"gt", Op::Gt, 2, 2},           {"ge", Op::Ge, 2, 2},
      {"not", Op::Not, 1, 1},
  };
  auto row = std::find_if(std::begin(rows), std::end(rows),
                          [&](const Row &candidate) { return name == candidate.name; });
  if (row == std::end(rows)) {
    std::string known = "select, aligned";
    for (const Row &candidate : rows)
      known += std::string(", ") + candidate.name;
    json.element(0).fail("names the operator '" + name + "'; known are " + known);
  }
  size_t operands = json.size() - 1;
  if (operands < row->least || operands > row->most)
    json.fail("gives '" + name + "' " + std::to_string(operands) + " operands; it takes " +
              std::to_string(row->least) + (row->most == row->least ? "" : " or more"));
  for (size_t i = 1; i <= operands; ++i) {
    into.text_ += i > 1 ? ", " : "";
    emit(json.element(i), into);
    if (i > 1 || row->op == Op::Not)
      into.code.push_back({row->op, 0});
  }
}

void ExpressionParser::emitSelect(const JsonReader &json, Expression &into) {
  using Op = Expression::Op;
  if (json.size() != 4)
    json.fail("gives 'select' " + std::to_string(json.size() - 1) +
              " operands; it takes a condition and two values");
  emit(json.element(1), into);
  into.text_ += ", ";
  size_t toElse = into.code.size();
  into.code.push_back({Op::JumpIfZero, 0});
  emit(json.element(2), into);
  into.text_ += ", ";
  size_t toEnd = into.code.size();
  into.code.push_back({Op::Jump, 0});
  into.code[toElse].operand = int64_t(into.code.size());
  emit(json.element(3), into);
  into.code[toEnd].operand = int64_t(into.code.size());
}

void ExpressionParser::emitAligned(const JsonReader &json, Expression &into) {
  if (json.size() != 3)
    json.fail("gives 'aligned' " + std::to_string(json.size() - 1) +
              " operands; it takes a buffer and a number of bytes");
  if (bufferCount == 0)
    json.fail("uses 'aligned', which only steps may use");
  int64_t buffer = json.element(1).integer(0, int64_t(bufferCount) - 1);
  int64_t bytes = json.element(2).integer(1, int64_t(1) << 30);
  into.text_ += std::to_string(buffer) + ", " + std::to_string(bytes);
  auto found = std::find_if(queries.begin(), queries.end(), [&](const AlignmentQuery &query) {
    return query.buffer == buffer && query.bytes == bytes;
  });
  into.code.push_back({Expression::Op::Aligned, found - queries.begin()});
  if (found == queries.end())
    queries.push_back({int(buffer), bytes});
}

} // namespace mpgemm
