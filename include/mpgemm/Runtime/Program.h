//===- Program.h - An artifact on a device ----------------------*- C++ -*-===//
#ifndef MPGEMM_RUNTIME_PROGRAM_H
#define MPGEMM_RUNTIME_PROGRAM_H

#include "mpgemm/Artifact/Artifact.h"
#include "mpgemm/Runtime/Device.h"

#include <memory>
#include <string>
#include <vector>

namespace mpgemm {

/// Immutable once loaded, and shared by contexts on any threads: kernels are loaded and may use
/// their shared memory, constants are on the device, and `init` has run.
class Program {
public:
  /// Waits until everything is on the device.
  static std::shared_ptr<const Program> load(std::shared_ptr<Device> device,
                                             const std::string &path);

  Device &device() const { return *device_; }
  const std::string &path() const { return artifact.path; }
  const Manifest &manifest() const { return artifact.manifest; }
  const std::string &manifestText() const { return artifact.manifestText; }
  DriverKernel &kernel(int index) const { return *kernels[size_t(index)]; }
  /// Address of a constant; 0 for one that only `init` read.
  DevicePtr constantAddress(int index) const { return constants[size_t(index)]; }
  /// Index of a function; throws Error(InvalidArgument) that lists the names there are.
  int findFunction(const std::string &name) const;
  /// Indices into the manifest's functions of those that can be called: all but `init`.
  const std::vector<int> &callable() const { return callable_; }

private:
  Program(std::shared_ptr<Device> device, Artifact artifact);
  void checkTarget() const;
  void loadKernels();
  void uploadConstants();
  static void runInit(const std::shared_ptr<Program> &program);

  std::shared_ptr<Device> device_;
  Artifact artifact;
  std::unique_ptr<DriverModule> module;
  std::vector<std::unique_ptr<DriverKernel>> kernels;
  DeviceBuffer lastingConstants; ///< Those that calls read.
  DeviceBuffer initConstants;    ///< Those that only `init` reads; freed after it ran.
  std::vector<DevicePtr> constants;
  std::vector<int> callable_;
};

} // namespace mpgemm

#endif // MPGEMM_RUNTIME_PROGRAM_H
