//===- Shadow.h - Who last touched which shared byte -------------*- C++ -*-===//
//
// One cell for every four bytes of a CTA's shared memory: the last writer, up to three unordered
// readers (more go to a side table), which bytes were ever written. Accesses are checked against
// the accessor's clock when they are issued, not when asynchronous work happens to run, so reports
// do not depend on luck.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_SHADOW_H
#define MPGEMM_LIB_SIMULATOR_SHADOW_H

#include "Clock.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace mpgemm::sim {

constexpr uint16_t kNoAgent = 0xffff;
constexpr uint16_t kMbarrierObject = 0xfffe; ///< The cell holds part of an mbarrier.

/// How the bytes were or are to be accessed.
enum class Proxy : uint8_t { Generic, Async };

/// One access: who does it (tag left in the shadow), and what was ordered before it.
struct Accessor {
  uint16_t agent = 0; ///< Tag.
  uint8_t lane = kManyLanes;
  uint32_t epoch = 0;
  uint16_t selfAgent =
      kNoAgent; ///< The issuing warp and lane: its own earlier accesses are in order.
  uint8_t selfLane = kManyLanes;
  uint16_t selfCopies =
      kNoAgent; ///< cp.async agent of the warp: its own, waited-for copies are in order.
  uint32_t selfCopied = 0;
  Proxy proxy = Proxy::Generic;
  bool atomic = false; ///< Races with other atomic (or volatile) accesses are none.
  int line = 0;
  const Clock *clock = nullptr;
};

struct ShadowConflict {
  enum Kind {
    None,
    Uninitialised,
    ReadAfterWrite,
    WriteAfterRead,
    WriteAfterWrite,
    MissingProxyFence,
    MbarrierBytes
  };
  Kind kind = None;
  uint32_t offset = 0;
  uint16_t agent = 0; ///< The other one.
  uint8_t lane = 0;
  uint32_t epoch = 0;
  int line = 0; ///< Of the other access.
};

/// Answers whether the writes of a warp's lane up to `epoch` were fenced for the async proxy by
/// what the clock covers.
class ProxyFences {
public:
  virtual ~ProxyFences() = default;
  virtual bool fenced(uint16_t agent, uint8_t lane, uint32_t epoch, uint32_t reached) const = 0;
};

class Shadow {
public:
  void reset(size_t bytes);

  ShadowConflict read(uint32_t offset, uint32_t bytes, const Accessor &a,
                      const ProxyFences &fences);
  ShadowConflict write(uint32_t offset, uint32_t bytes, const Accessor &a,
                       const ProxyFences &fences);
  /// Marks the eight bytes of an mbarrier, or gives them back.
  void setMbarrier(uint32_t offset, bool isMbarrier);
  bool initialised(uint32_t offset, uint32_t bytes) const;

private:
  static constexpr int kReaders = 4;
  struct Reader {
    uint32_t epoch = 0;
    uint16_t agent = kNoAgent;
    uint8_t lane = 0;
    uint8_t pad = 0;
  };
  struct Cell {
    uint32_t epoch = 0;
    uint16_t agent = kNoAgent;
    uint8_t lane = 0;
    uint8_t bytes = 0; ///< Low half: bytes of the last write; high half: bytes ever written.
    int32_t line = 0;
    uint8_t generic = 0; ///< The last write went through the generic proxy.
    uint8_t atomic = 0;
    uint8_t overflow = 0;
    uint8_t readers = 0;
    Reader reader[kReaders];
    int32_t readLine = 0;
  };

  void addReader(size_t index, Cell &cell, const Accessor &a);
  static bool ordered(uint16_t agent, uint8_t lane, uint32_t epoch, const Accessor &a) {
    return a.clock->knows(agent, lane, epoch) ||
           (lane == a.selfLane && lane != kManyLanes &&
            (agent == a.selfAgent || (agent == a.selfCopies && epoch <= a.selfCopied)));
  }

  std::vector<Cell> cells_;
  std::unordered_map<uint32_t, std::vector<Reader>> overflow_;
};

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_SHADOW_H
