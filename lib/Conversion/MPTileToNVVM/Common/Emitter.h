// Emitter: an OpBuilder with the 32-bit arithmetic and memory accesses that lowerings of kernels
// are made of.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_EMITTER_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_EMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::mptile {

class Emitter : public ImplicitLocOpBuilder {
public:
  Emitter(Location loc, OpBuilder &builder) : ImplicitLocOpBuilder(loc, builder) {}

  Value i32(int64_t value) {
    return arith::ConstantOp::create(*this, getI32IntegerAttr(static_cast<int32_t>(value)));
  }
  Value i64(int64_t value) { return arith::ConstantOp::create(*this, getI64IntegerAttr(value)); }

  // Operands of one integer type; an int64_t stands for a constant of that type.
  Value add(Value a, Value b) { return createOrFold<arith::AddIOp>(a, b); }
  Value sub(Value a, Value b) { return createOrFold<arith::SubIOp>(a, b); }
  Value mul(Value a, Value b) { return createOrFold<arith::MulIOp>(a, b); }
  Value divU(Value a, Value b) { return createOrFold<arith::DivUIOp>(a, b); }
  Value remU(Value a, Value b) { return createOrFold<arith::RemUIOp>(a, b); }
  Value minU(Value a, Value b) { return createOrFold<arith::MinUIOp>(a, b); }
  Value andI(Value a, Value b) { return createOrFold<arith::AndIOp>(a, b); }
  Value orI(Value a, Value b) { return createOrFold<arith::OrIOp>(a, b); }
  Value xorI(Value a, Value b) { return createOrFold<arith::XOrIOp>(a, b); }
  Value shl(Value a, Value b) { return createOrFold<arith::ShLIOp>(a, b); }
  Value shrU(Value a, Value b) { return createOrFold<arith::ShRUIOp>(a, b); }
  Value add(Value a, int64_t b) { return b == 0 ? a : add(a, constant(a, b)); }
  Value sub(Value a, int64_t b) { return b == 0 ? a : sub(a, constant(a, b)); }
  Value mul(Value a, int64_t b) { return b == 1 ? a : mul(a, constant(a, b)); }
  Value divU(Value a, int64_t b) { return b == 1 ? a : divU(a, constant(a, b)); }
  Value remU(Value a, int64_t b) { return remU(a, constant(a, b)); }
  Value andI(Value a, int64_t b) { return andI(a, constant(a, b)); }
  Value xorI(Value a, int64_t b) { return xorI(a, constant(a, b)); }
  Value shl(Value a, int64_t b) { return b == 0 ? a : shl(a, constant(a, b)); }
  Value shrU(Value a, int64_t b) { return b == 0 ? a : shrU(a, constant(a, b)); }

  Value cmp(arith::CmpIPredicate predicate, Value a, Value b) {
    return createOrFold<arith::CmpIOp>(predicate, a, b);
  }
  Value equal(Value a, int64_t b) { return cmp(arith::CmpIPredicate::eq, a, constant(a, b)); }
  Value lessU(Value a, Value b) { return cmp(arith::CmpIPredicate::ult, a, b); }
  Value lessU(Value a, int64_t b) { return lessU(a, constant(a, b)); }
  Value select(Value condition, Value a, Value b) {
    return createOrFold<arith::SelectOp>(condition, a, b);
  }
  /// i32 to i64, unsigned.
  Value toI64(Value a) { return createOrFold<arith::ExtUIOp>(getI64Type(), a); }

  LLVM::LLVMPointerType sharedPointerType() { return LLVM::LLVMPointerType::get(getContext(), 3); }
  LLVM::LLVMPointerType globalPointerType() { return LLVM::LLVMPointerType::get(getContext(), 1); }
  /// `base` plus a number of bytes (i32 or i64).
  Value bytes(Value base, Value offset) {
    return LLVM::GEPOp::create(*this, base.getType(), getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{offset});
  }
  Value extract(Value aggregate, int64_t index) {
    return LLVM::ExtractValueOp::create(*this, aggregate, index);
  }
  /// The elements of a struct, and a struct of elements.
  SmallVector<Value> explode(Value aggregate);
  Value implode(Type structType, ValueRange elements);

  /// if (condition) { body }
  void ifThen(Value condition, function_ref<void()> body);
  /// if (condition) { then } else { otherwise }, each giving values of the types.
  SmallVector<Value> ifElse(TypeRange types, Value condition,
                            function_ref<SmallVector<Value>()> thenBody,
                            function_ref<SmallVector<Value>()> elseBody);

private:
  Value constant(Value like, int64_t value) {
    return arith::ConstantOp::create(*this, getIntegerAttr(like.getType(), value));
  }
};

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_COMMON_EMITTER_H
