//===- MmaSync.cpp - mma.sync ----------------------------------------------===//
//
// Section 9.7.14.5: m16n8 shapes for f16, bf16, tf32, s8, u8, e4m3 and e5m2. Sums in f32 (or i32),
// f16 accumulators are rounded once at the end. fp8 on sm_90 is multiplied as f16 and adds up in
// f32 (golden outputs); sm_89 and sm_120 have fp8 tensor cores of their own, which are taken to sum
// in the short accumulator of wgmma: a promotion that a kernel lacks must show.
//
//===----------------------------------------------------------------------===//
#include "Fragments.h"
#include "Lanes.h"
#include "TensorMath.h"

namespace mpgemm::sim {

namespace {

/// Compute capability 9.0 has fp8 tensor cores for wgmma alone.
bool sumsShort(const Warp &w) {
  const SimulatorOptions &options = w.launch->options;
  return options.computeMajor != 9;
}

/// Inst: type A type, type2 B type, mode[0] k, mode[1] f16 accumulator.
Outcome execMma(Warp &w, const Inst &i, Mask) {
  auto ta = static_cast<Ty>(i.type), tb = static_cast<Ty>(i.type2);
  const int k = i.mode[0];
  alignas(64) float a[32 * 64], b[32 * 8], acc[4][32];
  fragmentA(ta, static_cast<int>(i.list2.size()), a,
            [&](int n) { return w.r<uint32_t>(i.list2[n].slot); });
  fragmentB(tb, static_cast<int>(i.list3.size()), b,
            [&](int n) { return w.r<uint32_t>(i.list3[n].slot); });
  if (i.mode[1]) {
    for (int n = 0; n < 2; ++n)
      for (int l = 0; l < kLanes; ++l) {
        uint32_t c = w.r<uint32_t>(i.list4[n].slot)[l];
        acc[2 * n][l] = f16ToFloat(static_cast<uint16_t>(c));
        acc[2 * n + 1][l] = f16ToFloat(static_cast<uint16_t>(c >> 16));
      }
  } else {
    for (int n = 0; n < 4; ++n)
      memcpy(acc[n], w.r<float>(i.list4[n].slot), 128);
  }
  float *d[4] = {acc[0], acc[1], acc[2], acc[3]};
  if (isIntegerOperand(ta)) {
    int32_t *di[4];
    for (int n = 0; n < 4; ++n)
      di[n] = reinterpret_cast<int32_t *>(acc[n]);
    productI32(1, k, reinterpret_cast<int32_t *>(a), reinterpret_cast<int32_t *>(b), di);
  } else if (isFp8Operand(ta) && sumsShort(w)) {
    productShort(1, k, {a, smallestExponent(ta)}, {b, smallestExponent(tb)}, d);
  } else if (isFp8Operand(ta)) {
    // The products are added up first, and C to the sum with one rounding.
    float sums[4][32] = {};
    float *ds[4] = {sums[0], sums[1], sums[2], sums[3]};
    productF32(1, k, a, b, ds);
    for (int n = 0; n < 4; ++n)
      for (int l = 0; l < kLanes; ++l)
        acc[n][l] += sums[n][l];
  } else {
    productF32(1, k, a, b, d);
  }
  if (i.mode[1]) {
    for (int n = 0; n < 2; ++n)
      for (int l = 0; l < kLanes; ++l)
        w.r<uint32_t>(i.list[n].slot)[l] = static_cast<uint32_t>(floatToF16(acc[2 * n][l])) |
                                           static_cast<uint32_t>(floatToF16(acc[2 * n + 1][l]))
                                               << 16;
  } else {
    for (int n = 0; n < 4; ++n)
      memcpy(w.r<float>(i.list[n].slot), acc[n], 128);
  }
  return Outcome::Next;
}

void decodeMma(Decoder &d) {
  if (!d.has("sync") || !d.has("aligned"))
    d.fail("expected .sync.aligned");
  int m = 0, n = 0, k = 0;
  if (d.rest.empty() || sscanf(d.rest[0].c_str(), "m%dn%dk%d", &m, &n, &k) != 3)
    d.fail("expected a shape");
  d.rest.erase(d.rest.begin());
  if (!d.has("row") || !d.has("col"))
    d.fail("expected .row.col");
  Ty td = d.type(), ta = d.type(), tb = d.type(), tc = d.type();
  int bytes = operandBytes(ta);
  bool known = ta == Ty::F16 || ta == Ty::BF16 || ta == Ty::TF32 || ta == Ty::E4M3 ||
               ta == Ty::E5M2 || isIntegerOperand(ta);
  bool mixed = bytes == 1 && operandBytes(tb) == 1 && isIntegerOperand(ta) == isIntegerOperand(tb);
  bool accOk = isIntegerOperand(ta) ? td == Ty::S32 && tc == Ty::S32
               : td == Ty::F32 ? tc == Ty::F32
                               : td == Ty::F16 && tc == Ty::F16 && (ta == Ty::F16 || (bytes == 1));
  if (m != 16 || n != 8 || !known || !(ta == tb || mixed) || !accOk ||
      (k * bytes != 16 && k * bytes != 32))
    d.fail("this shape or combination of types is not supported");
  if (isFp8Operand(ta) && k != 32)
    d.fail("fp8 needs m16n8k32");
  if (isFp8Operand(ta) && !d.isAtLeast(8, 9))
    d.fail("fp8 needs .target sm_89 or later");
  d.needOperands(4, 4);
  d.out.type = static_cast<uint8_t>(ta);
  d.out.type2 = static_cast<uint8_t>(tb);
  d.out.mode[0] = static_cast<uint8_t>(k);
  d.out.mode[1] = td == Ty::F16;
  size_t halves = static_cast<size_t>(k * bytes / 16), accs = td == Ty::F16 ? 2 : 4;
  auto a = d.elements(d.op(1)), b = d.elements(d.op(2)), c = d.elements(d.op(3)),
       to = d.elements(d.op(0));
  if (to.size() != accs || a.size() != 2 * halves || b.size() != halves || c.size() != accs)
    d.fail("wrong number of registers");
  for (auto *e : to)
    d.out.list.push_back(d.define(*e, 32));
  for (auto *e : a)
    d.out.list2.push_back(d.use(*e, 32));
  for (auto *e : b)
    d.out.list3.push_back(d.use(*e, 32));
  for (auto *e : c)
    d.out.list4.push_back(d.use(*e, 32));
  d.out.flags |= kAligned;
  d.out.fn = execMma;
}

} // namespace

void addMma(DecodeTable &t) { t["mma"] = decodeMma; }

} // namespace mpgemm::sim
