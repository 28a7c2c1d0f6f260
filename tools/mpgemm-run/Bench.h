//===- Bench.h - Measuring the time of a call -------------------*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_BENCH_H
#define MPGEMM_TOOLS_RUN_BENCH_H

#include "HostTensor.h"
#include "Options.h"

#include "mpgemm/Runtime/Program.h"

#include <memory>

namespace mpgemm {
namespace run {

/// Measures calls of a function and prints the figures (and writes them as JSON where asked).
///
/// Copies of arguments, results, arena and constants rotate, so that each call finds its data in
/// memory and not in the L2 cache. A sample is one launch of a CUDA graph of many calls, timed by
/// events on the device; a preheating phase brings clocks and power to where they stay.
void bench(const std::shared_ptr<const Program> &program, int function,
           const std::vector<HostTensor> &inputs, const BenchOptions &options);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_BENCH_H
