// Remarks of the passes over the mpgemm dialect, through MLIR's remark engine: shown by
// `--remarks-filter='mpgemm-.*'`. A remark says what was done, or what was not and why.
#ifndef MPGEMM_DIALECT_MPGEMM_TRANSFORMS_REMARKS_H
#define MPGEMM_DIALECT_MPGEMM_TRANSFORMS_REMARKS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::mpgemm {

inline remark::RemarkOpts remarkOptions(Operation *op, StringRef pass) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  return remark::RemarkOpts::name(op->getName().getStringRef())
      .category(pass)
      .function(function ? function.getName() : StringRef());
}

/// An optimisation of `op` that `pass` did.
inline void remarkPassed(Operation *op, StringRef pass, const std::string &text) {
  remark::passed(op->getLoc(), remarkOptions(op, pass)) << remark::add("{0}", text);
}

/// An optimisation of `op` that `pass` could have done, the reason it did not, and what would help.
inline void remarkMissed(Operation *op, StringRef pass, const std::string &reason,
                         const std::string &suggestion = "") {
  auto remark = remark::missed(op->getLoc(), remarkOptions(op, pass));
  remark << remark::reason("{0}", reason);
  if (!suggestion.empty())
    remark << remark::suggest("{0}", suggestion);
}

} // namespace mlir::mpgemm

#endif // MPGEMM_DIALECT_MPGEMM_TRANSFORMS_REMARKS_H
