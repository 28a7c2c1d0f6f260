//===- Shadow.cpp - Who last touched which shared byte --------------------===//
#include "Shadow.h"

namespace mpgemm::sim {

namespace {
/// Bytes of cell `index` that [offset, offset + bytes) covers, as four bits.
inline uint8_t coveredBytes(uint32_t index, uint32_t offset, uint32_t bytes) {
  uint32_t begin = index * 4;
  uint32_t lo = std::max(begin, offset) - begin;
  uint32_t hi = std::min(begin + 4, offset + bytes) - begin;
  return static_cast<uint8_t>(((1u << hi) - 1) & ~((1u << lo) - 1));
}
} // namespace

void Shadow::reset(size_t bytes) {
  cells_.assign((bytes + 3) / 4, Cell());
  overflow_.clear();
}

void Shadow::setMbarrier(uint32_t offset, bool isMbarrier) {
  for (uint32_t i = offset / 4; i < offset / 4 + 2; ++i) {
    cells_[i] = Cell();
    if (isMbarrier)
      cells_[i].agent = kMbarrierObject;
    overflow_.erase(i);
  }
}

bool Shadow::initialised(uint32_t offset, uint32_t bytes) const {
  for (uint32_t i = offset / 4; i <= (offset + bytes - 1) / 4; ++i) {
    uint8_t need = coveredBytes(i, offset, bytes);
    if (((cells_[i].bytes >> 4) & need) != need)
      return false;
  }
  return true;
}

void Shadow::addReader(size_t index, Cell &cell, const Accessor &a) {
  cell.readLine = a.line;
  auto merge = [&](Reader &r) {
    if (r.agent == a.agent) {
      if (r.lane != a.lane)
        r.lane = kManyLanes;
      r.epoch = std::max(r.epoch, a.epoch);
      return true;
    }
    return false;
  };
  for (int i = 0; i < cell.readers; ++i)
    if (merge(cell.reader[i]))
      return;
  Reader fresh;
  fresh.epoch = a.epoch;
  fresh.agent = a.agent;
  fresh.lane = a.lane;
  if (cell.readers < kReaders) {
    cell.reader[cell.readers++] = fresh;
    return;
  }
  for (Reader &r : cell.reader)
    if (ordered(r.agent, r.lane, r.epoch, a)) {
      r = fresh; // Whoever waits for this reader has waited for that one.
      return;
    }
  std::vector<Reader> &more = overflow_[static_cast<uint32_t>(index)];
  for (Reader &r : more)
    if (merge(r))
      return;
  more.push_back(fresh);
  cell.overflow = 1;
}

ShadowConflict Shadow::read(uint32_t offset, uint32_t bytes, const Accessor &a,
                            const ProxyFences &fences) {
  uint32_t last = (offset + bytes - 1) / 4;
  for (uint32_t i = offset / 4; i <= last; ++i) {
    Cell &c = cells_[i];
    ShadowConflict conflict{ShadowConflict::None, i * 4, c.agent, c.lane, c.epoch, c.line};
    if (c.agent >= kMbarrierObject) {
      conflict.kind = c.agent == kMbarrierObject ? ShadowConflict::MbarrierBytes
                                                 : ShadowConflict::Uninitialised;
      return conflict;
    }
    uint8_t need = coveredBytes(i, offset, bytes);
    if (((c.bytes >> 4) & need) != need) {
      conflict.kind = ShadowConflict::Uninitialised;
      return conflict;
    }
    if (c.bytes & need & 0xf) {
      if (!ordered(c.agent, c.lane, c.epoch, a)) {
        if (!(a.atomic && c.atomic)) {
          conflict.kind = ShadowConflict::ReadAfterWrite;
          return conflict;
        }
      } else if (a.proxy == Proxy::Async && c.generic) {
        uint32_t reached = a.clock->reached(c.agent, c.lane);
        if (c.agent == a.selfAgent && c.lane == a.selfLane)
          reached = ~0u;
        if (!fences.fenced(c.agent, c.lane, c.epoch, reached)) {
          conflict.kind = ShadowConflict::MissingProxyFence;
          return conflict;
        }
      }
    }
    addReader(i, c, a);
  }
  return {};
}

ShadowConflict Shadow::write(uint32_t offset, uint32_t bytes, const Accessor &a,
                             const ProxyFences &fences) {
  uint32_t last = (offset + bytes - 1) / 4;
  for (uint32_t i = offset / 4; i <= last; ++i) {
    Cell &c = cells_[i];
    uint8_t covered = coveredBytes(i, offset, bytes);
    ShadowConflict conflict{ShadowConflict::None, i * 4, c.agent, c.lane, c.epoch, c.line};
    if (c.agent == kMbarrierObject) {
      conflict.kind = ShadowConflict::MbarrierBytes;
      return conflict;
    }
    if (c.agent != kNoAgent && (c.bytes & covered & 0xf)) {
      if (!ordered(c.agent, c.lane, c.epoch, a)) {
        if (!(a.atomic && c.atomic)) {
          conflict.kind = ShadowConflict::WriteAfterWrite;
          return conflict;
        }
      } else if (a.proxy == Proxy::Async && c.generic) {
        uint32_t reached = a.clock->reached(c.agent, c.lane);
        if (c.agent == a.selfAgent && c.lane == a.selfLane)
          reached = ~0u;
        if (!fences.fenced(c.agent, c.lane, c.epoch, reached)) {
          conflict.kind = ShadowConflict::MissingProxyFence;
          return conflict;
        }
      }
    }
    auto readerConflict = [&](const Reader &r) {
      if (ordered(r.agent, r.lane, r.epoch, a))
        return false;
      conflict = {ShadowConflict::WriteAfterRead, i * 4, r.agent, r.lane, r.epoch, c.readLine};
      return true;
    };
    if (covered == 0xf || !a.atomic) {
      for (int k = 0; k < c.readers; ++k)
        if (readerConflict(c.reader[k]) && !(a.atomic && c.atomic))
          return conflict;
      if (c.overflow) {
        for (const Reader &r : overflow_[i])
          if (readerConflict(r))
            return conflict;
        overflow_.erase(i);
        c.overflow = 0;
      }
    }
    c.readers = 0;
    c.epoch = a.epoch;
    c.agent = a.agent;
    c.lane = a.lane;
    c.line = a.line;
    c.generic = a.proxy == Proxy::Generic;
    c.atomic = a.atomic;
    c.bytes = static_cast<uint8_t>((c.bytes & 0xf0) | (covered << 4) | covered);
  }
  return {};
}

} // namespace mpgemm::sim
