// Lowers rings with barriers (filled by TMA or by threads): slots, cursors, waiting, arriving.
// Rings filled by cp.async have no barriers and are lowered by Sm80.
//
// Each slot has a full and an empty mbarrier. The cursor's phase is the parity of the round: a
// reader waits for the full barrier's phase to complete, the filling role for the empty barrier's
// phase before it (which for the first round has completed from the start).
#include "KernelLowering.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

/// try_wait suspends a thread for at most this many nanoseconds before it looks again.
static constexpr int64_t waitTicks = 10000000;

static void emitBarrierWait(Emitter &emit, Value barrier, Value parity) {
  NVVM::MBarrierTryWaitParityOp::create(emit, barrier, parity, emit.i32(waitTicks));
}

static void emitArrive(Emitter &emit, Value barrier) {
  NVVM::MBarrierArriveOp::create(emit, TypeRange{}, barrier, Value());
}

namespace {

template <typename OpT> struct RingPattern : KernelPattern<OpT> {
  using KernelPattern<OpT>::KernelPattern;
  using KernelPattern<OpT>::kernel;

protected:
  Value getBarrier(Emitter &emit, int64_t offset, Value slot) const {
    return kernel.getSharedPointer(emit, emit.add(emit.shl(slot, 3), offset));
  }
  /// Runs `body` in all threads of the filling role, or in one where copies are started by one.
  void fillBy(Emitter &emit, Operation *op, function_ref<void()> body) const {
    RoleLowering &role = kernel.getRole(op);
    if (kernel.getRing(op).fill == Fill::Threads || role.singleThread)
      return body();
    emit.ifThen(kernel.isLeader(emit, role), body);
  }
};

struct LowerRing : KernelPattern<RingOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(RingOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    rewriter.replaceOp(op, emit.i32(kernel.rings.find(op)->second.layout.tileOffsets.front()));
    return success();
  }
};

struct LowerCursor : KernelPattern<CursorOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(CursorOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::ZeroOp>(op, getTypeConverter()->convertType(op.getType()));
    return success();
  }
};

struct LowerAdvance : KernelPattern<AdvanceOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(AdvanceOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    Value next = emit.add(emit.extract(adaptor.getCursor(), 0), 1);
    Value wraps = emit.equal(next, kernel.getRing(op).type.getDepth());
    Value slot = emit.select(wraps, emit.i32(0), next);
    Value phase = emit.xorI(emit.extract(adaptor.getCursor(), 1),
                            arith::ExtUIOp::create(emit, emit.getI32Type(), wraps));
    rewriter.replaceOp(op, emit.implode(adaptor.getCursor().getType(), {slot, phase}));
    return success();
  }
};

struct LowerAcquire : RingPattern<AcquireOp> {
  using RingPattern::RingPattern;
  LogicalResult matchAndRewrite(AcquireOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RingLowering &ring = kernel.getRing(op);
    if (!ring.hasBarriers())
      return rewriter.notifyMatchFailure(op, "not filled by TMA or threads");
    Emitter emit(op.getLoc(), rewriter);
    Value slot = emit.extract(adaptor.getCursor(), 0);
    Value parity = emit.xorI(emit.extract(adaptor.getCursor(), 1), 1);
    fillBy(emit, op, [&] {
      emitBarrierWait(emit, getBarrier(emit, ring.layout.emptyOffset, slot), parity);
      if (ring.fill == Fill::Tma)
        NVVM::MBarrierArriveExpectTxOp::create(
            emit, TypeRange{}, getBarrier(emit, ring.layout.fullOffset, slot),
            emit.i32(ring.type.getCopyBytes()), NVVM::MemScopeKind::CTA, /*relaxed=*/false,
            /*predicate=*/Value());
    });
    rewriter.replaceOp(op, slot);
    return success();
  }
};

struct LowerCommit : RingPattern<CommitOp> {
  using RingPattern::RingPattern;
  LogicalResult matchAndRewrite(CommitOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RingLowering &ring = kernel.getRing(op);
    if (!ring.hasBarriers())
      return rewriter.notifyMatchFailure(op, "not filled by TMA or threads");
    // TMA itself completes the barrier's bytes. Threads make their stores visible to wgmma, then
    // arrive.
    if (ring.fill == Fill::Threads) {
      Emitter emit(op.getLoc(), rewriter);
      emitSharedProxyFence(emit);
      emitArrive(emit, getBarrier(emit, ring.layout.fullOffset, adaptor.getSlot()));
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerWait : RingPattern<WaitOp> {
  using RingPattern::RingPattern;
  LogicalResult matchAndRewrite(WaitOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RingLowering &ring = kernel.getRing(op);
    if (!ring.hasBarriers())
      return rewriter.notifyMatchFailure(op, "not filled by TMA or threads");
    Emitter emit(op.getLoc(), rewriter);
    Value slot = emit.extract(adaptor.getCursor(), 0);
    emitBarrierWait(emit, getBarrier(emit, ring.layout.fullOffset, slot),
                    emit.extract(adaptor.getCursor(), 1));
    rewriter.replaceOp(op, slot);
    return success();
  }
};

/// One thread of the instance arrives. The products that read the slot are those of the whole
/// warpgroup, and the wait that covers them came before.
struct LowerRelease : RingPattern<ReleaseOp> {
  using RingPattern::RingPattern;
  LogicalResult matchAndRewrite(ReleaseOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RingLowering &ring = kernel.getRing(op);
    if (!ring.hasBarriers())
      return rewriter.notifyMatchFailure(op, "not filled by TMA or threads");
    Emitter emit(op.getLoc(), rewriter);
    emit.ifThen(kernel.isLeader(emit, kernel.getRole(op)), [&] {
      Value slot = emit.extract(adaptor.getCursor(), 0);
      emitArrive(emit, getBarrier(emit, ring.layout.emptyOffset, slot));
    });
    rewriter.eraseOp(op);
    return success();
  }
};

/// The byte offset of a tile: that of the ring's element, plus the slot's.
struct LowerTile : KernelPattern<TileOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(TileOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isa<SmemType>(op.getType()))
      return rewriter.notifyMatchFailure(op, "accumulators in rings are not lowered yet");
    Emitter emit(op.getLoc(), rewriter);
    rewriter.replaceOp(op, kernel.getTileOffset(emit, op, adaptor.getSlot(), op.getElement()));
    return success();
  }
};

} // namespace

Value KernelLowering::getTileOffset(Emitter &emit, Operation *op, Value slot, int64_t element) {
  RingLayout &layout = getRing(op).layout;
  return emit.add(emit.mul(slot, layout.tileStrides[element]), layout.tileOffsets[element]);
}

Value KernelLowering::getFullBarrier(Emitter &emit, Operation *op, Value slot) {
  return getSharedPointer(emit, emit.add(emit.shl(slot, 3), getRing(op).layout.fullOffset));
}

void mlir::mptile::emitSharedProxyFence(Emitter &emit) {
  NVVM::FenceProxyOp::create(
      emit, NVVM::ProxyKindAttr::get(emit.getContext(), NVVM::ProxyKind::async_shared),
      NVVM::SharedSpaceAttr::get(emit.getContext(), NVVM::SharedSpace::shared_cta));
}

void mlir::mptile::populateRingPatterns(const LLVMTypeConverter &converter,
                                        RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerRing, LowerCursor, LowerAdvance, LowerAcquire, LowerCommit, LowerWait,
               LowerRelease, LowerTile>(converter, patterns.getContext(), kernel);
}
