//===- MappedFile.h - A file read through memory mapping --------*- C++ -*-===//
#ifndef MPGEMM_SUPPORT_MAPPEDFILE_H
#define MPGEMM_SUPPORT_MAPPEDFILE_H

#include <cstddef>
#include <string>

namespace mpgemm {

/// The bytes of a file, mapped read-only for as long as the object lives.
class MappedFile {
public:
  /// Throws Error(InvalidArgument) with the path and the system's reason.
  explicit MappedFile(const std::string &path);
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  const unsigned char *data() const { return static_cast<const unsigned char *>(address); }
  size_t size() const { return bytes; }

private:
  void *address = nullptr;
  size_t bytes = 0;
};

} // namespace mpgemm

#endif // MPGEMM_SUPPORT_MAPPEDFILE_H
