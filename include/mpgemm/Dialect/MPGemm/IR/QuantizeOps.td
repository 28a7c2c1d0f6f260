// mpgemm.quantize, mpgemm.dequantize, mpgemm.dynamic_quantize: between values and codes with scales.
#ifndef MPGEMM_QUANTIZE_OPS_TD
#define MPGEMM_QUANTIZE_OPS_TD

include "mpgemm/Dialect/MPGemm/IR/MPGemmOpBase.td"

def MPGemm_ValueTensor : RankedTensorOf<[F32, F16, BF16]>;
def MPGemm_CodeTensor : RankedTensorOf<[F8E4M3FN, F8E5M2, I8, I<4>]>;
def MPGemm_CodeZeroPointTensor : RankedTensorOf<[I8, I<4>, I32]>;
def MPGemm_DynamicScaleTensor : RankedTensorOf<[F32, F8E8M0FNU]>;

class MPGemm_ScaledOp<string mnemonic, list<Trait> traits = []>
    : MPGemm_Op<mnemonic, traits # [
        Pure, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let hasVerifier = 1;
}

def MPGemm_QuantizeOp : MPGemm_ScaledOp<"quantize"> {
  let summary = "turn values into codes with given scales";
  let description = [{
    ```
    q[i] = saturate(round(x[i] * (1 / s(i))) + z(i))
    ```

    computed in f32: x and s are widened, 1 / s is one division, the product is rounded to an integer to nearest,
    ties to even. Without a zero point z is 0. Codes of 8-bit floats are clamped to the largest finite
    magnitude (448 for f8E4M3FN, 57344 for f8E5M2) and rounded once; NaN stays NaN. Integer codes are
    clamped to their range, -128 to 127 for i8, 0 to 255 if `unsigned`; NaN becomes 0.

    Scales belong to the matrix as it is stored, its last two dimensions:

    | scaling | elements that share a scale | shape of the scales of RxC |
    |---|---|---|
    | `<per_tensor>` | all | a scalar |
    | `<row>` | a row | R |
    | `<column>` | a column | C |
    | `<group = g>`, `<mx>` (g = 32) | g neighbours of a row | R x ceil(C/g) |
    | `<block = [r, c]>` | r rows of c columns | ceil(R/r) x ceil(C/c) |

    Batch dimensions come first, or are left out altogether (the batch shares the scales).

    Constraints:

    - C1: x has rank 2 or more.
    - C2: the codes have the shape of x, as far as it is static.
    - C3: the scales have the shape and type their scaling asks for: f32, f16, bf16 or f8E8M0FNU, `mx` only
      f8E8M0FNU. `nvfp4` is not for 8-bit codes.
    - C4: `unsigned` belongs to integer codes.
    - C5: a zero point belongs to integer codes, has their type or i32, and has the shape of the scales, or
      rank 0.

    Example:

    ```mlir
    %q = mpgemm.quantize(%x : tensor<?x4096xbf16> scale <row> %s : tensor<?xf32>) -> tensor<?x4096xf8E4M3FN>
    ```
  }];
  let arguments = (ins MPGemm_ValueTensor:$x, MPGemm_ScaleTensor:$scale,
                       Optional<MPGemm_CodeZeroPointTensor>:$zero_point,
                       MPGemm_ScalingAttr:$scaling, UnitAttr:$is_unsigned);
  let results = (outs MPGemm_CodeTensor:$codes);
  let assemblyFormat = [{
    `(` $x `:` type($x) `scale` $scaling $scale `:` type($scale)
    (`zero_point` $zero_point^ `:` type($zero_point))? `)` (`unsigned` $is_unsigned^)? attr-dict
    `->` type($codes)
  }];
}

def MPGemm_DequantizeOp : MPGemm_ScaledOp<"dequantize"> {
  let summary = "turn codes with scales into values";
  let description = [{
    ```
    x[i] = convert((q[i] - z(i)) * s(i))
    ```

    The difference of integer codes and zero points is computed in i32, everything else in f32, with one
    rounding to the type of x. Scales are placed as in `mpgemm.quantize`.

    Constraints:

    - C1: the codes have rank 2 or more.
    - C2: x has the shape of the codes, as far as it is static.
    - C3, C4, C5: as for `mpgemm.quantize`.

    Example:

    ```mlir
    %x = mpgemm.dequantize(%q : tensor<512x4096xi8> scale <column> %s : tensor<4096xf16>
                           zero_point %z : tensor<4096xi8>) unsigned -> tensor<512x4096xbf16>
    ```
  }];
  let arguments = (ins MPGemm_CodeTensor:$codes, MPGemm_ScaleTensor:$scale,
                       Optional<MPGemm_CodeZeroPointTensor>:$zero_point,
                       MPGemm_ScalingAttr:$scaling, UnitAttr:$is_unsigned);
  let results = (outs MPGemm_ValueTensor:$x);
  let assemblyFormat = [{
    `(` $codes `:` type($codes) `scale` $scaling $scale `:` type($scale)
    (`zero_point` $zero_point^ `:` type($zero_point))? `)` (`unsigned` $is_unsigned^)? attr-dict
    `->` type($x)
  }];
}

def MPGemm_DynamicQuantizeOp : MPGemm_ScaledOp<"dynamic_quantize"> {
  let summary = "turn values into codes with scales chosen from the values";
  let description = [{
    For each block of elements that share a scale:

    ```
    amax = max over the block of |x[i]|
    s    = max(amax / qmax, 2^-126)
    q[i] = saturate(round(x[i] * (1 / s)))
    ```

    computed in f32; qmax is the largest code: 448 for f8E4M3FN, 57344 for f8E5M2, 127 for i8, 7 for i4. A NaN in a
    block makes its scale NaN. Scales of type f8E8M0FNU are rounded up to a power of two, and codes are
    computed with the rounded scale. Codes are as in `mpgemm.quantize`, integers signed, without zero points. So an
    infinity makes a scale infinite and gives codes 0, or NaN for itself.

    Constraints:

    - C1: x has rank 2 or more.
    - C2: the codes have the shape of x, as far as it is static.
    - C3: the scales have the shape their scaling asks for, as in `mpgemm.quantize`, and are f32 or f8E8M0FNU,
      `mx` only f8E8M0FNU. `nvfp4` is not for 8-bit codes.

    Example:

    ```mlir
    %q, %s = mpgemm.dynamic_quantize(%x : tensor<?x4096xbf16>) <group = 128>
        -> tensor<?x4096xf8E4M3FN>, tensor<?x32xf32>
    ```
  }];
  let arguments = (ins MPGemm_ValueTensor:$x, MPGemm_ScalingAttr:$scaling);
  let results = (outs MPGemm_CodeTensor:$codes, MPGemm_DynamicScaleTensor:$scale);
  let assemblyFormat = [{
    `(` $x `:` type($x) `)` $scaling attr-dict `->` type($codes) `,` type($scale)
  }];
}

#endif // MPGEMM_QUANTIZE_OPS_TD
