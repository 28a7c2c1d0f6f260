//===- GlobalMemory.h - Device memory with bounds ----------------*- C++ -*-===//
//
// Every allocation has an address range of its own with unmapped bytes around it, and addresses are
// never reused: a pointer that runs over the end or outlives its allocation is recognised. A shadow
// byte for every word says whether it was ever written.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_GLOBALMEMORY_H
#define MPGEMM_LIB_SIMULATOR_GLOBALMEMORY_H

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

namespace mpgemm::sim {

struct Allocation {
  uint64_t address = 0;
  size_t bytes = 0;
  bool freed = false;
  bool readOnly = false; ///< A .const array.
  std::string what;      ///< For messages.
  uint8_t *data = nullptr;
  uint8_t *written = nullptr; ///< One byte a 4-byte word; null when checks are off.

  ~Allocation() {
    ::free(data);
    ::free(written);
  }
};

class GlobalMemory {
public:
  GlobalMemory(uint64_t capacity, bool checks) : capacity_(capacity), checks_(checks) {}

  /// Throws Error(OutOfMemory).
  uint64_t allocate(size_t bytes, const std::string &what);
  /// Throws Error(InvalidArgument) for what is not an allocation.
  void free(uint64_t address);

  /// The live allocation that holds [address, address + bytes), or null and a reason.
  Allocation *find(uint64_t address, size_t bytes, std::string *why = nullptr) const;

  static bool isWritten(const Allocation &a, uint64_t address, size_t bytes);
  static void markWritten(Allocation &a, uint64_t address, size_t bytes);
  bool checks() const { return checks_; }

private:
  std::map<uint64_t, std::unique_ptr<Allocation>> allocations_;
  uint64_t next_ = 0x300000000ull;
  uint64_t capacity_;
  uint64_t used_ = 0;
  bool checks_;
};

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_GLOBALMEMORY_H
