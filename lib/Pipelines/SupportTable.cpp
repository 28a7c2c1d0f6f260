// The tables of what is supported, by target. The MmaAtom table says which products there are and
// by which instruction; compiling one of each kind says which of them work, so that the tables
// cannot claim more than is true.
#include "mpgemm/Pipelines/SupportTable.h"
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"
#include "mpgemm/Pipelines/Pipelines.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::mpgemm;
using mptile::MmaAtom;
using mptile::MmaElement;

namespace {

/// One product with whatever it has beside its operands.
struct Probe {
  std::string a, b; // element types
  std::string accumulate;
  std::string result;
  bool unsignedA = false, unsignedB = false;
  std::string arguments, scaleA, scaleB; // further arguments, and the clauses that use them
  std::string clauses, epilogue;
};

std::string getText(const Probe &probe) {
  constexpr StringLiteral text = R"(
func.func @probe(%a: tensor<256x256x{0}>, %b: tensor<256x256x{1}>{2}) -> tensor<256x256x{3}> {{
  %d = mpgemm.matmul(%a{4} : tensor<256x256x{0}>{5}, %b transposed{6} : tensor<256x256x{1}>{7})
      accumulate <{8}> {9} {10} -> tensor<256x256x{3}>
  return %d : tensor<256x256x{3}>
})";
  return llvm::formatv(text.data(), probe.a, probe.b, probe.arguments, probe.result,
                       probe.unsignedA ? " unsigned" : "", probe.scaleA,
                       probe.unsignedB ? " unsigned" : "", probe.scaleB, probe.accumulate,
                       probe.clauses, probe.epilogue)
      .str();
}

/// Whether a product compiles for a target, down to a stage.
bool compiles(MLIRContext &context, const Probe &probe, StringRef target,
              Stage stage = Stage::LLVM) {
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(getText(probe), ParserConfig(&context));
  if (!module)
    return false;
  PassManager pm(&context, module.get()->getName().getStringRef());
  buildPipeline(pm, target, stage);
  return succeeded(pm.run(*module));
}

StringRef getTypeName(MmaElement element) {
  switch (element) {
  case MmaElement::E4M3:
    return "f8E4M3FN";
  case MmaElement::E5M2:
    return "f8E5M2";
  case MmaElement::S8:
  case MmaElement::U8:
    return "i8";
  case MmaElement::TF32:
    return "f32";
  case MmaElement::S32:
    return "i32";
  default:
    return stringifyMmaElement(element);
  }
}

Probe getProbe(const MmaAtom &atom) {
  Probe probe;
  probe.a = getTypeName(atom.a);
  probe.b = getTypeName(atom.b);
  probe.accumulate = probe.result = getTypeName(atom.acc);
  probe.unsignedA = atom.a == MmaElement::U8;
  probe.unsignedB = atom.b == MmaElement::U8;
  if (atom.a == MmaElement::TF32)
    probe.clauses = "f32_precision <tf32>";
  return probe;
}

/// "wgmma m64nNk16" of sm90_m64nNk16_f32_f16_f16.
std::string getInstruction(const MmaAtom &atom) {
  StringRef shape = atom.name.split('_').second.split('_').first;
  return (atom.isWgmma() ? "wgmma " : "mma.sync ") + shape.str();
}

const MmaAtom *findLowered(StringRef target, const MmaAtom &like, bool warpgroup) {
  const MmaAtom *found = nullptr;
  for (const MmaAtom &atom : mptile::getMmaAtoms())
    if (atom.lowered && atom.isOn(target) && (warpgroup || !atom.isWgmma()) && atom.a == like.a &&
        atom.b == like.b && atom.acc == like.acc)
      found = &atom;
  return found;
}

void printHeader(raw_ostream &os, ArrayRef<StringRef> first, ArrayRef<StringRef> others) {
  for (StringRef title : first)
    os << "| " << title << ' ';
  for (StringRef title : others)
    os << "| " << title << ' ';
  os << "|\n";
  for (size_t i = 0; i < first.size() + others.size(); ++i)
    os << "|---";
  os << "|\n";
}

//===-- Products
//----------------------------------------------------------------------------------//

std::string getOperandText(MmaElement element) {
  return element == MmaElement::U8 ? "i8 unsigned" : getTypeName(element).str();
}

void printProducts(MLIRContext &context, raw_ostream &os) {
  printHeader(os, {"A x B", "summed in"}, knownTargets());
  llvm::StringSet<> seen;
  const auto printRow = [&](const MmaAtom &atom, const Probe &probe, const std::string &product,
                            bool exact) {
    std::string cells;
    bool any = false;
    for (StringRef target : knownTargets()) {
      const MmaAtom *used = findLowered(target, atom, /*warpgroup=*/!exact);
      const bool works = used && compiles(context, probe, target);
      any |= works;
      cells += " | " + (works ? (exact ? "3 x " : "") + getInstruction(*used) : std::string("no"));
    }
    if (any)
      os << "| " << product << " | " << probe.accumulate << cells << " |\n";
  };
  for (const MmaAtom &atom : mptile::getMmaAtoms()) {
    std::string product = getOperandText(atom.a) + " x " + getOperandText(atom.b);
    std::string key = product + " in " + getTypeName(atom.acc).str();
    if (!atom.lowered || !seen.insert(key).second)
      continue;
    Probe probe = getProbe(atom);
    if (atom.a == MmaElement::TF32) {
      Probe exact = probe;
      exact.clauses.clear();
      printRow(atom, exact, product, /*exact=*/true);
      product += ", `f32_precision <tf32>`";
    }
    printRow(atom, probe, product, /*exact=*/false);
  }
}

//===-- Results and scales
//------------------------------------------------------------------------//

/// A product of `element` whose sum an epilogue converts to `result`.
Probe getResultProbe(StringRef result) {
  Probe probe;
  const bool codes = result == "i32";
  probe.a = probe.b = codes ? "i8" : "bf16";
  probe.accumulate = codes ? "i32" : "f32";
  probe.result = result;
  if (result.starts_with("i") && !codes)
    probe.epilogue = llvm::formatv("epilogue(%acc : f32) {{ %0 = arith.fptosi %acc : f32 to {0} "
                                   "mpgemm.yield %0 : {0} }",
                                   result)
                         .str();
  return probe;
}

void printResults(MLIRContext &context, raw_ostream &os) {
  printHeader(os, {"result"}, knownTargets());
  for (StringRef result : {"f32", "f16", "bf16", "f8E4M3FN", "f8E5M2", "i8", "i16", "i32"}) {
    os << "| " << result;
    for (StringRef target : knownTargets())
      os << " | " << (compiles(context, getResultProbe(result), target) ? "yes" : "no");
    os << " |\n";
  }
}

struct ScaleKind {
  StringLiteral title;
  StringLiteral a, shapeA; // the attribute, and the shape of the scales for 256 x 256
  StringLiteral b, shapeB;
  bool zeroPoint = false; // of A, for the whole tensor
};

constexpr ScaleKind scaleKinds[] = {
    {"per tensor", "<per_tensor>", "", "<per_tensor>", ""},
    {"per row of A, per column of B", "<row>", "256x", "<column>", "256x"},
    {"1x128 of A, 1x128 of B", "<group = 128>", "256x2x", "<group = 128>", "256x2x"},
    {"1x128 of A, 128x128 of B", "<group = 128>", "256x2x", "<block = [128, 128]>", "2x2x"},
    {"1x32 of A, 1x32 of B (mx)", "<mx>", "256x8x", "<mx>", "256x8x"},
    {"per row of A with a zero point, per column of B", "<row>", "256x", "<column>", "256x", true},
};

/// A product of `element` with scales of `type` on both operands.
Probe getScaleProbe(const ScaleKind &kind, StringRef type, StringRef element) {
  Probe probe;
  probe.a = probe.b = element;
  probe.accumulate = element == "i8" ? "i32" : "f32";
  probe.result = "f32";
  probe.arguments =
      llvm::formatv(", %sa: tensor<{0}{2}>, %sb: tensor<{1}{2}>", kind.shapeA, kind.shapeB, type)
          .str();
  probe.scaleA = llvm::formatv(" scale {0} %sa : tensor<{1}{2}>", kind.a, kind.shapeA, type).str();
  if (kind.zeroPoint) {
    probe.arguments += ", %za: tensor<i8>";
    probe.scaleA += " zero_point %za : tensor<i8>";
  }
  probe.scaleB = llvm::formatv(" scale {0} %sb : tensor<{1}{2}>", kind.b, kind.shapeB, type).str();
  return probe;
}

/// Types of scales that serve the same operands share a row. How a scale is applied is decided
/// before kernels are lowered, so a probe goes no further.
void printScales(MLIRContext &context, raw_ostream &os) {
  printHeader(os, {"scales", "their types"}, knownTargets());
  for (const ScaleKind &kind : scaleKinds) {
    SmallVector<std::pair<std::string, std::string>> rows; // cells, types
    for (StringRef type : {"f32", "f16", "bf16", "f8E8M0FNU"}) {
      std::string cells;
      for (StringRef target : knownTargets()) {
        std::string operands;
        for (StringRef element : {"f8E4M3FN", "f8E5M2", "i8", "f16", "bf16", "f32"})
          if (compiles(context, getScaleProbe(kind, type, element), target, Stage::MPTile))
            operands += (operands.empty() ? "" : ", ") + element.str();
        cells += " | " + (operands.empty() ? "no" : operands);
      }
      auto row = llvm::find_if(rows, [&](const auto &other) { return other.first == cells; });
      if (row == rows.end())
        rows.emplace_back(cells, type.str());
      else
        row->second += ", " + type.str();
    }
    for (const auto &[cells, types] : rows)
      os << "| " << kind.title << " | " << types << cells << " |\n";
  }
}

} // namespace

void mpgemm::printSupportTable(MLIRContext &context, raw_ostream &os) {
  printProducts(context, os);
  os << '\n';
  printResults(context, os);
  os << '\n';
  printScales(context, os);
}
