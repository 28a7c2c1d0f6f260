// mpgemm-opt: an MLIR opt tool, and with --emit a compiler driver.
//
//     mpgemm-opt model.mlir --target=sm_90a --emit=ptx -o model.ptx
//
// Whatever is written appears whole or not at all: an output that existed before survives a
// failure.
#include "mpgemm/Pipelines/Driver.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Autocast.h"
#include "mpgemm/Pipelines/Nesting.h"
#include "mpgemm/Pipelines/Pipelines.h"
#include "mpgemm/Pipelines/Register.h"
#include "mpgemm/Pipelines/Report.h"
#include "mpgemm/Pipelines/SupportTable.h"
#include "mpgemm/Target/Artifact.h"
#include "mpgemm/Target/PTX.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Remark/RemarkStreamer.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

#include <unistd.h>

using namespace mlir;
using namespace mlir::mpgemm;

//===- Options
//------------------------------------------------------------------------------------===//

namespace {
enum class Emit { None, MPGemm, MPTile, NVVM, LLVM, PTX, Cubin };

struct DriverOptions {
  llvm::cl::OptionCategory category{
      "Compiler driver", "mpgemm-opt model.mlir --target=sm_90a --emit=ptx -o model.ptx"};
  llvm::cl::opt<Emit> emit{
      "emit", llvm::cl::desc("Compile the input down to:"), llvm::cl::init(Emit::None),
      llvm::cl::cat(category),
      llvm::cl::values(
          clEnumValN(Emit::MPGemm, "mpgemm", "products with fused epilogues and schedules"),
          clEnumValN(Emit::MPTile, "mptile", "kernels and launches"),
          clEnumValN(Emit::NVVM, "nvvm", "lowered kernels and the planned program"),
          clEnumValN(Emit::LLVM, "llvm", "LLVM IR of the kernels"),
          clEnumValN(Emit::PTX, "ptx", "PTX with the manifest, constants beside it"),
          clEnumValN(Emit::Cubin, "cubin",
                     "an assembled image, the manifest in a .json beside it"))};
  llvm::cl::opt<std::string> target{
      "target", llvm::cl::desc("Architecture of the kernels (sm_80, sm_89, sm_90a, sm_120a)"),
      llvm::cl::value_desc("sm_XX"), llvm::cl::cat(category)};
  llvm::cl::opt<bool> printSupport{
      "print-support",
      llvm::cl::desc("Print what is supported on which target, in Markdown, and stop"),
      llvm::cl::cat(category)};
  llvm::cl::opt<std::string> autocast{
      "autocast",
      llvm::cl::desc("With --emit: multiply the f32 operands of a model as tf32, f16, bf16, fp8 or "
                     "int8, where the policy allows"),
      llvm::cl::value_desc("precision"), llvm::cl::cat(category)};
  llvm::cl::opt<std::string> autocastPolicy{"autocast-policy",
                                            llvm::cl::desc("A policy in place of the built-in one"),
                                            llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::opt<bool> autocastLastLayer{"autocast-last-layer",
                                        llvm::cl::desc("Cast the last product of a function too"),
                                        llvm::cl::cat(category)};
  llvm::cl::opt<std::string> calibration{
      "calibration",
      llvm::cl::desc("Ranges for --autocast=fp8 and int8 that mpgemm-run --calibrate wrote"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::opt<bool> printAutocastPolicy{"print-autocast-policy",
                                          llvm::cl::desc("Print the built-in policy and stop"),
                                          llvm::cl::cat(category)};
  llvm::cl::opt<bool> report{
      "mpgemm-report",
      llvm::cl::desc("With --emit: tell on standard error what was fused, and which "
                     "kernels run"),
      llvm::cl::cat(category)};
};
} // namespace

static LogicalResult fail(const Twine &message) {
  llvm::WithColor::error(llvm::errs(), "mpgemm-opt") << message << '\n';
  return failure();
}

/// A backend of LLVM gave up. mpgemm-check-kernels should have refused the op before.
[[noreturn]] static void reportFatalError(void *, const char *message, bool) {
  llvm::WithColor::error(llvm::errs(), "mpgemm-opt")
      << "LLVM cannot compile the kernels: " << message
      << "; this is a bug of mpgemm, please report it\n";
  _exit(1);
}

static LogicalResult checkTarget(StringRef target) {
  if (llvm::is_contained(knownTargets(), target))
    return success();
  std::string known = llvm::join(knownTargets(), ", ");
  if (target.empty())
    return fail("--emit needs --target, one of " + known);
  return fail("unknown target '" + target + "'; known are " + known);
}

//===- Reading
//------------------------------------------------------------------------------------===//

/// Opens the input; null, with the reason printed, where it cannot be read or parsing it would
/// overflow the stack.
static std::unique_ptr<llvm::MemoryBuffer> openInput(StringRef path) {
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(path, &error);
  if (!buffer) {
    (void)fail(error);
    return nullptr;
  }
  StringRef text = buffer->getBuffer();
  std::optional<size_t> at = findDeepNesting(text, deepestNesting);
  if (!at)
    return buffer;
  StringRef before = text.take_front(*at);
  llvm::errs() << buffer->getBufferIdentifier() << ':' << before.count('\n') + 1 << ':'
               << *at - (before.rfind('\n') + 1) + 1 << ": error: nested deeper than "
               << deepestNesting << " brackets\n";
  return nullptr;
}

/// MLIR's parser crashes on some malformed texts (docs/fuzzing.md names them). What the user needs
/// to know is that the text is at fault; nothing of this process is used afterwards.
static OwningOpRef<ModuleOp> parse(const llvm::SourceMgr &sources, MLIRContext &context) {
  OwningOpRef<ModuleOp> module;
  llvm::CrashRecoveryContext::Enable();
  llvm::CrashRecoveryContext recovery;
  bool returned = recovery.RunSafely(
      [&] { module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context)); });
  llvm::CrashRecoveryContext::Disable();
  if (returned)
    return module;
  (void)fail("MLIR's parser crashed on the input, which is malformed or has types that its ops "
             "cannot take; without --emit it leaves a stack trace that names the op");
  _exit(1);
}

static LogicalResult checkAutocast(const DriverOptions &options) {
  bool isEmitting = options.emit != Emit::None;
  for (const llvm::cl::Option *option :
       {static_cast<const llvm::cl::Option *>(&options.autocast),
        static_cast<const llvm::cl::Option *>(&options.autocastPolicy),
        static_cast<const llvm::cl::Option *>(&options.autocastLastLayer),
        static_cast<const llvm::cl::Option *>(&options.calibration)}) {
    if (option->getNumOccurrences() == 0)
      continue;
    if (!isEmitting)
      return fail("--" + option->ArgStr +
                  " belongs to the driver, with --emit; the pass is --mpgemm-autocast");
    if (options.autocast.getNumOccurrences() == 0)
      return fail("--" + option->ArgStr + " needs --autocast, one of " + autocastPrecisionsText());
  }
  if (options.autocast.getNumOccurrences() && !parseAutocastPrecision(options.autocast))
    return fail("autocast knows no precision '" + options.autocast + "'; known are " +
                autocastPrecisionsText());
  return success();
}

//===- The driver
//---------------------------------------------------------------------------------===//

static LogicalResult enableRemarks(MLIRContext &context, const MlirOptMainConfig &config) {
  if (!config.shouldEmitRemarks())
    return success();
  // The filter for all kinds acts only where the kind's own filter is set, be it to "".
  remark::RemarkCategories categories{config.getRemarksAllFilter(), config.getRemarksPassedFilter(),
                                      config.getRemarksMissedFilter(),
                                      config.getRemarksAnalyseFilter(),
                                      config.getRemarksFailedFilter()};
  std::unique_ptr<remark::detail::RemarkEmittingPolicyBase> policy;
  if (config.getRemarkPolicy() == RemarkPolicy::REMARK_POLICY_FINAL)
    policy = std::make_unique<remark::RemarkEmittingPolicyFinal>();
  else
    policy = std::make_unique<remark::RemarkEmittingPolicyAll>();
  if (config.getRemarkFormat() == RemarkFormat::REMARK_FORMAT_STDOUT)
    return remark::enableOptimizationRemarks(context, nullptr, std::move(policy), categories,
                                             /*printAsEmitRemarks=*/true);
  bool isYAML = config.getRemarkFormat() == RemarkFormat::REMARK_FORMAT_YAML;
  std::string file = config.getRemarksOutputFile();
  if (file.empty())
    file = isYAML ? "mlir-remarks.yaml" : "mlir-remarks.bitstream";
  return remark::enableOptimizationRemarksWithLLVMStreamer(
      context, file, isYAML ? llvm::remarks::Format::YAML : llvm::remarks::Format::Bitstream,
      std::move(policy), categories);
}

static Stage stageOf(Emit emit) {
  switch (emit) {
  case Emit::MPGemm:
    return Stage::MPGemm;
  case Emit::MPTile:
    return Stage::MPTile;
  case Emit::NVVM:
    return Stage::NVVM;
  default:
    return Stage::LLVM;
  }
}

/// Adds what was asked for to `files`.
static LogicalResult emitOutput(ModuleOp module, Emit emit, StringRef target, StringRef path,
                                OutputFiles &files) {
  if (emit == Emit::PTX || emit == Emit::Cubin)
    return writeArtifact(module, target, emit == Emit::PTX ? ImageKind::PTX : ImageKind::Cubin,
                         path, files);
  std::string text, error;
  llvm::raw_string_ostream os(text);
  if (emit == Emit::LLVM) {
    FailureOr<Operation *> kernels = findKernelModule(module);
    if (failed(kernels))
      return failure();
    if (*kernels) {
      FailureOr<std::string> ir =
          translateKernels(cast<gpu::GPUModuleOp>(*kernels), KernelText::LLVM);
      if (failed(ir))
        return failure();
      text = std::move(*ir);
    }
  } else {
    AsmState state(module, OpPrintingFlags());
    module->print(os, state);
    os << '\n';
  }
  if (failed(files.add(path, [&](raw_ostream &out) { out << text; }, error)))
    return fail(error);
  return success();
}

static LogicalResult compile(int argc, char **argv, const DriverOptions &options, StringRef input,
                             StringRef output, DialectRegistry &registry) {
  llvm::InitLLVM initialisation(argc, argv);
  if (failed(checkTarget(options.target)))
    return failure();
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInput(input);
  if (!buffer)
    return failure();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
  SourceMgrDiagnosticHandler diagnostics(sources, &context);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (failed(enableRemarks(context, config)))
    return failure();
  // Remarks come out when their engine ends, which has to be while `diagnostics` still prints them.
  llvm::scope_exit printRemarks([&] { context.setRemarkEngine(nullptr); });

  DefaultTimingManager timing;
  applyDefaultTimingManagerCLOptions(timing);
  TimingScope root = timing.getRootScope();
  TimingScope parsing = root.nest("Parser");
  OwningOpRef<ModuleOp> module = parse(sources, context);
  parsing.stop();
  if (!module)
    return failure();

  PassManager pm(module.get()->getName());
  pm.enableVerifier(config.shouldVerifyPasses());
  pm.enableTiming(root);
  if (failed(applyPassManagerCLOptions(pm)))
    return failure();
  std::string report;
  AutocastChoice autocast{options.autocast, options.autocastPolicy, options.calibration,
                          options.autocastLastLayer};
  buildPipeline(pm, options.target, stageOf(options.emit), options.report ? &report : nullptr,
                autocast);
  if (failed(pm.run(*module)))
    return failure();

  TimingScope emitting = root.nest("Output");
  OutputFiles files;
  std::string error;
  if (failed(emitOutput(*module, options.emit, options.target, output, files)))
    return failure();
  if (failed(files.commit(error)))
    return fail(error);
  llvm::errs() << report;
  return success();
}

//===- The opt tool
//-------------------------------------------------------------------------------===//

static LogicalResult optimise(int argc, char **argv, StringRef input, StringRef output,
                              DialectRegistry &registry) {
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return MlirOptMain(argc, argv, input, output, registry);
  llvm::InitLLVM initialisation(argc, argv);
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInput(input);
  if (!buffer)
    return failure();
  if (output == "-")
    return MlirOptMain(llvm::outs(), std::move(buffer), registry, config);
  std::string error, text;
  llvm::raw_string_ostream os(text);
  if (failed(MlirOptMain(os, std::move(buffer), registry, config)))
    return failure();
  OutputFiles files;
  if (failed(files.add(
          output, [&](raw_ostream &out) { out << text; }, error)) ||
      failed(files.commit(error)))
    return fail(error);
  return success();
}

int mpgemm::runOptTool(int argc, char **argv) {
  llvm::install_fatal_error_handler(reportFatalError);
  DriverOptions options;
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllPasses();
  registerPipelines();
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv, "mpgemm: compiler of mixed-precision matrix products, and an MLIR opt tool\n",
      registry);
  if (options.printSupport) {
    llvm::InitLLVM initialisation(argc, argv);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    printSupportTable(context, llvm::outs());
    return 0;
  }
  if (options.printAutocastPolicy) {
    llvm::outs() << getBuiltinAutocastPolicy();
    return 0;
  }
  if (failed(checkAutocast(options)))
    return asMainReturnCode(failure());
  LogicalResult result = options.emit == Emit::None
                             ? optimise(argc, argv, input, output, registry)
                             : compile(argc, argv, options, input, output, registry);
  return asMainReturnCode(result);
}
