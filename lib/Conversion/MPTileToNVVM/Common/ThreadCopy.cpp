// Lowers mptile.copy into a ring filled by threads: ordinary loads of any pitch and alignment, and
// stores into the swizzled layout that TMA would have written.
#include "KernelLowering.h"
#include "SharedTile.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

/// A thread copies 16-byte chunks of the tile, `threads` apart; consecutive threads have
/// consecutive chunks of a row.
struct LowerThreadCopy : KernelPattern<CopyOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(CopyOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (kernel.getRing(op).fill != Fill::Threads)
      return rewriter.notifyMatchFailure(op, "not filled by threads");
    SmemType tile = op.getTileType();
    if (tile.getPanelRowBytes() % 16 != 0 || tile.getElementBits() % 8 != 0)
      return rewriter.notifyMatchFailure(op, "rows are not whole 16-byte chunks");
    Emitter emit(op.getLoc(), rewriter);
    RoleLowering &role = kernel.getRole(op);
    Value tileOffset = kernel.getTileOffset(emit, op, adaptor.getSlot(), op.getElement());
    int64_t chunks = tile.getBytes() / 16;
    auto loop =
        scf::ForOp::create(emit, role.thread, emit.i32(chunks), emit.i32(role.numThreads()));
    emit.setInsertionPointToStart(loop.getBody());
    emitChunk(op, adaptor, tileOffset, loop.getInductionVar(), emit);
    rewriter.eraseOp(op);
    return success();
  }

private:
  void emitChunk(CopyOp op, OpAdaptor adaptor, Value tileOffset, Value chunk, Emitter &emit) const {
    SmemType tile = op.getTileType();
    ViewType view = op.getView().getType();
    int64_t chunksPerRow = tile.getRowBytes() / 16, chunksPerPanel = tile.getPanelRowBytes() / 16;
    int64_t elementsPerChunk = 128 / tile.getElementBits();
    Value row = emit.divU(chunk, chunksPerRow);
    Value chunkInRow = emit.sub(chunk, emit.mul(row, chunksPerRow));
    Value panel = emit.divU(chunkInRow, chunksPerPanel);
    Value chunkInPanel = emit.sub(chunkInRow, emit.mul(panel, chunksPerPanel));

    SmallVector<Value> indices(adaptor.getOffsets());
    if (view.getRank() > 1) {
      Value &rowIndex = indices[view.getRank() - 2];
      rowIndex = emit.add(rowIndex, row);
    }
    indices.back() = emit.add(indices.back(), emit.mul(chunkInRow, elementsPerChunk));
    Value data = emitLoad(op, view, indices, elementsPerChunk, emit);

    Value inTile = emit.add(getChunkOffset(emit, tile, row, 0, chunkInPanel),
                            emit.mul(panel, tile.getPanelBytes()));
    Value pointer = kernel.getSharedPointer(emit, emit.add(tileOffset, inTile));
    LLVM::StoreOp::create(emit, data, pointer, /*alignment=*/16);
  }

  /// Loads 16 bytes as one vector of pieces that are aligned; a piece outside the view is 0. As the
  /// row pitch is a multiple of a piece, none is partly outside: the last dimension is a multiple
  /// of a piece, or there is a single row.
  Value emitLoad(CopyOp op, ViewType view, ValueRange indices, int64_t elementsPerChunk,
                 Emitter &emit) const {
    int64_t elementBytes = 16 / elementsPerChunk;
    int64_t pieceBytes = std::min<int64_t>(op.getAlignment().value_or(elementBytes), 16);
    if (view.getRank() == 1)
      pieceBytes = elementBytes;
    pieceBytes = std::max(pieceBytes, elementBytes);
    int64_t pieces = 16 / pieceBytes, elementsPerPiece = elementsPerChunk / pieces;
    Type pieceType = emit.getIntegerType(8 * pieceBytes);
    if (pieceBytes == 16)
      pieceType = VectorType::get(4, emit.getI32Type());

    Value base = kernel.getElementPointer(emit, op, view, indices);
    auto loadPiece = [&](int64_t i) -> Value {
      Value pointer = emit.bytes(base, emit.i32(i * pieceBytes));
      return LLVM::LoadOp::create(emit, pieceType, pointer, /*alignment=*/pieceBytes);
    };
    auto allPieces = [&](function_ref<Value(int64_t)> piece) {
      SmallVector<Value> values;
      for (int64_t i = 0; i < pieces; ++i)
        values.push_back(piece(i));
      return values;
    };
    SmallVector<Value> last(indices);
    last.back() = emit.add(last.back(), elementsPerChunk - 1);
    Value whole = kernel.isInside(emit, op, view, last);
    SmallVector<Value> values = emit.ifElse(
        SmallVector<Type>(pieces, pieceType), whole, [&] { return allPieces(loadPiece); },
        [&] {
          return allPieces([&](int64_t i) -> Value {
            SmallVector<Value> index(indices);
            index.back() = emit.add(index.back(), i * elementsPerPiece);
            Value inside = kernel.isInside(emit, op, view, index);
            return emit.ifElse(
                pieceType, inside, [&] { return SmallVector<Value>{loadPiece(i)}; },
                [&] { return SmallVector<Value>{LLVM::ZeroOp::create(emit, pieceType)}; })[0];
          });
        });
    if (pieces == 1)
      return values.front();
    Value data = LLVM::PoisonOp::create(emit, VectorType::get(pieces, pieceType));
    for (auto [i, value] : llvm::enumerate(values))
      data = LLVM::InsertElementOp::create(emit, data, value, emit.i32(i));
    return data;
  }
};

} // namespace

void mlir::mptile::populateThreadCopyPatterns(const LLVMTypeConverter &converter,
                                              RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerThreadCopy>(converter, patterns.getContext(), kernel);
}
