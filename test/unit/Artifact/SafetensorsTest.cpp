#include "TestArtifact.h"

using namespace mpgemm;
using namespace mpgemm::test;

static std::string writeSafetensors(const std::string &header, const std::string &data,
                                    int64_t claimed = -1) {
  std::string path = testDirectory() + "w.safetensors", text;
  uint64_t length = claimed < 0 ? header.size() : uint64_t(claimed);
  for (int i = 0; i < 8; ++i)
    text += char(length >> (8 * i));
  writeText(path, text + header + data);
  return path;
}

static std::string messageFor(const std::string &header, const std::string &data,
                              int64_t claimed = -1) {
  std::string path = writeSafetensors(header, data, claimed);
  std::string message = messageOf([&] { SafetensorsFile file(path); });
  return message.rfind(path, 0) == 0 ? message.substr(path.size()) : message;
}

TEST(Safetensors, ReadsTensors) {
  SafetensorsFile file(writeSafetensors(R"({"__metadata__": {"a": "b"},
                          "x": {"dtype": "BF16", "shape": [2, 1], "data_offsets": [0, 4]},
                          "e": {"dtype": "F32", "shape": [0], "data_offsets": [4, 4]}})",
                                        std::string("\x80\x3f\0\x40", 4)));
  ASSERT_EQ(file.tensors().size(), 2u);
  const auto &x = file.tensors().at("x");
  EXPECT_EQ(x.type, ElementType::BF16);
  EXPECT_EQ(x.shape, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(decodeElement(x.type, x.data + 2), 2.0);
}

TEST(Safetensors, DamageIsNamed) {
  EXPECT_EQ(
      messageFor("{}", "", 100),
      ": not a safetensors file: it claims a header of 100 bytes, but has 2 after the length");
  EXPECT_EQ(messageFor(R"({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", "1234"),
            ": x.data_offsets[1] is 8; expected an integer from 0 to 4");
  EXPECT_EQ(messageFor(R"({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}})", "1234"),
            ": x.data_offsets spans 4 bytes, but shape and dtype make 8");
  EXPECT_EQ(messageFor(R"({"x": {"dtype": "Q3", "shape": [2], "data_offsets": [0, 4]}})", "1234"),
            ": x.dtype is 'Q3'; known are F64, F32, F16, BF16, F8_E4M3, F8_E5M2, F8_E8M0, I64, "
            "I32, I16, I8, "
            "U8, BOOL");
  std::string path = testDirectory() + "short";
  writeText(path, "1234");
  EXPECT_EQ(messageOf([&] { SafetensorsFile file(path); }),
            path + ": not a safetensors file: it has 4 bytes; the header takes 8 or more");
}
