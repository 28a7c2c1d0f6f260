// mpgemm-check-kernels: no op reaches LLVM that its NVPTX backend cannot select.
//
// The backend aborts on such ops ("Cannot select"), and an abort has no source location. So
// everything a kernel may hold is listed here; the list was tried with LLVM 22 for sm_80, sm_89,
// sm_90a and sm_120a.
#include "mpgemm/Target/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_CHECKKERNELSPASS
#include "mpgemm/Target/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;

/// Supported ops of the llvm dialect, without "llvm.".
static const llvm::StringSet<> &supportedOps() {
  static const llvm::StringSet<> ops = {
      // Structure and control.
      "func", "return", "br", "cond_br", "switch", "unreachable", "call", "call_intrinsic",
      "inline_asm", "mlir.constant", "mlir.zero", "mlir.undef", "mlir.poison", "mlir.global",
      "mlir.addressof",
      // Memory.
      "alloca", "load", "store", "getelementptr", "fence", "atomicrmw", "cmpxchg", "intr.memcpy",
      "intr.memset", "intr.lifetime.start", "intr.lifetime.end", "intr.assume", "intr.expect",
      // Integers.
      "add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "and", "or", "xor", "shl", "lshr",
      "ashr", "icmp", "select", "freeze", "intr.smin", "intr.smax", "intr.umin", "intr.umax",
      "intr.abs", "intr.ctlz", "intr.cttz", "intr.ctpop", "intr.bswap", "intr.bitreverse",
      "intr.fshl", "intr.fshr", "intr.sadd.sat", "intr.ssub.sat", "intr.uadd.sat", "intr.usub.sat",
      "intr.uadd.with.overflow", "intr.umul.with.overflow", "intr.sadd.with.overflow",
      "intr.smul.with.overflow", "intr.usub.with.overflow", "intr.ssub.with.overflow",
      // Floating point.
      "fadd", "fsub", "fmul", "fdiv", "fneg", "frem", "fcmp", "intr.fma", "intr.fmuladd",
      "intr.fabs", "intr.sqrt", "intr.exp2", "intr.floor", "intr.ceil", "intr.trunc", "intr.rint",
      "intr.nearbyint", "intr.round", "intr.roundeven", "intr.copysign", "intr.minnum",
      "intr.maxnum", "intr.minimum", "intr.maximum", "intr.is.fpclass",
      // Conversions.
      "bitcast", "addrspacecast", "inttoptr", "ptrtoint", "zext", "sext", "trunc", "fpext",
      "fptrunc", "fptosi", "fptoui", "sitofp", "uitofp", "intr.fptosi.sat", "intr.fptoui.sat",
      // Aggregates and vectors.
      "extractelement", "insertelement", "shufflevector", "extractvalue", "insertvalue",
      "intr.vector.reduce.fadd", "intr.vector.reduce.fmul", "intr.vector.reduce.fmaximum",
      "intr.vector.reduce.fminimum", "intr.vector.reduce.fmax", "intr.vector.reduce.fmin",
      "intr.vector.reduce.add", "intr.vector.reduce.smax", "intr.vector.reduce.smin"};
  return ops;
}

static bool isSupportedType(Type type) {
  return llvm::TypeSwitch<Type, bool>(type)
      .Case([](IntegerType integer) { return integer.isSignless() && integer.getWidth() <= 64; })
      .Case<Float16Type, BFloat16Type, Float32Type, Float64Type, LLVM::LLVMPointerType,
            LLVM::LLVMVoidType, LLVM::LLVMTokenType, LLVM::LLVMMetadataType>(
          [](Type) { return true; })
      .Case([](VectorType vector) {
        return vector.getRank() == 1 && !vector.isScalable() &&
               isSupportedType(vector.getElementType());
      })
      .Case([](LLVM::LLVMArrayType array) { return isSupportedType(array.getElementType()); })
      .Case([](LLVM::LLVMStructType structure) {
        return !structure.isOpaque() && llvm::all_of(structure.getBody(), isSupportedType);
      })
      .Case([](LLVM::LLVMFunctionType function) {
        return isSupportedType(function.getReturnType()) &&
               llvm::all_of(function.getParams(), isSupportedType);
      })
      .Default([](Type) { return false; });
}

/// Why the callee cannot be called, or nothing.
static LogicalResult checkCall(LLVM::CallOp call) {
  auto callee =
      call.getCallee()
          ? SymbolTable::lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(call, call.getCalleeAttr())
          : LLVM::LLVMFuncOp();
  if (!callee || callee.isExternal())
    return call.emitError()
           << "kernels can only call functions of this module; there is no library on the device"
           << (call.getCallee() ? " with '" + call.getCallee()->str() + "'" : std::string());
  return success();
}

static LogicalResult checkOp(Operation *op) {
  if (isa<NVVM::NVVMDialect>(op->getDialect()))
    return success();
  if (!isa<LLVM::LLVMDialect>(op->getDialect()))
    return op->emitError() << "'" << op->getName() << "' was not lowered and has no PTX";
  if (!supportedOps().contains(op->getName().stripDialect()))
    return op->emitError() << "'" << op->getName() << "' has no PTX that a kernel can use";
  for (Type type : llvm::concat<Type>(SmallVector<Type>(op->getOperandTypes()),
                                      SmallVector<Type>(op->getResultTypes())))
    if (!isSupportedType(type))
      return op->emitError() << "'" << op->getName() << "' uses " << type
                             << ", which kernels cannot compute with";
  if (op->getName().stripDialect() == "intr.exp2" && op->getResult(0).getType().isF64())
    return op->emitError() << "'" << op->getName() << "' exists for f32, f16 and bf16, not for f64";
  if (auto call = dyn_cast<LLVM::CallOp>(op))
    return checkCall(call);
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op))
    if (!call.getIntrin().starts_with("llvm.nvvm."))
      return op->emitError() << "'" << call.getIntrin() << "' is no intrinsic of the GPU";
  return success();
}

namespace {
struct CheckKernelsPass : mpgemm::impl::CheckKernelsPassBase<CheckKernelsPass> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](Operation *op) {
      if (op == getOperation())
        return WalkResult::advance();
      return WalkResult(checkOp(op));
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
