//===- Mutation.h - Kernels with one synchronisation less -------*- C++ -*-===//
//
// Test support: finds every fence, wait, commit, arrive and barrier in PTX text and makes copies
// that lack one of them. The simulator must report each copy; see docs of the tests for the
// exceptions.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_SIMULATOR_MUTATION_H
#define MPGEMM_SIMULATOR_MUTATION_H

#include <cstddef>
#include <string>
#include <vector>

namespace mpgemm {

struct SyncInstruction {
  int line = 0;              ///< In the PTX text, from 1.
  std::string opcode;        ///< "mbarrier.arrive.shared.b64".
  std::string text;          ///< The whole statement, in one line.
  size_t begin = 0, end = 0; ///< Its characters, without the semicolon.
  size_t opcodeBegin = 0;    ///< Behind the guard predicate.
};

std::vector<SyncInstruction> listSyncInstructions(const std::string &ptx);

/// The text without the instruction; line numbers stay. A wait that tests an mbarrier is replaced
/// by the assignment of true to its predicate, so that the loop around it ends at once.
std::string deleteInstruction(const std::string &ptx, const SyncInstruction &instruction);

} // namespace mpgemm

#endif // MPGEMM_SIMULATOR_MUTATION_H
