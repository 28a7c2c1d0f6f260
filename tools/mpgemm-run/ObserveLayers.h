//===- ObserveLayers.h - --calibrate and --compare-layers -------*- C++ -*-===//
#ifndef MPGEMM_TOOLS_RUN_OBSERVELAYERS_H
#define MPGEMM_TOOLS_RUN_OBSERVELAYERS_H

#include "Options.h"
#include "Run.h"

namespace mpgemm {
namespace run {

/// Runs the function on each set of inputs and writes the ranges of its layers.
void calibrate(const std::shared_ptr<const Program> &program, int function, const Options &options);

/// Runs the function of both programs on the same inputs and prints the error of each layer and
/// result. Returns whether all have the signal-to-noise ratio that was asked for.
bool compareWithReference(const std::shared_ptr<const Program> &program, int function,
                          const Options &options);

} // namespace run
} // namespace mpgemm

#endif // MPGEMM_TOOLS_RUN_OBSERVELAYERS_H
