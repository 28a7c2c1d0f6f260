//===- SanitizerTest.cpp - One synchronisation less must be reported -------===//
#include "Snippet.h"
#include "mpgemm/Simulator/Mutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace mpgemm;
using namespace mpgemm::test;

namespace {

/// Runs the kernel whole (must be clean and give `expected` in thread 0) and without each of its
/// synchronisations (must be reported), in every order of asynchronous work.
void everyDeletionIsReported(Snippet s, uint32_t expected,
                             const std::vector<std::string> &exceptions = {}) {
  for (AsyncOrder order : {AsyncOrder::Latest, AsyncOrder::Earliest, AsyncOrder::Random}) {
    s.options.order = order;
    // Copies, because a run writes back its data.
    ASSERT_EQ(Snippet(s).report(), "");
    EXPECT_EQ(Snippet(s).run()[0], expected);
    auto all = listSyncInstructions(s.ptx());
    ASSERT_FALSE(all.empty());
    for (const SyncInstruction &i : all) {
      bool excepted = false;
      for (const std::string &e : exceptions)
        excepted |= i.text.find(e) != std::string::npos;
      if (!excepted) {
        EXPECT_NE(Snippet(s).reportOf(deleteInstruction(s.ptx(), i)), "")
            << "without line " << i.line << " " << i.text;
      }
    }
  }
}

TEST(Mutation, finds_and_deletes_statements) {
  std::string text = "// bar.sync 0;\n{ .reg .pred p;\nL: mbarrier.try_wait.parity.shared.b64 p, "
                     "[%r1], 0;\n@p bra D;\nbra L;\nD: }\n"
                     "@%p1 bar.sync \t1, 64;\nadd.s32 %r1, %r1, 1;\n";
  auto all = listSyncInstructions(text);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].line, 3);
  EXPECT_EQ(all[1].line, 7);
  EXPECT_EQ(all[1].opcode, "bar.sync");
  EXPECT_THAT(deleteInstruction(text, all[0]), testing::HasSubstr("L: setp.eq.u32 p, 0, 0;\n"));
  EXPECT_THAT(deleteInstruction(text, all[1]), testing::Not(testing::HasSubstr("bar.sync \t1")));
}

TEST(Sanitizer, barrier_between_writer_and_reader) {
  Snippet s;
  s.threads = 64;
  s.code =
      "shl.b32 %r2, %tid, 2;\nmov.b32 %r3, smem;\nadd.s32 %r2, %r2, %r3;\nxor.b32 %r4, %tid, 32;\n"
      "shl.b32 %r4, %r4, 2;\nadd.s32 %r4, %r4, %r3;\nst.shared.b32 [%r2], %tid;\nbar.sync 0;\n"
      "ld.shared.b32 %o0, [%r4];\nbar.sync 0;\nst.shared.b32 [%r2], %tid;";
  everyDeletionIsReported(s, 32);
}

TEST(Sanitizer, warp_sync_between_lanes) {
  Snippet s;
  s.code =
      "shl.b32 %r2, %tid, 2;\nmov.b32 %r3, smem;\nadd.s32 %r2, %r2, %r3;\nxor.b32 %r4, %tid, 1;\n"
      "shl.b32 %r4, %r4, 2;\nadd.s32 %r4, %r4, %r3;\nst.shared.b32 [%r2], %tid;\nbar.warp.sync "
      "-1;\n"
      "ld.shared.b32 %o0, [%r4];";
  everyDeletionIsReported(s, 1);
}

TEST(Sanitizer, cp_async_needs_commit_wait_and_barrier) {
  Snippet s;
  s.threads = 64;
  s.data.resize(1024);
  for (int i = 0; i < 1024; ++i)
    s.data[i] = static_cast<uint8_t>(i / 16);
  s.code =
      "shl.b32 %r2, %tid, 4;\ncvt.u64.u32 %d1, %r2;\nadd.s64 %d1, %data, %d1;\nmov.b32 %r3, smem;\n"
      "add.s32 %r2, %r2, %r3;\ncp.async.cg.shared.global [%r2], [%d1], "
      "16;\ncp.async.commit_group;\n"
      "cp.async.wait_group 0;\nbar.sync 0;\nxor.b32 %r4, %tid, 33;\nshl.b32 %r4, %r4, 4;\n"
      "add.s32 %r4, %r4, %r3;\nld.shared.u8 %o0, [%r4];";
  everyDeletionIsReported(s, 33);
}

TEST(Sanitizer, cp_async_zero_fill) {
  Snippet s;
  s.threads = 1;
  s.data.assign(16, 0xff);
  s.code = "cp.async.ca.shared.global [smem], [%data], 16, 4;\ncp.async.wait_all;\n"
           "ld.shared.b32 %o0, [smem+4];\nld.shared.b32 %r2, [smem];\nadd.s32 %o0, %o0, %r2;";
  EXPECT_EQ(s.run()[0], 0xffffffffu);
}

/// Warp 0 fills a slot, warp 1 empties it, four times over two mbarriers.
TEST(Sanitizer, mbarrier_ring_between_warps) {
  Snippet s;
  s.threads = 64;
  s.code = "mov.b32 %o0, 0;\nmov.b32 %r10, 0;\nmov.b32 %r3, smem;\nand.b32 %r5, %tid, 31;\nshl.b32 "
           "%r4, %r5, 2;\n"
           "add.s32 %r4, %r4, %r3;\nsetp.ne.u32 %p0, %tid, 0;\n@%p0 bra I;\n"
           "mbarrier.init.shared.b64 [smem+1024], 32;\nmbarrier.init.shared.b64 [smem+1032], "
           "32;\nI:\nbar.sync 0;\n"
           "setp.ge.u32 %p1, %tid, 32;\n@%p1 bra C;\n"
           "P: and.b32 %r6, %r10, 1;\nxor.b32 %r7, %r6, 1;\n"
           "W0: mbarrier.try_wait.parity.shared.b64 %p2, [smem+1032], %r7;\n@!%p2 bra W0;\n"
           "st.shared.b32 [%r4], %r10;\nmbarrier.arrive.shared.b64 _, [smem+1024];\n"
           "add.s32 %r10, %r10, 1;\nsetp.lt.u32 %p3, %r10, 4;\n@%p3 bra P;\nbra E;\n"
           "C: and.b32 %r6, %r10, 1;\n"
           "W1: mbarrier.try_wait.parity.shared.b64 %p2, [smem+1024], %r6;\n@!%p2 bra W1;\n"
           "xor.b32 %r8, %r4, 4;\nld.shared.b32 %r9, [%r8];\nadd.s32 %o0, %o0, %r9;\n"
           "mbarrier.arrive.shared.b64 _, [smem+1032];\n"
           "add.s32 %r10, %r10, 1;\nsetp.lt.u32 %p3, %r10, 4;\n@%p3 bra C;\nE:";
  Snippet check = s;
  EXPECT_EQ(check.run()[32], 6u);
  everyDeletionIsReported(s, 0);
}

/// A bulk copy in, through a register, and a bulk copy out.
TEST(Sanitizer, bulk_copies_in_and_out) {
  Snippet s;
  s.data.resize(512);
  for (int i = 0; i < 128; ++i)
    s.data[i] = static_cast<uint8_t>(i);
  s.code = "mov.b32 %r3, smem;\nsetp.ne.u32 %p0, %tid, 0;\n@%p0 bra I;\n"
           "mbarrier.init.shared.b64 [smem+1024], "
           "1;\nfence.mbarrier_init.release.cluster;\nI:\nbar.sync 0;\n"
           "@%p0 bra W;\nmbarrier.arrive.expect_tx.shared.b64 _, [smem+1024], 128;\n"
           "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [smem], [%data], "
           "128, [smem+1024];\n"
           "W: mbarrier.try_wait.parity.shared.b64 %p2, [smem+1024], 0;\n@!%p2 bra W;\n"
           "shl.b32 %r4, %tid, 2;\nadd.s32 %r4, %r4, %r3;\nld.shared.b32 %o0, [%r4];\n"
           "add.s32 %r5, %o0, 1;\nst.shared.b32 [%r4+256], "
           "%r5;\nfence.proxy.async.shared::cta;\nbar.sync 0;\n"
           "@%p0 bra X;\ncp.async.bulk.global.shared::cta.bulk_group [%data], [smem+256], 128;\n"
           "cp.async.bulk.commit_group;\ncp.async.bulk.wait_group.read 0;\nX: bar.sync "
           "0;\nst.shared.b32 [%r4+256], %r5;";
  Snippet check = s;
  check.run();
  EXPECT_EQ(check.data[0], 1);
  EXPECT_EQ(check.data[4], 5);
  everyDeletionIsReported(s, 0x03020100);
}

TEST(Sanitizer, cluster_barrier_and_remote_shared_memory) {
  Snippet s;
  s.cluster = 2;
  s.code =
      "shl.b32 %r2, %tid, 2;\nmov.b32 %r3, smem;\nadd.s32 %r2, %r2, %r3;\nmov.u32 %r4, "
      "%cluster_ctarank;\n"
      "st.shared.b32 [%r2], %r4;\nbarrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;\n"
      "xor.b32 %r5, %r4, 1;\nmapa.shared::cluster.u32 %r6, %r2, %r5;\nld.shared::cluster.b32 %o0, "
      "[%r6];\n"
      "barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;";
  everyDeletionIsReported(s, 1);
}

struct Misuse {
  const char *name, *code, *message;
};
void PrintTo(const Misuse &m, std::ostream *os) { *os << m.name; }
class MisuseTest : public testing::TestWithParam<Misuse> {};
TEST_P(MisuseTest, is_reported) {
  Snippet s;
  s.threads = 128;
  s.data.resize(256);
  s.code = std::string("mov.b32 %o0, 0;\nsetp.eq.u32 %p0, %tid, 0;\n") + GetParam().code;
  EXPECT_THAT(s.report(), testing::HasSubstr(GetParam().message));
}
const Misuse kMisuses[] = {
    {"arrive_overflow",
     "@%p0 mbarrier.init.shared.b64 [smem], 5;\nbar.sync 0;\nmbarrier.arrive.shared.b64 _, [smem], "
     "3;",
     "arrives 3 times"},
    {"not_an_mbarrier", "mbarrier.arrive.shared.b64 _, [smem+64];", "holds no mbarrier"},
    {"init_twice",
     "@%p0 mbarrier.init.shared.b64 [smem], 1;\n@%p0 mbarrier.init.shared.b64 [smem], 1;",
     "again without mbarrier.inval"},
    {"ordinary_access", "@%p0 mbarrier.init.shared.b64 [smem], 1;\n@%p0 st.shared.b32 [smem], 1;",
     "belongs to an mbarrier"},
    {"never_completes",
     "@%p0 mbarrier.init.shared.b64 [smem], 200;\nbar.sync 0;\nmbarrier.arrive.shared.b64 _, "
     "[smem];\n"
     "W: mbarrier.try_wait.parity.shared.b64 %p1, [smem], 0;\n@!%p1 bra W;",
     "lacks 72 of 200 arrivals"},
    {"barrier_mismatch", "setp.lt.u32 %p1, %tid, 64;\n@%p1 bar.sync 1, 64;\n@!%p1 bar.sync 1, 128;",
     "barrier 1"},
    {"barrier_count", "bar.sync 1, 33;", "must be a multiple of 32"},
    {"missing_commit", "@%p0 cp.async.ca.shared.global [smem], [%data], 4;",
     "exits with a cp.async in flight"},
    {"wgmma_without_group", "wgmma.commit_group.sync.aligned;\nsetmaxnreg.inc.sync.aligned.u32 24;",
     "setmaxnreg.inc"},
};
INSTANTIATE_TEST_SUITE_P(all, MisuseTest, testing::ValuesIn(kMisuses),
                         [](auto &i) { return i.param.name; });

TEST(Sanitizer, checks_can_be_off) {
  Snippet s;
  s.code = "st.shared.b32 [smem], %tid;\nld.shared.b32 %o0, [smem];";
  EXPECT_NE(s.report(), "");
  s.options.checks = false;
  EXPECT_EQ(s.report(), "");
}

} // namespace
