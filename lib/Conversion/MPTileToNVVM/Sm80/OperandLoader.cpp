// ldmatrix addresses of mma.sync operands.
#include "OperandLoader.h"

#include "../Common/SharedTile.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

OperandLoader::OperandLoader(Emitter &emit, KernelLowering &kernel, RoleLowering &role, Side side,
                             SmemType tile, Major major, Value tileOffset, Value outerOffset,
                             Value warp, int64_t numWarps, int64_t numUnits)
    : emit(emit), kernel(kernel), side(side), tile(tile), major(major), tileOffset(tileOffset),
      unitStride(unitSize() * numWarps), numUnits(numUnits) {
  Value row = emit.andI(role.lane, 7);
  Value lowBit = emit.andI(emit.shrU(role.lane, 3), 1); // of the matrix number
  Value highBit = emit.shrU(role.lane, 4);
  // Which of the two bits chooses the half of k, and which moves along the outer dimension.
  Value kHalf = side == Side::A ? highBit : lowBit;
  Value outer = side == Side::A ? emit.mul(lowBit, 8) : emit.mul(highBit, unitStride);
  if (side == Side::B && numUnits == 1)
    outer = emit.i32(0); // ldmatrix.x2 ignores the addresses of lanes 16 to 31
  outer = emit.add(outer, emit.mul(warp, unitSize()));
  if (outerOffset)
    outer = emit.add(outer, outerOffset);
  if (major == Major::K) {
    outerOfLane = emit.add(outer, row);
    kOfLane = emit.mul(kHalf, 16);
  } else {
    outerOfLane = outer;
    kOfLane = emit.add(emit.mul(kHalf, 8), row);
  }
  swizzle = emit.shl(getChunkPermutation(emit, tile, row), 4);
}

Value OperandLoader::address(int64_t load, int64_t step) {
  int64_t rowBytes = tile.getPanelRowBytes();
  int64_t outerOfLoad = load * unitsPerLoad() * unitStride;
  if (major == Major::K) {
    // Two xors, so that what depends on the lane is the same for all steps.
    int64_t stepBytes = step * 32;
    int64_t panel = stepBytes / rowBytes;
    Value inRow = emit.xorI(emit.xorI(kOfLane, swizzle), stepBytes % rowBytes);
    if (!tile.getSwizzle())
      inRow = emit.add(kOfLane, stepBytes);
    Value lane = emit.add(emit.add(tileOffset, emit.mul(outerOfLane, rowBytes)), inRow);
    int64_t constant =
        outerOfLoad * rowBytes + (tile.getSwizzle() ? panel * tile.getPanelBytes() : 0);
    return emit.add(lane, constant);
  }
  Value outerByte = emit.mul(emit.add(outerOfLane, outerOfLoad), 2);
  Value panel = emit.mul(emit.divU(outerByte, rowBytes), tile.getPanelBytes());
  Value inRow = emit.xorI(emit.remU(outerByte, rowBytes), swizzle);
  Value lane = emit.add(emit.add(tileOffset, panel), emit.add(emit.mul(kOfLane, rowBytes), inRow));
  return emit.add(lane, step * 16 * rowBytes);
}

SmallVector<SmallVector<Value>> OperandLoader::load(int64_t step) {
  auto layout = major == Major::K ? NVVM::MMALayout::row : NVVM::MMALayout::col;
  auto shape = NVVM::LdStMatrixShapeAttr::get(emit.getContext(), 8, 8);
  SmallVector<SmallVector<Value>> units;
  for (int64_t unit = 0; unit < numUnits; unit += unitsPerLoad()) {
    int64_t count = std::min(unitsPerLoad(), numUnits - unit);
    int64_t registers = side == Side::A ? 4 : 2 * count;
    Value pointer = kernel.getSharedPointer(emit, address(unit / unitsPerLoad(), step));
    auto type = LLVM::LLVMStructType::getLiteral(emit.getContext(),
                                                 SmallVector<Type>(registers, emit.getI32Type()));
    Value matrices = NVVM::LdMatrixOp::create(emit, type, pointer, static_cast<uint32_t>(registers),
                                              layout, shape, NVVM::LdStMatrixEltType::B16);
    SmallVector<Value> values = emit.explode(matrices);
    for (int64_t i = 0; i < count; ++i)
      units.emplace_back(
          llvm::to_vector(ArrayRef(values).slice(i * registers / count, registers / count)));
  }
  return units;
}
