//===- Safetensors.h - Reader of .safetensors files -------------*- C++ -*-===//
//
// The format: an 8-byte little-endian length, that many bytes of JSON which name type, shape and
// byte range of each tensor, then the data. Everything the header claims is checked against the
// file's size.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_ARTIFACT_SAFETENSORS_H
#define MPGEMM_ARTIFACT_SAFETENSORS_H

#include "mpgemm/Support/ElementType.h"
#include "mpgemm/Support/MappedFile.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mpgemm {

class SafetensorsFile {
public:
  struct Tensor {
    ElementType type = ElementType::U8;
    std::vector<int64_t> shape;
    const unsigned char *data = nullptr; ///< Valid as long as the file object is.
    size_t bytes = 0;
  };

  /// Throws Error(InvalidArtifact) where the file is damaged.
  explicit SafetensorsFile(const std::string &path);

  const std::map<std::string, Tensor> &tensors() const { return byName; }
  /// SHA-256 of the whole file.
  std::string sha256() const;

private:
  MappedFile file;
  std::map<std::string, Tensor> byName;
};

} // namespace mpgemm

#endif // MPGEMM_ARTIFACT_SAFETENSORS_H
