// Sizes of a program as the manifest writes them: JSON expressions over the symbols of the
// arguments.
#ifndef MPGEMM_TARGET_EXPRESSION_H
#define MPGEMM_TARGET_EXPRESSION_H

#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/JSON.h"

namespace mlir::mpgemm {

/// A size expression of the manifest (docs/artifact.md, "Expressions").
using Expression = llvm::json::Value;

Expression addExpressions(Expression a, Expression b);
Expression mulExpressions(Expression a, Expression b);

/// Turns SSA index arithmetic and the shapes of memrefs into expressions.
class ExpressionBuilder {
public:
  /// Names dynamic size `dim` of the function argument `argument`.
  void bindSymbol(Value argument, unsigned dim, StringRef name);

  /// The expression of a scalar; an error at the op that has none.
  FailureOr<Expression> scalar(Value value);

  /// The sizes of a memref, outermost first; an error at the op that hides them.
  FailureOr<SmallVector<Expression>> shape(Value memref);

  /// The bytes a dense memref takes. i1 takes one byte an element.
  FailureOr<Expression> bytes(Value memref);

private:
  FailureOr<Expression> scalarBelow(Value value);
  FailureOr<Expression> computed(Operation *op);
  FailureOr<Expression> size(Value memref, int64_t dim);

  llvm::DenseMap<std::pair<Value, unsigned>, std::string> symbols;
  unsigned depth = 0; ///< Of the op whose expression is being built.
  unsigned steps = 0; ///< Ops visited for the expression at depth 0.
};

/// Bytes of an element in memory, 0 where that is no whole number. i1 takes one byte.
int64_t elementBytes(Type type);

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_EXPRESSION_H
