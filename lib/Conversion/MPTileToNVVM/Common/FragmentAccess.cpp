// Lowers loads and stores of fragments in global memory: a fast path without checks where the whole
// fragment lies inside the view, and one that checks every element.
#include "FragmentLayout.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/AffineMap.h"
#include "llvm/ADT/SmallVectorExtras.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

/// How the elements of a fragment map to those of a view. A chunk is a part of a thread's run that
/// one instruction moves; without one it is a single element.
class FragmentAccess {
public:
  FragmentAccess(Emitter &emit, KernelLowering &kernel, Operation *op, ViewType view, FragType frag,
                 ValueRange offsets, AffineMap map, std::optional<int64_t> alignment)
      : kernel(kernel), op(op), view(view), frag(frag), offsets(offsets) {
    elementBytes = llvm::divideCeil(view.getElementType().getIntOrFloatBitWidth(), 8);
    // A dimension of size 1 has only the element at its offset.
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (auto position = dyn_cast<AffineDimExpr>(expr))
        if (frag.getShape()[position.getPosition()] != 1)
          (position.getPosition() == 0 ? rowDim : columnDim) = dim;
    origin = getFragmentOrigin(emit, kernel.getRole(op), frag);
    if (columnDim == view.getRank() - 1)
      while (2 * chunk <= frag.getRun() &&
             2 * chunk * elementBytes <= std::min<int64_t>(alignment.value_or(0), 16))
        chunk *= 2;
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
    if (frag.getRows() == 1 && frag.getColumns() == 1)
      offset = emit.add(offset, emit.toI64(getVaryingZero(emit)));
    base = emit.bytes(kernel.getArgument(op).pointer, offset);
  }

  /// Elements of a chunk, and what one instruction is known to be aligned to.
  int64_t getChunk() const { return chunk; }
  int64_t getChunkBytes() const { return chunk * elementBytes; }
  /// Whether the elements of a chunk lie inside or outside together: rows are whole chunks.
  bool hasWholeChunks() const {
    int64_t columns = view.getShape().back();
    return chunk > 1 &&
           (view.getRank() > 1 || (!ShapedType::isDynamic(columns) && columns % chunk == 0));
  }
  /// Whether the row (column) of an element matters.
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

  /// Whether this thread is the first of those that hold the same elements of a vector; null if
  /// each element has one thread.
  Value isOwner(Emitter &emit) const {
    Value owner;
    if (frag.getColumns() == 1)
      owner = emit.equal(origin.column, 0);
    if (frag.getRows() == 1) {
      Value first = emit.equal(origin.row, 0);
      owner = owner ? emit.andI(owner, first) : first;
    }
    return owner;
  }

  int64_t elementBytes;

private:
  /// 0, in a way that ptxas does not see: no lane comes after 31. It keeps a scalar that is the
  /// same for all lanes in a uniform register, and moves it there, waiting for the load, before the
  /// next wgmma.
  static Value getVaryingZero(Emitter &emit) {
    return emit.shrU(NVVM::LaneMaskLtOp::create(emit, emit.getI32Type()), 31);
  }

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
  int64_t rowDim = -1, columnDim = -1;
  int64_t chunk = 1;
  FragmentOrigin origin;
  SmallVector<Value> strides; // in bytes, i64
  Value base;                 // of this thread's first element
};

/// The branches give chunks as they are loaded; they are taken apart where they meet, so that
/// narrow elements stay packed in registers until they are used.
struct LowerLoadFragment : KernelPattern<LoadFragmentOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(LoadFragmentOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    FragType frag = op.getFrag().getType();
    Type type = getTypeConverter()->convertType(frag.getElementType());
    FragmentAccess access(emit, kernel, op, op.getView().getType(), frag, adaptor.getOffsets(),
                          op.getMap(), op.getAlignment());
    Type chunkType = access.getChunk() == 1 ? type : VectorType::get(access.getChunk(), type);
    SmallVector<FragmentElement> distinct = getDistinctChunks(access, frag);
    auto loadAll = [&](function_ref<Value(FragmentElement)> load) {
      return llvm::map_to_vector(distinct, load);
    };
    SmallVector<Value> chunks = emit.ifElse(
        SmallVector<Type>(distinct.size(), chunkType), access.isWholeInside(emit),
        [&] { return loadAll([&](auto chunk) { return load(access, chunk, chunkType, emit); }); },
        [&] {
          return loadAll([&](auto chunk) { return loadChecked(access, chunk, chunkType, emit); });
        });
    SmallVector<Value> values(frag.getElementsPerThread());
    for (auto [element, chunk] : llvm::zip(distinct, chunks))
      for (int64_t k = 0; k < access.getChunk(); ++k)
        values[getRegister(frag, element) + k] =
            access.getChunk() == 1
                ? chunk
                : Value(LLVM::ExtractElementOp::create(emit, chunk, emit.i32(k)));
    forEachElement(frag, [&](FragmentElement element) {
      values[getRegister(frag, element)] = values[getRegister(frag, getSource(access, element))];
    });
    rewriter.replaceOp(op, emit.implode(getTypeConverter()->convertType(frag), values));
    return success();
  }

private:
  /// The element whose value an element has: a row vector has one value for all rows.
  FragmentElement getSource(const FragmentAccess &access, FragmentElement element) const {
    if (!access.usesRows())
      element.i = element.half = 0;
    if (!access.usesColumns())
      element.j = element.pair = 0;
    return element;
  }

  /// The first elements of the chunks that differ.
  SmallVector<FragmentElement> getDistinctChunks(const FragmentAccess &access,
                                                 FragType frag) const {
    SmallVector<FragmentElement> chunks;
    forEachElement(frag, [&](FragmentElement element) {
      bool isSource = getRegister(frag, getSource(access, element)) == getRegister(frag, element);
      if (isSource && element.pair % access.getChunk() == 0)
        chunks.push_back(element);
    });
    return chunks;
  }

  Value load(const FragmentAccess &access, FragmentElement element, Type type,
             Emitter &emit) const {
    int64_t bytes = isa<VectorType>(type) ? access.getChunkBytes() : access.elementBytes;
    return LLVM::LoadOp::create(emit, type, access.getPointer(emit, element), bytes);
  }

  Value loadIfInside(const FragmentAccess &access, FragmentElement element, Type type,
                     Emitter &emit) const {
    return emit.ifElse(
        type, access.isInside(emit, element),
        [&] { return SmallVector<Value>{load(access, element, type, emit)}; },
        [&] { return SmallVector<Value>{LLVM::ZeroOp::create(emit, type)}; })[0];
  }

  Value loadChecked(const FragmentAccess &access, FragmentElement element, Type chunkType,
                    Emitter &emit) const {
    auto vector = dyn_cast<VectorType>(chunkType);
    if (!vector || access.hasWholeChunks())
      return loadIfInside(access, element, chunkType, emit);
    // Put together in one place: half a register would be undefined on the way.
    SmallVector<Value> values;
    for (int64_t k = 0; k < access.getChunk(); ++k, ++element.pair)
      values.push_back(loadIfInside(access, element, vector.getElementType(), emit));
    Value chunk = LLVM::PoisonOp::create(emit, vector);
    for (auto [k, value] : llvm::enumerate(values))
      chunk = LLVM::InsertElementOp::create(emit, chunk, value, emit.i32(k));
    return chunk;
  }
};

/// The bits of a chunk, in words of 32 bits where it has that many.
Value packChunk(Emitter &emit, SmallVector<Value> values) {
  auto bitsOf = [&] { return values.front().getType().getIntOrFloatBitWidth(); };
  while (values.size() > 1 && bitsOf() < 32) {
    SmallVector<Value> pairs;
    for (size_t i = 0; i < values.size(); i += 2)
      pairs.push_back(packPair(emit, values[i], values[i + 1]));
    values = std::move(pairs);
  }
  if (values.size() == 1)
    return values.front();
  Value vector =
      LLVM::PoisonOp::create(emit, VectorType::get(values.size(), values.front().getType()));
  for (auto [i, value] : llvm::enumerate(values))
    vector = LLVM::InsertElementOp::create(emit, vector, value, emit.i32(i));
  return vector;
}

/// Chunks are packed ahead of the branches where both store them whole: fewer registers cross.
struct LowerStoreFragment : KernelPattern<StoreFragmentOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(StoreFragmentOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    FragType frag = op.getFrag().getType();
    FragmentAccess access(emit, kernel, op, op.getView().getType(), frag, adaptor.getOffsets(),
                          op.getMap(), op.getAlignment());
    SmallVector<Value> values = emit.explode(adaptor.getFrag());
    if (access.hasWholeChunks())
      values = packChunks(values, access.getChunk(), emit);
    auto store = [&] {
      emit.ifElse(
          {}, access.isWholeInside(emit),
          [&] { return storeUnchecked(access, frag, values, emit); },
          [&] { return storeChecked(access, frag, values, emit); });
    };
    if (Value owner = access.isOwner(emit))
      emit.ifThen(owner, store);
    else
      store();
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// Each chunk in the place of its first element.
  SmallVector<Value> packChunks(ArrayRef<Value> values, int64_t chunk, Emitter &emit) const {
    SmallVector<Value> packed(values);
    for (size_t first = 0; first < values.size(); first += chunk)
      packed[first] = packChunk(emit, SmallVector<Value>(values.slice(first, chunk)));
    return packed;
  }

  SmallVector<Value> storeUnchecked(const FragmentAccess &access, FragType frag,
                                    ArrayRef<Value> values, Emitter &emit) const {
    SmallVector<Value> chunks(values);
    if (access.getChunk() > 1 && !access.hasWholeChunks())
      chunks = packChunks(values, access.getChunk(), emit);
    forEachElement(frag, [&](FragmentElement element) {
      if (element.pair % access.getChunk() == 0)
        LLVM::StoreOp::create(emit, chunks[getRegister(frag, element)],
                              access.getPointer(emit, element), access.getChunkBytes());
    });
    return {};
  }

  SmallVector<Value> storeChecked(const FragmentAccess &access, FragType frag,
                                  ArrayRef<Value> values, Emitter &emit) const {
    int64_t chunk = access.hasWholeChunks() ? access.getChunk() : 1;
    forEachElement(frag, [&](FragmentElement element) {
      if (element.pair % chunk == 0)
        emit.ifThen(access.isInside(emit, element), [&] {
          LLVM::StoreOp::create(emit, values[getRegister(frag, element)],
                                access.getPointer(emit, element), chunk * access.elementBytes);
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
