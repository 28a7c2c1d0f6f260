// From a planned module with lowered kernels to the manifest of docs/artifact.md.
#ifndef MPGEMM_TARGET_MANIFEST_H
#define MPGEMM_TARGET_MANIFEST_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mpgemm/Target/Constants.h"
#include "llvm/Support/JSON.h"

namespace mlir::mpgemm {

/// The kernels of a module in the order of the manifest.
class KernelTable {
public:
  /// Collects the kernels of `kernels`, which may be null; an error where one lacks what the
  /// manifest needs.
  static FailureOr<KernelTable> collect(gpu::GPUModuleOp kernels);

  llvm::json::Array describe() const { return descriptions; }
  /// The place of a kernel in the manifest.
  int64_t indexOf(Operation *kernel) const { return indices.at(kernel); }

private:
  llvm::DenseMap<Operation *, int64_t> indices;
  llvm::json::Array descriptions;
};

/// The manifest's "functions" element of `function`; adds what it uses to `constants`.
FailureOr<llvm::json::Object> describeFunction(func::FuncOp function, const KernelTable &kernels,
                                               ConstantTable &constants);

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_MANIFEST_H
