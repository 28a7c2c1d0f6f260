// The ops of a function between kernels: what their types must satisfy, and which memory they
// touch.
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::mptile;

//===- launch
//-------------------------------------------------------------------------------------===//

void LaunchOp::build(OpBuilder &builder, OperationState &state, SymbolRefAttr kernel,
                     ValueRange inputs, ValueRange outputs, ArrayRef<Value> grid, Value flops,
                     Value bytes, StringRef label) {
  SmallVector<Type> results;
  for (Value output : outputs)
    if (isa<RankedTensorType>(output.getType()))
      results.push_back(output.getType());
  build(builder, state, results, kernel, inputs, outputs, grid[0], grid[1], grid[2], flops, bytes,
        label.empty() ? StringAttr() : builder.getStringAttr(label), /*keeps_outs=*/false,
        /*layer=*/StringAttr(), /*layer_scales=*/DenseI64ArrayAttr());
}

Operation *LaunchOp::lookupKernel() {
  if (Operation *symbol = SymbolTable::lookupNearestSymbolFrom(*this, getKernelAttr()))
    return symbol;
  auto module = (*this)->getParentOfType<ModuleOp>();
  if (!module)
    return nullptr;
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    if (Operation *symbol =
            SymbolTable::lookupSymbolIn(kernels, getKernelAttr().getLeafReference()))
      return symbol;
  return nullptr;
}

LogicalResult LaunchOp::verify() {
  bool onTensors = false, onMemRefs = false;
  SmallVector<Value> operands(getInputs());
  llvm::append_range(operands, getOutputs());
  for (Value operand : operands)
    (isa<RankedTensorType>(operand.getType()) ? onTensors : onMemRefs) = true;
  if (onTensors && onMemRefs) // launch_c1
    return emitOpError("mixes tensors and memrefs: all operands are tensors, or all are memrefs");
  if (onMemRefs && getNumResults() != 0) // launch_c2
    return emitOpError("has ") << getNumResults() << " results, but a launch on memrefs has none";
  if (onTensors && !llvm::equal(getResultTypes(), getOutputs().getTypes())) // launch_c2
    return emitOpError("results must have the types of `outs`: ")
           << getOutputs().getTypes() << ", got " << getResultTypes();
  for (auto [index, operand] : llvm::enumerate(operands)) // launch_c4
    if (auto type = dyn_cast<MemRefType>(operand.getType()); type && !type.getLayout().isIdentity())
      return emitOpError("operand ")
             << index << " is " << type
             << ", but a kernel takes dense row-major memory; copy it first";
  if (static_cast<bool>(getFlops()) != static_cast<bool>(getBytes()))
    return emitOpError("`cost` takes both the operations and the bytes");
  if (getLayer() && getInputs().empty()) // launch_c5
    return emitOpError("is the layer '") << *getLayer() << "', but has no `ins` operand";
  if (std::optional<ArrayRef<int64_t>> scales = getLayerScales()) { // launch_c5
    int64_t outputs = getOutputs().size();
    if (!getLayer())
      return emitOpError("has `layer_scales`, but no `layer`");
    if (static_cast<int64_t>(scales->size()) != outputs)
      return emitOpError("has ") << scales->size() << " `layer_scales`, but " << outputs
                                 << " `outs` operands; expected one number for each";
    for (int64_t scale : *scales)
      if (scale < -1 || scale >= outputs)
        return emitOpError("has the scale ")
               << scale << ", but there are " << outputs << " `outs` operands; -1 stands for none";
  }
  return success();
}

/// Whether the tensor or memref `operand` can be passed as `view`.
static bool isPassable(ShapedType operand, ViewType view) {
  if (operand.getElementType() != view.getElementType() || operand.getRank() != view.getRank())
    return false;
  return llvm::all_of(llvm::zip(operand.getShape(), view.getShape()), [](auto sizes) {
    auto [given, wanted] = sizes;
    return given == wanted || ShapedType::isDynamic(given) || ShapedType::isDynamic(wanted);
  });
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  Operation *symbol = lookupKernel(); // launch_c3
  if (!symbol)
    return emitOpError("names ") << getKernelAttr() << ", but this module has no such kernel";
  auto kernel = dyn_cast<KernelOp>(symbol);
  if (!kernel)
    return success(); // lowered already
  SmallVector<Value> operands(getInputs());
  llvm::append_range(operands, getOutputs());
  ArrayRef<Type> views = kernel.getArgumentTypes();
  if (operands.size() != views.size()) {
    InFlightDiagnostic error = emitOpError("passes ")
                               << operands.size() << " tensors to a kernel of " << views.size()
                               << " arguments";
    error.attachNote(kernel.getLoc()) << "the kernel";
    return error;
  }
  for (auto [index, operand] : llvm::enumerate(operands)) {
    auto view = dyn_cast<ViewType>(views[index]);
    if (view && isPassable(cast<ShapedType>(operand.getType()), view))
      continue;
    InFlightDiagnostic error = emitOpError("operand ") << index << " is " << operand.getType()
                                                       << ", but the kernel takes " << views[index];
    error.attachNote(kernel.getLoc()) << "the kernel";
    return error;
  }
  return success();
}

void LaunchOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : getInputsMutable())
    if (isa<MemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &operand,
                           SideEffects::DefaultResource::get());
  for (OpOperand &operand : getOutputsMutable()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (getKeepsOuts())
      effects.emplace_back(MemoryEffects::Read::get(), &operand,
                           SideEffects::DefaultResource::get());
    effects.emplace_back(MemoryEffects::Write::get(), &operand,
                         SideEffects::DefaultResource::get());
  }
}

LogicalResult LaunchOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  for (Value output : getOutputs())
    if (isa<RankedTensorType>(output.getType()))
      shapes.push_back(tensor::getMixedSizes(builder, getLoc(), output));
  return success();
}

//===- result_buffer
//------------------------------------------------------------------------------===//

LogicalResult ResultBufferOp::verify() {
  int64_t dynamic = cast<MemRefType>(getType()).getNumDynamicDims();
  if (static_cast<int64_t>(getSizes().size()) != dynamic) // result_buffer_c1
    return emitOpError("has ") << getSizes().size() << " sizes, but " << getType() << " has "
                               << dynamic << " dynamic ones";
  return success();
}
