//===- Fuzz.cpp - What the fuzzing harnesses share ----------------------------===//
#include "Fuzz.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace mpgemm {
namespace fuzz {

void fail(const std::string &why) {
  std::fprintf(stderr, "property violated: %s\n", why.c_str());
  std::abort();
}

MemoryFile::MemoryFile() : descriptor(memfd_create("fuzz", MFD_CLOEXEC)) {
  if (descriptor < 0)
    fail("memfd_create");
  path_ = "/proc/self/fd/" + std::to_string(descriptor);
}

void MemoryFile::set(const std::string &contents) {
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, contents.data(), contents.size(), 0) != ssize_t(contents.size()))
    fail("cannot write a file in memory");
}

std::string MemoryFile::name() const { return std::to_string(descriptor); }

size_t store(const std::string &text, uint8_t *data, size_t most) {
  size_t size = text.size() < most ? text.size() : most;
  std::memcpy(data, text.data(), size);
  return size;
}

} // namespace fuzz
} // namespace mpgemm
