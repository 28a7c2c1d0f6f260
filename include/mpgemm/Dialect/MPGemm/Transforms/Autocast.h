// What a user of autocast can name: precisions, and the policy that applies where no other is
// given.
#ifndef MPGEMM_DIALECT_MPGEMM_TRANSFORMS_AUTOCAST_H
#define MPGEMM_DIALECT_MPGEMM_TRANSFORMS_AUTOCAST_H

#include "mlir/Support/LLVM.h"

namespace mlir::mpgemm {

/// How the operands of a product are multiplied. F32 leaves a product as it is.
enum class Precision { F32, TF32, F16, BF16, FP8, INT8 };

/// "f32", "tf32", "f16", "bf16", "fp8", "int8": the order is that of Precision.
ArrayRef<StringRef> precisionNames();
StringRef toText(Precision precision);
/// What `--mpgemm-autocast=` takes: each of them but f32. Nothing for other text.
std::optional<Precision> parseAutocastPrecision(StringRef text);
/// "tf32, f16, bf16, fp8, int8".
std::string autocastPrecisionsText();

/// The built-in policy, a JSON document (docs/autocast.md).
StringRef getBuiltinAutocastPolicy();

} // namespace mlir::mpgemm

#endif // MPGEMM_DIALECT_MPGEMM_TRANSFORMS_AUTOCAST_H
