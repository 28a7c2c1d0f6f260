// The terminator of an epilogue.
#ifndef MPGEMM_YIELD_OP_TD
#define MPGEMM_YIELD_OP_TD

include "mpgemm/Dialect/MPGemm/IR/MPGemmOpBase.td"

def MPGemm_YieldOp : MPGemm_Op<"yield", [Pure, Terminator, ParentOneOf<["MatmulOp"]>]> {
  let summary = "give the results of an epilogue at one element";
  let description = [{
    One value for each result of the enclosing op, with the element type of that result. With `quantize_result` the
    first value is f32, and the last result, the scales, has none.

    ```mlir
    mpgemm.yield %0, %1 : bf16, f32
    ```
  }];
  let arguments = (ins Variadic<MPGemm_ScalarType>:$values);
  let assemblyFormat = "attr-dict $values `:` type($values)";
}

#endif // MPGEMM_YIELD_OP_TD
