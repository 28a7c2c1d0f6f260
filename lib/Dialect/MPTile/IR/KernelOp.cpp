// mptile.kernel: text form, and what holds for a kernel as a whole.
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"
#include "mpgemm/Dialect/MPTile/IR/SharedLayout.h"
#include "mpgemm/Target/Targets.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace mlir::mptile;

void KernelOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type,
                     StringRef target, int64_t threads) {
  state.addAttribute(SymbolTable::getSymbolAttrName(), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getTargetAttrName(state.name), builder.getStringAttr(target));
  state.addAttribute(getThreadsAttrName(state.name), builder.getI64IntegerAttr(threads));
  Block &body = state.addRegion()->emplaceBlock();
  for (Type input : type.getInputs())
    body.addArgument(input, state.location);
}

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildFunctionType = [](Builder &builder, ArrayRef<Type> arguments, ArrayRef<Type> results,
                              function_interface_impl::VariadicFlag, std::string &) {
    return builder.getFunctionType(arguments, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false, getFunctionTypeAttrName(result.name),
      buildFunctionType, getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false,
                                           getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                           getResAttrsAttrName());
}

LogicalResult KernelOp::verify() {
  if (getBody().empty())
    return emitOpError("has no body");
  // kernel_c1
  if (getFunctionType().getNumResults() != 0)
    return emitOpError("returns nothing, but its type has ")
           << getFunctionType().getNumResults() << " results";
  for (auto [i, type] : llvm::enumerate(getFunctionType().getInputs()))
    if (!isa<ViewType>(type) && !type.isIntOrIndexOrFloat())
      return emitOpError("argument ")
             << i << " must be a view or an integer, index or floating-point scalar, not " << type;
  // kernel_c2
  if (!mpgemm::lookupTarget(getTarget())) {
    InFlightDiagnostic diagnostic = emitOpError("unknown target '")
                                    << getTarget() << "'; known are ";
    llvm::interleaveComma(mpgemm::getTargets(), diagnostic,
                          [&](const mpgemm::TargetInfo &target) { diagnostic << target.name; });
    return diagnostic;
  }
  if (getThreads() < 32 || getThreads() > 1024 || getThreads() % 32 != 0)
    return emitOpError("threads must be a multiple of 32 from 32 to 1024, not ") << getThreads();
  if (getMinCtas() < 1)
    return emitOpError("min_ctas must be at least 1, not ") << getMinCtas();
  if (getCluster() < 1 || getCluster() > 8)
    return emitOpError("cluster must be from 1 to 8, not ") << getCluster();
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  // kernel_c3
  int64_t sharedBytes = SharedLayout::compute(*this).totalBytes;
  int64_t limit = mpgemm::lookupTarget(getTarget())->maxSharedBytes;
  if (sharedBytes > limit)
    return emitOpError("kernel needs ")
           << sharedBytes << " B of shared memory; " << getTarget() << " allows " << limit << " B";
  return success();
}
