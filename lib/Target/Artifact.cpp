// From a planned module with lowered kernels to the files of docs/artifact.md.
#include "mpgemm/Target/Artifact.h"
#include "mpgemm/Target/Assemble.h"
#include "mpgemm/Target/Constants.h"
#include "mpgemm/Target/JSONText.h"
#include "mpgemm/Target/Manifest.h"
#include "mpgemm/Target/PTX.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::mpgemm;
using llvm::json::Object;

FailureOr<Operation *> mpgemm::findKernelModule(ModuleOp module) {
  Operation *found = nullptr;
  for (auto kernels : module.getOps<gpu::GPUModuleOp>()) {
    if (found)
      return kernels.emitError("a program has one gpu.module, and there is an earlier one");
    found = kernels;
  }
  return found;
}

/// The PTX of a program without kernels: a file that ptxas accepts.
static std::string emptyPTX(StringRef target) {
  return (".version 8.0\n.target " + target + "\n.address_size 64\n").str();
}

static FailureOr<llvm::json::Array> describeFunctions(ModuleOp module, const KernelTable &kernels,
                                                      ConstantTable &constants) {
  llvm::json::Array functions;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isPrivate())
      continue;
    FailureOr<Object> description = describeFunction(function, kernels, constants);
    if (failed(description))
      return failure();
    functions.push_back(std::move(*description));
  }
  if (functions.empty())
    return module.emitError(
        "has no public function to compile; write one, for instance `func.func @main`");
  return functions;
}

/// "model.ptx" to "model.safetensors".
static std::string constantsPath(StringRef path) {
  SmallString<128> result(path);
  llvm::sys::path::replace_extension(result, "safetensors");
  return result.str().str();
}

/// The manifest in comment lines, as it stands before PTX text.
static std::string commentedManifest(StringRef manifest) {
  std::string text = "// mpgemm-artifact 1\n";
  SmallVector<StringRef> lines;
  manifest.split(lines, '\n');
  for (StringRef line : lines)
    text += ("// " + line + "\n").str();
  return text + "// mpgemm-artifact end\n";
}

/// Adds the constants to `files` and their entry to `manifest`.
static LogicalResult writeConstants(const ConstantTable &constants, StringRef path,
                                    Object &manifest, OutputFiles &files, std::string &error) {
  if (!constants.needsFile())
    return success();
  if (path == "-") {
    error = "the program has constants, which are written beside the artifact; name a file with -o";
    return failure();
  }
  std::string file = constantsPath(path), hash;
  if (failed(files.add(
          file,
          [&](raw_ostream &os) {
            HashingStream hashing(os);
            constants.writeSafetensors(hashing);
            hash = hashing.hexDigest();
          },
          error)))
    return failure();
  manifest["constants_file"] =
      Object{{"name", llvm::sys::path::filename(file).str()}, {"sha256", hash}};
  return success();
}

LogicalResult mpgemm::writeArtifact(ModuleOp module, StringRef target, ImageKind kind,
                                    StringRef path, OutputFiles &files) {
  FailureOr<Operation *> kernelModule = findKernelModule(module);
  if (failed(kernelModule))
    return failure();
  auto kernels = dyn_cast_or_null<gpu::GPUModuleOp>(*kernelModule);
  FailureOr<KernelTable> table = KernelTable::collect(kernels);
  if (failed(table))
    return failure();
  ConstantTable constants(module);
  FailureOr<llvm::json::Array> functions = describeFunctions(module, *table, constants);
  if (failed(functions))
    return failure();
  FailureOr<std::string> image =
      kernels ? translateKernels(kernels, KernelText::PTX) : emptyPTX(target);
  if (failed(image))
    return failure();

  std::string error;
  auto fail = [&] { return emitError(UnknownLoc::get(module.getContext())) << error; };
  if (kind == ImageKind::Cubin) {
    image = assemble(*image, target, error);
    if (failed(image))
      return fail();
  }
  Object manifest{{"format", 1},
                  {"compiler", "mpgemm " MPGEMM_VERSION ", LLVM " LLVM_VERSION_STRING},
                  {"target", target},
                  {"image_sha256", sha256Hex(*image)},
                  {"constants", constants.describe()},
                  {"kernels", table->describe()},
                  {"functions", std::move(*functions)}};
  if (failed(writeConstants(constants, path, manifest, files, error)))
    return fail();
  std::string text = printJSON(std::move(manifest));
  if (kind == ImageKind::PTX) {
    if (failed(files.add(
            path, [&](raw_ostream &os) { os << commentedManifest(text) << *image; }, error)))
      return fail();
    return success();
  }
  if (path == "-") {
    error = "--emit=cubin writes two files; name one with -o";
    return fail();
  }
  if (failed(files.add(
          path, [&](raw_ostream &os) { os << *image; }, error)) ||
      failed(
          files.add((path + ".json").str(), [&](raw_ostream &os) { os << text << '\n'; }, error)))
    return fail();
  return success();
}
