// Layout of a kernel's shared memory.
#include "mpgemm/Dialect/MPTile/IR/SharedLayout.h"

using namespace mlir;
using namespace mlir::mptile;

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
  return layout;
}
