//===- TensorMap.cpp - The simulator's tensor maps -------------------------===//
#include "TensorMap.h"

#include "mpgemm/Support/Error.h"

#include <cstring>
#include <string>

namespace mpgemm::sim {

int elementBytes(TensorMapType type) {
  switch (type) {
  case TensorMapType::U8:
    return 1;
  case TensorMapType::U16:
  case TensorMapType::F16:
  case TensorMapType::BF16:
    return 2;
  case TensorMapType::U64:
  case TensorMapType::I64:
  case TensorMapType::F64:
    return 8;
  default:
    return 4;
  }
}

TensorMap encodeTensorMap(const TensorMapDesc &d) {
  auto fail = [](const std::string &what) {
    throw Error(ErrorKind::InvalidArgument, "encodeTensorMap: " + what);
  };
  auto n = [](uint64_t v) { return std::to_string(v); };
  if (d.rank < 1 || d.rank > 5)
    fail("rank " + std::to_string(d.rank) + " is not 1 to 5");
  if (d.address % 16 || d.address == 0)
    fail("address " + n(d.address) + " is not a non-zero multiple of 16");
  int bytes = elementBytes(d.type);
  TensorMapFields f;
  memset(&f, 0, sizeof f);
  f.magic = kTensorMapMagic;
  f.address = d.address;
  f.rank = static_cast<uint8_t>(d.rank);
  f.type = static_cast<uint8_t>(d.type);
  f.elementBytes = static_cast<uint8_t>(bytes);
  f.swizzle = static_cast<uint8_t>(d.swizzleBytes);
  f.nanFill = d.nanFill;
  bool isFloat = d.type >= TensorMapType::F16;
  if (d.nanFill && !isFloat)
    fail("NaN fill needs a floating-point element type");
  if (d.swizzleBytes != 0 && d.swizzleBytes != 32 && d.swizzleBytes != 64 && d.swizzleBytes != 128)
    fail("swizzle of " + std::to_string(d.swizzleBytes) + " bytes is not 0, 32, 64 or 128");
  if (d.l2PromotionBytes != 0 && d.l2PromotionBytes != 64 && d.l2PromotionBytes != 128 &&
      d.l2PromotionBytes != 256)
    fail("L2 promotion of " + std::to_string(d.l2PromotionBytes) +
         " bytes is not 0, 64, 128 or 256");
  for (int i = 0; i < d.rank; ++i) {
    if (d.sizes[i] < 1 || d.sizes[i] > (1ull << 32))
      fail("size " + n(d.sizes[i]) + " of dimension " + std::to_string(i) + " is not 1 to 2^32");
    if (d.box[i] < 1 || d.box[i] > 256)
      fail("box " + n(d.box[i]) + " of dimension " + std::to_string(i) + " is not 1 to 256");
    if (d.elementStrides[i] != 1)
      throw Error(ErrorKind::Unsupported,
                  "encodeTensorMap: element stride " + n(d.elementStrides[i]) + " of dimension " +
                      std::to_string(i) + "; the simulator supports 1 only");
    f.sizes[i] = static_cast<uint32_t>(d.sizes[i] - 1);
    f.box[i] = static_cast<uint16_t>(d.box[i]);
    if (i == 0)
      continue;
    uint64_t stride = d.stridesBytes[i - 1];
    if (stride % 16 || stride >= (1ull << 40))
      fail("stride " + n(stride) + " of dimension " + std::to_string(i) +
           " is not a multiple of 16 below 2^40");
    f.strides[i - 1] = stride;
  }
  uint64_t inner = static_cast<uint64_t>(d.box[0]) * bytes;
  if (inner % 16)
    fail("the inner box of " + n(d.box[0]) + " elements has " + n(inner) +
         " bytes, not a multiple of 16");
  if (d.swizzleBytes && inner > static_cast<uint64_t>(d.swizzleBytes))
    fail("the inner box of " + n(inner) + " bytes exceeds the swizzle span of " +
         std::to_string(d.swizzleBytes));
  TensorMap map;
  memcpy(map.data(), &f, sizeof f);
  return map;
}

bool decodeTensorMap(const TensorMap &map, TensorMapFields &f) {
  memcpy(&f, map.data(), sizeof f);
  return f.magic == kTensorMapMagic && f.rank >= 1 && f.rank <= 5;
}

} // namespace mpgemm::sim
