// Rings filled by cp.async: groups of copies are counted instead of barriers in shared memory.
//
// One role fills and reads. `commit` closes a group, `wait {outstanding = N}` waits until at most N
// groups of this thread are in flight and then meets all threads at the barrier: each sees the
// copies of the others, and all have finished reading the slots of earlier waits. So `acquire` and
// `release` have nothing to do: a slot released before a wait may be filled after it.
#include "Sm80.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

/// A pattern for an op on a ring with fill = async; the ops of other rings have other patterns.
template <typename OpT> struct AsyncRingPattern : KernelPattern<OpT> {
  AsyncRingPattern(const TypeConverter &converter, MLIRContext *context, KernelLowering &kernel)
      : KernelPattern<OpT>(converter, context, kernel, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(OpT op, typename OpT::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const final {
    if (this->kernel.getRing(op).fill != Fill::Async)
      return rewriter.notifyMatchFailure(op, "the ring is not filled by cp.async");
    Emitter emit(op.getLoc(), rewriter);
    lower(op, adaptor, emit, rewriter);
    return success();
  }

  virtual void lower(OpT op, typename OpT::Adaptor adaptor, Emitter &emit,
                     ConversionPatternRewriter &rewriter) const = 0;
};

struct LowerAcquire : AsyncRingPattern<AcquireOp> {
  using AsyncRingPattern::AsyncRingPattern;
  void lower(AcquireOp op, OpAdaptor adaptor, Emitter &emit,
             ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, emit.extract(adaptor.getCursor(), 0));
  }
};

/// The rings that some cp.async fills, gathered before anything is rewritten.
using GroupRings = llvm::SmallPtrSet<Operation *, 4>;

GroupRings findGroupRings(KernelLowering &kernel) {
  GroupRings found;
  for (auto &[op, ring] : kernel.rings)
    for (Operation *user : op->getUsers())
      if (auto acquire = dyn_cast<AcquireOp>(user))
        for (Operation *filling : acquire->getUsers())
          if (auto copy = dyn_cast<CopyOp>(filling); copy && getChunkBytes(copy) >= 4)
            found.insert(op);
  return found;
}

struct LowerCommit : AsyncRingPattern<CommitOp> {
  LowerCommit(const TypeConverter &converter, MLIRContext *context, KernelLowering &kernel,
              GroupRings groupRings)
      : AsyncRingPattern(converter, context, kernel), groupRings(std::move(groupRings)) {}
  void lower(CommitOp op, OpAdaptor, Emitter &emit,
             ConversionPatternRewriter &rewriter) const override {
    if (groupRings.contains(kernel.getRing(op).op))
      NVVM::CpAsyncCommitGroupOp::create(emit);
    rewriter.eraseOp(op);
  }

  GroupRings groupRings;
};

struct LowerWait : AsyncRingPattern<WaitOp> {
  LowerWait(const TypeConverter &converter, MLIRContext *context, KernelLowering &kernel,
            GroupRings groupRings)
      : AsyncRingPattern(converter, context, kernel), groupRings(std::move(groupRings)) {}
  void lower(WaitOp op, OpAdaptor adaptor, Emitter &emit,
             ConversionPatternRewriter &rewriter) const override {
    if (groupRings.contains(kernel.getRing(op).op))
      NVVM::CpAsyncWaitGroupOp::create(emit, static_cast<uint32_t>(op.getOutstanding()));
    kernel.emitRoleBarrier(emit, kernel.getRole(op));
    rewriter.replaceOp(op, emit.extract(adaptor.getCursor(), 0));
  }

  GroupRings groupRings;
};

struct LowerRelease : AsyncRingPattern<ReleaseOp> {
  using AsyncRingPattern::AsyncRingPattern;
  void lower(ReleaseOp op, OpAdaptor, Emitter &,
             ConversionPatternRewriter &rewriter) const override {
    rewriter.eraseOp(op);
  }
};

} // namespace

void mptile::populateAsyncRingPatterns(const LLVMTypeConverter &converter,
                                       RewritePatternSet &patterns, KernelLowering &kernel) {
  MLIRContext *context = patterns.getContext();
  patterns.add<LowerAcquire, LowerRelease>(converter, context, kernel);
  const GroupRings groupRings = findGroupRings(kernel); // a temporary would be moved from twice
  patterns.add<LowerCommit, LowerWait>(converter, context, kernel, groupRings);
}

void mptile::populateSm80Patterns(const LLVMTypeConverter &converter, RewritePatternSet &patterns,
                                  KernelLowering &kernel) {
  populateAsyncRingPatterns(converter, patterns, kernel);
  populateAsyncCopyPatterns(converter, patterns, kernel);
  populateMmaSyncPatterns(converter, patterns, kernel);
}
