//===- ManifestFunctions.h - The functions of a manifest --------*- C++ -*-===//
#ifndef MPGEMM_LIB_ARTIFACT_MANIFESTFUNCTIONS_H
#define MPGEMM_LIB_ARTIFACT_MANIFESTFUNCTIONS_H

#include "JsonReader.h"

#include "mpgemm/Artifact/Manifest.h"

namespace mpgemm {

/// Reads one function; `manifest` already holds the constants and kernels that it may name.
Function readFunction(const JsonReader &json, const Manifest &manifest);

/// An element type by name, or an error that lists them.
ElementType readElementType(const JsonReader &json);

} // namespace mpgemm

#endif // MPGEMM_LIB_ARTIFACT_MANIFESTFUNCTIONS_H
