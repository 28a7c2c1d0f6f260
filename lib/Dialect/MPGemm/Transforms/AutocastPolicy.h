// The policy of autocast: rules that say which product gets which precision.
//
// A policy is a JSON document (docs/autocast.md). The first rule that matches a product decides.
#ifndef MPGEMM_LIB_TRANSFORMS_AUTOCASTPOLICY_H
#define MPGEMM_LIB_TRANSFORMS_AUTOCASTPOLICY_H

#include "mpgemm/Dialect/MPGemm/Transforms/Autocast.h"

#include "mlir/IR/MLIRContext.h"
#include <functional>
#include <limits>

namespace mlir::mpgemm {

/// Where an operand comes from: constants alone, an argument of the function (perhaps reshaped), or
/// a computation on arguments.
enum class Origin { Constant, Argument, Computed };

/// The elements of an operand that share a scale: `outer` rows of A (columns of B) by `k` steps of
/// K, 0 for all.
struct Granularity {
  int64_t outer = 1, k = 0;
  bool isPerTensor() const { return outer == 0 && k == 0; }
};

/// Whether the scales of activations come from the calibration file.
enum class RangeSource {
  Auto,    ///< Where the file has the layer, else while the program runs.
  Dynamic, ///< While the program runs.
  Static,  ///< From the file, or an error.
};

/// A closed interval.
struct Interval {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool contains(double value) const { return min <= value && value <= max; }
};

struct AutocastMatch {
  SmallVector<std::string> layers; // glob patterns
  std::optional<bool> last;
  SmallVector<Precision> asked;
  SmallVector<Origin> a, b;
  std::optional<Interval> m, n, k, work, absmaxA, absmaxB;
};

struct AutocastAction {
  std::optional<Precision> precision; ///< Nothing: what was asked for.
  Granularity weights, activations;
  RangeSource ranges = RangeSource::Auto;
  bool zeroPoint = false;
};

struct AutocastRule {
  AutocastMatch match;
  AutocastAction action;
  std::string why, help;
};

/// What rules can ask about a product.
struct ProductFacts {
  StringRef layer;
  bool isLast = false;
  Origin a = Origin::Computed, b = Origin::Computed;
  /// Sizes; infinite where they are known only to a call.
  double m = 0, n = 0, k = 0, work = 0;
  /// The largest magnitude of an operand's values, if it is known. Asked only by rules that need
  /// it.
  std::function<std::optional<double>()> absmaxA, absmaxB;
};

class AutocastPolicy {
public:
  /// Reads a file, or the built-in policy if `path` is empty. What is wrong with it is an error at
  /// its line and column.
  static FailureOr<AutocastPolicy> read(MLIRContext *context, StringRef path);

  /// The rule for a product, or null.
  const AutocastRule *find(const ProductFacts &product, Precision asked) const;

private:
  std::vector<AutocastRule> rules;
};

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_AUTOCASTPOLICY_H
