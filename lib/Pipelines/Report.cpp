// What a compilation did, for people: --mpgemm-report.
#include "mpgemm/Pipelines/Report.h"
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"
#include "mpgemm/Dialect/MPTile/IR/MPTile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mpgemm;

/// "line 12" of the innermost file location, or nothing.
static std::string lineOf(Location location) {
  std::string text;
  location->walk([&](Location inner) {
    auto file = dyn_cast<FileLineColLoc>(inner);
    if (!file)
      return WalkResult::advance();
    text = (" (line " + Twine(file.getLine()) + ")").str();
    return WalkResult::interrupt();
  });
  return text;
}

//===- Products
//-----------------------------------------------------------------------------------===//

static void describeProduct(MatmulOp product, raw_ostream &os) {
  os << "  product" << lineOf(product.getLoc()) << ": " << product.getA().getType()
     << (product.getTransposeA() ? " transposed" : "") << " * " << product.getB().getType()
     << (product.getTransposeB() ? " transposed" : "") << " -> ";
  llvm::interleaveComma(product.getResultTypes(), os);
  os << '\n';
  if (!product.getEpilogue().empty()) {
    os << "    fused: ";
    auto computing = llvm::make_filter_range(
        product.getEpilogue().front().without_terminator(),
        [](Operation &op) { return !op.hasTrait<OpTrait::ConstantLike>(); });
    llvm::interleaveComma(computing, os, [&](Operation &op) { os << op.getName(); });
    os << '\n';
    for (Value operand : product.getEpilogueOperands())
      os << "    reads " << operand.getType() << '\n';
  }
  if (product.getScheduleAttr())
    os << "    " << product.getScheduleAttr() << '\n';
}

namespace {
struct ProductReport : PassWrapper<ProductReport, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ProductReport)
  explicit ProductReport(std::string &report) : report(report) {}
  StringRef getName() const override { return "mpgemm-product-report"; }

  void runOnOperation() override {
    llvm::raw_string_ostream os(report);
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      os << "@" << function.getSymName() << " is computed as\n";
      function.walk([&](MatmulOp product) { describeProduct(product, os); });
      function.walk([&](Operation *op) {
        if (op->getName().getDialectNamespace() == "linalg" && op->getNumResults() > 0)
          os << "  not fused" << lineOf(op->getLoc()) << ": " << op->getName() << " -> "
             << op->getResult(0).getType() << '\n';
      });
    }
    markAllAnalysesPreserved();
  }
  std::string &report;
};
} // namespace

//===- Programs
//-----------------------------------------------------------------------------------===//

static void describeSteps(func::FuncOp function, raw_ostream &os) {
  os << "@" << function.getSymName() << " runs\n";
  function.walk([&](Operation *op) {
    if (auto launch = dyn_cast<mptile::LaunchOp>(op)) {
      os << "  ";
      llvm::interleave(
          launch.getVariants(), os,
          [&](const auto &variant) { os << variant.kernel.getLeafReference().getValue(); }, " or ");
      os << ": " << launch.getLabel().value_or("kernel") << lineOf(op->getLoc()) << '\n';
    } else if (auto copy = dyn_cast<memref::CopyOp>(op))
      os << "  copy of " << copy.getTarget().getType() << '\n';
  });
}

static void describeKernel(LLVM::LLVMFuncOp kernel, raw_ostream &os) {
  os << "kernel " << kernel.getSymName();
  if (auto block = kernel->getAttrOfType<DenseI32ArrayAttr>("mptile.block"))
    os << ": " << block[0] << " threads";
  if (auto bytes = kernel->getAttrOfType<IntegerAttr>("mptile.shared_bytes"))
    os << ", " << bytes.getInt() << " bytes of shared memory";
  os << '\n';
}

namespace {
struct ProgramReport : PassWrapper<ProgramReport, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ProgramReport)
  explicit ProgramReport(std::string &report) : report(report) {}
  StringRef getName() const override { return "mpgemm-program-report"; }

  void runOnOperation() override {
    llvm::raw_string_ostream os(report);
    for (auto function : getOperation().getOps<func::FuncOp>())
      describeSteps(function, os);
    getOperation().walk([&](LLVM::LLVMFuncOp kernel) {
      if (kernel->hasAttr("mptile.parameters"))
        describeKernel(kernel, os);
    });
    markAllAnalysesPreserved();
  }
  std::string &report;
};
} // namespace

std::unique_ptr<Pass> mpgemm::createProductReportPass(std::string &report) {
  return std::make_unique<ProductReport>(report);
}

std::unique_ptr<Pass> mpgemm::createProgramReportPass(std::string &report) {
  return std::make_unique<ProgramReport>(report);
}
