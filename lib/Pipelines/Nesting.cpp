// How deeply a text in MLIR's syntax is nested.
#include "mpgemm/Pipelines/Nesting.h"

using namespace mlir;

/// The end of the string literal that begins at `at`.
static size_t skipString(llvm::StringRef text, size_t at) {
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
    if (text[at] == '\\')
      ++at;
  return at;
}

std::optional<size_t> mpgemm::findDeepNesting(llvm::StringRef text, unsigned limit) {
  if (text.starts_with("ML\xefR"))
    return std::nullopt;
  unsigned depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
    case '"':
      at = skipString(text, at);
      break;
    case '/':
      if (at + 1 < text.size() && text[at + 1] == '/')
        at = std::min(text.find('\n', at), text.size());
      break;
    case '-': // An arrow closes nothing.
      at += at + 1 < text.size() && text[at + 1] == '>';
      break;
    case '<':
    case '>': // Nor does a comparison in an integer set.
      if (at + 1 < text.size() && text[at + 1] == '=') {
        ++at;
        break;
      }
      if (text[at] == '>') {
        depth -= depth > 0;
        break;
      }
      [[fallthrough]];
    case '(':
    case '[':
    case '{':
      if (++depth > limit)
        return at;
      break;
    case ')':
    case ']':
    case '}':
      depth -= depth > 0;
      break;
    default:
      break;
    }
  }
  return std::nullopt;
}
