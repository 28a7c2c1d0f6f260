//===- MutationTest.cpp - Kernels with one synchronisation less -------------===//
//
// Each kernel of kernels/ is compiled by mpgemm-opt. As it is, the simulator must find it clean, in
// every order of asynchronous work and with one multiprocessor (a CTA computes several tiles, K
// turns the ring more than twice) as with three. Then each fence, wait, commit, arrive and barrier
// is taken out, one at a time: the simulator must report every such copy in at least one order.
// What is exempt stands in a table with its reason, and an exemption that nothing needs is an
// error.
//
//===----------------------------------------------------------------------===//
#include "mpgemm/Simulator/Mutation.h"
#include "mpgemm/Artifact/Artifact.h"
#include "mpgemm/Runtime/mpgemm.h"
#include "mpgemm/Support/Sha256.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>

using namespace mpgemm;

namespace {

struct Exemption {
  const char *opcode; ///< How the instruction's opcode begins.
  int count;          ///< How many of them the simulator need not report.
  const char *reason;
};

struct Kernel {
  const char *name;
  const char *target;
  std::vector<Exemption> exemptions;
};

const Kernel kKernels[] = {
    {"sm90-staged", "sm_90a", {}},   {"sm90-threads-fill", "sm_90a", {}},
    {"sm90-direct", "sm_90a", {}},   {"sm90-mn-major", "sm_90a", {}},
    {"sm90-epilogue", "sm_90a", {}}, {"sm80-aligned", "sm_80", {}},
    {"sm80-unaligned", "sm_80", {}},
};

/// Throws with the runtime's message.
void check(mpgemm_status status) {
  if (status != MPGEMM_OK)
    throw std::runtime_error(mpgemm_last_error());
}

std::string readText(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file)
    throw std::runtime_error("cannot read " + path);
  return text.str();
}

/// Where a float type keeps its exponent: codes of -1, 0, 1 and 2.
std::vector<uint32_t> smallValues(const std::string &type) {
  if (type == "f16")
    return {0xbc00, 0, 0x3c00, 0x4000};
  if (type == "bf16")
    return {0xbf80, 0, 0x3f80, 0x4000};
  if (type == "f32")
    return {0xbf800000, 0, 0x3f800000, 0x40000000};
  throw std::runtime_error("no inputs of type " + type);
}

/// Closes what the C API opened.
struct Handles {
  mpgemm_device device = nullptr;
  mpgemm_program program = nullptr;
  mpgemm_context context = nullptr;
  std::vector<uint64_t> memory;
  ~Handles() {
    if (context)
      mpgemm_context_release(context);
    if (program)
      mpgemm_program_release(program);
    for (uint64_t address : memory)
      mpgemm_device_free(device, address);
    if (device)
      mpgemm_device_release(device);
  }
};

struct Outcome {
  bool loaded = false; ///< False: `report` says why the program could not even start.
  std::string report;  ///< Empty where the call succeeded.
  std::vector<unsigned char> result;
};

/// Runs the function `main` of an artifact once on small seeded integers.
Outcome runOnce(const std::string &path, const std::string &device) {
  Outcome outcome;
  Handles h;
  try {
    check(mpgemm_device_open(device.c_str(), &h.device));
    check(mpgemm_program_load(h.device, path.c_str(), &h.program));
    check(mpgemm_context_create(h.program, &h.context));
    int32_t function = 0;
    check(mpgemm_program_find_function(h.program, "main", &function));
    std::mt19937 random(7);
    std::vector<std::vector<int64_t>> shapes;
    std::vector<mpgemm_tensor> tensors;
    size_t resultBytes = 0;
    const int32_t count = mpgemm_function_argument_count(h.program, function);
    shapes.reserve(static_cast<size_t>(count) + 1);
    for (int32_t i = 0; i <= count; ++i) {
      const mpgemm_tensor_info *info = i < count ? mpgemm_function_argument(h.program, function, i)
                                                 : mpgemm_function_result(h.program, function, 0);
      shapes.emplace_back();
      size_t elements = 1;
      for (int32_t d = 0; d < info->rank; ++d) {
        shapes.back().push_back(info->dimensions[d].size);
        elements *= static_cast<size_t>(info->dimensions[d].size);
      }
      std::vector<uint32_t> values = smallValues(info->type);
      std::vector<unsigned char> bytes(elements * info->element_bytes);
      for (size_t e = 0; e < elements; ++e)
        memcpy(bytes.data() + e * info->element_bytes, &values[random() % 4], info->element_bytes);
      uint64_t address = 0;
      check(mpgemm_device_allocate(h.device, bytes.size(), &address));
      h.memory.push_back(address);
      check(mpgemm_copy_to_device(h.device, address, bytes.data(), bytes.size(), 0));
      tensors.push_back({address, info->type, info->rank, shapes.back().data()});
      resultBytes = bytes.size();
    }
    outcome.loaded = true;
    check(
        mpgemm_context_call(h.context, function, tensors.data(), count, &tensors.back(), 1, 0, 0));
    check(mpgemm_stream_synchronize(h.device, 0));
    outcome.result.resize(resultBytes);
    check(mpgemm_copy_to_host(h.device, outcome.result.data(), h.memory.back(), resultBytes, 0));
  } catch (const std::exception &error) {
    outcome.report = error.what();
  }
  return outcome;
}

[[maybe_unused]] void PrintTo(const Kernel &kernel, std::ostream *out) { *out << kernel.name; }

class Mutation : public ::testing::TestWithParam<Kernel> {
protected:
  /// Compiles the kernel and gives the artifact's path.
  std::string compile() const {
    const Kernel &kernel = GetParam();
    std::string path = std::string(MPGEMM_WORK "/") + kernel.name + ".ptx";
    std::remove(path.c_str());
    std::string command = std::string("\"" MPGEMM_OPT "\" \"" MPGEMM_KERNELS "/") + kernel.name +
                          ".mlir\" --target=" + kernel.target + " --emit=ptx -o \"" + path + "\"";
    if (std::system(command.c_str()) != 0)
      throw std::runtime_error("failed: " + command);
    return path;
  }
  std::string device(const std::string &options) const {
    return "sim:" + options + (std::string(GetParam().target) == "sm_80" ? ",arch=sm_80" : "");
  }
};

TEST_P(Mutation, UnmodifiedKernelIsClean) {
  std::string path = compile();
  std::vector<unsigned char> first;
  for (const char *options :
       {"sms=1,order=latest", "sms=1,order=earliest", "sms=1,order=random,seed=1",
        "sms=1,order=random,seed=2", "sms=3,order=latest", "sms=3,order=earliest",
        "sms=3,order=random,seed=3"}) {
    Outcome outcome = runOnce(path, device(options));
    EXPECT_EQ(outcome.report, "") << options;
    if (first.empty())
      first = outcome.result;
    EXPECT_TRUE(outcome.result == first) << "another result with " << options;
  }
}

TEST_P(Mutation, EveryDeletedSynchronisationIsReported) {
  std::string path = compile(), text = readText(path);
  std::string image = loadArtifact(path).image;
  size_t imageAt = text.size() - image.size();
  std::string hash = sha256Hex(image);
  size_t hashAt = text.find(hash);
  ASSERT_EQ(text.substr(imageAt), image);
  ASSERT_NE(hashAt, std::string::npos);
  std::vector<SyncInstruction> instructions = listSyncInstructions(image);
  ASSERT_FALSE(instructions.empty());
  std::vector<int> exempt(GetParam().exemptions.size(), 0);
  const std::string changed = std::string(MPGEMM_WORK "/") + GetParam().name + ".mutated.ptx";
  for (const SyncInstruction &instruction : instructions) {
    std::string mutated = deleteInstruction(image, instruction);
    std::string whole = text.substr(0, imageAt);
    whole.replace(hashAt, hash.size(), sha256Hex(mutated));
    std::ofstream(changed, std::ios::binary) << whole << mutated;
    std::string report;
    for (const char *options : {"sms=1,order=latest", "sms=1,order=earliest",
                                "sms=1,order=random,seed=1", "sms=3,order=random,seed=2"}) {
      Outcome outcome = runOnce(changed, device(options));
      ASSERT_TRUE(outcome.loaded) << outcome.report;
      report = outcome.report;
      if (!report.empty())
        break;
    }
    if (!report.empty()) {
      RecordProperty("line " + std::to_string(instruction.line), report);
      continue;
    }
    bool known = false;
    for (size_t i = 0; i < exempt.size() && !known; ++i)
      if (instruction.opcode.find(GetParam().exemptions[i].opcode) == 0) {
        ++exempt[i];
        known = true;
      }
    EXPECT_TRUE(known) << "nothing reported without line " << instruction.line << ": "
                       << instruction.text;
  }
  for (size_t i = 0; i < exempt.size(); ++i)
    EXPECT_EQ(exempt[i], GetParam().exemptions[i].count)
        << GetParam().exemptions[i].opcode << ": " << GetParam().exemptions[i].reason;
  std::remove(changed.c_str());
}

INSTANTIATE_TEST_SUITE_P(Kernels, Mutation, ::testing::ValuesIn(kKernels), [](const auto &info) {
  std::string name = info.param.name;
  for (char &c : name)
    if (c == '-')
      c = '_';
  return name;
});

} // namespace
