#include "mpgemm/Support/Sha256.h"

#include <gtest/gtest.h>

using namespace mpgemm;

// The examples of FIPS 180-2, appendix B, and the empty message.
TEST(Sha256, StandardVectors) {
  EXPECT_EQ(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256Hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheSameDigest) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += static_cast<char>(i * 7);
  for (size_t length : {0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 299}) {
    std::string whole = sha256Hex(text.substr(0, length));
    for (size_t piece : {1, 3, 64}) {
      Sha256 hash;
      for (size_t at = 0; at < length; at += piece)
        hash.update(text.data() + at, std::min(piece, length - at));
      EXPECT_EQ(hash.finishHex(), whole) << length << " bytes in pieces of " << piece;
    }
  }
}
