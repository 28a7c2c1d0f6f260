//===- RecordingDriver.h - A device that only checks ------------*- C++ -*-===//
//
// Memory without bytes: allocations are ranges of addresses, and every copy, fill and launch is
// checked against them. What the runtime enqueues must lie inside what it allocated, whatever the
// manifest says.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_TEST_FUZZ_RECORDINGDRIVER_H
#define MPGEMM_TEST_FUZZ_RECORDINGDRIVER_H

#include "mpgemm/Runtime/Driver.h"

#include <map>
#include <memory>

namespace mpgemm {
namespace fuzz {

std::unique_ptr<Driver> createRecordingDriver();

} // namespace fuzz
} // namespace mpgemm

#endif // MPGEMM_TEST_FUZZ_RECORDINGDRIVER_H
