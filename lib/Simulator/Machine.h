//===- Machine.h - Warps, CTAs and clusters in flight ------------*- C++ -*-===//
//
// A cluster (often of one CTA) is the unit that one host thread executes: its warps run in turn and
// give way at barriers. Handlers of instructions get the warp and reach everything else from it.
//
// Divergence: lanes of a warp that branch apart become separate splits and meet again at the
// immediate post-dominator of the branch, as ptxas arranges on the hardware; every split makes
// progress of its own.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_MACHINE_H
#define MPGEMM_LIB_SIMULATOR_MACHINE_H

#include "Clock.h"
#include "GlobalMemory.h"
#include "Kernel.h"
#include "Shadow.h"
#include "mpgemm/Runtime/Driver.h"
#include "mpgemm/Simulator/Simulator.h"

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace mpgemm::sim {

class Cta;
class Cluster;

/// One kernel launch: what all its clusters share.
struct Launch {
  const KernelCode *kernel = nullptr;
  LaunchConfig config;
  SimulatorOptions options;
  GlobalMemory *memory = nullptr;
  std::vector<uint8_t> params;
  size_t sharedBytes = 0; ///< Of a CTA: static and dynamic, from kSharedBase on.
  int multiprocessors = 1;
  int smPerCluster = 1;
  std::atomic<bool> stop{false};    ///< Another host thread has found an error.
  std::atomic<uint64_t> effects{0}; ///< Counts what could let somebody else go on.
  std::mutex *atomics = nullptr;    ///< Serialises atomic instructions on global memory.
};

/// Where lanes that went apart meet again.
struct Meeting {
  int reconverge = -1;
  Mask expected = 0, arrived = 0;
  int parent = -1;
};

enum class WaitFor : uint8_t {
  Nothing,
  Mbarrier,
  NamedBarrier,
  ClusterBarrier,
  WgmmaPeers,
  Registers
};

struct Mbarrier;

/// A set of lanes at one program counter.
struct Split {
  int pc = 0;
  Mask mask = 0;
  int meeting = -1;
  WaitFor wait = WaitFor::Nothing;
  Mbarrier *waitBarrier = nullptr;
  uint64_t waitArg = 0;
  bool timedOut = false; ///< A try_wait may report false once.
  uint64_t ticket = 0;   ///< Set once a blocking barrier has counted this split.
};

/// One cp.async of up to 32 lanes.
struct CpAsync {
  Mask mask = 0;
  uint32_t shared[kLanes];
  uint64_t global[kLanes];
  uint32_t sourceBytes[kLanes];
  uint32_t bytes = 0;
  const Inst *inst = nullptr;
  bool performed = false;
};

struct CpAsyncGroup {
  Mask mask = 0, due = 0;
  uint32_t epoch = 0;
  std::vector<CpAsync> ops;
};

/// A bulk copy or reduction from shared to global memory (any of 9.7.9.25).
struct BulkStore {
  int lane = 0;
  const Inst *inst = nullptr;
  bool tensor = false;
  int reduction = -1;
  int rank = 0;
  TensorMap map{};
  int32_t coordinates[5] = {0, 0, 0, 0, 0};
  uint64_t global = 0;
  uint32_t shared = 0, bytes = 0;
  bool performed = false;
};

struct BulkGroup {
  int lane = 0;
  uint32_t epoch = 0;
  bool done = false;
  std::vector<BulkStore> ops;
};

/// A load into shared memory that reports to an mbarrier (TMA and bulk copies), or an arrival that
/// waits for a thread's cp.async.
struct AsyncLoad {
  enum Kind { Tensor, BulkFromGlobal, BulkFromShared, CpAsyncArrive } kind = Tensor;
  Warp *warp = nullptr;
  int lane = 0;
  const Inst *inst = nullptr;
  int rank = 0;
  TensorMap map{};
  int32_t coordinates[5] = {0, 0, 0, 0, 0};
  uint64_t global = 0;
  uint32_t shared = 0; ///< Offset in the destination CTA.
  uint32_t bytes = 0;
  uint32_t span = 0;        ///< Tensor: shared bytes from the first row to the last.
  Cta *cta = nullptr;       ///< Destination.
  Cta *sourceCta = nullptr; ///< BulkFromShared.
  uint32_t sourceShared = 0;
  Mask lanes = 0; ///< CpAsyncArrive.
  bool noInc = false;
  uint32_t epoch = 0; ///< CpAsyncArrive: epoch of cp.async it covers.
  Clock clock;        ///< Of the issuer, for CpAsyncArrive.
};

/// An mbarrier object (section 9.7.13.15). The phase that is going on is `phase`.
struct Mbarrier {
  Cta *cta = nullptr;
  uint32_t offset = 0;
  uint16_t agent = 0; ///< Its clock counts completed phases.
  bool valid = false;
  uint32_t count = 0, pending = 0;
  int64_t tx = 0;
  uint64_t phase = 0;
  Clock arriving; ///< What the arrivals of this phase released.
  Clock released; ///< The same of the phase before.
  uint16_t initAgent = 0;
  uint8_t initLane = 0;
  uint32_t initEpoch = 0;
  bool initFenced = false;
  int initLine = 0;
  std::deque<AsyncLoad> loads; ///< Not yet performed.
};

struct NamedBarrier {
  uint64_t generation = 0;
  unsigned expected = 0, arrived = 0;
  Clock arriving, released;
  Mask warps = 0; ///< Warps that have arrived with bar.sync or bar.arrive.
  unsigned orCount = 0, redResult = 0, redThreads = 0; ///< bar.red.
};

/// A queued wgmma.mma_async: done when a wait covers it and all four warps have issued it.
struct WgmmaOp {
  const Inst *inst = nullptr;
  uint32_t epoch = 0; ///< Group it belongs to.
  int issued = 0;     ///< Bits of warps.
  uint64_t descA = 0, descB = 0;
  bool scaleD = true, performed = false;
  Clock clock; ///< Meet of the clocks of the four warps.
};

struct WarpGroup {
  uint16_t agent = 0;
  std::deque<WgmmaOp> ops;
  uint64_t first = 0; ///< Sequence number of ops.front().
  uint32_t done = 0;  ///< Groups performed.
};

class Warp {
public:
  Cta *cta = nullptr;
  Launch *launch = nullptr;
  int index = 0;      ///< In the CTA.
  uint16_t agent = 0; ///< In the cluster.
  Mask live = 0, started = 0;
  const Inst *inst = nullptr; ///< For reports.

  std::vector<Split> splits;
  std::vector<Meeting> meetings;
  size_t current = 0;
  uint64_t executed = 0;

  // Registers.
  uint32_t *slots = nullptr;
  std::vector<uint32_t> storage;
  std::vector<Mask> init;        ///< By register: lanes that were written.
  std::vector<uint32_t> touched; ///< By register: wgmma fence epoch of the last ordinary access.
  std::vector<uint32_t> busy;    ///< By register: wgmma group in flight that uses it, 0 for none.
  std::vector<Mask> busyInit;    ///< `init` while busy.
  std::vector<uint16_t> busyList;
  std::vector<uint8_t> busyKind; ///< 1: accumulator, 2: A fragment.
  Allocation *lastAllocation = nullptr;
  std::vector<uint8_t> local; ///< Local memory, lane after lane.
  size_t localBytes = 0;

  // wgmma.
  uint32_t fenceEpoch = 1;  ///< Number of wgmma.fence executed, plus 1.
  bool fencedBatch = false; ///< A wgmma.fence since the last wait.
  uint32_t wgmmaCommitted = 0;
  uint64_t wgmmaIssued = 0;
  bool wgmmaOpen = false; ///< Issued since the last commit.
  int maxRegisters = 0;   ///< After setmaxnreg.
  int setMaxCalls = 0;

  // cp.async and bulk groups.
  std::vector<CpAsync> cpOpen;
  std::deque<CpAsyncGroup> cpGroups;
  uint32_t cpEpoch = 1;  ///< Epoch of what is issued now.
  uint32_t cpDone = 0;   ///< Observed by a wait of this warp.
  uint32_t cpFenced = 0; ///< The same, and fenced for the async proxy since.
  std::vector<BulkStore> bulkOpen;
  std::deque<BulkGroup> bulkGroups;
  uint32_t bulkEpoch = 1;

  // Happens-before.
  uint32_t clock = 1;
  Clock all, some;
  Mask someLanes = 0; ///< Lanes for which `some` holds; 0: unused.
  struct Fence {
    uint32_t clock;
    Mask lanes;
  };
  std::vector<Fence> proxyFences;

  // Cluster barrier.
  uint64_t clusterArrived = 0; ///< Generations arrived at.
  uint64_t clusterWaited = 0;

  template <class T> T *r(int slot) const {
    return reinterpret_cast<T *>(slots + size_t(slot) * kLanes);
  }
  Mask &pred(int slot) const { return slots[size_t(slot) * kLanes]; }
  Split &split() { return splits[current]; }
  bool checks() const { return launch->options.checks; }

  /// Reports a problem of lane `lane` (or of the warp, -1) and stops the launch.
  [[noreturn]] void fail(int lane, const std::string &what) const;
  std::string where(int lane) const;

  /// Runs until nothing can go on or `budget` instructions are spent. True if anything was
  /// executed.
  bool run(int budget);
  void branch(const Inst &i, Mask taken, Mask executing);
  void exitLanes(Mask lanes);
  Outcome block(WaitFor what, Mbarrier *barrier = nullptr, uint64_t arg = 0);

  uint64_t address(const AddressOperand &a, int lane) const {
    return (a.wide ? r<uint64_t>(a.slot)[lane] : r<uint32_t>(a.slot)[lane]) + a.offset;
  }

  // Clock work; see Ordering.cpp.
  const Clock &known(int lane) const { return (someLanes >> lane) & 1 ? some : all; }
  void acquire(const Clock &c, Mask lanes);
  void acquireAgent(uint16_t agent, uint32_t epoch, Mask lanes);
  /// Joins what `lanes` know and did into `into`, and starts a new epoch.
  void release(Clock &into, Mask lanes);
  /// Orders the warp's lanes with one another.
  void syncLanes(Mask lanes);
  void proxyFence(Mask lanes);
  Accessor generic(int lane) const;
  void checkShared(Cta &target, uint32_t offset, uint32_t bytes, const Accessor &a, bool write,
                   int lane);

  // Registers in flight and uninitialised; see Warp.cpp.
  void checkRegisters(const Inst &i, Mask mask);
  void markWritten(const Inst &i, Mask mask);
  [[noreturn]] void failRegister(const Inst &i, int reg, Mask mask, bool isWrite);

private:
  bool step(int &budget);
  bool reachMeeting();
  void closeMeeting(int meeting);
};

class Cta {
public:
  Cluster *cluster = nullptr;
  Launch *launch = nullptr;
  unsigned id[3] = {0, 0, 0};
  unsigned rank = 0;
  unsigned sm = 0;
  int liveWarps = 0;
  bool exited = false;
  std::vector<uint8_t> shared; ///< From offset 0; the first kSharedBase bytes are not accessible.
  Shadow shadow;
  std::array<NamedBarrier, 16> barriers;
  std::unordered_map<uint32_t, std::unique_ptr<Mbarrier>> mbarriers;
  std::vector<std::unique_ptr<Warp>> warps;
  std::vector<WarpGroup> groups;
  Clock remote; ///< Accesses of other CTAs to this one's shared memory.
  int registerPool = 0;
  std::unordered_map<uint32_t, Clock> atomicReleases;

  uint8_t *sharedAt(uint32_t offset) { return shared.data() + offset; }
  std::string name() const;
};

class Cluster final : public ProxyFences {
public:
  Cluster(Launch &launch, uint64_t index, unsigned slot);

  /// Runs for a while. True when all its CTAs have finished.
  bool run();

  Launch &launch;
  uint64_t index = 0;
  unsigned slot = 0;
  unsigned id[3] = {0, 0, 0};
  std::vector<std::unique_ptr<Cta>> ctas;
  std::vector<Warp *> warps;
  unsigned agents = 0; ///< Next free clock entry.
  std::vector<Mbarrier *> mbarrierOfAgent;
  std::vector<std::unique_ptr<Mbarrier>> retired; ///< Invalidated ones, for messages.
  std::mt19937_64 random;

  // barrier.cluster.
  uint64_t clusterGeneration = 0;
  unsigned clusterArrived = 0;
  Clock clusterArriving, clusterReleased;

  uint16_t wgmmaAgent(int cta, int group) const;
  uint16_t bulkAgent(const Warp &w) const { return static_cast<uint16_t>(bulkBase_ + w.agent); }
  uint16_t cpAgent(const Warp &w) const { return static_cast<uint16_t>(cpBase_ + w.agent); }
  uint16_t newMbarrierAgent(Mbarrier *m);
  std::string describeAgent(uint16_t agent, uint8_t lane) const;
  bool fenced(uint16_t agent, uint8_t lane, uint32_t epoch, uint32_t reached) const override;
  void warpExited(Warp &w);
  void checkClusterBarrier();
  unsigned threads() const { return threads_; }

private:
  void startWarps(Cta &cta);
  bool finishSomeLoad(bool onlyWanted);
  [[noreturn]] void deadlock();
  std::string describeWait(const Warp &w, const Split &s) const;

  unsigned threads_ = 0, warpsPerCta_ = 0;
  unsigned wgmmaBase_ = 0, bulkBase_ = 0, cpBase_ = 0;
  uint64_t idleRounds_ = 0;
  uint64_t sinceEffect_ = 0, lastEffects_ = 0;
};

/// A shared address of any kind, resolved.
struct SharedPlace {
  Cta *cta = nullptr;
  uint32_t offset = 0;
};

// Barriers.cpp
/// A warp of the CTA has exited: a barrier that waits for all may be complete now.
void exitNamedBarrier(Cta &cta, unsigned id);

// SharedMemory.cpp
/// Resolves `address` (a shared::cta, shared::cluster or generic address) of lane `lane`; reports
/// what is outside the CTA's shared memory, misaligned, or belongs to a CTA that has exited.
SharedPlace resolveShared(Warp &w, int lane, uint64_t address, uint32_t bytes, uint32_t align,
                          const char *what);
std::string describeShared(const Cta &cta, uint32_t offset);

// LoadStore.cpp
/// Host pointer of [address, address + bytes) in global memory; reports problems.
uint8_t *globalPointer(Warp &w, int lane, uint64_t address, size_t bytes, bool write,
                       const char *what);

// Mbarrier.cpp
Mbarrier &mbarrierAt(Warp &w, int lane, uint64_t address, const char *what, bool remoteUse,
                     bool asyncUse);
void completeTx(Mbarrier &m, int64_t bytes, Warp &w, int lane);
void checkPhase(Mbarrier &m);
void arriveCount(Mbarrier &m, uint32_t count, Warp &w, int lane);

// Tma.cpp
void performLoad(AsyncLoad &op, Mbarrier &m);
void performBulkStore(Warp &w, const BulkStore &op);
/// After a load was queued: performs it at once or at random if the order asks for it.
void loadQueued(Mbarrier &m);

// AsyncCopy.cpp
void performCpAsync(Warp &w, CpAsync &op, Mask lanes);
void finishCpAsync(Warp &w, Mask lanes);

// Wgmma.cpp
/// Performs the groups up to `group` of the warpgroup. False if a warp has not issued them yet.
bool performWgmma(Cta &cta, WarpGroup &g, uint32_t group);

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_MACHINE_H
