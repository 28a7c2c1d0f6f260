// The mptile dialect: registration of its ops, types and attributes.
#include "LaunchAssembly.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mptile;

#include "mpgemm/Dialect/MPTile/IR/MPTileDialect.cpp.inc"

#include "mpgemm/Dialect/MPTile/IR/MPTileEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "mpgemm/Dialect/MPTile/IR/MPTileTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "mpgemm/Dialect/MPTile/IR/MPTileAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "mpgemm/Dialect/MPTile/IR/MPTileOps.cpp.inc"

void MPTileDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "mpgemm/Dialect/MPTile/IR/MPTileTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "mpgemm/Dialect/MPTile/IR/MPTileAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "mpgemm/Dialect/MPTile/IR/MPTileOps.cpp.inc"
      >();
}
