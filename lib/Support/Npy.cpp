//===- Npy.cpp - NumPy's .npy files -------------------------------------------===//
//
// The format: the bytes \x93NUMPY, two bytes of version, the length of the header (2 bytes in
// version 1, else 4), the header (a Python dict literal with the keys descr, fortran_order and
// shape), the data.
//
//===----------------------------------------------------------------------===//
#include "mpgemm/Support/Npy.h"

#include "mpgemm/Support/CheckedMath.h"
#include "mpgemm/Support/Error.h"
#include "mpgemm/Support/File.h"

#include <cctype>
#include <ostream>

namespace mpgemm {

namespace {

struct DescrRow {
  const char *descr; ///< Without the byte order.
  std::optional<ElementType> type;
  size_t bytes;
};

const DescrRow descrRows[] = {
    {"f8", ElementType::F64, 8}, {"f4", ElementType::F32, 4}, {"f2", ElementType::F16, 2},
    {"i8", ElementType::I64, 8}, {"i4", ElementType::I32, 4}, {"i2", ElementType::I16, 2},
    {"i1", ElementType::I8, 1},  {"u1", ElementType::U8, 1},  {"b1", ElementType::I1, 1},
    {"V1", std::nullopt, 1},     {"V2", std::nullopt, 2},     {"u2", std::nullopt, 2},
    {"u4", std::nullopt, 4},     {"u8", std::nullopt, 8},
};
const std::pair<const char *, ElementType> namedRows[] = {
    {"bfloat16", ElementType::BF16},
    {"float8_e4m3fn", ElementType::F8E4M3FN},
    {"float8_e5m2", ElementType::F8E5M2},
    {"float8_e8m0fnu", ElementType::F8E8M0FNU},
};

/// Reads the few literals that the header's dict consists of.
class HeaderParser {
public:
  HeaderParser(const std::string &path, const std::string &text) : path(path), text(text) {}

  void parse(NpyArray &array) {
    expect('{');
    bool haveDescr = false, haveOrder = false, haveShape = false;
    while (!accept('}')) {
      std::string key = quoted();
      expect(':');
      if (key == "descr") {
        setDescr(array, quoted());
        haveDescr = true;
      } else if (key == "fortran_order") {
        if (word() != "False")
          fail("the array is in Fortran order; save it with np.ascontiguousarray");
        haveOrder = true;
      } else if (key == "shape") {
        array.shape = tuple();
        haveShape = true;
      } else {
        fail("the header has the unknown key '" + key + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!haveDescr || !haveOrder || !haveShape)
      fail("the header lacks descr, fortran_order or shape");
  }

private:
  [[noreturn]] void fail(const std::string &what) {
    throw Error(ErrorKind::InvalidArgument, path + ": not a usable .npy file: " + what);
  }
  void skipBlanks() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n'))
      ++at;
  }
  bool accept(char c) {
    skipBlanks();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  void expect(char c) {
    if (!accept(c))
      fail(std::string("expected '") + c + "' at byte " + std::to_string(at) + " of the header");
  }
  std::string quoted() {
    skipBlanks();
    char quote = at < text.size() ? text[at] : '\0';
    if (quote != '\'' && quote != '"')
      fail("expected a quoted string at byte " + std::to_string(at) +
           " of the header (structured types are not supported)");
    size_t end = text.find(quote, at + 1);
    if (end == std::string::npos)
      fail("the header has an unfinished string");
    std::string result = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return result;
  }
  std::string word() {
    skipBlanks();
    size_t begin = at;
    while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])))
      ++at;
    return text.substr(begin, at - begin);
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      skipBlanks();
      size_t begin = at;
      int64_t size = 0;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        if (!checkedMul(size, 10, size) || !checkedAdd(size, text[at] - '0', size))
          fail("a size does not fit 64 bits");
        ++at;
      }
      if (at == begin)
        fail("expected a size at byte " + std::to_string(at) + " of the header");
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }
  void setDescr(NpyArray &array, const std::string &descr) {
    array.descr = descr;
    for (const auto &row : namedRows)
      if (descr == row.first) {
        array.type = row.second;
        array.elementBytes = elementBytes(row.second);
        return;
      }
    bool bigEndian = !descr.empty() && descr[0] == '>';
    for (const DescrRow &row : descrRows)
      if (!bigEndian && descr.size() == 3 && descr.substr(1) == row.descr) {
        array.type = row.type;
        array.elementBytes = row.bytes;
        return;
      }
    fail("element type '" + descr + "'" + (bigEndian ? " is big endian" : "") +
         "; little-endian f8 f4 f2 i8 i4 i2 i1 u8 u4 u2 u1 b1 and V1, V2 (bfloat16, float8) are "
         "supported");
  }

  const std::string &path;
  const std::string &text;
  size_t at = 0;
};

} // namespace

NpyArray readNpy(const std::string &path) {
  std::string file = readFile(path);
  auto fail = [&](const std::string &what) {
    return Error(ErrorKind::InvalidArgument, path + ": not a usable .npy file: " + what);
  };
  static const std::string magic = "\x93NUMPY";
  if (file.size() < 10 || file.compare(0, magic.size(), magic) != 0)
    throw fail("it does not begin with the bytes \\x93NUMPY");
  int version = static_cast<unsigned char>(file[6]);
  if (version < 1 || version > 3)
    throw fail("it has format version " + std::to_string(version) + "; 1 to 3 are supported");
  size_t lengthBytes = version == 1 ? 2 : 4, headerBytes = 0;
  if (file.size() < 8 + lengthBytes)
    throw fail("it ends inside the header");
  for (size_t i = 0; i < lengthBytes; ++i)
    headerBytes |= size_t(static_cast<unsigned char>(file[8 + i])) << (8 * i);
  size_t dataAt = 8 + lengthBytes + headerBytes;
  if (dataAt > file.size())
    throw fail("it ends inside the header");
  NpyArray array;
  HeaderParser(path, file.substr(8 + lengthBytes, headerBytes)).parse(array);
  auto bytes = int64_t(array.elementBytes);
  for (int64_t size : array.shape)
    if (!checkedMul(bytes, size, bytes))
      throw fail("its shape has more bytes than 64 bits can count");
  if (uint64_t(bytes) != file.size() - dataAt)
    throw fail("it has " + std::to_string(file.size() - dataAt) +
               " bytes of data, but shape and type make " + std::to_string(bytes));
  file.erase(0, dataAt);
  array.data = std::move(file);
  return array;
}

static std::string descrOf(ElementType type) {
  switch (type) {
  case ElementType::BF16:
    return "<V2";
  case ElementType::F8E4M3FN:
  case ElementType::F8E5M2:
  case ElementType::F8E8M0FNU:
    return "<V1";
  default:
    break;
  }
  for (const DescrRow &row : descrRows)
    if (row.type == type)
      return (row.bytes > 1 ? "<" : "|") + std::string(row.descr);
  return "";
}

void writeNpy(std::ostream &out, ElementType type, const std::vector<int64_t> &shape,
              const std::string &data) {
  std::string header = "{'descr': '" + descrOf(type) + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i)
    header += std::to_string(shape[i]) + (shape.size() == 1 || i + 1 < shape.size() ? "," : "") +
              (i + 1 < shape.size() ? " " : "");
  header += "), }";
  // The data begins at a multiple of 64 bytes, behind a line end.
  size_t padding = 63 - (10 + header.size()) % 64;
  header.append(padding, ' ');
  header += '\n';
  out << "\x93NUMPY" << '\x01' << '\0' << char(header.size() & 0xFF) << char(header.size() >> 8)
      << header;
  out.write(data.data(), std::streamsize(data.size()));
}

} // namespace mpgemm
