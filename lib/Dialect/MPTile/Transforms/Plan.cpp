// mptile-plan: every buffer of a function gets its place.
//
// In:  a straight-line function on dense memrefs, buffers made by memref.alloc.
// Out: no memref.alloc. What the function returns is an argument (inout) or a result buffer of the
// caller;
//      the rest are views of one arena.
//
// The steps of a function run in order on one stream, so two buffers may share memory when the last
// use of one comes before the first use of the other.
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::mptile {
#define GEN_PASS_DEF_PLANPASS
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h.inc"
} // namespace mlir::mptile

using namespace mlir;
using namespace mlir::mptile;

static constexpr int64_t arenaAlignment = 256;

namespace {
/// A buffer that has to get a place in the arena.
struct Buffer {
  memref::AllocOp alloc;
  unsigned firstUse = 0, lastUse = 0; ///< Positions in the block, both inclusive.
  std::optional<int64_t> staticBytes; ///< Rounded up to the arena's alignment.
  Value bytes;                        ///< The same for dynamic sizes, an index.
  Value offset;                       ///< Where it begins in the arena, an index.

  bool livesWith(const Buffer &other) const {
    return firstUse <= other.lastUse && other.firstUse <= lastUse;
  }
};

/// Buffers of dynamic size that never live at the same time.
struct SharedRegion {
  SmallVector<Buffer *> buffers;
};
} // namespace

/// The buffer that `value` is a view of.
static Value rootOf(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// Whether `value` is all of its root under another shape.
static bool coversRoot(Value value) {
  while (Operation *defining = value.getDefiningOp()) {
    if (!isa<memref::CastOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(defining))
      return isa<memref::AllocOp>(defining) &&
             cast<MemRefType>(value.getType()).getLayout().isIdentity();
    value = defining->getOperand(0);
  }
  return false;
}

/// Bytes an element takes in memory, or 0 where it has no whole number of bytes. i1 takes one.
static int64_t elementBytes(Type type) {
  if (!type.isIntOrFloat())
    return 0;
  unsigned bits = type.getIntOrFloatBitWidth();
  return bits == 1 ? 1 : (bits % 8 == 0 ? bits / 8 : 0);
}

/// Moves all pure scalar arithmetic of the block to its top, so that sizes are known before the
/// arena.
static void hoistSizes(Block &block) {
  Operation *last = nullptr;
  auto isEarly = [&](Value operand) {
    Operation *defining = operand.getDefiningOp();
    return !defining || (last && (defining == last || defining->isBeforeInBlock(last)));
  };
  for (Operation &op : llvm::make_early_inc_range(block)) {
    bool isScalar =
        llvm::all_of(op.getResultTypes(), [](Type type) { return type.isIntOrIndexOrFloat(); });
    if (op.getNumResults() == 0 || !isScalar || !isMemoryEffectFree(&op) ||
        !llvm::all_of(op.getOperands(), isEarly))
      continue;
    if (last)
      op.moveAfter(last);
    else
      op.moveBefore(&block, block.begin());
    last = &op;
  }
}

//===- Results
//------------------------------------------------------------------------------------===//

/// Gives result `index` a buffer of the caller: the one it was computed in, if that is its own,
/// else a copy.
static void placeResult(func::ReturnOp terminator, unsigned index) {
  Value returned = terminator.getOperand(index);
  auto type = cast<MemRefType>(returned.getType());
  if (coversRoot(returned)) {
    auto alloc = rootOf(returned).getDefiningOp<memref::AllocOp>();
    OpBuilder builder(alloc);
    Value buffer = ResultBufferOp::create(builder, alloc.getLoc(), alloc.getType(), index,
                                          alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(buffer);
    alloc.erase();
    return;
  }
  ImplicitLocOpBuilder builder(terminator.getLoc(), terminator);
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(builder.createOrFold<memref::DimOp>(returned, dim));
  auto dense = MemRefType::get(type.getShape(), type.getElementType());
  Value buffer = ResultBufferOp::create(builder, dense, index, sizes);
  memref::CopyOp::create(builder, returned, buffer);
  terminator.setOperand(index, buffer);
}

static void placeResults(func::FuncOp function) {
  auto terminator = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  llvm::SmallDenseSet<unsigned> inoutResults;
  for (unsigned index = 0; index < function.getNumArguments(); ++index)
    if (auto inout = function.getArgAttrOfType<IntegerAttr>(index, "mpgemm.inout"))
      inoutResults.insert(inout.getInt());
  for (unsigned index = 0; index < terminator.getNumOperands(); ++index)
    if (!inoutResults.contains(index) && isa<MemRefType>(terminator.getOperand(index).getType()))
      placeResult(terminator, index);
}

//===- The arena
//----------------------------------------------------------------------------------===//

/// Extends the lifetime of `buffer` over all uses of `value` and of the views of it.
static void extendOverUses(Buffer &buffer, Value value,
                           const DenseMap<Operation *, unsigned> &position) {
  for (Operation *user : value.getUsers()) {
    if (auto view = dyn_cast<ViewLikeOpInterface>(user)) {
      for (Value result : view->getResults())
        extendOverUses(buffer, result, position);
      continue;
    }
    unsigned at = position.lookup(user);
    buffer.firstUse = std::min(buffer.firstUse, at);
    buffer.lastUse = std::max(buffer.lastUse, at);
  }
}

/// Collects the allocations and their lifetimes; erases those nobody uses.
static FailureOr<SmallVector<Buffer>> collectBuffers(Block &block) {
  DenseMap<Operation *, unsigned> position;
  for (auto [index, op] : llvm::enumerate(block))
    position[&op] = index;
  SmallVector<Buffer> buffers;
  for (auto alloc : llvm::make_early_inc_range(block.getOps<memref::AllocOp>())) {
    auto type = cast<MemRefType>(alloc.getType());
    int64_t width = elementBytes(type.getElementType());
    if (width == 0)
      return alloc.emitOpError("cannot place a buffer of ")
             << type.getElementType() << ", whose elements are not whole bytes";
    if (alloc->use_empty()) {
      alloc.erase();
      continue;
    }
    Buffer buffer{alloc, std::numeric_limits<unsigned>::max(), 0, {}, {}, {}};
    extendOverUses(buffer, alloc, position);
    if (type.hasStaticShape()) {
      int64_t bytes = width;
      for (int64_t size : type.getShape())
        if (llvm::MulOverflow(bytes, size, bytes))
          return alloc.emitOpError("of ") << type << " has more than 2^63 bytes";
      buffer.staticBytes = llvm::alignTo(bytes, arenaAlignment);
    }
    buffers.push_back(buffer);
  }
  return buffers;
}

/// Places the static buffers, largest first, each at the lowest offset that no living neighbour
/// covers. Returns the end of the last one.
static int64_t placeStatic(MutableArrayRef<Buffer> buffers, ImplicitLocOpBuilder &builder) {
  SmallVector<Buffer *> order;
  for (Buffer &buffer : buffers)
    if (buffer.staticBytes)
      order.push_back(&buffer);
  llvm::sort(order, [](Buffer *a, Buffer *b) {
    return std::pair(*b->staticBytes, a) < std::pair(*a->staticBytes, b);
  });
  SmallVector<std::pair<int64_t, Buffer *>> placed; // by offset
  int64_t end = 0;
  for (Buffer *buffer : order) {
    int64_t offset = 0;
    for (auto &[otherOffset, other] : placed) {
      if (!buffer->livesWith(*other))
        continue;
      if (offset + *buffer->staticBytes <= otherOffset)
        break;
      offset = std::max(offset, otherOffset + *other->staticBytes);
    }
    buffer->offset = arith::ConstantIndexOp::create(builder, offset);
    auto place =
        llvm::upper_bound(placed, offset, [](int64_t o, auto &entry) { return o < entry.first; });
    placed.insert(place, {offset, buffer});
    end = std::max(end, offset + *buffer->staticBytes);
  }
  return end;
}

/// The bytes of a dynamic buffer without its dynamic sizes.
static int64_t fixedBytes(Buffer &buffer) {
  auto type = cast<MemRefType>(buffer.alloc.getType());
  int64_t bytes = elementBytes(type.getElementType());
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      bytes *= size;
  return bytes;
}

/// The size of a dynamic buffer in bytes, rounded up to the arena's alignment: that of one of
/// `others` where it is the same.
static Value dynamicBytes(Buffer &buffer, MutableArrayRef<Buffer> others,
                          ImplicitLocOpBuilder &builder) {
  int64_t fixed = fixedBytes(buffer);
  for (Buffer &other : others)
    if (!other.staticBytes && fixedBytes(other) == fixed &&
        llvm::equal(other.alloc.getDynamicSizes(), buffer.alloc.getDynamicSizes()))
      return other.bytes;
  Value bytes = arith::ConstantIndexOp::create(builder, fixed);
  for (Value size : buffer.alloc.getDynamicSizes())
    bytes = builder.createOrFold<arith::MulIOp>(size, bytes);
  if (fixed % arenaAlignment == 0)
    return bytes;
  Value alignment = arith::ConstantIndexOp::create(builder, arenaAlignment);
  Value blocks = builder.createOrFold<arith::CeilDivUIOp>(bytes, alignment);
  return builder.createOrFold<arith::MulIOp>(blocks, alignment);
}

/// Places the dynamic buffers behind `end`: each joins the first region whose members it never
/// meets, preferring one of the very same size. Returns the size of the arena.
static Value placeDynamic(MutableArrayRef<Buffer> buffers, int64_t end,
                          ImplicitLocOpBuilder &builder) {
  SmallVector<SharedRegion> regions;
  for (auto [index, buffer] : llvm::enumerate(buffers)) {
    if (buffer.staticBytes)
      continue;
    buffer.bytes = dynamicBytes(buffer, buffers.take_front(index), builder);
    SharedRegion *home = nullptr;
    for (SharedRegion &region : regions) {
      auto meets = [&current = buffer](Buffer *other) { return other->livesWith(current); };
      if (llvm::any_of(region.buffers, meets))
        continue;
      bool sameSize = region.buffers.front()->bytes == buffer.bytes;
      if (!home || sameSize)
        home = &region;
      if (sameSize)
        break;
    }
    (home ? *home : regions.emplace_back()).buffers.push_back(&buffer);
  }
  Value offset = arith::ConstantIndexOp::create(builder, end);
  for (SharedRegion &region : regions) {
    Value bytes = region.buffers.front()->bytes;
    for (Buffer *buffer : region.buffers) {
      buffer->offset = offset;
      if (buffer->bytes != bytes)
        bytes = builder.createOrFold<arith::MaxUIOp>(bytes, buffer->bytes);
    }
    offset = builder.createOrFold<arith::AddIOp>(offset, bytes);
  }
  return offset;
}

static LogicalResult placeInArena(func::FuncOp function) {
  Block &block = function.getBody().front();
  FailureOr<SmallVector<Buffer>> buffers = collectBuffers(block);
  if (failed(buffers))
    return failure();
  if (buffers->empty())
    return success();
  // Every size is known at the first op that is not scalar arithmetic.
  Operation *first = &block.front();
  while (!isa<memref::AllocOp>(first) && isMemoryEffectFree(first))
    first = first->getNextNode();
  for (Buffer &buffer : *buffers)
    for (Value size : buffer.alloc.getDynamicSizes())
      if (Operation *defining = size.getDefiningOp(); defining && !defining->isBeforeInBlock(first))
        return buffer.alloc.emitOpError(
            "has a size that depends on the values of a tensor; sizes may only "
            "depend on the sizes of the arguments");
  ImplicitLocOpBuilder builder(function.getLoc(), first);
  int64_t end = placeStatic(*buffers, builder);
  Value bytes = placeDynamic(*buffers, end, builder);
  auto arenaType = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  Value arena = ArenaOp::create(builder, arenaType, bytes);
  for (Buffer &buffer : *buffers) {
    builder.setLoc(buffer.alloc.getLoc());
    Value view = memref::ViewOp::create(builder, cast<MemRefType>(buffer.alloc.getType()), arena,
                                        buffer.offset, buffer.alloc.getDynamicSizes());
    buffer.alloc.replaceAllUsesWith(view);
  }
  for (Buffer &buffer : *buffers)
    buffer.alloc.erase();
  return success();
}

namespace {
struct PlanPass : mptile::impl::PlanPassBase<PlanPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !function.getBody().hasOneBlock()) {
      function.emitOpError("must be straight-line code with a body");
      return signalPassFailure();
    }
    hoistSizes(function.getBody().front());
    placeResults(function);
    if (failed(placeInArena(function)))
      signalPassFailure();
  }
};
} // namespace
