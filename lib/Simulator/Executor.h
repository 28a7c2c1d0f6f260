//===- Executor.h - Running a launch -----------------------------*- C++ -*-===//
#ifndef MPGEMM_LIB_SIMULATOR_EXECUTOR_H
#define MPGEMM_LIB_SIMULATOR_EXECUTOR_H

#include "Machine.h"

namespace mpgemm::sim {

/// Runs all clusters of the launch to the end. Each SM holds one CTA at a time, so
/// `multiprocessors` CTAs are resident together. Throws the first report.
void execute(Launch &launch);

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_EXECUTOR_H
