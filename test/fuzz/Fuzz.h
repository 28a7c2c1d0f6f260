//===- Fuzz.h - What the fuzzing harnesses share ----------------*- C++ -*-===//
//
// A harness hands bytes to one reader. The reader may return or throw mpgemm::Error with a message;
// everything else (another exception, a signal, a report of a sanitizer, more memory than
// Memory.cpp allows) ends the process, and libFuzzer writes the bytes to a file.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_TEST_FUZZ_FUZZ_H
#define MPGEMM_TEST_FUZZ_FUZZ_H

#include "mpgemm/Support/Error.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace mpgemm {
namespace fuzz {

/// Ends the process with a reason: a property that must hold does not.
[[noreturn]] void fail(const std::string &why);

/// Memory.cpp throws std::bad_alloc for more.
extern size_t largestBlock;

/// A file in memory whose contents can be replaced, readable under a path.
class MemoryFile {
public:
  MemoryFile();
  void set(const std::string &contents);
  const std::string &path() const { return path_; }
  /// The last component of the path; the directory is the same for all of them.
  std::string name() const;

private:
  int descriptor = -1;
  std::string path_;
};

/// Runs `body`, which may throw Error with a message that says something.
template <typename Body> void allowErrors(Body body) {
  try {
    body();
  } catch (const Error &error) {
    if (std::string(error.what()).size() < 8)
      fail(std::string("an error without a reason: '") + error.what() + "'");
  }
}

//===- Mutators -------------------------------------------------------------===//

/// Changes a JSON text by its structure: numbers become interesting ones, members and elements are
/// removed, doubled, exchanged or replaced by others of the document. A text that is not JSON is
/// changed byte by byte.
std::string mutateJson(const std::string &text, size_t most, unsigned seed);

/// Changes a text by lines and tokens: removes, doubles, exchanges them, and puts one of `words` or
/// a token of elsewhere in the place of another.
std::string mutateTokens(const std::string &text, const char *const *words, size_t wordCount,
                         size_t most, unsigned seed);

/// Writes a mutated text where libFuzzer wants it; cuts it at `most`.
size_t store(const std::string &text, uint8_t *data, size_t most);

} // namespace fuzz
} // namespace mpgemm

#endif // MPGEMM_TEST_FUZZ_FUZZ_H
