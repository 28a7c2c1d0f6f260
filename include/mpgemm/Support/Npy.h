//===- Npy.h - NumPy's .npy files -------------------------------*- C++ -*-===//
#ifndef MPGEMM_SUPPORT_NPY_H
#define MPGEMM_SUPPORT_NPY_H

#include "mpgemm/Support/ElementType.h"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace mpgemm {

/// An array as a .npy file holds it: C order, little endian.
struct NpyArray {
  /// Empty for unsigned integers of more than 8 bits, which have no element type here, and for raw
  /// bytes.
  std::optional<ElementType> type;
  size_t elementBytes = 0;
  std::string descr; ///< NumPy's name of the type, for messages.
  std::vector<int64_t> shape;
  std::string data;

  /// `V1` or `V2`: how ml_dtypes' bfloat16 and float8 types are written.
  bool isRaw() const { return descr.size() == 3 && descr[1] == 'V'; }
};

/// Reads a file of format version 1 to 3. Throws Error(InvalidArgument) that names the path, what
/// is wrong and what would work.
NpyArray readNpy(const std::string &path);

/// Writes `data` as .npy; bf16 and the fp8 types as ml_dtypes does.
void writeNpy(std::ostream &out, ElementType type, const std::vector<int64_t> &shape,
              const std::string &data);

} // namespace mpgemm

#endif // MPGEMM_SUPPORT_NPY_H
