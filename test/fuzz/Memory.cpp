//===- Memory.cpp - A limit on what a reader may ask for ----------------------===//
//
// AddressSanitizer's operator new ends the process where memory is short. The library's own throws
// std::bad_alloc, which callers may handle; so does this one, for every block of more than the
// limit.
//
//===----------------------------------------------------------------------===//
#include "Fuzz.h"

#include <cstdlib>
#include <new>

size_t mpgemm::fuzz::largestBlock = size_t(256) << 20;

static void *allocate(size_t bytes) {
  void *block = bytes <= mpgemm::fuzz::largestBlock ? std::malloc(bytes ? bytes : 1) : nullptr;
  if (!block)
    throw std::bad_alloc();
  return block;
}

void *operator new(size_t bytes) { return allocate(bytes); }
void *operator new[](size_t bytes) { return allocate(bytes); }
void *operator new(size_t bytes, const std::nothrow_t &) noexcept {
  return std::malloc(bytes ? bytes : 1);
}
void *operator new[](size_t bytes, const std::nothrow_t &) noexcept {
  return std::malloc(bytes ? bytes : 1);
}
void operator delete(void *block) noexcept { std::free(block); }
void operator delete[](void *block) noexcept { std::free(block); }
void operator delete(void *block, size_t) noexcept { std::free(block); }
void operator delete[](void *block, size_t) noexcept { std::free(block); }

/// calloc, which the simulator's global memory uses, gives up instead of ending the process.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=1024:detect_stack_use_after_return=0";
}
