//===- Device.cpp - A device by its specification -----------------------------===//
#include "mpgemm/Runtime/Device.h"

#include "mpgemm/Simulator/Simulator.h"
#include "mpgemm/Support/Error.h"

namespace mpgemm {

static int parseOrdinal(const std::string &specification) {
  std::string digits = specification.substr(5);
  if (digits.empty() || digits.size() > 6 ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    throw Error(ErrorKind::InvalidArgument, "device '" + specification +
                                                "' has no number after 'cuda:'; expected cuda:0 "
                                                "and so on");
  return std::stoi(digits);
}

std::shared_ptr<Device> Device::open(const std::string &specification) {
  if (specification == "cuda")
    return std::make_shared<Device>(createCudaDriver(0), "cuda:0");
  if (specification.rfind("cuda:", 0) == 0)
    return std::make_shared<Device>(createCudaDriver(parseOrdinal(specification)), specification);
  if (specification == "sim" || specification.rfind("sim:", 0) == 0)
    return std::make_shared<Device>(createSimulatorDriver(parseSimulatorOptions(specification)),
                                    specification);
  throw Error(ErrorKind::InvalidArgument,
              "unknown device '" + specification +
                  "'; expected cuda, cuda:N, sim or sim:option=value,...");
}

std::string Device::text() const {
  return specification_ + " (sm_" + std::to_string(attributes().computeMajor) +
         std::to_string(attributes().computeMinor) + ")";
}

std::string defaultDevice(std::string *whySimulator) {
  return cudaDeviceCount(whySimulator) > 0 ? "cuda" : "sim";
}

DeviceBuffer::~DeviceBuffer() {
  if (!driver)
    return;
  try {
    driver->free(address_);
  } catch (const Error &) {
    // The device failed earlier; that failure was reported where it happened.
  }
}

} // namespace mpgemm
