//===- File.cpp - Whole files in, whole files out -----------------------------===//
#include "mpgemm/Support/File.h"

#include "mpgemm/Support/Error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace mpgemm {

std::string readFile(const std::string &path) {
  auto fail = [&](const std::string &why) -> Error {
    return Error(ErrorKind::InvalidArgument, "cannot read '" + path + "': " + why);
  };
  struct stat status;
  if (::stat(path.c_str(), &status) != 0)
    throw fail(std::strerror(errno));
  if (S_ISDIR(status.st_mode))
    throw fail("it is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw fail(errno ? std::strerror(errno) : "it cannot be opened");
  std::string contents;
  contents.reserve(S_ISREG(status.st_mode) ? size_t(status.st_size) : 0);
  char chunk[1 << 16];
  while (file.read(chunk, sizeof(chunk)) || file.gcount() > 0)
    contents.append(chunk, size_t(file.gcount()));
  if (file.bad())
    throw fail("reading stopped after " + std::to_string(contents.size()) + " bytes");
  return contents;
}

void writeFileAtomically(const std::string &path,
                         const std::function<void(std::ostream &)> &write) {
  // A device or a pipe is written where it is: renaming a file over /dev/null would replace it.
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    errno = 0;
    std::ofstream file(path, std::ios::binary);
    if (file)
      write(file);
    file.close();
    if (!file)
      throw Error(ErrorKind::InvalidArgument,
                  "cannot write '" + path +
                      "': " + (errno ? std::strerror(errno) : "not everything could be written"));
    return;
  }
  std::string temporary = path + ".tmp" + std::to_string(::getpid());
  struct RemoveUnlessRenamed {
    const std::string &name;
    bool renamed = false;
    ~RemoveUnlessRenamed() {
      if (!renamed)
        ::unlink(name.c_str());
    }
  } guard{temporary};
  auto fail = [&](const std::string &why) -> Error {
    return Error(ErrorKind::InvalidArgument, "cannot write '" + path + "': " + why);
  };
  {
    errno = 0;
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    if (!file)
      throw fail(errno ? std::strerror(errno) : "it cannot be created");
    write(file);
    errno = 0;
    file.close();
    if (!file)
      throw fail(errno ? std::strerror(errno) : "not everything could be written");
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    throw fail(std::strerror(errno));
  guard.renamed = true;
}

std::string directoryOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

} // namespace mpgemm
