//===- ExpressionParser.h - Expressions from JSON ---------------*- C++ -*-===//
#ifndef MPGEMM_LIB_ARTIFACT_EXPRESSIONPARSER_H
#define MPGEMM_LIB_ARTIFACT_EXPRESSIONPARSER_H

#include "JsonReader.h"

#include "mpgemm/Artifact/Expression.h"

#include <string>
#include <vector>

namespace mpgemm {

/// Parses expressions of one function: knows its symbols and collects its alignment queries.
class ExpressionParser {
public:
  ExpressionParser(const std::vector<std::string> &symbols, std::vector<AlignmentQuery> &queries)
      : symbols(symbols), queries(queries) {}

  /// `aligned` may name buffers 0 to count - 1; until this is called it may name none.
  void allowBuffers(size_t count) { bufferCount = count; }

  Expression parse(const JsonReader &json);

private:
  void emit(const JsonReader &json, Expression &into);
  void emitLeaf(const JsonReader &json, Expression &into);
  void emitOperation(const std::string &name, const JsonReader &json, Expression &into);
  void emitSelect(const JsonReader &json, Expression &into);
  void emitAligned(const JsonReader &json, Expression &into);

  const std::vector<std::string> &symbols;
  std::vector<AlignmentQuery> &queries;
  size_t bufferCount = 0;
};

} // namespace mpgemm

#endif // MPGEMM_LIB_ARTIFACT_EXPRESSIONPARSER_H
