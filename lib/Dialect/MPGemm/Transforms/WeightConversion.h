// Weights at compile time: f32 constants become 16-bit floats, or 8-bit codes with scales.
#ifndef MPGEMM_LIB_TRANSFORMS_WEIGHTCONVERSION_H
#define MPGEMM_LIB_TRANSFORMS_WEIGHTCONVERSION_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::mpgemm {

/// The f32 values behind a constant operand. They are not aligned.
struct Weight {
  ElementsAttr attribute;
  RankedTensorType type; ///< Of the operand: the constant's, perhaps reshaped.
  ArrayRef<char> bytes;  ///< One element if `isSplat`.
  bool isSplat = false;

  int64_t size() const { return type.getNumElements(); }
  float at(int64_t index) const;
  /// What the model calls it, or nothing.
  StringRef getName() const;
};

/// The weight that `value` is: a constant of f32, directly or behind reshapes. Nothing for other
/// values; an error at the constant where its resource does not hold what its type says.
FailureOr<std::optional<Weight>> getWeight(Value value);

/// What a scan of a weight finds.
struct WeightRange {
  float absmax = 0; ///< Of the finite values.
  int64_t notFinite = 0;
};
WeightRange scanWeight(const Weight &weight);

/// A weight as codes, K last, with its scales.
struct QuantisedWeight {
  ElementsAttr codes, scales;
};

/// Converts weights, each once: one that several products use is shared by them. The results are of
/// the kind the weight is of: a resource gives a resource, named after it.
class WeightConverter {
public:
  /// Rounds to f16 or bf16, to nearest, ties to even; as the weight is stored. What is beyond the
  /// range becomes an infinity and is counted in `overflows`.
  ElementsAttr cast(const Weight &weight, FloatType type, int64_t &overflows);

  /// Codes of f8E4M3FN or i8 and f32 scales as `mpgemm.dynamic_quantize` computes them. A scale
  /// belongs to `outerBlock` rows (0: all) of `kBlock` steps of K (0: all). K is the last dimension
  /// if `kIsLast`, else the last but one; in the codes it is the last. All values are finite.
  QuantisedWeight quantise(const Weight &weight, Type code, bool kIsLast, int64_t outerBlock,
                           int64_t kBlock);

private:
  struct Conversion {
    QuantisedWeight result;
    int64_t overflows = 0;
  };
  using Key = std::tuple<Attribute, Type, Type, int64_t, int64_t, int64_t>; // ..., K last, blocks
  llvm::DenseMap<Key, Conversion> done;
};

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_WEIGHTCONVERSION_H
