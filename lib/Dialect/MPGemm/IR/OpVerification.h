// Text for messages of verifiers.
#ifndef MPGEMM_LIB_DIALECT_MPGEMM_IR_OPVERIFICATION_H
#define MPGEMM_LIB_DIALECT_MPGEMM_IR_OPVERIFICATION_H

#include "mlir/IR/BuiltinTypes.h"

namespace mlir::mpgemm {

/// `4x?x8`, or `a scalar`.
inline std::string shapeText(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "a scalar";
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto printSize = [&](int64_t size) {
    if (ShapedType::isDynamic(size))
      stream << '?';
    else
      stream << size;
  };
  llvm::interleave(shape, stream, printSize, "x");
  return text;
}

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_DIALECT_MPGEMM_IR_OPVERIFICATION_H
