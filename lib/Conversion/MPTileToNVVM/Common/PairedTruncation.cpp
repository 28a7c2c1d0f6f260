// Two truncations to 16 bits as one intrinsic whose result is a pair.
#include "PairedTruncation.h"

using namespace mlir;
using namespace mlir::mptile;

void mlir::mptile::pairTruncations(Emitter &emit, Value &low, Value &high) {
  auto lowOp = low.getDefiningOp<arith::TruncFOp>(), highOp = high.getDefiningOp<arith::TruncFOp>();
  if (!lowOp || !highOp || low.getType() != high.getType() || !lowOp.getIn().getType().isF32() ||
      !highOp.getIn().getType().isF32())
    return;
  Type type = low.getType();
  if (!type.isF16() && !type.isBF16())
    return;
  // The first operand goes to the upper half (PTX ISA, cvt with packed formats).
  StringRef name = type.isBF16() ? "llvm.nvvm.ff2bf16x2.rn" : "llvm.nvvm.ff2f16x2.rn";
  Value pair =
      LLVM::CallIntrinsicOp::create(emit, VectorType::get(2, type), emit.getStringAttr(name),
                                    ValueRange{highOp.getIn(), lowOp.getIn()})
          ->getResult(0);
  low = LLVM::ExtractElementOp::create(emit, pair, emit.i32(0));
  high = LLVM::ExtractElementOp::create(emit, pair, emit.i32(1));
}
