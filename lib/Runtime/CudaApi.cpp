//===- CudaApi.cpp - Opening the CUDA driver ----------------------------------===//
#include "CudaApi.h"

#include <atomic>
#include <dlfcn.h>

namespace mpgemm {
namespace cuda {

static std::string versionText(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string resultText(const Api &api, Result result) {
  const char *name = nullptr, *text = nullptr;
  if (!api.getErrorName || api.getErrorName(result, &name) != success || !name)
    return "CUDA error " + std::to_string(result);
  std::string message = name;
  if (api.getErrorString && api.getErrorString(result, &text) == success && text)
    message += " (" + std::string(text) + ")";
  return message;
}

/// Opens the library and fills `api`; returns why that failed, or an empty string.
static std::string open(Api &api) {
  void *library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = ::dlerror();
    return std::string("no CUDA driver: ") + (reason ? reason : "libcuda.so.1 cannot be opened") +
           "; install the NVIDIA driver, or use --device=sim";
  }
  auto look = [&](const char *symbol) { return ::dlsym(library, symbol); };
  // The version comes first: an old driver lacks some of the other functions.
  *reinterpret_cast<void **>(&api.driverGetVersion) = look("cuDriverGetVersion");
  if (!api.driverGetVersion || api.driverGetVersion(&api.driverVersion) != success)
    return "libcuda.so.1 does not tell its version; reinstall the NVIDIA driver";
  if (api.driverVersion < leastDriverVersion)
    return "the CUDA driver is too old: it supports CUDA " + versionText(api.driverVersion) +
           ", but CUDA " + versionText(leastDriverVersion) +
           " is needed; install NVIDIA driver 525 or later, or use --device=sim";
#define MPGEMM_CUDA_LOOK(member, symbol, parameters)                                               \
  if (!(*reinterpret_cast<void **>(&api.member) = look(symbol)))                                   \
    return "the CUDA driver for CUDA " + versionText(api.driverVersion) +                          \
           " lacks " symbol "; reinstall the NVIDIA driver";
  MPGEMM_CUDA_FUNCTIONS(MPGEMM_CUDA_LOOK)
#undef MPGEMM_CUDA_LOOK
  *reinterpret_cast<void **>(&api.funcGetParamInfo) = look("cuFuncGetParamInfo");
  *reinterpret_cast<void **>(&api.funcLoad) = look("cuFuncLoad");
  Result result = api.init(0);
  if (result == success)
    result = api.deviceGetCount(&api.deviceCount);
  if (result == success && api.deviceCount == 0)
    result = errorNoDevice;
  if (result != success)
    return std::string(result == errorNoDevice ? "no CUDA device: " : "CUDA does not start: ") +
           resultText(api, result) + "; use --device=sim where there is no GPU";
  return "";
}

/// The library once it is open; null before, and where there is none.
static std::atomic<const Api *> openApi{nullptr};

const Api *api(std::string *whyNot) {
  static Api loaded;
  static const std::string failure = open(loaded);
  if (failure.empty()) {
    openApi.store(&loaded, std::memory_order_release);
    return &loaded;
  }
  if (whyNot)
    *whyNot = failure;
  return nullptr;
}

KeepCurrentContext::KeepCurrentContext() {
  if (const Api *cuda = openApi.load(std::memory_order_acquire))
    cuda->ctxGetCurrent(&before);
}

KeepCurrentContext::~KeepCurrentContext() {
  const Api *cuda = openApi.load(std::memory_order_acquire);
  Context now = nullptr;
  if (cuda && before && cuda->ctxGetCurrent(&now) == success && now != before)
    cuda->ctxSetCurrent(before);
}

} // namespace cuda
} // namespace mpgemm
