//===- TestTensor.h - Small tensors for tests of mpgemm-run ----*- C++ -*-===//
#ifndef MPGEMM_TEST_UNIT_TOOLS_TESTTENSOR_H
#define MPGEMM_TEST_UNIT_TOOLS_TESTTENSOR_H

#include "HostTensor.h"

namespace mpgemm {
namespace run {

/// A tensor of `values`, in row-major order, each rounded to `type`.
inline HostTensor tensor(ElementType type, std::vector<int64_t> shape,
                         const std::vector<double> &values) {
  HostTensor result;
  result.type = type;
  result.shape = std::move(shape);
  result.data.resize(values.size() * elementBytes(type));
  for (size_t i = 0; i < values.size(); ++i)
    encodeElement(type, values[i], result.data.data() + i * elementBytes(type));
  return result;
}

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TEST_UNIT_TOOLS_TESTTENSOR_H
