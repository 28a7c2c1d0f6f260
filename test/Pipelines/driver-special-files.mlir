// A pipe, like a device, is written and not replaced by a file.
// RUN: rm -f %t.pipe && mkfifo %t.pipe
// RUN: timeout 30 cat %t.pipe > %t.read & mpgemm-opt %s --target=sm_80 --emit=mpgemm -o %t.pipe; wait
// RUN: test -p %t.pipe
// RUN: FileCheck %s < %t.read
// CHECK: func.func @main
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
