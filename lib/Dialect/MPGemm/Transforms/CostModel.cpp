// The cost model: time = waves x K blocks x max(tensor core, shared memory, L2, latency), at least
// the time of the compulsory HBM traffic, plus launch, filling the ring and the epilogue of the
// last wave.
//
// The tables below hold measured or documented figures of one device each; the order of schedules
// depends on their ratios, so a device near them is served well too.
#include "mpgemm/Dialect/MPGemm/Transforms/CostModel.h"
#include "mpgemm/Target/Targets.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace mlir::mpgemm::cost {
namespace {

constexpr int64_t ringAlignment = 1024;
constexpr int64_t barrierBytes = 16; // a full and an empty barrier for a slot
constexpr int64_t warpGroupRows = 64;

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }

using TargetTable = std::array<TargetNumbers, 4>;

TargetTable makeTargets() {
  // sm_90a: H200, 132 multiprocessors; wgmma m64n256k16 in 128 cycles.
  // sm_80: A100, 108 multiprocessors; 1024 fused multiply-adds a cycle.
  // The next two are figures that sellers of the cards state, not measured and not checked:
  // sm_89: L40S: 142 multiprocessors at 2.52 GHz, 362 TFLOP/s dense f16 with f32 accumulation, so
  // 512
  //   fused multiply-adds a cycle; 864 GB/s.
  // sm_120a: RTX PRO 6000 Blackwell: 188 multiprocessors at 2.62 GHz, 504 TFLOP/s dense f16, so 512
  //   fused multiply-adds a cycle; 1792 GB/s.
  // Their L2 rates and latencies are those of sm_80.
  TargetTable table = {{
      {"sm_90a", 132, 1.55, 8192.0 / 2, 128, 56, 4.2e12, 900, 3.0, 0, 0, true},
      {"sm_80", 108, 1.30, 2048, 128, 48, 1.9e12, 700, 4.0, 0, 0, false},
      {"sm_89", 142, 2.52, 1024, 128, 48, 0.864e12, 700, 4.0, 0, 0, false},
      {"sm_120a", 188, 2.62, 1024, 128, 48, 1.792e12, 700, 4.0, 0, 0, false},
  }};
  // What a kernel may use stands in one table for the whole compiler. A multiprocessor has 1 KiB
  // more, which it keeps for the one resident block.
  for (TargetNumbers &numbers : table) {
    numbers.sharedBytesPerBlock = lookupTarget(numbers.name)->maxSharedBytes;
    numbers.sharedBytesPerMultiprocessor = numbers.sharedBytesPerBlock + 1024;
  }
  return table;
}

const TargetTable &targets() {
  static const TargetTable table = makeTargets();
  return table;
}

int64_t maxResultBytes(const ProductShape &shape) {
  return *std::max_element(shape.resultBytes.begin(), shape.resultBytes.end());
}

int64_t tileBytes(const ProductShape &shape, const Schedule &s) {
  return roundUp(s.tileM * s.tileK * shape.aBytes, ringAlignment) +
         roundUp(s.tileN * s.tileK * shape.bBytes, ringAlignment);
}

// Two buffers for each consumer and result, so that one is written while the other is read.
int64_t stagingBytes(const ProductShape &shape, const Schedule &s) {
  if (!s.stagedStore)
    return 0;
  const int64_t columns =
      shape.quantizedColumns ? shape.quantizedColumns : s.epilogueColumns(maxResultBytes(shape));
  const int64_t copies = s.tileN > columns ? 2 : 1;
  int64_t bytes = 0;
  for (int64_t resultBytes : shape.resultBytes)
    bytes += copies * s.consumers *
             roundUp(s.tileM / s.consumers * columns * resultBytes, ringAlignment);
  return bytes;
}

std::string number(int64_t value) { return std::to_string(value); }

std::string tileText(const Schedule &s) {
  return number(s.tileM) + "x" + number(s.tileN) + "x" + number(s.tileK);
}

// Registers of a thread that hold the accumulator, the f32 sum of a product in runs, and the scales
// of its columns.
int64_t accumulatorRegisters(const ProductShape &shape, const Schedule &s) {
  const int64_t threads = 32 * s.warpsM * s.warpsN;
  const int64_t elements = s.tileM / s.consumers * s.tileN / threads;
  const int64_t sums = shape.runK ? elements : 0;
  const int64_t scales = shape.bScaleColumns == 1 ? s.tileN / 4 / s.warpsN : 0;
  return elements * shape.accumulators * shape.accumulatorBytes / 4 + sums + scales;
}

// The main loop of a product in runs holds nothing beside its sums; otherwise fragments of the
// epilogue, or operands of mma.sync, need room beside the accumulator.
int64_t mostAccumulatorRegisters(const ProductShape &shape, const Schedule &s) {
  return s.isWarpSpecialised() && shape.runK ? 200 : 128;
}

// A row of a tile fills a swizzle: 32, 64 or any multiple of 128 bytes.
bool fillsSwizzle(int64_t bytes) { return bytes == 32 || bytes == 64 || bytes % 128 == 0; }

std::string whyTileImpossible(const ProductShape &shape, const Schedule &s) {
  const int64_t rows = 16 * s.warpsM * s.consumers, columns = 8 * s.warpsN;
  if (s.tileM <= 0 || s.tileM % rows)
    return "tile M=" + number(s.tileM) + " is not a multiple of " + number(rows) + " (" +
           number(s.consumers) + " consumers of " + number(s.warpsM) + " warps along M)";
  if (s.tileN <= 0 || s.tileN % columns || s.tileN > 256)
    return "tile N=" + number(s.tileN) + " is not a multiple of " + number(columns) + " up to 256";
  if (s.tileN % (8 * s.warpsN * 2))
    return "tile N=" + number(s.tileN) + " is not a multiple of " + number(16 * s.warpsN);
  const int64_t together = shape.quantizedColumns;
  if (together &&
      (s.tileN % together || together % columns || (together == shape.n && together != s.tileN)))
    return "tile N=" + number(s.tileN) + " in pieces of " + number(columns) +
           " columns does not fit the " + number(together) +
           " columns that share a scale of the result";
  if (s.tileK <= 0 || s.tileK % shape.stepK)
    return "tile K=" + number(s.tileK) + " is not a multiple of " + number(shape.stepK);
  if (!fillsSwizzle(s.tileK * shape.aBytes) || !fillsSwizzle(s.tileK * shape.bBytes))
    return "tile K=" + number(s.tileK) + " does not fill rows of 32, 64 or 128 bytes";
  if (shape.runK && shape.runK % s.tileK)
    return "tile K=" + number(s.tileK) + " does not divide the " + number(shape.runK) +
           " steps of K that share a partial sum";
  if (s.isWarpSpecialised() && !shape.bKMajor && s.tileN * shape.bBytes % 128)
    return "tile N=" + number(s.tileN) + " does not fill rows of 128 bytes of an N-major B";
  const int64_t accRows = s.tileM / s.consumers, pieceM = 16 * s.warpsM;
  if (shape.aScaleRows > 1 && std::gcd(accRows, shape.aScaleRows) % pieceM)
    return number(shape.aScaleRows) + " rows share a scale of A; a consumer of " + number(accRows) +
           " rows needs one scale for each row or for a multiple of " + number(pieceM);
  if (shape.bScaleColumns > 1 && std::gcd(s.tileN, shape.bScaleColumns) % columns)
    return number(shape.bScaleColumns) + " columns share a scale of B, which has no multiple of " +
           number(columns) + " in common with tile N=" + number(s.tileN);
  if (!shape.aKMajor && s.tileM * shape.aBytes % 32)
    return "tile M=" + number(s.tileM) + " does not fill rows of 32 bytes of an M-major A";
  if (!shape.bKMajor && s.tileN * shape.bBytes % 32)
    return "tile N=" + number(s.tileN) + " does not fill rows of 32 bytes of an N-major B";
  return "";
}

} // namespace

const TargetNumbers *findTarget(const std::string &name) {
  for (const TargetNumbers &target : targets())
    if (target.name == name)
      return &target;
  return nullptr;
}

std::string targetNames() {
  std::string names;
  for (const TargetNumbers &target : targets())
    names += (names.empty() ? "" : ", ") + target.name;
  return names;
}

const char *fillName(Fill fill) {
  switch (fill) {
  case Fill::tma:
    return "tma";
  case Fill::threads:
    return "threads";
  case Fill::async:
    return "async";
  }
  return "unknown";
}

int64_t Schedule::epilogueColumns(int64_t maxResultBytes) const {
  // One row of a staging tile is at most the 128 bytes that a swizzle spans. A warp of the single
  // role holds more rows, so it takes fewer columns at a time.
  for (int64_t columns : {64, 32, 16}) {
    if (fillA == Fill::async && columns > 32)
      continue;
    if (columns * maxResultBytes <= 128 && tileN % columns == 0 && columns % (8 * warpsN) == 0)
      return columns;
  }
  return 8 * warpsN;
}

int64_t Schedule::threads() const {
  return 32 * warpsM * warpsN * consumers + (isWarpSpecialised() ? 128 : 0);
}

int64_t chooseTileK(const ProductShape &shape) {
  const int64_t elementBytes = std::max(shape.aBytes, shape.bBytes);
  for (int64_t bytes : {128, 64, 32}) {
    const int64_t tileK = bytes / elementBytes;
    if (tileK % shape.stepK == 0 && shape.runK % tileK == 0)
      return tileK;
  }
  return shape.stepK;
}

int64_t sharedBytes(const ProductShape &shape, const Schedule &s) {
  // Warps that share rows of a quantised result meet in shared memory.
  const bool meets = shape.quantizedColumns && s.warpsN > 1;
  return s.stages * tileBytes(shape, s) + stagingBytes(shape, s) + 2 * barrierBytes * s.stages +
         (meets ? roundUp(4 * s.tileM * s.warpsN, 16) : 0);
}

void setDefaultRegisters(Schedule &s) {
  // With 3 warp groups a thread starts at 168 registers; with 2 or fewer there is nothing to move.
  const bool move = s.isWarpSpecialised() && s.consumers == 2;
  const bool threadFill = s.fillA == Fill::threads || s.fillB == Fill::threads;
  s.producerRegisters = !move ? 0 : threadFill ? 88 : 40;
  s.consumerRegisters = !move ? 0 : threadFill ? 208 : 232;
}

int64_t chooseStages(const ProductShape &shape, const Schedule &s, const TargetNumbers &target) {
  // A multiprocessor keeps 1 KiB for each resident block.
  const int64_t share =
      target.sharedBytesPerMultiprocessor / std::max<int64_t>(1, s.minBlocks) - 1024;
  const int64_t budget = std::min(target.sharedBytesPerBlock, share);
  const int64_t fit = (budget - stagingBytes(shape, s)) / (tileBytes(shape, s) + 2 * barrierBytes);
  const int64_t useful = std::max<int64_t>(2, ceilDiv(shape.k, s.tileK) + 1);
  const int64_t most = s.fillA == Fill::async ? 4 : 8;
  return std::min<int64_t>({fit, useful, most});
}

std::string whyImpossible(const ProductShape &shape, const Schedule &s,
                          const TargetNumbers &target) {
  std::string reason = whyTileImpossible(shape, s);
  if (!reason.empty())
    return reason;
  const bool specialised = target.warpSpecialised && !shape.bySingleWarps;
  for (Fill fill : {s.fillA, s.fillB})
    if ((fill == Fill::async) == specialised)
      return std::string("fill by ") + fillName(fill) + "; " + target.name + " fills by " +
             (specialised ? "tma or threads" : "async") +
             (shape.bySingleWarps ? " for products by mma.sync" : "");
  if (s.consumers < 1 || s.consumers > (specialised ? 2 : 1))
    return number(s.consumers) + " consumers; " + target.name + " kernels have " +
           (specialised ? "1 or 2" : "1");
  if (shape.bySingleWarps && s.warpsM == 4 && s.warpsN == 1)
    return "warps 4x1 are a warpgroup, and this product is one of single warps (mma.sync); use "
           "2x2 or 1x4";
  if (specialised && (s.warpsM != 4 || s.warpsN != 1))
    return "warps " + number(s.warpsM) + "x" + number(s.warpsN) + "; a consumer of " + target.name +
           " is 4x1 warps";
  if (s.warpsM < 1 || s.warpsN < 1 || s.warpsM * s.warpsN > 16)
    return "warps " + number(s.warpsM) + "x" + number(s.warpsN) + " are not between 1 and 16";
  if (s.stages < 2)
    return number(s.stages) + " stages; a ring needs at least 2";
  if (s.fillA == Fill::tma && !shape.aPitchForTma)
    return "A is filled by tma, but the distance between its rows is not a known multiple of 16 "
           "bytes; use threads";
  if (s.fillB == Fill::tma && !shape.bPitchForTma)
    return "B is filled by tma, but the distance between its rows is not a known multiple of 16 "
           "bytes; use threads";
  if (s.stagedStore && !shape.resultPitchForTma)
    return "the store is staged, but the distance between rows of a result is not a known "
           "multiple of 16 bytes; use direct";
  if (s.stagedStore && !specialised)
    return "the store is staged, which kernels of one role do not have; use direct";
  const int64_t registers = accumulatorRegisters(shape, s);
  if (const int64_t most = mostAccumulatorRegisters(shape, s); registers > most)
    return "tile " + tileText(s) + " needs " + number(registers) +
           " accumulator registers a thread; at most " + number(most) + " leave room for the rest";
  const int64_t bytes = sharedBytes(shape, s);
  if (bytes > target.sharedBytesPerBlock)
    return "tile " + tileText(s) + " with " + number(s.stages) + " stages needs " + number(bytes) +
           " B of shared memory; " + target.name + " allows " + number(target.sharedBytesPerBlock) +
           " B (" +
           number(std::max<int64_t>(0, (target.sharedBytesPerBlock - stagingBytes(shape, s)) /
                                           (tileBytes(shape, s) + 2 * barrierBytes))) +
           " stages fit)";
  return "";
}

Prediction predict(const ProductShape &shape, const Schedule &s, const TargetNumbers &target) {
  const int64_t tiles =
      ceilDiv(shape.m, s.tileM) * ceilDiv(shape.n, s.tileN) * std::max<int64_t>(1, shape.batch);
  const int64_t kBlocks = ceilDiv(shape.k, s.tileK);
  const double cyclesPerSecond = target.clockGHz * 1e9;

  // Blocks that run on one multiprocessor share its tensor cores and its memory paths.
  const int64_t resident =
      std::max<int64_t>(1, std::min(s.minBlocks, ceilDiv(tiles, target.multiprocessors)));
  const int64_t slots = target.multiprocessors * resident;
  const int64_t waves = ceilDiv(tiles, slots);
  const int64_t busy = std::min(target.multiprocessors, tiles);

  // One K block of one tile, in cycles of a multiprocessor.
  const double loaded = double(s.tileM * shape.aBytes + s.tileN * shape.bBytes) * s.tileK;
  const double tensor =
      2.0 * s.tileM * s.tileN * s.tileK / (target.flopsPerCycle * shape.tensorRate);
  // Each group of 64 rows (a warp's rows on sm_80) reads all of B's columns it multiplies.
  const int64_t rowGroups = s.isWarpSpecialised() ? s.tileM / warpGroupRows : s.warpsM;
  const int64_t columnGroups = s.isWarpSpecialised() ? 1 : s.warpsN;
  const double reads =
      double(columnGroups * s.tileM * shape.aBytes + rowGroups * s.tileN * shape.bBytes) * s.tileK;
  // Each accumulator of mma.sync loads its operands from shared memory for itself.
  const double shared = (reads * double(shape.accumulators) + loaded) / target.sharedBytesPerCycle;
  const double l2 = loaded / target.l2BytesPerCycle;
  const double latency = target.loadLatencyCycles / s.stages;
  // Measured on promoted 8-bit products with tiles of 128x128 and 128x192: while one consumer adds
  // its partial sum, the copy engine and the other consumer have the memory paths to themselves.
  const double traffic = target.warpSpecialised && shape.runK ? 0.85 : 1.0;
  struct Term {
    const char *name;
    double cycles;
  };
  const std::array<Term, 4> terms = {{{"tensor core", tensor * resident},
                                      {"shared memory", traffic * shared * resident},
                                      {"L2", traffic * l2 * resident},
                                      {"latency", latency}}};
  const Term worst = *std::max_element(
      terms.begin(), terms.end(), [](const Term &a, const Term &b) { return a.cycles < b.cycles; });
  double blockCycles = worst.cycles;
  // Ordinary loads by the producer's threads have neither the bandwidth nor the lookahead of TMA.
  if (s.fillA == Fill::threads || s.fillB == Fill::threads)
    blockCycles = std::max(blockCycles, latency * s.stages);
  // A single warp group cannot hide its own issue gaps; shared operand traffic costs power at every
  // tile.
  if (s.isWarpSpecialised() && s.consumers == 1 && resident == 1)
    blockCycles += 32;
  blockCycles += 0.15 * shared;
  // Adding a partial sum takes an instruction an element and waits for the tensor core; a second
  // consumer multiplies meanwhile.
  if (shape.runK) {
    const double adding = double(s.tileN) / 2 + 100;
    blockCycles += (s.consumers == 1 && resident == 1 ? adding : 0.1 * adding) * double(s.tileK) /
                   double(shape.runK);
  }

  // Columns that share a scale of a block of B are scaled together: measured with tiles of 128, 160
  // and 192 columns under blocks of 128.
  if (shape.runK && shape.bScaleColumns > 1)
    blockCycles += 25.0 * double(s.tileN / std::gcd(s.tileN, shape.bScaleColumns)) *
                   double(s.tileK) / double(shape.runK);

  const double mainLoop = waves * kBlocks * blockCycles / cyclesPerSecond;

  // The epilogue writes and reads at about the L2 rate; a persistent block overlaps little of it.
  double resultBytes = double(shape.epilogueBytesPerElement);
  for (int64_t bytes : shape.resultBytes)
    resultBytes += double(bytes);
  const double perElement = resultBytes / target.l2BytesPerCycle * (s.stagedStore ? 1.0 : 1.5);
  const double epilogue =
      waves * resident * (s.tileM * s.tileN * perElement + 600.0) / cyclesPerSecond;

  const double compulsory = double(shape.batch) * (double(shape.m) * shape.k * shape.aBytes +
                                                   double(shape.n) * shape.k * shape.bBytes +
                                                   double(shape.m) * shape.n * resultBytes);
  // A multiprocessor alone draws a bounded share of the memory bandwidth.
  const double share = std::min(1.0, 1.6 * double(busy) / double(target.multiprocessors));
  const double hbm = compulsory / (target.hbmBytesPerSecond * share);

  const double prologue = target.loadLatencyCycles / cyclesPerSecond;
  Prediction result;
  result.schedule = s;
  result.waves = waves;
  result.limit = hbm > mainLoop ? "HBM" : worst.name;
  result.microseconds =
      target.launchMicroseconds + 1e6 * (prologue + std::max(mainLoop, hbm) + epilogue);
  return result;
}

namespace {

// Rows of tiles that are walked together, so that their operands stay in L2.
int64_t chooseRasterGroup(const ProductShape &shape, const Schedule &s) {
  const int64_t mTiles = ceilDiv(shape.m, s.tileM);
  return std::max<int64_t>(1, std::min<int64_t>(16, mTiles));
}

void addCandidate(std::vector<Prediction> &list, const ProductShape &shape, Schedule s,
                  const TargetNumbers &target) {
  s.stages = chooseStages(shape, s, target);
  s.rasterGroup = chooseRasterGroup(shape, s);
  if (whyImpossible(shape, s, target).empty())
    list.push_back(predict(shape, s, target));
}

void addWarpSpecialised(std::vector<Prediction> &list, const ProductShape &shape,
                        const TargetNumbers &target) {
  Schedule s;
  s.fillA = shape.aPitchForTma ? Fill::tma : Fill::threads;
  s.fillB = shape.bPitchForTma ? Fill::tma : Fill::threads;
  s.stagedStore = shape.resultPitchForTma;
  for (int64_t consumers : {2, 1})
    for (int64_t tileN : {256, 224, 192, 160, 128, 96, 64, 32, 16}) {
      s.consumers = consumers;
      s.tileM = warpGroupRows * consumers;
      s.tileN = tileN;
      s.tileK = chooseTileK(shape);
      setDefaultRegisters(s);
      addCandidate(list, shape, s, target);
    }
}

void addOneRole(std::vector<Prediction> &list, const ProductShape &shape,
                const TargetNumbers &target) {
  struct Tile {
    int64_t m, n, warpsM, warpsN, minBlocks;
  };
  // Two blocks of 4 warps share a multiprocessor with all the registers a thread can name; two of 8
  // warps would leave 128 each, which an epilogue with several operands does not fit.
  const Tile tiles[] = {{128, 128, 2, 4, 1}, {128, 64, 2, 2, 2}, {64, 128, 2, 2, 2},
                        {64, 64, 2, 2, 2},   {64, 32, 2, 2, 2},  {32, 64, 2, 2, 2},
                        {32, 128, 1, 4, 2},  {16, 64, 1, 4, 2},  {16, 128, 1, 4, 2}};
  for (const Tile &tile : tiles) {
    Schedule s;
    s.fillA = s.fillB = Fill::async;
    s.tileM = tile.m;
    s.tileN = tile.n;
    s.tileK = chooseTileK(shape);
    s.warpsM = tile.warpsM;
    s.warpsN = tile.warpsN;
    s.minBlocks = tile.minBlocks;
    addCandidate(list, shape, s, target);
  }
}

} // namespace

std::vector<Prediction> rankSchedules(const ProductShape &shape, const TargetNumbers &target) {
  std::vector<Prediction> list;
  if (target.warpSpecialised && !shape.bySingleWarps)
    addWarpSpecialised(list, shape, target);
  else
    addOneRole(list, shape, target);
  // Stable by insertion: two equal predictions must rank the same way on every machine.
  std::vector<Prediction> ranked;
  for (const Prediction &prediction : list)
    ranked.insert(std::upper_bound(ranked.begin(), ranked.end(), prediction,
                                   [](const Prediction &a, const Prediction &b) {
                                     return a.microseconds < b.microseconds;
                                   }),
                  prediction);
  return ranked;
}

} // namespace mlir::mpgemm::cost
