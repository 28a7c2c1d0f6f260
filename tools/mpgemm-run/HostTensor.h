//===- HostTensor.h - Tensors on the host and how to ask for them -*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_HOSTTENSOR_H
#define MPGEMM_TOOLS_RUN_HOSTTENSOR_H

#include "mpgemm/Artifact/Manifest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mpgemm {
namespace run {

struct HostTensor {
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
  std::string data; ///< Dense, row-major, little endian.

  int64_t elements() const { return int64_t(data.size() / elementBytes(type)); }
  const char *at(int64_t index) const { return data.data() + size_t(index) * elementBytes(type); }
};

/// Builds the inputs of a function from the texts of --input, in order: a symbol that an earlier
/// input bound gives `random` its sizes. `first` is the number of the first text, in messages and
/// as the seed of random values. Throws Error(InvalidArgument) that names the input.
std::vector<HostTensor> parseInputs(const Function &function, const std::vector<std::string> &texts,
                                    size_t first = 0);

/// The elements of `tensor` as another type, rounded to nearest even where it is shorter.
HostTensor convert(const HostTensor &tensor, ElementType type);

/// A tensor from the text of --expected_output or --bound: the forms of --input, but random. `name`
/// begins messages. Without a type in the text or the file, the type is `type`.
HostTensor parseReference(const std::string &text, ElementType type,
                          const std::vector<int64_t> &shape, const std::string &name);

/// Writes --output: .npy, or the bare bytes for any other ending.
void writeOutput(const std::string &path, const HostTensor &tensor);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_HOSTTENSOR_H
