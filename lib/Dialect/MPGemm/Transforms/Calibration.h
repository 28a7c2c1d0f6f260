// The calibration file: ranges of the activations of each layer, observed by `mpgemm-run
// --calibrate`.
#ifndef MPGEMM_LIB_TRANSFORMS_CALIBRATION_H
#define MPGEMM_LIB_TRANSFORMS_CALIBRATION_H

#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::mpgemm {

/// What was seen of one tensor.
struct ObservedRange {
  double min = 0, max = 0, absmax = 0;
};

struct ObservedLayer {
  std::optional<ObservedRange> a, b;
};

/// Ranges by the name of a layer ("main.0").
class Calibration {
public:
  /// Reads `path`; what is wrong with it is an error at its line and column.
  static FailureOr<Calibration> read(MLIRContext *context, StringRef path);

  const ObservedLayer *find(StringRef layer) const {
    auto found = layers.find(layer);
    return found == layers.end() ? nullptr : &found->second;
  }
  const llvm::StringMap<ObservedLayer> &getLayers() const { return layers; }

private:
  llvm::StringMap<ObservedLayer> layers;
};

} // namespace mlir::mpgemm

#endif // MPGEMM_LIB_TRANSFORMS_CALIBRATION_H
