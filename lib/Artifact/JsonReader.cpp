//===- JsonReader.cpp - JSON values that know their place ---------------------===//
#include "JsonReader.h"

#include "mpgemm/Artifact/Expression.h"
#include "mpgemm/Support/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mpgemm {

/// Refuses deep nesting before any recursive code sees it.
static void checkDepth(const std::string &text, const std::string &file) {
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > maxManifestDepth)
        throw Error(ErrorKind::InvalidArtifact, file + ": JSON is nested deeper than " +
                                                    std::to_string(maxManifestDepth) +
                                                    " levels at byte " + std::to_string(i));
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

JsonReader JsonReader::parse(const std::string &text, const std::string &file) {
  checkDepth(text, file);
  auto name = std::make_shared<const std::string>(file);
  try {
    auto root = std::make_shared<const nlohmann::json>(nlohmann::json::parse(text));
    return JsonReader(root, *root, name, "");
  } catch (const nlohmann::json::exception &error) {
    std::string reason = error.what();
    // The library's prefix "[json.exception.parse_error.101] " is of no use to the reader.
    if (size_t end = reason.find("] "); reason.rfind("[json.", 0) == 0 && end != std::string::npos)
      reason.erase(0, end + 2);
    throw Error(ErrorKind::InvalidArtifact, file + ": not valid JSON: " + reason);
  }
}

void JsonReader::fail(const std::string &what) const {
  throw Error(ErrorKind::InvalidArtifact, place() + " " + what);
}

std::string JsonReader::place() const {
  return *file + ": " + (path.empty() ? "the manifest" : path);
}

std::string JsonReader::describe() const {
  if (value->is_object())
    return "an object";
  if (value->is_array())
    return "a list of " + std::to_string(value->size());
  std::string text = value->dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 60)
    text = text.substr(0, 57) + "...";
  return text;
}

bool JsonReader::isList() const { return value->is_array(); }
bool JsonReader::isObject() const { return value->is_object(); }
bool JsonReader::isString() const { return value->is_string(); }
bool JsonReader::isInteger() const { return value->is_number_integer(); }

void JsonReader::onlyKeys(std::initializer_list<const char *> keys) const {
  if (!value->is_object())
    fail("is " + describe() + "; expected an object");
  for (auto it = value->begin(); it != value->end(); ++it) {
    bool known =
        std::any_of(keys.begin(), keys.end(), [&](const char *key) { return it.key() == key; });
    if (known)
      continue;
    std::string list;
    for (const char *key : keys)
      list += (list.empty() ? "" : ", ") + std::string(key);
    fail("has the unknown key '" + it.key() + "'; known are " + list);
  }
}

std::optional<JsonReader> JsonReader::optionalField(const char *key) const {
  if (!value->is_object())
    fail("is " + describe() + "; expected an object");
  auto found = value->find(key);
  if (found == value->end())
    return std::nullopt;
  return JsonReader(root, *found, file, path.empty() ? key : path + "." + key);
}

JsonReader JsonReader::field(const char *key) const {
  std::optional<JsonReader> found = optionalField(key);
  if (!found)
    fail(std::string("lacks '") + key + "'");
  return *found;
}

std::vector<std::string> JsonReader::keys() const {
  if (!value->is_object())
    fail("is " + describe() + "; expected an object");
  std::vector<std::string> result;
  for (auto it = value->begin(); it != value->end(); ++it)
    result.push_back(it.key());
  return result;
}

size_t JsonReader::size() const {
  if (!value->is_array())
    fail("is " + describe() + "; expected a list");
  return value->size();
}

JsonReader JsonReader::element(size_t index) const {
  if (index >= size())
    fail("has " + std::to_string(size()) + " elements; expected at least " +
         std::to_string(index + 1));
  return JsonReader(root, (*value)[index], file, path + "[" + std::to_string(index) + "]");
}

std::string JsonReader::string() const {
  if (!value->is_string())
    fail("is " + describe() + "; expected a string");
  return value->get<std::string>();
}

int64_t JsonReader::integer(int64_t least, int64_t most) const {
  bool isSmall = value->is_number_integer() &&
                 (!value->is_number_unsigned() ||
                  value->get<uint64_t>() <= uint64_t(std::numeric_limits<int64_t>::max()));
  if (isSmall) {
    int64_t result = value->get<int64_t>();
    if (result >= least && result <= most)
      return result;
  }
  bool anyInteger =
      least == std::numeric_limits<int64_t>::min() && most == std::numeric_limits<int64_t>::max();
  fail("is " + describe() + "; expected an integer" +
       (anyInteger ? " of 64 bits"
                   : " from " + std::to_string(least) + " to " + std::to_string(most)));
}

double JsonReader::number() const {
  if (!value->is_number())
    fail("is " + describe() + "; expected a number");
  return value->get<double>();
}

bool JsonReader::boolean() const {
  if (!value->is_boolean())
    fail("is " + describe() + "; expected true or false");
  return value->get<bool>();
}

} // namespace mpgemm
