// What the driver says about bad options and files, and that an output that exists survives a failure.

// RUN: not mpgemm-opt %s --emit=ptx -o %t.ptx 2>&1 | FileCheck %s --check-prefix=NO-TARGET
// NO-TARGET: error: --emit needs --target, one of sm_80, sm_89, sm_90a, sm_120a

// RUN: not mpgemm-opt %s --target=sm_77 --emit=ptx -o %t.ptx 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: unknown target 'sm_77'; known are sm_80, sm_89, sm_90a, sm_120a

// RUN: not mpgemm-opt %s --target=sm_80 --emit=sass -o %t.ptx 2>&1 | FileCheck %s --check-prefix=EMIT
// EMIT: for the --emit option: Cannot find option named 'sass'!

// RUN: not mpgemm-opt %t.nothing --target=sm_80 --emit=ptx -o %t.ptx 2>&1 | FileCheck %s --check-prefix=INPUT
// INPUT: error: cannot open input file '{{.*}}.nothing': No such file or directory

// RUN: not mpgemm-opt %s --target=sm_80 --emit=ptx -o %t.no-such-directory/x.ptx 2>&1 | FileCheck %s --check-prefix=OUTPUT
// OUTPUT: error: cannot write '{{.*}}no-such-directory/x.ptx': No such file or directory

// RUN: mkdir -p %t.directory && not mpgemm-opt %s --target=sm_80 --emit=ptx -o %t.directory 2>&1 | FileCheck %s --check-prefix=DIRECTORY
// DIRECTORY: error: cannot write '{{.*}}.directory': it is a directory

// RUN: echo "func.func @main(" > %t.malformed.mlir
// RUN: echo "an old result" > %t.old.ptx
// RUN: not mpgemm-opt %t.malformed.mlir --target=sm_80 --emit=ptx -o %t.old.ptx 2>&1 | FileCheck %s --check-prefix=MALFORMED
// MALFORMED: malformed.mlir:{{.*}}: error: expected
// RUN: FileCheck %s --check-prefix=SURVIVES < %t.old.ptx
// RUN: not mpgemm-opt %t.malformed.mlir --canonicalize -o %t.old.ptx
// RUN: FileCheck %s --check-prefix=SURVIVES < %t.old.ptx
// SURVIVES: an old result

// RUN: echo "func.func private @f()" > %t.private.mlir
// RUN: not mpgemm-opt %t.private.mlir --target=sm_80 --emit=ptx -o %t.ptx 2>&1 | FileCheck %s --check-prefix=MAIN
// MAIN: error: has no public function to compile; write one, for instance `func.func @main`

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
