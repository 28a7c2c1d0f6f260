// Deep nesting is refused before MLIR's parser recurses over it, in the compiler and in the opt tool.
// RUN: seq 20000 | sed 's,.*,module {,' > %t.regions.mlir
// RUN: not mpgemm-opt %t.regions.mlir --emit=ptx --target=sm_90a -o %t.ptx 2>&1 | FileCheck %s
// RUN: not mpgemm-opt %t.regions.mlir --canonicalize 2>&1 | FileCheck %s
// RUN: not mpgemm-opt %t.regions.mlir -o %t.out 2>&1 | FileCheck %s
// CHECK: regions.mlir:257:8: error: nested deeper than 256 brackets

// Brackets in strings and comments, arrows and comparisons do not count.
// RUN: seq 300 | sed 's,.*,// (((,' > %t.fine.mlir
// RUN: seq 300 | awk '{print "func.func private @f" $1 "() -> () attributes {s = \"(((\"}"}' >> %t.fine.mlir
// RUN: mpgemm-opt %t.fine.mlir | FileCheck %s --check-prefix=FINE
// FINE: func.func private @f300()
