//===- MappedFile.cpp - A file read through memory mapping --------------------===//
#include "mpgemm/Support/MappedFile.h"

#include "mpgemm/Support/Error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mpgemm {

MappedFile::MappedFile(const std::string &path) {
  auto fail = [&](const std::string &why) -> Error {
    return Error(ErrorKind::InvalidArgument, "cannot read '" + path + "': " + why);
  };
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    throw fail(std::strerror(errno));
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    throw fail("it is not a regular file");
  }
  bytes = size_t(status.st_size);
  if (bytes > 0) {
    address = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
    int error = errno;
    ::close(descriptor);
    if (address == MAP_FAILED) {
      address = nullptr;
      throw fail(std::strerror(error));
    }
  } else {
    ::close(descriptor);
  }
}

MappedFile::~MappedFile() {
  if (address)
    ::munmap(address, bytes);
}

} // namespace mpgemm
