// --mpgemm-kernelize: what is left of a function becomes simple kernels.
//
// Enters: functions of tensors whose products are launches already. Leaves: only launches,
// constants, sizes and reshapes on tensors. Elementwise chains are merged first. What has no kernel
// is an error at its location.
#include "ElementKernel.h"
#include "LaunchSupport.h"
#include "ScheduleSupport.h"
#include "SliceInPlace.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_KERNELIZEPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

bool touchesTensors(Operation *op) {
  const auto isTensor = [](Type type) { return isa<TensorType>(type); };
  return llvm::any_of(op->getResultTypes(), isTensor) ||
         llvm::any_of(op->getOperandTypes(), isTensor);
}

// Ops on tensors that later passes take: they name memory, or say how large it is.
bool staysOnTensors(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() || isa<mptile::MPTileDialect>(op->getDialect()) ||
         isa<tensor::EmptyOp, tensor::DimOp, tensor::CastOp, tensor::CollapseShapeOp,
             tensor::ExpandShapeOp, tensor::ReshapeOp, func::ReturnOp, func::CallOp>(op) ||
         op->getDialect()->getNamespace() == "ml_program" ||
         op->getDialect()->getNamespace() == "bufferization";
}

/// A product of two matrices, which a loop over elements would compute far too slowly.
bool isMatrixProduct(linalg::LinalgOp op) {
  FailureOr<linalg::ContractionDimensions> dims = linalg::inferContractionDims(op);
  return succeeded(dims) && !dims->m.empty() && !dims->n.empty() && !dims->k.empty();
}

LogicalResult refuseProduct(linalg::LinalgOp op, const cost::TargetNumbers &numbers) {
  return op.emitOpError()
         << "is a product of " << getElementTypeOrSelf(op.getDpsInputOperand(0)->get()) << " x "
         << getElementTypeOrSelf(op.getDpsInputOperand(1)->get()) << " into "
         << getElementTypeOrSelf(op.getDpsInitOperand(0)->get())
         << " that did not become mpgemm.matmul; " << numbers.name
         << " multiplies what mpgemm-opt --print-support lists, after --mpgemm-raise";
}

void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

struct Kernelize : mpgemm::impl::KernelizePassBase<Kernelize> {
  using KernelizePassBase::KernelizePassBase;

  // Ops that stand for several: softmax is a maximum, exponentials, a sum and a division.
  LogicalResult decompose(RewriterBase &rewriter, func::FuncOp function) {
    SmallVector<linalg::SoftmaxOp> ops;
    function.walk([&](linalg::SoftmaxOp op) { ops.push_back(op); });
    for (linalg::SoftmaxOp op : ops) {
      Type element = getElementTypeOrSelf(op.getInput());
      if (!isa<FloatType>(element))
        return op.emitOpError() << "is on " << element << "; a softmax needs a floating-point type";
      rewriter.setInsertionPoint(op);
      FailureOr<SmallVector<Value>> parts = op.decomposeOperation(rewriter);
      if (failed(parts))
        return op.emitOpError() << "cannot be taken apart";
      rewriter.replaceOp(op, *parts);
    }
    return success();
  }

  // Arithmetic on tensors and named ops become linalg.generic; chains of one user each are merged.
  LogicalResult prepare(func::FuncOp function) {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::populateElementwiseToLinalgConversionPatterns(patterns);
    if (failed(applyPatternsGreedily(function, std::move(patterns))))
      return function.emitError() << "arithmetic on tensors does not become linalg";

    IRRewriter rewriter(context);
    if (failed(decompose(rewriter, function)))
      return failure();
    SmallVector<linalg::LinalgOp> named;
    function.walk([&](linalg::LinalgOp op) {
      if (!isa<linalg::GenericOp, linalg::FillOp>(op) && op.hasPureTensorSemantics())
        named.push_back(op);
    });
    for (linalg::LinalgOp op : named) {
      if (isMatrixProduct(op))
        continue; // refused under its own name
      rewriter.setInsertionPoint(op);
      if (failed(linalg::generalizeNamedOp(rewriter, op)))
        return op.emitOpError() << "cannot be written as linalg.generic";
    }

    RewritePatternSet fusion(context);
    linalg::populateElementwiseOpsFusionPatterns(
        fusion, [](OpOperand *operand) { return operand->get().hasOneUse(); });
    if (failed(applyPatternsGreedily(function, std::move(fusion))))
      return function.emitError() << "elementwise ops cannot be merged";
    return success();
  }

  LogicalResult kernelize(Operation *op, const cost::TargetNumbers &numbers, KernelCache &cache) {
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
      if (isMatrixProduct(linalgOp))
        return refuseProduct(linalgOp, numbers);
      return kernelizeLinalg(op, numbers.name, cache);
    }
    if (isKernelizedTensorOp(op))
      return kernelizeTensor(op, numbers.name, cache);
    if (!touchesTensors(op) || staysOnTensors(op))
      return success();
    if (isa<MatmulOp>(op))
      return op->emitOpError() << "is still here; run --mpgemm-schedule and --mpgemm-tile first";
    return op->emitOpError() << "is not supported on tensors here; functions are straight-line "
                                "linalg, tensor, arith and math";
  }

  LogicalResult kernelize(func::FuncOp function, const cost::TargetNumbers &numbers,
                          KernelCache &cache) {
    if (function.isExternal())
      return success();
    if (!function.getBody().hasOneBlock())
      return function.emitError() << "has several blocks; functions are straight-line";
    if (failed(prepare(function)))
      return failure();
    Block &block = function.getBody().front();
    eraseDead(block);
    resolveSliceSizes(function);
    // Fills come last: a reduction reads the value it starts from through them. So do slices that
    // kernels read in their source.
    SmallVector<Operation *> late, slices;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isa<linalg::FillOp>(op))
        late.push_back(&op);
      else if (isa<tensor::ExtractSliceOp>(op) && matchInPlaceSlice(op.getResult(0)))
        slices.push_back(&op);
      else if (failed(kernelize(&op, numbers, cache)))
        return failure();
    }
    resolveSliceSizes(function);
    // The last one first: it may be a slice of one before it.
    late.append(slices.rbegin(), slices.rend());
    for (Operation *op : late) {
      if (op->use_empty())
        op->erase(); // a slice of another keeps that one alive no longer
      else if (failed(kernelize(op, numbers, cache)))
        return failure();
    }
    eraseDead(block);
    shareConstants(function);
    return success();
  }

  void runOnOperation() override {
    const cost::TargetNumbers *numbers = findTargetOrError(getOperation(), target);
    if (!numbers)
      return signalPassFailure();
    KernelCache cache(getOperation());
    for (func::FuncOp function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (failed(kernelize(function, *numbers, cache)))
        return signalPassFailure();
  }
};

} // namespace
