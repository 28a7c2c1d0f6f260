//===- TensorMap.h - The simulator's tensor maps -----------------*- C++ -*-===//
//
// A tensor map is opaque to everybody; this encoding is the simulator's own and says so by its
// first bytes. Validation follows cuTensorMapEncodeTiled.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_TENSORMAP_H
#define MPGEMM_LIB_SIMULATOR_TENSORMAP_H

#include "mpgemm/Runtime/Driver.h"

namespace mpgemm::sim {

/// What the 128 bytes hold.
struct TensorMapFields {
  uint64_t magic;
  uint64_t address;
  uint64_t strides[4];
  uint32_t sizes[5]; ///< Minus one, so that 2^32 fits.
  uint16_t box[5];   ///< 1 to 256.
  uint8_t rank, type, elementBytes, swizzle, nanFill;
  uint8_t pad[41];
};
static_assert(sizeof(TensorMapFields) == 128, "a tensor map has 128 bytes");

constexpr uint64_t kTensorMapMagic = 0x70616d5f6d697367ull;

int elementBytes(TensorMapType type);
/// Throws Error(InvalidArgument).
TensorMap encodeTensorMap(const TensorMapDesc &desc);
/// False if the bytes are no tensor map of ours.
bool decodeTensorMap(const TensorMap &map, TensorMapFields &fields);

/// Where byte `address` of a swizzled tile lies: address bits 4 to 6 are mixed with bits 7 to 9.
inline uint32_t swizzleAddress(uint32_t address, int swizzleBytes) {
  switch (swizzleBytes) {
  case 32:
    return address ^ ((address >> 3) & 0x10);
  case 64:
    return address ^ ((address >> 3) & 0x30);
  case 128:
    return address ^ ((address >> 3) & 0x70);
  default:
    return address;
  }
}

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_TENSORMAP_H
