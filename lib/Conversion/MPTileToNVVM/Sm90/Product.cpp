// Lowers products to wgmma and their waits.
#include "Sm90.h"
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

//===- Matrix descriptors ------------------------------------------------------------===//

// A matrix descriptor names an operand in shared memory (PTX ISA, matrix descriptor format of
// wgmma):
//
//     bits 0-13   start address / 16
//     bits 16-29  leading dimension byte offset / 16
//     bits 32-45  stride dimension byte offset / 16
//     bits 62-63  swizzle: 0 none, 1 128 bytes, 2 64 bytes, 3 32 bytes
//
// Both majors are made of groups of 8 rows of the tile (8 x span bytes, the swizzle's period).
// K-major: the stride offset goes from one group of 8 rows of A (columns of B) to the next; the
// leading offset is not used. MN-major: the stride offset goes from 8 values of K to the next 8;
// the leading offset from one panel (span bytes of M or N) to the next.
static uint64_t getDescriptorBits(SmemType tile, Major major) {
  uint64_t swizzle = tile.getSwizzle() == 128 ? 1 : tile.getSwizzle() == 64 ? 2 : 3;
  uint64_t stride = 8 * tile.getSwizzle() / 16;
  uint64_t leading = major == Major::K ? 1 : tile.getPanelBytes() / 16;
  return leading << 16 | stride << 32 | swizzle << 62;
}

/// The descriptor of the tile whose part starts `outer` rows of A (columns of B) in.
static Value emitDescriptor(Emitter &emit, KernelLowering &kernel, SmemType tile, Major major,
                            Value tileOffset, Value outer) {
  if (outer) {
    int64_t perPanel = tile.getPanelColumns();
    if (major == Major::K) {
      tileOffset = emit.add(tileOffset, emit.mul(outer, tile.getPanelRowBytes()));
    } else {
      Value panel = emit.divU(outer, perPanel);
      Value inPanel = emit.sub(outer, emit.mul(panel, perPanel));
      tileOffset = emit.add(tileOffset, emit.mul(panel, tile.getPanelBytes()));
      tileOffset = emit.add(tileOffset, emit.mul(inPanel, tile.getElementBits() / 8));
    }
  }
  Value address = kernel.getSharedAddress(emit, tileOffset);
  Value start = emit.toI64(emit.andI(emit.shrU(address, 4), 0x3FFF));
  return emit.orI(start, emit.i64(static_cast<int64_t>(getDescriptorBits(tile, major))));
}

/// How many 16-byte units further the part of the tile starts that holds K from `k` on and rows of
/// A (columns of B) from `outer` on.
static int64_t getDescriptorStep(SmemType tile, Major major, int64_t outer, int64_t k) {
  int64_t elementBytes = tile.getElementBits() / 8, span = tile.getPanelRowBytes();
  if (major == Major::MN) {
    int64_t panel = outer / tile.getPanelColumns();
    return (panel * tile.getPanelBytes() + k * span) / 16;
  }
  int64_t panel = k / tile.getPanelColumns();
  int64_t inPanel = (k - panel * tile.getPanelColumns()) * elementBytes;
  return (panel * tile.getPanelBytes() + outer * span + inPanel) / 16;
}

//===- Types -------------------------------------------------------------------------===//

static NVVM::WGMMATypes getWgmmaType(MmaElement element) {
  switch (element) {
  case MmaElement::F16:
    return NVVM::WGMMATypes::f16;
  case MmaElement::BF16:
    return NVVM::WGMMATypes::bf16;
  case MmaElement::TF32:
    return NVVM::WGMMATypes::tf32;
  case MmaElement::E4M3:
    return NVVM::WGMMATypes::e4m3;
  case MmaElement::E5M2:
    return NVVM::WGMMATypes::e5m2;
  case MmaElement::S8:
    return NVVM::WGMMATypes::s8;
  case MmaElement::U8:
    return NVVM::WGMMATypes::u8;
  case MmaElement::F32:
    return NVVM::WGMMATypes::f32;
  case MmaElement::S32:
    return NVVM::WGMMATypes::s32;
  }
  llvm_unreachable("covered above");
}

//===- Ties --------------------------------------------------------------------------===//

/// Emits an instruction that orders accesses to registers, with these registers as operands of its
/// inline assembly that come out again. Nothing else would keep LLVM from moving what defines them
/// below a fence, or their uses above a wait.
static SmallVector<Value> emitTied(Emitter &emit, StringRef text, ArrayRef<Value> values) {
  std::string outputs, inputs;
  SmallVector<Type> types;
  for (auto [i, value] : llvm::enumerate(values)) {
    outputs += value.getType().isF32() ? "=f," : "=r,";
    inputs += std::to_string(i) + (i + 1 < values.size() ? "," : "");
    types.push_back(value.getType());
  }
  Type type = LLVM::LLVMStructType::getLiteral(emit.getContext(), types);
  auto assembly = LLVM::InlineAsmOp::create(
      emit, type, values, text, outputs + inputs, /*has_side_effects=*/true,
      /*is_align_stack=*/false, LLVM::TailCallKind::None,
      LLVM::AsmDialectAttr::get(emit.getContext(), LLVM::AsmDialect::AD_ATT),
      /*operand_attrs=*/ArrayAttr());
  return emit.explode(assembly.getResult(0));
}

namespace {

//===- Zeros -------------------------------------------------------------------------===//

/// Whether every user of these zeros is a product, whose first step then ignores its accumulator.
static bool startsProducts(AccZeroOp op) {
  return op && llvm::all_of(op->getUsers(), [](Operation *user) { return isa<MmaAsyncOp>(user); });
}

/// Zeros that products will add to, made opaque: LLVM would otherwise set them apart for each way
/// into and around the loop over K, and a register set beside products in flight makes ptxas
/// serialise them (C7515).
struct LowerPendingZero : KernelPattern<AccZeroOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(AccZeroOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isa<PendingType>(op.getType()))
      return rewriter.notifyMatchFailure(op, "nothing is in flight yet");
    if (!usesWarpgroups(kernel.target, getPendingType(op.getType())))
      return rewriter.notifyMatchFailure(op, "products of single warps are not asynchronous");
    Emitter emit(op.getLoc(), rewriter);
    Type type = getTypeConverter()->convertType(op.getType());
    if (startsProducts(op)) {
      rewriter.replaceOpWithNewOp<LLVM::PoisonOp>(op, type);
      return success();
    }
    Value zeros = LLVM::ZeroOp::create(emit, type);
    rewriter.replaceOp(op, emit.implode(type, emitTied(emit, "", emit.explode(zeros))));
    return success();
  }
};

//===- Products ----------------------------------------------------------------------===//

/// One warpgroup product: fence, one wgmma for each 64 rows and each step of K, commit.
struct LowerMmaAsync : KernelPattern<MmaAsyncOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(MmaAsyncOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    PendingType acc = op.getResult().getType();
    auto tileA = dyn_cast<SmemType>(op.getA().getType());
    SmemType tileB = op.getB().getType();
    if (!tileA)
      return rewriter.notifyMatchFailure(op, "A from registers is not lowered yet");
    bool warpgroup = acc.getWarpsM() == 4 && acc.getWarpsN() == 1;
    const MmaAtom *atom =
        findMmaAtom(kernel.target.name, tileA.getElementType(), tileB.getElementType(),
                    acc.getElementType(), warpgroup, op.getUnsignedA(), op.getUnsignedB());
    if (!atom || !atom->isWgmma() || !atom->lowered)
      return rewriter.notifyMatchFailure(op, "not a warpgroup product that is lowered yet");
    if (!tileA.getSwizzle() || !tileB.getSwizzle())
      return rewriter.notifyMatchFailure(op, "operands without a swizzle are not lowered yet");

    Emitter emit(op.getLoc(), rewriter);
    Value a =
        emitDescriptor(emit, kernel, tileA, op.getAMajor(), adaptor.getA(), adaptor.getAOffset());
    Value b =
        emitDescriptor(emit, kernel, tileB, op.getBMajor(), adaptor.getB(), adaptor.getBOffset());
    int64_t depth = op.getBMajor() == Major::K ? tileB.getColumns() : tileB.getRows();
    bool startsAtZero = startsProducts(op.getAcc().getDefiningOp<AccZeroOp>());
    SmallVector<Value> registers =
        emitTied(emit, "wgmma.fence.sync.aligned;", emit.explode(adaptor.getAcc()));
    SmallVector<Value> blocks = splitRows(emit, registers, acc.getRows() / 64);
    for (int64_t k = 0; k < depth; k += atom->k)
      for (auto [i, block] : llvm::enumerate(blocks)) {
        int64_t stepA = getDescriptorStep(tileA, op.getAMajor(), 64 * i, k);
        int64_t stepB = getDescriptorStep(tileB, op.getBMajor(), 0, k);
        block = emitWgmma(op, *atom, acc.getColumns(), emit.add(a, stepA), emit.add(b, stepB),
                          block, /*accumulate=*/k > 0 || !startsAtZero, emit);
      }
    NVVM::WgmmaGroupSyncAlignedOp::create(emit);
    rewriter.replaceOp(op, joinRows(emit, adaptor.getAcc().getType(), blocks));
    return success();
  }

private:
  Value emitWgmma(MmaAsyncOp op, const MmaAtom &atom, int64_t columns, Value a, Value b, Value acc,
                  bool accumulate, Emitter &emit) const {
    MLIRContext *context = emit.getContext();
    auto type = [&](MmaElement element) {
      return NVVM::WGMMATypesAttr::get(context, getWgmmaType(element));
    };
    // "row" and "col" are the layouts without a transposition: K-major for both.
    auto layoutA = op.getAMajor() == Major::K ? NVVM::MMALayout::row : NVVM::MMALayout::col;
    auto layoutB = op.getBMajor() == Major::K ? NVVM::MMALayout::col : NVVM::MMALayout::row;
    auto one = NVVM::WGMMAScaleInAttr::get(context, NVVM::WGMMAScaleIn::one);
    return NVVM::WgmmaMmaAsyncOp::create(
        emit, acc.getType(), acc, a, b, NVVM::MMAShapeAttr::get(context, 64, columns, atom.k),
        type(atom.a), type(atom.b), type(atom.acc),
        NVVM::WGMMAScaleOutAttr::get(context, accumulate ? NVVM::WGMMAScaleOut::one
                                                         : NVVM::WGMMAScaleOut::zero),
        one, one, NVVM::MMALayoutAttr::get(context, layoutA),
        NVVM::MMALayoutAttr::get(context, layoutB), NVVM::MMAIntOverflowAttr());
  }

  /// The registers of each 64 rows: they follow each other in the accumulator.
  SmallVector<Value> splitRows(Emitter &emit, ArrayRef<Value> registers, int64_t count) const {
    SmallVector<Value> blocks;
    size_t size = registers.size() / count;
    Type type = LLVM::LLVMStructType::getLiteral(
        getContext(), SmallVector<Type>(size, registers.front().getType()));
    for (int64_t i = 0; i < count; ++i)
      blocks.push_back(emit.implode(type, registers.slice(i * size, size)));
    return blocks;
  }

  Value joinRows(Emitter &emit, Type type, ArrayRef<Value> blocks) const {
    if (blocks.size() == 1)
      return blocks.front();
    SmallVector<Value> registers;
    for (Value block : blocks)
      llvm::append_range(registers, emit.explode(block));
    return emit.implode(type, registers);
  }
};

//===- Waits -------------------------------------------------------------------------===//

/// Accumulators that become readable are tied through the wait. Those that stay pending have no
/// uses that could move.
struct LowerMmaWait : KernelPattern<MmaWaitOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(MmaWaitOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!usesWarpgroups(kernel.target, getPendingType(op.getResult(0).getType())))
      return rewriter.notifyMatchFailure(op, "products of single warps are done at once");
    Emitter emit(op.getLoc(), rewriter);
    SmallVector<Value> readable;
    for (auto [result, value] : llvm::zip(op.getResults(), adaptor.getOperands()))
      if (isa<AccType>(result.getType()))
        llvm::append_range(readable, emit.explode(value));
    if (readable.empty()) {
      NVVM::WgmmaWaitGroupSyncOp::create(emit, op.getOutstanding());
      rewriter.replaceOp(op, adaptor.getOperands());
      return success();
    }
    std::string text = "wgmma.wait_group.sync.aligned " + std::to_string(op.getOutstanding()) + ";";
    SmallVector<Value> tied = emitTied(emit, text, readable);
    SmallVector<Value> results;
    ArrayRef<Value> remaining = tied;
    for (auto [result, value] : llvm::zip(op.getResults(), adaptor.getOperands())) {
      if (!isa<AccType>(result.getType())) {
        results.push_back(value);
        continue;
      }
      size_t size = cast<LLVM::LLVMStructType>(value.getType()).getBody().size();
      results.push_back(emit.implode(value.getType(), remaining.take_front(size)));
      remaining = remaining.drop_front(size);
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void mlir::mptile::sm90::populateProductPatterns(const LLVMTypeConverter &converter,
                                                 RewritePatternSet &patterns,
                                                 KernelLowering &kernel) {
  patterns.add<LowerMmaAsync, LowerMmaWait>(converter, patterns.getContext(), kernel);
  patterns.add<LowerPendingZero>(converter, patterns.getContext(), kernel, /*benefit=*/2);
}
