// The mpgemm dialect: its ops, types and attributes.
#ifndef MPGEMM_DIALECT_MPGEMM_IR_MPGEMM_H
#define MPGEMM_DIALECT_MPGEMM_IR_MPGEMM_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "mpgemm/Dialect/MPGemm/IR/MPGemmDialect.h.inc"

#include "mpgemm/Dialect/MPGemm/IR/MPGemmEnums.h.inc"

namespace mlir::mpgemm {

/// A list of integers as attributes spell it: `[1, 2, 3]`.
FailureOr<llvm::SmallVector<int64_t>> parseIntegerList(AsmParser &parser);
void printIntegerList(AsmPrinter &printer, llvm::ArrayRef<int64_t> values);

} // namespace mlir::mpgemm

#define GET_TYPEDEF_CLASSES
#include "mpgemm/Dialect/MPGemm/IR/MPGemmTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "mpgemm/Dialect/MPGemm/IR/MPGemmAttrs.h.inc"

#define GET_OP_CLASSES
#include "mpgemm/Dialect/MPGemm/IR/MPGemmOps.h.inc"

#endif // MPGEMM_DIALECT_MPGEMM_IR_MPGEMM_H
