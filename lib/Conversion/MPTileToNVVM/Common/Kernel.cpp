// Lowers mptile.kernel to a function with parameters, shared memory and initialised barriers, and
// the ops that read its parameters.
//
// The parameters of a view, in this order: a tensor map for each box it is copied in, its pointer
// if elements are accessed, and the sizes that are read. They are listed in the attribute
// `mptile.parameters`, which the artifact copies.
#include "KernelLowering.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

/// The parameters of the function, one after the other, with their descriptions.
struct Signature {
  explicit Signature(OpBuilder &builder) : builder(builder) {}

  void add(Type type, StringRef kind, ArrayRef<NamedAttribute> details,
           ArrayRef<NamedAttribute> argumentAttributes = {}) {
    SmallVector<NamedAttribute> description = {
        builder.getNamedAttr("kind", builder.getStringAttr(kind))};
    llvm::append_range(description, details);
    types.push_back(type);
    descriptions.push_back(builder.getDictionaryAttr(description));
    attributes.push_back(builder.getDictionaryAttr(argumentAttributes));
  }

  OpBuilder &builder;
  SmallVector<Type> types;
  SmallVector<Attribute> descriptions;
  SmallVector<DictionaryAttr> attributes;
};

struct LowerKernel : KernelPattern<KernelOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(KernelOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToEnd(&kernel.module->getRegion(0).front());
    Signature signature = buildSignature(op, rewriter);
    LLVM::LLVMFuncOp func = buildFunction(op, signature, rewriter);
    Block *entry = func.addEntryBlock(rewriter);
    rewriter.setInsertionPointToStart(entry);
    Emitter emit(op.getLoc(), rewriter);
    SmallVector<Value> replacements = bindArguments(op, entry, emit);
    emitSetup(emit);
    rewriter.inlineBlockBefore(&op.getBody().front(), entry, entry->end(), replacements);
    rewriter.eraseOp(op);
    return success();
  }

private:
  Signature buildSignature(KernelOp op, OpBuilder &builder) const {
    Signature signature(builder);
    auto integer = [&](StringRef name, int64_t value) {
      return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
    };
    // A tensor map is passed by value; without grid_constant it would be copied to local memory.
    NamedAttribute byValue[] = {
        builder.getNamedAttr("llvm.align", builder.getI64IntegerAttr(64)),
        builder.getNamedAttr("llvm.byval",
                             TypeAttr::get(LLVM::LLVMArrayType::get(builder.getI8Type(), 128))),
        builder.getNamedAttr("nvvm.grid_constant", builder.getUnitAttr())};
    for (auto [i, type, argument] :
         llvm::enumerate(op.getFunctionType().getInputs(), kernel.arguments)) {
      int64_t index = i;
      auto view = dyn_cast<ViewType>(type);
      if (!view) {
        signature.add(getTypeConverter()->convertType(type), "value", integer("argument", index));
        continue;
      }
      for (TensorMap &map : argument.tensorMaps)
        signature.add(LLVM::LLVMPointerType::get(getContext()), "tensormap",
                      {integer("view", index),
                       builder.getNamedAttr("box", builder.getDenseI64ArrayAttr(map.box)),
                       integer("swizzle", map.swizzle), integer("l2_promotion", 256)},
                      byValue);
      if (argument.needsPointer)
        signature.add(LLVM::LLVMPointerType::get(getContext(), 1), "pointer",
                      integer("view", index));
      for (int64_t dim = 0; dim < view.getRank(); ++dim)
        if (argument.needsSize[dim])
          signature.add(builder.getI32Type(), "size",
                        {integer("view", index), integer("dim", dim)});
    }
    return signature;
  }

  LLVM::LLVMFuncOp buildFunction(KernelOp op, const Signature &signature,
                                 OpBuilder &builder) const {
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(getContext()), signature.types);
    auto func = LLVM::LLVMFuncOp::create(builder, op.getLoc(), op.getSymName(), type);
    for (auto [i, attributes] : llvm::enumerate(signature.attributes))
      func.setArgAttrs(i, attributes);
    int32_t threads = kernel.threads, minCtas = kernel.minCtas, cluster = op.getCluster();
    func->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
    func->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), builder.getUnitAttr());
    // setmaxnreg needs both of these.
    func->setAttr(NVVM::NVVMDialect::getReqntidAttrName(),
                  builder.getDenseI32ArrayAttr({threads, 1, 1}));
    func->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), builder.getI32IntegerAttr(minCtas));
    if (cluster > 1)
      func->setAttr(NVVM::NVVMDialect::getClusterDimAttrName(),
                    builder.getDenseI32ArrayAttr({cluster, 1, 1}));
    func->setAttr("mptile.block", builder.getDenseI32ArrayAttr({threads, 1, 1}));
    func->setAttr("mptile.shared_bytes", builder.getI64IntegerAttr(kernel.shared.totalBytes));
    if (Attribute schedule = op.getScheduleAttr())
      func->setAttr("mptile.schedule", schedule);
    func->setAttr("mptile.parameters", builder.getArrayAttr(signature.descriptions));
    return func;
  }

  /// Hands the function's arguments to the kernel state; returns what replaces the kernel's
  /// arguments.
  SmallVector<Value> bindArguments(KernelOp op, Block *entry, Emitter &emit) const {
    unsigned next = 0;
    SmallVector<Value> replacements;
    for (auto [type, argument] : llvm::zip(op.getFunctionType().getInputs(), kernel.arguments)) {
      if (!isa<ViewType>(type)) {
        argument.scalar = entry->getArgument(next++);
        replacements.push_back(argument.scalar);
        continue;
      }
      for (TensorMap &map : argument.tensorMaps)
        map.value = entry->getArgument(next++);
      if (argument.needsPointer)
        argument.pointer = entry->getArgument(next++);
      for (auto [needed, size] : llvm::zip(argument.needsSize, argument.sizes))
        if (needed)
          size = entry->getArgument(next++);
      replacements.push_back(emit.i32(0)); // users ask the kernel state instead
    }
    return replacements;
  }

  void emitSetup(Emitter &emit) const {
    kernel.threadInCta = NVVM::ThreadIdXOp::create(emit, emit.getI32Type());
    if (kernel.shared.totalBytes > 0)
      kernel.smem = LLVM::AddressOfOp::create(emit, emit.sharedPointerType(), "smem");
    RoleLowering &all = kernel.roles.front();
    all.instance = emit.i32(0);
    all.thread = kernel.threadInCta;
    all.lane = emit.andI(kernel.threadInCta, 31);
    all.warp = emit.shrU(kernel.threadInCta, 5);
    all.barrier = emit.i32(0);
    emitBarrierInit(emit);
  }

  /// One thread initialises the barriers of all rings; nobody uses them before all have met.
  void emitBarrierInit(Emitter &emit) const {
    auto hasBarriers = [](auto &entry) { return entry.second.layout.fullOffset >= 0; };
    if (llvm::none_of(kernel.rings, hasBarriers))
      return;
    emit.ifThen(emit.equal(kernel.threadInCta, 0), [&] {
      for (auto &[op, ring] : kernel.rings) {
        if (ring.layout.fullOffset < 0)
          continue;
        // TMA: the thread that posts the bytes arrives. Threads: each arrives after its copies.
        int64_t arrivals = ring.writers * (ring.fill == Fill::Threads ? ring.fillingThreads : 1);
        for (int64_t slot = 0; slot < ring.type.getDepth(); ++slot) {
          auto init = [&](int64_t offset, int64_t count) {
            Value pointer = kernel.getSharedPointer(emit, emit.i32(offset + 8 * slot));
            NVVM::MBarrierInitOp::create(emit, pointer, emit.i32(count), Value());
          };
          init(ring.layout.fullOffset, arrivals);
          init(ring.layout.emptyOffset, ring.readers);
        }
      }
      // TMA must see them too, not only the threads that meet below.
      if (llvm::any_of(kernel.rings, [](auto &entry) { return entry.second.fill == Fill::Tma; }))
        NVVM::FenceMbarrierInitOp::create(emit);
    });
    NVVM::Barrier0Op::create(emit);
  }
};

struct LowerReturn : KernelPattern<ReturnOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(ReturnOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::ReturnOp>(op, ValueRange());
    return success();
  }
};

struct LowerDim : KernelPattern<DimOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(DimOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    rewriter.replaceOp(op, kernel.getSize(emit, op, op.getView().getType(), op.getDim()));
    return success();
  }
};

} // namespace

void mlir::mptile::populateKernelPatterns(const LLVMTypeConverter &converter,
                                          RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerKernel, LowerReturn, LowerDim>(converter, patterns.getContext(), kernel);
}
