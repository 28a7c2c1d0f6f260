//===- Observation.cpp - Where the tensors of a layer lie ---------------------===//
#include "mpgemm/Runtime/Observation.h"

#include "mpgemm/Runtime/Shapes.h"
#include "mpgemm/Support/Error.h"

namespace mpgemm {

static TensorView viewTensor(const ObservedTensor &tensor, const ExpressionValues &values,
                             const std::vector<DevicePtr> &addresses,
                             const std::vector<int64_t> &bufferBytes) {
  TensorView view;
  view.type = tensor.type;
  for (const Expression &size : tensor.shape)
    view.shape.push_back(size.evaluateSize(values, "size"));
  view.bytes = tensorBytes(tensor.type, view.shape, tensor.where);
  int64_t offset = tensor.place.offset.evaluateSize(values, "offset");
  auto buffer = size_t(tensor.place.buffer);
  if (offset > bufferBytes[buffer] || view.bytes > bufferBytes[buffer] - offset)
    throw Error(ErrorKind::InvalidArgument,
                tensor.where + ": " + std::to_string(view.bytes) + " bytes at offset " +
                    std::to_string(offset) + " leave buffers[" + std::to_string(buffer) +
                    "], which has " + std::to_string(bufferBytes[buffer]));
  view.address = addresses[buffer] + uint64_t(offset);
  return view;
}

static ScaledView viewValues(const ObservedValues &observed, const ExpressionValues &values,
                             const std::vector<DevicePtr> &addresses,
                             const std::vector<int64_t> &bufferBytes) {
  ScaledView view;
  view.values = viewTensor(observed.values, values, addresses, bufferBytes);
  if (!observed.scale)
    return view;
  view.scale = viewTensor(*observed.scale, values, addresses, bufferBytes);
  for (size_t d = 0; d < view.values.shape.size(); ++d) {
    int64_t size = view.values.shape[d], scales = view.scale->shape[d];
    if (scales == 0 ? size != 0 : size % scales != 0)
      throw Error(ErrorKind::InvalidArgument, observed.scale->where + ": has " +
                                                  std::to_string(scales) + " scales in dimension " +
                                                  std::to_string(d) + ", which do not divide the " +
                                                  std::to_string(size) + " values");
  }
  return view;
}

LayerView viewLayer(const Layer &layer, const ExpressionValues &values,
                    const std::vector<DevicePtr> &addresses,
                    const std::vector<int64_t> &bufferBytes) {
  LayerView view;
  view.name = layer.name;
  view.a = viewValues(layer.a, values, addresses, bufferBytes);
  if (layer.b)
    view.b = viewValues(*layer.b, values, addresses, bufferBytes);
  for (const ObservedValues &result : layer.results)
    view.results.push_back(viewValues(result, values, addresses, bufferBytes));
  return view;
}

} // namespace mpgemm
