// Autocast of the products of one function.
#ifndef MPGEMM_LIB_TRANSFORMS_AUTOCASTPRODUCT_H
#define MPGEMM_LIB_TRANSFORMS_AUTOCASTPRODUCT_H

#include "AutocastPolicy.h"
#include "Calibration.h"
#include "WeightConversion.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::mpgemm {

struct AutocastSettings {
  Precision asked;
  const AutocastPolicy &policy;
  const Calibration *calibration; ///< Null without a file.
  bool castsLast;                 ///< No product counts as the last one.
  StringRef target;               ///< Empty: not checked.
};

/// Casts the products of `function` as the policy decides; an error where it cannot be done. The
/// names of its layers are added to `layers`.
LogicalResult autocastFunction(func::FuncOp function, const AutocastSettings &settings,
                               WeightConverter &weights, llvm::StringSet<> &layers);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_AUTOCASTPRODUCT_H
