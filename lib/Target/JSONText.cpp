// JSON as the manifest is written.
#include "mpgemm/Target/JSONText.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static constexpr size_t lineWidth = 110;

static void printString(raw_ostream &os, StringRef text) {
  SmallVector<UTF16, 64> units;
  if (!convertUTF8ToUTF16String(json::fixUTF8(text), units))
    units.clear();
  os << '"';
  for (UTF16 unit : units) {
    if (unit == '"' || unit == '\\')
      os << '\\' << static_cast<char>(unit);
    else if (unit < 0x20 || unit > 0x7e)
      os << formatv("\\u{0:x-4}", static_cast<unsigned>(unit));
    else
      os << static_cast<char>(unit);
  }
  os << '"';
}

static std::string printCompact(const json::Value &value) {
  std::string text;
  raw_string_ostream os(text);
  if (const json::Array *array = value.getAsArray()) {
    os << '[';
    interleave(*array, os, [&](const json::Value &element) { os << printCompact(element); }, ", ");
    os << ']';
  } else if (const json::Object *object = value.getAsObject()) {
    SmallVector<std::pair<StringRef, const json::Value *>> entries;
    for (const auto &[key, element] : *object)
      entries.push_back({key, &element});
    sort(entries, less_first());
    os << '{';
    interleave(
        entries, os,
        [&](const auto &entry) {
          printString(os, entry.first);
          os << ": " << printCompact(*entry.second);
        },
        ", ");
    os << '}';
  } else if (std::optional<StringRef> string = value.getAsString()) {
    printString(os, *string);
  } else {
    os << value;
  }
  return text;
}

static void printWrapped(raw_ostream &os, const json::Value &value, size_t indent) {
  std::string compact = printCompact(value);
  const json::Array *array = value.getAsArray();
  const json::Object *object = value.getAsObject();
  bool isShort = indent > 0 && indent + compact.size() <= lineWidth;
  if (isShort || (!array && !object) || compact.size() == 2) {
    os << compact;
    return;
  }
  std::string margin(indent + 1, ' ');
  auto separate = [&] { os << ",\n" << margin; };
  if (array) {
    os << "[\n" << margin;
    interleave(
        *array, [&](const json::Value &element) { printWrapped(os, element, indent + 1); },
        separate);
    os << ']';
    return;
  }
  SmallVector<std::pair<StringRef, const json::Value *>> entries;
  for (const auto &[key, element] : *object)
    entries.push_back({key, &element});
  sort(entries, less_first());
  os << '{';
  interleave(
      entries,
      [&](const auto &entry) {
        printString(os, entry.first);
        os << ": ";
        printWrapped(os, *entry.second, indent + 1);
      },
      separate);
  os << '}';
}

std::string mlir::mpgemm::printJSON(const json::Value &value) {
  std::string text;
  raw_string_ostream os(text);
  printWrapped(os, value, 0);
  return text;
}
