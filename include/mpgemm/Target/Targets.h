// The GPU targets the compiler knows, and what each allows a kernel to use. The one table of such
// limits; plain C++, because the cost model reads it too.
#ifndef MPGEMM_TARGET_TARGETS_H
#define MPGEMM_TARGET_TARGETS_H

#include <array>
#include <cstdint>
#include <string_view>

namespace mlir::mpgemm {

struct TargetInfo {
  const char *name;
  /// The instruction generation whose patterns lower a kernel: 80, 90 or 100.
  unsigned generation;
  /// Shared memory that one CTA may use, in bytes (dynamic, opted in).
  int64_t maxSharedBytes;
  /// The PTX version that the emitted code asks for.
  const char *ptxFeature;
};

/// Every known target.
inline const std::array<TargetInfo, 6> &getTargets() {
  // Shared memory: CUDA C++ programming guide, "Technical specifications per compute capability".
  static constexpr std::array<TargetInfo, 6> targets = {{{"sm_80", 80, 166912, "+ptx80"},
                                                         {"sm_86", 80, 101376, "+ptx80"},
                                                         {"sm_89", 80, 101376, "+ptx84"},
                                                         {"sm_90a", 90, 232448, "+ptx80"},
                                                         {"sm_100a", 100, 232448, "+ptx86"},
                                                         {"sm_120a", 80, 101376, "+ptx87"}}};
  return targets;
}

/// The target of that name, or null.
inline const TargetInfo *lookupTarget(std::string_view name) {
  for (const TargetInfo &target : getTargets())
    if (target.name == name)
      return &target;
  return nullptr;
}

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_TARGETS_H
