//===- Program.cpp - Loading an artifact onto a device ------------------------===//
#include "mpgemm/Runtime/Program.h"

#include "mpgemm/Runtime/Context.h"
#include "mpgemm/Support/Error.h"

#include <algorithm>

namespace mpgemm {

Program::Program(std::shared_ptr<Device> device, Artifact artifact)
    : device_(std::move(device)), artifact(std::move(artifact)) {
  const Manifest &manifest = this->artifact.manifest;
  for (size_t i = 0; i < manifest.functions.size(); ++i)
    if (manifest.functions[i].name != "init")
      callable_.push_back(int(i));
}

std::shared_ptr<const Program> Program::load(std::shared_ptr<Device> device,
                                             const std::string &path) {
  std::shared_ptr<Program> program(new Program(std::move(device), loadArtifact(path)));
  program->checkTarget();
  program->device().driver().makeCurrent();
  program->loadKernels();
  program->uploadConstants();
  if (program->manifest().findFunction("init") >= 0)
    runInit(program);
  program->artifact.constants.reset();
  program->artifact.image.clear();
  program->artifact.image.shrink_to_fit();
  return program;
}

/// `sm_90a` runs on 9.0 alone; `sm_80` PTX on 8.0 and up; an `sm_80` cubin on 8.x.
void Program::checkTarget() const {
  const std::string &target = manifest().target;
  auto wrong = [&](const std::string &why) {
    return Error(ErrorKind::Unsupported,
                 path() + ": the artifact is for " + target + "; " + device_->text() + " " + why);
  };
  size_t digitsEnd = target.find_first_not_of("0123456789", 3);
  if (target.rfind("sm_", 0) != 0 || digitsEnd == 3 || target.size() < 5 || target.size() > 8)
    throw Error(ErrorKind::InvalidArtifact,
                path() + ": target '" + target + "' is not of the form sm_90a");
  int capability = std::stoi(target.substr(3));
  const DeviceAttributes &attributes = device_->attributes();
  int have = attributes.computeMajor * 10 + attributes.computeMinor;
  auto newest = [&] { // the nearest --target that runs there
    return have == 90 || have == 120 ? "sm_" + std::to_string(have) + "a"
           : have >= 89              ? std::string("sm_89")
                                     : std::string("sm_80");
  };
  bool archSpecific = digitsEnd != std::string::npos && target[digitsEnd] == 'a';
  if (archSpecific && have != capability)
    throw wrong("cannot run code for exactly that architecture; compile with --target=" + newest());
  if (artifact.isCubin && have / 10 != capability / 10)
    throw wrong("cannot run a cubin of another generation; compile with --target=" + newest() +
                " or --emit=ptx");
  if (have < capability)
    throw wrong("is older; compile with --target=" + newest());
}

static std::string kernelText(const Program &program, size_t index) {
  return program.path() + ": kernels[" + std::to_string(index) + "] '" +
         program.manifest().kernels[index].name + "'";
}

void Program::loadKernels() {
  Driver &driver = device_->driver();
  const DeviceAttributes &attributes = device_->attributes();
  // Limits first: a kernel that cannot run is named before the image is assembled.
  for (size_t i = 0; i < manifest().kernels.size(); ++i) {
    const Kernel &kernel = manifest().kernels[i];
    auto refuse = [&](const std::string &needs, const std::string &allows) {
      return Error(ErrorKind::Unsupported, kernelText(*this, i) + " needs " + needs + "; " +
                                               device_->text() + " allows " + allows);
    };
    if (kernel.sharedBytes > attributes.sharedBytesPerBlock)
      throw refuse(std::to_string(kernel.sharedBytes) + " B of shared memory",
                   std::to_string(attributes.sharedBytesPerBlock) + " B");
    unsigned threads = kernel.block[0] * kernel.block[1] * kernel.block[2];
    if (int(threads) > attributes.maxThreadsPerBlock)
      throw refuse(std::to_string(threads) + " threads",
                   std::to_string(attributes.maxThreadsPerBlock));
    if (attributes.computeMajor < 9 && kernel.cluster != std::array<unsigned, 3>{1, 1, 1})
      throw refuse("a cluster", "none (clusters need sm_90)");
  }
  if (manifest().kernels.empty())
    return;
  module = driver.loadModule(artifact.image, artifact.path);
  for (size_t i = 0; i < manifest().kernels.size(); ++i) {
    const Kernel &kernel = manifest().kernels[i];
    kernels.push_back(driver.getKernel(*module, kernel.name));
    driver.setMaxSharedBytes(*kernels.back(), kernel.sharedBytes);
    std::vector<size_t> sizes = kernels.back()->parameterSizes();
    if (sizes.empty())
      continue; // a driver that cannot tell
    std::vector<size_t> expected;
    for (ParameterKind kind : kernel.parameters)
      expected.push_back(parameterBytes(kind));
    if (sizes == expected)
      continue;
    auto list = [](const std::vector<size_t> &bytes) {
      std::string text;
      for (size_t size : bytes)
        text += (text.empty() ? "" : ", ") + std::to_string(size);
      return text.empty() ? std::string("none") : text;
    };
    throw Error(ErrorKind::InvalidArtifact, kernelText(*this, i) + " has parameters of " +
                                                list(expected) + " bytes in the manifest, but of " +
                                                list(sizes) + " bytes in the image");
  }
}

/// Constants that some function other than `init` names; the others live only while `init` runs.
static std::vector<bool> lastingConstantsOf(const Manifest &manifest) {
  std::vector<bool> lasting(manifest.constants.size());
  for (size_t i = 0; i < lasting.size(); ++i)
    lasting[i] = manifest.constants[i].source == Constant::Source::Init;
  for (const Function &function : manifest.functions)
    if (function.name != "init")
      for (const Buffer &buffer : function.buffers)
        if (buffer.kind == Buffer::Kind::Constant)
          lasting[size_t(buffer.index)] = true;
  return lasting;
}

void Program::uploadConstants() {
  Driver &driver = device_->driver();
  std::vector<bool> lasting = lastingConstantsOf(manifest());
  std::vector<size_t> offsets;
  size_t totals[2] = {0, 0};
  for (size_t i = 0; i < lasting.size(); ++i) {
    offsets.push_back(totals[lasting[i]]);
    totals[lasting[i]] += (size_t(manifest().constants[i].bytes) + 255) / 256 * 256;
  }
  if (totals[1])
    lastingConstants = DeviceBuffer(driver, totals[1]);
  if (totals[0])
    initConstants = DeviceBuffer(driver, totals[0]);
  for (size_t i = 0; i < lasting.size(); ++i) {
    const Constant &constant = manifest().constants[i];
    constants.push_back((lasting[i] ? lastingConstants : initConstants).address() + offsets[i]);
    if (constant.source == Constant::Source::File)
      driver.copyToDevice(constants[i], artifact.constants->tensors().at(constant.name).data,
                          size_t(constant.bytes), 0);
  }
  driver.synchronize(0);
}

void Program::runInit(const std::shared_ptr<Program> &program) {
  const Manifest &manifest = program->manifest();
  int init = manifest.findFunction("init");
  const Function &function = manifest.functions[size_t(init)];
  {
    Context context(program);
    context.reserve(init, nullptr, 0);
    std::vector<mpgemm_tensor> results;
    for (const TensorSpec &result : function.results) {
      auto constant = std::find_if(manifest.constants.begin(), manifest.constants.end(),
                                   [&](const Constant &c) { return c.name == result.name; });
      size_t index = size_t(constant - manifest.constants.begin());
      results.push_back({program->constants[index], nullptr, -1, nullptr});
    }
    context.call(init, nullptr, 0, results.data(), results.size(), 0, 0);
    program->device().driver().synchronize(0);
  }
  std::vector<bool> lasting = lastingConstantsOf(manifest);
  for (size_t i = 0; i < lasting.size(); ++i)
    if (!lasting[i])
      program->constants[i] = 0;
  program->initConstants = DeviceBuffer();
}

int Program::findFunction(const std::string &name) const {
  int index = manifest().findFunction(name);
  if (index >= 0 && name != "init")
    return index;
  std::string known;
  for (int function : callable_)
    known += (known.empty() ? "" : ", ") + manifest().functions[size_t(function)].name;
  throw Error(ErrorKind::InvalidArgument, path() + " has no function '" + name + "'; it has " +
                                              (known.empty() ? "none" : known));
}

} // namespace mpgemm
