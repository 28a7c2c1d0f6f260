// What all ops of the mpgemm dialect share: the base class and the storage types.
#ifndef MPGEMM_OP_BASE_TD
#define MPGEMM_OP_BASE_TD

include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmAttrs.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmDialect.td"
include "mpgemm/Dialect/MPGemm/IR/MPGemmTypes.td"

class MPGemm_Op<string mnemonic, list<Trait> traits = []>
    : Op<MPGemm_Dialect, mnemonic, traits>;

// The types an operand of a product may be stored in. Integers are signless; `unsigned` is said by the op.
def MPGemm_StorageType : AnyTypeOf<[F32, F16, BF16, F8E4M3FN, F8E5M2, I8, I<4>, I<2>, I1,
                                    F4E2M1FN, F6E2M3FN, F6E3M2FN],
    "storage type (f32, f16, bf16, f8E4M3FN, f8E5M2, i8, i4, i2, i1, f4E2M1FN, f6E2M3FN, f6E3M2FN)">;
def MPGemm_OperandTensor : RankedTensorOf<[MPGemm_StorageType]>;

def MPGemm_ScaleTensor : RankedTensorOf<[F32, F16, BF16, F8E8M0FNU, F8E4M3FN]>;
def MPGemm_ZeroPointTensor : RankedTensorOf<[I1, I<2>, I<4>, I8, I32, F32, F16, BF16]>;
def MPGemm_InitTensor : RankedTensorOf<[F32, F16, BF16, I32]>;

// Results and extra operands of an epilogue: whatever arith can compute with.
def MPGemm_ScalarType : AnyTypeOf<[AnyFloat, AnySignlessInteger]>;
def MPGemm_ScalarTensor : RankedTensorOf<[MPGemm_ScalarType]>;

#endif // MPGEMM_OP_BASE_TD
