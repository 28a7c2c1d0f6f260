// The mptile dialect: how one kernel computes.
#ifndef MPTILE_DIALECT_TD
#define MPTILE_DIALECT_TD

include "mlir/IR/DialectBase.td"

def MPTile_Dialect : Dialect {
  let name = "mptile";
  let cppNamespace = "::mlir::mptile";
  let summary = "one kernel: tiles, rings of barriers, warp roles, the loop over work";
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
  let description = [{
    The mptile dialect says how one kernel computes: tiles in shared memory and registers, rings of
    barriers, warp roles, and the loop over work. It is explicit; a lowering is a set of patterns over
    these ops and rediscovers nothing.
  }];
}

#endif // MPTILE_DIALECT_TD
