//===- Error.h - The exception of the runtime half --------------*- C++ -*-===//
//
// Everything in the runtime half reports a problem of its input or of the device by throwing Error;
// the C API turns it into a status and a message. Messages are lower case, say what and where, give
// both values, and what would work.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_SUPPORT_ERROR_H
#define MPGEMM_SUPPORT_ERROR_H

#include <stdexcept>
#include <string>

namespace mpgemm {

enum class ErrorKind {
  InvalidArgument, ///< The caller's input: a shape, a path, an option.
  InvalidArtifact, ///< The artifact or a file beside it is damaged, of another version or
                   ///< inconsistent.
  Unsupported,     ///< Valid, but this device or build cannot do it.
  Device,          ///< The driver, or a check of the simulator.
  OutOfMemory,
  Internal, ///< A bug of ours.
};

class Error : public std::runtime_error {
public:
  Error(ErrorKind kind, const std::string &message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

private:
  ErrorKind kind_;
};

} // namespace mpgemm

#endif // MPGEMM_SUPPORT_ERROR_H
