// The mpgemm dialect: registration of its ops, types and attributes.
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mpgemm;

#include "mpgemm/Dialect/MPGemm/IR/MPGemmDialect.cpp.inc"

#include "mpgemm/Dialect/MPGemm/IR/MPGemmEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "mpgemm/Dialect/MPGemm/IR/MPGemmTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "mpgemm/Dialect/MPGemm/IR/MPGemmAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "mpgemm/Dialect/MPGemm/IR/MPGemmOps.cpp.inc"

void MPGemmDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "mpgemm/Dialect/MPGemm/IR/MPGemmTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "mpgemm/Dialect/MPGemm/IR/MPGemmAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "mpgemm/Dialect/MPGemm/IR/MPGemmOps.cpp.inc"
      >();
}
