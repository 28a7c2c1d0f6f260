// The constants of a program: their names, and the file that holds their values.
#ifndef MPGEMM_TARGET_CONSTANTS_H
#define MPGEMM_TARGET_CONSTANTS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::mpgemm {

/// The constants in the order of the manifest. One with the values of a global of the model has its
/// name, one from a resource has the resource's; the others are numbered. A global without values
/// is a constant that the function @init writes, under the global's name.
class ConstantTable {
public:
  explicit ConstantTable(ModuleOp module);

  /// The place of `global` in the manifest; an error where its values are missing or cannot be
  /// stored.
  FailureOr<int64_t> indexOf(memref::GlobalOp global);

  /// The name of a constant in the manifest.
  StringRef nameOf(int64_t index) const { return constants[index].name; }

  /// Whether some constant has its values in the file.
  bool needsFile() const;
  llvm::json::Array describe() const;
  /// Writes the constants that have values as a .safetensors file.
  void writeSafetensors(llvm::raw_ostream &os) const;

private:
  struct Constant {
    std::string name;
    ShapedType type;
    ElementsAttr values; ///< Null where @init writes it.
    int64_t bytes;
  };
  std::string chooseName(ElementsAttr values);

  llvm::DenseMap<Attribute, StringRef> globalNames;
  llvm::StringSet<> usedNames;
  llvm::MapVector<Attribute, int64_t> indices;
  std::vector<Constant> constants;
};

/// The element type's name in the manifest, empty where a program cannot hold it.
std::string manifestTypeName(Type type);

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_CONSTANTS_H
