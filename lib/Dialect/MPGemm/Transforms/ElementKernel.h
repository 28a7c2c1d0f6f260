// The writer of a simple kernel: one thread for each element of its results, ordinary loads and
// stores.
#ifndef MPGEMM_LIB_TRANSFORMS_ELEMENTKERNEL_H
#define MPGEMM_LIB_TRANSFORMS_ELEMENTKERNEL_H

#include "KernelCache.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::mpgemm {

/// Writes one kernel in the place of `source` and launches it there.
///
///   ElementKernel kernel(op, target, {resultType}, {sizes});
///   kernel.write([&](ImplicitLocOpBuilder &b, ValueRange indices) { ...; return success(); });
///   kernel.launch(cache, "pad");
class ElementKernel {
public:
  using Builder = ImplicitLocOpBuilder;
  using Body = function_ref<LogicalResult(Builder &, ValueRange)>;

  /// `sizes` are those of the first result; the kernel runs over its elements.
  ElementKernel(Operation *source, StringRef target, ArrayRef<RankedTensorType> results);
  ~ElementKernel();

  /// The view of a tensor of the function; it becomes an operand of the launch.
  Value input(Value tensor);
  /// Makes a tensor that `load` reads an operand, before a region of the body is written.
  void declare(Value tensor);
  Value output(unsigned i) { return entry().getArgument(inputs.size() + i); }
  Value dim(Builder &b, Value view, int64_t i);
  /// A size of a tensor of the function; an error at `source` where a slice's size is unknown.
  FailureOr<Value> size(Builder &b, Value tensor, int64_t i);
  /// An element of a tensor of the function. A slice is read in its source.
  Value load(Builder &b, Value tensor, ValueRange indices);
  void store(Builder &b, Value value, unsigned output, ValueRange indices);

  /// A scalar of the function inside the kernel: constants, sizes of tensors, arithmetic on them.
  /// Anything else is an error at `source`.
  FailureOr<Value> scalar(Value value);
  FailureOr<Value> index(OpFoldResult value);

  /// Copies the ops of `body` but its terminator; what they use from outside becomes an input or a
  /// scalar.
  LogicalResult clone(Builder &b, Block &body, IRMapping &mapping);

  LogicalResult write(Body body);

  /// Replaces the results of `source` by those of a launch; `sizes[i]` are the sizes of result i.
  void launch(KernelCache &cache, StringRef label, ArrayRef<SmallVector<OpFoldResult>> sizes);

private:
  Block &entry() { return kernel.getBody().front(); }
  Value grid(Builder &b, ArrayRef<OpFoldResult> sizes);

  Operation *source;
  SmallVector<RankedTensorType> results;
  mptile::KernelOp kernel;
  SmallVector<Value> inputs; // tensors, in the order of the kernel's first arguments
  DenseMap<Value, Value> scalars;
};

/// True if tensors of this type can be loaded and stored element by element.
bool isElementType(Type type);

/// Kernels for linalg ops (KernelizeLinalg.cpp) and for ops that move tensors
/// (KernelizeTensor.cpp): the op is replaced, or an error emitted.
LogicalResult kernelizeLinalg(Operation *op, StringRef target, KernelCache &cache);
LogicalResult kernelizeTensor(Operation *op, StringRef target, KernelCache &cache);
bool isKernelizedTensorOp(Operation *op);

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_ELEMENTKERNEL_H
