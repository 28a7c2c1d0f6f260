//===- Safetensors.cpp - Reader of .safetensors files -------------------------===//
#include "mpgemm/Artifact/Safetensors.h"

#include "JsonReader.h"

#include "mpgemm/Support/CheckedMath.h"
#include "mpgemm/Support/Error.h"
#include "mpgemm/Support/Sha256.h"

namespace mpgemm {

static ElementType readDtype(const JsonReader &json) {
  static const std::pair<const char *, ElementType> rows[] = {
      {"F64", ElementType::F64},
      {"F32", ElementType::F32},
      {"F16", ElementType::F16},
      {"BF16", ElementType::BF16},
      {"F8_E4M3", ElementType::F8E4M3FN},
      {"F8_E5M2", ElementType::F8E5M2},
      {"F8_E8M0", ElementType::F8E8M0FNU},
      {"I64", ElementType::I64},
      {"I32", ElementType::I32},
      {"I16", ElementType::I16},
      {"I8", ElementType::I8},
      {"U8", ElementType::U8},
      {"BOOL", ElementType::I1},
  };
  std::string name = json.string();
  std::string known;
  for (const auto &row : rows) {
    if (name == row.first)
      return row.second;
    known += (known.empty() ? "" : ", ") + std::string(row.first);
  }
  json.fail("is '" + name + "'; known are " + known);
}

SafetensorsFile::SafetensorsFile(const std::string &path) : file(path) {
  auto fail = [&](const std::string &why) -> Error {
    return Error(ErrorKind::InvalidArtifact, path + ": not a safetensors file: " + why);
  };
  if (file.size() < 8)
    throw fail("it has " + std::to_string(file.size()) + " bytes; the header takes 8 or more");
  uint64_t headerBytes = 0;
  for (int i = 0; i < 8; ++i)
    headerBytes |= uint64_t(file.data()[i]) << (8 * i);
  constexpr uint64_t largestHeader = uint64_t(1) << 28;
  if (headerBytes > file.size() - 8 || headerBytes > largestHeader)
    throw fail("it claims a header of " + std::to_string(headerBytes) + " bytes, but has " +
               std::to_string(file.size() - 8) + " after the length");
  const unsigned char *data = file.data() + 8 + headerBytes;
  auto dataBytes = int64_t(file.size() - 8 - headerBytes);
  std::string header(reinterpret_cast<const char *>(file.data() + 8), headerBytes);

  JsonReader json = JsonReader::parse(header, path);
  for (const std::string &name : json.keys()) {
    if (name == "__metadata__")
      continue;
    JsonReader entry = json.field(name);
    Tensor tensor;
    tensor.type = readDtype(entry.field("dtype"));
    JsonReader shape = entry.field("shape"), offsets = entry.field("data_offsets");
    auto bytes = int64_t(elementBytes(tensor.type));
    for (size_t i = 0; i < shape.size(); ++i) {
      tensor.shape.push_back(shape.element(i).integer(0, int64_t(1) << 48));
      if (!checkedMul(bytes, tensor.shape.back(), bytes))
        shape.fail("has more bytes than 64 bits can count");
    }
    if (offsets.size() != 2)
      offsets.fail("has " + std::to_string(offsets.size()) + " elements; expected 2");
    int64_t begin = offsets.element(0).integer(0, dataBytes);
    int64_t end = offsets.element(1).integer(begin, dataBytes);
    if (end - begin != bytes)
      offsets.fail("spans " + std::to_string(end - begin) + " bytes, but shape and dtype make " +
                   std::to_string(bytes));
    tensor.data = data + begin;
    tensor.bytes = size_t(bytes);
    byName.emplace(name, std::move(tensor));
  }
}

std::string SafetensorsFile::sha256() const {
  Sha256 hash;
  hash.update(file.data(), file.size());
  return hash.finishHex();
}

} // namespace mpgemm
