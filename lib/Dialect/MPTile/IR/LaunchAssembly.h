// The part of the assembly of mptile.launch that its declarative format leaves to code.
#ifndef LIB_DIALECT_MPTILE_IR_LAUNCHASSEMBLY_H
#define LIB_DIALECT_MPTILE_IR_LAUNCHASSEMBLY_H

#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

namespace mlir::mptile {

/// `%condition -> @kernel(%x, %y, %z), ...`
ParseResult parseAlternatives(OpAsmParser &parser, ArrayAttr &alternatives,
                              SmallVectorImpl<OpAsmParser::UnresolvedOperand> &conditions,
                              SmallVectorImpl<OpAsmParser::UnresolvedOperand> &grids);
void printAlternatives(OpAsmPrinter &printer, LaunchOp launch, ArrayAttr alternatives,
                       OperandRange conditions, OperandRange grids);

} // namespace mlir::mptile

#endif // LIB_DIALECT_MPTILE_IR_LAUNCHASSEMBLY_H
