// Scalar arithmetic inside kernels: which arith and math ops are supported, and their lowering to
// LLVM and NVVM.
//
// docs/math.md states the error of every function. LLVM aborts on what it cannot select, so
// verifyScalarBody must have accepted a region before the patterns run.
#ifndef MPGEMM_CONVERSION_MPTILETONVVM_SCALARMATH_H
#define MPGEMM_CONVERSION_MPTILETONVVM_SCALARMATH_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class LLVMTypeConverter;
class Operation;
class Region;
class RewritePatternSet;
} // namespace mlir

namespace mlir::mptile {

/// Fails with a message at the op if `op` is an arith or math op that kernels cannot contain.
LogicalResult verifyScalarOp(Operation *op);

/// Fails at the first op of `body`, at any depth, that is not supported scalar arithmetic, control
/// flow (scf.for, scf.if, scf.while) or an mptile op.
LogicalResult verifyScalarBody(Region &body);

/// Adds patterns that rewrite the math functions, conversions to and from 8-bit floats, and 16-bit
/// float functions into arithmetic that LLVM selects. Their results are arith, math (fma, absf,
/// ...) and LLVM intrinsics.
void populateScalarExpansionPatterns(RewritePatternSet &patterns);

/// Adds the expansions and the lowering of everything verifyScalarOp accepts to the LLVM dialect.
void populateScalarToNVVMPatterns(const LLVMTypeConverter &converter, RewritePatternSet &patterns);

} // namespace mlir::mptile

#endif // MPGEMM_CONVERSION_MPTILETONVVM_SCALARMATH_H
