// From a planned module with lowered kernels to the files of docs/artifact.md.
#ifndef MPGEMM_TARGET_ARTIFACT_H
#define MPGEMM_TARGET_ARTIFACT_H

#include "mlir/IR/BuiltinOps.h"
#include "mpgemm/Target/OutputFiles.h"

namespace mlir::mpgemm {

enum class ImageKind { PTX, Cubin };

/// Translates the kernels of `module`, describes its functions, and adds the artifact at `path` to
/// `files`, with the file of constants or the cubin's manifest beside it. Errors are reported at
/// the op they concern.
LogicalResult writeArtifact(ModuleOp module, StringRef target, ImageKind kind, StringRef path,
                            OutputFiles &files);

/// The one gpu.module with the kernels, null where there are none; an error where there are
/// several.
FailureOr<Operation *> findKernelModule(ModuleOp module);

} // namespace mlir::mpgemm

#endif // MPGEMM_TARGET_ARTIFACT_H
