// Layout of a kernel's shared memory.
#include "mpgemm/Dialect/MPTile/IR/SharedLayout.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mptile;

/// The region of the role that an op belongs to, and how many instances run it.
static std::pair<Region *, int64_t> getRole(KernelOp kernel, Operation *op) {
  if (auto roles = op->getParentOfType<RolesOp>())
    for (auto [i, body] : llvm::enumerate(roles.getBodies()))
      if (body.isAncestor(op->getParentRegion()))
        return {&body, roles.getRole(i).getInstances()};
  return {&kernel.getBody(), 1};
}

/// Reductions of a role follow each other, so they share their memory.
static void layOutReductions(KernelOp kernel, SharedLayout &layout) {
  llvm::MapVector<Region *, ReduceLayout> places;
  kernel.walk([&](ReduceOp reduce) {
    FragType input = reduce.getInput().getType(), result = reduce.getResult().getType();
    int64_t warps = input.getWarps()[reduce.getAxis()];
    if (warps == 1)
      return;
    int64_t elements = result.getRows() * result.getColumns() * warps;
    int64_t bytes = elements * llvm::divideCeil(result.getElementType().getIntOrFloatBitWidth(), 8);
    ReduceLayout &place = places[getRole(kernel, reduce).first];
    place.stride = std::max<int64_t>(place.stride, llvm::alignTo(bytes, 16));
    layout.reductions[reduce] = {};
  });
  for (auto &[role, place] : places) {
    place.offset = layout.totalBytes = llvm::alignTo(layout.totalBytes, 16);
    int64_t instances = 1;
    for (auto &[op, result] : layout.reductions)
      if (auto [region, count] = getRole(kernel, op); region == role) {
        result = place;
        instances = count;
      }
    layout.totalBytes += place.stride * instances;
  }
}

SharedLayout SharedLayout::compute(KernelOp kernel) {
  SharedLayout layout;
  int64_t offset = 0;
  for (Operation &op : kernel.getBody().front()) {
    if (auto ring = dyn_cast<RingOp>(op)) {
      RingType type = ring.getType();
      RingLayout &place = layout.rings[ring];
      for (Type element : type.getElements()) {
        auto tile = dyn_cast<SmemType>(element);
        int64_t stride = tile ? tile.getAllocatedBytes() : 0;
        place.tileOffsets.push_back(offset);
        place.tileStrides.push_back(stride);
        offset += stride * type.getDepth();
      }
    } else if (auto alloc = dyn_cast<AllocOp>(op)) {
      int64_t stride = alloc.getType().getAllocatedBytes();
      layout.allocs[alloc] = {offset, stride};
      offset += stride * alloc.getCopies();
    }
  }
  for (Operation &op : kernel.getBody().front()) {
    auto ring = dyn_cast<RingOp>(op);
    if (!ring || ring.getFill() == Fill::Async)
      continue;
    RingLayout &place = layout.rings[ring];
    place.fullOffset = offset;
    place.emptyOffset = offset + 8 * ring.getType().getDepth();
    offset += 16 * ring.getType().getDepth();
  }
  layout.totalBytes = offset;
  layOutReductions(kernel, layout);
  return layout;
}
