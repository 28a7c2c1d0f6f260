// mptile-bufferize: the tensors of functions become buffers.
//
// In:  functions whose tensor ops all bufferise: launches, reshapes, constants, tensor.empty.
// Out: functions on dense memrefs. Arguments are written only where they are `mpgemm.inout`, and
// then the
//      function returns the argument itself as that result.
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::mptile {
#define GEN_PASS_DEF_BUFFERIZEPASS
#include "mpgemm/Dialect/MPTile/Transforms/Passes.h.inc"
} // namespace mlir::mptile

using namespace mlir;
using bufferization::BufferizationDialect;

static constexpr StringLiteral inoutAttr = "mpgemm.inout";

/// Checks the inout attributes of `function` and says which arguments may be written.
static LogicalResult markWritable(func::FuncOp function) {
  DenseMap<int64_t, unsigned> argumentOfResult;
  Builder builder(function.getContext());
  for (unsigned index = 0; index < function.getNumArguments(); ++index) {
    if (!isa<TensorType>(function.getArgumentTypes()[index]))
      continue;
    Attribute inout = function.getArgAttr(index, inoutAttr);
    function.setArgAttr(index, BufferizationDialect::kWritableAttrName,
                        builder.getBoolAttr(inout != nullptr));
    if (!inout)
      continue;
    auto result = dyn_cast<IntegerAttr>(inout);
    if (!result || result.getInt() < 0 || result.getInt() >= function.getNumResults())
      return function.emitOpError("argument ")
             << index << " has " << inoutAttr << " = " << inout << ", but the function has "
             << function.getNumResults()
             << " results; give the index of the result that it becomes";
    if (function.getResultTypes()[result.getInt()] != function.getArgumentTypes()[index])
      return function.emitOpError("argument ")
             << index << " is " << function.getArgumentTypes()[index] << ", but its inout result "
             << result.getInt() << " is " << function.getResultTypes()[result.getInt()];
    auto [other, isNew] = argumentOfResult.try_emplace(result.getInt(), index);
    if (!isNew)
      return function.emitOpError("arguments ")
             << other->second << " and " << index << " are both inout with result "
             << result.getInt();
  }
  return success();
}

/// Makes each inout result the argument itself.
static void returnInoutArguments(func::FuncOp function) {
  auto terminator = cast<func::ReturnOp>(function.getBody().front().getTerminator());
  OpBuilder builder(terminator);
  for (BlockArgument argument : function.getArguments()) {
    auto inout = function.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(), inoutAttr);
    if (!inout)
      continue;
    Value returned = terminator.getOperand(inout.getInt());
    if (returned == argument)
      continue;
    memref::CopyOp::create(builder, terminator.getLoc(), returned, argument);
    terminator.setOperand(inout.getInt(), argument);
  }
}

namespace {
struct BufferizePass : mptile::impl::BufferizePassBase<BufferizePass> {
  void runOnOperation() override {
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions) {
      if (function.isExternal() || !function.getBody().hasOneBlock()) {
        function.emitOpError(
            "must be straight-line code with a body: token loops and branches belong "
            "to the caller");
        return signalPassFailure();
      }
      if (failed(markWritable(function)))
        return signalPassFailure();
    }
    bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(bufferization::LayoutMapOption::IdentityLayoutMap);
    options.bufferAlignment = 0;
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(), options, state)))
      return signalPassFailure();
    bufferization::removeBufferizationAttributesInModule(getOperation());
    for (func::FuncOp function : functions)
      returnInoutArguments(function);
  }
};
} // namespace
