//===- FuzzPtx.cpp - PTX text through lexer, parser, decoder and simulator ----===//
//
// Every kernel of a text that parses is decoded; what decodes runs with one cluster for a bounded
// number of turns. The first bit of the text's length chooses the order of asynchronous work.
//
//===----------------------------------------------------------------------===//
#include "Fuzz.h"

#include "Decode.h"
#include "Machine.h"
#include "TensorMap.h"

#include <algorithm>
#include <cstring>

using namespace mpgemm;
using namespace mpgemm::sim;

static constexpr size_t bufferBytes = 1 << 16;
static constexpr size_t sharedLimit = 232448;
/// Turns of a cluster; in each a warp executes up to 32 x 4096 instructions.
static constexpr int mostTurns = 1;

static TensorMap makeTensorMap(uint64_t address) {
  TensorMapDesc desc;
  desc.type = TensorMapType::BF16;
  desc.rank = 2;
  desc.address = address;
  desc.sizes = {64, 64, 0, 0, 0};
  desc.stridesBytes = {128, 0, 0, 0};
  desc.box = {64, 64, 0, 0, 0};
  desc.swizzleBytes = 128;
  return sim::encodeTensorMap(desc);
}

/// Plausible values: pointers into a buffer, small numbers, a tensor map.
static std::vector<uint8_t> makeParameters(const KernelCode &kernel, uint64_t buffer) {
  std::vector<uint8_t> bytes(kernel.paramBytes);
  for (const KernelParam &param : kernel.params) {
    uint8_t *at = bytes.data() + param.offset;
    if (param.bytes == 8)
      std::memcpy(at, &buffer, 8);
    else if (param.bytes == 128)
      std::memcpy(at, makeTensorMap(buffer).data(), 128);
    else if (param.bytes == 4)
      std::memcpy(at, "\x10\0\0", 4);
  }
  return bytes;
}

static bool chooseConfig(const KernelCode &kernel, LaunchConfig &config) {
  uint64_t threads = 1, cluster = 1;
  for (size_t d = 0; d < 3; ++d) {
    config.block[d] = kernel.requiredThreads[0] ? std::max(1u, kernel.requiredThreads[d]) : 1;
    config.cluster[d] = kernel.requiredCluster[0] ? std::max(1u, kernel.requiredCluster[d]) : 1;
    config.grid[d] = config.cluster[d];
    threads *= config.block[d];
    cluster *= config.cluster[d];
    if (threads > 1024 || cluster > 2)
      return false;
  }
  if (!kernel.requiredThreads[0])
    config.block[0] = kernel.maxThreads ? std::min(128u, kernel.maxThreads) : 64;
  config.sharedBytes = 16384;
  return kernel.dynamicOffset + config.sharedBytes <= sharedLimit;
}

static void runKernel(const KernelCode &kernel, GlobalMemory &memory, uint64_t buffer,
                      AsyncOrder order) {
  Launch launch;
  launch.kernel = &kernel;
  if (!chooseConfig(kernel, launch.config))
    return;
  launch.options.order = order;
  launch.memory = &memory;
  launch.params = makeParameters(kernel, buffer);
  launch.sharedBytes = kernel.dynamicOffset + launch.config.sharedBytes;
  launch.multiprocessors = 2;
  std::mutex atomics;
  launch.atomics = &atomics;
  Cluster cluster(launch, 0, 0);
  for (int turn = 0; turn < mostTurns; ++turn)
    if (cluster.run())
      break;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  PtxModule module;
  bool parsed = false;
  fuzz::allowErrors([&] {
    module = parsePtx(text, "fuzz.ptx");
    parsed = true;
  });
  if (!parsed)
    return 0;
  GlobalMemory memory(64 << 20, /*checks=*/true);
  std::unordered_map<std::string, Symbol> symbols;
  fuzz::allowErrors([&] {
    for (const PtxVariable &v : module.variables) {
      if (v.space != "global" && v.space != "const")
        continue;
      uint64_t address = memory.allocate(v.bytes, v.name);
      Allocation *a = memory.find(address, v.bytes);
      if (!v.init.empty())
        std::memcpy(a->data, v.init.data(), v.bytes);
      GlobalMemory::markWritten(*a, address, v.bytes);
      symbols[v.name] = {v.space == "const" ? Space::Const : Space::Global, address, v.bytes,
                         false};
    }
    uint64_t buffer = memory.allocate(bufferBytes, "buffer");
    GlobalMemory::markWritten(*memory.find(buffer, bufferBytes), buffer, bufferBytes);
    for (const PtxFunction &f : module.functions) {
      std::unique_ptr<KernelCode> kernel = decodeKernel(module, f, symbols);
      fuzz::allowErrors([&] {
        runKernel(*kernel, memory, buffer, size % 2 ? AsyncOrder::Random : AsyncOrder::Latest);
      });
    }
  });
  return 0;
}

static const char *const words[] = {"add",         "sub",
                                    "mul",         "mad",
                                    "fma",         "div",
                                    "rem",         "min",
                                    "max",         "and",
                                    "or",          "xor",
                                    "not",         "shl",
                                    "shr",         "lop3",
                                    "prmt",        "bfe",
                                    "bfi",         "popc",
                                    "clz",         "bfind",
                                    "brev",        "abs",
                                    "neg",         "sqrt",
                                    "rcp",         "ex2",
                                    "lg2",         "tanh",
                                    "cvt",         "cvta",
                                    "mov",         "ld",
                                    "st",          "ldu",
                                    "atom",        "red",
                                    "setp",        "selp",
                                    "set",         "slct",
                                    "bra",         "ret",
                                    "exit",        "trap",
                                    "bar",         "barrier",
                                    "sync",        "arrive",
                                    "wait",        "cluster",
                                    "mbarrier",    "init",
                                    "inval",       "try_wait",
                                    "test_wait",   "expect_tx",
                                    "complete_tx", "parity",
                                    "fence",       "proxy",
                                    "async",       "membar",
                                    "shfl",        "bfly",
                                    "idx",         "up",
                                    "down",        "vote",
                                    "match",       "redux",
                                    "activemask",  "elect",
                                    "cp",          "bulk",
                                    "tensor",      "commit_group",
                                    "wait_group",  "wait_all",
                                    "prefetch",    "ldmatrix",
                                    "stmatrix",    "mma",
                                    "wgmma",       "mma_async",
                                    "setmaxnreg",  "inc",
                                    "dec",         "sync",
                                    "aligned",     "shared",
                                    "global",      "local",
                                    "const",       "param",
                                    "generic",     "cta",
                                    "gpu",         "sys",
                                    "relaxed",     "acquire",
                                    "release",     "acq_rel",
                                    "volatile",    "nc",
                                    "v2",          "v4",
                                    "x1",          "x2",
                                    "x4",          "trans",
                                    "rn",          "rz",
                                    "rni",         "rzi",
                                    "sat",         "satfinite",
                                    "ftz",         "approx",
                                    "full",        "lo",
                                    "hi",          "wide",
                                    "lt",          "ge",
                                    "equ",         "num",
                                    "nan",         "cc",
                                    "m16n8k16",    "m16n8k32",
                                    "m64n8k16",    "m64n256k16",
                                    "m64n8k32",    "row",
                                    "col",         "f32",
                                    "f16",         "bf16",
                                    "f16x2",       "bf16x2",
                                    "tf32",        "e4m3",
                                    "e5m2",        "e4m3x2",
                                    "s8",          "u8",
                                    "s32",         "u32",
                                    "s64",         "u64",
                                    "b8",          "b16",
                                    "b32",         "b64",
                                    "b128",        "f64",
                                    "pred",        "%tid",
                                    "%ctaid",      "%laneid",
                                    "%nctaid",     "%clusterid",
                                    ".x",          ".reg",
                                    ".shared",     ".local",
                                    ".align",      ".param",
                                    ".entry",      ".target",
                                    ".version",    ".reqntid",
                                    ".maxntid",    ".minnctapersm",
                                    ".maxnreg",    ".reqnctapercluster",
                                    ".extern",     ".visible",
                                    ".pragma",     ".loc",
                                    ".file",       ".section",
                                    ".attribute",  "sm_90a",
                                    "sm_80",       "{",
                                    "}",           "[",
                                    "]",           "(",
                                    ")",           ";",
                                    ",",           ":",
                                    "|",           "!",
                                    "@",           "_",
                                    "+",           "-",
                                    "<",           ">",
                                    "=",           "::",
                                    "0f3F800000",  "0d3FF0000000000000",
                                    "0b101",       "0xffffffffffffffff",
                                    "1.5"};

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  std::string text(reinterpret_cast<const char *>(data), size);
  return fuzz::store(fuzz::mutateTokens(text, words, std::size(words), most, seed), data, most);
}
