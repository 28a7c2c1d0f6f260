//===- Manifest.h - What an artifact says about itself ----------*- C++ -*-===//
//
// The manifest of docs/artifact.md as data. A Manifest that readManifest returned is consistent in
// itself: every index is in range, every name unique, every launch argument fits its parameter,
// every symbol is bound.
//
//===----------------------------------------------------------------------===//
#ifndef MPGEMM_ARTIFACT_MANIFEST_H
#define MPGEMM_ARTIFACT_MANIFEST_H

#include "mpgemm/Artifact/Expression.h"
#include "mpgemm/Support/ElementType.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mpgemm {

/// The version of the format that this reader reads.
constexpr int artifactFormat = 1;

struct Constant {
  enum class Source { File, Init };
  std::string name;
  ElementType type = ElementType::F32;
  std::string logicalType; ///< Of packed sub-byte values, else empty.
  std::vector<int64_t> shape;
  int64_t bytes = 0;
  Source source = Source::File;
};

enum class ParameterKind { TensorMap, Pointer, I64, I32, F32 };
const char *parameterKindName(ParameterKind kind);
size_t parameterBytes(ParameterKind kind);

struct Kernel {
  std::string name;
  std::array<unsigned, 3> block{1, 1, 1};
  std::array<unsigned, 3> cluster{1, 1, 1};
  unsigned sharedBytes = 0;
  bool programmaticDependentLaunch = false;
  std::vector<ParameterKind> parameters;
  std::string schedule;
  std::string source;
};

struct TensorSpec {
  std::string name;
  ElementType type = ElementType::F32;
  std::string logicalType;
  std::vector<Expression> shape; ///< Of an argument: constants and plain symbols.
  int alias =
      -1; ///< Of an argument: the result that is the same buffer; of a result: that argument.
};

struct Buffer {
  enum class Kind { Argument, Result, Constant, Arena };
  Kind kind = Kind::Argument;
  int index = 0;            ///< Argument, Result, Constant.
  Expression offset, bytes; ///< Arena.
};

struct Place {
  int buffer = 0;
  Expression offset; ///< Bytes.
};

struct TensorMapSpec {
  ElementType type = ElementType::U8;
  std::vector<Expression> sizes;   ///< Innermost first.
  std::vector<Expression> strides; ///< Bytes, of dimensions 1 and up.
  std::vector<uint32_t> box;
  int swizzle = 0;
  int l2Promotion = 0;
};

struct LaunchArgument {
  ParameterKind kind = ParameterKind::Pointer;
  Place place;       ///< Pointer, TensorMap.
  Expression value;  ///< I64, I32.
  float number = 0;  ///< F32.
  TensorMapSpec map; ///< TensorMap.
  std::string where; ///< File and path in the manifest, for messages.
};

struct LaunchVariant {
  Expression when;
  int kernel = 0;
  std::array<Expression, 3> grid;
  std::vector<LaunchArgument> arguments;
  std::string where;
};

struct Step {
  enum class Op { Launch, Copy, Fill, Assert };
  Op op = Op::Launch;
  std::string where;
  std::vector<LaunchVariant> variants; ///< Launch.
  Expression flops, traffic;           ///< Launch: for reports.
  std::string label;                   ///< Launch: for reports.
  Place from, to;                      ///< Copy; Fill has `to` only.
  Expression bytes;                    ///< Copy, Fill.
  uint8_t value = 0;                   ///< Fill.
  Expression condition;                ///< Assert.
  std::string message;                 ///< Assert.
};

/// A tensor that lies in a function's buffers after one of its steps.
struct ObservedTensor {
  Place place;
  ElementType type = ElementType::F32;
  std::vector<Expression> shape;
  std::string where; ///< File and path in the manifest, for messages.
};

/// Values, and the scale to multiply them with where they are codes.
struct ObservedValues {
  ObservedTensor values;
  std::optional<ObservedTensor> scale;
};

/// A layer of the model that one launch computes.
struct Layer {
  std::string name;
  int step = 0;
  ObservedValues a;                ///< The left operand of the product, as it is stored.
  std::optional<ObservedValues> b; ///< The right one.
  std::vector<ObservedValues> results;
};

struct Function {
  std::string name;
  std::vector<TensorSpec> arguments;
  std::vector<TensorSpec> results;
  Expression arenaBytes;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<Layer> layers;              ///< In the order of their steps.
  std::vector<std::string> symbols;       ///< In the order they are bound.
  std::vector<AlignmentQuery> alignments; ///< What the `aligned` of its expressions ask.
};

struct Manifest {
  std::string compiler;
  std::string target;
  std::string imageSha256;
  std::string constantsFile; ///< Empty where there is none.
  std::string constantsSha256;
  std::vector<Constant> constants;
  std::vector<Kernel> kernels;
  std::vector<Function> functions;

  /// Index of a function, or -1.
  int findFunction(const std::string &name) const;
};

/// Parses and checks the JSON text of a manifest; `file` names it in messages. Throws
/// Error(InvalidArtifact).
Manifest readManifest(const std::string &json, const std::string &file);

} // namespace mpgemm

#endif // MPGEMM_ARTIFACT_MANIFEST_H
