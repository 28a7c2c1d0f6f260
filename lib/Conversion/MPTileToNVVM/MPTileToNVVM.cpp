// The pass that lowers kernels: gathers what is known of each, then applies the patterns of its
// target.
//
// In: verified mptile.kernel ops, all for one target. Out: llvm.func ops in gpu.module @kernels, in
// llvm, nvvm and scf.
#include "Common/KernelLowering.h"
#include "Sm80/Sm80.h"
#include "Sm90/Sm90.h"
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h"
#include "mpgemm/Conversion/MPTileToNVVM/ScalarMath.h"

#include "mlir/Conversion/LLVMCommon/LoweringOptions.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"

namespace mlir::mptile {
#define GEN_PASS_DEF_MPTILETONVVM
#include "mpgemm/Conversion/MPTileToNVVM/Passes.h.inc"
} // namespace mlir::mptile

using namespace mlir;
using namespace mlir::mptile;

namespace {

struct MPTileToNVVM : mptile::impl::MPTileToNVVMBase<MPTileToNVVM> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto kernels = llvm::to_vector(module.getOps<KernelOp>());
    if (kernels.empty())
      return;
    if (failed(verifyTargets(kernels)))
      return signalPassFailure();
    gpu::GPUModuleOp container = createContainer(module, kernels);
    for (KernelOp kernel : kernels)
      if (failed(lower(kernel, container)))
        return signalPassFailure();
  }

private:
  LogicalResult verifyTargets(MutableArrayRef<KernelOp> kernels) {
    for (KernelOp kernel : kernels) {
      if (kernel.getTarget() != kernels.front().getTarget())
        return kernel.emitOpError("is for ")
               << kernel.getTarget() << ", but kernel '" << kernels.front().getSymName()
               << "' is for " << kernels.front().getTarget() << "; one module has one target";
      if (mpgemm::lookupTarget(kernel.getTarget())->generation > 90)
        return kernel.emitOpError("is for ") << kernel.getTarget() << ", which is not lowered yet";
    }
    return success();
  }

  /// The PTX version of the target, or the later one that a product came with (PTX ISA, release
  /// notes): mma.sync of 8-bit floats 8.4, with f16 accumulators 8.7; wgmma of integers of both
  /// signs 8.4.
  std::string getPtxFeature(ArrayRef<KernelOp> kernels, const mpgemm::TargetInfo &target) {
    unsigned version = 0;
    StringRef(target.ptxFeature).drop_front(StringRef("+ptx").size()).getAsInteger(10, version);
    for (KernelOp kernel : kernels)
      kernel->walk([&](MmaAsyncOp product) {
        PendingType acc = product.getType();
        const bool warpgroups = usesWarpgroups(target, acc);
        if (warpgroups && product.getUnsignedA() != product.getUnsignedB())
          version = std::max(version, 84u);
        if (!warpgroups &&
            isa<Float8E4M3FNType, Float8E5M2Type>(product.getB().getType().getElementType()))
          version = std::max(version, acc.getElementType().isF16() ? 87u : 84u);
      });
    return "+ptx" + std::to_string(version);
  }

  /// gpu.module @kernels with the target of the kernels and the dynamic shared memory they all use.
  gpu::GPUModuleOp createContainer(ModuleOp module, MutableArrayRef<KernelOp> kernels) {
    const mpgemm::TargetInfo &target = *mpgemm::lookupTarget(kernels.front().getTarget());
    Location loc = module.getLoc();
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    auto container = gpu::GPUModuleOp::create(builder, loc, "kernels");
    SymbolTable(module).insert(container);
    auto attribute = NVVM::NVVMTargetAttr::get(&getContext(), /*optLevel=*/3, "nvptx64-nvidia-cuda",
                                               target.name, getPtxFeature(kernels, target));
    container.setTargetsAttr(builder.getArrayAttr(attribute));
    builder.setInsertionPointToStart(container.getBody());
    // Its size is given at the launch; tiles with a swizzle of 128 bytes start at multiples of
    // 1024.
    LLVM::GlobalOp::create(builder, loc, LLVM::LLVMArrayType::get(builder.getI8Type(), 0),
                           /*isConstant=*/false, LLVM::Linkage::External, "smem", Attribute(),
                           /*alignment=*/1024, /*addrSpace=*/3);
    return container;
  }

  /// Keeps loops around asynchronous products as they are written: a peeled first step would have a
  /// wait that never waits. The annotation reaches ptxas too (.pragma "nounroll"); LLVM's own
  /// unroller is off for every loop of a kernel (Target/PTX.cpp).
  void keepProductLoops(KernelOp kernel) {
    auto unroll = LLVM::LoopUnrollAttr::get(
        &getContext(), /*disable=*/BoolAttr::get(&getContext(), true), {}, {}, {}, {}, {}, {});
    auto annotation = LLVM::LoopAnnotationAttr::get(&getContext(), {}, {}, {}, unroll, {}, {}, {},
                                                    {}, {}, {}, {}, {}, {}, {}, {});
    kernel.walk([&](MmaAsyncOp product) {
      if (auto loop = dyn_cast<scf::ForOp>(product->getParentOp()))
        loop->setAttr("loop_annotation", annotation);
    });
  }

  LogicalResult lower(KernelOp op, gpu::GPUModuleOp container) {
    if (failed(verifyLowered(op, *mpgemm::lookupTarget(op.getTarget()))) ||
        failed(verifyScalarBody(op.getBody())))
      return failure();
    FailureOr<std::unique_ptr<KernelLowering>> kernel = KernelLowering::create(op);
    if (failed(kernel))
      return failure();
    (*kernel)->module = container;
    keepProductLoops(op);

    LowerToLLVMOptions options(&getContext());
    options.overrideIndexBitwidth(32);
    LLVMTypeConverter converter(&getContext(), options);
    populateTypeConversions(converter);

    RewritePatternSet patterns(&getContext());
    ConversionTarget target(getContext());
    populatePatterns(converter, patterns, **kernel);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns, target);
    // The structural conversion looks at carried values; a loop that carries a scalar still counts
    // in index.
    target.addDynamicallyLegalOp<scf::ForOp>(
        [&](scf::ForOp loop) { return converter.isLegal(loop->getOperandTypes()); });
    target.addIllegalDialect<MPTileDialect, arith::ArithDialect, math::MathDialect>();
    target.addLegalDialect<LLVM::LLVMDialect, NVVM::NVVMDialect>();
    target.addLegalOp<UnrealizedConversionCastOp>();
    return applyPartialConversion(op, target, std::move(patterns));
  }

  void populatePatterns(const LLVMTypeConverter &converter, RewritePatternSet &patterns,
                        KernelLowering &kernel) {
    populateKernelPatterns(converter, patterns, kernel);
    populateRolePatterns(converter, patterns, kernel);
    populateWorkPatterns(converter, patterns, kernel);
    populateRingPatterns(converter, patterns, kernel);
    populateThreadCopyPatterns(converter, patterns, kernel);
    populateElementwisePatterns(converter, patterns, kernel);
    populateFragmentPatterns(converter, patterns, kernel);
    populateFragmentAccessPatterns(converter, patterns, kernel);
    populateReducePatterns(converter, patterns, kernel);
    populateScalarToNVVMPatterns(converter, patterns);
    populateSm80Patterns(converter, patterns, kernel);
    if (kernel.target.generation == 90)
      sm90::populatePatterns(converter, patterns, kernel);
  }
};

} // namespace
