// Lowers loads and stores of fragments in global memory: a fast path without checks where the whole
// fragment lies inside the view, and one that checks every element.
#include "FragmentLayout.h"

#include "mlir/IR/AffineMap.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

/// How the elements of a fragment map to those of a view.
class FragmentAccess {
public:
  FragmentAccess(Emitter &emit, KernelLowering &kernel, Operation *op, ViewType view, FragType frag,
                 ValueRange offsets, AffineMap map, std::optional<int64_t> alignment)
      : kernel(kernel), op(op), view(view), frag(frag), offsets(offsets), map(map) {
    elementBytes = llvm::divideCeil(view.getElementType().getIntOrFloatBitWidth(), 8);
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (auto position = dyn_cast<AffineDimExpr>(expr))
        (position.getPosition() == 0 ? rowDim : columnDim) = dim;
    origin = getFragmentOrigin(emit, kernel.getRole(op), frag.getWarps());
    pairs = columnDim == view.getRank() - 1 && frag.getColumns() > 1 &&
            alignment.value_or(0) >= 2 * elementBytes;
    strides.assign(view.getRank(), Value());
    Value stride = emit.i64(elementBytes);
    for (int64_t dim = view.getRank() - 1; dim >= 0; --dim) {
      strides[dim] = stride;
      if (dim > 0)
        stride = emit.mul(stride, emit.toI64(kernel.getSize(emit, op, view, dim)));
    }
    Value offset = emit.i64(0);
    for (int64_t dim = 0; dim < view.getRank(); ++dim)
      offset = emit.add(offset, emit.mul(emit.toI64(getFirstIndex(emit, dim)), strides[dim]));
    base = emit.bytes(kernel.getArgument(op).pointer, offset);
  }

  /// Elements two by two in one access.
  bool hasPairs() const { return pairs; }
  /// Whether the two elements of a pair lie inside or outside together.
  bool hasWholePairs() const {
    int64_t columns = view.getShape().back();
    return pairs && !ShapedType::isDynamic(columns) && columns % 2 == 0;
  }
  /// Whether the element differs from the one before it: a row vector has one value for all rows.
  bool usesRows() const { return rowDim >= 0; }
  bool usesColumns() const { return columnDim >= 0; }

  Value getPointer(Emitter &emit, FragmentElement element) const {
    Value pointer = base;
    if (int64_t delta = usesRows() ? getRowDelta(frag, element) : 0)
      pointer = emit.bytes(pointer, emit.mul(strides[rowDim], delta));
    if (int64_t delta = usesColumns() ? getColumnDelta(frag, element) : 0)
      pointer = emit.bytes(pointer, emit.mul(strides[columnDim], delta));
    return pointer;
  }

  /// Whether no element of the fragment, of any thread, lies outside. The same for all threads.
  Value isWholeInside(Emitter &emit) const {
    SmallVector<Value> last(offsets);
    if (usesRows())
      last[rowDim] = emit.add(last[rowDim], frag.getRows() - 1);
    if (usesColumns())
      last[columnDim] = emit.add(last[columnDim], frag.getColumns() - 1);
    return kernel.isInside(emit, op, view, last);
  }

  Value isInside(Emitter &emit, FragmentElement element) const {
    SmallVector<Value> indices;
    for (int64_t dim = 0; dim < view.getRank(); ++dim) {
      Value index = getFirstIndex(emit, dim);
      if (dim == rowDim)
        index = emit.add(index, getRowDelta(frag, element));
      if (dim == columnDim)
        index = emit.add(index, getColumnDelta(frag, element));
      indices.push_back(index);
    }
    return kernel.isInside(emit, op, view, indices);
  }

  int64_t elementBytes;

private:
  Value getFirstIndex(Emitter &emit, int64_t dim) const {
    if (dim == rowDim)
      return emit.add(offsets[dim], origin.row);
    if (dim == columnDim)
      return emit.add(offsets[dim], origin.column);
    return offsets[dim];
  }

  KernelLowering &kernel;
  Operation *op;
  ViewType view;
  FragType frag;
  SmallVector<Value> offsets;
  AffineMap map;
  int64_t rowDim = -1, columnDim = -1;
  bool pairs;
  FragmentOrigin origin;
  SmallVector<Value> strides; // in bytes, i64
  Value base;                 // of this thread's first element
};

struct LowerLoadFragment : KernelPattern<LoadFragmentOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(LoadFragmentOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    FragType frag = op.getFrag().getType();
    Type type = getTypeConverter()->convertType(frag.getElementType());
    FragmentAccess access(emit, kernel, op, op.getView().getType(), frag, adaptor.getOffsets(),
                          op.getMap(), op.getAlignment());
    SmallVector<Value> values = emit.ifElse(
        SmallVector<Type>(frag.getElementsPerThread(), type), access.isWholeInside(emit),
        [&] { return loadUnchecked(access, frag, type, emit); },
        [&] { return loadChecked(access, frag, type, emit); });
    rewriter.replaceOp(op, emit.implode(getTypeConverter()->convertType(frag), values));
    return success();
  }

private:
  /// Loads each distinct element once: `load` gives the value of an element of the view.
  SmallVector<Value> loadDistinct(const FragmentAccess &access, FragType frag,
                                  function_ref<Value(FragmentElement)> load) const {
    SmallVector<Value> values(frag.getElementsPerThread());
    forEachElement(frag, [&](FragmentElement element) {
      FragmentElement source = element;
      if (!access.usesRows())
        source.i = source.half = 0;
      if (!access.usesColumns())
        source.j = source.pair = 0;
      Value &known = values[getRegister(frag, source)];
      if (!known)
        known = load(source);
      values[getRegister(frag, element)] = known;
    });
    return values;
  }

  SmallVector<Value> loadUnchecked(const FragmentAccess &access, FragType frag, Type type,
                                   Emitter &emit) const {
    Value pair;
    return loadDistinct(access, frag, [&](FragmentElement element) -> Value {
      if (!access.hasPairs())
        return LLVM::LoadOp::create(emit, type, access.getPointer(emit, element),
                                    access.elementBytes);
      if (element.pair == 0)
        pair = LLVM::LoadOp::create(emit, VectorType::get(2, type),
                                    access.getPointer(emit, element), 2 * access.elementBytes);
      return LLVM::ExtractElementOp::create(emit, pair, emit.i32(element.pair));
    });
  }

  SmallVector<Value> loadChecked(const FragmentAccess &access, FragType frag, Type type,
                                 Emitter &emit) const {
    return loadDistinct(access, frag, [&](FragmentElement element) {
      return emit.ifElse(
          type, access.isInside(emit, element),
          [&] {
            return SmallVector<Value>{LLVM::LoadOp::create(
                emit, type, access.getPointer(emit, element), access.elementBytes)};
          },
          [&] { return SmallVector<Value>{LLVM::ZeroOp::create(emit, type)}; })[0];
    });
  }
};

struct LowerStoreFragment : KernelPattern<StoreFragmentOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(StoreFragmentOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    FragType frag = op.getFrag().getType();
    FragmentAccess access(emit, kernel, op, op.getView().getType(), frag, adaptor.getOffsets(),
                          op.getMap(), op.getAlignment());
    SmallVector<Value> values = emit.explode(adaptor.getFrag());
    emit.ifElse(
        {}, access.isWholeInside(emit), [&] { return storeUnchecked(access, frag, values, emit); },
        [&] {
          return access.hasWholePairs() ? storeCheckedPairs(access, frag, values, emit)
                                        : storeChecked(access, frag, values, emit);
        });
    rewriter.eraseOp(op);
    return success();
  }

private:
  SmallVector<Value> storeCheckedPairs(const FragmentAccess &access, FragType frag,
                                       ArrayRef<Value> values, Emitter &emit) const {
    forEachElement(frag, [&](FragmentElement element) {
      if (element.pair == 1)
        return;
      FragmentElement second = element;
      second.pair = 1;
      emit.ifThen(access.isInside(emit, element), [&] {
        Value pair =
            packPair(emit, values[getRegister(frag, element)], values[getRegister(frag, second)]);
        LLVM::StoreOp::create(emit, pair, access.getPointer(emit, element),
                              2 * access.elementBytes);
      });
    });
    return {};
  }

  SmallVector<Value> storeUnchecked(const FragmentAccess &access, FragType frag,
                                    ArrayRef<Value> values, Emitter &emit) const {
    forEachElement(frag, [&](FragmentElement element) {
      Value value = values[getRegister(frag, element)];
      int64_t bytes = access.elementBytes;
      if (access.hasPairs()) {
        if (element.pair == 0)
          return;
        element.pair = 0;
        value = packPair(emit, values[getRegister(frag, element)], value);
        bytes *= 2;
      }
      LLVM::StoreOp::create(emit, value, access.getPointer(emit, element), bytes);
    });
    return {};
  }

  SmallVector<Value> storeChecked(const FragmentAccess &access, FragType frag,
                                  ArrayRef<Value> values, Emitter &emit) const {
    forEachElement(frag, [&](FragmentElement element) {
      emit.ifThen(access.isInside(emit, element), [&] {
        LLVM::StoreOp::create(emit, values[getRegister(frag, element)],
                              access.getPointer(emit, element), access.elementBytes);
      });
    });
    return {};
  }
};

} // namespace

void mlir::mptile::populateFragmentAccessPatterns(const LLVMTypeConverter &converter,
                                                  RewritePatternSet &patterns,
                                                  KernelLowering &kernel) {
  patterns.add<LowerLoadFragment, LowerStoreFragment>(converter, patterns.getContext(), kernel);
}
