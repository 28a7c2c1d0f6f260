// A planned function as the manifest describes it: arguments, results, buffers, steps.
//
// In:  straight-line code of launches, copies and assertions on memrefs that are arguments, result
// buffers,
//      constants, or views of the arena (mptile-plan).
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"
#include "mpgemm/Target/Expression.h"
#include "mpgemm/Target/Manifest.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

#include <array>

using namespace mlir;
using namespace mlir::mpgemm;
using llvm::json::Array;
using llvm::json::Object;

namespace {
class FunctionWriter {
public:
  FunctionWriter(func::FuncOp function, const KernelTable &kernels, ConstantTable &constants)
      : function(function), kernels(kernels), constants(constants) {}

  FailureOr<Object> write();

private:
  LogicalResult writeArguments();
  FailureOr<std::string> resultName(unsigned index);
  LogicalResult writeResults(func::ReturnOp terminator);
  LogicalResult writeStep(Operation *op);
  LogicalResult writeLaunch(mptile::LaunchOp launch);
  FailureOr<Object> launchVariant(mptile::LaunchOp launch,
                                  const mptile::LaunchOp::Variant &variant);
  LogicalResult writeLayer(mptile::LaunchOp launch);
  FailureOr<Object> observedTensor(Value memref);
  LogicalResult writeCopy(memref::CopyOp copy);
  LogicalResult writeAssert(cf::AssertOp assertion);
  FailureOr<Expression> launchArgument(mptile::LaunchOp launch, DictionaryAttr parameter);
  FailureOr<Object> tensorMap(Value memref, DictionaryAttr parameter, Operation *at);
  FailureOr<Expression> place(Value memref);
  FailureOr<int64_t> bufferOf(Value memref);
  FailureOr<Object> describeBuffer(Value memref);

  func::FuncOp function;
  const KernelTable &kernels;
  ConstantTable &constants;
  ExpressionBuilder expressions;
  llvm::DenseMap<Value, int64_t> bufferIndices;
  Expression arenaBytes = 0;
  Array arguments, results, buffers, steps, layers;
  llvm::StringMap<mptile::LaunchOp> layerNames;
};
} // namespace

//===- Arguments and results
//----------------------------------------------------------------------===//

static FailureOr<Object> describeTensor(StringRef name, MemRefType type, Location location) {
  std::string element = manifestTypeName(type.getElementType());
  if (element.empty())
    return emitError(location) << "a program cannot take or give a tensor of "
                               << type.getElementType();
  return Object{{"name", name.str()}, {"type", element}};
}

LogicalResult FunctionWriter::writeArguments() {
  unsigned symbols = 0;
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type)
      return emitError(argument.getLoc())
             << "argument " << argument.getArgNumber() << " is " << argument.getType()
             << "; the arguments of a program are tensors";
    std::string name = ("arg" + Twine(argument.getArgNumber())).str();
    FailureOr<Object> description = describeTensor(name, type, argument.getLoc());
    if (failed(description))
      return failure();
    Array shape;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      if (type.isDynamicDim(dim)) {
        std::string symbol = ("s" + Twine(symbols++)).str();
        expressions.bindSymbol(argument, dim, symbol);
        shape.push_back(symbol);
      } else {
        shape.push_back(type.getDimSize(dim));
      }
    }
    (*description)["shape"] = std::move(shape);
    if (auto inout =
            function.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(), "mpgemm.inout"))
      (*description)["inout_result"] = inout.getInt();
    arguments.push_back(std::move(*description));
    bufferIndices[argument] = buffers.size();
    buffers.push_back(Object{{"kind", "argument"}, {"index", argument.getArgNumber()}});
  }
  return success();
}

/// A result of @init has the name of the constant it fills.
FailureOr<std::string> FunctionWriter::resultName(unsigned index) {
  auto symbol = function.getResultAttrOfType<FlatSymbolRefAttr>(index, "mptile.init_global");
  if (!symbol)
    return ("result" + Twine(index)).str();
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(function, symbol);
  if (!global)
    return function.emitOpError("result ")
           << index << " fills " << symbol << ", but this module has no such global";
  FailureOr<int64_t> constant = constants.indexOf(global);
  if (failed(constant))
    return failure();
  return constants.nameOf(*constant).str();
}

LogicalResult FunctionWriter::writeResults(func::ReturnOp terminator) {
  for (auto [index, value] : llvm::enumerate(terminator.getOperands())) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type)
      return terminator.emitError() << "result " << index << " is " << value.getType()
                                    << "; the results of a program are tensors";
    FailureOr<std::string> name = resultName(index);
    if (failed(name))
      return failure();
    FailureOr<Object> description = describeTensor(*name, type, terminator.getLoc());
    FailureOr<SmallVector<Expression>> shape = expressions.shape(value);
    if (failed(description) || failed(shape))
      return failure();
    (*description)["shape"] = Array(*shape);
    results.push_back(std::move(*description));
  }
  return success();
}

//===- Buffers
//------------------------------------------------------------------------------------===//

FailureOr<Object> FunctionWriter::describeBuffer(Value memref) {
  using Result = FailureOr<Object>;
  return llvm::TypeSwitch<Operation *, Result>(memref.getDefiningOp())
      .Case([&](mptile::ResultBufferOp result) {
        return Object{{"kind", "result"}, {"index", result.getIndex()}};
      })
      .Case([&](memref::GetGlobalOp get) -> Result {
        auto global =
            SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(get, get.getNameAttr());
        FailureOr<int64_t> index = constants.indexOf(global);
        if (failed(index))
          return failure();
        return Object{{"kind", "constant"}, {"index", *index}};
      })
      .Case([&](memref::ViewOp view) -> Result {
        if (!view.getSource().getDefiningOp<mptile::ArenaOp>())
          return view.emitError("views something else than the arena");
        FailureOr<Expression> offset = expressions.scalar(view.getByteShift());
        FailureOr<Expression> bytes = expressions.bytes(view);
        if (failed(offset) || failed(bytes))
          return failure();
        return Object{{"kind", "arena"}, {"offset", *offset}, {"bytes", *bytes}};
      })
      .Default([&](Operation *op) -> Result {
        return op->emitError() << "'" << op->getName()
                               << "' makes a buffer that a program cannot hold";
      });
}

FailureOr<int64_t> FunctionWriter::bufferOf(Value memref) {
  while (isa_and_nonnull<memref::CastOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(
      memref.getDefiningOp()))
    memref = memref.getDefiningOp()->getOperand(0);
  auto known = bufferIndices.find(memref);
  if (known != bufferIndices.end())
    return known->second;
  FailureOr<Object> description = describeBuffer(memref);
  if (failed(description))
    return failure();
  int64_t index = buffers.size();
  buffers.push_back(std::move(*description));
  bufferIndices[memref] = index;
  return index;
}

FailureOr<Expression> FunctionWriter::place(Value memref) {
  FailureOr<int64_t> buffer = bufferOf(memref);
  if (failed(buffer))
    return failure();
  return Expression(Object{{"buffer", *buffer}, {"offset", 0}});
}

//===- Steps
//--------------------------------------------------------------------------------------===//

FailureOr<Object> FunctionWriter::tensorMap(Value memref, DictionaryAttr parameter, Operation *at) {
  auto type = cast<MemRefType>(memref.getType());
  auto box = parameter.getAs<ArrayAttr>("box");
  auto boxArray = parameter.getAs<DenseI64ArrayAttr>("box");
  auto swizzle = parameter.getAs<IntegerAttr>("swizzle");
  auto promotion = parameter.getAs<IntegerAttr>("l2_promotion");
  Array boxSizes;
  if (box)
    for (auto side : box.getAsRange<IntegerAttr>())
      boxSizes.push_back(side.getInt());
  else if (boxArray)
    boxSizes = Array(boxArray.asArrayRef());
  if (static_cast<int64_t>(boxSizes.size()) != type.getRank() || type.getRank() < 1 ||
      type.getRank() > 5)
    return at->emitError() << "the box of the tensor map of " << type << " has " << boxSizes.size()
                           << " sides; expected one for each of 1 to 5 dimensions, innermost first";
  FailureOr<SmallVector<Expression>> shape = expressions.shape(memref);
  FailureOr<Expression> at0 = place(memref);
  if (failed(shape) || failed(at0))
    return failure();
  Array sizes, strides;
  Expression stride = elementBytes(type.getElementType());
  for (Expression &size : llvm::reverse(*shape)) {
    if (!sizes.empty())
      strides.push_back(stride);
    sizes.push_back(size);
    stride = mulExpressions(size, std::move(stride));
  }
  return Object{{"place", *at0},
                {"type", manifestTypeName(type.getElementType())},
                {"sizes", std::move(sizes)},
                {"strides", std::move(strides)},
                {"box", std::move(boxSizes)},
                {"swizzle", swizzle ? swizzle.getInt() : 0},
                {"l2_promotion", promotion ? promotion.getInt() : 0}};
}

FailureOr<Expression> FunctionWriter::launchArgument(mptile::LaunchOp launch,
                                                     DictionaryAttr parameter) {
  StringRef kind = parameter.getAs<StringAttr>("kind").getValue();
  auto view = parameter.getAs<IntegerAttr>("view");
  int64_t operands = launch.getInputs().size() + launch.getOutputs().size();
  if (!view || view.getInt() < 0 || view.getInt() >= operands)
    return launch.emitError() << "the kernel's parameter " << parameter
                              << " names no view of this launch, which has " << operands
                              << " operands";
  int64_t index = view.getInt(), inputs = launch.getInputs().size();
  Value memref = index < inputs ? launch.getInputs()[index] : launch.getOutputs()[index - inputs];
  if (kind == "pointer") {
    FailureOr<Expression> at = place(memref);
    return failed(at) ? at : FailureOr<Expression>(Object{{"pointer", *at}});
  }
  if (kind == "tensormap") {
    FailureOr<Object> map = tensorMap(memref, parameter, launch);
    if (failed(map))
      return failure();
    return Expression(Object{{"tensormap", std::move(*map)}});
  }
  auto dim = parameter.getAs<IntegerAttr>("dim");
  FailureOr<SmallVector<Expression>> shape = expressions.shape(memref);
  if (failed(shape))
    return failure();
  if (!dim || dim.getInt() < 0 || dim.getInt() >= static_cast<int64_t>(shape->size()))
    return launch.emitError() << "the kernel's parameter " << parameter << " names no dimension of "
                              << memref.getType();
  return Expression(Object{{"value", (*shape)[dim.getInt()]}});
}

FailureOr<Object> FunctionWriter::launchVariant(mptile::LaunchOp launch,
                                                const mptile::LaunchOp::Variant &variant) {
  auto kernel = dyn_cast_or_null<LLVM::LLVMFuncOp>(launch.lookupKernel(variant.kernel));
  if (!kernel || !isa<gpu::GPUModuleOp>(kernel->getParentOp()))
    return launch.emitOpError("names ") << variant.kernel << ", which was not lowered to NVVM";
  Array arguments;
  for (auto parameter :
       kernel->getAttrOfType<ArrayAttr>("mptile.parameters").getAsRange<DictionaryAttr>()) {
    FailureOr<Expression> argument = launchArgument(launch, parameter);
    if (failed(argument))
      return failure();
    arguments.push_back(std::move(*argument));
  }
  Array grid;
  for (Value size : variant.grid) {
    FailureOr<Expression> expression = expressions.scalar(size);
    if (failed(expression))
      return failure();
    grid.push_back(std::move(*expression));
  }
  FailureOr<Expression> when = Expression(1);
  if (variant.condition)
    when = expressions.scalar(variant.condition);
  if (failed(when))
    return failure();
  return Object{{"when", std::move(*when)},
                {"kernel", kernels.indexOf(kernel)},
                {"grid", std::move(grid)},
                {"arguments", std::move(arguments)}};
}

LogicalResult FunctionWriter::writeLaunch(mptile::LaunchOp launch) {
  Array variants;
  for (const mptile::LaunchOp::Variant &variant : launch.getVariants()) {
    FailureOr<Object> entry = launchVariant(launch, variant);
    if (failed(entry))
      return failure();
    variants.push_back(std::move(*entry));
  }
  Object step{{"op", "launch"},
              {"variants", std::move(variants)},
              {"label", launch.getLabel().value_or(launch.getKernel().getLeafReference())}};
  for (auto [key, value] :
       {std::pair("flops", launch.getFlops()), std::pair("bytes", launch.getBytes())}) {
    if (!value)
      continue;
    FailureOr<Expression> expression = expressions.scalar(value);
    if (failed(expression))
      return failure();
    step[key] = std::move(*expression);
  }
  steps.push_back(std::move(step));
  return launch.getLayer() ? writeLayer(launch) : success();
}

FailureOr<Object> FunctionWriter::observedTensor(Value memref) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  FailureOr<SmallVector<Expression>> shape = expressions.shape(memref);
  FailureOr<Expression> at = place(memref);
  if (failed(shape) || failed(at))
    return failure();
  return Object{{"place", *at}, {"type", manifestTypeName(element)}, {"shape", Array(*shape)}};
}

/// The layer that the step written last computes: where its operands and its results lie.
LogicalResult FunctionWriter::writeLayer(mptile::LaunchOp launch) {
  auto [known, isNew] = layerNames.try_emplace(*launch.getLayer(), launch);
  if (!isNew) {
    InFlightDiagnostic error = launch.emitOpError("computes the layer '")
                               << *launch.getLayer()
                               << "' a second time; a function has one launch of that name";
    error.attachNote(known->second.getLoc()) << "the first one";
    return error;
  }
  Object layer{{"name", *launch.getLayer()}, {"step", static_cast<int64_t>(steps.size()) - 1}};
  constexpr std::array<StringLiteral, 2> operandKeys = {"a", "b"};
  for (auto [key, operand] : llvm::zip(operandKeys, launch.getInputs())) {
    FailureOr<Object> tensor = observedTensor(operand);
    if (failed(tensor))
      return failure();
    layer[key] = std::move(*tensor);
  }
  SmallVector<int64_t> scales(launch.getOutputs().size(), -1);
  if (std::optional<ArrayRef<int64_t>> given = launch.getLayerScales())
    scales.assign(given->begin(), given->end());
  Array outputs;
  for (auto [index, output] : llvm::enumerate(launch.getOutputs())) {
    if (llvm::is_contained(scales, static_cast<int64_t>(index)))
      continue; // stands with the result it scales
    FailureOr<Object> result = observedTensor(output);
    if (failed(result))
      return failure();
    if (scales[index] >= 0) {
      FailureOr<Object> scale = observedTensor(launch.getOutputs()[scales[index]]);
      if (failed(scale))
        return failure();
      (*result)["scale"] = std::move(*scale);
    }
    outputs.push_back(std::move(*result));
  }
  layer["results"] = std::move(outputs);
  layers.push_back(std::move(layer));
  return success();
}

LogicalResult FunctionWriter::writeCopy(memref::CopyOp copy) {
  for (Value side : {copy.getSource(), copy.getTarget()})
    if (!cast<MemRefType>(side.getType()).getLayout().isIdentity())
      return copy.emitError() << "cannot copy " << side.getType()
                              << " without a kernel; only dense memory";
  FailureOr<Expression> from = place(copy.getSource()), to = place(copy.getTarget());
  FailureOr<Expression> bytes = expressions.bytes(copy.getTarget());
  if (failed(from) || failed(to) || failed(bytes))
    return failure();
  steps.push_back(Object{{"op", "copy"}, {"from", *from}, {"to", *to}, {"bytes", *bytes}});
  return success();
}

LogicalResult FunctionWriter::writeAssert(cf::AssertOp assertion) {
  FailureOr<Expression> condition = expressions.scalar(assertion.getArg());
  if (failed(condition))
    return failure();
  if (*condition == Expression(1))
    return success(); // holds for all sizes
  steps.push_back(
      Object{{"op", "assert"}, {"condition", *condition}, {"message", assertion.getMsg()}});
  return success();
}

LogicalResult FunctionWriter::writeStep(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](mptile::LaunchOp launch) { return writeLaunch(launch); })
      .Case([&](memref::CopyOp copy) { return writeCopy(copy); })
      .Case([&](cf::AssertOp assertion) { return writeAssert(assertion); })
      .Case([&](mptile::ArenaOp arena) -> LogicalResult {
        FailureOr<Expression> bytes = expressions.scalar(arena.getBytes());
        if (failed(bytes))
          return failure();
        arenaBytes = std::move(*bytes);
        return success();
      })
      .Case([&](func::ReturnOp terminator) { return writeResults(terminator); })
      // Buffers and sizes are written where they are used.
      .Case<mptile::ResultBufferOp, memref::ViewOp, memref::GetGlobalOp>(
          [](auto) { return success(); })
      .Default([](Operation *op) -> LogicalResult {
        if (isMemoryEffectFree(op) && op->getNumRegions() == 0)
          return success();
        return op->emitError() << "'" << op->getName()
                               << "' is no step of a program; a function is a list of "
                               << "launches, copies and assertions";
      });
}

FailureOr<Object> FunctionWriter::write() {
  if (failed(writeArguments()))
    return failure();
  for (Operation &op : function.getBody().front())
    if (failed(writeStep(&op)))
      return failure();
  Object description{{"name", function.getSymName()}, {"arguments", std::move(arguments)},
                     {"results", std::move(results)}, {"arena_bytes", std::move(arenaBytes)},
                     {"buffers", std::move(buffers)}, {"steps", std::move(steps)}};
  if (!layers.empty())
    description["layers"] = std::move(layers);
  return description;
}

FailureOr<Object> mpgemm::describeFunction(func::FuncOp function, const KernelTable &kernels,
                                           ConstantTable &constants) {
  return FunctionWriter(function, kernels, constants).write();
}
