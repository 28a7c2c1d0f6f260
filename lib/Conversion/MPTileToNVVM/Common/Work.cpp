// Lowers mptile.for_each_work: the persistent loop over output tiles and its raster.
#include "KernelLowering.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

struct TileIndex {
  Value batch, m, n;
};

struct LowerForEachWork : KernelPattern<ForEachWorkOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(ForEachWorkOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (op.getGroups() || op->hasAttr("split_k") || op->hasAttr("stream_k"))
      return rewriter.notifyMatchFailure(op, "groups, split-K and stream-K are not lowered yet");
    Emitter emit(op.getLoc(), rewriter);
    Value perBatch = emit.mul(adaptor.getMTiles(), adaptor.getNTiles());
    Value total = emit.mul(adaptor.getBatch(), perBatch);
    Value cta = NVVM::BlockIdXOp::create(emit, emit.getI32Type());
    Value ctas = NVVM::GridDimXOp::create(emit, emit.getI32Type());
    auto loop = scf::ForOp::create(emit, cta, total, ctas, adaptor.getInits());
    Block *body = loop.getBody();
    if (!body->empty())
      rewriter.eraseOp(body->getTerminator());
    emit.setInsertionPointToStart(body);
    TileIndex tile = emitRaster(op, adaptor, perBatch, loop.getInductionVar(), emit);
    Value all = arith::ConstantOp::create(emit, emit.getBoolAttr(true));
    SmallVector<Value> arguments = {tile.batch,           tile.m, tile.n, emit.i32(0),
                                    adaptor.getKBlocks(), all,    all};
    llvm::append_range(arguments, loop.getRegionIterArgs());
    rewriter.inlineBlockBefore(&op.getBody().front(), body, body->end(), arguments);
    rewriter.replaceOp(op, loop.getResults());
    return success();
  }

private:
  /// Tile number t: batch after batch; in a batch, bands of `grouped` tile rows; in a band, column
  /// after column.
  TileIndex emitRaster(ForEachWorkOp op, OpAdaptor adaptor, Value perBatch, Value t,
                       Emitter &emit) const {
    TileIndex tile;
    if (matchPattern(op.getBatch(), m_One())) {
      tile.batch = emit.i32(0);
    } else {
      tile.batch = emit.divU(t, perBatch);
      t = emit.sub(t, emit.mul(tile.batch, perBatch));
    }
    int64_t grouped = op.getRaster().getGrouped();
    Value perBand = emit.mul(adaptor.getNTiles(), grouped);
    Value band = emit.divU(t, perBand);
    Value firstRow = emit.mul(band, grouped);
    // The last band may have fewer rows.
    Value rows = emit.minU(emit.sub(adaptor.getMTiles(), firstRow), emit.i32(grouped));
    Value inBand = emit.sub(t, emit.mul(band, perBand));
    tile.n = emit.divU(inBand, rows);
    tile.m = emit.add(firstRow, emit.sub(inBand, emit.mul(tile.n, rows)));
    return tile;
  }
};

/// The yield of a loop; those of roles and maps are gone before this pattern could see them.
struct LowerYield : KernelPattern<YieldOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(YieldOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<scf::YieldOp>(op, adaptor.getValues());
    return success();
  }
};

} // namespace

void mlir::mptile::populateWorkPatterns(const LLVMTypeConverter &converter,
                                        RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerForEachWork, LowerYield>(converter, patterns.getContext(), kernel);
}
