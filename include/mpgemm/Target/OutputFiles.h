// The files a compilation writes: all of them or none.
#ifndef MPGEMM_TARGET_OUTPUTFILES_H
#define MPGEMM_TARGET_OUTPUTFILES_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace mlir::mpgemm {

/// Writes each file beside its final place; `commit` renames them all. Without a commit the new
/// files go away and what was there before stays. Standard output ("-"), a device and a pipe are
/// written at the commit and never replaced.
class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles &) = delete;
  OutputFiles &operator=(const OutputFiles &) = delete;
  ~OutputFiles();

  /// Writes what `write` prints for `path`. Failure leaves a message in `error`.
  LogicalResult add(StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> write,
                    std::string &error);
  LogicalResult commit(std::string &error);

private:
  struct File {
    std::string path;
    std::string temporary; ///< Empty for standard output, a device or a pipe.
    std::string text;      ///< Where there is no temporary file.
  };
  std::vector<File> files;
};

/// SHA-256 in lower-case hexadecimal.
std::string sha256Hex(StringRef data);

/// A stream that hashes what passes through it to `os`.
class HashingStream : public llvm::raw_ostream {
public:
  explicit HashingStream(llvm::raw_ostream &os);
  ~HashingStream() override;
  std::string hexDigest();

private:
  void write_impl(const char *data, size_t size) override;
  uint64_t current_pos() const override { return position; }

  struct State;
  std::unique_ptr<State> state;
  llvm::raw_ostream &os;
  uint64_t position = 0;
};

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_OUTPUTFILES_H
