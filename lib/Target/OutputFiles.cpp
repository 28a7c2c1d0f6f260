// The files a compilation writes: all of them or none.
#include "mpgemm/Target/OutputFiles.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace mlir::mpgemm;

OutputFiles::~OutputFiles() {
  for (const File &file : files)
    if (!file.temporary.empty())
      llvm::sys::fs::remove(file.temporary);
}

LogicalResult OutputFiles::add(StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> write,
                               std::string &error) {
  File file{path.str(), {}, {}};
  // A device or a pipe is written where it is: renaming a file over /dev/null would replace it.
  llvm::sys::fs::file_status status;
  bool isSpecial = !llvm::sys::fs::status(path, status) && llvm::sys::fs::exists(status) &&
                   !llvm::sys::fs::is_regular_file(status) && !llvm::sys::fs::is_directory(status);
  if (path == "-" || isSpecial) {
    llvm::raw_string_ostream os(file.text);
    write(os);
    files.push_back(std::move(file));
    return success();
  }
  if (llvm::sys::fs::is_directory(path)) {
    error = ("cannot write '" + path + "': it is a directory").str();
    return failure();
  }
  int descriptor;
  SmallString<128> temporary;
  auto mode = llvm::sys::fs::all_read | llvm::sys::fs::all_write;
  if (std::error_code code = llvm::sys::fs::createUniqueFile(
          path + ".%%%%%%.tmp", descriptor, temporary, llvm::sys::fs::OF_None, mode)) {
    error = ("cannot write '" + path + "': " + code.message()).str();
    return failure();
  }
  file.temporary = temporary.str();
  files.push_back(file);
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  write(os);
  os.close();
  if (os.has_error()) {
    error = ("cannot write '" + path + "': " + os.error().message()).str();
    os.clear_error();
    return failure();
  }
  return success();
}

/// Writes standard output ("-"), a device or a pipe.
static LogicalResult writeInPlace(StringRef path, StringRef text, std::string &error) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code, llvm::sys::fs::CD_OpenExisting, llvm::sys::fs::FA_Write,
                          llvm::sys::fs::OF_None);
  if (!code) {
    os << text;
    os.flush();
    code = os.error();
    os.clear_error();
  }
  if (!code)
    return success();
  error = ("cannot write '" + path + "': " + code.message()).str();
  return failure();
}

LogicalResult OutputFiles::commit(std::string &error) {
  for (File &file : files) {
    if (file.temporary.empty()) {
      if (failed(writeInPlace(file.path, file.text, error)))
        return failure();
      continue;
    }
    if (std::error_code code = llvm::sys::fs::rename(file.temporary, file.path)) {
      error = "cannot write '" + file.path + "': " + code.message();
      return failure();
    }
    file.temporary.clear();
  }
  return success();
}

std::string mpgemm::sha256Hex(StringRef data) {
  llvm::SHA256 hash;
  hash.update(data);
  auto digest = hash.final();
  return llvm::toHex(digest, /*LowerCase=*/true);
}

struct HashingStream::State {
  llvm::SHA256 hash;
};

HashingStream::HashingStream(llvm::raw_ostream &os) : state(std::make_unique<State>()), os(os) {}

HashingStream::~HashingStream() { flush(); }

void HashingStream::write_impl(const char *data, size_t size) {
  state->hash.update(StringRef(data, size));
  os.write(data, size);
  position += size;
}

std::string HashingStream::hexDigest() {
  flush();
  auto digest = state->hash.final();
  return llvm::toHex(digest, /*LowerCase=*/true);
}
