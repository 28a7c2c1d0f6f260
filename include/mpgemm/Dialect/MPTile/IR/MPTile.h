// The mptile dialect: its ops, types and attributes.
#ifndef MPGEMM_DIALECT_MPTILE_IR_MPTILE_H
#define MPGEMM_DIALECT_MPTILE_IR_MPTILE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "mpgemm/Dialect/MPTile/IR/MPTileDialect.h.inc"

#include "mpgemm/Dialect/MPTile/IR/MPTileEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "mpgemm/Dialect/MPTile/IR/MPTileTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "mpgemm/Dialect/MPTile/IR/MPTileAttrs.h.inc"

namespace mlir::mptile {
/// The pending form of an accumulator or pending accumulator type.
PendingType getPendingType(Type accOrPending);
} // namespace mlir::mptile

#define GET_OP_CLASSES
#include "mpgemm/Dialect/MPTile/IR/MPTileOps.h.inc"

#endif // MPGEMM_DIALECT_MPTILE_IR_MPTILE_H
