//===- JsonReader.h - JSON values that know their place ---------*- C++ -*-===//
//
// A cursor over a parsed JSON document. Every access is checked, and every failure throws
// Error(InvalidArtifact) that names the file and the path inside it:
// `model.ptx: functions[0].steps[2] lacks 'op'`.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_ARTIFACT_JSONREADER_H
#define MPGEMM_LIB_ARTIFACT_JSONREADER_H

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mpgemm {

class JsonReader {
public:
  /// Parses text of at most `maxManifestDepth` nested lists and objects; `file` names it in
  /// messages.
  static JsonReader parse(const std::string &text, const std::string &file);

  [[noreturn]] void fail(const std::string &what) const;
  /// File and path, as messages begin.
  std::string place() const;
  /// The kind of value and, where it is short, the value.
  std::string describe() const;

  bool isList() const;
  bool isObject() const;
  bool isString() const;
  bool isInteger() const;

  //===- Objects --------------------------------------------------------------===//
  /// Refuses keys other than these.
  void onlyKeys(std::initializer_list<const char *> keys) const;
  JsonReader field(const char *key) const;
  std::optional<JsonReader> optionalField(const char *key) const;
  /// All keys, sorted.
  std::vector<std::string> keys() const;
  JsonReader field(const std::string &key) const { return field(key.c_str()); }

  //===- Lists ----------------------------------------------------------------===//
  /// The length; also checks that it is a list.
  size_t size() const;
  JsonReader element(size_t index) const;

  //===- Values ---------------------------------------------------------------===//
  std::string string() const;
  int64_t integer(int64_t least = std::numeric_limits<int64_t>::min(),
                  int64_t most = std::numeric_limits<int64_t>::max()) const;
  double number() const;
  bool boolean() const;

private:
  JsonReader(std::shared_ptr<const nlohmann::json> root, const nlohmann::json &value,
             std::shared_ptr<const std::string> file, std::string path)
      : root(std::move(root)), value(&value), file(std::move(file)), path(std::move(path)) {}

  std::shared_ptr<const nlohmann::json> root;
  const nlohmann::json *value;
  std::shared_ptr<const std::string> file;
  std::string path;
};

} // namespace mpgemm

#endif // MPGEMM_LIB_ARTIFACT_JSONREADER_H
