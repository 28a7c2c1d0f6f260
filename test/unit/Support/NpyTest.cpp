#include "mpgemm/Support/Npy.h"
#include "mpgemm/Support/Error.h"
#include "mpgemm/Support/File.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>

using namespace mpgemm;
using ::testing::HasSubstr;

static std::string path() {
  return ::testing::TempDir() + "mpgemm_npy_" +
         ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".npy";
}

static std::string writeFile(const std::string &contents) {
  writeFileAtomically(path(), [&](std::ostream &out) { out << contents; });
  return path();
}

/// A version 1 file with the given header text.
static std::string withHeader(const std::string &header, const std::string &data) {
  std::string text("\x93NUMPY\x01\0", 8);
  text += char(header.size() & 0xFF);
  text += char(header.size() >> 8);
  return writeFile(text + header + data);
}

static std::string messageFor(const std::string &file) {
  try {
    readNpy(file);
  } catch (const Error &error) {
    std::string message = error.what();
    return message.rfind(file + ": not a usable .npy file: ", 0) == 0
               ? message.substr(file.size() + 26)
               : message;
  }
  return "(no error)";
}

TEST(Npy, RoundTripOfEveryType) {
  for (ElementType type :
       {ElementType::F64, ElementType::F32, ElementType::F16, ElementType::BF16,
        ElementType::F8E4M3FN, ElementType::F8E5M2, ElementType::F8E8M0FNU, ElementType::I64,
        ElementType::I32, ElementType::I16, ElementType::I8, ElementType::U8, ElementType::I1})
    for (const std::vector<int64_t> &shape : {std::vector<int64_t>{}, {3}, {0, 4}, {2, 3, 4}}) {
      int64_t count = 1;
      for (int64_t size : shape)
        count *= size;
      std::string data;
      for (size_t i = 0; i < size_t(count) * elementBytes(type); ++i)
        data += char(i * 37);
      writeFileAtomically(path(), [&](std::ostream &out) { writeNpy(out, type, shape, data); });
      EXPECT_EQ((readFile(path()).size() - data.size()) % 64, 0u) << "the data is not aligned";
      NpyArray array = readNpy(path());
      bool asMlDtypes = type == ElementType::BF16 || type == ElementType::F8E4M3FN ||
                        type == ElementType::F8E5M2 || type == ElementType::F8E8M0FNU;
      if (asMlDtypes)
        EXPECT_TRUE(array.isRaw() && !array.type);
      else
        EXPECT_EQ(array.type, type);
      EXPECT_EQ(array.elementBytes, elementBytes(type));
      EXPECT_EQ(array.shape, shape);
      EXPECT_EQ(array.data, data);
    }
}

TEST(Npy, ReadsWhatNumpyWrites) {
  NpyArray array =
      readNpy(withHeader("{'descr': '<V2', 'fortran_order': False, 'shape': (2,), }             \n",
                         "\x80\x3f\x01\x40"));
  EXPECT_TRUE(array.isRaw());
  EXPECT_EQ(array.shape, std::vector<int64_t>{2});
  array = readNpy(
      withHeader("{'descr': 'bfloat16', 'fortran_order': False, 'shape': (1, 1), }\n", "\x80\x3f"));
  EXPECT_EQ(array.type, ElementType::BF16);
  array = readNpy(withHeader("{'descr': '<u2', 'fortran_order': False, 'shape': (), }\n", "ab"));
  EXPECT_FALSE(array.type || array.isRaw());
}

TEST(Npy, MistakesAreNamed) {
  EXPECT_EQ(messageFor(writeFile("PK not numpy")), "it does not begin with the bytes \\x93NUMPY");
  EXPECT_EQ(messageFor(writeFile(std::string("\x93NUMPY\x09\0\0\0", 10))),
            "it has format version 9; 1 to 3 are supported");
  EXPECT_EQ(messageFor(writeFile(std::string("\x93NUMPY\x01\0\xff\xff{", 11))),
            "it ends inside the header");
  EXPECT_EQ(
      messageFor(withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "12345678")),
      "it has 8 bytes of data, but shape and type make 12");
  EXPECT_EQ(messageFor(withHeader("{'descr': '<f4', 'fortran_order': True, 'shape': (3,)}", "")),
            "the array is in Fortran order; save it with np.ascontiguousarray");
  EXPECT_THAT(messageFor(withHeader("{'descr': '>f4', 'fortran_order': False, 'shape': ()}", "")),
              HasSubstr("element type '>f4' is big endian"));
  EXPECT_THAT(messageFor(withHeader("{'descr': '<c16', 'fortran_order': False, 'shape': ()}", "")),
              HasSubstr("element type '<c16'; little-endian"));
  EXPECT_THAT(messageFor(withHeader("{'descr': [('a', '<f4')], 'shape': ()}", "")),
              HasSubstr("structured types are not supported"));
  EXPECT_EQ(messageFor(withHeader("{'descr': '<f4', 'fortran_order': False}", "")),
            "the header lacks descr, fortran_order or shape");
  EXPECT_EQ(messageFor(withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': "
                                  "(99999999999999999999,)}",
                                  "")),
            "a size does not fit 64 bits");
  EXPECT_EQ(messageFor(withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': "
                                  "(4611686018427387904, 8)}",
                                  "")),
            "its shape has more bytes than 64 bits can count");
}
