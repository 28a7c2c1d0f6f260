// How one-shot-bufferize sees mptile.launch: `outs` are written, and read only under `keeps_outs`;
// a result is the buffer of its `outs` operand.
#include "mpgemm/Dialect/MPTile/Transforms/BufferizableOpInterfaceImpl.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {
struct LaunchBufferization
    : bufferization::DstBufferizableOpInterfaceExternalModel<LaunchBufferization, LaunchOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const bufferization::AnalysisState &) const {
    auto launch = cast<LaunchOp>(op);
    return !launch.isDpsInit(&operand) || launch.getKeepsOuts();
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    auto launch = cast<LaunchOp>(op);
    rewriter.setInsertionPoint(launch);
    SmallVector<Value> inputs, outputs;
    for (auto [tensors, buffers] :
         {std::pair(launch.getInputs(), &inputs), std::pair(launch.getOutputs(), &outputs)})
      for (Value tensor : tensors) {
        FailureOr<Value> buffer = bufferization::getBuffer(rewriter, tensor, options, state);
        if (failed(buffer))
          return failure();
        buffers->push_back(*buffer);
      }
    LaunchOp::create(rewriter, launch.getLoc(), TypeRange(), launch.getKernelAttr(), inputs,
                     outputs, launch.getGridX(), launch.getGridY(), launch.getGridZ(),
                     launch.getFlops(), launch.getBytes(), launch.getLabelAttr(),
                     launch.getKeepsOutsAttr(), launch.getLayerAttr(), launch.getLayerScalesAttr(),
                     launch.getAlternativesAttr(), launch.getConditions(),
                     launch.getAlternativeGrids());
    bufferization::replaceOpWithBufferizedValues(rewriter, launch, outputs);
    return success();
  }
};
} // namespace

void mptile::registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MPTileDialect *) {
    LaunchOp::attachInterface<LaunchBufferization>(*context);
  });
}
