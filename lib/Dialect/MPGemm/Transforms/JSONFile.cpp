// Reading a JSON file with the places of its values: LLVM's parser reads the values, and a second
// walk over the text, which is known to be correct by then, notes where each one starts. A value is
// addressed by its path: "/rules/2/match".
#include "JSONFile.h"

#include "mlir/IR/Location.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

using namespace mlir;
using namespace mlir::mpgemm;

//===-- Values
//------------------------------------------------------------------------------------//

static std::string memberPath(StringRef path, StringRef key) { return (path + "/" + key).str(); }

InFlightDiagnostic JSONNode::error() const {
  return emitError(file->locate(file->places.lookup(path)));
}

InFlightDiagnostic JSONNode::errorAtKey(StringRef key) const {
  return emitError(file->locate(file->keyPlaces.lookup(memberPath(path, key))));
}

static StringRef kindOf(const llvm::json::Value &value) {
  switch (value.kind()) {
  case llvm::json::Value::Null:
    return "null";
  case llvm::json::Value::Boolean:
    return "a boolean";
  case llvm::json::Value::Number:
    return "a number";
  case llvm::json::Value::String:
    return "a string";
  case llvm::json::Value::Array:
    return "a list";
  case llvm::json::Value::Object:
    return "an object";
  }
  llvm_unreachable("all kinds of JSON values are above");
}

InFlightDiagnostic JSONNode::unexpected(StringRef wanted) const {
  InFlightDiagnostic diagnostic = error();
  diagnostic << "expected " << wanted;
  if (size_t slash = path.rfind('/'); slash != std::string::npos)
    diagnostic << " for '" << StringRef(path).drop_front(slash + 1) << "'";
  diagnostic << ", got " << kindOf(*value);
  return diagnostic;
}

LogicalResult JSONNode::checkKeys(ArrayRef<StringRef> known) const {
  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return unexpected("an object");
  for (const std::string &key : keys())
    if (!llvm::is_contained(known, key))
      return errorAtKey(key) << "unknown key '" << key << "'; known are "
                             << llvm::join(known, ", ");
  return success();
}

SmallVector<std::string> JSONNode::keys() const {
  SmallVector<std::string> names;
  for (const auto &member : *value->getAsObject())
    names.push_back(member.first.str());
  llvm::sort(names);
  return names;
}

std::optional<JSONNode> JSONNode::find(StringRef key) const {
  const llvm::json::Object *object = value->getAsObject();
  const llvm::json::Value *member = object ? object->get(key) : nullptr;
  if (!member)
    return std::nullopt;
  return JSONNode(*file, *member, memberPath(path, key));
}

FailureOr<JSONNode> JSONNode::get(StringRef key) const {
  if (!isObject())
    return unexpected("an object");
  if (std::optional<JSONNode> member = find(key))
    return *member;
  return error() << "has no '" << key << "'";
}

FailureOr<std::vector<JSONNode>> JSONNode::elements() const {
  const llvm::json::Array *array = value->getAsArray();
  if (!array)
    return unexpected("a list");
  std::vector<JSONNode> nodes;
  for (auto [index, element] : llvm::enumerate(*array))
    nodes.emplace_back(*file, element, memberPath(path, std::to_string(index)));
  return nodes;
}

FailureOr<StringRef> JSONNode::string() const {
  if (std::optional<StringRef> text = value->getAsString())
    return *text;
  return unexpected("a string");
}

FailureOr<double> JSONNode::number() const {
  std::optional<double> number = value->getAsNumber();
  if (!number)
    return unexpected("a number");
  if (!std::isfinite(*number))
    return error() << "the number is too large";
  return *number;
}

FailureOr<int64_t> JSONNode::integer() const {
  if (std::optional<int64_t> number = value->getAsInteger())
    return *number;
  return unexpected("an integer");
}

FailureOr<bool> JSONNode::boolean() const {
  if (std::optional<bool> truth = value->getAsBoolean())
    return *truth;
  return unexpected("true or false");
}

FailureOr<size_t> JSONNode::oneOf(ArrayRef<StringRef> names) const {
  FailureOr<StringRef> text = string();
  if (failed(text))
    return failure();
  auto found = llvm::find(names, *text);
  if (found == names.end())
    return error() << "unknown value '" << *text << "'; known are " << llvm::join(names, ", ");
  return found - names.begin();
}

//===-- Places
//------------------------------------------------------------------------------------//

Location JSONFile::locate(size_t offset) const {
  StringRef before = StringRef(text).take_front(offset);
  size_t line = before.count('\n') + 1;
  size_t lineStart = before.rfind('\n');
  size_t column = offset - (lineStart == StringRef::npos ? 0 : lineStart + 1) + 1;
  return FileLineColLoc::get(context, name, line, column);
}

/// LLVM's parser is recursive: text without this limit could exhaust the stack.
LogicalResult JSONFile::checkDepth() const {
  constexpr int64_t maxDepth = 64;
  int64_t depth = 0;
  bool isString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (isString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        isString = false;
    } else if (c == '"') {
      isString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > maxDepth)
        return emitError(locate(i)) << "values are nested more than " << maxDepth << " deep";
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return success();
}

namespace {
/// Walks over correct JSON.
class PlaceFinder {
public:
  PlaceFinder(StringRef text, llvm::StringMap<size_t> &values, llvm::StringMap<size_t> &keys)
      : text(text), values(values), keys(keys) {}

  /// The offset of a second member of the same name, if there is one.
  std::optional<size_t> duplicate;
  std::string duplicateName;

  void walk(const std::string &path) {
    skipSpace();
    values[path] = at;
    if (text[at] == '{')
      walkMembers(path);
    else if (text[at] == '[')
      walkElements(path);
    else if (text[at] == '"')
      skipString();
    else
      while (at < text.size() && !StringRef(",]} \t\r\n").contains(text[at]))
        ++at;
  }

private:
  void walkMembers(const std::string &path) {
    for (++at; skipSpace() != '}';) {
      if (text[at] == ',') {
        ++at;
        continue;
      }
      size_t start = at;
      skipString();
      std::string key = decode(text.slice(start, at));
      std::string member = memberPath(path, key);
      if (!keys.try_emplace(member, start).second && !duplicate) {
        duplicate = start;
        duplicateName = key;
      }
      skipSpace();
      ++at; // the colon
      walk(member);
    }
    ++at;
  }

  void walkElements(const std::string &path) {
    size_t index = 0;
    for (++at; skipSpace() != ']';) {
      if (text[at] == ',') {
        ++at;
        continue;
      }
      walk(memberPath(path, std::to_string(index++)));
    }
    ++at;
  }

  char skipSpace() {
    while (StringRef(" \t\r\n").contains(text[at]))
      ++at;
    return text[at];
  }

  void skipString() {
    for (++at; text[at] != '"'; ++at)
      if (text[at] == '\\')
        ++at;
    ++at;
  }

  static std::string decode(StringRef token) {
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(token);
    if (!value) {
      llvm::consumeError(value.takeError());
      return token.str();
    }
    return value->getAsString().value_or(token).str();
  }

  StringRef text;
  size_t at = 0;
  llvm::StringMap<size_t> &values, &keys;
};
} // namespace

LogicalResult JSONFile::findPlaces() {
  PlaceFinder finder(text, places, keyPlaces);
  finder.walk("");
  if (finder.duplicate)
    return emitError(locate(*finder.duplicate))
           << "the key '" << finder.duplicateName << "' is there twice";
  return success();
}

//===-- Reading
//-----------------------------------------------------------------------------------//

std::unique_ptr<JSONFile> JSONFile::read(MLIRContext *context, StringRef path) {
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(path, &error);
  if (!buffer) {
    emitError(UnknownLoc::get(context)) << error;
    return nullptr;
  }
  return parse(context, path, buffer->getBuffer());
}

std::unique_ptr<JSONFile> JSONFile::parse(MLIRContext *context, StringRef name, StringRef text) {
  std::unique_ptr<JSONFile> file(new JSONFile(context, name, text));
  if (failed(file->checkDepth()))
    return nullptr;
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(file->text);
  if (!value) {
    // "[line:column, byte=offset]: message"
    std::string message = llvm::toString(value.takeError());
    auto [place, what] = StringRef(message).split("]: ");
    size_t offset = 0;
    if (place.rsplit("byte=").second.getAsInteger(10, offset))
      offset = 0;
    offset = std::min(offset, file->text.size());
    emitError(file->locate(offset)) << "malformed JSON: " << (what.empty() ? message : what);
    return nullptr;
  }
  file->value = std::move(*value);
  if (failed(file->findPlaces()))
    return nullptr;
  return file;
}
