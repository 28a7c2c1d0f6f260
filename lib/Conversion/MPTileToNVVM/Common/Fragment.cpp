// Lowers accumulators as registers (zero, reading and writing fragments) and scalar functions over
// fragments.
#include "FragmentLayout.h"
#include "IntegerRounding.h"
#include "PairedTruncation.h"

using namespace mlir;
using namespace mlir::mptile;

//===- Layout ------------------------------------------------------------------------===//

int64_t mlir::mptile::getRegister(FragType type, FragmentElement element) {
  bool hasRows = type.getRows() != 1, hasColumns = type.getColumns() != 1;
  int64_t index = (hasRows ? element.i : 0) * type.getUnitsN() + (hasColumns ? element.j : 0);
  index = index * type.getThreadRows() + (hasRows ? element.half : 0);
  return index * type.getRun() + (hasColumns ? element.pair : 0);
}

void mlir::mptile::forEachElement(FragType type, function_ref<void(FragmentElement)> body) {
  for (int64_t i = 0; i < type.getUnitsM(); ++i)
    for (int64_t j = 0; j < type.getUnitsN(); ++j)
      for (int64_t half = 0; half < type.getThreadRows(); ++half)
        for (int64_t pair = 0; pair < type.getRun(); ++pair)
          body({i, j, half, pair});
}

FragmentOrigin mlir::mptile::getFragmentOrigin(Emitter &emit, const RoleLowering &role,
                                               FragType type) {
  // The part of the unit that is this warp's: rows x columns, `lanes` lanes along a row.
  int64_t lanes = type.isRowWise() ? type.getLanes() : 4;
  int64_t rows = type.getUnitRows() / type.getWarpsM();
  int64_t columns = type.getUnitColumns() / type.getWarpsN();
  int64_t warpsN = type.getWarpsN();
  Value warpM = warpsN == 1 ? role.warp : emit.divU(role.warp, warpsN);
  Value row = emit.add(emit.mul(warpM, rows), emit.divU(role.lane, lanes));
  Value column = emit.mul(emit.andI(role.lane, lanes - 1), columns / lanes);
  if (warpsN != 1) {
    Value warpN = emit.sub(role.warp, emit.mul(warpM, warpsN));
    column = emit.add(column, emit.mul(warpN, columns));
  }
  return {row, column};
}

namespace {

//===- Accumulators ------------------------------------------------------------------===//

struct LowerAccZero : KernelPattern<AccZeroOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(AccZeroOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (getPendingType(op.getType()).getTensorMemory())
      return rewriter.notifyMatchFailure(op, "accumulators in tensor memory are not lowered yet");
    rewriter.replaceOpWithNewOp<LLVM::ZeroOp>(op, getTypeConverter()->convertType(op.getType()));
    return success();
  }
};

/// The register of an accumulator that holds an element of a fragment at static offsets.
/// Accumulators of f16 hold a pair in one register: then it is the number of the pair.
int64_t getAccRegister(AccType acc, FragType frag, ArrayRef<int64_t> offsets,
                       FragmentElement element) {
  auto whole =
      FragType::get(acc.getContext(), acc.getShape(), acc.getElementType(), acc.getWarps());
  element.i += offsets[0] / frag.getUnitRows();
  element.j += offsets[1] / frag.getUnitColumns();
  int64_t index = getRegister(whole, element);
  return acc.getElementType().isF16() ? index / 2 : index;
}

Type getPairType(Type element) { return VectorType::get(2, element); }

struct LowerAccRead : KernelPattern<AccReadOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(AccReadOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    AccType acc = op.getAcc().getType();
    FragType frag = op.getFrag().getType();
    if (acc.getTensorMemory())
      return rewriter.notifyMatchFailure(op, "accumulators in tensor memory are not lowered yet");
    Emitter emit(op.getLoc(), rewriter);
    SmallVector<Value> values;
    forEachElement(frag, [&](FragmentElement element) {
      Value value =
          emit.extract(adaptor.getAcc(), getAccRegister(acc, frag, op.getOffsets(), element));
      if (acc.getElementType().isF16()) {
        Value pair = LLVM::BitcastOp::create(emit, getPairType(emit.getF16Type()), value);
        value = LLVM::ExtractElementOp::create(emit, pair, emit.i32(element.pair));
      }
      values.push_back(value);
    });
    rewriter.replaceOp(op, emit.implode(getTypeConverter()->convertType(frag), values));
    return success();
  }
};

struct LowerAccWrite : KernelPattern<AccWriteOp> {
  using KernelPattern::KernelPattern;
  LogicalResult matchAndRewrite(AccWriteOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    AccType acc = op.getAcc().getType();
    FragType frag = op.getFrag().getType();
    if (acc.getTensorMemory())
      return rewriter.notifyMatchFailure(op, "accumulators in tensor memory are not lowered yet");
    Emitter emit(op.getLoc(), rewriter);
    Value result = adaptor.getAcc(), first;
    forEachElement(frag, [&](FragmentElement element) {
      Value value = emit.extract(adaptor.getFrag(), getRegister(frag, element));
      if (acc.getElementType().isF16()) {
        if (element.pair == 0) {
          first = value;
          return;
        }
        value = packPair(emit, first, value);
      }
      result = LLVM::InsertValueOp::create(emit, result, value,
                                           getAccRegister(acc, frag, op.getOffsets(), element));
    });
    rewriter.replaceOp(op, result);
    return success();
  }
};

//===- Map ---------------------------------------------------------------------------===//

struct LowerMap : KernelPattern<MapOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(MapOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    auto shape = cast<FragType>(op.getResult(0).getType());
    FragmentOrigin origin;
    if (op.getIndices())
      origin = getFragmentOrigin(emit, kernel.getRole(op), shape);
    SmallVector<SmallVector<Value>> results(op.getNumResults());
    forEachElement(shape, [&](FragmentElement element) {
      SmallVector<Value> scalars;
      for (auto [input, value] : llvm::zip(op.getInputs(), adaptor.getInputs())) {
        auto type = cast<FragType>(input.getType());
        scalars.push_back(emit.extract(value, getRegister(type, element)));
      }
      if (op.getIndices()) {
        scalars.push_back(emit.add(origin.row, getRowDelta(shape, element)));
        scalars.push_back(emit.add(origin.column, getColumnDelta(shape, element)));
      }
      for (auto [list, value] : llvm::zip(results, cloneBody(op, scalars, rewriter)))
        list.push_back(roundInConversion(emit, value));
      if (element.pair % 2 == 1) // the element before is the first of the pair
        for (auto &list : results)
          pairTruncations(emit, kernel.target.name, list[list.size() - 2], list.back());
    });
    emit.setInsertionPoint(op);
    SmallVector<Value> replacements;
    for (auto [result, values] : llvm::zip(op.getResults(), results))
      replacements.push_back(
          emit.implode(getTypeConverter()->convertType(result.getType()), values));
    rewriter.replaceOp(op, replacements);
    return success();
  }

private:
  /// One copy of the body; its ops are lowered afterwards like any others.
  SmallVector<Value> cloneBody(MapOp op, ArrayRef<Value> scalars,
                               ConversionPatternRewriter &rewriter) const {
    auto cast = [&](Value value, Type type) -> Value {
      if (value.getType() == type)
        return value;
      return UnrealizedConversionCastOp::create(rewriter, op.getLoc(), type, value).getResult(0);
    };
    IRMapping mapping;
    Block &body = op.getBody().front();
    for (auto [argument, scalar] : llvm::zip(body.getArguments(), scalars))
      mapping.map(argument, cast(scalar, argument.getType()));
    for (Operation &inner : body.without_terminator())
      rewriter.clone(inner, mapping);
    SmallVector<Value> yielded;
    for (Value value : op.getYield().getOperands())
      yielded.push_back(
          cast(mapping.lookupOrDefault(value), getTypeConverter()->convertType(value.getType())));
    return yielded;
  }
};

} // namespace

Value mlir::mptile::packPair(Emitter &emit, Value low, Value high) {
  if (low.getType().isInteger(8)) { // the halves of a paired conversion fold to the pair
    Type i16 = emit.getI16Type();
    low = arith::ExtUIOp::create(emit, i16, low);
    return emit.orI(low, emit.shl(arith::ExtUIOp::create(emit, i16, high), 8));
  }
  Value pair = LLVM::PoisonOp::create(emit, getPairType(low.getType()));
  pair = LLVM::InsertElementOp::create(emit, pair, low, emit.i32(0));
  pair = LLVM::InsertElementOp::create(emit, pair, high, emit.i32(1));
  return LLVM::BitcastOp::create(
      emit, emit.getIntegerType(2 * low.getType().getIntOrFloatBitWidth()), pair);
}

void mlir::mptile::populateFragmentPatterns(const LLVMTypeConverter &converter,
                                            RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerAccZero, LowerAccRead, LowerAccWrite, LowerMap>(converter,
                                                                    patterns.getContext(), kernel);
}
