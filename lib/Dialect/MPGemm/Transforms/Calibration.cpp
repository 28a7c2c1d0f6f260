// Reading a calibration file:
//
//     {"format": 1, "function": "main",
//      "layers": {"main.0": {"a": {"min": -1.5, "max": 2.0, "absmax": 2.0, "samples": 32}, ...},
//      ...}}
//
// `a` and `b` are the operands of the layer's product; other members are left to other readers.
#include "Calibration.h"
#include "JSONFile.h"

using namespace mlir;
using namespace mlir::mpgemm;

/// A range, or nothing where no sample was seen.
static FailureOr<std::optional<ObservedRange>> readRange(const JSONNode &node) {
  if (std::optional<JSONNode> samples = node.find("samples")) {
    FailureOr<int64_t> count = samples->integer();
    if (failed(count))
      return failure();
    if (*count < 0)
      return samples->error() << "a number of samples is 0 or more; got " << *count;
    if (*count == 0)
      return std::optional<ObservedRange>();
  }
  ObservedRange range;
  for (auto [key, target] :
       {std::pair("min", &range.min), {"max", &range.max}, {"absmax", &range.absmax}}) {
    FailureOr<JSONNode> member = node.get(key);
    if (failed(member))
      return failure();
    FailureOr<double> number = member->number();
    if (failed(number))
      return failure();
    *target = *number;
  }
  if (range.min > range.max)
    return node.find("min")->error() << "min " << range.min << " is above max " << range.max;
  if (range.absmax < 0)
    return node.find("absmax")->error() << "absmax is a magnitude; got " << range.absmax;
  return std::optional(range);
}

FailureOr<Calibration> Calibration::read(MLIRContext *context, StringRef path) {
  std::unique_ptr<JSONFile> file = JSONFile::read(context, path);
  if (!file)
    return failure();
  FailureOr<JSONNode> format = file->root().get("format");
  if (failed(format))
    return failure();
  FailureOr<int64_t> version = format->integer();
  if (failed(version))
    return failure();
  if (*version != 1)
    return format->error() << "this calibration file has format " << *version
                           << "; this compiler reads format 1";
  FailureOr<JSONNode> layers = file->root().get("layers");
  if (failed(layers))
    return failure();
  if (!layers->isObject())
    return layers->error() << "expected an object of layers by name";
  Calibration calibration;
  for (const std::string &name : layers->keys()) {
    JSONNode node = *layers->find(name);
    if (!node.isObject())
      return node.error() << "expected an object with the ranges of layer '" << name << "'";
    ObservedLayer &layer = calibration.layers[name];
    for (auto [key, target] : {std::pair("a", &layer.a), {"b", &layer.b}})
      if (std::optional<JSONNode> range = node.find(key)) {
        FailureOr<std::optional<ObservedRange>> read = readRange(*range);
        if (failed(read))
          return failure();
        *target = *read;
      }
  }
  return calibration;
}
