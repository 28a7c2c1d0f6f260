//===- TensorTest.cpp - ldmatrix, stmatrix, mma.sync and wgmma -------------===//
//
// Fragments are filled from matrices by the layouts of the PTX manual, written out here once more
// and independently of the simulator; small integers make every product exact.
//
//===----------------------------------------------------------------------===//
#include "Snippet.h"

#include <cmath>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tuple>

using namespace mpgemm;
using namespace mpgemm::test;

namespace {

std::string n(int v) { return std::to_string(v); }

/// "{%i3, %i4}": `count` registers from `first`.
std::string regs(char name, int first, int count) {
  std::string s = "{";
  for (int k = 0; k < count; ++k)
    s += (k ? ", %" : "%") + std::string(1, name) + n(first + k);
  return s + "}";
}

/// Small integers that differ in row and column.
int valueA(int row, int k) { return (row * 3 + k * 5) % 7 - 3; }
int valueB(int k, int col) { return (k * 2 + col * 3) % 5 - 2; }
int valueC(int row, int col) { return row - 2 * col; }

uint32_t bitsOf(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return u;
}

/// The code of a small integer in the type.
uint32_t encode(int v, const std::string &type) {
  uint32_t f = bitsOf(static_cast<float>(v));
  if (type == "bf16")
    return f >> 16;
  if (type == "tf32")
    return f;
  if (type == "s8" || type == "u8")
    return static_cast<uint8_t>(v);
  if (v == 0)
    return 0;
  uint32_t sign = f >> 31;
  int exponent = static_cast<int>((f >> 23) & 255) - 127;
  uint32_t mantissa = f & 0x7fffff;
  if (type == "f16")
    return sign << 15 | static_cast<uint32_t>(exponent + 15) << 10 | mantissa >> 13;
  if (type == "e4m3")
    return sign << 7 | static_cast<uint32_t>(exponent + 7) << 3 | mantissa >> 20;
  return sign << 7 | static_cast<uint32_t>(exponent + 15) << 2 | mantissa >> 21; // e5m2
}
int bytesOf(const std::string &type) {
  return type == "tf32" ? 4 : type == "f16" || type == "bf16" ? 2 : 1;
}
/// Negative numbers stay out of unsigned operands.
int fit(int v, const std::string &type) { return type == "u8" ? v + 3 : v; }

struct Mma {
  const char *shape, *d, *a, *b, *c;
  int k;
};
void PrintTo(const Mma &m, std::ostream *os) {
  *os << m.shape << "_" << m.d << "_" << m.a << "_" << m.b;
}

class MmaSync : public testing::TestWithParam<Mma> {};

TEST_P(MmaSync, multiplies_by_the_manuals_fragments) {
  const Mma &m = GetParam();
  const int bytes = bytesOf(m.a), per = 4 / bytes, halves = m.k * bytes / 16;
  const int na = 2 * halves, nb = halves;
  const bool half = std::string(m.d) == "f16", integer = std::string(m.d) == "s32";
  const int nc = half ? 2 : 4;
  Snippet s;
  s.inputs = na + nb + nc;
  s.outputs = nc;
  s.in.resize(32 * s.inputs);
  for (int lane = 0; lane < 32; ++lane) {
    int g = lane / 4, t = lane % 4;
    uint32_t *w = &s.in[lane * s.inputs];
    for (int r = 0; r < na; ++r)
      for (int e = 0; e < per; ++e) {
        int row = g + 8 * (r % 2), k = (r / 2) * 16 / bytes + t * per + e;
        w[r] |= encode(fit(valueA(row, k), m.a), m.a) << (8 * bytes * e);
      }
    for (int r = 0; r < nb; ++r)
      for (int e = 0; e < per; ++e) {
        int k = r * 16 / bytes + t * per + e;
        w[na + r] |= encode(fit(valueB(k, g), m.b), m.b) << (8 * bytes * e);
      }
    for (int r = 0; r < 4; ++r) {
      int c = valueC(g + 8 * (r / 2), 2 * t + r % 2);
      if (half)
        w[na + nb + r / 2] |= encode(c, "f16") << (16 * (r % 2));
      else
        w[na + nb + r] = integer ? static_cast<uint32_t>(c) : bitsOf(static_cast<float>(c));
    }
  }
  s.code = std::string("mma.sync.aligned.") + m.shape + ".row.col." + m.d + "." + m.a + "." + m.b +
           "." + m.c + " " + regs('o', 0, nc) + ", " + regs('i', 0, na) + ", " + regs('i', na, nb) +
           ", " + regs('i', na + nb, nc) + ";";
  auto out = s.run();
  for (int lane = 0; lane < 32; ++lane)
    for (int r = 0; r < 4; ++r) {
      int row = lane / 4 + 8 * (r / 2), col = 2 * (lane % 4) + r % 2, sum = valueC(row, col);
      for (int k = 0; k < m.k; ++k)
        sum += fit(valueA(row, k), m.a) * fit(valueB(k, col), m.b);
      uint32_t got = half ? (out[lane * 2 + r / 2] >> (16 * (r % 2))) & 0xffff : out[lane * 4 + r];
      uint32_t want = half      ? encode(sum, "f16")
                      : integer ? static_cast<uint32_t>(sum)
                                : bitsOf(static_cast<float>(sum));
      ASSERT_EQ(got, want) << "D[" << row << "," << col << "]";
    }
}

const Mma kMmas[] = {
    {"m16n8k16", "f32", "f16", "f16", "f32", 16},   {"m16n8k8", "f32", "f16", "f16", "f32", 8},
    {"m16n8k16", "f16", "f16", "f16", "f16", 16},   {"m16n8k8", "f16", "f16", "f16", "f16", 8},
    {"m16n8k16", "f32", "bf16", "bf16", "f32", 16}, {"m16n8k8", "f32", "bf16", "bf16", "f32", 8},
    {"m16n8k8", "f32", "tf32", "tf32", "f32", 8},   {"m16n8k4", "f32", "tf32", "tf32", "f32", 4},
    {"m16n8k32", "s32", "s8", "s8", "s32", 32},     {"m16n8k16", "s32", "s8", "s8", "s32", 16},
    {"m16n8k32", "s32", "u8", "s8", "s32", 32},     {"m16n8k32", "s32", "u8", "u8", "s32", 32},
    {"m16n8k32", "f32", "e4m3", "e4m3", "f32", 32}, {"m16n8k32", "f32", "e4m3", "e5m2", "f32", 32},
    {"m16n8k32", "f32", "e5m2", "e5m2", "f32", 32}, {"m16n8k32", "f16", "e4m3", "e5m2", "f16", 32},
};
std::string mmaName(const testing::TestParamInfo<Mma> &i) {
  return std::string(i.param.shape) + "_" + i.param.d + "_" + i.param.a + "_" + i.param.b;
}
INSTANTIATE_TEST_SUITE_P(all, MmaSync, testing::ValuesIn(kMmas), mmaName);

// One term of 1 beside an accumulator of 2^14: the short accumulator of fp8 tensor cores has no bit
// for it. Compute capability 9.0 multiplies the fp8 of mma.sync as f16 and keeps it.
TEST(MmaSyncShort, fp8_tensor_cores_lose_small_terms) {
  for (auto [major, minor, expected] :
       {std::tuple<int, int, float>{8, 9, 16384}, {9, 0, 16385}, {12, 0, 16384}}) {
    Snippet s;
    s.target = "sm_89";
    s.options.computeMajor = major;
    s.options.computeMinor = minor;
    s.inputs = 1;
    // E4M3 1.0 is 0x38: in byte 0 of the registers of lanes with t = 0, which is k = 0.
    for (uint32_t lane = 0; lane < 32; ++lane)
      s.in.push_back(lane % 4 == 0 ? 0x38 : 0);
    s.code = "mov.b32 %r2, 0;\nmov.b32 %r3, 0f46800000;\n" // 2^14
             "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%r4, %r5, %r6, %r7}, "
             "{%i0, %i0, %r2, %r2}, {%i0, %r2}, {%r3, %r3, %r3, %r3};\nmov.b32 %o0, %r4;";
    for (uint32_t word : s.run())
      ASSERT_EQ(word, bitsOf(expected)) << major << "." << minor;
  }
}

TEST(MmaSyncShort, fp8_needs_its_target) {
  Snippet s;
  s.target = "sm_80";
  s.code = "mov.b32 %r2, 0;\n"
           "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%r4, %r5, %r6, %r7}, "
           "{%r2, %r2, %r2, %r2}, {%r2, %r2}, {%r2, %r2, %r2, %r2};\nmov.b32 %o0, %r4;";
  EXPECT_THAT(s.report(), testing::HasSubstr("fp8 needs .target sm_89 or later"));
}

//===- ldmatrix and stmatrix --------------------------------------------------===//

TEST(Ldmatrix, x4_and_trans_follow_the_manual) {
  for (bool trans : {false, true}) {
    Snippet s;
    s.inputs = 4;
    s.outputs = 4;
    // Row r of matrix j holds elements 256 j + 8 r + c; lane 8j+r stores and addresses that row.
    for (int lane = 0; lane < 32; ++lane)
      for (int w = 0; w < 4; ++w) {
        uint32_t base = 256 * (lane / 8) + 8 * (lane % 8) + 2 * w;
        s.in.push_back(base | (base + 1) << 16);
      }
    s.code = "shl.b32 %r2, %tid, 4;\nmov.b32 %r3, smem;\nadd.s32 %r2, %r2, %r3;\n"
             "st.shared.v4.b32 [%r2], {%i0, %i1, %i2, %i3};\nbar.warp.sync -1;\n"
             "ldmatrix.sync.aligned.m8n8.x4" +
             std::string(trans ? ".trans" : "") + ".shared.b16 {%o0, %o1, %o2, %o3}, [%r2];";
    auto out = s.run();
    for (int lane = 0; lane < 32; ++lane)
      for (int j = 0; j < 4; ++j)
        for (int e = 0; e < 2; ++e) {
          int row = trans ? 2 * (lane % 4) + e : lane / 4,
              col = trans ? lane / 4 : 2 * (lane % 4) + e;
          ASSERT_EQ((out[lane * 4 + j] >> (16 * e)) & 0xffff,
                    static_cast<uint32_t>(256 * j + 8 * row + col));
        }
  }
}

TEST(Stmatrix, is_the_inverse_of_ldmatrix) {
  for (const char *trans : {"", ".trans"}) {
    Snippet s;
    s.inputs = 2;
    s.outputs = 2;
    for (uint32_t w = 0; w < 64; ++w)
      s.in.push_back(w * 0x10001 + 7);
    s.code = "shl.b32 %r2, %tid, 4;\nmov.b32 %r3, smem;\nadd.s32 %r2, %r2, %r3;\n"
             "stmatrix.sync.aligned.m8n8.x2" +
             std::string(trans) +
             ".shared.b16 [%r2], {%i0, %i1};\n"
             "bar.warp.sync -1;\nldmatrix.sync.aligned.m8n8.x2" +
             trans + ".shared.b16 {%o0, %o1}, [%r2];";
    EXPECT_EQ(s.run(), s.in);
  }
}

//===- wgmma -------------------------------------------------------------------===//

struct Wgmma {
  const char *name, *d, *a, *b;
  int n, swizzle;      ///< Span in bytes, 0 for none.
  bool transA, transB; ///< MN-major.
  bool fromRegisters;
};
void PrintTo(const Wgmma &m, std::ostream *os) { *os << m.name; }
class WgmmaTest : public testing::TestWithParam<Wgmma> {};

/// Byte of element (r, k) in a tile of `rows` x 32 bytes of K, laid out as the descriptor below
/// says. K-major: 8-row groups of `span` bytes a row. MN-major: 16 rows of k, MN in columns of
/// `span` bytes.
uint32_t tileByte(int r, int k, int bytes, int swizzle, bool mnMajor) {
  uint32_t at;
  if (!mnMajor) {
    int b = k * bytes;
    at = swizzle ? r / 8 * 8 * swizzle + r % 8 * swizzle + b
                 : r / 8 * 256 + b / 16 * 128 + r % 8 * 16 + b % 16; // LBO 128, SBO 256
  } else if (swizzle) {
    int per = swizzle / 2; // LBO 16 spans (all of K), SBO 8 spans
    at = r / per * 16 * swizzle + k / 8 * 8 * swizzle + k % 8 * swizzle + r % per * 2;
  } else {
    at = r / 8 * 256 + k / 8 * 128 + k % 8 * 16 + r % 8 * 2; // SBO 256, LBO 128
  }
  uint32_t line = at / 128, chunk = at / 16 % 8;
  if (swizzle == 128)
    chunk ^= line % 8;
  else if (swizzle == 64)
    chunk ^= line / 1 % 4;
  else if (swizzle == 32)
    chunk ^= line % 2;
  return at / 128 * 128 + chunk * 16 + at % 16;
}
uint64_t descriptor(int swizzle, bool mnMajor) {
  uint64_t lbo = swizzle ? (mnMajor ? 16 * swizzle : 16) : 128, sbo = swizzle ? 8 * swizzle : 256;
  uint64_t code = swizzle == 128 ? 1 : swizzle == 64 ? 2 : swizzle == 32 ? 3 : 0;
  return (lbo / 16) << 16 | (sbo / 16) << 32 | code << 62;
}

TEST_P(WgmmaTest, multiplies_tiles_in_shared_memory) {
  const Wgmma &m = GetParam();
  const int bytes = bytesOf(m.a), k = 32 / bytes;
  const bool half = std::string(m.d) == "f16", integer = std::string(m.d) == "s32";
  const int accs = half ? m.n / 4 : m.n / 2;
  Snippet s;
  s.threads = 128;
  s.inputs = 4;
  s.outputs = accs;
  s.data.resize(16384);
  auto put = [&](uint32_t base, int r, int kk, int v, const char *type, bool mn) {
    uint32_t code = encode(v, type);
    memcpy(&s.data[base + tileByte(r, kk, bytes, m.swizzle, mn)], &code, bytes);
  };
  for (int kk = 0; kk < k; ++kk) {
    for (int r = 0; r < 64; ++r)
      put(0, r, kk, fit(valueA(r, kk), m.a), m.a, m.transA);
    for (int c = 0; c < m.n; ++c)
      put(8192, c, kk, fit(valueB(kk, c), m.b), m.b, m.transB);
  }
  s.in.assign(128 * 4, 0);
  for (int t = 0; t < 128; ++t)
    for (int r = 0; r < 4; ++r)
      for (int e = 0; e < 4 / bytes; ++e) {
        int row = t / 32 * 16 + t % 32 / 4 + 8 * (r % 2),
            kk = r / 2 * 16 / bytes + t % 4 * (4 / bytes) + e;
        s.in[t * 4 + r] |= encode(fit(valueA(row, kk), m.a), m.a) << (8 * bytes * e);
      }
  s.code = "mov.b32 %r2, smem;\nmov.b32 %r3, %tid;\n"
           "C: shl.b32 %r4, %r3, 4;\ncvt.u64.u32 %d1, %r4;\nadd.s64 %d1, %data, %d1;\nadd.s32 %r5, "
           "%r2, %r4;\n"
           "ld.global.v4.b32 {%r6, %r7, %r8, %r9}, [%d1];\nst.shared.v4.b32 [%r5], {%r6, %r7, %r8, "
           "%r9};\n"
           "add.s32 %r3, %r3, 128;\nsetp.lt.u32 %p0, %r3, 1024;\n@%p0 bra C;\n"
           "fence.proxy.async.shared::cta;\nbar.sync 0;\n"
           "shr.u32 %r3, %r2, 4;\ncvt.u64.u32 %d2, %r3;\nadd.s64 %d3, %d2, 512;\n"
           "or.b64 %d2, %d2, " +
           std::to_string(static_cast<int64_t>(descriptor(m.swizzle, m.transA))) +
           ";\n"
           "or.b64 %d3, %d3, " +
           std::to_string(static_cast<int64_t>(descriptor(m.swizzle, m.transB))) +
           ";\n"
           "setp.ne.b32 %p1, 0, 0;\nwgmma.fence.sync.aligned;\n"
           "wgmma.mma_async.sync.aligned.m64n" +
           n(m.n) + "k" + n(k) + "." + m.d + "." + m.a + "." + m.b + " " + regs('o', 0, accs) +
           ", " + (m.fromRegisters ? regs('i', 0, 4) : "%d2") + ", %d3, %p1";
  if (!integer)
    s.code += ", 1, 1";
  if (bytes == 2)
    s.code += std::string(m.fromRegisters ? ""
                          : m.transA      ? ", 1"
                                          : ", 0") +
              (m.transB ? ", 1" : ", 0");
  s.code += ";\nwgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;";
  auto out = s.run();
  for (int t = 0; t < 128; ++t)
    for (int r = 0; r < m.n / 2; ++r) {
      int row = t / 32 * 16 + t % 32 / 4 + 8 * (r / 2 % 2), col = r / 4 * 8 + 2 * (t % 4) + r % 2,
          sum = 0;
      for (int kk = 0; kk < k; ++kk)
        sum += fit(valueA(row, kk), m.a) * fit(valueB(kk, col), m.b);
      uint32_t got = half ? (out[t * accs + r / 2] >> (16 * (r % 2))) & 0xffff : out[t * accs + r];
      uint32_t want = half      ? encode(sum, "f16")
                      : integer ? static_cast<uint32_t>(sum)
                                : bitsOf(static_cast<float>(sum));
      ASSERT_EQ(got, want) << "D[" << row << "," << col << "]";
    }
}

const Wgmma kWgmmas[] = {
    {"bf16_n8_sw128", "f32", "bf16", "bf16", 8, 128, false, false, false},
    {"bf16_n64_sw128", "f32", "bf16", "bf16", 64, 128, false, false, false},
    {"bf16_n64_sw64", "f32", "bf16", "bf16", 64, 64, false, false, false},
    {"bf16_n64_sw32", "f32", "bf16", "bf16", 64, 32, false, false, false},
    {"bf16_n64_plain", "f32", "bf16", "bf16", 64, 0, false, false, false},
    {"f16_n24_f32", "f32", "f16", "f16", 24, 128, false, false, false},
    {"f16_n32_f16", "f16", "f16", "f16", 32, 128, false, false, false},
    {"bf16_transA_sw128", "f32", "bf16", "bf16", 64, 128, true, false, false},
    {"bf16_transB_sw128", "f32", "bf16", "bf16", 64, 128, false, true, false},
    {"bf16_transAB_sw128_n128", "f32", "bf16", "bf16", 128, 128, true, true, false},
    {"bf16_transAB_sw64", "f32", "bf16", "bf16", 64, 64, true, true, false},
    {"bf16_transAB_sw32", "f32", "bf16", "bf16", 32, 32, true, true, false},
    {"bf16_transAB_plain", "f32", "bf16", "bf16", 64, 0, true, true, false},
    {"bf16_registers", "f32", "bf16", "bf16", 64, 128, false, false, true},
    {"tf32", "f32", "tf32", "tf32", 64, 128, false, false, false},
    {"e4m3", "f32", "e4m3", "e4m3", 64, 128, false, false, false},
    {"e5m2_e4m3", "f32", "e5m2", "e4m3", 64, 128, false, false, false},
    {"e4m3_registers", "f32", "e4m3", "e4m3", 64, 128, false, false, true},
    {"s8", "s32", "s8", "s8", 64, 128, false, false, false},
    {"u8_s8", "s32", "u8", "s8", 64, 128, false, false, false},
};
INSTANTIATE_TEST_SUITE_P(all, WgmmaTest, testing::ValuesIn(kWgmmas),
                         [](auto &i) { return i.param.name; });

} // namespace
