// Kernels of a module, found again by what they do: two kernels are the same if they print the
// same.
#include "KernelCache.h"

using namespace mlir;
using namespace mlir::mpgemm;

mptile::KernelOp KernelCache::unique(mptile::KernelOp kernel, StringRef function, StringRef label) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  kernel.print(stream, OpPrintingFlags().useLocalScope().printGenericOpForm());
  auto [entry, isNew] = byText.try_emplace(text, kernel);
  if (!isNew) {
    kernel.erase();
    return entry->second;
  }
  const std::string base = (function + "_" + label).str();
  kernel->remove();
  kernel.setSymName(base + "_" + std::to_string(counts[base]++));
  symbols.insert(kernel); // makes the name unique
  return kernel;
}
