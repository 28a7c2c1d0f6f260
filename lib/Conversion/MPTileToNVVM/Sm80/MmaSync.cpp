// Products by mma.sync: acc += A B over the whole K of two tiles, 32 bytes of K at a time.
//
// mma.sync finishes before anything that reads its result, so a pending accumulator is an
// accumulator and `mma_wait` has nothing to wait for. The operands of the next step are loaded
// before the products of this one.
#include "MmaEmitter.h"
#include "OperandLoader.h"
#include "Sm80.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

using Registers = SmallVector<SmallVector<Value>>;

/// What tf32 leaves of f32 elements, as operands of tf32: x - hi, where hi is x without its 13 low
/// bits, as the tensor core reads it. The difference is exact. Its own low bits are rounded here,
/// to nearest, because the tensor core would cut them off.
Registers getRemainders(Emitter &emit, const Registers &units) {
  constexpr int64_t lowBits = 0x1FFF;
  Registers remainders;
  for (const SmallVector<Value> &unit : units) {
    SmallVector<Value> &list = remainders.emplace_back();
    for (Value bits : unit) {
      auto asFloat = [&](Value value) {
        return LLVM::BitcastOp::create(emit, emit.getF32Type(), value);
      };
      Value high = emit.andI(bits, ~lowBits);
      Value rest = LLVM::FSubOp::create(emit, asFloat(bits), asFloat(high));
      Value restBits = LLVM::BitcastOp::create(emit, emit.getI32Type(), rest);
      list.push_back(emit.add(restBits, (lowBits + 1) / 2));
    }
  }
  return remainders;
}

struct LowerMmaAsync : KernelPattern<MmaAsyncOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(MmaAsyncOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto tileA = dyn_cast<SmemType>(op.getA().getType());
    if (!tileA)
      return op.emitOpError("with A from registers is not lowered for mma.sync yet");
    SmemType tileB = op.getB().getType();
    PendingType accumulator = op.getType();
    if (usesWarpgroups(kernel.target, accumulator))
      return rewriter.notifyMatchFailure(op, "a product of warpgroups");
    const MmaAtom *atom = findMmaAtom(kernel.target.name, tileA.getElementType(),
                                      tileB.getElementType(), accumulator.getElementType(),
                                      /*warpgroup=*/false, op.getUnsignedA(), op.getUnsignedB());
    if (!atom)
      return op.emitOpError() << "of " << tileA.getElementType() << " and "
                              << tileB.getElementType() << " into " << accumulator.getElementType()
                              << " has no mma.sync on " << kernel.target.name;
    int64_t k = op.getAMajor() == Major::K ? tileA.getColumns() : tileA.getRows();
    if (k % atom->k != 0)
      return op.emitOpError() << "K of the tiles is " << k
                              << ", but mma.sync multiplies in steps of " << atom->k;

    Emitter emit(op.getLoc(), rewriter);
    RoleLowering &role = kernel.getRole(op);
    int64_t unitsM = accumulator.getRows() / accumulator.getUnitRows();
    int64_t unitsN = accumulator.getColumns() / accumulator.getUnitColumns();
    Value warpM = emit.divU(role.warp, accumulator.getWarpsN());
    Value warpN = emit.remU(role.warp, accumulator.getWarpsN());
    OperandLoader loaderA(emit, kernel, role, OperandLoader::Side::A, tileA, op.getAMajor(),
                          adaptor.getA(), adaptor.getAOffset(), warpM, accumulator.getWarpsM(),
                          unitsM);
    OperandLoader loaderB(emit, kernel, role, OperandLoader::Side::B, tileB, op.getBMajor(),
                          adaptor.getB(), adaptor.getBOffset(), warpN, accumulator.getWarpsN(),
                          unitsN);

    MmaEmitter mma(emit, *atom);
    SmallVector<Value> elements = emit.explode(adaptor.getAcc());
    const int64_t count = mma.registersPerPiece();
    const auto multiply = [&](const Registers &a, const Registers &b) {
      for (int64_t i = 0; i < unitsM; ++i)
        for (int64_t j = 0; j < unitsN; ++j)
          mma.multiply(a[i], b[j],
                       MutableArrayRef(elements).slice((i * unitsN + j) * count, count));
    };
    Registers a = loaderA.load(0), b = loaderB.load(0);
    for (int64_t step = 0, steps = k / atom->k; step < steps; ++step) {
      Registers currentA = std::move(a), currentB = std::move(b);
      if (step + 1 < steps) {
        a = loaderA.load(step + 1);
        b = loaderB.load(step + 1);
      }
      if (op.getCorrection()) {
        multiply(currentA, getRemainders(emit, currentB));
        multiply(getRemainders(emit, currentA), currentB);
      } else {
        multiply(currentA, currentB);
      }
    }
    rewriter.replaceOp(op, emit.implode(adaptor.getAcc().getType(), elements));
    return success();
  }
};

struct LowerMmaWait : KernelPattern<MmaWaitOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(MmaWaitOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (usesWarpgroups(kernel.target, getPendingType(op.getResult(0).getType())))
      return rewriter.notifyMatchFailure(op, "waits for products of warpgroups");
    rewriter.replaceOp(op, adaptor.getOperands());
    return success();
  }
};

} // namespace

void mptile::populateMmaSyncPatterns(const LLVMTypeConverter &converter,
                                     RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerMmaAsync, LowerMmaWait>(converter, patterns.getContext(), kernel);
}
