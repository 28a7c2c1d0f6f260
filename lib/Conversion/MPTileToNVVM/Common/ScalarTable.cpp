// The table of scalar ops that kernels may contain, and the check against it.
#include "mpgemm/Conversion/MPTileToNVVM/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::mptile;

namespace {

enum Kind : unsigned {
  F64 = 1,
  F32 = 2,
  F16 = 4, // f16 and bf16
  F8 = 8,  // f8E4M3FN and f8E5M2
  Bool = 16,
  Int = 32, // i8, i16, i32, i64
  Index = 64,
  E8 = 128, // f8E8M0FNU
};
constexpr unsigned functions = F32 | F16;
constexpr unsigned floats = F64 | F32 | F16;
constexpr unsigned integers = Bool | Int | Index;
constexpr unsigned everything = floats | F8 | E8 | integers;

struct Entry {
  const char *op;
  unsigned operands, results;
};

constexpr Entry table[] = {
    {"arith.constant", 0, everything},
    {"arith.select", everything, everything},
    {"arith.bitcast", floats | F8 | E8 | Int, floats | F8 | E8 | Int},
    // Floating point.
    {"arith.addf", floats, floats},
    {"arith.subf", floats, floats},
    {"arith.mulf", floats, floats},
    {"arith.divf", floats, floats},
    {"arith.negf", floats, floats},
    {"arith.maximumf", floats, floats},
    {"arith.minimumf", floats, floats},
    {"arith.maxnumf", floats, floats},
    {"arith.minnumf", floats, floats},
    {"arith.cmpf", floats, Bool},
    // Conversions.
    {"arith.extf", F32 | F16 | F8 | E8, floats},
    {"arith.truncf", floats, F32 | F16 | F8},
    {"arith.sitofp", Bool | Int, floats | F8},
    {"arith.uitofp", Bool | Int, floats | F8},
    {"arith.fptosi", floats, Int},
    {"arith.fptoui", floats, Int},
    {"arith.extsi", Bool | Int, Int},
    {"arith.extui", Bool | Int, Int},
    {"arith.trunci", Int, Bool | Int},
    {"arith.index_cast", integers, integers},
    {"arith.index_castui", integers, integers},
    // Integers.
    {"arith.addi", integers, integers},
    {"arith.subi", integers, integers},
    {"arith.muli", integers, integers},
    {"arith.divsi", Int | Index, Int | Index},
    {"arith.divui", Int | Index, Int | Index},
    {"arith.ceildivsi", Int | Index, Int | Index},
    {"arith.ceildivui", Int | Index, Int | Index},
    {"arith.floordivsi", Int | Index, Int | Index},
    {"arith.remsi", Int | Index, Int | Index},
    {"arith.remui", Int | Index, Int | Index},
    {"arith.andi", integers, integers},
    {"arith.ori", integers, integers},
    {"arith.xori", integers, integers},
    {"arith.shli", Int | Index, Int | Index},
    {"arith.shrsi", Int | Index, Int | Index},
    {"arith.shrui", Int | Index, Int | Index},
    {"arith.maxsi", Int | Index, Int | Index},
    {"arith.maxui", Int | Index, Int | Index},
    {"arith.minsi", Int | Index, Int | Index},
    {"arith.minui", Int | Index, Int | Index},
    {"arith.cmpi", integers, Bool},
    // Functions.
    {"math.absf", floats, floats},
    {"math.absi", Int, Int},
    {"math.ceil", floats, floats},
    {"math.floor", floats, floats},
    {"math.round", floats, floats},
    {"math.roundeven", floats, floats},
    {"math.trunc", floats, floats},
    {"math.copysign", floats, floats},
    {"math.fma", floats, floats},
    {"math.sqrt", floats, floats},
    {"math.clampf", floats, floats},
    {"math.isnan", floats, Bool},
    {"math.isinf", floats, Bool},
    {"math.isfinite", floats, Bool},
    {"math.rsqrt", functions, functions},
    {"math.exp", functions, functions},
    {"math.exp2", functions, functions},
    {"math.expm1", functions, functions},
    {"math.log", functions, functions},
    {"math.log2", functions, functions},
    {"math.log10", functions, functions},
    {"math.log1p", functions, functions},
    {"math.tanh", functions, functions},
    {"math.erf", functions, functions},
    {"math.sin", functions, functions},
    {"math.cos", functions, functions},
    {"math.powf", functions, functions},
    {"math.fpowi", functions | Int, functions},
};

unsigned kindOf(Type type) {
  if (type.isF64())
    return F64;
  if (type.isF32())
    return F32;
  if (type.isF16() || type.isBF16())
    return F16;
  if (isa<Float8E4M3FNType, Float8E5M2Type>(type))
    return F8;
  if (isa<Float8E8M0FNUType>(type))
    return E8;
  if (type.isIndex())
    return Index;
  if (type.isInteger(1))
    return Bool;
  if (type.isInteger(8) || type.isInteger(16) || type.isInteger(32) || type.isInteger(64))
    return Int;
  return 0;
}

std::string describe(unsigned kinds) {
  static constexpr std::pair<Kind, const char *> names[] = {
      {F64, "f64"},      {F32, "f32"}, {F16, "f16, bf16"},         {F8, "f8E4M3FN, f8E5M2"},
      {E8, "f8E8M0FNU"}, {Bool, "i1"}, {Int, "i8, i16, i32, i64"}, {Index, "index"}};
  std::string text;
  for (auto [kind, name] : names)
    if (kinds & kind)
      text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

const Entry *lookUp(StringRef op) {
  static const llvm::StringMap<const Entry *> entries = [] {
    llvm::StringMap<const Entry *> map;
    for (const Entry &entry : table)
      map[entry.op] = &entry;
    return map;
  }();
  return entries.lookup(op);
}

LogicalResult verifyTypes(Operation *op, TypeRange types, unsigned allowed, StringRef what) {
  for (Type type : types)
    if (!(kindOf(type) & allowed))
      return op->emitOpError() << "is not supported in a kernel with " << what << " of type "
                               << type << "; it takes " << describe(allowed);
  return success();
}

/// The default rounding is the only one the generated code has.
LogicalResult verifyRounding(Operation *op) {
  auto interface = dyn_cast<arith::ArithRoundingModeInterface>(op);
  if (!interface)
    return success();
  arith::RoundingModeAttr mode = interface.getRoundingModeAttr();
  if (mode && mode.getValue() != arith::RoundingMode::to_nearest_even)
    return op->emitOpError() << "rounding mode " << arith::stringifyRoundingMode(mode.getValue())
                             << " is not supported in a kernel; use to_nearest_even";
  return success();
}

} // namespace

LogicalResult mptile::verifyScalarOp(Operation *op) {
  if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return success();
  const Entry *entry = lookUp(op->getName().getStringRef());
  if (!entry)
    return op->emitOpError(
        "is not supported in a kernel; docs/math.md lists the supported functions");
  // The condition of a select and the exponent of fpowi are covered by their own types.
  if (failed(verifyTypes(op, op->getOperandTypes(), entry->operands, "an operand")) ||
      failed(verifyTypes(op, op->getResultTypes(), entry->results, "a result")))
    return failure();
  if (isa<arith::TruncFOp, arith::ExtFOp>(op)) {
    unsigned kinds = kindOf(op->getOperand(0).getType()) | kindOf(op->getResult(0).getType());
    if (kinds == (F64 | F8) || kinds == (F64 | E8))
      return op->emitOpError(
          "between f64 and an 8-bit float is not supported in a kernel; convert by way of f32");
  }
  return verifyRounding(op);
}

LogicalResult mptile::verifyScalarBody(Region &body) {
  WalkResult result = body.walk([](Operation *op) -> WalkResult {
    Dialect *dialect = op->getDialect();
    if (!dialect)
      return op->emitOpError("is not supported in a kernel");
    if (isa<arith::ArithDialect, math::MathDialect>(dialect))
      return verifyScalarOp(op);
    if (isa<scf::ForOp, scf::IfOp, scf::WhileOp, scf::YieldOp, scf::ConditionOp>(op) ||
        dialect->getNamespace() == "mptile")
      return success();
    return op->emitOpError(
        "is not supported in a kernel; scalar bodies consist of arith, math and scf ops");
  });
  return failure(result.wasInterrupted());
}
