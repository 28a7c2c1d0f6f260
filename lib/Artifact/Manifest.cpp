//===- Manifest.cpp - Top level, constants and kernels of a manifest ----------===//
#include "mpgemm/Artifact/Manifest.h"

#include "JsonReader.h"
#include "ManifestFunctions.h"

#include "mpgemm/Support/CheckedMath.h"

#include <set>

namespace mpgemm {

const char *parameterKindName(ParameterKind kind) {
  switch (kind) {
  case ParameterKind::TensorMap:
    return "tensormap";
  case ParameterKind::Pointer:
    return "pointer";
  case ParameterKind::I64:
    return "i64";
  case ParameterKind::I32:
    return "i32";
  case ParameterKind::F32:
    return "f32";
  }
  return "";
}

size_t parameterBytes(ParameterKind kind) {
  switch (kind) {
  case ParameterKind::TensorMap:
    return 128;
  case ParameterKind::Pointer:
  case ParameterKind::I64:
    return 8;
  case ParameterKind::I32:
  case ParameterKind::F32:
    return 4;
  }
  return 0;
}

int Manifest::findFunction(const std::string &name) const {
  for (size_t i = 0; i < functions.size(); ++i)
    if (functions[i].name == name)
      return int(i);
  return -1;
}

ElementType readElementType(const JsonReader &json) {
  std::string name = json.string();
  if (std::optional<ElementType> type = parseElementType(name))
    return *type;
  json.fail("is the element type '" + name + "'; known are " + elementTypeNames());
}

static std::string readSha256(const JsonReader &json) {
  std::string hex = json.string();
  if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string::npos)
    json.fail("is " + json.describe() + "; expected a SHA-256 as 64 lower-case hex digits");
  return hex;
}

static Constant readConstant(const JsonReader &json) {
  json.onlyKeys({"name", "type", "logical_type", "shape", "bytes", "source"});
  Constant constant;
  constant.name = json.field("name").string();
  constant.type = readElementType(json.field("type"));
  if (auto logical = json.optionalField("logical_type"))
    constant.logicalType = logical->string();
  JsonReader shape = json.field("shape");
  auto bytes = int64_t(elementBytes(constant.type));
  for (size_t i = 0; i < shape.size(); ++i) {
    constant.shape.push_back(shape.element(i).integer(0, int64_t(1) << 48));
    if (!checkedMul(bytes, constant.shape.back(), bytes))
      shape.fail("has more bytes than 64 bits can count");
  }
  constant.bytes = json.field("bytes").integer(0);
  if (constant.bytes != bytes)
    json.field("bytes").fail("is " + std::to_string(constant.bytes) + ", but shape and type make " +
                             std::to_string(bytes));
  std::string source = json.field("source").string();
  if (source != "file" && source != "init")
    json.field("source").fail("is '" + source + "'; expected 'file' or 'init'");
  constant.source = source == "file" ? Constant::Source::File : Constant::Source::Init;
  return constant;
}

static std::array<unsigned, 3> readTriple(const JsonReader &json, int64_t most) {
  if (json.size() != 3)
    json.fail("has " + std::to_string(json.size()) + " elements; expected 3");
  std::array<unsigned, 3> result;
  for (size_t i = 0; i < 3; ++i)
    result[i] = unsigned(json.element(i).integer(1, most));
  return result;
}

static ParameterKind readParameterKind(const JsonReader &json) {
  std::string name = json.string();
  for (ParameterKind kind : {ParameterKind::TensorMap, ParameterKind::Pointer, ParameterKind::I64,
                             ParameterKind::I32, ParameterKind::F32})
    if (name == parameterKindName(kind))
      return kind;
  json.fail("is '" + name + "'; expected tensormap, pointer, i64, i32 or f32");
}

static Kernel readKernel(const JsonReader &json) {
  json.onlyKeys({"name", "block", "cluster", "shared_bytes", "programmatic_dependent_launch",
                 "parameters", "schedule", "source"});
  Kernel kernel;
  kernel.name = json.field("name").string();
  kernel.block = readTriple(json.field("block"), 1024);
  if (uint64_t threads = uint64_t(kernel.block[0]) * kernel.block[1] * kernel.block[2];
      threads > 1024)
    json.field("block").fail("makes " + std::to_string(threads) +
                             " threads; a CTA has at most 1024");
  if (auto cluster = json.optionalField("cluster")) {
    kernel.cluster = readTriple(*cluster, 16);
    if (unsigned ctas = kernel.cluster[0] * kernel.cluster[1] * kernel.cluster[2]; ctas > 16)
      cluster->fail("makes " + std::to_string(ctas) + " CTAs; a cluster has at most 16");
  }
  kernel.sharedBytes = unsigned(json.field("shared_bytes").integer(0, 1 << 24));
  if (auto dependent = json.optionalField("programmatic_dependent_launch"))
    kernel.programmaticDependentLaunch = dependent->boolean();
  JsonReader parameters = json.field("parameters");
  for (size_t i = 0; i < parameters.size(); ++i)
    kernel.parameters.push_back(readParameterKind(parameters.element(i)));
  if (auto schedule = json.optionalField("schedule"))
    kernel.schedule = schedule->string();
  if (auto source = json.optionalField("source"))
    kernel.source = source->string();
  return kernel;
}

/// Reads every element of a list, and refuses two elements of one name.
template <typename T, typename Read>
static void readNamedList(const JsonReader &json, std::vector<T> &into, Read read) {
  std::set<std::string> names;
  for (size_t i = 0; i < json.size(); ++i) {
    JsonReader element = json.element(i);
    into.push_back(read(element));
    if (into.back().name.empty())
      element.field("name").fail("is empty");
    if (!names.insert(into.back().name).second)
      element.field("name").fail("is '" + into.back().name + "', which an earlier element has too");
  }
}

/// `init` writes each constant with source "init" exactly once.
static void checkInit(const JsonReader &json, const Manifest &manifest) {
  int init = manifest.findFunction("init");
  std::set<std::string> written;
  if (init >= 0) {
    JsonReader place = json.field("functions").element(size_t(init));
    const Function &function = manifest.functions[size_t(init)];
    if (!function.arguments.empty())
      place.field("arguments")
          .fail("has " + std::to_string(function.arguments.size()) +
                " elements; 'init' takes none");
    for (size_t i = 0; i < function.results.size(); ++i) {
      const TensorSpec &result = function.results[i];
      JsonReader resultPlace = place.field("results").element(i);
      const Constant *constant = nullptr;
      for (const Constant &candidate : manifest.constants)
        if (candidate.name == result.name && candidate.source == Constant::Source::Init)
          constant = &candidate;
      if (!constant)
        resultPlace.field("name").fail("is '" + result.name +
                                       "', which no constant with source 'init' has");
      bool same = constant->type == result.type && constant->shape.size() == result.shape.size();
      for (size_t d = 0; same && d < result.shape.size(); ++d)
        same = result.shape[d].constantValue() == constant->shape[d];
      if (!same)
        resultPlace.fail("differs in type or shape from the constant '" + result.name + "'");
      written.insert(result.name);
    }
  }
  for (size_t i = 0; i < manifest.constants.size(); ++i)
    if (manifest.constants[i].source == Constant::Source::Init &&
        !written.count(manifest.constants[i].name))
      json.field("constants")
          .element(i)
          .fail("has source 'init', but no function 'init' has a result '" +
                manifest.constants[i].name + "'");
}

Manifest readManifest(const std::string &text, const std::string &file) {
  JsonReader json = JsonReader::parse(text, file);
  int64_t format = json.field("format").integer();
  if (format != artifactFormat)
    json.field("format").fail("is " + std::to_string(format) + "; this reader reads format " +
                              std::to_string(artifactFormat));
  json.onlyKeys({"format", "compiler", "target", "image_sha256", "constants_file", "constants",
                 "kernels", "functions"});
  Manifest manifest;
  manifest.compiler = json.field("compiler").string();
  manifest.target = json.field("target").string();
  manifest.imageSha256 = readSha256(json.field("image_sha256"));
  if (auto constantsFile = json.optionalField("constants_file")) {
    constantsFile->onlyKeys({"name", "sha256"});
    JsonReader name = constantsFile->field("name");
    manifest.constantsFile = name.string();
    if (manifest.constantsFile.empty() || manifest.constantsFile == "." ||
        manifest.constantsFile == ".." ||
        manifest.constantsFile.find_first_of(std::string("/\\\0", 3)) != std::string::npos)
      name.fail("is " + name.describe() + "; expected a file name without a directory");
    manifest.constantsSha256 = readSha256(constantsFile->field("sha256"));
  }
  readNamedList(json.field("constants"), manifest.constants, readConstant);
  for (size_t i = 0; i < manifest.constants.size(); ++i)
    if (manifest.constants[i].source == Constant::Source::File && manifest.constantsFile.empty())
      json.field("constants").element(i).fail("has source 'file', but there is no constants_file");
  readNamedList(json.field("kernels"), manifest.kernels, readKernel);
  readNamedList(json.field("functions"), manifest.functions,
                [&](const JsonReader &function) { return readFunction(function, manifest); });
  checkInit(json, manifest);
  return manifest;
}

} // namespace mpgemm
