//===- TestArtifact.h - The artifact made by hand, and variations of it -*- C++ -*-===//
#ifndef MPGEMM_TEST_UNIT_TESTARTIFACT_H
#define MPGEMM_TEST_UNIT_TESTARTIFACT_H

#include "mpgemm/Artifact/Artifact.h"
#include "mpgemm/Support/Error.h"
#include "mpgemm/Support/File.h"
#include "mpgemm/Support/Sha256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <ostream>
#include <string>

namespace mpgemm {
namespace test {

inline std::string inputPath(const std::string &name) {
  return std::string(MPGEMM_TEST_INPUTS) + "/" + name;
}

/// The artifact of test/inputs/make_vector_add.py.
inline std::string vectorAddPath() { return inputPath("vector-add.ptx"); }

/// The PTX text behind the manifest of a file.
inline std::string ptxOf(const std::string &path) {
  static const std::string end = "// mpgemm-artifact end\n";
  std::string text = readFile(path);
  return text.substr(text.find(end) + end.size());
}

/// A directory of the running test's own.
inline std::string testDirectory() {
  const auto *info = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(info->test_suite_name()) + "_" + info->name();
  for (char &c : name)
    if (c == '/')
      c = '_';
  std::string path = ::testing::TempDir() + "mpgemm_" + name + "/";
  std::string command = "rm -rf '" + path + "' && mkdir -p '" + path + "'";
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error("cannot create " + path);
  return path;
}

inline void writeText(const std::string &path, const std::string &text) {
  writeFileAtomically(path, [&](std::ostream &out) { out << text; });
}

/// Writes an artifact of the given manifest and PTX and returns its path. The hash is put right.
inline std::string writeArtifact(nlohmann::ordered_json manifest, const std::string &ptx) {
  std::string directory = testDirectory();
  writeText(directory + "vector-add.safetensors", readFile(inputPath("vector-add.safetensors")));
  if (manifest.is_object() && manifest.contains("image_sha256"))
    manifest["image_sha256"] = sha256Hex(ptx);
  std::string text = "// mpgemm-artifact 1\n";
  std::string json = manifest.dump(1) + "\n";
  for (size_t at = 0; at < json.size();) {
    size_t end = json.find('\n', at);
    text += "// " + json.substr(at, end - at) + "\n";
    at = end + 1;
  }
  writeText(directory + "model.ptx", text + "// mpgemm-artifact end\n" + ptx);
  return directory + "model.ptx";
}

/// The artifact made by hand with a change to its manifest.
inline std::string writeVariation(const std::function<void(nlohmann::ordered_json &)> &change) {
  auto manifest = nlohmann::ordered_json::parse(readManifestText(vectorAddPath()));
  change(manifest);
  return writeArtifact(manifest, ptxOf(vectorAddPath()));
}

/// The message of the Error that `body` throws.
inline std::string messageOf(const std::function<void()> &body) {
  try {
    body();
  } catch (const Error &error) {
    return error.what();
  }
  return "(no error)";
}

} // namespace test
} // namespace mpgemm

#endif // MPGEMM_TEST_UNIT_TESTARTIFACT_H
