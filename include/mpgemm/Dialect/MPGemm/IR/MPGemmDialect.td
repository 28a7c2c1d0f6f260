// The mpgemm dialect: what a matrix product computes.
#ifndef MPGEMM_DIALECT_TD
#define MPGEMM_DIALECT_TD

include "mlir/IR/DialectBase.td"

def MPGemm_Dialect : Dialect {
  let name = "mpgemm";
  let cppNamespace = "::mlir::mpgemm";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let summary = "matrix products on tensors: storage types, scales, accumulation, epilogue";
  let description = [{
    The mpgemm dialect says what is computed: the storage types of the operands, their scales, the
    type products are summed in, and the epilogue that turns the sum into the results. It does not
    say how; the choice of tiles and stages is an attribute that a later pass applies.
  }];
}

#endif // MPGEMM_DIALECT_TD
