//===- Artifact.h - A compiled program on disk ------------------*- C++ -*-===//
//
// Opens an artifact (docs/artifact.md) and checks all of its parts against each other: the
// manifest, the image of the kernels, and the file of constants. Nothing here knows of a device.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_ARTIFACT_ARTIFACT_H
#define MPGEMM_ARTIFACT_ARTIFACT_H

#include "mpgemm/Artifact/Manifest.h"
#include "mpgemm/Artifact/Safetensors.h"

#include <memory>
#include <string>

namespace mpgemm {

struct Artifact {
  std::string path;         ///< As it was opened.
  std::string manifestText; ///< The JSON text.
  Manifest manifest;
  std::string image; ///< PTX text or the bytes of a cubin.
  bool isCubin = false;
  std::unique_ptr<SafetensorsFile> constants; ///< Null where the artifact has no file of constants.
};

/// Reads `path`: PTX with its manifest, or a cubin with `path`.json beside it. Throws
/// Error(InvalidArtifact) where anything is damaged or contradicts, Error(InvalidArgument) where a
/// file cannot be read.
Artifact loadArtifact(const std::string &path);

/// Only the manifest's text, without the checks.
std::string readManifestText(const std::string &path);

} // namespace mpgemm

#endif // MPGEMM_ARTIFACT_ARTIFACT_H
