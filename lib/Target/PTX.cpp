// From lowered kernels to PTX: MLIR's LLVM dialect to LLVM IR, LLVM's -O3, the NVPTX backend.
//
// Below -O1 ptxas and the backend serialise wgmma, so the level is fixed. No bitcode of the CUDA
// toolkit is linked: kernels call nothing.
#include "mpgemm/Target/PTX.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::mpgemm;

static constexpr StringLiteral tripleName = "nvptx64-nvidia-cuda";

extern "C" {
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeNVPTXAsmPrinter();
}

static void initializeBackend() {
  static bool once = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)once;
}

namespace {
/// Passes LLVM's diagnostics on to MLIR; remembers errors.
struct DiagnosticForwarder : llvm::DiagnosticHandler {
  DiagnosticForwarder(Location location, bool &failed) : location(location), failed(failed) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() != llvm::DS_Error && info.getSeverity() != llvm::DS_Warning)
      return true;
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::DiagnosticPrinterRawOStream printer(os);
    info.print(printer);
    failed |= info.getSeverity() == llvm::DS_Error;
    emitError(location) << "LLVM says of the kernels: " << text;
    return true;
  }
  Location location;
  bool &failed;
};
} // namespace

static FailureOr<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(gpu::GPUModuleOp kernels) {
  initializeBackend();
  NVVM::NVVMTargetAttr target;
  if (ArrayAttr targets = kernels.getTargetsAttr())
    for (Attribute attribute : targets)
      if (auto nvvm = dyn_cast<NVVM::NVVMTargetAttr>(attribute))
        target = nvvm;
  if (!target)
    return kernels.emitOpError(
        "has no #nvvm.target that says for which architecture the kernels are");
  llvm::Triple triple(tripleName);
  std::string message;
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!backend)
    return kernels.emitError() << "this build of LLVM cannot write PTX: " << message;
  std::unique_ptr<llvm::TargetMachine> machine(backend->createTargetMachine(
      triple, target.getChip(), target.getFeatures(), llvm::TargetOptions(), std::nullopt,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  return machine;
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  // LLVM's unroller also peels the first step off a loop of asynchronous products, where nothing is
  // to be released yet; ptxas then sees accumulators cross from one loop to the other and
  // serialises wgmma (C7514). ptxas unrolls by itself what pays, but not product loops,
  // which their lowering marks.
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

static FailureOr<std::string> printPTX(llvm::Module &module, llvm::TargetMachine &machine,
                                       gpu::GPUModuleOp kernels) {
  SmallString<0> text;
  llvm::raw_svector_ostream os(text);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return kernels.emitError("this build of LLVM cannot write PTX text");
  passes.run(module);
  return text.str().str();
}

FailureOr<std::string> mpgemm::translateKernels(gpu::GPUModuleOp kernels, KernelText form) {
  FailureOr<std::unique_ptr<llvm::TargetMachine>> machine = createTargetMachine(kernels);
  if (failed(machine))
    return failure();
  llvm::LLVMContext context;
  bool hadErrors = false;
  context.setDiagnosticHandler(std::make_unique<DiagnosticForwarder>(kernels.getLoc(), hadErrors));
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(kernels, context, kernels.getName());
  if (!module)
    return failure();
  module->setTargetTriple(llvm::Triple(tripleName));
  module->setDataLayout((*machine)->createDataLayout());
  optimize(*module, **machine);
  FailureOr<std::string> text = std::string();
  if (form == KernelText::LLVM)
    llvm::raw_string_ostream(*text) << *module;
  else
    text = printPTX(*module, **machine, kernels);
  if (hadErrors)
    return failure();
  return text;
}
