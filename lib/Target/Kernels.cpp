// The kernels of a lowered module as the manifest describes them.
//
// In:  a gpu.module of llvm.func with nvvm.kernel, `mptile.block`, `mptile.shared_bytes` and
// `mptile.parameters`,
//      one dictionary for each parameter of the function.
#include "mpgemm/Target/Manifest.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mpgemm;
using llvm::json::Array;
using llvm::json::Object;

/// "file:line:column" of the innermost file location, or nothing.
static std::string sourceOf(Location location) {
  std::string text;
  location->walk([&](Location inner) {
    auto file = dyn_cast<FileLineColLoc>(inner);
    if (!file)
      return WalkResult::advance();
    llvm::raw_string_ostream(text)
        << file.getFilename().getValue() << ':' << file.getLine() << ':' << file.getColumn();
    return WalkResult::interrupt();
  });
  return text;
}

/// A schedule for people: "tile = [128, 256, 64], stages = 4".
static std::string textOf(Attribute attribute) {
  if (auto string = dyn_cast<StringAttr>(attribute))
    return string.getValue().str();
  std::string text;
  llvm::raw_string_ostream(text) << attribute;
  StringRef inner = text;
  if (inner.consume_front("#mpgemm.schedule<") && inner.consume_back(">"))
    return inner.str();
  return text;
}

/// The kind of a kernel parameter in the manifest, empty where it has none.
static StringRef parameterKind(StringRef kind, Type type) {
  if (kind == "tensormap" || kind == "pointer")
    return isa<LLVM::LLVMPointerType>(type) ? kind : StringRef();
  if (kind != "size" && kind != "value")
    return {};
  if (type.isInteger(64))
    return "i64";
  return type.isInteger(32) ? StringRef("i32") : StringRef();
}

static FailureOr<Array> describeParameters(LLVM::LLVMFuncOp kernel) {
  auto parameters = kernel->getAttrOfType<ArrayAttr>("mptile.parameters");
  if (!parameters || parameters.size() != kernel.getNumArguments())
    return kernel.emitOpError("needs `mptile.parameters` with one entry for each of its ")
           << kernel.getNumArguments() << " parameters";
  Array kinds;
  for (auto [index, attribute] : llvm::enumerate(parameters)) {
    auto entry = dyn_cast<DictionaryAttr>(attribute);
    auto kind = entry ? entry.getAs<StringAttr>("kind") : StringAttr();
    StringRef name =
        kind ? parameterKind(kind.getValue(), kernel.getArgumentTypes()[index]) : StringRef();
    if (name.empty())
      return kernel.emitOpError("parameter ")
             << index << " of type " << kernel.getArgumentTypes()[index] << " is described by "
             << attribute
             << "; expected a tensormap or pointer of !llvm.ptr, or a size of i32 or i64";
    kinds.push_back(name);
  }
  return kinds;
}

static FailureOr<Object> describeKernel(LLVM::LLVMFuncOp kernel) {
  FailureOr<Array> parameters = describeParameters(kernel);
  if (failed(parameters))
    return failure();
  auto block = kernel->getAttrOfType<DenseI32ArrayAttr>("mptile.block");
  if (!block || block.size() != 3)
    return kernel.emitOpError("needs `mptile.block`, its threads in x, y and z");
  auto sharedBytes = kernel->getAttrOfType<IntegerAttr>("mptile.shared_bytes");
  Array cluster{1, 1, 1};
  if (auto dims =
          kernel->getAttrOfType<DenseI32ArrayAttr>(NVVM::NVVMDialect::getClusterDimAttrName()))
    for (auto [index, size] : llvm::enumerate(dims.asArrayRef()))
      cluster[index] = size;
  Object description{{"name", kernel.getSymName()},
                     {"block", Array(block.asArrayRef())},
                     {"cluster", std::move(cluster)},
                     {"shared_bytes", sharedBytes ? sharedBytes.getInt() : 0},
                     {"parameters", std::move(*parameters)}};
  if (Attribute schedule = kernel->getAttr("mptile.schedule"))
    description["schedule"] = textOf(schedule);
  if (std::string source = sourceOf(kernel.getLoc()); !source.empty())
    description["source"] = source;
  return description;
}

FailureOr<KernelTable> KernelTable::collect(gpu::GPUModuleOp kernels) {
  KernelTable table;
  if (!kernels)
    return table;
  for (auto kernel : kernels.getOps<LLVM::LLVMFuncOp>()) {
    if (!kernel->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
      continue;
    FailureOr<Object> description = describeKernel(kernel);
    if (failed(description))
      return failure();
    table.indices[kernel] = table.descriptions.size();
    table.descriptions.push_back(std::move(*description));
  }
  return table;
}
