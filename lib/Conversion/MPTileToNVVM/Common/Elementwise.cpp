// for_each_element, load and store: kernels with one thread an element.
//
// The loop runs over linear element numbers in 64 bits, a grid-stride apart; indices are its digits
// in base of the bounds.
#include "KernelLowering.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

struct LowerForEachElement : KernelPattern<ForEachElementOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(ForEachElementOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    int64_t vector = op.getVector();
    // The number of values each index takes; the last one steps by `vector`.
    SmallVector<Value> counts;
    for (Value bound : adaptor.getBounds())
      counts.push_back(emit.toI64(bound));
    counts.back() = emit.divU(emit.add(counts.back(), vector - 1), vector);
    Value total = emit.i64(1);
    for (Value count : counts)
      total = emit.mul(total, count);

    Type i32 = emit.getI32Type();
    Value thread = NVVM::ThreadIdXOp::create(emit, i32),
          threads = NVVM::BlockDimXOp::create(emit, i32);
    Value block = NVVM::BlockIdXOp::create(emit, i32), blocks = NVVM::GridDimXOp::create(emit, i32);
    Value first = emit.add(emit.mul(emit.toI64(block), emit.toI64(threads)), emit.toI64(thread));
    Value stride = emit.mul(emit.toI64(blocks), emit.toI64(threads));
    auto loop = scf::ForOp::create(emit, first, total, stride);

    rewriter.setInsertionPointToStart(loop.getBody());
    Emitter inner(op.getLoc(), rewriter);
    SmallVector<Value> indices(counts.size());
    Value rest = loop.getInductionVar();
    for (size_t dim = counts.size(); dim-- > 0;) {
      Value digit = dim == 0 ? rest : inner.remU(rest, counts[dim]);
      if (dim + 1 == counts.size())
        digit = inner.mul(digit, vector);
      indices[dim] = arith::TruncIOp::create(inner, i32, digit);
      if (dim > 0)
        rest = inner.divU(rest, counts[dim]);
    }
    Block *body = &op.getBody().front();
    rewriter.eraseOp(body->getTerminator());
    rewriter.inlineBlockBefore(body, loop.getBody()->getTerminator(), indices);
    rewriter.eraseOp(op);
    return success();
  }
};

/// An i1 is a byte in memory.
Type memoryType(const TypeConverter &converter, Type element) {
  Type type = converter.convertType(element);
  return type.isInteger(1) ? IntegerType::get(type.getContext(), 8) : type;
}

LogicalResult verifyElement(Operation *op, Type element) {
  if (element.getIntOrFloatBitWidth() == 1 || element.getIntOrFloatBitWidth() % 8 == 0)
    return success();
  return op->emitOpError() << "elements of type " << element << " are not whole bytes";
}

struct LowerLoad : KernelPattern<LoadOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(LoadOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ViewType view = op.getView().getType();
    if (failed(verifyElement(op, view.getElementType())))
      return failure();
    Emitter emit(op.getLoc(), rewriter);
    Value pointer = kernel.getElementPointer(emit, op, view, adaptor.getIndices());
    Value value =
        LLVM::LoadOp::create(emit, memoryType(*getTypeConverter(), view.getElementType()), pointer);
    if (view.getElementType().isInteger(1))
      value = emit.cmp(arith::CmpIPredicate::ne, value,
                       arith::ConstantOp::create(emit, emit.getI8IntegerAttr(0)));
    rewriter.replaceOp(op, value);
    return success();
  }
};

struct LowerStore : KernelPattern<StoreOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(StoreOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ViewType view = op.getView().getType();
    if (failed(verifyElement(op, view.getElementType())))
      return failure();
    Emitter emit(op.getLoc(), rewriter);
    Value pointer = kernel.getElementPointer(emit, op, view, adaptor.getIndices());
    Value value = adaptor.getValue();
    if (view.getElementType().isInteger(1))
      value = arith::ExtUIOp::create(emit, emit.getI8Type(), value);
    LLVM::StoreOp::create(emit, value, pointer);
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void mptile::populateElementwisePatterns(const LLVMTypeConverter &converter,
                                         RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerForEachElement, LowerLoad, LowerStore>(converter, patterns.getContext(),
                                                           kernel);
}
