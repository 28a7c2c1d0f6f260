//===- FakeCuda.cpp - A libcuda.so.1 without a GPU ----------------------------===//
//
// Exports every function that the runtime looks up. The driver tells its version; all else answers
// that there is no device. The functions have the exported names and ignore parameters behind the
// first, which the C calling conventions allow.
//
//===----------------------------------------------------------------------===//
#include "CudaApi.h"

#include <cstring>

using namespace mpgemm::cuda;

static int answer(const char *symbol, void *first) {
  if (std::strcmp(symbol, "cuDriverGetVersion") != 0)
    return errorNoDevice;
  *static_cast<int *>(first) = MPGEMM_FAKE_VERSION;
  return success;
}

#define MPGEMM_FAKE(member, symbol, parameters)                                                    \
  extern "C" int fake_##member(void *first) asm(symbol);                                           \
  extern "C" int fake_##member(void *first) { return answer(symbol, first); }
MPGEMM_CUDA_FUNCTIONS(MPGEMM_FAKE)
