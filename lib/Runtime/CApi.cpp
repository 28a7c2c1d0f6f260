//===- CApi.cpp - The C API over the C++ core ---------------------------------===//
//
// Handles are heap objects that hold a shared pointer; exceptions become a status and a message of
// the calling thread.
//
//===----------------------------------------------------------------------===//
#include "mpgemm/Runtime/mpgemm.h"

#include "CudaApi.h"

#include "mpgemm/Runtime/Context.h"
#include "mpgemm/Runtime/Device.h"
#include "mpgemm/Runtime/Program.h"
#include "mpgemm/Support/Error.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <new>

using namespace mpgemm;

struct mpgemm_device_s {
  std::shared_ptr<Device> device;
  mpgemm_device_info info;
};

struct mpgemm_program_s {
  struct FunctionInfo {
    std::vector<mpgemm_tensor_info> arguments, results;
  };
  std::shared_ptr<const Program> program;
  std::deque<std::vector<mpgemm_dimension>> dimensions; ///< What the tensor infos point at.
  std::vector<FunctionInfo> functions;                  ///< In the order of Program::callable.
  std::vector<mpgemm_kernel_info> kernels;

  /// The manifest's index of a callable function; throws where there is none.
  int function(int32_t index) const {
    const std::vector<int> &callable = program->callable();
    if (index < 0 || size_t(index) >= callable.size())
      throw Error(ErrorKind::InvalidArgument, "no function " + std::to_string(index) +
                                                  "; the program has " +
                                                  std::to_string(callable.size()));
    return callable[size_t(index)];
  }
};

struct mpgemm_context_s {
  mpgemm_context_s(mpgemm_program_s *program)
      : functions(program->program->callable()), context(program->program) {}
  std::vector<int> functions;
  Context context;
};

static thread_local std::string lastError;

static mpgemm_status statusOf(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::InvalidArgument:
    return MPGEMM_INVALID_ARGUMENT;
  case ErrorKind::InvalidArtifact:
    return MPGEMM_INVALID_ARTIFACT;
  case ErrorKind::Unsupported:
    return MPGEMM_UNSUPPORTED;
  case ErrorKind::Device:
    return MPGEMM_DEVICE_ERROR;
  case ErrorKind::OutOfMemory:
    return MPGEMM_OUT_OF_MEMORY;
  case ErrorKind::Internal:
    return MPGEMM_INTERNAL;
  }
  return MPGEMM_INTERNAL;
}

/// Runs the body of an API function and turns what it throws into a status.
template <typename Body> static mpgemm_status guarded(Body body) noexcept {
  try {
    cuda::KeepCurrentContext keep;
    body();
    return MPGEMM_OK;
  } catch (const Error &error) {
    lastError = error.what();
    return statusOf(error.kind());
  } catch (const std::bad_alloc &) {
    lastError = "out of host memory";
    return MPGEMM_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    lastError = std::string("internal error: ") + error.what();
    return MPGEMM_INTERNAL;
  }
}

template <typename T> static T *required(T *pointer, const char *name) {
  if (!pointer)
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " is null");
  return pointer;
}

/// Checks an array of the caller's and returns its length.
static size_t arrayLength(const void *array, int32_t count, const char *name) {
  if (count < 0 || (count > 0 && !array))
    throw Error(ErrorKind::InvalidArgument,
                count < 0 ? "the number of " + std::string(name) + " is negative"
                          : std::string(name) + " is null");
  return size_t(count);
}

static Driver &driverOf(mpgemm_device device) {
  return required(device, "device")->device->driver();
}

extern "C" {

int32_t mpgemm_api_version(void) { return MPGEMM_API_VERSION; }
const char *mpgemm_version(void) { return MPGEMM_VERSION; }
const char *mpgemm_last_error(void) { return lastError.c_str(); }

const char *mpgemm_status_name(mpgemm_status status) {
  switch (status) {
  case MPGEMM_OK:
    return "ok";
  case MPGEMM_INVALID_ARGUMENT:
    return "invalid argument";
  case MPGEMM_INVALID_ARTIFACT:
    return "invalid artifact";
  case MPGEMM_UNSUPPORTED:
    return "unsupported";
  case MPGEMM_DEVICE_ERROR:
    return "device error";
  case MPGEMM_OUT_OF_MEMORY:
    return "out of memory";
  case MPGEMM_INTERNAL:
    return "internal error";
  }
  return "unknown status";
}

//===- Device -----------------------------------------------------------------===//

mpgemm_status mpgemm_cuda_device_count(int32_t *count) {
  return guarded([&] {
    std::string whyNone;
    *required(count, "count") = cudaDeviceCount(&whyNone);
    if (*count == 0)
      lastError = whyNone;
  });
}

mpgemm_status mpgemm_device_open(const char *specification, mpgemm_device *device) {
  return guarded([&] {
    required(device, "device");
    auto handle = std::make_unique<mpgemm_device_s>();
    handle->device = Device::open(required(specification, "specification"));
    const DeviceAttributes &a = handle->device->attributes();
    handle->info = {a.name.c_str(),        handle->device->specification().c_str(),
                    a.isSimulator,         a.computeMajor,
                    a.computeMinor,        a.multiprocessors,
                    a.sharedBytesPerBlock, a.l2Bytes,
                    a.globalBytes};
    *device = handle.release();
  });
}

void mpgemm_device_release(mpgemm_device device) {
  cuda::KeepCurrentContext keep;
  delete device;
}

const mpgemm_device_info *mpgemm_device_get_info(mpgemm_device device) {
  return device ? &device->info : nullptr;
}

mpgemm_status mpgemm_device_allocate(mpgemm_device device, size_t bytes, uint64_t *address) {
  return guarded([&] {
    required(address, "address");
    *address = driverOf(device).allocate(bytes);
  });
}

mpgemm_status mpgemm_device_free(mpgemm_device device, uint64_t address) {
  return guarded([&] { driverOf(device).free(address); });
}

mpgemm_status mpgemm_copy_to_device(mpgemm_device device, uint64_t to, const void *from,
                                    size_t bytes, uint64_t stream) {
  return guarded([&] {
    if (bytes)
      required(from, "from");
    driverOf(device).copyToDevice(to, from, bytes, stream);
    driverOf(device).synchronize(stream); // a copy from pinned memory would still be reading
  });
}

mpgemm_status mpgemm_copy_to_host(mpgemm_device device, void *to, uint64_t from, size_t bytes,
                                  uint64_t stream) {
  return guarded([&] {
    if (bytes)
      required(to, "to");
    driverOf(device).copyToHost(to, from, bytes, stream);
    driverOf(device).synchronize(stream);
  });
}

mpgemm_status mpgemm_copy_on_device(mpgemm_device device, uint64_t to, uint64_t from, size_t bytes,
                                    uint64_t stream) {
  return guarded([&] { driverOf(device).copyOnDevice(to, from, bytes, stream); });
}

mpgemm_status mpgemm_fill(mpgemm_device device, uint64_t to, uint8_t value, size_t bytes,
                          uint64_t stream) {
  return guarded([&] { driverOf(device).fill(to, value, bytes, stream); });
}

mpgemm_status mpgemm_stream_create(mpgemm_device device, uint64_t *stream) {
  return guarded([&] { *required(stream, "stream") = driverOf(device).createStream(); });
}

mpgemm_status mpgemm_stream_destroy(mpgemm_device device, uint64_t stream) {
  return guarded([&] { driverOf(device).destroyStream(stream); });
}

mpgemm_status mpgemm_stream_synchronize(mpgemm_device device, uint64_t stream) {
  return guarded([&] { driverOf(device).synchronize(stream); });
}

mpgemm_status mpgemm_event_create(mpgemm_device device, uint64_t *event) {
  return guarded([&] { *required(event, "event") = driverOf(device).createEvent(); });
}

mpgemm_status mpgemm_event_destroy(mpgemm_device device, uint64_t event) {
  return guarded([&] { driverOf(device).destroyEvent(event); });
}

mpgemm_status mpgemm_event_record(mpgemm_device device, uint64_t event, uint64_t stream) {
  return guarded([&] { driverOf(device).recordEvent(event, stream); });
}

mpgemm_status mpgemm_event_elapsed(mpgemm_device device, uint64_t begin, uint64_t end,
                                   double *milliseconds) {
  return guarded(
      [&] { *required(milliseconds, "milliseconds") = driverOf(device).elapsedMs(begin, end); });
}

//===- Program ----------------------------------------------------------------===//

static mpgemm_tensor_info describeTensor(mpgemm_program_s &program, const TensorSpec &spec) {
  program.dimensions.emplace_back();
  std::vector<mpgemm_dimension> &dimensions = program.dimensions.back();
  for (const Expression &size : spec.shape) {
    auto fixed = size.constantValue();
    dimensions.push_back({fixed ? *fixed : -1, fixed ? nullptr : size.text().c_str()});
  }
  return {spec.name.c_str(),
          elementTypeName(spec.type),
          spec.logicalType.empty() ? nullptr : spec.logicalType.c_str(),
          elementBytes(spec.type),
          int32_t(dimensions.size()),
          dimensions.data(),
          spec.alias};
}

static void describeProgram(mpgemm_program_s &handle) {
  const Manifest &manifest = handle.program->manifest();
  for (int index : handle.program->callable()) {
    const Function &function = manifest.functions[size_t(index)];
    mpgemm_program_s::FunctionInfo info;
    for (const TensorSpec &spec : function.arguments)
      info.arguments.push_back(describeTensor(handle, spec));
    for (const TensorSpec &spec : function.results)
      info.results.push_back(describeTensor(handle, spec));
    handle.functions.push_back(std::move(info));
  }
  for (size_t i = 0; i < manifest.kernels.size(); ++i) {
    const Kernel &kernel = manifest.kernels[i];
    const DriverKernel &loaded = handle.program->kernel(int(i));
    mpgemm_kernel_info info{};
    info.name = kernel.name.c_str();
    std::copy(kernel.block.begin(), kernel.block.end(), info.block);
    std::copy(kernel.cluster.begin(), kernel.cluster.end(), info.cluster);
    info.shared_bytes = kernel.sharedBytes;
    info.registers_per_thread = loaded.registersPerThread();
    info.local_bytes_per_thread = loaded.localBytesPerThread();
    info.schedule = kernel.schedule.c_str();
    info.source = kernel.source.c_str();
    handle.kernels.push_back(info);
  }
}

mpgemm_status mpgemm_program_load(mpgemm_device device, const char *path, mpgemm_program *program) {
  return guarded([&] {
    required(device, "device");
    required(program, "program");
    auto handle = std::make_unique<mpgemm_program_s>();
    handle->program = Program::load(device->device, required(path, "path"));
    describeProgram(*handle);
    *program = handle.release();
  });
}

void mpgemm_program_release(mpgemm_program program) {
  cuda::KeepCurrentContext keep;
  delete program;
}

const char *mpgemm_program_manifest(mpgemm_program program) {
  return program ? program->program->manifestText().c_str() : nullptr;
}

mpgemm_status mpgemm_read_manifest(const char *path, char **text) {
  return guarded([&] {
    required(text, "text");
    std::string manifest = readManifestText(required(path, "path"));
    auto *copy = static_cast<char *>(std::malloc(manifest.size() + 1));
    if (!copy)
      throw std::bad_alloc();
    std::memcpy(copy, manifest.c_str(), manifest.size() + 1);
    *text = copy;
  });
}

void mpgemm_text_free(char *text) { std::free(text); }

int32_t mpgemm_program_function_count(mpgemm_program program) {
  return program ? int32_t(program->functions.size()) : -1;
}

const char *mpgemm_program_function_name(mpgemm_program program, int32_t function) {
  if (!program || function < 0 || size_t(function) >= program->functions.size())
    return nullptr;
  return program->program->manifest().functions[size_t(program->function(function))].name.c_str();
}

mpgemm_status mpgemm_program_find_function(mpgemm_program program, const char *name,
                                           int32_t *function) {
  return guarded([&] {
    required(program, "program");
    required(function, "function");
    int index = program->program->findFunction(required(name, "name"));
    const std::vector<int> &callable = program->program->callable();
    for (size_t i = 0; i < callable.size(); ++i)
      if (callable[i] == index)
        *function = int32_t(i);
  });
}

static const mpgemm_program_s::FunctionInfo *functionInfo(mpgemm_program program,
                                                          int32_t function) {
  bool known = program && function >= 0 && size_t(function) < program->functions.size();
  return known ? &program->functions[size_t(function)] : nullptr;
}

int32_t mpgemm_function_argument_count(mpgemm_program program, int32_t function) {
  auto *info = functionInfo(program, function);
  return info ? int32_t(info->arguments.size()) : -1;
}

int32_t mpgemm_function_result_count(mpgemm_program program, int32_t function) {
  auto *info = functionInfo(program, function);
  return info ? int32_t(info->results.size()) : -1;
}

const mpgemm_tensor_info *mpgemm_function_argument(mpgemm_program program, int32_t function,
                                                   int32_t argument) {
  auto *info = functionInfo(program, function);
  bool known = info && argument >= 0 && size_t(argument) < info->arguments.size();
  return known ? &info->arguments[size_t(argument)] : nullptr;
}

const mpgemm_tensor_info *mpgemm_function_result(mpgemm_program program, int32_t function,
                                                 int32_t result) {
  auto *info = functionInfo(program, function);
  bool known = info && result >= 0 && size_t(result) < info->results.size();
  return known ? &info->results[size_t(result)] : nullptr;
}

int32_t mpgemm_program_kernel_count(mpgemm_program program) {
  return program ? int32_t(program->kernels.size()) : -1;
}

const mpgemm_kernel_info *mpgemm_program_kernel(mpgemm_program program, int32_t kernel) {
  bool known = program && kernel >= 0 && size_t(kernel) < program->kernels.size();
  return known ? &program->kernels[size_t(kernel)] : nullptr;
}

mpgemm_status mpgemm_function_result_shapes(mpgemm_program program, int32_t function,
                                            const mpgemm_tensor *arguments, int32_t argument_count,
                                            int64_t *const *shapes, int32_t result_count) {
  return guarded([&] {
    int index = required(program, "program")->function(function);
    size_t arguments_length = arrayLength(arguments, argument_count, "arguments");
    size_t results_length = arrayLength(shapes, result_count, "shapes");
    auto computed = requiredResultShapes(*program->program, index, arguments, arguments_length);
    if (results_length != computed.size())
      throw Error(ErrorKind::InvalidArgument,
                  "the function has " + std::to_string(computed.size()) +
                      " results; got room for " + std::to_string(results_length));
    for (size_t i = 0; i < computed.size(); ++i)
      if (!computed[i].empty())
        std::copy(computed[i].begin(), computed[i].end(), required(shapes[i], "shapes[i]"));
  });
}

mpgemm_status mpgemm_function_arena_bytes(mpgemm_program program, int32_t function,
                                          const mpgemm_tensor *arguments, int32_t argument_count,
                                          int64_t *bytes) {
  return guarded([&] {
    int index = required(program, "program")->function(function);
    *required(bytes, "bytes") = requiredArenaBytes(
        *program->program, index, arguments, arrayLength(arguments, argument_count, "arguments"));
  });
}

//===- Context ----------------------------------------------------------------===//

mpgemm_status mpgemm_context_create(mpgemm_program program, mpgemm_context *context) {
  return guarded([&] {
    required(context, "context");
    *context = new mpgemm_context_s(required(program, "program"));
  });
}

void mpgemm_context_release(mpgemm_context context) {
  cuda::KeepCurrentContext keep;
  delete context;
}

static int functionOf(mpgemm_context context, int32_t function) {
  const std::vector<int> &callable = required(context, "context")->functions;
  if (function < 0 || size_t(function) >= callable.size())
    throw Error(ErrorKind::InvalidArgument, "no function " + std::to_string(function) +
                                                "; the program has " +
                                                std::to_string(callable.size()));
  return callable[size_t(function)];
}

mpgemm_status mpgemm_context_reserve(mpgemm_context context, int32_t function,
                                     const mpgemm_tensor *arguments, int32_t argument_count) {
  return guarded([&] {
    int index = functionOf(context, function);
    context->context.reserve(index, arguments, arrayLength(arguments, argument_count, "arguments"));
  });
}

mpgemm_status mpgemm_context_reserve_bytes(mpgemm_context context, int64_t bytes) {
  return guarded([&] { required(context, "context")->context.reserveBytes(bytes); });
}

mpgemm_status mpgemm_context_call(mpgemm_context context, int32_t function,
                                  const mpgemm_tensor *arguments, int32_t argument_count,
                                  const mpgemm_tensor *results, int32_t result_count,
                                  uint64_t stream, uint32_t flags) {
  return guarded([&] {
    int index = functionOf(context, function);
    size_t arguments_length = arrayLength(arguments, argument_count, "arguments");
    size_t results_length = arrayLength(results, result_count, "results");
    context->context.call(index, arguments, arguments_length, results, results_length, stream,
                          flags);
  });
}

//===- Observation ------------------------------------------------------------===//

int32_t mpgemm_function_layer_count(mpgemm_program program, int32_t function) {
  if (!functionInfo(program, function))
    return -1;
  const Manifest &manifest = program->program->manifest();
  return int32_t(manifest.functions[size_t(program->function(function))].layers.size());
}

const char *mpgemm_function_layer_name(mpgemm_program program, int32_t function, int32_t layer) {
  if (layer < 0 || layer >= mpgemm_function_layer_count(program, function))
    return nullptr;
  const Manifest &manifest = program->program->manifest();
  const Function &described = manifest.functions[size_t(program->function(function))];
  return described.layers[size_t(layer)].name.c_str();
}

static mpgemm_tensor describeView(const TensorView &view) {
  return {view.address, elementTypeName(view.type), int32_t(view.shape.size()), view.shape.data()};
}

static const mpgemm_tensor none{0, nullptr, -1, nullptr};

static mpgemm_observed_values describeValues(const ScaledView &view) {
  return {describeView(view.values), view.scale ? describeView(*view.scale) : none};
}

mpgemm_status mpgemm_context_call_observed(mpgemm_context context, int32_t function,
                                           const mpgemm_tensor *arguments, int32_t argument_count,
                                           const mpgemm_tensor *results, int32_t result_count,
                                           uint64_t stream, mpgemm_layer_observer observer,
                                           void *user) {
  return guarded([&] {
    int index = functionOf(context, function);
    if (!observer)
      throw Error(ErrorKind::InvalidArgument, "observer is null");
    size_t arguments_length = arrayLength(arguments, argument_count, "arguments");
    size_t results_length = arrayLength(results, result_count, "results");
    context->context.callObserved(
        index, arguments, arguments_length, results, results_length, stream,
        [&](const LayerView &view) {
          std::vector<mpgemm_observed_values> outputs;
          for (const ScaledView &result : view.results)
            outputs.push_back(describeValues(result));
          mpgemm_observed_layer layer{view.name.c_str(), describeValues(view.a),
                                      view.b ? describeValues(*view.b)
                                             : mpgemm_observed_values{none, none},
                                      int32_t(outputs.size()), outputs.data()};
          if (int32_t stop = observer(user, &layer))
            throw Error(ErrorKind::InvalidArgument, "the observer ended the call at layer '" +
                                                        view.name + "' with " +
                                                        std::to_string(stop));
        });
  });
}

} // extern "C"
