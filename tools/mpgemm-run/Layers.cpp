//===- Layers.cpp - The values of a layer on the host -------------------------===//
#include "Layers.h"

namespace mpgemm {
namespace run {

double HostValues::at(int64_t index) const {
  double value = decodeElement(values.type, values.at(index));
  if (!scale)
    return value;
  // Each size of the scale divides that of the values.
  int64_t rest = index, place = 0, stride = 1;
  for (size_t d = values.shape.size(); d-- > 0;) {
    int64_t coordinate = rest % values.shape[d];
    rest /= values.shape[d];
    place += coordinate / (values.shape[d] / scale->shape[d]) * stride;
    stride *= scale->shape[d];
  }
  return value * decodeElement(scale->type, scale->at(place));
}

bool HostValues::hasKnownScale() const {
  return scale || (isFloat(values.type) && elementBytes(values.type) >= 2);
}

std::string HostValues::placeOf(int64_t index) const {
  std::string text;
  for (size_t d = values.shape.size(); d-- > 0;) {
    text = std::to_string(index % values.shape[d]) + (text.empty() ? "" : ", ") + text;
    index /= values.shape[d];
  }
  return "[" + text + "]";
}

static HostTensor download(Driver &driver, const TensorView &view, StreamHandle stream) {
  HostTensor tensor;
  tensor.type = view.type;
  tensor.shape = view.shape;
  tensor.data.resize(size_t(view.bytes));
  driver.copyToHost(tensor.data.data(), view.address, tensor.data.size(), stream);
  return tensor;
}

HostValues download(Driver &driver, const ScaledView &view, StreamHandle stream) {
  HostValues values;
  values.values = download(driver, view.values, stream);
  if (view.scale)
    values.scale = download(driver, *view.scale, stream);
  driver.synchronize(stream);
  return values;
}

} // namespace run
} // namespace mpgemm
