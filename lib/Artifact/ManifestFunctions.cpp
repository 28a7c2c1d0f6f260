//===- ManifestFunctions.cpp - The functions of a manifest --------------------===//
#include "ManifestFunctions.h"

#include "ExpressionParser.h"

#include <algorithm>
#include <set>

namespace mpgemm {

namespace {

class FunctionReader {
public:
  FunctionReader(const JsonReader &json, const Manifest &manifest)
      : json(json), manifest(manifest), expressions(function.symbols, function.alignments) {}

  Function read();

private:
  Expression readArgumentSize(const JsonReader &size);
  TensorSpec readTensor(const JsonReader &tensor, bool isArgument);
  void readTensors(const char *key, std::vector<TensorSpec> &into, bool isArgument);
  void readAliases();
  Buffer readBuffer(const JsonReader &buffer);
  Place readPlace(const JsonReader &place);
  Place readWrittenPlace(const JsonReader &place);
  TensorMapSpec readTensorMap(const JsonReader &map);
  LaunchArgument readLaunchArgument(const JsonReader &argument, ParameterKind kind);
  LaunchVariant readVariant(const JsonReader &variant);
  Step readStep(const JsonReader &step);
  Step readLaunch(const JsonReader &launch);
  ObservedTensor readObservedTensor(const JsonReader &tensor);
  ObservedValues readObservedValues(const JsonReader &values);
  Layer readLayer(const JsonReader &layer);
  void readLayers();

  const JsonReader &json;
  const Manifest &manifest;
  Function function;
  ExpressionParser expressions;
};

bool isSymbolName(const std::string &name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

Expression FunctionReader::readArgumentSize(const JsonReader &size) {
  if (size.isInteger())
    return Expression::constant(size.integer(0, int64_t(1) << 48), size.place());
  std::string name = size.string();
  if (!isSymbolName(name))
    size.fail("is " + size.describe() +
              "; expected a size or a symbol of letters, digits and underscores");
  auto found = std::find(function.symbols.begin(), function.symbols.end(), name);
  auto index = int(found - function.symbols.begin());
  if (found == function.symbols.end())
    function.symbols.push_back(name);
  return Expression::symbol(index, name, size.place());
}

TensorSpec FunctionReader::readTensor(const JsonReader &tensor, bool isArgument) {
  if (isArgument)
    tensor.onlyKeys({"name", "type", "logical_type", "shape", "inout_result"});
  else
    tensor.onlyKeys({"name", "type", "logical_type", "shape"});
  TensorSpec spec;
  spec.name = tensor.field("name").string();
  spec.type = readElementType(tensor.field("type"));
  if (auto logical = tensor.optionalField("logical_type"))
    spec.logicalType = logical->string();
  JsonReader shape = tensor.field("shape");
  if (shape.size() > 16)
    shape.fail("has " + std::to_string(shape.size()) + " dimensions; expected at most 16");
  for (size_t i = 0; i < shape.size(); ++i)
    spec.shape.push_back(isArgument ? readArgumentSize(shape.element(i))
                                    : expressions.parse(shape.element(i)));
  return spec;
}

void FunctionReader::readTensors(const char *key, std::vector<TensorSpec> &into, bool isArgument) {
  JsonReader list = json.field(key);
  std::set<std::string> names;
  for (size_t i = 0; i < list.size(); ++i) {
    into.push_back(readTensor(list.element(i), isArgument));
    if (!names.insert(into.back().name).second)
      list.element(i).field("name").fail("is '" + into.back().name +
                                         "', which an earlier element has too");
  }
}

void FunctionReader::readAliases() {
  JsonReader list = json.field("arguments");
  for (size_t i = 0; i < list.size(); ++i) {
    auto inout = list.element(i).optionalField("inout_result");
    if (!inout)
      continue;
    if (function.results.empty())
      inout->fail("names a result, but the function has none");
    auto result = size_t(inout->integer(0, int64_t(function.results.size()) - 1));
    TensorSpec &argument = function.arguments[i], &alias = function.results[result];
    if (alias.alias >= 0)
      inout->fail("is " + std::to_string(result) + ", which argument " +
                  std::to_string(alias.alias) + " names already");
    if (argument.type != alias.type || argument.shape.size() != alias.shape.size())
      inout->fail("is " + std::to_string(result) + ", a result of another type or rank");
    argument.alias = int(result);
    alias.alias = int(i);
  }
}

Buffer FunctionReader::readBuffer(const JsonReader &json) {
  Buffer buffer;
  std::string kind = json.field("kind").string();
  if (kind == "arena") {
    json.onlyKeys({"kind", "offset", "bytes"});
    buffer.kind = Buffer::Kind::Arena;
    buffer.offset = expressions.parse(json.field("offset"));
    buffer.bytes = expressions.parse(json.field("bytes"));
    return buffer;
  }
  json.onlyKeys({"kind", "index"});
  size_t count = 0;
  if (kind == "argument") {
    buffer.kind = Buffer::Kind::Argument;
    count = function.arguments.size();
  } else if (kind == "result") {
    buffer.kind = Buffer::Kind::Result;
    count = function.results.size();
  } else if (kind == "constant") {
    buffer.kind = Buffer::Kind::Constant;
    count = manifest.constants.size();
  } else {
    json.field("kind").fail("is '" + kind + "'; expected argument, result, constant or arena");
  }
  int64_t index = json.field("index").integer(0);
  if (index >= int64_t(count))
    json.field("index").fail("is " + std::to_string(index) + ", but there are " +
                             std::to_string(count) + " " + kind + "s");
  buffer.index = int(index);
  return buffer;
}

Place FunctionReader::readPlace(const JsonReader &place) {
  place.onlyKeys({"buffer", "offset"});
  Place result;
  int64_t buffer = place.field("buffer").integer(0);
  if (buffer >= int64_t(function.buffers.size()))
    place.field("buffer").fail("is " + std::to_string(buffer) + ", but there are " +
                               std::to_string(function.buffers.size()) + " buffers");
  result.buffer = int(buffer);
  if (auto offset = place.optionalField("offset"))
    result.offset = expressions.parse(*offset);
  else
    result.offset = Expression::constant(0, place.place() + ".offset");
  return result;
}

/// Copies and fills may write results, the arena and arguments marked as inout.
Place FunctionReader::readWrittenPlace(const JsonReader &json) {
  Place place = readPlace(json);
  const Buffer &buffer = function.buffers[size_t(place.buffer)];
  if (buffer.kind == Buffer::Kind::Constant)
    json.fail("writes the constant '" + manifest.constants[size_t(buffer.index)].name + "'");
  if (buffer.kind == Buffer::Kind::Argument && function.arguments[size_t(buffer.index)].alias < 0)
    json.fail("writes argument " + std::to_string(buffer.index) + " '" +
              function.arguments[size_t(buffer.index)].name + "', which has no inout_result");
  return place;
}

TensorMapSpec FunctionReader::readTensorMap(const JsonReader &map) {
  map.onlyKeys({"place", "type", "sizes", "strides", "box", "swizzle", "l2_promotion"});
  TensorMapSpec spec;
  spec.type = readElementType(map.field("type"));
  JsonReader sizes = map.field("sizes"), strides = map.field("strides"), box = map.field("box");
  size_t rank = sizes.size();
  if (rank < 1 || rank > 5)
    sizes.fail("has " + std::to_string(rank) + " dimensions; a tensor map has 1 to 5");
  if (strides.size() != rank - 1)
    strides.fail("has " + std::to_string(strides.size()) + " elements; expected " +
                 std::to_string(rank - 1) + ", one for each dimension but the innermost");
  if (box.size() != rank)
    box.fail("has " + std::to_string(box.size()) + " elements; expected " + std::to_string(rank));
  for (size_t i = 0; i < rank; ++i) {
    spec.sizes.push_back(expressions.parse(sizes.element(i)));
    spec.box.push_back(uint32_t(box.element(i).integer(1, 256)));
    if (i > 0)
      spec.strides.push_back(expressions.parse(strides.element(i - 1)));
  }
  auto oneOf = [&](const char *key, std::initializer_list<int> allowed) {
    auto field = map.optionalField(key);
    int64_t value = field ? field->integer() : 0;
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
      field->fail("is " + std::to_string(value) + "; expected 0" + [&] {
        std::string list;
        for (int choice : allowed)
          if (choice)
            list += ", " + std::to_string(choice);
        return list;
      }());
    return int(value);
  };
  spec.swizzle = oneOf("swizzle", {0, 32, 64, 128});
  spec.l2Promotion = oneOf("l2_promotion", {0, 64, 128, 256});
  size_t innerBytes = spec.box[0] * elementBytes(spec.type);
  if (innerBytes % 16 != 0)
    box.fail("has an inner side of " + std::to_string(innerBytes) +
             " bytes; it must be a multiple of 16");
  if (spec.swizzle && innerBytes > size_t(spec.swizzle))
    box.fail("has an inner side of " + std::to_string(innerBytes) +
             " bytes, more than the swizzle of " + std::to_string(spec.swizzle));
  return spec;
}

LaunchArgument FunctionReader::readLaunchArgument(const JsonReader &json, ParameterKind kind) {
  LaunchArgument argument;
  argument.kind = kind;
  argument.where = json.place();
  const char *key = kind == ParameterKind::TensorMap ? "tensormap"
                    : kind == ParameterKind::Pointer ? "pointer"
                    : kind == ParameterKind::F32     ? "float"
                                                     : "value";
  if (!json.optionalField(key)) {
    std::vector<std::string> keys = json.keys();
    json.fail("has the key '" + (keys.empty() ? "" : keys[0]) +
              "', but the kernel's parameter is " + parameterKindName(kind) + ", which takes '" +
              key + "'");
  }
  json.onlyKeys({key});
  JsonReader value = json.field(key);
  switch (kind) {
  case ParameterKind::Pointer:
    argument.place = readPlace(value);
    break;
  case ParameterKind::TensorMap:
    argument.map = readTensorMap(value);
    argument.place = readPlace(value.field("place"));
    break;
  case ParameterKind::F32:
    argument.number = float(value.number());
    break;
  case ParameterKind::I64:
  case ParameterKind::I32:
    argument.value = expressions.parse(value);
    break;
  }
  return argument;
}

LaunchVariant FunctionReader::readVariant(const JsonReader &json) {
  json.onlyKeys({"when", "kernel", "grid", "arguments"});
  LaunchVariant variant;
  variant.where = json.place();
  if (auto when = json.optionalField("when"))
    variant.when = expressions.parse(*when);
  else
    variant.when = Expression::constant(1, json.place() + ".when");
  JsonReader kernel = json.field("kernel");
  int64_t index = kernel.integer(0);
  if (index >= int64_t(manifest.kernels.size()))
    kernel.fail("is " + std::to_string(index) + ", but there are " +
                std::to_string(manifest.kernels.size()) + " kernels");
  variant.kernel = int(index);
  JsonReader grid = json.field("grid");
  if (grid.size() != 3)
    grid.fail("has " + std::to_string(grid.size()) + " elements; expected 3");
  for (size_t i = 0; i < 3; ++i)
    variant.grid[i] = expressions.parse(grid.element(i));
  const Kernel &target = manifest.kernels[size_t(index)];
  JsonReader arguments = json.field("arguments");
  if (arguments.size() != target.parameters.size())
    arguments.fail("has " + std::to_string(arguments.size()) + " elements, but kernel '" +
                   target.name + "' takes " + std::to_string(target.parameters.size()));
  for (size_t i = 0; i < arguments.size(); ++i)
    variant.arguments.push_back(readLaunchArgument(arguments.element(i), target.parameters[i]));
  return variant;
}

Step FunctionReader::readLaunch(const JsonReader &json) {
  json.onlyKeys({"op", "variants", "flops", "bytes", "label"});
  Step step;
  step.op = Step::Op::Launch;
  JsonReader variants = json.field("variants");
  if (variants.size() == 0)
    variants.fail("is empty");
  for (size_t i = 0; i < variants.size(); ++i)
    step.variants.push_back(readVariant(variants.element(i)));
  if (auto flops = json.optionalField("flops"))
    step.flops = expressions.parse(*flops);
  if (auto bytes = json.optionalField("bytes"))
    step.traffic = expressions.parse(*bytes);
  if (auto label = json.optionalField("label"))
    step.label = label->string();
  return step;
}

Step FunctionReader::readStep(const JsonReader &json) {
  std::string op = json.field("op").string();
  Step step;
  if (op == "launch") {
    step = readLaunch(json);
  } else if (op == "copy") {
    json.onlyKeys({"op", "from", "to", "bytes"});
    step.op = Step::Op::Copy;
    step.from = readPlace(json.field("from"));
    step.to = readWrittenPlace(json.field("to"));
    step.bytes = expressions.parse(json.field("bytes"));
  } else if (op == "fill") {
    json.onlyKeys({"op", "to", "bytes", "value"});
    step.op = Step::Op::Fill;
    step.to = readWrittenPlace(json.field("to"));
    step.bytes = expressions.parse(json.field("bytes"));
    step.value = uint8_t(json.field("value").integer(0, 255));
  } else if (op == "assert") {
    json.onlyKeys({"op", "condition", "message"});
    step.op = Step::Op::Assert;
    step.condition = expressions.parse(json.field("condition"));
    step.message = json.field("message").string();
  } else {
    json.field("op").fail("is '" + op + "'; expected launch, copy, fill or assert");
  }
  step.where = json.place();
  return step;
}

ObservedTensor FunctionReader::readObservedTensor(const JsonReader &json) {
  ObservedTensor tensor;
  tensor.where = json.place();
  tensor.place = readPlace(json.field("place"));
  tensor.type = readElementType(json.field("type"));
  JsonReader shape = json.field("shape");
  if (shape.size() > 16)
    shape.fail("has " + std::to_string(shape.size()) + " dimensions; expected at most 16");
  for (size_t i = 0; i < shape.size(); ++i)
    tensor.shape.push_back(expressions.parse(shape.element(i)));
  return tensor;
}

/// A scale has the rank of the values; that its sizes divide theirs is checked at a call.
ObservedValues FunctionReader::readObservedValues(const JsonReader &json) {
  json.onlyKeys({"place", "type", "shape", "scale"});
  ObservedValues result;
  result.values = readObservedTensor(json);
  if (auto scale = json.optionalField("scale")) {
    scale->onlyKeys({"place", "type", "shape"});
    result.scale = readObservedTensor(*scale);
    if (!isFloat(result.scale->type))
      scale->field("type").fail(std::string("is ") + elementTypeName(result.scale->type) +
                                "; a scale is a floating-point number");
    if (result.scale->shape.size() != result.values.shape.size())
      scale->field("shape").fail(
          "has " + std::to_string(result.scale->shape.size()) + " dimensions; expected " +
          std::to_string(result.values.shape.size()) + ", as many as the values have");
  }
  return result;
}

Layer FunctionReader::readLayer(const JsonReader &json) {
  json.onlyKeys({"name", "step", "a", "b", "results"});
  Layer layer;
  layer.name = json.field("name").string();
  JsonReader step = json.field("step");
  int64_t index = step.integer(0);
  if (index >= int64_t(function.steps.size()))
    step.fail("is " + std::to_string(index) + ", but there are " +
              std::to_string(function.steps.size()) + " steps");
  if (function.steps[size_t(index)].op != Step::Op::Launch)
    step.fail("is " + std::to_string(index) + ", which is no launch");
  layer.step = int(index);
  layer.a = readObservedValues(json.field("a"));
  if (auto b = json.optionalField("b"))
    layer.b = readObservedValues(*b);
  JsonReader results = json.field("results");
  for (size_t i = 0; i < results.size(); ++i)
    layer.results.push_back(readObservedValues(results.element(i)));
  return layer;
}

void FunctionReader::readLayers() {
  auto layers = json.optionalField("layers");
  std::set<std::string> names;
  for (size_t i = 0; layers && i < layers->size(); ++i) {
    JsonReader element = layers->element(i);
    Layer layer = readLayer(element);
    if (layer.name.empty())
      element.field("name").fail("is empty");
    if (!names.insert(layer.name).second)
      element.field("name").fail("is '" + layer.name + "', which an earlier element has too");
    if (!function.layers.empty() && layer.step < function.layers.back().step)
      element.field("step").fail("is " + std::to_string(layer.step) +
                                 ", before that of the layer ahead; layers stand in the order of "
                                 "their steps");
    function.layers.push_back(std::move(layer));
  }
}

Function FunctionReader::read() {
  json.onlyKeys({"name", "arguments", "results", "arena_bytes", "buffers", "steps", "layers"});
  function.name = json.field("name").string();
  readTensors("arguments", function.arguments, true);
  readTensors("results", function.results, false);
  readAliases();
  function.arenaBytes = expressions.parse(json.field("arena_bytes"));
  JsonReader buffers = json.field("buffers");
  for (size_t i = 0; i < buffers.size(); ++i)
    function.buffers.push_back(readBuffer(buffers.element(i)));
  expressions.allowBuffers(function.buffers.size());
  JsonReader steps = json.field("steps");
  for (size_t i = 0; i < steps.size(); ++i)
    function.steps.push_back(readStep(steps.element(i)));
  readLayers();
  return std::move(function);
}

} // namespace

Function readFunction(const JsonReader &json, const Manifest &manifest) {
  return FunctionReader(json, manifest).read();
}

} // namespace mpgemm
