//===- Lanes.h - Loops over the lanes of a warp ------------------*- C++ -*-===//
//
// Results are computed for all 32 lanes into a local array, which compilers vectorise, and stored
// where the mask allows. Functions must therefore be harmless on lanes that hold rubbish.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_LIB_SIMULATOR_LANES_H
#define MPGEMM_LIB_SIMULATOR_LANES_H

#include "Decode.h"
#include "Machine.h"

#include <cstring>

namespace mpgemm::sim {

template <class T> inline void storeLanes(T *to, const T *from, Mask mask) {
  if (mask == kAll) {
    memcpy(to, from, sizeof(T) * kLanes);
    return;
  }
  for (int l = 0; l < kLanes; ++l)
    to[l] = (mask >> l) & 1 ? from[l] : to[l];
}

template <class D, class F> inline void eachLane(D *to, Mask mask, F f) {
  alignas(64) D t[kLanes];
  for (int l = 0; l < kLanes; ++l)
    t[l] = f(l);
  storeLanes(to, t, mask);
}

template <class T, class Op> Outcome execUnary(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) { return Op::apply(a[l]); });
  return Outcome::Next;
}
template <class T, class Op> Outcome execBinary(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  const T *b = w.r<T>(i.s[1].slot);
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) { return Op::apply(a[l], b[l]); });
  return Outcome::Next;
}
template <class T, class Op> Outcome execTernary(Warp &w, const Inst &i, Mask mask) {
  const T *a = w.r<T>(i.s[0].slot);
  const T *b = w.r<T>(i.s[1].slot);
  const T *c = w.r<T>(i.s[2].slot);
  eachLane(w.r<T>(i.d[0].slot), mask, [=](int l) { return Op::apply(a[l], b[l], c[l]); });
  return Outcome::Next;
}

/// d, a, ... of one width.
inline void plainOperands(Decoder &d, int bits, size_t sources) {
  d.needOperands(sources + 1, sources + 1);
  d.out.d[0] = d.dst(0, bits);
  for (size_t n = 0; n < sources; ++n)
    d.out.s[n] = d.src(n + 1, bits);
}

/// The lowest lane of a mask.
inline int firstLane(Mask m) { return __builtin_ctz(m); }

} // namespace mpgemm::sim

#endif // MPGEMM_LIB_SIMULATOR_LANES_H
