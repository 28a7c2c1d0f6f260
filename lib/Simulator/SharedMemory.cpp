//===- SharedMemory.cpp - Shared addresses ---------------------------------===//
//
// shared::cta and shared::cluster addresses (sections 5.1.7 and 6.4.1): bits 24 and up hold the CTA
// rank plus one, 0 meaning the executing CTA, as mapa produces them.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include <cstdio>

namespace mpgemm::sim {

std::string describeShared(const Cta &cta, uint32_t offset) {
  char text[96];
  snprintf(text, sizeof text, "shared byte %u", offset - kSharedBase);
  std::string s = text;
  if (cta.cluster->ctas.size() > 1)
    s += " of cluster rank " + std::to_string(cta.rank);
  return s;
}

SharedPlace resolveShared(Warp &w, int lane, uint64_t address, uint32_t bytes, uint32_t align,
                          const char *what) {
  if (address >= kSharedWindow && address < kSharedWindow + kWindowBytes)
    address -= kSharedWindow;
  if (address >> 32) {
    char text[128];
    snprintf(text, sizeof text, "%s: 0x%llx is not a shared-memory address", what,
             static_cast<unsigned long long>(address));
    w.fail(lane, text);
  }
  SharedPlace p;
  p.cta = w.cta;
  p.offset = static_cast<uint32_t>(address) & ((1u << kRankShift) - 1);
  unsigned tag = static_cast<uint32_t>(address) >> kRankShift;
  if (tag) {
    if (tag > w.cta->cluster->ctas.size())
      w.fail(lane, std::string(what) + ": address of cluster rank " + std::to_string(tag - 1) +
                       " in a cluster of " + std::to_string(w.cta->cluster->ctas.size()));
    p.cta = w.cta->cluster->ctas[tag - 1].get();
    if (p.cta->exited)
      w.fail(lane, std::string(what) + ": shared memory of cluster rank " +
                       std::to_string(tag - 1) +
                       ", which has exited; end the kernel with a barrier.cluster");
  }
  if (p.offset % align)
    w.fail(lane, std::string(what) + ": " + describeShared(*p.cta, p.offset) +
                     " is not a multiple of " + std::to_string(align));
  size_t end = p.cta->shared.size();
  if (p.offset < kSharedBase || p.offset + size_t(bytes) > end)
    w.fail(lane, std::string(what) + ": " + std::to_string(bytes) + " bytes at shared byte " +
                     std::to_string(int64_t(p.offset) - kSharedBase) + " are outside the CTA's " +
                     std::to_string(end - kSharedBase) + " bytes of shared memory");
  return p;
}

} // namespace mpgemm::sim
