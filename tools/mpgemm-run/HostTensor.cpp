//===- HostTensor.cpp - Tensors on the host and how to ask for them -----------===//
//
// The text of an input is [shape x type] [= value], as in iree-run-module:
//
//   @x.npy              a file; its type and shape
//   128x384xbf16=@x.npy a file of elements of the same width, taken as bf16
//   bf16=@x.npy         the same with the file's shape
//   128x384xbf16=@x.bin bare bytes
//   4x8xf32=1.5         every element; 4x8xf32 alone is zeros
//   2x2xf32=1,2,3,4     all elements
//   4x8xf32=random:seed=7,normal
//   random              shape and type of the argument, where they are known
//
//===----------------------------------------------------------------------===//
#include "HostTensor.h"

#include "Random.h"

#include "mpgemm/Runtime/Shapes.h"
#include "mpgemm/Support/CheckedMath.h"
#include "mpgemm/Support/Error.h"
#include "mpgemm/Support/File.h"
#include "mpgemm/Support/Npy.h"

#include <cstdlib>
#include <new>
#include <optional>
#include <ostream>

namespace mpgemm {
namespace run {

namespace {

/// The parts of an input's text.
struct Request {
  std::string name; ///< Begins messages.
  std::optional<ElementType> type;
  std::optional<std::vector<int64_t>> shape;
  std::string value; ///< Behind the `=`, or all of it.
};

[[noreturn]] void fail(const Request &request, const std::string &what) {
  throw Error(ErrorKind::InvalidArgument, request.name + ": " + what);
}

bool startsWith(const std::string &text, const std::string &start) {
  return text.compare(0, start.size(), start) == 0;
}

bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Reads `4x8xbf16` or `bf16`; nothing where the text is not of that form.
bool parseTypedShape(const std::string &text, Request &request) {
  size_t at = 0;
  std::vector<int64_t> shape;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    int64_t size = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      if (!checkedMul(size, 10, size) || !checkedAdd(size, text[at] - '0', size))
        return false;
      ++at;
    }
    if (at >= text.size() || text[at] != 'x')
      return false;
    ++at;
    shape.push_back(size);
  }
  std::optional<ElementType> type = parseElementType(text.substr(at));
  if (!type)
    return false;
  request.type = type;
  if (!shape.empty())
    request.shape = shape;
  return true;
}

Request parseRequest(const std::string &text, const std::string &name) {
  Request request;
  request.name = name + " '" + text + "'";
  if (startsWith(text, "@") || startsWith(text, "random")) {
    request.value = text;
    return request;
  }
  size_t equals = text.find('=');
  if (!parseTypedShape(text.substr(0, equals), request))
    fail(request, "expected @file, SHAPExTYPE=@file, SHAPExTYPE=values or random; types are " +
                      elementTypeNames());
  if (equals != std::string::npos) {
    request.value = text.substr(equals + 1);
    if (request.value.empty())
      fail(request, "nothing stands after '='");
  }
  return request;
}

HostTensor zeros(const Request &request, ElementType type, const std::vector<int64_t> &shape) {
  HostTensor tensor;
  tensor.type = type;
  tensor.shape = shape;
  int64_t bytes = tensorBytes(type, shape, request.name);
  if (bytes > int64_t(1) << 40)
    fail(request, "is " + std::to_string(bytes) + " bytes large");
  try {
    tensor.data.assign(size_t(bytes), '\0');
  } catch (const std::bad_alloc &) {
    throw Error(ErrorKind::OutOfMemory, request.name + ": is " + std::to_string(bytes) +
                                            " bytes large, more than the host has left");
  }
  return tensor;
}

HostTensor fromNpy(const Request &request, const std::string &path, ElementType expected) {
  NpyArray array = readNpy(path);
  HostTensor tensor;
  tensor.shape = array.shape;
  if (request.type) {
    if (elementBytes(*request.type) != array.elementBytes)
      fail(request, path + " has elements of " + std::to_string(array.elementBytes) + " bytes (" +
                        array.descr + "), which cannot be taken as " +
                        elementTypeName(*request.type) + " of " +
                        std::to_string(elementBytes(*request.type)));
    tensor.type = *request.type;
  } else if (array.type) {
    tensor.type = *array.type;
  } else if (!array.isRaw()) {
    fail(request, path + " has elements of type '" + array.descr +
                      "'; to take their bits as another type, write it in front, as in " +
                      elementTypeName(expected) + "=" + request.value);
  } else {
    // Raw bytes, as ml_dtypes writes: they are what the argument expects if the width fits.
    if (elementBytes(expected) != array.elementBytes)
      fail(request, path + " has raw elements of " + std::to_string(array.elementBytes) +
                        " bytes (" + array.descr + "); expected " + elementTypeName(expected));
    tensor.type = expected;
  }
  if (request.shape && *request.shape != array.shape)
    fail(request, path + " has shape " + shapeText(tensor.type, array.shape) + "; expected " +
                      shapeText(tensor.type, *request.shape));
  tensor.data = std::move(array.data);
  return tensor;
}

HostTensor fromFile(const Request &request, ElementType expected) {
  std::string path = request.value.substr(1);
  if (path.empty())
    fail(request, "no file name stands after '@'");
  if (endsWith(path, ".npy"))
    return fromNpy(request, path, expected);
  if (!request.type || !request.shape)
    fail(request,
         "a file of bare bytes needs its shape and type, as in 128x384xbf16=" + request.value);
  HostTensor tensor;
  tensor.type = *request.type;
  tensor.shape = *request.shape;
  tensor.data = readFile(path);
  int64_t bytes = tensorBytes(tensor.type, tensor.shape, request.name);
  if (uint64_t(bytes) != tensor.data.size())
    fail(request, path + " has " + std::to_string(tensor.data.size()) + " bytes, but " +
                      shapeText(tensor.type, tensor.shape) + " takes " + std::to_string(bytes));
  return tensor;
}

std::vector<double> parseNumbers(const Request &request) {
  std::vector<double> numbers;
  const char *at = request.value.c_str();
  while (*at) {
    if (*at == ',' || *at == ' ' || *at == '[' || *at == ']') {
      ++at;
      continue;
    }
    char *end = nullptr;
    double number = std::strtod(at, &end);
    if (end == at)
      fail(request, "'" + std::string(at).substr(0, 20) + "' is not a number");
    numbers.push_back(number);
    at = end;
  }
  return numbers;
}

HostTensor fromNumbers(const Request &request) {
  HostTensor tensor = zeros(request, *request.type, request.shape.value_or(std::vector<int64_t>()));
  std::vector<double> numbers = parseNumbers(request);
  int64_t count = tensor.elements();
  if (numbers.size() != 1 && int64_t(numbers.size()) != count)
    fail(request, "has " + std::to_string(numbers.size()) + " values; expected 1, or all " +
                      std::to_string(count));
  for (int64_t i = 0; i < count; ++i)
    encodeElement(tensor.type, numbers.size() == 1 ? numbers[0] : numbers[size_t(i)],
                  tensor.data.data() + size_t(i) * elementBytes(tensor.type));
  return tensor;
}

/// Everything but random.
HostTensor fromRequest(const Request &request, ElementType expected) {
  if (startsWith(request.value, "@"))
    return fromFile(request, expected);
  if (!request.value.empty())
    return fromNumbers(request);
  return zeros(request, *request.type, request.shape.value_or(std::vector<int64_t>()));
}

/// The shape of an argument where its symbols are bound by now.
std::vector<int64_t> knownShape(const Request &request, const Function &function, size_t index,
                                const std::vector<int64_t> &symbols) {
  const TensorSpec &spec = function.arguments[index];
  std::vector<int64_t> shape;
  for (const Expression &size : spec.shape) {
    if (auto fixed = size.constantValue()) {
      shape.push_back(*fixed);
      continue;
    }
    int64_t value = symbols[size_t(*size.symbolIndex())];
    if (value < 0)
      fail(request, "argument '" + spec.name + "' is " + shapeText(spec) +
                        ", and nothing says what " + size.text() +
                        " is; write the shape, as in 128x384x" + elementTypeName(spec.type) +
                        "=random");
    shape.push_back(value);
  }
  return shape;
}

} // namespace

HostTensor convert(const HostTensor &tensor, ElementType type) {
  if (type == tensor.type)
    return tensor;
  HostTensor converted;
  converted.type = type;
  converted.shape = tensor.shape;
  converted.data.resize(size_t(tensor.elements()) * elementBytes(type));
  for (int64_t i = 0; i < tensor.elements(); ++i)
    encodeElement(type, decodeElement(tensor.type, tensor.at(i)),
                  converted.data.data() + size_t(i) * elementBytes(type));
  return converted;
}

std::vector<HostTensor> parseInputs(const Function &function, const std::vector<std::string> &texts,
                                    size_t first) {
  if (texts.size() != function.arguments.size()) {
    std::string list;
    for (const TensorSpec &spec : function.arguments)
      list += (list.empty() ? "" : ", ") + spec.name + ": " + shapeText(spec);
    throw Error(ErrorKind::InvalidArgument, "function '" + function.name + "' takes " +
                                                std::to_string(function.arguments.size()) +
                                                " arguments (" + list + "); got " +
                                                std::to_string(texts.size()) + " --input");
  }
  std::vector<int64_t> symbols(function.symbols.size(), -1);
  std::vector<HostTensor> inputs;
  for (size_t i = 0; i < texts.size(); ++i) {
    const TensorSpec &spec = function.arguments[i];
    Request request = parseRequest(texts[i], "--input " + std::to_string(first + i));
    if (startsWith(request.value, "random")) {
      std::vector<int64_t> shape =
          request.shape ? *request.shape : knownShape(request, function, i, symbols);
      HostTensor tensor = zeros(request, request.type.value_or(spec.type), shape);
      fillRandom(tensor, request.value, request.name, first + i);
      inputs.push_back(std::move(tensor));
    } else {
      inputs.push_back(fromRequest(request, spec.type));
    }
    const HostTensor &input = inputs.back();
    for (size_t d = 0; d < std::min(input.shape.size(), spec.shape.size()); ++d)
      if (auto symbol = spec.shape[d].symbolIndex(); symbol && symbols[size_t(*symbol)] < 0)
        symbols[size_t(*symbol)] = input.shape[d];
  }
  return inputs;
}

HostTensor parseReference(const std::string &text, ElementType type,
                          const std::vector<int64_t> &shape, const std::string &name) {
  Request request = parseRequest(text, name);
  if (startsWith(request.value, "random"))
    fail(request, "random values cannot be a reference");
  HostTensor tensor = fromRequest(request, type);
  if (tensor.shape != shape)
    fail(request, "has shape " + shapeText(tensor.type, tensor.shape) + "; the result has " +
                      shapeText(type, shape));
  return tensor;
}

void writeOutput(const std::string &path, const HostTensor &tensor) {
  writeFileAtomically(path, [&](std::ostream &out) {
    if (endsWith(path, ".npy"))
      writeNpy(out, tensor.type, tensor.shape, tensor.data);
    else
      out.write(tensor.data.data(), std::streamsize(tensor.data.size()));
  });
}

} // namespace run
} // namespace mpgemm
