// The ops of a function between kernels: what their types must satisfy, and which memory they
// touch.
#include "LaunchAssembly.h"

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
        /*layer=*/StringAttr(), /*layer_scales=*/DenseI64ArrayAttr(), /*alternatives=*/ArrayAttr(),
        /*conditions=*/ValueRange(), /*alternative_grids=*/ValueRange());
}

SmallVector<LaunchOp::Variant> LaunchOp::getVariants() {
  SmallVector<Variant> variants;
  if (std::optional<ArrayAttr> alternatives = getAlternatives())
    for (auto [index, kernel] : llvm::enumerate(alternatives->getAsRange<SymbolRefAttr>()))
      variants.push_back(
          {getConditions()[index], kernel,
           llvm::to_vector<3>(ValueRange(getAlternativeGrids()).slice(3 * index, 3))});
  variants.push_back({Value(), getKernelAttr(), {getGridX(), getGridY(), getGridZ()}});
  return variants;
}

void LaunchOp::addAlternative(Value condition, SymbolRefAttr kernel, ValueRange grid) {
  assert(grid.size() == 3 && "a grid has three sizes");
  SmallVector<Attribute> kernels;
  if (std::optional<ArrayAttr> alternatives = getAlternatives())
    llvm::append_range(kernels, *alternatives);
  kernels.push_back(kernel);
  setAlternativesAttr(ArrayAttr::get(getContext(), kernels));
  getConditionsMutable().append(condition);
  getAlternativeGridsMutable().append(grid);
}

ParseResult mptile::parseAlternatives(OpAsmParser &parser, ArrayAttr &alternatives,
                                      SmallVectorImpl<OpAsmParser::UnresolvedOperand> &conditions,
                                      SmallVectorImpl<OpAsmParser::UnresolvedOperand> &grids) {
  SmallVector<Attribute> kernels;
  auto parseOne = [&]() -> ParseResult {
    SymbolRefAttr kernel;
    if (parser.parseOperand(conditions.emplace_back()) || parser.parseArrow() ||
        parser.parseCustomAttributeWithFallback(kernel) || parser.parseLParen() ||
        parser.parseOperand(grids.emplace_back()) || parser.parseComma() ||
        parser.parseOperand(grids.emplace_back()) || parser.parseComma() ||
        parser.parseOperand(grids.emplace_back()) || parser.parseRParen())
      return failure();
    kernels.push_back(kernel);
    return success();
  };
  if (parser.parseCommaSeparatedList(parseOne))
    return failure();
  alternatives = parser.getBuilder().getArrayAttr(kernels);
  return success();
}

void mptile::printAlternatives(OpAsmPrinter &p, LaunchOp launch, ArrayAttr alternatives,
                               OperandRange conditions, OperandRange grids) {
  llvm::interleaveComma(llvm::enumerate(alternatives), p, [&](auto it) {
    auto [index, kernel] = it;
    p << conditions[index] << " -> " << kernel << '(' << grids.slice(3 * index, 3) << ')';
  });
}

Operation *LaunchOp::lookupKernel(SymbolRefAttr kernel) {
  if (Operation *symbol = SymbolTable::lookupNearestSymbolFrom(*this, kernel))
    return symbol;
  auto module = (*this)->getParentOfType<ModuleOp>();
  if (!module)
    return nullptr;
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    if (Operation *symbol = SymbolTable::lookupSymbolIn(kernels, kernel.getLeafReference()))
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
  const size_t alternatives = getAlternatives() ? getAlternatives()->size() : 0;
  if (getConditions().size() != alternatives ||
      getAlternativeGrids().size() != 3 * alternatives) // launch_c6
    return emitOpError("has ")
           << alternatives << " alternatives with " << getConditions().size() << " conditions and "
           << getAlternativeGrids().size()
           << " sizes of grids; expected one condition and three sizes for each";
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

/// Whether the operands of `launch` can be passed to the kernel named `name`.
static LogicalResult verifyKernel(LaunchOp launch, SymbolRefAttr name) {
  Operation *symbol = launch.lookupKernel(name);
  if (!symbol)
    return launch.emitOpError("names ") << name << ", but this module has no such kernel";
  auto kernel = dyn_cast<KernelOp>(symbol);
  if (!kernel)
    return success(); // lowered already
  SmallVector<Value> operands(launch.getInputs());
  llvm::append_range(operands, launch.getOutputs());
  ArrayRef<Type> views = kernel.getArgumentTypes();
  if (operands.size() != views.size()) {
    InFlightDiagnostic error = launch.emitOpError("passes ")
                               << operands.size() << " tensors to a kernel of " << views.size()
                               << " arguments";
    error.attachNote(kernel.getLoc()) << "the kernel";
    return error;
  }
  for (auto [index, operand] : llvm::enumerate(operands)) {
    auto view = dyn_cast<ViewType>(views[index]);
    if (view && isPassable(cast<ShapedType>(operand.getType()), view))
      continue;
    InFlightDiagnostic error = launch.emitOpError("operand ")
                               << index << " is " << operand.getType() << ", but the kernel takes "
                               << views[index];
    error.attachNote(kernel.getLoc()) << "the kernel";
    return error;
  }
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  for (const Variant &variant : getVariants()) // launch_c3, launch_c6
    if (failed(verifyKernel(*this, variant.kernel)))
      return failure();
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
