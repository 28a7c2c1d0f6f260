//===- ControlFlow.cpp - Branches, exits and where lanes meet again --------===//
//
// bra, ret, exit, trap (section 9.7.12). Reconvergence is at the immediate post-dominator of the
// branch.
//
//===----------------------------------------------------------------------===//
#include "Decode.h"
#include "Machine.h"

namespace mpgemm::sim {

namespace {

Outcome execBranch(Warp &w, const Inst &i, Mask mask) {
  w.branch(i, mask, w.split().mask);
  return Outcome::Jump;
}

Outcome execExit(Warp &w, const Inst &i, Mask mask) {
  bool whole = mask == w.split().mask;
  w.exitLanes(mask);
  if (w.live == 0)
    w.cta->cluster->warpExited(w);
  return whole ? Outcome::Gone : Outcome::Next;
}

Outcome execTrap(Warp &w, const Inst &, Mask mask) {
  int lane = 0;
  while (!((mask >> lane) & 1))
    ++lane;
  w.fail(lane, "the kernel stopped itself");
}

Outcome execNothing(Warp &, const Inst &, Mask) { return Outcome::Next; }

} // namespace

void addControl(DecodeTable &t) {
  t["bra"] = [](Decoder &d) {
    d.has("uni");
    d.out.target = d.in.target;
    d.out.fn = execBranch;
  };
  t["ret"] = t["exit"] = [](Decoder &d) {
    d.has("uni");
    d.out.fn = execExit;
  };
  t["trap"] = t["brkpt"] = [](Decoder &d) { d.out.fn = execTrap; };
  // Power and profiling hints.
  t["nanosleep"] = [](Decoder &d) {
    d.type();
    d.src(0, 32);
    d.out.fn = execNothing;
  };
  t["pmevent"] = [](Decoder &d) {
    d.has("mask");
    d.out.fn = execNothing;
  };
  // Launches run one after the other, so there is never anything to wait for (9.7.13.14).
  t["griddepcontrol"] = [](Decoder &d) {
    if (!d.has("wait") && !d.has("launch_dependents"))
      d.fail("expected .wait or .launch_dependents");
    d.out.fn = execNothing;
  };
}

/// Cooper, Harvey, Kennedy: dominators of the reversed graph, on blocks in reverse order.
void findReconvergence(KernelCode &kernel) {
  std::vector<Inst> &code = kernel.code;
  const int n = static_cast<int>(code.size());
  auto ends = [&](const Inst &i) { return i.fn == execBranch || i.fn == execExit; };
  std::vector<char> leader(n, 0);
  leader[0] = 1;
  for (int i = 0; i < n; ++i)
    if (ends(code[i])) {
      if (code[i].target >= 0)
        leader[code[i].target] = 1;
      if (i + 1 < n)
        leader[i + 1] = 1;
    }
  std::vector<int> blockOf(n), first;
  for (int i = 0; i < n; ++i) {
    if (leader[i])
      first.push_back(i);
    blockOf[i] = static_cast<int>(first.size()) - 1;
  }
  const int blocks = static_cast<int>(first.size()), exit = blocks;
  std::vector<std::vector<int>> next(blocks + 1), before(blocks + 1);
  for (int b = 0; b < blocks; ++b) {
    int last = (b + 1 < blocks ? first[b + 1] : n) - 1;
    const Inst &i = code[last];
    bool falls = true;
    if (i.fn == execBranch) {
      next[b].push_back(blockOf[i.target]);
      falls = i.predicate >= 0;
    } else if (i.fn == execExit) {
      next[b].push_back(exit);
      falls = i.predicate >= 0;
    }
    if (falls)
      next[b].push_back(last + 1 < n ? blockOf[last + 1] : exit);
    for (int s : next[b])
      before[s].push_back(b);
  }
  // Post-order of the reversed graph from the exit.
  std::vector<int> order, number(blocks + 1, -1);
  std::vector<std::pair<int, size_t>> stack{{exit, 0}};
  std::vector<char> seen(blocks + 1, 0);
  seen[exit] = 1;
  while (!stack.empty()) {
    auto &[b, k] = stack.back();
    if (k < before[b].size()) {
      int p = before[b][k++];
      if (!seen[p]) {
        seen[p] = 1;
        stack.push_back({p, 0});
      }
    } else {
      number[b] = static_cast<int>(order.size());
      order.push_back(b);
      stack.pop_back();
    }
  }
  std::vector<int> idom(blocks + 1, -1);
  idom[exit] = exit;
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t k = order.size(); k-- > 0;) {
      int b = order[k];
      if (b == exit)
        continue;
      int dom = -1;
      for (int s : next[b]) {
        if (idom[s] < 0)
          continue;
        if (dom < 0) {
          dom = s;
          continue;
        }
        int x = s, y = dom;
        while (x != y) {
          while (number[x] < number[y])
            x = idom[x];
          while (number[y] < number[x])
            y = idom[y];
        }
        dom = x;
      }
      if (dom >= 0 && idom[b] != dom) {
        idom[b] = dom;
        changed = true;
      }
    }
  }
  for (int i = 0; i < n; ++i)
    if (code[i].fn == execBranch) {
      int dom = idom[blockOf[i]];
      code[i].reconverge = dom >= 0 && dom != exit ? first[dom] : -1;
    }
}

} // namespace mpgemm::sim
