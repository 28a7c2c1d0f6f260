//===- Sha256.h - The hash that ties artifact files together ----*- C++ -*-===//
#ifndef MPGEMM_SUPPORT_SHA256_H
#define MPGEMM_SUPPORT_SHA256_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mpgemm {

/// SHA-256 as FIPS 180-4 defines it, fed in pieces.
class Sha256 {
public:
  Sha256();
  void update(const void *data, size_t bytes);
  /// The digest as 64 lower-case hex digits. The object must not be used afterwards.
  std::string finishHex();

private:
  void compress(const unsigned char *block);

  std::array<uint32_t, 8> state;
  std::array<unsigned char, 64> pending;
  size_t pendingBytes = 0;
  uint64_t totalBytes = 0;
};

std::string sha256Hex(std::string_view data);

} // namespace mpgemm

#endif // MPGEMM_SUPPORT_SHA256_H
