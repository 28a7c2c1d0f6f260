// Bufferisation of launches.
#ifndef MPGEMM_DIALECT_MPTILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define MPGEMM_DIALECT_MPTILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::mptile {
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);
} // namespace mlir::mptile

#endif // MPGEMM_DIALECT_MPTILE_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
