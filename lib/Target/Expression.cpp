// Sizes of a program as the manifest writes them.
//
// In:  index arithmetic in arith on a planned function; memref.dim; views.
// Out: expressions over symbols. They are evaluated with floor division on signed 64-bit integers,
// so the
//      truncating and unsigned forms of arith need operands of known sign.
#include "mpgemm/Target/Expression.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mpgemm;
using llvm::json::Array;

int64_t mpgemm::elementBytes(Type type) {
  if (!type.isIntOrFloat())
    return 0;
  unsigned bits = type.getIntOrFloatBitWidth();
  return bits == 1 ? 1 : (bits % 8 == 0 ? bits / 8 : 0);
}

static Expression binary(StringRef op, Expression a, Expression b) {
  return Array{op, std::move(a), std::move(b)};
}

/// Appends `e` to `terms`, its terms if it is itself an `op`; numbers go into `number`. False on
/// overflow.
static bool flattenInto(Array &terms, int64_t &number, StringRef op, Expression e) {
  if (std::optional<int64_t> value = e.getAsInteger())
    return op == "add" ? !llvm::AddOverflow(number, *value, number)
                       : !llvm::MulOverflow(number, *value, number);
  Array *inner = e.getAsArray();
  if (!inner || inner->front() != Expression(op)) {
    terms.push_back(std::move(e));
    return true;
  }
  return llvm::all_of(llvm::drop_begin(*inner),
                      [&](Expression &term) { return flattenInto(terms, number, op, term); });
}

/// The sum or product of `a` and `b` with one number, at the end.
static Expression combine(StringRef op, int64_t neutral, Expression a, Expression b) {
  Array terms{op};
  int64_t number = neutral;
  if (!flattenInto(terms, number, op, a) || !flattenInto(terms, number, op, b))
    return binary(op, std::move(a), std::move(b)); // evaluates to an error that names the place
  if (op == "mul" && number == 0)
    return 0;
  if (number != neutral || terms.size() == 1)
    terms.push_back(number);
  if (terms.size() == 2)
    return terms.back();
  return terms;
}

Expression mpgemm::addExpressions(Expression a, Expression b) {
  return combine("add", 0, std::move(a), std::move(b));
}

Expression mpgemm::mulExpressions(Expression a, Expression b) {
  return combine("mul", 1, std::move(a), std::move(b));
}

/// Whether every value `e` can take is known to be at least 0. Symbols are sizes.
static bool isNonNegative(const Expression &e) {
  if (std::optional<int64_t> number = e.getAsInteger())
    return *number >= 0;
  const Array *array = e.getAsArray();
  if (!array)
    return true;
  StringRef op = *array->front().getAsString();
  if (op == "sub")
    return false;
  return llvm::all_of(llvm::drop_begin(*array), isNonNegative);
}

static bool isPositiveConstant(const Expression &e) { return e.getAsInteger().value_or(0) > 0; }

/// Truncating division or remainder by a positive constant, from the flooring `op`.
static FailureOr<Expression> truncating(StringRef op, Expression a, Expression b) {
  if (isNonNegative(a) && isNonNegative(b))
    return binary(op, std::move(a), std::move(b));
  if (!isPositiveConstant(b))
    return failure();
  Expression negated = binary("sub", 0, binary(op, binary("sub", 0, a), b));
  return Expression(Array{"select", binary("ge", a, 0), binary(op, a, b), std::move(negated)});
}

static Expression select(Expression condition, Expression a, Expression b) {
  return Array{"select", std::move(condition), std::move(a), std::move(b)};
}

/// x ceildiv c, from the selects that the lowering of affine maps writes for it:
///   t = (x <= 0 ? 0 - x : x - 1) / c,  x <= 0 ? 0 - t : t + 1
/// As one operation it is known not to be negative where x is not.
static std::optional<Expression> matchCeilDiv(ArrayRef<Expression> in) {
  const Array *condition = in[0].getAsArray(), *sum = in[2].getAsArray();
  if (!condition || condition->front() != Expression("le") || (*condition)[2] != Expression(0) ||
      !sum || sum->size() != 3 || sum->front() != Expression("add"))
    return std::nullopt;
  // The quotient of what may be negative: select(s >= 0, s floordiv c, ...).
  const Array *quotient = (*sum)[1].getAsArray();
  const Array *division =
      quotient && quotient->front() == Expression("select") ? (*quotient)[2].getAsArray() : nullptr;
  if (!division || division->front() != Expression("floordiv"))
    return std::nullopt;
  const Expression &x = (*condition)[1], &c = (*division)[2];
  FailureOr<Expression> t =
      truncating("floordiv", select(in[0], binary("sub", 0, x), binary("sub", x, 1)), c);
  if (failed(t) || in[1] != binary("sub", 0, *t) || in[2] != addExpressions(*t, 1))
    return std::nullopt;
  return binary("ceildiv", x, c);
}

static std::optional<StringRef> comparison(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return "eq";
  case arith::CmpIPredicate::ne:
    return "ne";
  case arith::CmpIPredicate::slt:
    return "lt";
  case arith::CmpIPredicate::sle:
    return "le";
  case arith::CmpIPredicate::sgt:
    return "gt";
  case arith::CmpIPredicate::sge:
    return "ge";
  default:
    return std::nullopt;
  }
}

static std::optional<StringRef> unsignedComparison(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::ult:
    return "lt";
  case arith::CmpIPredicate::ule:
    return "le";
  case arith::CmpIPredicate::ugt:
    return "gt";
  case arith::CmpIPredicate::uge:
    return "ge";
  default:
    return std::nullopt;
  }
}

/// The expression of `op` on `in`, the expressions of its operands; failure where there is none.
static FailureOr<Expression> apply(Operation *op, MutableArrayRef<Expression> in) {
  using Result = FailureOr<Expression>;
  bool areNonNegative = llvm::all_of(in, isNonNegative);
  auto ifNonNegative = [&](StringRef name) -> Result {
    return areNonNegative ? Result(binary(name, in[0], in[1])) : Result(failure());
  };
  bool isLogical = op->getNumResults() == 1 && op->getResult(0).getType().isInteger(1);
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case<arith::AddIOp>([&](auto) { return addExpressions(in[0], in[1]); })
      .Case<arith::MulIOp>([&](auto) { return mulExpressions(in[0], in[1]); })
      .Case<arith::SubIOp>([&](auto) { return binary("sub", in[0], in[1]); })
      .Case<arith::FloorDivSIOp>([&](auto) { return binary("floordiv", in[0], in[1]); })
      .Case<arith::CeilDivSIOp>([&](auto) { return binary("ceildiv", in[0], in[1]); })
      .Case<arith::MinSIOp>([&](auto) { return binary("min", in[0], in[1]); })
      .Case<arith::MaxSIOp>([&](auto) { return binary("max", in[0], in[1]); })
      .Case<arith::DivSIOp>([&](auto) { return truncating("floordiv", in[0], in[1]); })
      .Case<arith::RemSIOp>([&](auto) { return truncating("mod", in[0], in[1]); })
      .Case<arith::DivUIOp>([&](auto) { return ifNonNegative("floordiv"); })
      .Case<arith::RemUIOp>([&](auto) { return ifNonNegative("mod"); })
      .Case<arith::CeilDivUIOp>([&](auto) { return ifNonNegative("ceildiv"); })
      .Case<arith::MinUIOp>([&](auto) { return ifNonNegative("min"); })
      .Case<arith::MaxUIOp>([&](auto) { return ifNonNegative("max"); })
      .Case<arith::AndIOp>(
          [&](auto) { return isLogical ? Result(binary("and", in[0], in[1])) : Result(failure()); })
      .Case<arith::OrIOp>(
          [&](auto) { return isLogical ? Result(binary("or", in[0], in[1])) : Result(failure()); })
      .Case<arith::XOrIOp>(
          [&](auto) { return isLogical ? Result(binary("ne", in[0], in[1])) : Result(failure()); })
      .Case<arith::SelectOp>([&](auto) {
        std::optional<Expression> division = matchCeilDiv(in);
        return division ? std::move(*division) : select(in[0], in[1], in[2]);
      })
      .Case<arith::CmpIOp>([&](arith::CmpIOp cmp) -> Result {
        if (cmp.getPredicate() == arith::CmpIPredicate::eq && in[0] == in[1])
          return Expression(1);
        if (auto name = comparison(cmp.getPredicate()))
          return binary(*name, in[0], in[1]);
        return ifNonNegative(*unsignedComparison(cmp.getPredicate()));
      })
      .Case<arith::IndexCastOp, arith::ExtSIOp>([&](Operation *cast) -> Result {
        // i1 is 0 or -1 in these, and 0 or 1 in an expression.
        return cast->getOperand(0).getType().isInteger(1) ? Result(failure()) : Result(in[0]);
      })
      .Case<arith::IndexCastUIOp, arith::ExtUIOp>(
          [&](auto) -> Result { return areNonNegative ? Result(in[0]) : Result(failure()); })
      .Case<mptile::DeviceMultiprocessorsOp>(
          [&](auto) { return Expression("device.multiprocessors"); })
      .Default([](Operation *) { return failure(); });
}

void ExpressionBuilder::bindSymbol(Value argument, unsigned dim, StringRef name) {
  symbols[{argument, dim}] = name.str();
}

FailureOr<Expression> ExpressionBuilder::computed(Operation *op) {
  SmallVector<Expression, 3> operands;
  for (Value operand : op->getOperands()) {
    FailureOr<Expression> expression = scalar(operand);
    if (failed(expression))
      return failure();
    operands.push_back(std::move(*expression));
  }
  FailureOr<Expression> result = apply(op, operands);
  if (failed(result))
    op->emitError() << "'" << op->getName()
                    << "' cannot compute a size, a grid or a condition of the program; these "
                    << "may use integer arithmetic of arith on the sizes of the arguments";
  return result;
}

/// Levels of brackets in an expression.
static int nestingOf(const Expression &e) {
  int deepest = 0;
  if (const Array *array = e.getAsArray())
    for (const Expression &term : *array)
      deepest = std::max(deepest, 1 + nestingOf(term));
  return deepest;
}

static size_t termsOf(const Expression &e) {
  size_t terms = 1;
  if (const Array *array = e.getAsArray())
    for (const Expression &term : *array)
      terms += termsOf(term);
  return terms;
}

FailureOr<Expression> ExpressionBuilder::scalar(Value value) {
  // An expression is a tree: what several ops share is written out for each of them. A manifest may
  // have 64 levels, some of them around the expression.
  constexpr unsigned deepest = 256, mostSteps = 4096;
  constexpr int mostBrackets = 40;
  auto refuse = [&]() -> FailureOr<Expression> {
    return emitError(value.getLoc())
           << "a size, grid or condition of the program takes more than " << mostSteps
           << " steps, or an expression nested deeper than " << mostBrackets << " levels";
  };
  if (depth == 0)
    steps = 0;
  if (depth == deepest || ++steps > mostSteps)
    return refuse();
  ++depth;
  FailureOr<Expression> result = scalarBelow(value);
  --depth;
  if (failed(result))
    return failure();
  if (nestingOf(*result) > mostBrackets || termsOf(*result) > mostSteps)
    return refuse();
  return result;
}

FailureOr<Expression> ExpressionBuilder::scalarBelow(Value value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return Expression(value.getType().isInteger(1) ? *constant & 1 : *constant);
  Operation *op = value.getDefiningOp();
  if (!op)
    return emitError(value.getLoc())
           << "a scalar argument cannot be used as a size; arguments are tensors";
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!index)
      return dim.emitOpError("must have a constant index");
    return size(dim.getSource(), *index);
  }
  return computed(op);
}

FailureOr<Expression> ExpressionBuilder::size(Value memref, int64_t dim) {
  FailureOr<SmallVector<Expression>> sizes = shape(memref);
  if (failed(sizes))
    return failure();
  if (dim < 0 || dim >= static_cast<int64_t>(sizes->size()))
    return emitError(memref.getLoc())
           << "dimension " << dim << " of " << memref.getType() << ", which has " << sizes->size();
  return (*sizes)[dim];
}

FailureOr<SmallVector<Expression>> ExpressionBuilder::shape(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  Operation *op = memref.getDefiningOp();
  // The sizes that the type leaves open, in order, where the op takes them as operands.
  ValueRange dynamicSizes;
  if (auto result = dyn_cast_or_null<mptile::ResultBufferOp>(op))
    dynamicSizes = result.getSizes();
  else if (auto view = dyn_cast_or_null<memref::ViewOp>(op))
    dynamicSizes = view.getSizes();
  else if (auto expand = dyn_cast_or_null<memref::ExpandShapeOp>(op))
    dynamicSizes = expand.getOutputShape();

  SmallVector<Expression> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim)) {
      sizes.push_back(type.getDimSize(dim));
      continue;
    }
    if (!op) {
      sizes.push_back(symbols.at({memref, static_cast<unsigned>(dim)}));
      continue;
    }
    FailureOr<Expression> size = failure();
    if (!dynamicSizes.empty()) {
      size = scalar(dynamicSizes.front());
      dynamicSizes = dynamicSizes.drop_front();
    } else if (auto collapse = dyn_cast<memref::CollapseShapeOp>(op)) {
      FailureOr<SmallVector<Expression>> source = shape(collapse.getSrc());
      if (failed(source))
        return failure();
      Expression product = 1;
      SmallVector<ReassociationIndices> groups = collapse.getReassociationIndices();
      for (int64_t sourceDim : groups[dim])
        product = mulExpressions(std::move(product), (*source)[sourceDim]);
      size = std::move(product);
    } else if (auto cast = dyn_cast<memref::CastOp>(op)) {
      size = this->size(cast.getSource(), dim);
    } else {
      op->emitError() << "'" << op->getName() << "' leaves a size of " << type
                      << " unknown to the program";
    }
    if (failed(size))
      return failure();
    sizes.push_back(std::move(*size));
  }
  return sizes;
}

FailureOr<Expression> ExpressionBuilder::bytes(Value memref) {
  FailureOr<SmallVector<Expression>> sizes = shape(memref);
  if (failed(sizes))
    return failure();
  Expression product = elementBytes(cast<MemRefType>(memref.getType()).getElementType());
  for (Expression &size : *sizes)
    product = mulExpressions(std::move(size), std::move(product));
  return product;
}
