//===- FuzzArtifact.cpp - Artifacts from their text to a call -----------------===//
//
// The bytes are a whole artifact where they begin with a comment, else the manifest alone: then its
// hashes are put right and a PTX text that has its kernels stands behind it, so that the manifest
// is read to the end. A program that loads has each of its functions called with a few shapes, on a
// device that checks every range it is given.
//
//===----------------------------------------------------------------------===//
#include "Fuzz.h"
#include "RecordingDriver.h"

#include "mpgemm/Runtime/Context.h"
#include "mpgemm/Runtime/Shapes.h"
#include "mpgemm/Support/Sha256.h"

#include <nlohmann/json.hpp>

using namespace mpgemm;
using Json = nlohmann::ordered_json;

/// Tensors that the manifests of the corpus name: base 8xf32, weight 4x8xbf16.
static std::string constantsText() {
  std::string header = R"({"base":{"dtype":"F32","shape":[8],"data_offsets":[0,32]},)"
                       R"("weight":{"dtype":"BF16","shape":[4,8],"data_offsets":[32,96]}})";
  std::string file;
  for (size_t i = 0; i < 8; ++i)
    file += char(header.size() >> (8 * i));
  return file + header + std::string(96, '\x3f');
}

static std::string stringOf(const Json &object, const char *key) {
  auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string()
             ? found->get<std::string>()
             : "";
}

/// A text with the target and the kernels that the manifest names.
static std::string ptxFor(const Json &manifest) {
  std::string ptx = ".version 8.0\n.target " + stringOf(manifest, "target") + "\n";
  auto kernels = manifest.find("kernels");
  if (kernels != manifest.end() && kernels->is_array())
    for (const Json &kernel : *kernels)
      ptx += ".entry " + stringOf(kernel, "name") + "\n";
  return ptx;
}

/// The artifact around a manifest; empty where that is no JSON object.
static std::string artifactAround(const std::string &text, const std::string &constantsName,
                                  const std::string &constantsHash) {
  // The reader refuses deeper nesting by itself; the parser here would recurse.
  size_t brackets = 0;
  for (char c : text)
    brackets += c == '[' || c == '{';
  if (brackets > 20000)
    return "";
  Json manifest = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!manifest.is_object())
    return "";
  std::string ptx = ptxFor(manifest);
  if (manifest.contains("image_sha256"))
    manifest["image_sha256"] = sha256Hex(ptx);
  if (manifest.contains("constants_file"))
    manifest["constants_file"] = {{"name", constantsName}, {"sha256", constantsHash}};
  return "// mpgemm-artifact 1\n// " +
         manifest.dump(-1, ' ', true, Json::error_handler_t::replace) +
         "\n// mpgemm-artifact end\n" + ptx;
}

/// Calls a function once with the sizes that `random` gives its symbols.
static void callOnce(const std::shared_ptr<const Program> &program, int index, Context &context,
                     std::minstd_rand &random) {
  static const int64_t sizes[] = {
      0, 1, 2, 4, 7, 8, 64, 129, 4096, 1 << 20, (int64_t(1) << 31) - 4096};
  const Function &function = program->manifest().functions[size_t(index)];
  std::vector<int64_t> values(function.symbols.size());
  for (int64_t &value : values)
    value = sizes[random() % std::size(sizes)];
  Driver &driver = program->device().driver();
  std::vector<DeviceBuffer> memory;
  auto tensorOf = [&](ElementType type, const std::vector<int64_t> &shape) -> mpgemm_tensor {
    int64_t bytes = tensorBytes(type, shape, "a tensor");
    memory.emplace_back(driver, size_t(bytes));
    return {memory.back().address(), nullptr, int32_t(shape.size()), shape.data()};
  };
  std::vector<std::vector<int64_t>> shapes;
  for (const TensorSpec &spec : function.arguments) {
    shapes.emplace_back();
    for (const Expression &size : spec.shape)
      shapes.back().push_back(size.constantValue() ? *size.constantValue()
                                                   : values[size_t(*size.symbolIndex())]);
  }
  std::vector<mpgemm_tensor> arguments, results;
  for (size_t i = 0; i < shapes.size(); ++i)
    arguments.push_back(tensorOf(function.arguments[i].type, shapes[i]));
  auto resultShapes = requiredResultShapes(*program, index, arguments.data(), arguments.size());
  for (size_t i = 0; i < resultShapes.size(); ++i) {
    int alias = function.results[i].alias;
    if (alias >= 0)
      results.push_back(arguments[size_t(alias)]);
    else
      results.push_back(tensorOf(function.results[i].type, resultShapes[i]));
  }
  context.reserve(index, arguments.data(), arguments.size());
  context.call(index, arguments.data(), arguments.size(), results.data(), results.size(), 0,
               random() % 2 ? MPGEMM_CALL_GRAPH : 0);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz::MemoryFile artifact, constants;
  static const std::string constantsHash = [] {
    constants.set(constantsText());
    return sha256Hex(constantsText());
  }();
  std::string text(reinterpret_cast<const char *>(data), size);
  if (text.compare(0, 2, "//") != 0) {
    std::string whole = artifactAround(text, constants.name(), constantsHash);
    if (whole.empty()) {
      fuzz::allowErrors([&] { readManifest(text, "fuzz.json"); });
      return 0;
    }
    text = std::move(whole);
  }
  artifact.set(text);
  fuzz::allowErrors([&] { readManifestText(artifact.path()); });
  std::shared_ptr<const Program> program;
  fuzz::allowErrors([&] {
    auto device = std::make_shared<Device>(fuzz::createRecordingDriver(), "recording");
    program = Program::load(std::move(device), artifact.path());
  });
  if (!program)
    return 0;
  std::minstd_rand random(unsigned(size) + 1);
  for (int index : program->callable())
    fuzz::allowErrors([&] {
      Context context(program);
      for (int n = 0; n < 3; ++n)
        fuzz::allowErrors([&] { callOnce(program, index, context, random); });
    });
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  std::string text(reinterpret_cast<const char *>(data), size);
  if (text.compare(0, 2, "//") == 0)
    return LLVMFuzzerMutate(data, size, most);
  return fuzz::store(fuzz::mutateJson(text, most, seed), data, most);
}
