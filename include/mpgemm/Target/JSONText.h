// JSON as the manifest is written: ASCII only, short values on one line.
#ifndef MPGEMM_TARGET_JSONTEXT_H
#define MPGEMM_TARGET_JSONTEXT_H

#include "llvm/Support/JSON.h"
#include <string>

namespace mlir::mpgemm {

/// Prints `value`. Characters beyond ASCII become \uXXXX (ptxas rejects them even in comments); an
/// array or object that fits into a line of about 110 characters stays on it.
std::string printJSON(const llvm::json::Value &value);

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_JSONTEXT_H
