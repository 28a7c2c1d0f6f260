//===- GlobalMemory.cpp - Device memory with bounds -----------------------===//
#include "GlobalMemory.h"

#include "mpgemm/Support/Error.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace mpgemm::sim {

namespace {
constexpr uint64_t kGuardBytes = 64 * 1024;
constexpr uint64_t kAlignment = 512;

std::string hex(uint64_t v) {
  char text[32];
  snprintf(text, sizeof text, "0x%" PRIx64, v);
  return text;
}
} // namespace

uint64_t GlobalMemory::allocate(size_t bytes, const std::string &what) {
  if (bytes > capacity_ - used_)
    throw Error(ErrorKind::OutOfMemory, "allocate: " + std::to_string(bytes) + " bytes asked, " +
                                            std::to_string(capacity_ - used_) + " of " +
                                            std::to_string(capacity_) + " are free");
  auto a = std::make_unique<Allocation>();
  size_t padded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  a->address = next_;
  a->bytes = bytes;
  a->what = what;
  a->data = static_cast<uint8_t *>(calloc(padded + 16, 1)); // Fresh pages are mapped when touched.
  if (checks_)
    a->written = static_cast<uint8_t *>(calloc(padded / 4 + 16, 1));
  if (!a->data || (checks_ && !a->written))
    throw Error(ErrorKind::OutOfMemory,
                "allocate: the host has no " + std::to_string(bytes) + " bytes left");
  next_ += padded + kGuardBytes;
  used_ += bytes;
  uint64_t address = a->address;
  allocations_[address] = std::move(a);
  return address;
}

void GlobalMemory::free(uint64_t address) {
  auto it = allocations_.find(address);
  if (it == allocations_.end())
    throw Error(ErrorKind::InvalidArgument,
                "free: " + hex(address) + " is not the start of an allocation");
  Allocation &a = *it->second;
  if (a.freed)
    throw Error(ErrorKind::InvalidArgument, "free: " + hex(address) + " was freed before");
  a.freed = true;
  used_ -= a.bytes;
  ::free(a.data);
  ::free(a.written);
  a.data = a.written = nullptr;
}

Allocation *GlobalMemory::find(uint64_t address, size_t bytes, std::string *why) const {
  auto it = allocations_.upper_bound(address);
  if (it == allocations_.begin()) {
    if (why)
      *why = "address " + hex(address) + " is in no allocation";
    return nullptr;
  }
  --it;
  Allocation &a = *it->second;
  if (!a.freed && address - a.address <= a.bytes && bytes <= a.bytes - (address - a.address))
    return &a;
  if (why) {
    *why = "address " + hex(address) + " (" + std::to_string(bytes) + " bytes) is " +
           std::to_string(address - a.address) + " bytes into the " + (a.freed ? "freed " : "") +
           "allocation of " + std::to_string(a.bytes) + " bytes at " + hex(a.address);
    if (!a.what.empty())
      *why += " (" + a.what + ")";
  }
  return nullptr;
}

bool GlobalMemory::isWritten(const Allocation &a, uint64_t address, size_t bytes) {
  if (!a.written || bytes == 0)
    return true;
  uint64_t first = (address - a.address) / 4, last = (address - a.address + bytes - 1) / 4;
  return memchr(a.written + first, 0, last - first + 1) == nullptr;
}

void GlobalMemory::markWritten(Allocation &a, uint64_t address, size_t bytes) {
  if (!a.written || bytes == 0)
    return;
  uint64_t first = (address - a.address) / 4, last = (address - a.address + bytes - 1) / 4;
  memset(a.written + first, 1, last - first + 1);
}

} // namespace mpgemm::sim
