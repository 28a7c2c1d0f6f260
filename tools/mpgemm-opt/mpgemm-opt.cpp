// mpgemm-opt: MLIR in, MLIR out, with every pass of the project.
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mpgemm/Pipelines/Register.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::mpgemm::registerAllDialects(registry);
  mlir::mpgemm::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "mixed-precision matrix product compiler\n", registry));
}
