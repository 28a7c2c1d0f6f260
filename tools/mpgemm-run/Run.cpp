//===- Run.cpp - One call with buffers of its own -----------------------------===//
#include "Run.h"

#include "mpgemm/Runtime/Shapes.h"

namespace mpgemm {
namespace run {

CallSite::CallSite(std::shared_ptr<const Program> program, int function,
                   const std::vector<HostTensor> &inputs, bool ownConstants)
    : program(program), function(function),
      context_(std::make_unique<Context>(program, ownConstants)) {
  const Function &spec = program->manifest().functions[size_t(function)];
  Driver &driver = program->device().driver();
  for (const HostTensor &input : inputs)
    argumentShapes.push_back(input.shape);
  for (size_t i = 0; i < inputs.size(); ++i)
    arguments.push_back({0, elementTypeName(inputs[i].type), int32_t(argumentShapes[i].size()),
                         argumentShapes[i].data()});
  resultShapes = requiredResultShapes(*program, function, arguments.data(), arguments.size());
  context_->reserve(function, arguments.data(), arguments.size());
  totalBytes = requiredArenaBytes(*program, function, arguments.data(), arguments.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    memory.emplace_back(driver, inputs[i].data.size());
    arguments[i].data = memory.back().address();
    driver.copyToDevice(arguments[i].data, inputs[i].data.data(), inputs[i].data.size(), 0);
    totalBytes += int64_t(inputs[i].data.size());
  }
  for (size_t i = 0; i < resultShapes.size(); ++i) {
    int64_t bytes = tensorBytes(spec.results[i].type, resultShapes[i], "result");
    DevicePtr address = 0;
    if (int argument = spec.results[i].alias; argument >= 0) {
      address = arguments[size_t(argument)].data;
    } else {
      memory.emplace_back(driver, size_t(bytes));
      address = memory.back().address();
      // A value no kernel writes by accident: what is left unwritten shows.
      driver.fill(address, 0xFF, size_t(bytes), 0);
      totalBytes += bytes;
    }
    results.push_back({address, elementTypeName(spec.results[i].type),
                       int32_t(resultShapes[i].size()), resultShapes[i].data()});
  }
  driver.synchronize(0);
}

void CallSite::call(StreamHandle stream, bool graph) {
  context_->call(function, arguments.data(), arguments.size(), results.data(), results.size(),
                 stream, graph ? MPGEMM_CALL_GRAPH : 0);
}

void CallSite::callObserved(StreamHandle stream, const std::function<void(HostLayer)> &observer) {
  Driver &driver = program->device().driver();
  context_->callObserved(function, arguments.data(), arguments.size(), results.data(),
                         results.size(), stream, [&](const LayerView &view) {
                           HostLayer layer;
                           layer.name = view.name;
                           layer.a = run::download(driver, view.a, stream);
                           if (view.b)
                             layer.b = run::download(driver, *view.b, stream);
                           for (const ScaledView &result : view.results)
                             layer.results.push_back(run::download(driver, result, stream));
                           observer(std::move(layer));
                         });
}

std::vector<HostTensor> CallSite::download(StreamHandle stream) {
  const Function &spec = program->manifest().functions[size_t(function)];
  Driver &driver = program->device().driver();
  std::vector<HostTensor> tensors;
  for (size_t i = 0; i < results.size(); ++i) {
    HostTensor tensor;
    tensor.type = spec.results[i].type;
    tensor.shape = resultShapes[i];
    tensor.data.resize(size_t(tensorBytes(tensor.type, tensor.shape, "result")));
    driver.copyToHost(tensor.data.data(), results[i].data, tensor.data.size(), stream);
    tensors.push_back(std::move(tensor));
  }
  driver.synchronize(stream);
  return tensors;
}

} // namespace run
} // namespace mpgemm
