//===- Architecture.h - The GPUs the simulator can be ------------*- C++ -*-===//
//
// What differs between them, from the CUDA C++ programming guide ("Technical specifications per
// compute capability") and NVIDIA's data sheets.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_ARCHITECTURE_H
#define MPGEMM_LIB_SIMULATOR_ARCHITECTURE_H

#include <cstdint>
#include <string>

namespace mpgemm::sim {

struct Architecture {
  const char *name;
  int major, minor;
  int64_t sharedBytesPerBlock; ///< A multiprocessor has 1 KiB more.
  int64_t l2Bytes;
};

/// The architecture of a compute capability, or null if it is not modelled.
inline const Architecture *findArchitecture(int major, int minor) {
  static const Architecture table[] = {{"sm_80", 8, 0, 166912, 40ll << 20},
                                       {"sm_89", 8, 9, 101376, 96ll << 20},
                                       {"sm_90a", 9, 0, 232448, 50ll << 20},
                                       {"sm_120a", 12, 0, 101376, 128ll << 20}};
  for (const Architecture &a : table)
    if (a.major == major && a.minor == minor)
      return &a;
  return nullptr;
}

/// The architecture of that name, with or without the suffix "a", or null.
inline const Architecture *findArchitecture(const std::string &name) {
  for (auto [major, minor] : {std::pair<int, int>{8, 0}, {8, 9}, {9, 0}, {12, 0}}) {
    const Architecture *a = findArchitecture(major, minor);
    std::string full = a->name;
    if (name == full || (full.back() == 'a' && name == full.substr(0, full.size() - 1)))
      return a;
  }
  return nullptr;
}

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_ARCHITECTURE_H
