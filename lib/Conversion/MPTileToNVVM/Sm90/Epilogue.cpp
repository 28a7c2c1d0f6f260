// Lowers staging: allocated tiles, stmatrix and ordinary stores of fragments into them, bulk copies
// to global memory.
#include "../Common/FragmentLayout.h"
#include "../Common/SharedTile.h"
#include "Sm90.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

struct LowerAlloc : KernelPattern<AllocOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(AllocOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    rewriter.replaceOp(op, emit.i32(kernel.shared.allocs.lookup(op).offset));
    return success();
  }
};

struct LowerSelect : KernelPattern<SelectOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(SelectOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    Value offset = emit.mul(adaptor.getIndex(), op.getType().getAllocatedBytes());
    rewriter.replaceOp(op, emit.add(adaptor.getTiles(), offset));
    return success();
  }
};

//===- Fragments to shared memory ----------------------------------------------------===//

/// 16-bit elements go by stmatrix, which stores four 8x8 matrices of a warp: two units side by
/// side. Lane l gives the address of row l mod 8 of matrix l / 8:
///
///     matrix 0: rows 0-7, columns 0-7     matrix 2: rows 0-7, columns 8-15
///     matrix 1: rows 8-15, columns 0-7    matrix 3: rows 8-15, columns 8-15
///
/// Other sizes go by ordinary stores of pairs.
struct LowerWriteFragment : KernelPattern<WriteFragmentOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(WriteFragmentOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    FragType frag = op.getFrag().getType();
    SmemType tile = op.getTile().getType();
    int64_t bits = tile.getElementBits();
    if (tile.getPanelRowBytes() % 16 != 0 || (bits != 8 && bits != 16 && bits != 32))
      return rewriter.notifyMatchFailure(op, "elements of 8, 16 or 32 bits in rows of 16 bytes");
    Emitter emit(op.getLoc(), rewriter);
    SmallVector<Value> values = emit.explode(adaptor.getFrag());
    if (bits == 16 && frag.getWarpsN() == 1 && frag.getUnitsN() % 2 == 0)
      emitMatrixStores(op, frag, tile, values, adaptor.getTile(), emit);
    else
      emitPairStores(op, frag, tile, values, adaptor.getTile(), emit);
    rewriter.eraseOp(op);
    return success();
  }

private:
  void emitMatrixStores(WriteFragmentOp op, FragType frag, SmemType tile, ArrayRef<Value> values,
                        Value tileOffset, Emitter &emit) const {
    const RoleLowering &role = kernel.getRole(op);
    Value rowInUnit =
        emit.add(emit.andI(role.lane, 7), emit.shl(emit.andI(emit.shrU(role.lane, 3), 1), 3));
    Value warpRow = emit.add(emit.shl(role.warp, 4), rowInUnit);
    Value rightHalf = emit.shrU(role.lane, 4);
    int64_t chunksPerPanel = tile.getPanelRowBytes() / 16;
    for (int64_t i = 0; i < frag.getUnitsM(); ++i) {
      Value row = emit.add(warpRow, i * frag.getUnitRows());
      for (int64_t j = 0; j < frag.getUnitsN(); j += 2) {
        // A unit of 8 16-bit columns is one chunk of 16 bytes.
        int64_t panel = j / chunksPerPanel;
        Value chunk = emit.add(rightHalf, j - panel * chunksPerPanel);
        Value offset = emit.add(tileOffset, getChunkOffset(emit, tile, row, panel, chunk));
        SmallVector<Value> matrices;
        for (int64_t unit : {j, j + 1})
          for (int64_t half : {0, 1})
            matrices.push_back(packPair(emit, values[getRegister(frag, {i, unit, half, 0})],
                                        values[getRegister(frag, {i, unit, half, 1})]));
        emitStMatrix(kernel.getSharedPointer(emit, offset), matrices, emit);
      }
    }
  }

  void emitStMatrix(Value pointer, ArrayRef<Value> matrices, Emitter &emit) const {
    MLIRContext *context = emit.getContext();
    NVVM::StMatrixOp::create(
        emit, pointer, matrices, NVVM::MMALayoutAttr::get(context, NVVM::MMALayout::row),
        NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
        NVVM::LdStMatrixEltTypeAttr::get(context, NVVM::LdStMatrixEltType::B16));
  }

  void emitPairStores(WriteFragmentOp op, FragType frag, SmemType tile, ArrayRef<Value> values,
                      Value tileOffset, Emitter &emit) const {
    FragmentOrigin origin = getFragmentOrigin(emit, kernel.getRole(op), frag);
    int64_t elementBytes = tile.getElementBits() / 8;
    Type type = values.front().getType();
    for (int64_t i = 0; i < frag.getUnitsM(); ++i)
      for (int64_t half : {0, 1}) {
        Value row = emit.add(origin.row, getRowDelta(frag, {i, 0, half, 0}));
        for (int64_t j = 0; j < frag.getUnitsN(); ++j) {
          Value byte = emit.mul(emit.add(origin.column, j * frag.getUnitColumns()), elementBytes);
          Value panel = emit.divU(byte, tile.getPanelRowBytes());
          Value inPanel = emit.sub(byte, emit.mul(panel, tile.getPanelRowBytes()));
          Value offset = getChunkOffset(emit, tile, row, 0, emit.shrU(inPanel, 4));
          offset = emit.add(offset, emit.mul(panel, tile.getPanelBytes()));
          offset = emit.add(offset, emit.andI(inPanel, 15));
          Value first = values[getRegister(frag, {i, j, half, 0})];
          Value second = values[getRegister(frag, {i, j, half, 1})];
          Value pair;
          if (elementBytes < 4) {
            pair = packPair(emit, first, second);
          } else {
            pair = LLVM::PoisonOp::create(emit, VectorType::get(2, type));
            pair = LLVM::InsertElementOp::create(emit, pair, first, emit.i32(0));
            pair = LLVM::InsertElementOp::create(emit, pair, second, emit.i32(1));
          }
          LLVM::StoreOp::create(emit, pair,
                                kernel.getSharedPointer(emit, emit.add(tileOffset, offset)),
                                2 * elementBytes);
        }
      }
  }
};

//===- Shared to global memory -------------------------------------------------------===//

/// Every thread makes its stores visible to TMA; when all have, one thread starts a copy for each
/// panel.
struct LowerCopyOut : KernelPattern<CopyOutOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(CopyOutOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    RoleLowering &role = kernel.getRole(op);
    SmemType tile = op.getTile().getType();
    ViewType view = op.getView().getType();
    emitSharedProxyFence(emit);
    kernel.emitRoleBarrier(emit, role);
    emit.ifThen(kernel.isLeader(emit, role), [&] {
      Value map = kernel.getTensorMap(op, getPanelBox(view, tile), tile.getSwizzle());
      for (int64_t panel = 0; panel < tile.getNumPanels(); ++panel) {
        SmallVector<Value> coordinates(llvm::reverse(adaptor.getOffsets()));
        coordinates[0] = emit.add(coordinates[0], panel * tile.getPanelColumns());
        Value source = kernel.getSharedPointer(
            emit, emit.add(adaptor.getTile(), panel * tile.getPanelBytes()));
        NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp::create(
            emit, map, source, coordinates, /*l2CacheHint=*/Value(), NVVM::TMAStoreMode::TILE,
            /*predicate=*/Value());
      }
      NVVM::CpAsyncBulkCommitGroupOp::create(emit);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

/// The thread that started the copies waits; then all may write the staging tiles again.
struct LowerStoreWait : KernelPattern<StoreWaitOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(StoreWaitOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    RoleLowering &role = kernel.getRole(op);
    emit.ifThen(kernel.isLeader(emit, role), [&] {
      auto read = op.getComplete() ? UnitAttr() : emit.getUnitAttr();
      NVVM::CpAsyncBulkWaitGroupOp::create(emit, emit.getI32IntegerAttr(op.getOutstanding()), read);
    });
    if (!op.getComplete())
      kernel.emitRoleBarrier(emit, role);
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void mlir::mptile::sm90::populateEpiloguePatterns(const LLVMTypeConverter &converter,
                                                  RewritePatternSet &patterns,
                                                  KernelLowering &kernel) {
  patterns.add<LowerAlloc, LowerSelect, LowerWriteFragment, LowerCopyOut, LowerStoreWait>(
      converter, patterns.getContext(), kernel);
}

void mlir::mptile::sm90::populatePatterns(const LLVMTypeConverter &converter,
                                          RewritePatternSet &patterns, KernelLowering &kernel) {
  populateCopyPatterns(converter, patterns, kernel);
  populateProductPatterns(converter, patterns, kernel);
  populateEpiloguePatterns(converter, patterns, kernel);
}
