// Lowers reductions of fragments in three steps: the elements of a thread, the lanes that share a
// row (or column) by shuffles, the warps that share it by way of shared memory. Every thread ends
// with the result of its rows.
//
// The order of the steps and within each depends on the type alone, and lanes as well as warps
// combine the same values in the same way: all threads get the same bits.
#include "FragmentLayout.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

Value combine(Emitter &emit, Reduction kind, Value a, Value b) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(a.getType()));
  switch (kind) {
  case Reduction::Add:
    return isFloat ? Value(arith::AddFOp::create(emit, a, b)) : emit.add(a, b);
  case Reduction::Max:
    return isFloat ? Value(arith::MaximumFOp::create(emit, a, b))
                   : Value(arith::MaxSIOp::create(emit, a, b));
  case Reduction::Min:
    return isFloat ? Value(arith::MinimumFOp::create(emit, a, b))
                   : Value(arith::MinSIOp::create(emit, a, b));
  case Reduction::AbsMax: // of magnitudes
    return arith::MaximumFOp::create(emit, a, b);
  }
  llvm_unreachable("all kinds are handled");
}

/// Neighbours first, so that the operations of a level do not wait for each other.
Value combineTree(Emitter &emit, Reduction kind, SmallVector<Value> values) {
  while (values.size() > 1) {
    SmallVector<Value> level;
    for (size_t i = 0; i + 1 < values.size(); i += 2)
      level.push_back(combine(emit, kind, values[i], values[i + 1]));
    if (values.size() % 2 == 1)
      level.push_back(values.back());
    values = std::move(level);
  }
  return values.front();
}

/// The elements of one thread that belong to one row. 16-bit floats are taken two at a time: the
/// even ones and the odd ones meet last.
Value reduceInThread(Emitter &emit, Reduction kind, SmallVector<Value> values) {
  Type type = values.front().getType();
  bool packed = type.isF16() || type.isBF16();
  packed &= values.size() % 2 == 0;
  if (packed) {
    SmallVector<Value> pairs;
    for (size_t i = 0; i < values.size(); i += 2) {
      Value pair = LLVM::PoisonOp::create(emit, VectorType::get(2, type));
      pair = LLVM::InsertElementOp::create(emit, pair, values[i], emit.i32(0));
      pairs.push_back(LLVM::InsertElementOp::create(emit, pair, values[i + 1], emit.i32(1)));
    }
    values = std::move(pairs);
  }
  if (kind == Reduction::AbsMax)
    for (Value &value : values)
      value = math::AbsFOp::create(emit, value);
  Value result = combineTree(emit, kind, std::move(values));
  if (!packed)
    return result;
  return combine(emit, kind, LLVM::ExtractElementOp::create(emit, result, emit.i32(0)),
                 LLVM::ExtractElementOp::create(emit, result, emit.i32(1)));
}

/// The value of the lane whose number differs in the bits of `mask`.
Value shuffle(Emitter &emit, Value value, int64_t mask) {
  Type type = value.getType(), i32 = emit.getI32Type();
  bool narrow = type.getIntOrFloatBitWidth() == 16;
  if (narrow) {
    value = arith::BitcastOp::create(emit, emit.getI16Type(), value);
    value = arith::ExtUIOp::create(emit, i32, value);
  }
  value = NVVM::ShflOp::create(emit, value.getType(), emit.i32(-1), value, emit.i32(mask),
                               emit.i32(31), NVVM::ShflKind::bfly, UnitAttr());
  if (narrow) {
    value = arith::TruncIOp::create(emit, emit.getI16Type(), value);
    value = arith::BitcastOp::create(emit, type, value);
  }
  return value;
}

/// The bits of the lane number in which the lanes that share a row (axis 1) or column (axis 0)
/// differ: [first, end).
std::pair<int64_t, int64_t> getLaneBits(FragType type, int64_t axis) {
  int64_t lanes = type.isRowWise() ? type.getLanes() : 4;
  return axis == 1 ? std::pair<int64_t, int64_t>(1, lanes) : std::pair<int64_t, int64_t>(lanes, 32);
}

struct LowerReduce : KernelPattern<ReduceOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(ReduceOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    FragType input = op.getInput().getType(), result = op.getResult().getType();
    SmallVector<SmallVector<Value>> groups(result.getElementsPerThread());
    SmallVector<Value> elements = emit.explode(adaptor.getInput());
    forEachElement(input, [&](FragmentElement element) {
      groups[getRegister(result, element)].push_back(elements[getRegister(input, element)]);
    });
    SmallVector<Value> values;
    for (SmallVector<Value> &group : groups)
      values.push_back(reduceInThread(emit, op.getKind(), std::move(group)));
    auto [first, end] = getLaneBits(input, op.getAxis());
    for (int64_t mask = first; mask < end; mask *= 2)
      for (Value &value : values)
        value = combine(emit, op.getKind(), value, shuffle(emit, value, mask));
    if (input.getWarps()[op.getAxis()] > 1)
      values = reduceAcrossWarps(op, values, emit);
    rewriter.replaceOp(op, emit.implode(getTypeConverter()->convertType(result), values));
    return success();
  }

private:
  SmallVector<Value> reduceAcrossWarps(ReduceOp op, ArrayRef<Value> values, Emitter &emit) const {
    FragType input = op.getInput().getType(), result = op.getResult().getType();
    RoleLowering &role = kernel.getRole(op);
    int64_t warps = input.getWarps()[op.getAxis()];
    int64_t bytes = result.getElementType().getIntOrFloatBitWidth() / 8;
    FragmentOrigin origin = getFragmentOrigin(emit, role, input);
    bool rows = op.getAxis() == 1; // one result for each row
    Value warp = rows ? emit.remU(role.warp, warps) : emit.divU(role.warp, input.getWarpsN());
    auto [first, end] = getLaneBits(input, op.getAxis());

    ReduceLayout layout = kernel.shared.reductions.lookup(op);
    Value scratch = emit.add(emit.mul(role.instance, layout.stride), layout.offset);
    scratch = emit.add(scratch, emit.mul(rows ? origin.row : origin.column, warps * bytes));
    Value base = kernel.getSharedPointer(emit, scratch);
    auto getPointer = [&](FragmentElement element, Value warpBytes) {
      int64_t delta = rows ? getRowDelta(result, element) : getColumnDelta(result, element);
      return emit.bytes(base, emit.add(warpBytes, delta * warps * bytes));
    };
    Value isFirstLane = emit.equal(emit.andI(role.lane, end - first), 0);
    emit.ifThen(isFirstLane, [&] {
      forEachElement(result, [&](FragmentElement element) {
        LLVM::StoreOp::create(emit, values[getRegister(result, element)],
                              getPointer(element, emit.mul(warp, bytes)), bytes);
      });
    });
    kernel.emitRoleBarrier(emit, role);
    SmallVector<Value> reduced;
    forEachElement(result, [&](FragmentElement element) {
      SmallVector<Value> parts;
      for (int64_t w = 0; w < warps; ++w)
        parts.push_back(LLVM::LoadOp::create(emit, values.front().getType(),
                                             getPointer(element, emit.i32(w * bytes)), bytes));
      reduced.push_back(combineTree(emit, op.getKind(), std::move(parts)));
    });
    // The memory may be written again.
    kernel.emitRoleBarrier(emit, role);
    return reduced;
  }
};

} // namespace

void mlir::mptile::populateReducePatterns(const LLVMTypeConverter &converter,
                                          RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerReduce>(converter, patterns.getContext(), kernel);
}
