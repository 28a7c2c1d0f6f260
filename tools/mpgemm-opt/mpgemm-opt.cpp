// mpgemm-opt: MLIR in; MLIR with every pass of the project, or a compiled program, out.
#include "mpgemm/Pipelines/Driver.h"

int main(int argc, char **argv) { return mlir::mpgemm::runOptTool(argc, argv); }
