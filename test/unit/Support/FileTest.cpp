#include "mpgemm/Support/File.h"
#include "mpgemm/Support/Error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>
#include <sys/stat.h>

using namespace mpgemm;

TEST(File, RoundTrip) {
  std::string path = ::testing::TempDir() + "file_round_trip";
  std::string contents("a\0b\n", 4);
  writeFileAtomically(path, [&](std::ostream &out) { out.write(contents.data(), 4); });
  EXPECT_EQ(readFile(path), contents);
}

TEST(File, ExistingFileSurvivesAFailure) {
  std::string path = ::testing::TempDir() + "file_survives";
  writeFileAtomically(path, [](std::ostream &out) { out << "old"; });
  EXPECT_THROW(writeFileAtomically(path,
                                   [](std::ostream &out) {
                                     out << "half of the new";
                                     throw Error(ErrorKind::Device, "failed");
                                   }),
               Error);
  EXPECT_EQ(readFile(path), "old");
}

TEST(File, ErrorsNameThePathAndTheReason) {
  try {
    readFile("/nonexistent/file");
    FAIL();
  } catch (const Error &error) {
    EXPECT_STREQ(error.what(), "cannot read '/nonexistent/file': No such file or directory");
  }
  try {
    readFile(::testing::TempDir());
    FAIL();
  } catch (const Error &error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("it is a directory"));
  }
}

TEST(File, DirectoryOf) {
  EXPECT_EQ(directoryOf("model.ptx"), "");
  EXPECT_EQ(directoryOf("a/b/model.ptx"), "a/b/");
}
