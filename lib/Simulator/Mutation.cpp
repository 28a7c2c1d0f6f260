//===- Mutation.cpp - Kernels with one synchronisation less ----------------===//
#include "mpgemm/Simulator/Mutation.h"

#include <cstring>

namespace mpgemm {

namespace {

const char *const kPrefixes[] = {"fence.",
                                 "membar.",
                                 "bar.",
                                 "barrier.",
                                 "mbarrier.arrive",
                                 "mbarrier.expect_tx",
                                 "mbarrier.try_wait",
                                 "mbarrier.test_wait",
                                 "cp.async.commit_group",
                                 "cp.async.wait_",
                                 "cp.async.mbarrier.arrive",
                                 "cp.async.bulk.commit_group",
                                 "cp.async.bulk.wait_group",
                                 "wgmma.fence",
                                 "wgmma.commit_group",
                                 "wgmma.wait_group"};

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The statement [begin, end): what precedes the opcode is a guard.
void consider(const std::string &ptx, size_t begin, size_t end, int line,
              std::vector<SyncInstruction> &found) {
  while (begin < end && isSpace(ptx[begin])) {
    line += ptx[begin] == '\n';
    ++begin;
  }
  size_t opcode = begin;
  if (opcode < end && ptx[opcode] == '@') {
    while (opcode < end && !isSpace(ptx[opcode]))
      ++opcode;
    while (opcode < end && isSpace(ptx[opcode]))
      ++opcode;
  }
  size_t after = opcode;
  while (after < end && !isSpace(ptx[after]))
    ++after;
  SyncInstruction s;
  s.opcode = ptx.substr(opcode, after - opcode);
  for (const char *prefix : kPrefixes)
    if (s.opcode.compare(0, strlen(prefix), prefix) == 0) {
      s.line = line;
      s.begin = begin;
      s.end = end;
      s.opcodeBegin = opcode;
      s.text = ptx.substr(begin, end - begin);
      for (char &c : s.text)
        if (isSpace(c))
          c = ' ';
      found.push_back(s);
      return;
    }
}

} // namespace

std::vector<SyncInstruction> listSyncInstructions(const std::string &ptx) {
  std::vector<SyncInstruction> found;
  size_t begin = 0;
  int line = 1, beginLine = 1, depth = 0;
  for (size_t i = 0; i < ptx.size(); ++i) {
    char c = ptx[i];
    if (c == '\n')
      ++line;
    bool comment = c == '/' && i + 1 < ptx.size() && ptx[i + 1] == '/';
    if (comment) {
      i = ptx.find('\n', i);
      if (i == std::string::npos)
        break;
      ++line;
    }
    // Braces inside a statement hold operands; outside they are scopes.
    bool inStatement = false;
    for (size_t k = begin; k < i && !inStatement && !comment; ++k)
      inStatement = !isSpace(ptx[k]);
    bool label =
        c == ':' && (i + 1 >= ptx.size() || ptx[i + 1] != ':') && (i == 0 || ptx[i - 1] != ':');
    bool scope = (c == '{' || c == '}') && !inStatement;
    if (c == '(' || c == ')')
      depth += c == '(' ? 1 : -1;
    if (c == ';' && depth == 0)
      consider(ptx, begin, i, beginLine, found);
    if (comment || label || scope || (c == ';' && depth == 0) || (c == '{' && ptx[i + 1] == '\n')) {
      begin = i + 1;
      beginLine = line;
    }
  }
  return found;
}

std::string deleteInstruction(const std::string &ptx, const SyncInstruction &s) {
  std::string text = ptx;
  std::string replacement;
  if (s.opcode.compare(0, 17, "mbarrier.try_wait") == 0 ||
      s.opcode.compare(0, 18, "mbarrier.test_wait") == 0) {
    size_t at = s.opcodeBegin + s.opcode.size();
    while (at < s.end && isSpace(text[at]))
      ++at;
    size_t comma = text.find(',', at);
    replacement = "setp.eq.u32 " + text.substr(at, comma - at) + ", 0, 0";
  }
  for (size_t i = s.opcodeBegin; i < s.end; ++i)
    if (text[i] == '\n')
      replacement += '\n'; // Line numbers stay.
  // An empty statement may not keep its guard.
  size_t begin = replacement.find("setp") == 0 ? s.opcodeBegin : s.begin;
  return text.replace(begin, s.end - begin, replacement);
}

} // namespace mpgemm
