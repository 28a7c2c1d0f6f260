// Kernels of a module, found again by what they do.
#ifndef MPGEMM_LIB_TRANSFORMS_KERNELCACHE_H
#define MPGEMM_LIB_TRANSFORMS_KERNELCACHE_H

#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::mpgemm {

class KernelCache {
public:
  explicit KernelCache(ModuleOp module) : symbols(module) {}

  /// `kernel` as `<function>_<label>_<n>`, or an earlier one that is the same but for its name;
  /// then `kernel` is erased. Kernels share the placeholder name `kPlaceholder` until then.
  mptile::KernelOp unique(mptile::KernelOp kernel, StringRef function, StringRef label);

  static constexpr StringLiteral kPlaceholder = "kernel";

private:
  SymbolTable symbols;
  llvm::StringMap<mptile::KernelOp> byText;
  llvm::StringMap<unsigned> counts;
};

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_KERNELCACHE_H
