// mma.sync by its operand types: the NVVM op where it knows them, LLVM's intrinsic for 8-bit
// floats.
#include "MmaEmitter.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

static bool isFp8(MmaElement element) {
  return element == MmaElement::E4M3 || element == MmaElement::E5M2;
}

static bool isInteger(MmaElement element) {
  return element == MmaElement::S8 || element == MmaElement::U8;
}

static NVVM::MMATypes getMmaType(MmaElement element) {
  switch (element) {
  case MmaElement::F16:
    return NVVM::MMATypes::f16;
  case MmaElement::BF16:
    return NVVM::MMATypes::bf16;
  case MmaElement::TF32:
    return NVVM::MMATypes::tf32;
  case MmaElement::S8:
    return NVVM::MMATypes::s8;
  case MmaElement::U8:
    return NVVM::MMATypes::u8;
  default:
    llvm_unreachable("8-bit floats go through the intrinsic; the others are accumulators");
  }
}

void MmaEmitter::multiply(ArrayRef<Value> a, ArrayRef<Value> b, MutableArrayRef<Value> piece) {
  SmallVector<Value> c(piece);
  if (isPacked())
    for (Value &value : c)
      value = LLVM::BitcastOp::create(emit, registerType(), value);
  Type type = LLVM::LLVMStructType::getLiteral(emit.getContext(),
                                               SmallVector<Type>(piece.size(), registerType()));
  Value product = isFp8(atom.a) ? emitFp8Mma(a, b, c, type) : emitMma(a, b, c, type);
  for (auto [i, value] : llvm::enumerate(piece)) {
    Value result = emit.extract(product, i);
    value = isPacked() ? LLVM::BitcastOp::create(emit, emit.getI32Type(), result) : result;
  }
}

/// The type in which the instruction takes and gives a register of the accumulator.
Type MmaEmitter::registerType() {
  if (isPacked())
    return VectorType::get(2, emit.getF16Type());
  return atom.acc == MmaElement::S32 ? Type(emit.getI32Type()) : Type(emit.getF32Type());
}

/// NVVM wants pairs of f16 as vectors and everything else as integers.
SmallVector<Value> MmaEmitter::toOperands(ArrayRef<Value> registers) {
  SmallVector<Value> operands(registers);
  if (atom.a == MmaElement::F16)
    for (Value &value : operands)
      value = LLVM::BitcastOp::create(emit, VectorType::get(2, emit.getF16Type()), value);
  return operands;
}

Value MmaEmitter::emitMma(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c, Type result) {
  std::optional<NVVM::MMAIntOverflow> overflow;
  if (isInteger(atom.a))
    overflow = NVVM::MMAIntOverflow::wrapped;
  return NVVM::MmaOp::create(emit, result, toOperands(a), toOperands(b), c,
                             ArrayRef<int64_t>{atom.m, atom.n, atom.k}, std::nullopt, overflow,
                             std::array{getMmaType(atom.a), getMmaType(atom.b)},
                             std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
}

Value MmaEmitter::emitFp8Mma(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c, Type result) {
  std::string shape =
      "m" + std::to_string(atom.m) + "n" + std::to_string(atom.n) + "k" + std::to_string(atom.k);
  StringRef acc = stringifyMmaElement(atom.acc);
  std::string name = ("llvm.nvvm.mma." + shape + ".row.col." + acc + "." +
                      stringifyMmaElement(atom.a) + "." + stringifyMmaElement(atom.b) + "." + acc)
                         .str();
  SmallVector<Value> operands(a);
  llvm::append_range(operands, b);
  llvm::append_range(operands, c);
  return LLVM::CallIntrinsicOp::create(emit, result, emit.getStringAttr(name), operands)
      .getResult(0);
}
