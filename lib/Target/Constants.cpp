// The constants of a program and their .safetensors file: 8 bytes of header length, a JSON header,
// then the values, dense and little-endian. Tensors with wider elements come first, so that all are
// aligned.
#include "mpgemm/Target/Constants.h"
#include "mpgemm/Target/Expression.h"
#include "mpgemm/Target/JSONText.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {
struct TypeNames {
  StringRef mlir, safetensors;
};
} // namespace

static constexpr TypeNames knownTypes[] = {
    {"f64", "F64"},
    {"f32", "F32"},
    {"f16", "F16"},
    {"bf16", "BF16"},
    {"f8E4M3FN", "F8_E4M3"},
    {"f8E5M2", "F8_E5M2"},
    {"f8E8M0FNU", "F8_E8M0"},
    {"i64", "I64"},
    {"i32", "I32"},
    {"i16", "I16"},
    {"i8", "I8"},
    {"i1", "BOOL"},
};

std::string mpgemm::manifestTypeName(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  for (const TypeNames &known : knownTypes)
    if (known.mlir == name)
      return name;
  return {};
}

static StringRef safetensorsTypeName(Type type) {
  std::string name = manifestTypeName(type);
  for (const TypeNames &known : knownTypes)
    if (known.mlir == name)
      return known.safetensors;
  llvm_unreachable("the table holds known types only");
}

//===- Values
//-------------------------------------------------------------------------------------===//

/// Writes the values of `elements`, whose element type is known and whose resource has the right
/// size.
static void writeValues(ElementsAttr elements, int64_t bytes, raw_ostream &os) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    ArrayRef<char> data = resource.getRawHandle().getBlob()->getData();
    os.write(data.data(), data.size());
    return;
  }
  auto dense = cast<DenseElementsAttr>(elements);
  if (dense.getElementType().isInteger(1)) { // packed in the attribute
    for (bool bit : dense.getValues<bool>())
      os << static_cast<char>(bit);
    return;
  }
  ArrayRef<char> data = dense.getRawData();
  int64_t repeats = dense.isSplat() ? bytes / std::max<int64_t>(1, data.size()) : 1;
  for (int64_t i = 0; i < repeats; ++i)
    os.write(data.data(), data.size());
}

/// The bytes of `elements`, checked against its type.
static FailureOr<int64_t> checkedBytes(ElementsAttr elements, Operation *at) {
  ShapedType type = elements.getShapedType();
  if (manifestTypeName(type.getElementType()).empty())
    return at->emitError()
           << "a constant of " << type.getElementType()
           << " cannot be stored; a program holds f64, f32, f16, bf16, f8E4M3FN, f8E5M2, "
           << "f8E8M0FNU "
           << "and i64, i32, i16, i8, i1";
  int64_t bytes = type.getNumElements() * elementBytes(type.getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return at->emitError()
             << "the resource '" << resource.getRawHandle().getKey()
             << "' has no data in this file; it was elided when the file was printed";
    if (static_cast<int64_t>(blob->getData().size()) != bytes)
      return at->emitError() << "the resource '" << resource.getRawHandle().getKey() << "' has "
                             << blob->getData().size() << " bytes, but " << type << " takes "
                             << bytes;
  } else if (!isa<DenseElementsAttr>(elements)) {
    return at->emitError() << "a constant must be dense or a dense_resource";
  } else if (elements.isSplat() && bytes > int64_t(1) << 30) {
    return at->emitError() << "a constant of " << bytes << " bytes repeats one value; "
                           << "linalg.fill makes such a tensor without storing it";
  }
  return bytes;
}

//===- The table
//----------------------------------------------------------------------------------===//

/// What one-shot-bufferize calls the constants it makes; other names come from the model.
static constexpr StringLiteral generatedName = "__constant_";

ConstantTable::ConstantTable(ModuleOp module) {
  for (auto global : module.getOps<memref::GlobalOp>()) {
    if (global.isUninitialized())
      usedNames.insert(global.getSymName());
    else if (Attribute value = global.getInitialValueAttr();
             value && !global.getSymName().starts_with(generatedName))
      globalNames.try_emplace(value, global.getSymName());
  }
}

std::string ConstantTable::chooseName(ElementsAttr values) {
  std::string base = globalNames.lookup(values).str();
  if (base.empty())
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(values))
      base = resource.getRawHandle().getKey().str();
  if (!base.empty() && usedNames.insert(base).second)
    return base;
  if (base.empty())
    base = "constant";
  for (size_t number = 0;; ++number)
    if (std::string name = (base + Twine('_') + Twine(number)).str(); usedNames.insert(name).second)
      return name;
}

FailureOr<int64_t> ConstantTable::indexOf(memref::GlobalOp global) {
  if (global.isUninitialized()) {
    auto [entry, isNew] = indices.try_emplace(global.getSymNameAttr(), constants.size());
    if (!isNew)
      return entry->second;
    MemRefType type = global.getType();
    if (!type.hasStaticShape() || manifestTypeName(type.getElementType()).empty())
      return global.emitOpError("of ") << type << " cannot be stored by a program";
    constants.push_back({global.getSymName().str(), type, ElementsAttr(),
                         type.getNumElements() * elementBytes(type.getElementType())});
    return entry->second;
  }
  auto values = dyn_cast_or_null<ElementsAttr>(global.getInitialValueAttr());
  if (!values)
    return global.emitOpError("has no values; a program holds constants only");
  auto [entry, isNew] = indices.try_emplace(values, constants.size());
  if (!isNew)
    return entry->second;
  FailureOr<int64_t> bytes = checkedBytes(values, global);
  if (failed(bytes))
    return failure();
  constants.push_back({chooseName(values), values.getShapedType(), values, *bytes});
  return entry->second;
}

bool ConstantTable::needsFile() const {
  return llvm::any_of(constants, [](const Constant &constant) { return !!constant.values; });
}

llvm::json::Array ConstantTable::describe() const {
  llvm::json::Array list;
  for (const Constant &constant : constants) {
    ShapedType type = constant.type;
    list.push_back(llvm::json::Object{{"name", constant.name},
                                      {"type", manifestTypeName(type.getElementType())},
                                      {"shape", llvm::json::Array(type.getShape())},
                                      {"bytes", constant.bytes},
                                      {"source", constant.values ? "file" : "init"}});
  }
  return list;
}

void ConstantTable::writeSafetensors(raw_ostream &os) const {
  SmallVector<const Constant *> order;
  for (const Constant &constant : constants)
    if (constant.values)
      order.push_back(&constant);
  auto width = [](const Constant *c) { return elementBytes(c->type.getElementType()); };
  llvm::sort(order, [&](const Constant *a, const Constant *b) {
    return std::pair(-width(a), a) < std::pair(-width(b), b);
  });
  llvm::json::Object header;
  int64_t offset = 0;
  for (const Constant *constant : order) {
    ShapedType type = constant->type;
    header[constant->name] =
        llvm::json::Object{{"dtype", safetensorsTypeName(type.getElementType())},
                           {"shape", llvm::json::Array(type.getShape())},
                           {"data_offsets", llvm::json::Array{offset, offset + constant->bytes}}};
    offset += constant->bytes;
  }
  std::string text = printJSON(std::move(header));
  text.append((8 - text.size() % 8) % 8, ' ');
  char length[8];
  llvm::support::endian::write64le(length, text.size());
  os.write(length, sizeof(length));
  os << text;
  for (const Constant *constant : order)
    writeValues(constant->values, constant->bytes, os);
}
