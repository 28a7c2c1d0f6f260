//===- ScalarTest.cpp - One-thread instructions against the PTX manual -----===//
#include "Snippet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace mpgemm;
using namespace mpgemm::test;

namespace {

struct Case {
  const char *name;
  const char *code; ///< Inputs %i0, %i1, %i2; output %o0.
  std::vector<uint32_t> in;
  uint32_t expected;
};
void PrintTo(const Case &c, std::ostream *os) { *os << c.name; }

class Scalar : public testing::TestWithParam<Case> {};

TEST_P(Scalar, gives_the_manuals_value) {
  const Case &c = GetParam();
  Snippet s;
  s.code = c.code;
  s.inputs = 3;
  s.in = c.in;
  s.in.resize(3);
  EXPECT_EQ(s.run()[0], c.expected) << c.code;
}

const uint32_t kOne = 0x3f800000, kTwo = 0x40000000, kInf = 0x7f800000, kNan = 0x7fffffff,
               kMinusOne = 0xbf800000;

const Case kInteger[] = {
    {"add_wraps", "add.s32 %o0, %i0, %i1;", {0xffffffff, 2}, 1},
    {"add_u64_carries",
     "mov.b64 %d1, {%i0, %i1}; add.s64 %d1, %d1, 1; mov.b64 {%r2, %o0}, %d1;",
     {0xffffffff, 4},
     5},
    {"add_u16_wraps",
     "cvt.u16.u32 %h0, %i0; add.s16 %h0, %h0, 2; cvt.u32.u16 %o0, %h0;",
     {0xffff},
     1},
    {"sub", "sub.s32 %o0, %i0, %i1;", {3, 5}, 0xfffffffe},
    {"mul_lo", "mul.lo.s32 %o0, %i0, %i1;", {0x10001, 0x10001}, 0x20001},
    {"mul_hi_u32", "mul.hi.u32 %o0, %i0, %i1;", {0x80000000, 6}, 3},
    {"mul_hi_s32", "mul.hi.s32 %o0, %i0, %i1;", {0x80000000, 2}, 0xffffffff},
    {"mul_wide_u32", "mul.wide.u32 %d1, %i0, %i1; mov.b64 {%r2, %o0}, %d1;", {0x80000000, 6}, 3},
    {"mul_wide_s32",
     "mul.wide.s32 %d1, %i0, %i1; mov.b64 {%r2, %o0}, %d1;",
     {0xffffffff, 5},
     0xffffffff},
    {"mul_wide_u16", "cvt.u16.u32 %h0, %i0; mul.wide.u16 %o0, %h0, %h0;", {0xffff}, 0xfffe0001},
    {"mad_lo", "mad.lo.s32 %o0, %i0, %i1, %i2;", {7, 6, 5}, 47},
    {"mad_hi_u32", "mad.hi.u32 %o0, %i0, %i1, %i2;", {0x80000000, 6, 10}, 13},
    {"mad_wide_u32",
     "mov.b64 %d1, 9; mad.wide.u32 %d1, %i0, %i1, %d1; cvt.u32.u64 %o0, %d1;",
     {7, 6},
     51},
    {"div_u32", "div.u32 %o0, %i0, %i1;", {0xfffffffe, 2}, 0x7fffffff},
    {"div_s32_truncates", "div.s32 %o0, %i0, %i1;", {0xfffffff9, 2}, 0xfffffffd},
    {"rem_u32", "rem.u32 %o0, %i0, %i1;", {17, 5}, 2},
    {"rem_s32_sign_of_dividend", "rem.s32 %o0, %i0, %i1;", {0xfffffff9, 2}, 0xffffffff},
    {"min_s32", "min.s32 %o0, %i0, %i1;", {0xffffffff, 1}, 0xffffffff},
    {"min_u32", "min.u32 %o0, %i0, %i1;", {0xffffffff, 1}, 1},
    {"max_s32", "max.s32 %o0, %i0, %i1;", {0xffffffff, 1}, 1},
    {"max_u32", "max.u32 %o0, %i0, %i1;", {0xffffffff, 1}, 0xffffffff},
    {"abs_s32", "abs.s32 %o0, %i0;", {0xfffffff6}, 10},
    {"neg_s32", "neg.s32 %o0, %i0;", {5}, 0xfffffffb},
    {"and", "and.b32 %o0, %i0, %i1;", {0xff00, 0x0ff0}, 0x0f00},
    {"or", "or.b32 %o0, %i0, %i1;", {0xff00, 0x0ff0}, 0xfff0},
    {"xor", "xor.b32 %o0, %i0, %i1;", {0xff00, 0x0ff0}, 0xf0f0},
    {"not", "not.b32 %o0, %i0;", {0xff00ff00}, 0x00ff00ff},
    {"cnot", "cnot.b32 %o0, %i0;", {0}, 1},
    {"shl", "shl.b32 %o0, %i0, %i1;", {3, 4}, 48},
    {"shl_clamps", "shl.b32 %o0, %i0, %i1;", {3, 32}, 0},
    {"shr_u32", "shr.u32 %o0, %i0, %i1;", {0x80000000, 31}, 1},
    {"shr_u32_clamps", "shr.u32 %o0, %i0, %i1;", {0x80000000, 40}, 0},
    {"shr_s32", "shr.s32 %o0, %i0, %i1;", {0x80000000, 4}, 0xf8000000},
    {"shr_s32_clamps", "shr.s32 %o0, %i0, %i1;", {0x80000000, 40}, 0xffffffff},
    {"shf_l_wrap", "shf.l.wrap.b32 %o0, %i0, %i1, %i2;", {0x80000001, 0x7, 36}, 0x78},
    {"shf_r_clamp", "shf.r.clamp.b32 %o0, %i0, %i1, %i2;", {0x80000001, 0x7, 40}, 0x7},
    {"bfe_u32", "bfe.u32 %o0, %i0, 4, 8;", {0xabcd}, 0xbc},
    {"bfe_s32_extends", "bfe.s32 %o0, %i0, 4, 8;", {0xabcd}, 0xffffffbc},
    {"bfe_s32_zero_length", "bfe.s32 %o0, %i0, 4, 0;", {0xabcd}, 0},
    {"bfi", "bfi.b32 %o0, %i0, %i1, 8, 4;", {0xfa, 0xffff}, 0xfaff},
    {"popc", "popc.b32 %o0, %i0;", {0xf0f01}, 9},
    {"clz", "clz.b32 %o0, %i0;", {0x00800000}, 8},
    {"clz_zero", "clz.b32 %o0, %i0;", {0}, 32},
    {"brev", "brev.b32 %o0, %i0;", {0x1}, 0x80000000},
    {"bfind_u32", "bfind.u32 %o0, %i0;", {0x00800000}, 23},
    {"bfind_s32_negative", "bfind.s32 %o0, %i0;", {0xfffffffe}, 0},
    {"bfind_none", "bfind.u32 %o0, %i0;", {0}, 0xffffffff},
    {"prmt_default", "prmt.b32 %o0, %i0, %i1, 0x7610;", {0x33221100, 0x77665544}, 0x77661100},
    {"prmt_sign", "prmt.b32 %o0, %i0, %i1, 0x8888;", {0x00000080, 0}, 0xffffffff},
    {"prmt_f4e", "prmt.b32.f4e %o0, %i0, %i1, %i2;", {0x33221100, 0x77665544, 1}, 0x44332211},
    {"lop3_and_or", "lop3.b32 %o0, %i0, %i1, %i2, 0xea;", {0xf0, 0x3c, 0x01}, 0x31},
    {"lop3_xor3", "lop3.b32 %o0, %i0, %i1, %i2, 0x96;", {0xf0, 0x3c, 0x01}, 0xcd},
    {"dp4a_s32", "dp4a.s32.s32 %o0, %i0, %i1, %i2;", {0xff020304, 0x01010101, 10}, 18},
    {"dp4a_u32", "dp4a.u32.u32 %o0, %i0, %i1, %i2;", {0xff020304, 0x01010101, 10}, 274},
    {"selp", "setp.gt.s32 %p0, %i0, 3; selp.b32 %o0, %i1, %i2, %p0;", {4, 8, 9}, 8},
    {"slct_negative", "slct.s32.s32 %o0, %i1, %i2, %i0;", {0xffffffff, 8, 9}, 9},
    {"setp_combined",
     "setp.eq.u32 %p1, %i2, 0; setp.lt.and.u32 %p0, %i0, %i1, %p1; selp.u32 %o0, 1, 0, %p0;",
     {1, 2, 0},
     1},
    {"setp_second_is_negated",
     "setp.lt.u32 %p0|%p1, %i0, %i1; selp.u32 %o0, 1, 0, %p1;",
     {1, 2},
     0},
    {"set_u32", "set.lt.u32.u32 %o0, %i0, %i1;", {1, 2}, 0xffffffff},
    {"pred_logic",
     "setp.eq.u32 %p0, %i0, 1; not.pred %p1, %p0; or.pred %p2, %p0, %p1; selp.u32 %o0, 1, 0, %p2;",
     {0},
     1},
    {"mov_pack16", "mov.b32 {%h0, %h1}, %i0; mov.b32 %o0, {%h1, %h0};", {0x11112222}, 0x22221111},
    {"mov_unpack64", "mov.b64 %d1, {%i0, %i1}; mov.b64 {%r2, %o0}, %d1;", {1, 2}, 2},
    {"cvt_s8_extends", "cvt.s32.s8 %o0, %i0;", {0x80}, 0xffffff80},
    {"cvt_u8_masks", "cvt.u32.u8 %o0, %i0;", {0x1ff}, 0xff},
    {"cvt_sat_s8", "cvt.sat.s8.s32 %r2, %i0; mov.b32 %o0, %r2;", {300}, 127},
    {"cvt_sat_u8", "cvt.sat.u8.s32 %r2, %i0; mov.b32 %o0, %r2;", {0xffffff00}, 0},
    {"szext_wrap", "szext.wrap.s32 %o0, %i0, 4;", {0xf8}, 0xfffffff8},
};
INSTANTIATE_TEST_SUITE_P(integer, Scalar, testing::ValuesIn(kInteger),
                         [](auto &i) { return i.param.name; });

const Case kFloat[] = {
    {"add_f32", "add.rn.f32 %o0, %i0, %i1;", {kOne, kOne}, kTwo},
    {"add_rz_rounds_down", "add.rz.f32 %o0, %i0, %i1;", {kOne, 0x33ffffff}, kOne},
    {"add_rp_rounds_up", "add.rp.f32 %o0, %i0, %i1;", {kOne, 1}, 0x3f800001},
    {"sub_f32", "sub.rn.f32 %o0, %i0, %i1;", {kOne, kTwo}, kMinusOne},
    {"mul_f32", "mul.rn.f32 %o0, %i0, %i1;", {kTwo, kTwo}, 0x40800000},
    {"mul_ftz", "mul.ftz.f32 %o0, %i0, %i1;", {0x00800000, 0x3f000000}, 0},
    {"mul_keeps_subnormals", "mul.f32 %o0, %i0, %i1;", {0x00800000, 0x3f000000}, 0x00400000},
    {"add_sat", "add.sat.f32 %o0, %i0, %i1;", {kOne, kOne}, kOne},
    {"fma_single_rounding",
     "fma.rn.f32 %o0, %i0, %i1, %i2;",
     {0x3f800001, 0x3f800001, 0xbf800002},
     0x28800000},
    {"div_rn", "div.rn.f32 %o0, %i0, %i1;", {kOne, 0x40400000}, 0x3eaaaaab},
    {"min_ignores_nan", "min.f32 %o0, %i0, %i1;", {kNan, kTwo}, kTwo},
    {"max_ignores_nan", "max.f32 %o0, %i0, %i1;", {kOne, kNan}, kOne},
    {"max_nan",
     "max.NaN.f32 %o0, %i0, %i1; and.b32 %o0, %o0, 0x7f800000;",
     {kOne, kNan},
     0x7f800000},
    {"min_signed_zero", "min.f32 %o0, %i0, %i1;", {0, 0x80000000}, 0x80000000},
    {"neg_f32", "neg.f32 %o0, %i0;", {kOne}, kMinusOne},
    {"abs_f32", "abs.f32 %o0, %i0;", {kMinusOne}, kOne},
    {"sqrt", "sqrt.rn.f32 %o0, %i0;", {0x40800000}, kTwo},
    {"rcp", "rcp.approx.ftz.f32 %o0, %i0;", {kTwo}, 0x3f000000},
    {"rsqrt", "rsqrt.approx.f32 %o0, %i0;", {0x40800000}, 0x3f000000},
    {"ex2", "ex2.approx.ftz.f32 %o0, %i0;", {0x40400000}, 0x41000000},
    {"lg2", "lg2.approx.f32 %o0, %i0;", {0x41000000}, 0x40400000},
    {"tanh_zero", "tanh.approx.f32 %o0, %i0;", {0}, 0},
    {"setp_nan_is_unordered",
     "setp.lt.f32 %p0, %i0, %i1; setp.ltu.f32 %p1, %i0, %i1; selp.u32 %o0, 1, 0, %p0; selp.u32 "
     "%r2, 2, 0, %p1; or.b32 %o0, %o0, %r2;",
     {kNan, kOne},
     2},
    {"testp_inf", "testp.infinite.f32 %p0, %i0; selp.u32 %o0, 1, 0, %p0;", {kInf}, 1},
    {"copysign", "copysign.f32 %o0, %i0, %i1;", {0x80000000, kTwo}, 0xc0000000},
    {"add_f16x2", "add.rn.f16x2 %o0, %i0, %i1;", {0x3c003c00, 0x3c004000}, 0x40004200},
    {"fma_bf16x2",
     "fma.rn.bf16x2 %o0, %i0, %i1, %i2;",
     {0x3f804000, 0x40004000, 0x3f803f80},
     0x404040a0},
    {"add_bf16x2_rounds_once",
     "add.rn.bf16x2 %o0, %i0, %i1;",
     {0x43004300, 0x3f003f00},
     0x43004300},
    {"mul_f16_overflow", "mul.f16x2 %o0, %i0, %i1;", {0x7bff7bff, 0x40004000}, 0x7c007c00},
    {"max_bf16x2", "max.bf16x2 %o0, %i0, %i1;", {0x3f80bf80, 0x40003f80}, 0x40003f80},
    {"cvt_rn_f32_s32", "cvt.rn.f32.s32 %o0, %i0;", {0xffffffff}, kMinusOne},
    {"cvt_rn_f32_u32_rounds", "cvt.rn.f32.u32 %o0, %i0;", {0x01000001}, 0x4b800000},
    {"cvt_rp_f32_u32_rounds_up", "cvt.rp.f32.u32 %o0, %i0;", {0x01000001}, 0x4b800001},
    {"cvt_rzi", "cvt.rzi.s32.f32 %o0, %i0;", {0xbfc00000}, 0xffffffff},
    {"cvt_rni_ties_to_even", "cvt.rni.s32.f32 %o0, %i0;", {0x40200000}, 2},
    {"cvt_rmi", "cvt.rmi.s32.f32 %o0, %i0;", {0xbfc00000}, 0xfffffffe},
    {"cvt_rpi", "cvt.rpi.s32.f32 %o0, %i0;", {0x3fc00000}, 2},
    {"cvt_clamps", "cvt.rzi.s32.f32 %o0, %i0;", {0x50000000}, 0x7fffffff},
    {"cvt_nan_is_zero", "cvt.rzi.s32.f32 %o0, %i0;", {kNan}, 0},
    {"cvt_negative_to_unsigned", "cvt.rzi.u32.f32 %o0, %i0;", {kMinusOne}, 0},
    {"cvt_bf16x2_order", "cvt.rn.bf16x2.f32 %o0, %i0, %i1;", {kOne, kTwo}, 0x3f804000},
    {"cvt_bf16x2_ties", "cvt.rn.bf16x2.f32 %o0, %i0, %i1;", {0x3f808000, 0x3f818000}, 0x3f803f82},
    {"cvt_bf16x2_relu", "cvt.rn.relu.bf16x2.f32 %o0, %i0, %i1;", {kMinusOne, kTwo}, 0x00004000},
    {"cvt_f16x2", "cvt.rn.f16x2.f32 %o0, %i0, %i1;", {kOne, 0x477fe000}, 0x3c007bff},
    {"cvt_f16x2_overflow", "cvt.rn.f16x2.f32 %o0, %i0, %i1;", {0x47800000, 0x33000000}, 0x7c000000},
    {"cvt_f16x2_subnormal",
     "cvt.rn.f16x2.f32 %o0, %i0, %i1;",
     {0x33800000, 0x33c00000},
     0x00010002},
    {"cvt_rz_f16x2", "cvt.rz.f16x2.f32 %o0, %i0, %i1;", {0x47800000, 0x33c00000}, 0x7bff0001},
    {"cvt_f32_f16", "mov.b32 {%h0, %h1}, %i0; cvt.f32.f16 %o0, %h0;", {0x0001}, 0x33800000},
    {"cvt_f32_bf16", "mov.b32 {%h0, %h1}, %i0; cvt.f32.bf16 %o0, %h1;", {0x3f800000}, kOne},
    {"cvt_f16_f32", "cvt.rn.f16.f32 %h0, %i0; cvt.u32.u16 %o0, %h0;", {kTwo}, 0x4000},
    {"cvt_e4m3x2_saturates",
     "cvt.rn.satfinite.e4m3x2.f32 %h0, %i0, %i1; cvt.u32.u16 %o0, %h0;",
     {0x44800000, kOne},
     0x7e38},
    {"cvt_e4m3x2_nan",
     "cvt.rn.satfinite.e4m3x2.f32 %h0, %i0, %i1; cvt.u32.u16 %o0, %h0;",
     {kNan, 0xc3e00000},
     0x7ffe},
    {"cvt_e4m3x2_subnormal",
     "cvt.rn.satfinite.e4m3x2.f32 %h0, %i0, %i1; cvt.u32.u16 %o0, %h0;",
     {0x3b000000, 0x3a800000},
     0x0100},
    {"cvt_e5m2x2",
     "cvt.rn.satfinite.e5m2x2.f32 %h0, %i0, %i1; cvt.u32.u16 %o0, %h0;",
     {kInf, kTwo},
     0x7b40},
    {"cvt_f16x2_from_e4m3x2",
     "cvt.u16.u32 %h0, %i0; cvt.rn.f16x2.e4m3x2 %o0, %h0;",
     {0x7e38},
     0x5f003c00},
    {"cvt_f16x2_from_e5m2x2",
     "cvt.u16.u32 %h0, %i0; cvt.rn.f16x2.e5m2x2 %o0, %h0;",
     {0x7c40},
     0x7c004000},
    {"cvt_tf32_rna", "cvt.rna.tf32.f32 %o0, %i0;", {0x3f801000}, 0x3f802000},
    {"cvt_f32_f64_rounds",
     "mov.b64 %d1, {%i0, %i1}; cvt.rn.f32.f64 %o0, %d1;",
     {0x10000000, 0x3ff00000},
     kOne},
    {"cvt_f64_f32", "cvt.f64.f32 %d1, %i0; mov.b64 {%r2, %o0}, %d1;", {kTwo}, 0x40000000},
    {"fma_f64",
     "cvt.f64.f32 %d1, %i0; fma.rn.f64 %d1, %d1, %d1, %d1; cvt.rn.f32.f64 %o0, %d1;",
     {kTwo},
     0x40c00000},
};
INSTANTIATE_TEST_SUITE_P(floats, Scalar, testing::ValuesIn(kFloat),
                         [](auto &i) { return i.param.name; });

const Case kMemory[] = {
    {"shared_round_trip",
     "mov.u32 %r2, smem; st.shared.b32 [%r2+8], %i0; ld.shared.b32 %o0, [%r2+8];",
     {42},
     42},
    {"generic_shared",
     "mov.u64 %d1, smem; cvta.shared.u64 %d2, %d1; st.b32 [%d2], %i0; ld.shared.b32 %o0, [smem];",
     {43},
     43},
    {"ld_s8", "st.shared.b32 [smem], %i0; ld.shared.s8 %o0, [smem+1];", {0x8000}, 0xffffff80},
    {"ld_u16",
     "st.shared.b32 [smem], %i0; ld.shared.u16 %h0, [smem+2]; cvt.u32.u16 %o0, %h0;",
     {0xabcd1234},
     0xabcd},
    {"vector_store",
     "st.shared.v2.b32 [smem], {%i0, %i1}; ld.shared.v2.b32 {%r2, %o0}, [smem];",
     {1, 2},
     2},
    {"sink", "st.shared.v2.b32 [smem], {%i0, %i1}; ld.shared.v2.b32 {_, %o0}, [smem];", {1, 2}, 2},
    {"isspacep",
     "mov.u64 %d1, smem; cvta.shared.u64 %d2, %d1; isspacep.shared %p0, %d2; isspacep.global %p1, "
     "%d2; selp.u32 %o0, 1, 0, %p0; @%p1 mov.b32 %o0, 7;",
     {},
     1},
    {"const_array",
     "mov.u64 %d1, table; cvta.global.u64 %d1, %d1; ld.global.b32 %o0, [%d1+4];",
     {},
     22},
    {"atom_add_returns_old",
     "setp.eq.u32 %p0, %tid, 0; mov.b32 %o0, 5; @%p0 st.shared.b32 [smem], %i0; @%p0 "
     "atom.shared.add.u32 %o0, [smem], 3; @%p0 ld.shared.b32 %r2, [smem]; @%p0 add.s32 %o0, %o0, "
     "%r2;",
     {10},
     23},
    {"atom_cas",
     "setp.eq.u32 %p0, %tid, 0; mov.b32 %o0, 5; @%p0 st.shared.b32 [smem], %i0; @%p0 "
     "atom.shared.cas.b32 %r3, [smem], 10, 77; @%p0 ld.shared.b32 %o0, [smem];",
     {10},
     77},
    {"red_f32",
     "setp.eq.u32 %p0, %tid, 0; mov.b32 %o0, 5; @%p0 st.shared.b32 [smem], %i0; @%p0 "
     "red.shared.add.f32 [smem], %i0; @%p0 ld.shared.b32 %o0, [smem];",
     {kOne},
     kTwo},
    {"local_memory",
     "mov.u64 %d1, depot; cvta.local.u64 %d1, %d1; st.b32 [%d1+4], %i0; ld.local.b32 %o0, "
     "[depot+4];",
     {9},
     9},
};
class Memory : public Scalar {};
TEST_P(Memory, gives_the_manuals_value) {
  Snippet s;
  s.variables = ".global .align 4 .b32 table[3] = {11, 22, 33};";
  s.code = std::string(".local .align 8 .b8 depot[16];\n") + GetParam().code;
  s.inputs = 3;
  s.threads = 1;
  s.in = GetParam().in;
  s.in.resize(3);
  EXPECT_EQ(s.run()[0], GetParam().expected) << GetParam().code;
}
INSTANTIATE_TEST_SUITE_P(memory, Memory, testing::ValuesIn(kMemory),
                         [](auto &i) { return i.param.name; });

//===- Control flow and what is refused --------------------------------------===//

TEST(ControlFlow, divergent_loop_counts_per_lane) {
  Snippet s;
  s.code = "mov.b32 %o0, 0;\nL: setp.ge.u32 %p0, %o0, %tid;\n@%p0 bra D;\nadd.s32 %o0, %o0, "
           "1;\nbra L;\nD:\n"
           "bar.sync 0;";
  auto out = s.run();
  for (uint32_t t = 0; t < 32; ++t)
    EXPECT_EQ(out[t], t);
}

TEST(ControlFlow, lanes_meet_before_an_aligned_instruction) {
  Snippet s; // The then-side lies behind the meeting point in the text.
  s.code =
      "setp.eq.u32 %p0, %tid, 3;\nmov.b32 %o0, 1;\n@%p0 bra THEN;\nMEET: bar.sync 0;\nbra END;\n"
      "THEN: mov.b32 %o0, 2;\nbra MEET;\nEND:";
  auto out = s.run();
  EXPECT_EQ(out[3], 2u);
  EXPECT_EQ(out[4], 1u);
}

TEST(ControlFlow, scopes_have_their_own_names) {
  Snippet s;
  s.code = "mov.b32 %o0, 0;\n{ .reg .b32 x; mov.b32 x, 5; L: add.s32 %o0, %o0, x; }\n"
           "{ .reg .b32 x; mov.b32 x, 7; L: add.s32 %o0, %o0, x; }";
  EXPECT_EQ(s.run()[0], 12u);
}

TEST(ControlFlow, a_lane_may_wait_for_another_lane_of_its_warp) {
  Snippet s; // Lane 1 spins until lane 0 stores, although lane 0's path comes later in the text.
  s.threads = 2;
  s.code = "setp.eq.u32 %p0, %tid, 0;\nsetp.eq.u32 %p2, %tid, 0;\nmov.b32 %o0, 1;\n"
           "@%p0 st.volatile.shared.b32 [smem], 0;\nbar.warp.sync 3;\n@%p0 bra Z;\n"
           "S: ld.volatile.shared.b32 %r2, [smem];\nsetp.eq.u32 %p1, %r2, 0;\n@%p1 bra S;\nbra E;\n"
           "Z: st.volatile.shared.b32 [smem], 1;\nE:";
  EXPECT_EQ(s.run()[1], 1u);
}

struct Refused {
  const char *name, *code, *message;
};
void PrintTo(const Refused &c, std::ostream *os) { *os << c.name; }
class Refusal : public testing::TestWithParam<Refused> {};
TEST_P(Refusal, names_the_problem_and_the_line) {
  Snippet s;
  s.inputs = 1;
  s.in = {0};
  s.code = std::string("mov.b32 %o0, 0;\n") + GetParam().code;
  std::string report = s.report();
  EXPECT_THAT(report, testing::HasSubstr(GetParam().message));
  EXPECT_THAT(report, testing::ContainsRegex("line [0-9]+|snippet:[0-9]+"));
}
const Refused kRefused[] = {
    {"unknown_instruction", "frobnicate.b32 %o0, %o0;",
     "instruction 'frobnicate' is not supported"},
    {"local_address_that_wraps",
     ".local .b8 l[16]; mov.b64 %d1, 0xfffffffffffffff8; ld.local.b64 %d2, [%d1];",
     "load out of bounds"},
    {"parameter_address_that_wraps", "mov.b64 %d1, 0xfffffffffffffff8; ld.param.b64 %d2, [%d1];",
     "load out of bounds"},
    {"unknown_modifier", "add.strange.s32 %o0, %o0, 1;", "modifier '.strange' is not supported"},
    {"wrong_width", "add.s64 %o0, %o0, 1;", "has 32 bits where the instruction writes 64"},
    {"unknown_label", "bra NOWHERE;", "unknown label 'NOWHERE'"},
    {"unknown_name", "ld.global.b32 %o0, [nothing];", "unknown name 'nothing'"},
    {"uninitialised_register", "add.s32 %o0, %r5, 1;",
     "reads register %r5, which was never written"},
    {"global_out_of_bounds", "ld.global.b32 %o0, [%in+4096];", "out of bounds"},
    {"global_misaligned", "ld.global.b32 %o0, [%in+1];", "misaligned load"},
    {"global_uninitialised", "ld.global.b32 %o0, [%out];",
     "reads global memory that was never written"},
    {"shared_out_of_bounds", "ld.shared.b32 %o0, [smem+16384];", "outside the CTA's 16384 bytes"},
    {"shared_uninitialised", "ld.shared.b32 %o0, [smem+16];",
     "shared byte 16, which was never written"},
    {"trap", "trap;", "the kernel stopped itself"},
    {"diverged_barrier", "setp.eq.u32 %p0, %tid, 0;\n@%p0 bar.sync 0;",
     "needs all lanes of the warp together"},
    {"member_mask", "setp.eq.u32 %p0, %tid, 0;\n@%p0 shfl.sync.idx.b32 %o0, %o0, 0, 31, -1;",
     "member mask"},
    {"shared_race", "st.shared.b32 [smem], %tid;\nld.shared.b32 %o0, [smem];",
     "is not ordered before"},
    {"call", "call foo, ();", "instruction 'call' is not supported"},
};
INSTANTIATE_TEST_SUITE_P(refused, Refusal, testing::ValuesIn(kRefused),
                         [](auto &i) { return i.param.name; });

TEST(Parser, refuses_a_cubin) {
  auto d = createSimulatorDriver({});
  try {
    d->loadModule(std::string("\177ELF..."), "x.cubin");
    FAIL();
  } catch (const Error &e) {
    EXPECT_EQ(e.kind(), ErrorKind::Unsupported);
    EXPECT_THAT(e.what(), testing::HasSubstr("not a cubin"));
  }
}

TEST(Parser, leading_comment_lines_are_skipped) {
  Snippet s;
  s.code = "mov.b32 %o0, 3;";
  std::string report = s.reportOf("// {\"format\": \"x;y{\"}\n//\n" + s.ptx());
  EXPECT_EQ(report, "");
}

} // namespace
