//===- Snippet.h - Runs a few lines of PTX on one CTA ------------*- C++ -*-===//
//
// Wraps lines of PTX into a kernel, feeds each thread its input words and returns its output words.
// The lines see %i0.. (32-bit inputs), %o0.. (32-bit outputs), %tid, scratch registers of every
// kind, and 16 KiB of shared memory `smem`.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_TEST_UNIT_SIMULATOR_SNIPPET_H
#define MPGEMM_TEST_UNIT_SIMULATOR_SNIPPET_H

#include "mpgemm/Simulator/Simulator.h"
#include "mpgemm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mpgemm::test {

struct Snippet {
  std::string code;
  int inputs = 0, outputs = 1;
  unsigned threads = 32;
  unsigned cluster = 1;
  std::string target = "sm_90a";
  SimulatorOptions options;
  /// Words of thread t: in[t * inputs + n]. One thread's words are repeated for all if fewer are
  /// given.
  std::vector<uint32_t> in;
  /// Further bytes in global memory, whose address the code finds in %data; read back into `data`.
  std::vector<uint8_t> data;
  std::string variables; ///< Module-scope declarations.

  std::string ptx() const {
    auto n = [](int v) { return std::to_string(v); };
    std::string s =
        ".version 8.0\n.target " + target + "\n.address_size 64\n" + variables +
        "\n.visible .entry k(.param .u64 k_in, .param .u64 k_out, .param .u64 k_data)\n";
    if (cluster > 1)
      s += ".reqnctapercluster " + std::to_string(cluster) + ", 1, 1\n";
    s += "{\n"
         ".reg .b32 %i<" +
         n(inputs + 1) + ">;\n.reg .b32 %o<" + n(outputs + 1) +
         ">;\n"
         ".reg .pred %p<20>;\n.reg .b16 %h<20>;\n.reg .b32 %r<40>;\n.reg .b64 %d<40>;\n"
         ".reg .b32 %tid;\n.reg .b64 %in, %out, %data;\n.shared .align 1024 .b8 smem[16384];\n"
         "mov.u32 %tid, %tid.x;\nmov.u32 %r0, %ctaid.x;\nmov.u32 %r1, %ntid.x;\n"
         "mad.lo.u32 %r0, %r0, %r1, %tid;\n"
         "ld.param.b64 %in, [k_in];\nld.param.b64 %out, [k_out];\nld.param.b64 %data, [k_data];\n";
    if (inputs) {
      s += "mul.wide.u32 %d0, %r0, " + n(4 * inputs) + ";\nadd.s64 %in, %in, %d0;\n";
      for (int i = 0; i < inputs; ++i)
        s += "ld.global.b32 %i" + n(i) + ", [%in+" + n(4 * i) + "];\n";
    }
    s += "mul.wide.u32 %d0, %r0, " + n(4 * outputs) + ";\nadd.s64 %out, %out, %d0;\n";
    s += code + "\n";
    for (int i = 0; i < outputs; ++i)
      s += "st.global.b32 [%out+" + n(4 * i) + "], %o" + n(i) + ";\n";
    return s + "ret;\n}\n";
  }

  /// Runs and returns the words of thread t at t * outputs. Throws what the simulator reports.
  std::vector<uint32_t> run() { return runText(ptx()); }

  std::vector<uint32_t> runText(const std::string &text) {
    if (target == "sm_80") {
      options.computeMajor = 8;
      options.computeMinor = 0;
    }
    options.multiprocessors = static_cast<int>(cluster);
    auto driver = createSimulatorDriver(options);
    auto module = driver->loadModule(text, "snippet");
    auto kernel = driver->getKernel(*module, "k");
    std::vector<uint32_t> words = in;
    unsigned all = threads * cluster;
    if (inputs)
      while (words.size() < size_t(all) * inputs)
        words.push_back(words[words.size() - inputs]);
    DevicePtr pin = driver->allocate(words.size() * 4 + 16);
    DevicePtr pout = driver->allocate(size_t(all) * outputs * 4 + 16);
    DevicePtr pdata = driver->allocate(data.size() + 16);
    if (!words.empty())
      driver->copyToDevice(pin, words.data(), words.size() * 4, 0);
    if (!data.empty())
      driver->copyToDevice(pdata, data.data(), data.size(), 0);
    LaunchConfig config;
    config.block = {threads, 1, 1};
    config.grid = config.cluster = {cluster, 1, 1};
    void *params[] = {&pin, &pout, &pdata};
    driver->launch(*kernel, config, params, 3, 0);
    std::vector<uint32_t> out(size_t(all) * outputs);
    driver->copyToHost(out.data(), pout, out.size() * 4, 0);
    if (!data.empty())
      driver->copyToHost(data.data(), pdata, data.size(), 0);
    return out;
  }

  /// What the simulator reports, or "" if it runs through.
  std::string report() { return reportOf(ptx()); }
  std::string reportOf(const std::string &text) {
    try {
      runText(text);
    } catch (const Error &e) {
      return e.what();
    }
    return "";
  }
};

} // namespace mpgemm::test

#endif // MPGEMM_TEST_UNIT_SIMULATOR_SNIPPET_H
