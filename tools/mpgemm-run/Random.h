//===- Random.h - Seeded random tensors -------------------------*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_RANDOM_H
#define MPGEMM_TOOLS_RUN_RANDOM_H

#include "HostTensor.h"

namespace mpgemm {
namespace run {

/// Fills a tensor as `random[:option,...]` asks: seed=N, normal, uniform (-1 to 1) or int (whole
/// numbers from -4 to 4), scale=S. The default is normal, and `int` for integer types; seed 0.
/// `stream` keeps inputs with the same seed apart. The same text gives the same bits on every
/// machine.
void fillRandom(HostTensor &tensor, const std::string &text, const std::string &name,
                size_t stream);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_RANDOM_H
