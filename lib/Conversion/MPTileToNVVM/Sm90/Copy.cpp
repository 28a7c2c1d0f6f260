// Lowers mptile.copy into a ring filled by TMA: one bulk tensor copy for each panel of the tile.
#include "Sm90.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

struct LowerTmaCopy : KernelPattern<CopyOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(CopyOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (kernel.getRing(op).fill != Fill::Tma)
      return rewriter.notifyMatchFailure(op, "not filled by TMA");
    Emitter emit(op.getLoc(), rewriter);
    RoleLowering &role = kernel.getRole(op);
    if (role.singleThread)
      emitCopies(op, adaptor, emit);
    else
      emit.ifThen(kernel.isLeader(emit, role), [&] { emitCopies(op, adaptor, emit); });
    rewriter.eraseOp(op);
    return success();
  }

private:
  void emitCopies(CopyOp op, OpAdaptor adaptor, Emitter &emit) const {
    SmemType tile = op.getTileType();
    ViewType view = op.getView().getType();
    Value map = kernel.getTensorMap(op, getPanelBox(view, tile), tile.getSwizzle());
    Value barrier = kernel.getFullBarrier(emit, op, adaptor.getSlot());
    Value tileOffset = kernel.getTileOffset(emit, op, adaptor.getSlot(), op.getElement());
    for (int64_t panel = 0; panel < tile.getNumPanels(); ++panel) {
      // Coordinates have the innermost dimension first.
      SmallVector<Value> coordinates(llvm::reverse(adaptor.getOffsets()));
      coordinates[0] = emit.add(coordinates[0], panel * tile.getPanelColumns());
      Value shared =
          kernel.getSharedPointer(emit, emit.add(tileOffset, panel * tile.getPanelBytes()));
      Value destination = LLVM::AddrSpaceCastOp::create(
          emit, LLVM::LLVMPointerType::get(emit.getContext(), 7), shared);
      NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
          emit, destination, map, coordinates, barrier, /*im2colOffsets=*/ValueRange(),
          /*multicastMask=*/Value(), /*l2CacheHint=*/Value(), NVVM::TMALoadMode::TILE,
          /*isCTAOnly=*/false, /*group=*/NVVM::CTAGroupKindAttr(), /*predicate=*/Value());
    }
  }
};

} // namespace

void mlir::mptile::sm90::populateCopyPatterns(const LLVMTypeConverter &converter,
                                              RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerTmaCopy>(converter, patterns.getContext(), kernel);
}
