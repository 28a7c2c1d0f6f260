// JSON files that people write: every value knows its line and column, so that an error can point
// at it.
#ifndef MPGEMM_LIB_TRANSFORMS_JSONFILE_H
#define MPGEMM_LIB_TRANSFORMS_JSONFILE_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include <memory>

namespace mlir::mpgemm {

class JSONFile;

/// A value in a JSONFile. Getters report an error at the value where it is of another kind.
class JSONNode {
public:
  JSONNode(const JSONFile &file, const llvm::json::Value &value, std::string path)
      : file(&file), value(&value), path(std::move(path)) {}

  /// An error at the place of the value, or of the key `key` of an object.
  InFlightDiagnostic error() const;
  InFlightDiagnostic errorAtKey(StringRef key) const;

  /// Checks that this is an object and that all its keys are in `known`.
  LogicalResult checkKeys(ArrayRef<StringRef> known) const;
  bool isObject() const { return value->getAsObject(); }
  bool isArray() const { return value->getAsArray(); }
  bool isString() const { return value->getAsString().has_value(); }
  /// The keys of an object, in the order of the alphabet.
  SmallVector<std::string> keys() const;
  /// The value of `key`, if the object has one.
  std::optional<JSONNode> find(StringRef key) const;
  /// The value of `key`; an error where it is missing.
  FailureOr<JSONNode> get(StringRef key) const;

  FailureOr<std::vector<JSONNode>> elements() const;
  FailureOr<StringRef> string() const;
  FailureOr<double> number() const;
  FailureOr<int64_t> integer() const;
  FailureOr<bool> boolean() const;
  /// The position of the string in `names`, which are all that are allowed.
  FailureOr<size_t> oneOf(ArrayRef<StringRef> names) const;

private:
  InFlightDiagnostic unexpected(StringRef wanted) const;

  const JSONFile *file;
  const llvm::json::Value *value;
  std::string path;
};

/// A JSON document and the places of its values. Errors are diagnostics of the context.
class JSONFile {
public:
  /// Null after an error.
  static std::unique_ptr<JSONFile> read(MLIRContext *context, StringRef path);
  static std::unique_ptr<JSONFile> parse(MLIRContext *context, StringRef name, StringRef text);

  JSONNode root() const { return JSONNode(*this, *value, ""); }
  StringRef getName() const { return name; }

private:
  friend class JSONNode;
  JSONFile(MLIRContext *context, StringRef name, StringRef text)
      : context(context), name(name.str()), text(text.str()) {}

  Location locate(size_t offset) const;
  LogicalResult checkDepth() const;
  LogicalResult findPlaces();

  MLIRContext *context;
  std::string name, text;
  std::optional<llvm::json::Value> value;
  llvm::StringMap<size_t> places;    // of a value, by its path
  llvm::StringMap<size_t> keyPlaces; // of a member's key, by the member's path
};

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_JSONFILE_H
