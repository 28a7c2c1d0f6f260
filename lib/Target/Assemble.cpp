// From PTX to a cubin with ptxas.
#include "mpgemm/Target/Assemble.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {
/// A file in the temporary directory that goes away with the object.
struct TemporaryFile {
  explicit TemporaryFile(StringRef suffix) {
    code = llvm::sys::fs::createTemporaryFile("mpgemm", suffix, path);
  }
  ~TemporaryFile() {
    if (!code)
      llvm::sys::fs::remove(path);
  }
  std::error_code code;
  SmallString<128> path;
};
} // namespace

static llvm::ErrorOr<std::string> findAssembler() {
  if (auto onPath = llvm::sys::findProgramByName("ptxas"))
    return onPath;
  return llvm::sys::findProgramByName("ptxas", {"/usr/local/cuda/bin", "/opt/cuda/bin"});
}

static std::string readAll(StringRef path) {
  auto buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

std::string mpgemm::findAssemblerComplaint(StringRef log) {
  llvm::Regex serialised("C7[56][0-9][0-9]");
  llvm::Regex spill("[1-9][0-9]* bytes spill (stores|loads)");
  SmallVector<StringRef> lines;
  log.split(lines, '\n');
  for (StringRef line : lines)
    if (serialised.match(line) || spill.match(line))
      return line.trim().str();
  return {};
}

FailureOr<std::string> mpgemm::assemble(StringRef ptx, StringRef target, std::string &error) {
  llvm::ErrorOr<std::string> assembler = findAssembler();
  if (!assembler) {
    error = "--emit=cubin needs ptxas of the CUDA toolkit, which is neither on PATH nor in "
            "/usr/local/cuda/bin; --emit=ptx needs no toolkit";
    return failure();
  }
  TemporaryFile input("ptx"), output("cubin"), log("log");
  for (const TemporaryFile *file : {&input, &output, &log})
    if (file->code) {
      error = "cannot make a temporary file: " + file->code.message();
      return failure();
    }
  {
    std::error_code code;
    llvm::raw_fd_ostream os(input.path, code);
    os << ptx;
    os.close();
    if (os.has_error()) {
      error = ("cannot write '" + input.path + "': " + os.error().message()).str();
      os.clear_error();
      return failure();
    }
  }
  std::string architecture = ("-arch=" + target).str();
  StringRef arguments[] = {*assembler, "-v", architecture, input.path, "-o", output.path};
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(log.path), StringRef(log.path)};
  std::string why;
  int status =
      llvm::sys::ExecuteAndWait(*assembler, arguments, std::nullopt, redirects, 0, 0, &why);
  std::string said = readAll(log.path);
  if (status != 0) {
    error = "ptxas failed: " + (why.empty() ? said : why);
    return failure();
  }
  if (std::string complaint = findAssemblerComplaint(said); !complaint.empty()) {
    error = "ptxas made a slow kernel: " + complaint;
    return failure();
  }
  return readAll(output.path);
}
