//===- Artifact.cpp - Opening an artifact and checking its parts --------------===//
#include "mpgemm/Artifact/Artifact.h"

#include "mpgemm/Support/Error.h"
#include "mpgemm/Support/File.h"
#include "mpgemm/Support/Sha256.h"

#include <cstdlib>
#include <set>

namespace mpgemm {

static Error damaged(const std::string &path, const std::string &what) {
  return Error(ErrorKind::InvalidArtifact, path + ": " + what);
}

static const std::string beginMark = "// mpgemm-artifact ";
static const std::string endMark = "// mpgemm-artifact end";

/// The line that starts at `at`, without its end; moves `at` behind it.
static std::string_view takeLine(const std::string &text, size_t &at) {
  size_t end = text.find('\n', at);
  size_t stop = end == std::string::npos ? text.size() : end;
  std::string_view line(text.data() + at, stop - at);
  at = end == std::string::npos ? text.size() : end + 1;
  return line;
}

/// Splits a PTX artifact into the manifest's JSON and the PTX text.
static void splitPtx(const std::string &path, const std::string &text, std::string &json,
                     std::string &image) {
  size_t at = 0;
  std::string_view first = takeLine(text, at);
  if (first.substr(0, beginMark.size()) != beginMark) {
    std::string shown;
    for (char c : first.substr(0, 40))
      shown += c >= ' ' && c <= '~' ? c : '?';
    throw damaged(path, "not an mpgemm artifact: line 1 is '" + shown + "'; expected '" +
                            beginMark + std::to_string(artifactFormat) +
                            "' (written by mpgemm-opt --emit=ptx)");
  }
  std::string version(first.substr(beginMark.size()));
  if (version != std::to_string(artifactFormat))
    throw damaged(path, "artifact of format '" + version.substr(0, 20) +
                            "'; this reader reads format " + std::to_string(artifactFormat));
  size_t lineNumber = 1;
  while (true) {
    if (at >= text.size())
      throw damaged(path, "truncated: the manifest has no end line '" + endMark + "' in " +
                              std::to_string(lineNumber) + " lines");
    std::string_view line = takeLine(text, at);
    ++lineNumber;
    if (line == endMark)
      break;
    if (line.substr(0, 3) != "// " && line != "//")
      throw damaged(path, "line " + std::to_string(lineNumber) +
                              " stands in the manifest, but does not begin with '// '");
    json.append(line.substr(std::min<size_t>(3, line.size())));
    json += '\n';
  }
  image = text.substr(at);
}

static bool isCubinPath(const std::string &path) {
  static const std::string ending = ".cubin";
  return path.size() > ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

static bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '.' || c == '%';
}

/// The word that follows each occurrence of a directive in PTX text.
static std::set<std::string> wordsAfter(const std::string &ptx, const std::string &directive) {
  std::set<std::string> words;
  for (size_t at = ptx.find(directive); at != std::string::npos;
       at = ptx.find(directive, at + directive.size())) {
    size_t begin = ptx.find_first_not_of(" \t\r\n", at + directive.size());
    size_t end = begin;
    while (end < ptx.size() && isNameCharacter(ptx[end]))
      ++end;
    if (begin != std::string::npos && begin > at + directive.size())
      words.insert(ptx.substr(begin, end - begin));
  }
  return words;
}

static void checkImage(const Artifact &artifact, const std::string &manifestFile) {
  const Manifest &manifest = artifact.manifest;
  std::string hash = sha256Hex(artifact.image);
  if (hash != manifest.imageSha256)
    throw damaged(artifact.path, "the " + std::string(artifact.isCubin ? "cubin" : "PTX text") +
                                     " has SHA-256 " + hash + ", but " + manifestFile +
                                     " says image_sha256 is " + manifest.imageSha256 +
                                     "; the file was changed or truncated after it was written");
  std::set<std::string> entries;
  if (!artifact.isCubin) {
    entries = wordsAfter(artifact.image, ".entry");
    std::set<std::string> targets = wordsAfter(artifact.image, ".target");
    if (targets.size() != 1 || *targets.begin() != manifest.target)
      throw damaged(manifestFile, "target is '" + manifest.target + "', but the PTX text's is '" +
                                      (targets.empty() ? "" : *targets.begin()) + "'");
  }
  for (size_t i = 0; i < manifest.kernels.size(); ++i) {
    const std::string &name = manifest.kernels[i].name;
    // A cubin is an ELF file whose code sections are named `.text.<kernel>`.
    std::string section = ".text." + name + '\0';
    bool found = artifact.isCubin ? artifact.image.find(section) != std::string::npos
                                  : entries.count(name) != 0;
    if (!found)
      throw damaged(manifestFile, "kernels[" + std::to_string(i) + "] names '" + name +
                                      "', but the image has no such kernel");
  }
}

static std::string shapeText(const std::vector<int64_t> &shape, ElementType type) {
  std::string text;
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + elementTypeName(type);
}

static void loadConstants(Artifact &artifact) {
  const Manifest &manifest = artifact.manifest;
  if (manifest.constantsFile.empty())
    return;
  std::string path = directoryOf(artifact.path) + manifest.constantsFile;
  artifact.constants = std::make_unique<SafetensorsFile>(path);
  std::string hash = artifact.constants->sha256();
  if (hash != manifest.constantsSha256)
    throw damaged(path, "has SHA-256 " + hash + ", but " + artifact.path + " says it is " +
                            manifest.constantsSha256 + "; it belongs to another artifact");
  for (size_t i = 0; i < manifest.constants.size(); ++i) {
    const Constant &constant = manifest.constants[i];
    if (constant.source != Constant::Source::File)
      continue;
    auto found = artifact.constants->tensors().find(constant.name);
    if (found == artifact.constants->tensors().end())
      throw damaged(path, "has no tensor '" + constant.name + "', which " + artifact.path +
                              " needs as constants[" + std::to_string(i) + "]");
    const SafetensorsFile::Tensor &tensor = found->second;
    if (tensor.type != constant.type || tensor.shape != constant.shape)
      throw damaged(path, "tensor '" + constant.name + "' is " +
                              shapeText(tensor.shape, tensor.type) + ", but constants[" +
                              std::to_string(i) + "] of " + artifact.path + " is " +
                              shapeText(constant.shape, constant.type));
  }
}

std::string readManifestText(const std::string &path) {
  if (isCubinPath(path))
    return readFile(path + ".json");
  std::string json, image;
  splitPtx(path, readFile(path), json, image);
  return json;
}

Artifact loadArtifact(const std::string &path) {
  Artifact artifact;
  artifact.path = path;
  artifact.isCubin = isCubinPath(path);
  std::string contents = readFile(path);
  std::string manifestFile = path;
  if (artifact.isCubin) {
    manifestFile = path + ".json";
    artifact.manifestText = readFile(manifestFile);
    artifact.image = std::move(contents);
  } else {
    splitPtx(path, contents, artifact.manifestText, artifact.image);
  }
  artifact.manifest = readManifest(artifact.manifestText, manifestFile);
  checkImage(artifact, manifestFile);
  loadConstants(artifact);
  return artifact;
}

} // namespace mpgemm
