//===- Mutate.cpp - Mutators that keep the syntax, mostly ---------------------===//
#include "Fuzz.h"

#include <nlohmann/json.hpp>

#include <cctype>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

namespace mpgemm {
namespace fuzz {

using Random = std::minstd_rand;
using Json = nlohmann::ordered_json;

static size_t pick(Random &random, size_t count) { return count ? random() % count : 0; }

static std::string mutateBytes(const std::string &text, size_t most) {
  std::string result = text;
  result.resize(most);
  size_t size = LLVMFuzzerMutate(reinterpret_cast<uint8_t *>(&result[0]), text.size(), most);
  result.resize(size);
  return result;
}

static int64_t interestingNumber(Random &random) {
  static const int64_t numbers[] = {0,
                                    1,
                                    2,
                                    3,
                                    4,
                                    7,
                                    8,
                                    15,
                                    16,
                                    17,
                                    32,
                                    64,
                                    127,
                                    128,
                                    129,
                                    255,
                                    256,
                                    257,
                                    1024,
                                    1025,
                                    65535,
                                    65536,
                                    1 << 24,
                                    (1 << 24) + 1,
                                    INT32_MAX,
                                    int64_t(INT32_MAX) + 1,
                                    int64_t(1) << 32,
                                    int64_t(1) << 40,
                                    int64_t(1) << 48,
                                    int64_t(1) << 62,
                                    INT64_MAX,
                                    INT64_MIN,
                                    -1,
                                    -8};
  return numbers[pick(random, std::size(numbers))];
}

//===- JSON -----------------------------------------------------------------===//

static void collect(Json &value, std::vector<Json *> &into) {
  into.push_back(&value);
  if (value.is_structured())
    for (Json &child : value)
      collect(child, into);
}

static void mutateNumber(Json &value, Random &random) {
  if (random() % 2 && value.is_number_integer()) {
    auto changed = uint64_t(value.get<int64_t>()) + random() % 9 - 4;
    value = int64_t(changed);
  } else if (random() % 8 == 0) {
    value = random() % 2 ? 1.5 : 1e300;
  } else {
    value = interestingNumber(random);
  }
}

static void mutateList(Json &value, Random &random) {
  size_t count = value.size();
  if (count == 0) {
    value.push_back(interestingNumber(random));
    return;
  }
  size_t a = pick(random, count), b = pick(random, count);
  switch (random() % 3) {
  case 0:
    value.erase(a);
    break;
  case 1: {
    Json copy = value[a];
    value.insert(value.begin() + ptrdiff_t(b), copy);
    break;
  }
  default:
    std::swap(value[a], value[b]);
  }
}

static void mutateObject(Json &value, Random &random) {
  if (value.empty())
    return;
  auto a = value.begin();
  std::advance(a, pick(random, value.size()));
  auto b = value.begin();
  std::advance(b, pick(random, value.size()));
  if (random() % 3 == 0)
    value.erase(a);
  else
    std::swap(a.value(), b.value());
}

static void mutateValue(Json &value, std::vector<Json *> &all, Random &random) {
  if (random() % 4 == 0) {
    // A copy first: the other may lie inside this one.
    Json other = *all[pick(random, all.size())];
    if (other.dump().size() < 4000)
      value = std::move(other);
  } else if (value.is_number()) {
    mutateNumber(value, random);
  } else if (value.is_array()) {
    mutateList(value, random);
  } else if (value.is_object()) {
    mutateObject(value, random);
  } else if (random() % 2) {
    value = interestingNumber(random);
  } else {
    value = random() % 2 ? Json(nullptr) : Json("");
  }
}

std::string mutateJson(const std::string &text, size_t most, unsigned seed) {
  Random random(seed);
  if (random() % 8 == 0)
    return mutateBytes(text, most);
  Json root = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded())
    return mutateBytes(text, most);
  for (unsigned n = 1 + random() % 3; n > 0; --n) {
    std::vector<Json *> all;
    collect(root, all);
    mutateValue(*all[pick(random, all.size())], all, random);
  }
  return root.dump(-1, ' ', true, Json::error_handler_t::replace);
}

//===- Text -----------------------------------------------------------------===//

static std::vector<std::string> cutTokens(const std::string &text) {
  std::vector<std::string> tokens;
  auto isWord = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '%' || c == '$';
  };
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (isWord(text[at]))
      while (end < text.size() && isWord(text[end]))
        ++end;
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

static std::vector<std::string> cutLines(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

std::string mutateTokens(const std::string &text, const char *const *words, size_t wordCount,
                         size_t most, unsigned seed) {
  Random random(seed);
  if (random() % 8 == 0 || text.empty())
    return mutateBytes(text, most);
  std::vector<std::string> parts = random() % 3 ? cutTokens(text) : cutLines(text);
  for (unsigned n = 1 + random() % 3; n > 0 && !parts.empty(); --n) {
    size_t a = pick(random, parts.size()), b = pick(random, parts.size());
    switch (random() % 6) {
    case 0:
      parts.erase(parts.begin() + ptrdiff_t(a));
      break;
    case 1: {
      std::string copy = parts[a];
      parts.insert(parts.begin() + ptrdiff_t(b), copy);
      break;
    }
    case 2:
      std::swap(parts[a], parts[b]);
      break;
    case 3:
      parts[a] = parts[b];
      break;
    case 4:
      parts[a] = words[pick(random, wordCount)];
      break;
    default:
      // A number, at a place where there is one.
      for (size_t tries = 0; tries < 64 && !std::isdigit(static_cast<unsigned char>(parts[a][0]));
           ++tries)
        a = pick(random, parts.size());
      parts[a] = std::to_string(interestingNumber(random));
    }
  }
  std::string result;
  for (const std::string &part : parts)
    result += part;
  return result;
}

} // namespace fuzz
} // namespace mpgemm
