// The cost model: from a matrix product and a target to a ranked list of schedules with predicted
// times.
//
// Plain C++ without MLIR, so that it can be tested with tables of problems. The schedule pass fills
// in a `ProductShape` from the types of an op; the list it gets back has only schedules that fit
// the target.
#ifndef MPGEMM_DIALECT_MPGEMM_TRANSFORMS_COSTMODEL_H
#define MPGEMM_DIALECT_MPGEMM_TRANSFORMS_COSTMODEL_H

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::mpgemm::cost {

// What a multiprocessor and the memories behind it sustain.
struct TargetNumbers {
  std::string name;
  int64_t multiprocessors = 0;
  double clockGHz = 0;            // sustained under load
  double flopsPerCycle = 0;       // one multiprocessor, 16-bit products
  double sharedBytesPerCycle = 0; // one multiprocessor
  double l2BytesPerCycle = 0;     // one multiprocessor
  double hbmBytesPerSecond = 0;
  double loadLatencyCycles = 0; // global to shared, under load
  double launchMicroseconds = 0;
  int64_t sharedBytesPerBlock = 0;
  int64_t sharedBytesPerMultiprocessor = 0;
  bool warpSpecialised = false; // has wgmma and TMA; otherwise one role with mma.sync
};

// The numbers of a target that products are scheduled for; nullptr for any other name.
const TargetNumbers *findTarget(const std::string &name);
// "sm_90a, sm_80, ...": for messages.
std::string targetNames();

enum class Fill { tma, threads, async };
const char *fillName(Fill fill);

// One matrix product: sizes, bytes of an element, which side is contiguous, and what the pitches
// allow.
struct ProductShape {
  int64_t m = 1, n = 1, k = 1, batch = 1;
  int64_t aBytes = 2, bBytes = 2;
  int64_t accumulatorBytes = 4;
  double tensorRate = 1;      // of the tensor cores for these types, where 16-bit products have 1
  int64_t stepK = 16;         // K of one tensor-core instruction
  int64_t accumulators = 1;   // of the accumulation type, for each element
  bool bySingleWarps = false; // by mma.sync where the target has wgmma too
  int64_t runK = 0; // K steps after which a partial sum is added to an f32 sum; 0: one sum
  int64_t aScaleRows = 0, bScaleColumns = 0; // rows (columns) that share a scale of a partial sum
  bool aKMajor = true, bKMajor = true;
  bool aPitchForTma = true, bPitchForTma = true;
  bool resultPitchForTma = true;
  std::vector<int64_t> resultBytes = {2};
  int64_t epilogueBytesPerElement = 0; // matrices read by the epilogue
  int64_t quantizedColumns = 0;        // that share a scale of the result; 0: it is not quantized
};

struct Schedule {
  int64_t tileM = 0, tileN = 0, tileK = 0;
  int64_t stages = 0;
  int64_t consumers = 1;                                // warp groups (sm_90a); 1 on sm_80
  int64_t warpsM = 4, warpsN = 1;                       // warps of one consumer
  int64_t producerRegisters = 0, consumerRegisters = 0; // 0: as compiled
  int64_t rasterGroup = 1;
  int64_t minBlocks = 1; // resident blocks a multiprocessor is promised
  Fill fillA = Fill::tma, fillB = Fill::tma;
  bool stagedStore = false;

  // True with a role that fills and others that multiply; false where all warps do both.
  bool isWarpSpecialised() const { return fillA != Fill::async; }
  // Columns of the accumulator that the epilogue handles at a time, for results of
  // `maxResultBytes`.
  int64_t epilogueColumns(int64_t maxResultBytes) const;
  // Threads of a block, the producer's included.
  int64_t threads() const;
};

// K of a tile that fills rows of 128 bytes in shared memory, or less where the run of a partial sum
// is shorter.
int64_t chooseTileK(const ProductShape &shape);

// Shared memory of a block: operand ring, staging of the results, barriers.
int64_t sharedBytes(const ProductShape &shape, const Schedule &schedule);

// Registers of producer and consumers: what the fill needs, the rest for accumulators. 0 and 0
// where nothing has to be moved.
void setDefaultRegisters(Schedule &schedule);

// As many stages as fit the target, but no more than the K loop can use or than hide a load.
int64_t chooseStages(const ProductShape &shape, const Schedule &schedule,
                     const TargetNumbers &target);

// Why `schedule` cannot run on `target`, in one sentence with the numbers; empty when it can.
std::string whyImpossible(const ProductShape &shape, const Schedule &schedule,
                          const TargetNumbers &target);

struct Prediction {
  Schedule schedule;
  double microseconds = 0;
  int64_t waves = 0;
  const char *limit =
      ""; // what bounds a block of K: "tensor core", "shared memory", "L2", "latency", "HBM"
};

Prediction predict(const ProductShape &shape, const Schedule &schedule,
                   const TargetNumbers &target);

// All schedules worth considering that fit, fastest first; ties keep the order of generation.
std::vector<Prediction> rankSchedules(const ProductShape &shape, const TargetNumbers &target);

} // namespace mlir::mpgemm::cost

#endif // MPGEMM_DIALECT_MPGEMM_TRANSFORMS_COSTMODEL_H
