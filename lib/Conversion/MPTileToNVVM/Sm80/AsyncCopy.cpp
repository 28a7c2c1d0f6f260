// Copies of a tile of a view into a slot of a ring with fill = async.
//
// The tile is cut into chunks of as many bytes as the known alignment allows; thread t takes chunks
// t, t + T, ... of the rows laid end to end, so that neighbours read neighbouring addresses. 16, 8
// and 4 bytes are cp.async; what lies outside the view is filled with zeros (source size 0).
// Elements of 2 bytes or less without better alignment go through registers.
//
// A row of the view is a whole number of chunks, because its pitch is a multiple of the alignment,
// and a tile starts at one. So a chunk is inside or outside, never both.
#include "Sm80.h"

#include "../Common/SharedTile.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

int64_t mptile::getChunkBytes(CopyOp copy) {
  SmemType tile = copy.getTileType();
  int64_t elementBytes = tile.getElementBits() / 8;
  int64_t alignment = copy.getAlignment().value_or(elementBytes);
  int64_t bytes = std::max(elementBytes, int64_t(16));
  while (bytes > elementBytes && (alignment % bytes != 0 || tile.getRowBytes() % bytes != 0))
    bytes /= 2;
  return bytes;
}

namespace {

/// The chunks one thread copies, and where each of them lies.
class ChunkedCopy {
public:
  ChunkedCopy(Emitter &emit, CopyOp op, CopyOp::Adaptor adaptor, KernelLowering &kernel)
      : emit(emit), op(op), kernel(kernel), view(op.getView().getType()), tile(op.getTileType()),
        offsets(adaptor.getOffsets()), role(kernel.getRole(op)) {
    elementBytes = tile.getElementBits() / 8;
    chunkBytes = getChunkBytes(op);
    chunksPerRow = tile.getRowBytes() / chunkBytes;
    numChunks = chunksPerRow * tile.getRows();
    tileOffset = kernel.getTileOffset(emit, op, adaptor.getSlot(), op.getElement());
  }

  void lower() {
    if (chunkBytes >= 4)
      copyAsynchronously();
    else
      copyThroughRegisters();
  }

private:
  int64_t numThreads() const { return role.numThreads(); }
  int64_t numTurns() const { return llvm::divideCeil(numChunks, numThreads()); }

  /// Row and byte in the row of a chunk of the tile.
  struct Place {
    Value row, byte;
  };

  Place place(int64_t turn) {
    if (numThreads() % chunksPerRow == 0) { // the same column every turn
      Value row =
          emit.add(emit.divU(role.thread, chunksPerRow), turn * (numThreads() / chunksPerRow));
      return {row, emit.mul(emit.remU(role.thread, chunksPerRow), chunkBytes)};
    }
    return place(emit.add(role.thread, turn * numThreads()));
  }
  Place place(Value chunk) {
    return {emit.divU(chunk, chunksPerRow), emit.mul(emit.remU(chunk, chunksPerRow), chunkBytes)};
  }

  /// The row of the view, counted over all leading dimensions.
  Value viewRow(Value row) {
    int64_t rank = view.getRank();
    if (rank == 1)
      return emit.i64(0);
    Value linear = emit.i64(0);
    for (int64_t dim = 0; dim + 2 < rank; ++dim)
      linear = emit.mul(emit.add(linear, emit.toI64(offsets[dim])),
                        emit.toI64(kernel.getSize(emit, op, view, dim + 1)));
    return emit.add(linear, emit.toI64(emit.add(offsets[rank - 2], row)));
  }

  Value source(Place place) {
    int64_t rank = view.getRank();
    Value pitch = emit.mul(emit.toI64(kernel.getSize(emit, op, view, rank - 1)), elementBytes);
    Value rowStart =
        emit.bytes(kernel.getArgument(op).pointer, emit.mul(viewRow(place.row), pitch));
    Value byte =
        emit.add(emit.mul(emit.toI64(offsets[rank - 1]), elementBytes), emit.toI64(place.byte));
    return emit.bytes(rowStart, byte);
  }

  Value target(Place place) {
    int64_t panelRow = tile.getPanelRowBytes();
    Value panel = emit.mul(emit.divU(place.byte, panelRow), tile.getPanelBytes());
    Value permutation = emit.shl(getChunkPermutation(emit, tile, place.row), 4);
    Value inRow = emit.xorI(emit.remU(place.byte, panelRow), permutation);
    Value inTile = emit.add(panel, emit.add(emit.mul(place.row, panelRow), inRow));
    return kernel.getSharedPointer(emit, emit.add(tileOffset, inTile));
  }

  Value isInside(Place place) {
    int64_t rank = view.getRank();
    Value column = emit.add(offsets[rank - 1], emit.divU(place.byte, elementBytes));
    Value inside = emit.lessU(column, kernel.getSize(emit, op, view, rank - 1));
    if (rank == 1)
      return inside;
    Value row = emit.add(offsets[rank - 2], place.row);
    return emit.andI(inside, emit.lessU(row, kernel.getSize(emit, op, view, rank - 2)));
  }

  void copyAsynchronously() {
    // Only 16 bytes can pass by L1 (PTX ISA, cp.async: .cg).
    auto cache =
        chunkBytes == 16 ? NVVM::LoadCacheModifierKind::CG : NVVM::LoadCacheModifierKind::CA;
    for (int64_t turn = 0; turn < numTurns(); ++turn) {
      auto body = [&] {
        Place chunk = place(turn);
        Value size = emit.select(isInside(chunk), emit.i32(chunkBytes), emit.i32(0));
        NVVM::CpAsyncOp::create(emit, target(chunk), source(chunk),
                                static_cast<uint32_t>(chunkBytes), cache, size);
      };
      if ((turn + 1) * numThreads() <= numChunks)
        body();
      else
        emit.ifThen(emit.lessU(role.thread, numChunks - turn * numThreads()), body);
    }
  }

  /// Loads of one batch are all issued before the first store waits for one.
  void copyThroughRegisters() {
    constexpr int64_t batch = 8;
    Value zero = emit.i32(0), one = emit.i32(1);
    auto loop = scf::ForOp::create(emit, zero, emit.i32(llvm::divideCeil(numTurns(), batch)), one);
    OpBuilder::InsertionGuard guard(emit);
    emit.setInsertionPointToStart(loop.getBody());
    Value first = emit.add(emit.mul(loop.getInductionVar(), batch * numThreads()), role.thread);
    Type type = emit.getIntegerType(8 * chunkBytes);
    SmallVector<Place> places;
    SmallVector<Value> values, present;
    for (int64_t i = 0; i < std::min(batch, numTurns()); ++i) {
      Value chunk = emit.add(first, i * numThreads());
      places.push_back(place(chunk));
      present.push_back(emit.lessU(chunk, numChunks));
      Value load = emit.andI(present.back(), isInside(places.back()));
      auto loaded = [&] {
        return SmallVector<Value>{LLVM::LoadOp::create(emit, type, source(places.back()))};
      };
      auto outside = [&] {
        return SmallVector<Value>{arith::ConstantOp::create(emit, emit.getIntegerAttr(type, 0))};
      };
      values.push_back(emit.ifElse(type, load, loaded, outside)[0]);
    }
    for (auto [i, value] : llvm::enumerate(values))
      emit.ifThen(present[i], [&, i = i, value = value] {
        LLVM::StoreOp::create(emit, value, target(places[i]));
      });
  }

  Emitter &emit;
  CopyOp op;
  KernelLowering &kernel;
  ViewType view;
  SmemType tile;
  ValueRange offsets;
  RoleLowering &role;
  int64_t elementBytes, chunkBytes, chunksPerRow, numChunks;
  Value tileOffset;
};

struct LowerAsyncCopy : KernelPattern<CopyOp> {
  LowerAsyncCopy(const TypeConverter &converter, MLIRContext *context, KernelLowering &kernel)
      : KernelPattern(converter, context, kernel, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(CopyOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (kernel.getRing(op).fill != Fill::Async)
      return rewriter.notifyMatchFailure(op, "the ring is not filled by cp.async");
    if (op.getTileType().getElementBits() % 8 != 0)
      return op.emitOpError() << "elements of " << op.getTileType().getElementBits()
                              << " bits cannot be copied; pack them into bytes";
    Emitter emit(op.getLoc(), rewriter);
    ChunkedCopy(emit, op, adaptor, kernel).lower();
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void mptile::populateAsyncCopyPatterns(const LLVMTypeConverter &converter,
                                       RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerAsyncCopy>(converter, patterns.getContext(), kernel);
}
