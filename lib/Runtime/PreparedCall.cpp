//===- PreparedCall.cpp - A function resolved for one set of shapes -----------===//
#include "mpgemm/Runtime/PreparedCall.h"

#include "mpgemm/Support/CheckedMath.h"
#include "mpgemm/Support/Error.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace mpgemm {

/// Executable graphs kept for different sets of addresses.
static constexpr size_t mostGraphs = 4;

static Error invalid(const std::string &message) {
  return Error(ErrorKind::InvalidArgument, message);
}

PreparedCall::PreparedCall(const Program &program, const Function &function,
                           const ExpressionValues &values, const std::vector<int64_t> &bufferBytes)
    : program(program), function(function), bufferBytes(bufferBytes),
      driver(program.device().driver()) {
  for (const Step &step : function.steps)
    if (step.op == Step::Op::Assert && step.condition.evaluate(values) == 0)
      throw invalid(step.where + ": " + step.message + " (" + step.condition.text() + ")");
  for (const Step &step : function.steps) {
    switch (step.op) {
    case Step::Op::Assert:
      break;
    case Step::Op::Launch:
      addLaunch(step, values);
      break;
    case Step::Op::Copy: {
      int64_t bytes = step.bytes.evaluateSize(values, "number of bytes");
      Copy copy{step.from.buffer, step.to.buffer, offsetOf(step.from, values, bytes),
                offsetOf(step.to, values, bytes), bytes};
      if (bytes > 0)
        steps.emplace_back(copy);
      break;
    }
    case Step::Op::Fill: {
      int64_t bytes = step.bytes.evaluateSize(values, "number of bytes");
      Fill fill{step.to.buffer, offsetOf(step.to, values, bytes), bytes, step.value};
      if (bytes > 0)
        steps.emplace_back(fill);
      break;
    }
    }
    stepIndices.resize(steps.size(), int(&step - function.steps.data()));
  }
}

PreparedCall::~PreparedCall() {
  try {
    for (Graph &graph : graphs)
      driver.destroyGraph(graph.handle);
    if (captureStream)
      driver.destroyStream(captureStream);
  } catch (const Error &) {
    // The device failed earlier; that failure was reported where it happened.
  }
}

/// The offset of a place, where `bytes` from it on lie inside the buffer.
int64_t PreparedCall::offsetOf(const Place &place, const ExpressionValues &values, int64_t bytes) {
  int64_t offset = place.offset.evaluateSize(values, "offset");
  int64_t size = bufferBytes[size_t(place.buffer)];
  if (offset > size || bytes > size - offset)
    throw invalid(place.offset.place() + ": " + std::to_string(bytes) + " bytes at offset " +
                  std::to_string(offset) + " leave buffers[" + std::to_string(place.buffer) +
                  "], which has " + std::to_string(size));
  return offset;
}

void PreparedCall::checkGrid(const LaunchVariant &variant, Launch &launch,
                             const ExpressionValues &values) {
  static const int64_t limits[3] = {std::numeric_limits<int32_t>::max(), 65535, 65535};
  for (size_t d = 0; d < 3; ++d) {
    const Expression &expression = variant.grid[d];
    int64_t ctas = expression.evaluateSize(values, "number of CTAs");
    if (ctas > limits[d])
      throw invalid(expression.place() + ": " + expression.text() + " is " + std::to_string(ctas) +
                    " CTAs; dimension " + std::to_string(d) + " of a grid has at most " +
                    std::to_string(limits[d]));
    if (ctas % launch.config.cluster[d] != 0)
      throw invalid(expression.place() + ": " + std::to_string(ctas) +
                    " CTAs are not a multiple of the cluster's " +
                    std::to_string(launch.config.cluster[d]));
    launch.config.grid[d] = unsigned(ctas);
  }
}

void PreparedCall::addLaunch(const Step &step, const ExpressionValues &values) {
  const LaunchVariant *chosen = nullptr;
  for (const LaunchVariant &variant : step.variants)
    if (!chosen && variant.when.evaluate(values) != 0)
      chosen = &variant;
  if (!chosen) {
    std::string list;
    for (const LaunchVariant &variant : step.variants)
      list += "\n  '" + program.manifest().kernels[size_t(variant.kernel)].name + "' when " +
              variant.when.text();
    std::string symbols;
    for (size_t i = 0; i < function.symbols.size(); ++i)
      symbols +=
          (i ? ", " : " with ") + function.symbols[i] + " = " + std::to_string(values.symbols[i]);
    throw invalid(step.where + ": no variant applies" + symbols + "; there are" + list);
  }
  const Kernel &kernel = program.manifest().kernels[size_t(chosen->kernel)];
  Launch launch;
  launch.kernel = &program.kernel(chosen->kernel);
  launch.config.cluster = kernel.cluster;
  launch.config.block = kernel.block;
  launch.config.sharedBytes = kernel.sharedBytes;
  launch.config.programmaticDependentLaunch = kernel.programmaticDependentLaunch;
  checkGrid(*chosen, launch, values);
  if (launch.config.grid[0] == 0 || launch.config.grid[1] == 0 || launch.config.grid[2] == 0)
    return;
  launch.slots.resize(kernel.parameters.size());
  for (size_t i = 0; i < chosen->arguments.size(); ++i)
    addArgument(launch, i, chosen->arguments[i], values);
  for (Slot &slot : launch.slots)
    launch.parameters.push_back(slot.bytes);
  LaunchReport report;
  report.label = step.label;
  report.kernel = chosen->kernel;
  report.grid = launch.config.grid;
  report.flops = step.flops.evaluate(values);
  report.bytes = step.traffic.evaluate(values);
  reports_.push_back(std::move(report));
  // Moving a vector keeps its storage, so `parameters` stays valid.
  steps.emplace_back(std::move(launch));
}

void PreparedCall::addArgument(Launch &launch, size_t slot, const LaunchArgument &argument,
                               const ExpressionValues &values) {
  unsigned char *bytes = launch.slots[slot].bytes;
  switch (argument.kind) {
  case ParameterKind::Pointer:
    launch.pointers.push_back({slot, argument.place.buffer, offsetOf(argument.place, values, 0)});
    break;
  case ParameterKind::TensorMap:
    addTensorMap(launch, slot, argument, values);
    break;
  case ParameterKind::I64: {
    int64_t value = argument.value.evaluate(values);
    std::memcpy(bytes, &value, sizeof(value));
    break;
  }
  case ParameterKind::I32: {
    int64_t value = argument.value.evaluate(values);
    auto narrow = int32_t(value);
    if (narrow != value)
      throw invalid(argument.value.place() + ": " + argument.value.text() + " is " +
                    std::to_string(value) + ", which does not fit i32");
    std::memcpy(bytes, &narrow, sizeof(narrow));
    break;
  }
  case ParameterKind::F32:
    std::memcpy(bytes, &argument.number, sizeof(argument.number));
    break;
  }
}

static TensorMapType tensorMapType(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return TensorMapType::F64;
  case ElementType::F32:
    return TensorMapType::F32;
  case ElementType::F16:
    return TensorMapType::F16;
  case ElementType::BF16:
    return TensorMapType::BF16;
  case ElementType::I64:
    return TensorMapType::I64;
  case ElementType::I32:
    return TensorMapType::I32;
  case ElementType::I16:
    return TensorMapType::U16;
  case ElementType::F8E4M3FN:
  case ElementType::F8E5M2:
  case ElementType::F8E8M0FNU:
  case ElementType::I8:
  case ElementType::U8:
  case ElementType::I1:
    return TensorMapType::U8;
  }
  return TensorMapType::U8;
}

void PreparedCall::addTensorMap(Launch &launch, size_t slot, const LaunchArgument &argument,
                                const ExpressionValues &values) {
  const TensorMapSpec &spec = argument.map;
  MapPatch patch;
  patch.slot = slot;
  patch.buffer = argument.place.buffer;
  TensorMapDesc &desc = patch.desc;
  desc.type = tensorMapType(spec.type);
  desc.rank = int(spec.sizes.size());
  desc.swizzleBytes = spec.swizzle;
  desc.l2PromotionBytes = spec.l2Promotion;
  // Bytes from the first to behind the last element.
  auto extent = int64_t(elementBytes(spec.type));
  for (size_t d = 0; d < spec.sizes.size(); ++d) {
    int64_t size = spec.sizes[d].evaluate(values);
    if (size < 1 || size > int64_t(1) << 32)
      throw invalid(spec.sizes[d].place() + ": " + spec.sizes[d].text() + " is " +
                    std::to_string(size) + "; a tensor map has sizes from 1 to 2^32");
    int64_t stride = int64_t(elementBytes(spec.type)), span = 0;
    if (d > 0) {
      const Expression &expression = spec.strides[d - 1];
      stride = expression.evaluate(values);
      if (stride <= 0 || stride % 16 != 0 || stride >= int64_t(1) << 40)
        throw invalid(expression.place() + ": " + expression.text() + " is " +
                      std::to_string(stride) +
                      "; a tensor map has strides that are multiples of 16 below 2^40");
      desc.stridesBytes[d - 1] = uint64_t(stride);
    }
    if (!checkedMul(size - 1, stride, span) || !checkedAdd(extent, span, extent))
      throw invalid(argument.where + ": the tensor map spans more bytes than 64 bits can count");
    desc.sizes[d] = uint64_t(size);
    desc.box[d] = spec.box[d];
  }
  patch.offset = offsetOf(argument.place, values, extent);
  launch.maps.push_back(patch);
}

void PreparedCall::bind(const std::vector<DevicePtr> &addresses) {
  if (addresses == bound)
    return;
  bound.clear(); // until all of it is in place
  for (auto &step : steps) {
    auto *launch = std::get_if<Launch>(&step);
    if (!launch)
      continue;
    for (const PointerPatch &patch : launch->pointers) {
      DevicePtr address = addresses[size_t(patch.buffer)] + uint64_t(patch.offset);
      std::memcpy(launch->slots[patch.slot].bytes, &address, sizeof(address));
    }
    for (MapPatch &patch : launch->maps) {
      DevicePtr address = addresses[size_t(patch.buffer)] + uint64_t(patch.offset);
      if (address == patch.desc.address)
        continue;
      patch.desc.address = 0;
      TensorMapDesc desc = patch.desc;
      desc.address = address;
      TensorMap map = driver.encodeTensorMap(desc);
      std::memcpy(launch->slots[patch.slot].bytes, map.data(), map.size());
      patch.desc.address = address;
    }
  }
  bound = addresses;
}

inline void PreparedCall::enqueueStep(std::variant<Launch, Copy, Fill> &step, StreamHandle stream) {
  if (auto *launch = std::get_if<Launch>(&step))
    driver.launch(*launch->kernel, launch->config, launch->parameters.data(),
                  launch->parameters.size(), stream);
  else if (auto *copy = std::get_if<Copy>(&step))
    driver.copyOnDevice(bound[size_t(copy->toBuffer)] + uint64_t(copy->toOffset),
                        bound[size_t(copy->fromBuffer)] + uint64_t(copy->fromOffset),
                        size_t(copy->bytes), stream);
  else if (auto *fill = std::get_if<Fill>(&step))
    driver.fill(bound[size_t(fill->buffer)] + uint64_t(fill->offset), fill->value,
                size_t(fill->bytes), stream);
}

void PreparedCall::enqueue(StreamHandle stream) {
  for (auto &step : steps)
    enqueueStep(step, stream);
}

void PreparedCall::runSteps(StreamHandle stream, const std::function<void(int)> &afterStep) {
  size_t next = 0;
  for (int index = 0; index < int(function.steps.size()); ++index) {
    for (; next < steps.size() && stepIndices[next] == index; ++next)
      enqueueStep(steps[next], stream);
    afterStep(index);
  }
}

GraphHandle PreparedCall::graphForBoundAddresses() {
  ++useCount;
  for (Graph &graph : graphs)
    if (graph.addresses == bound) {
      graph.lastUse = useCount;
      return graph.handle;
    }
  // Captured on a stream of our own: the caller's may be the default stream, which cannot be
  // captured.
  if (!captureStream)
    captureStream = driver.createStream();
  driver.beginCapture(captureStream);
  try {
    enqueue(captureStream);
  } catch (...) {
    try {
      driver.destroyGraph(driver.endCapture(captureStream));
    } catch (const Error &) {
      // The capture broke with the launch; the launch's error is the one to report.
    }
    throw;
  }
  if (graphs.size() < mostGraphs) {
    graphs.push_back({bound, driver.endCapture(captureStream), useCount});
    return graphs.back().handle;
  }
  auto oldest = std::min_element(graphs.begin(), graphs.end(), [](const Graph &a, const Graph &b) {
    return a.lastUse < b.lastUse;
  });
  Graph updated = std::move(*oldest);
  graphs.erase(oldest); // endCaptureInto gives the old graph up even where it fails
  updated.handle = driver.endCaptureInto(captureStream, updated.handle);
  updated.addresses = bound;
  updated.lastUse = useCount;
  graphs.push_back(std::move(updated));
  return graphs.back().handle;
}

void PreparedCall::run(StreamHandle stream, bool graph) {
  if (!graph || steps.empty() || driver.isCapturing(stream))
    return enqueue(stream);
  driver.launchGraph(graphForBoundAddresses(), stream);
}

} // namespace mpgemm
