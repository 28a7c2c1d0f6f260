// What the patterns that lower one kernel know of it: parameters, shared memory, roles.
//
// Everything here is gathered before the first rewrite, so that a pattern never has to look at ops
// that another pattern may have replaced; the values are filled in as the kernel and its roles are
// lowered (parents come before children).
//
// How types are lowered: index is i32; a cursor is {slot, phase}; a slot is its number; a tile in
// shared memory is its byte offset from @smem; accumulators and fragments are structs of this
// thread's elements in register order.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_KERNELLOWERING_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_KERNELLOWERING_H

#include "Emitter.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"
#include "mpgemm/Dialect/MPTile/IR/SharedLayout.h"
#include "mpgemm/Target/Targets.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::mptile {

/// A tensor map the host encodes: a box (innermost dimension first) of a view, and the swizzle in
/// bytes.
struct TensorMap {
  SmallVector<int64_t> box;
  int64_t swizzle;
  Value value; // !llvm.ptr
};

/// The parameters that one argument of the kernel becomes.
struct ArgumentLowering {
  SmallVector<TensorMap> tensorMaps;
  bool needsPointer = false;
  Value pointer; // !llvm.ptr<1>
  /// For each dynamic dimension whether its size is a parameter, and its value (i32).
  SmallVector<bool> needsSize;
  SmallVector<Value> sizes;
  Value scalar; // of an argument that is no view
};

/// A ring as its users need it.
struct RingLowering {
  RingOp op;
  RingType type;
  Fill fill;
  RingLayout layout;
  int64_t readers, writers;
  int64_t fillingThreads = 1; // threads of one instance of the role that fills it

  /// True if slots change hands through full and empty barriers, not through groups of copies.
  bool hasBarriers() const { return fill == Fill::Tma || fill == Fill::Threads; }
};

/// One role: its place among the threads, and where the code of the current instance finds itself.
struct RoleLowering {
  RoleAttr attribute;       // null in a kernel without roles
  int64_t firstWarp = 0;    // of instance 0
  int64_t numWarps = 0;     // of one instance
  int64_t firstBarrier = 0; // named barrier of instance 0; 0 is that of the CTA
  /// One elected thread runs the whole role: it only starts bulk copies.
  bool singleThread = false;
  Value instance; // i32
  Value thread;   // i32, within the instance
  Value warp;     // i32, within the instance, the same for all lanes
  Value lane;     // i32
  Value barrier;  // i32

  int64_t numThreads() const { return 32 * numWarps; }
};

class KernelLowering {
public:
  /// Gathers the parameters, rings and roles of a kernel. Fails with a message for what no lowering
  /// handles.
  static FailureOr<std::unique_ptr<KernelLowering>> create(KernelOp kernel);

  const mpgemm::TargetInfo &target;
  int64_t threads = 0, minCtas = 1;
  SharedLayout shared;
  SmallVector<ArgumentLowering> arguments;
  SmallVector<RoleLowering> roles;
  /// The gpu.module that receives the function.
  Operation *module = nullptr;
  /// Filled at the start of the function.
  Value smem;        // !llvm.ptr<3>
  Value threadInCta; // i32

  /// The role an op of the kernel belongs to.
  RoleLowering &getRole(Operation *op) { return roles[roleOf.lookup(op)]; }
  /// The ring of an op that takes a ring or a slot.
  RingLowering &getRing(Operation *op) { return rings.find(ringOf.lookup(op))->second; }
  /// The declared rings, in order.
  llvm::MapVector<Operation *, RingLowering> rings;
  /// The view an op accesses: its argument number, type and parameters.
  ArgumentLowering &getArgument(Operation *op) { return arguments[viewOf.lookup(op)]; }

  /// The size of a dimension of a view, as i32.
  Value getSize(Emitter &emit, Operation *op, ViewType view, int64_t dim);
  /// The distance in elements (i64) of an element from the start of the view that `op` accesses;
  /// 32-bit indices.
  Value getLinearIndex(Emitter &emit, Operation *op, ViewType view, ValueRange indices);
  /// The address of that element.
  Value getElementPointer(Emitter &emit, Operation *op, ViewType view, ValueRange indices);
  /// Whether indices (those that are given; a null value is not checked) lie inside the view.
  Value isInside(Emitter &emit, Operation *op, ViewType view, ValueRange indices);
  /// The tensor map of a box of the view that `op` accesses.
  Value getTensorMap(Operation *op, ArrayRef<int64_t> box, int64_t swizzle);
  /// A pointer to a byte offset in shared memory.
  Value getSharedPointer(Emitter &emit, Value offset) { return emit.bytes(smem, offset); }
  /// The address, in the shared window, of a byte offset (i32).
  Value getSharedAddress(Emitter &emit, Value offset);

  /// The byte offset of a tile of a slot, and the full barrier of the slot, of the ring `op` works
  /// on.
  Value getTileOffset(Emitter &emit, Operation *op, Value slot, int64_t element);
  Value getFullBarrier(Emitter &emit, Operation *op, Value slot);

  /// Barrier of all threads of the role instance (or of the CTA in a kernel without roles).
  void emitRoleBarrier(Emitter &emit, RoleLowering &role);
  /// Whether this is the first thread of the role instance.
  Value isLeader(Emitter &emit, RoleLowering &role) { return emit.equal(role.thread, 0); }

private:
  explicit KernelLowering(const mpgemm::TargetInfo &target) : target(target) {}
  LogicalResult analyseParameters(KernelOp kernel);
  LogicalResult analyseRings(KernelOp kernel);
  LogicalResult analyseRoles(KernelOp kernel);

  llvm::DenseMap<Operation *, unsigned> roleOf;
  llvm::DenseMap<Operation *, Operation *> ringOf;
  llvm::DenseMap<Operation *, unsigned> viewOf;
};

/// The box (innermost dimension first) that copies one panel of a tile from or to a view.
SmallVector<int64_t> getPanelBox(ViewType view, SmemType tile);

/// Whether products into such an accumulator are wgmma: those of a warpgroup stacked along M on
/// targets that have it. All others are mma.sync.
bool usesWarpgroups(const mpgemm::TargetInfo &target, PendingType acc);

/// A pattern that lowers one op of a kernel.
template <typename OpT> struct KernelPattern : OpConversionPattern<OpT> {
  KernelPattern(const TypeConverter &converter, MLIRContext *context, KernelLowering &kernel,
                PatternBenefit benefit = 1)
      : OpConversionPattern<OpT>(converter, context, benefit), kernel(kernel) {}
  KernelLowering &kernel;
};

/// Makes this thread's earlier stores to shared memory visible to TMA and wgmma
/// (fence.proxy.async).
void emitSharedProxyFence(Emitter &emit);

/// Fails with a message at the first op that has no lowering for the target yet.
LogicalResult verifyLowered(KernelOp kernel, const mpgemm::TargetInfo &target);

/// Adds the conversions of mptile types.
void populateTypeConversions(LLVMTypeConverter &converter);

// One file each; what they lower is in their header comment.
void populateKernelPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateRolePatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateWorkPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateRingPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateThreadCopyPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateElementwisePatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateFragmentPatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);
void populateFragmentAccessPatterns(const LLVMTypeConverter &, RewritePatternSet &,
                                    KernelLowering &);
void populateReducePatterns(const LLVMTypeConverter &, RewritePatternSet &, KernelLowering &);

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_KERNELLOWERING_H
