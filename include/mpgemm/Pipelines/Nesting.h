// How deeply a text in MLIR's syntax is nested.
#ifndef MPGEMM_PIPELINES_NESTING_H
#define MPGEMM_PIPELINES_NESTING_H

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace mlir::mpgemm {

/// The place of the first bracket of any kind that stands `limit` or more brackets deep; nothing
/// where there is none. MLIR's parser and printer recurse for each, so that a text of brackets
/// alone would overflow the stack. Bytecode has no brackets.
std::optional<size_t> findDeepNesting(llvm::StringRef text, unsigned limit);

/// What a text may have: every level takes a few hundred bytes to a few kilobytes of stack.
constexpr unsigned deepestNesting = 256;

} // namespace mlir::mpgemm

#endif // MPGEMM_PIPELINES_NESTING_H
