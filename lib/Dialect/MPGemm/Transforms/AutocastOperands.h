// Operands in low types: the ops that make them, each value converted once.
#ifndef MPGEMM_LIB_TRANSFORMS_AUTOCASTOPERANDS_H
#define MPGEMM_LIB_TRANSFORMS_AUTOCASTOPERANDS_H

#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::mpgemm {

/// Scale and zero point of a whole tensor, known when the program is compiled.
struct TensorScale {
  float scale = 1;
  std::optional<int8_t> zeroPoint;
};

/// Makes operands right behind the values they are made of, so that all products share them and an
/// elementwise conversion can join the epilogue of the value's producer.
class OperandConverter {
public:
  explicit OperandConverter(MLIRContext *context) : builder(context) {}

  struct Codes {
    Value codes, scale, zeroPoint;
  };

  Value constant(Operation *user, ElementsAttr values);
  /// `value` rounded to `type`, by an elementwise op.
  Value castTo(Value value, Type type);
  /// Codes of `type` with one known scale, by an elementwise op.
  Codes quantise(Value value, Type type, const TensorScale &scale);
  /// Codes of `type` with scales that are computed from the values. K is the last dimension.
  Codes quantiseDynamically(Value value, Type type, ScalingAttr scaling);
  /// The last two dimensions exchanged.
  Value transpose(Value value);

private:
  using Convert = function_ref<Value(Value)>;
  /// Converts `value`, or what it is a reshape of, and reshapes the result.
  Value convertBelowReshapes(Value value, Type type, Convert convert);
  Value scalar(Location loc, TypedAttr value);

  OpBuilder builder;
  llvm::DenseMap<std::pair<Value, Type>, Value> casts;
  llvm::DenseMap<std::tuple<Value, Type, int64_t, int64_t>, Codes> quantised;
  llvm::DenseMap<std::tuple<Value, Type, Attribute>, Codes> dynamic;
  llvm::DenseMap<Value, Value> transposed;
};

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_AUTOCASTOPERANDS_H
