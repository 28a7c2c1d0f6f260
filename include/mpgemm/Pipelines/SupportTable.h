// What is supported on which target, as tables in Markdown.
#ifndef MPGEMM_PIPELINES_SUPPORTTABLE_H
#define MPGEMM_PIPELINES_SUPPORTTABLE_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace mlir::mpgemm {

/// Operand types with their accumulators and instructions, result types, and scales, by target. The
/// context has all dialects.
void printSupportTable(MLIRContext &context, raw_ostream &os);

} // namespace mlir::mpgemm

#endif // MPGEMM_PIPELINES_SUPPORTTABLE_H
