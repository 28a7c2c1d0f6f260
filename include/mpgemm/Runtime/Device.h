//===- Device.h - A device by its specification -----------------*- C++ -*-===//
#ifndef MPGEMM_RUNTIME_DEVICE_H
#define MPGEMM_RUNTIME_DEVICE_H

#include "mpgemm/Runtime/Driver.h"

#include <memory>
#include <string>

namespace mpgemm {

/// A driver and the specification that opens it. Shared by programs; safe to use from several
/// threads.
class Device {
public:
  /// Opens "cuda", "cuda:N", "sim" or "sim:options".
  static std::shared_ptr<Device> open(const std::string &specification);
  /// Wraps a driver that exists already.
  Device(std::unique_ptr<Driver> driver, std::string specification)
      : driver_(std::move(driver)), specification_(std::move(specification)) {}

  Driver &driver() const { return *driver_; }
  const DeviceAttributes &attributes() const { return driver_->attributes(); }
  const std::string &specification() const { return specification_; }
  /// "cuda:0 (sm_90)", for messages.
  std::string text() const;

private:
  std::unique_ptr<Driver> driver_;
  std::string specification_;
};

/// "cuda" where there is a CUDA device, else "sim"; `whySimulator` receives the reason for the
/// latter.
std::string defaultDevice(std::string *whySimulator);

/// Device memory that frees itself.
class DeviceBuffer {
public:
  DeviceBuffer() = default;
  DeviceBuffer(Driver &driver, size_t bytes) : driver(&driver), address_(driver.allocate(bytes)) {}
  DeviceBuffer(DeviceBuffer &&other) noexcept { swap(other); }
  DeviceBuffer &operator=(DeviceBuffer &&other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceBuffer();

  DevicePtr address() const { return address_; }

private:
  void swap(DeviceBuffer &other) {
    std::swap(driver, other.driver);
    std::swap(address_, other.address_);
  }

  Driver *driver = nullptr;
  DevicePtr address_ = 0;
};

} // namespace mpgemm

#endif // MPGEMM_RUNTIME_DEVICE_H
