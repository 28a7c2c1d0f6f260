// Gathers what the lowering of a kernel needs to know before it starts, and answers questions about
// views.
#include "KernelLowering.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

//===- Types -------------------------------------------------------------------------===//

void mlir::mptile::populateTypeConversions(LLVMTypeConverter &converter) {
  auto structOf = [](Type element, int64_t count) {
    return LLVM::LLVMStructType::getLiteral(element.getContext(),
                                            SmallVector<Type>(count, element));
  };
  converter.addConversion([](ViewType type) { return IntegerType::get(type.getContext(), 32); });
  converter.addConversion([](RingType type) { return IntegerType::get(type.getContext(), 32); });
  converter.addConversion([](SlotType type) { return IntegerType::get(type.getContext(), 32); });
  converter.addConversion([](SmemType type) { return IntegerType::get(type.getContext(), 32); });
  converter.addConversion(
      [=](CursorType type) { return structOf(IntegerType::get(type.getContext(), 32), 2); });
  // Accumulators of f16 are packed in pairs, as tensor cores keep them.
  auto convertAccumulator = [=](auto type) -> Type {
    int64_t elements = type.getRows() * type.getColumns() / (32 * type.getNumWarps());
    if (type.getElementType().isF16())
      return structOf(IntegerType::get(type.getContext(), 32), elements / 2);
    return structOf(type.getElementType(), elements);
  };
  converter.addConversion([=](AccType type) { return convertAccumulator(type); });
  converter.addConversion([=](PendingType type) { return convertAccumulator(type); });
  converter.addConversion([=, &converter](FragType type) -> Type {
    return structOf(converter.convertType(type.getElementType()), type.getElementsPerThread());
  });
}

bool mlir::mptile::usesWarpgroups(const mpgemm::TargetInfo &target, PendingType acc) {
  return target.generation == 90 && acc.getWarpsM() == 4 && acc.getWarpsN() == 1;
}

//===- Gathering ---------------------------------------------------------------------===//

SmallVector<int64_t> mlir::mptile::getPanelBox(ViewType view, SmemType tile) {
  SmallVector<int64_t> box(view.getRank(), 1);
  box[0] = tile.getPanelColumns();
  if (view.getRank() > 1)
    box[1] = tile.getRows();
  return box;
}

/// TMA boxes have sides of at most 256 elements and rows of whole 16 bytes (PTX ISA, tensor
/// copies).
static LogicalResult verifyBox(Operation *op, ViewType view, SmemType tile) {
  if (view.getRank() > 5)
    return op->emitOpError("view ") << view << " has more than the 5 dimensions TMA copies";
  if (tile.getPanelRowBytes() % 16 != 0 || tile.getRows() > 256 || tile.getPanelColumns() > 256)
    return op->emitOpError("tile ")
           << tile << " is no TMA box: at most 256 rows and 256 columns, rows of whole 16 bytes";
  return success();
}

LogicalResult KernelLowering::analyseParameters(KernelOp kernel) {
  arguments.resize(kernel.getNumArguments());
  for (auto [argument, type] : llvm::zip(arguments, kernel.getFunctionType().getInputs()))
    if (auto view = dyn_cast<ViewType>(type)) {
      argument.needsSize.resize(view.getRank());
      argument.sizes.resize(view.getRank());
    }
  auto addTensorMap = [&](Operation *op, unsigned index, ViewType view,
                          SmemType tile) -> LogicalResult {
    if (failed(verifyBox(op, view, tile)))
      return failure();
    SmallVector<int64_t> box = getPanelBox(view, tile);
    auto &maps = arguments[index].tensorMaps;
    if (llvm::none_of(maps, [&](TensorMap &map) {
          return map.box == box && map.swizzle == tile.getSwizzle();
        }))
      maps.push_back({box, tile.getSwizzle(), {}});
    return success();
  };
  auto addAccess = [&](unsigned index, ViewType view) {
    arguments[index].needsPointer = true;
    for (int64_t i = 0; i < view.getRank(); ++i)
      arguments[index].needsSize[i] = view.isDynamicDim(i);
  };
  WalkResult result = kernel.walk([&](Operation *op) -> WalkResult {
    for (Value operand : op->getOperands()) {
      auto view = dyn_cast<ViewType>(operand.getType());
      if (!view)
        continue;
      auto argument = dyn_cast<BlockArgument>(operand);
      if (!argument || argument.getOwner() != &kernel.getBody().front())
        return op->emitOpError("view must be an argument of the kernel");
      unsigned index = argument.getArgNumber();
      viewOf[op] = index;
      if (auto dim = dyn_cast<DimOp>(op)) {
        arguments[index].needsSize[dim.getDim()] = view.isDynamicDim(dim.getDim());
      } else if (auto copy = dyn_cast<CopyOp>(op)) {
        if (copy.getRows())
          return op->emitOpError("copying rows from a table is not lowered yet");
        if (getRing(op).fill != Fill::Tma)
          addAccess(index, view);
        else if (failed(addTensorMap(op, index, view, copy.getTileType())))
          return failure();
      } else if (auto copy = dyn_cast<CopyOutOp>(op)) {
        if (failed(addTensorMap(op, index, view, copy.getTile().getType())))
          return failure();
      } else {
        addAccess(index, view);
      }
    }
    return success();
  });
  return failure(result.wasInterrupted());
}

LogicalResult KernelLowering::analyseRings(KernelOp kernel) {
  for (RingOp op : kernel.getBody().front().getOps<RingOp>())
    rings.insert({op, RingLowering{op, op.getType(), op.getFill(), shared.rings.lookup(op),
                                   op.getReaders(), op.getWriters()}});
  kernel.walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      if (isa<RingType>(operand.getType()))
        ringOf[op] = operand.getDefiningOp();
      if (!isa<SlotType>(operand.getType()) || !operand.getDefiningOp())
        continue;
      for (Value source : operand.getDefiningOp()->getOperands())
        if (isa<RingType>(source.getType()))
          ringOf[op] = source.getDefiningOp();
    }
  });
  return success();
}

/// Whether a role does nothing but start bulk copies: then one elected thread runs it.
static bool onlyStartsBulkCopies(Region &body, llvm::function_ref<Fill(Operation *)> fillOf) {
  bool fills = false, other = false;
  body.walk([&](Operation *op) {
    if (isa<AcquireOp, CopyOp, CommitOp>(op)) {
      fills = true;
      other |= fillOf(op) != Fill::Tma;
    } else if (isa<WaitOp, ReleaseOp, MmaAsyncOp, StoreFragmentOp, StoreOp, WriteFragmentOp,
                   CopyOutOp, StoreWaitOp>(op)) {
      other = true;
    }
  });
  return fills && !other;
}

LogicalResult KernelLowering::analyseRoles(KernelOp kernel) {
  // Without roles all threads are one instance; with roles this entry serves what stands before
  // them.
  RoleLowering all;
  all.numWarps = kernel.getThreads() / 32;
  roles.push_back(all);
  auto rolesOps = llvm::to_vector(kernel.getBody().front().getOps<RolesOp>());
  if (rolesOps.size() > 1)
    return rolesOps[1].emitOpError("a kernel splits into roles once");
  int64_t warp = 0, barrier = 1;
  for (RolesOp op : rolesOps)
    for (auto [attribute, body] : llvm::zip(op.getRoles(), op.getBodies())) {
      RoleLowering role;
      role.attribute = cast<RoleAttr>(attribute);
      role.firstWarp = warp;
      role.numWarps = role.attribute.getWarps();
      role.firstBarrier = barrier;
      role.singleThread =
          onlyStartsBulkCopies(body, [&](Operation *fill) { return getRing(fill).fill; });
      warp += role.attribute.getNumWarps();
      barrier += role.attribute.getInstances();
      body.walk([&, index = roles.size()](Operation *inner) { roleOf[inner] = index; });
      roles.push_back(role);
    }
  kernel.walk([&](AcquireOp op) { getRing(op).fillingThreads = getRole(op).numThreads(); });
  if (barrier > 16)
    return kernel.emitOpError("has ")
           << barrier - 1 << " role instances; there are 15 named barriers";
  return success();
}

FailureOr<std::unique_ptr<KernelLowering>> KernelLowering::create(KernelOp kernel) {
  std::unique_ptr<KernelLowering> lowering(
      new KernelLowering(*mpgemm::lookupTarget(kernel.getTarget())));
  lowering->threads = kernel.getThreads();
  lowering->minCtas = kernel.getMinCtas();
  lowering->shared = SharedLayout::compute(kernel);
  if (failed(lowering->analyseRings(kernel)) || failed(lowering->analyseParameters(kernel)) ||
      failed(lowering->analyseRoles(kernel)))
    return failure();
  return lowering;
}

//===- Views -------------------------------------------------------------------------===//

Value KernelLowering::getSize(Emitter &emit, Operation *op, ViewType view, int64_t dim) {
  if (!view.isDynamicDim(dim))
    return emit.i32(view.getShape()[dim]);
  return getArgument(op).sizes[dim];
}

Value KernelLowering::getLinearIndex(Emitter &emit, Operation *op, ViewType view,
                                     ValueRange indices) {
  Value linear = emit.i64(0);
  for (int64_t dim = 0; dim < view.getRank(); ++dim) {
    if (dim > 0)
      linear = emit.mul(linear, emit.toI64(getSize(emit, op, view, dim)));
    linear = emit.add(linear, emit.toI64(indices[dim]));
  }
  return linear;
}

Value KernelLowering::getElementPointer(Emitter &emit, Operation *op, ViewType view,
                                        ValueRange indices) {
  int64_t elementBytes = llvm::divideCeil(view.getElementType().getIntOrFloatBitWidth(), 8);
  Value linear = getLinearIndex(emit, op, view, indices);
  return emit.bytes(getArgument(op).pointer, emit.mul(linear, elementBytes));
}

Value KernelLowering::isInside(Emitter &emit, Operation *op, ViewType view, ValueRange indices) {
  Value inside = arith::ConstantOp::create(emit, emit.getBoolAttr(true));
  for (int64_t dim = 0; dim < view.getRank(); ++dim)
    if (indices[dim])
      inside = emit.andI(inside, emit.lessU(indices[dim], getSize(emit, op, view, dim)));
  return inside;
}

Value KernelLowering::getTensorMap(Operation *op, ArrayRef<int64_t> box, int64_t swizzle) {
  for (TensorMap &map : getArgument(op).tensorMaps)
    if (ArrayRef(map.box) == box && map.swizzle == swizzle)
      return map.value;
  llvm_unreachable("every box was gathered before");
}

//===- Shared memory and barriers ----------------------------------------------------===//

Value KernelLowering::getSharedAddress(Emitter &emit, Value offset) {
  Value base = LLVM::PtrToIntOp::create(emit, emit.getI32Type(), smem);
  return emit.add(base, offset);
}

void KernelLowering::emitRoleBarrier(Emitter &emit, RoleLowering &role) {
  if (!role.attribute) {
    NVVM::Barrier0Op::create(emit);
    return;
  }
  NVVM::BarrierOp::create(emit, TypeRange{}, role.barrier, emit.i32(role.numThreads()),
                          NVVM::BarrierReductionAttr(), Value());
}
