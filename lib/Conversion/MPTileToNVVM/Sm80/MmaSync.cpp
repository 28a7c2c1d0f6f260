// Products by mma.sync: acc += A B over the whole K of two tiles, in steps of k = 16.
//
// mma.sync finishes before anything that reads its result, so a pending accumulator is an
// accumulator and `mma_wait` has nothing to wait for. The operands of the next step are loaded
// before the products of this one.
#include "OperandLoader.h"
#include "Sm80.h"

#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

/// Issues mma.sync.m16n8k16 for one atom of the table.
class MmaEmitter {
public:
  MmaEmitter(Emitter &emit, const MmaAtom &atom) : emit(emit), atom(atom) {}

  /// Registers of one 16x8 piece of the accumulator: 4 x f32, or 2 x i32 that hold pairs of f16.
  int64_t registersPerPiece() const { return atom.acc == MmaElement::F16 ? 2 : 4; }

  void multiply(ArrayRef<Value> a, ArrayRef<Value> b, MutableArrayRef<Value> piece) {
    SmallVector<Value> operandsA = toOperands(a), operandsB = toOperands(b), operandsC;
    bool packed = atom.acc == MmaElement::F16;
    for (Value value : piece)
      operandsC.push_back(packed ? bitcast(pairType(), value) : value);
    Type element = packed ? pairType() : emit.getF32Type();
    auto type = LLVM::LLVMStructType::getLiteral(emit.getContext(),
                                                 SmallVector<Type>(piece.size(), element));
    auto layouts = std::array{NVVM::MMALayout::row, NVVM::MMALayout::col};
    auto types = std::array{ptxType(atom.a), ptxType(atom.b)};
    auto op = NVVM::MmaOp::create(emit, type, operandsA, operandsB, operandsC,
                                  ArrayRef<int64_t>{atom.m, atom.n, atom.k}, std::nullopt,
                                  std::nullopt, types, layouts);
    for (auto [i, value] : llvm::enumerate(piece)) {
      Value result = emit.extract(op, i);
      value = packed ? bitcast(emit.getI32Type(), result) : result;
    }
  }

private:
  Type pairType() { return VectorType::get(2, emit.getF16Type()); }
  Value bitcast(Type type, Value value) { return LLVM::BitcastOp::create(emit, type, value); }
  /// NVVM wants pairs of f16 as vectors and pairs of bf16 as integers.
  SmallVector<Value> toOperands(ArrayRef<Value> registers) {
    SmallVector<Value> operands(registers);
    if (atom.a == MmaElement::F16)
      for (Value &value : operands)
        value = bitcast(pairType(), value);
    return operands;
  }
  static NVVM::MMATypes ptxType(MmaElement element) {
    return element == MmaElement::F16 ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
  }

  Emitter &emit;
  const MmaAtom &atom;
};

struct LowerMmaAsync : KernelPattern<MmaAsyncOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(MmaAsyncOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto tileA = dyn_cast<SmemType>(op.getA().getType());
    if (!tileA)
      return op.emitOpError("with A from registers is not lowered for mma.sync yet");
    SmemType tileB = op.getB().getType();
    PendingType accumulator = op.getType();
    const MmaAtom *atom = findMmaAtom("sm_80", tileA.getElementType(), tileB.getElementType(),
                                      accumulator.getElementType(), /*warpgroup=*/false);
    if (!atom || atom->k != 16)
      return op.emitOpError() << "of " << tileA.getElementType() << " and "
                              << tileB.getElementType() << " into " << accumulator.getElementType()
                              << " is not lowered for mma.sync yet; f16 and bf16 are";
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
    auto a = loaderA.load(0), b = loaderB.load(0);
    for (int64_t step = 0, steps = k / atom->k; step < steps; ++step) {
      auto currentA = std::move(a), currentB = std::move(b);
      if (step + 1 < steps) {
        a = loaderA.load(step + 1);
        b = loaderB.load(step + 1);
      }
      for (int64_t i = 0; i < unitsM; ++i)
        for (int64_t j = 0; j < unitsN; ++j) {
          int64_t count = mma.registersPerPiece();
          mma.multiply(currentA[i], currentB[j],
                       MutableArrayRef(elements).slice((i * unitsN + j) * count, count));
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
    rewriter.replaceOp(op, adaptor.getOperands());
    return success();
  }
};

} // namespace

void mptile::populateMmaSyncPatterns(const LLVMTypeConverter &converter,
                                     RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerMmaAsync, LowerMmaWait>(converter, patterns.getContext(), kernel);
}
