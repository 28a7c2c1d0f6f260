//===- File.h - Whole files in, whole files out -----------------*- C++ -*-===//
#ifndef MPGEMM_SUPPORT_FILE_H
#define MPGEMM_SUPPORT_FILE_H

#include <functional>
#include <iosfwd>
#include <string>

namespace mpgemm {

/// The bytes of a file. Throws Error(InvalidArgument) with the path and the system's reason.
std::string readFile(const std::string &path);

/// Writes a file beside `path` and renames it over `path` once `write` returned and everything
/// reached the disk. Whatever fails, a file that was at `path` stays as it was.
void writeFileAtomically(const std::string &path, const std::function<void(std::ostream &)> &write);

/// The part of `path` up to and with its last slash; empty where there is none.
std::string directoryOf(const std::string &path);

} // namespace mpgemm

#endif // MPGEMM_SUPPORT_FILE_H
