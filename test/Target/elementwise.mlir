// REQUIRES: ptxas
// RUN: mpgemm-opt %s --target=sm_80 --emit=ptx -o %t.ptx && FileCheck %s < %t.ptx
// RUN: %ptxas -arch=sm_80 %t.ptx -o %t.cubin
// A function of one launch with a kernel written by hand, down to the artifact.

gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">] {
  llvm.func @add(%x: !llvm.ptr, %y: !llvm.ptr, %out: !llvm.ptr, %n: i32) attributes {
      nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>, mptile.block = array<i32: 256, 1, 1>,
      mptile.shared_bytes = 0 : i64, mptile.schedule = "one thread an element",
      mptile.parameters = [{kind = "pointer", view = 0}, {kind = "pointer", view = 1}, {kind = "pointer", view = 2},
                           {kind = "size", view = 0, dim = 0}]} {
    %tid = nvvm.read.ptx.sreg.tid.x : i32
    %cta = nvvm.read.ptx.sreg.ctaid.x : i32
    %threads = llvm.mlir.constant(256 : i32) : i32
    %first = llvm.mul %cta, %threads : i32
    %i = llvm.add %first, %tid : i32
    %in = llvm.icmp "slt" %i, %n : i32
    llvm.cond_br %in, ^body, ^end
  ^body:
    %px = llvm.getelementptr %x[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
    %py = llvm.getelementptr %y[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
    %pout = llvm.getelementptr %out[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
    %a = llvm.load %px : !llvm.ptr -> f32
    %b = llvm.load %py : !llvm.ptr -> f32
    %sum = llvm.fadd %a, %b : f32
    llvm.store %sum, %pout : f32, !llvm.ptr
    llvm.br ^end
  ^end:
    llvm.return
  }
}

// CHECK: // mpgemm-artifact 1
// CHECK-NEXT: // {"compiler": "mpgemm
// CHECK: "functions": [
// CHECK-NEXT: "arena_bytes": 0
// CHECK: "arguments": [{"name": "arg0", "shape": ["s0"], "type": "f32"}
// CHECK: "buffers": [{"index": 0, "kind": "argument"}, {"index": 1, "kind": "argument"}, {"index": 0, "kind": "result"}]
// CHECK: "name": "main"
// CHECK: "results": [{"name": "result0", "shape": ["s0"], "type": "f32"}]
// CHECK: "condition": ["eq", "s0", "s1"]
// CHECK: "bytes": ["mul", "s0", 12]
// CHECK: {"pointer": {"buffer": 0, "offset": 0}}
// CHECK: {"pointer": {"buffer": 1, "offset": 0}}
// CHECK: {"pointer": {"buffer": 2, "offset": 0}}
// CHECK: {"value": "s0"}
// CHECK: "grid": [{{\[}}"ceildiv", "s0", 256], 1, 1]
// CHECK: "block": [256, 1, 1]
// CHECK: "name": "add"
// CHECK: "parameters": ["pointer", "pointer", "pointer", "i32"]
// CHECK: // mpgemm-artifact end
// CHECK: .visible .entry add(
func.func @main(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c12 = arith.constant 12 : index
  %c256 = arith.constant 256 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %m = tensor.dim %y, %c0 : tensor<?xf32>
  %same = arith.cmpi eq, %n, %m : index
  cf.assert %same, "x and y differ in size"
  %empty = tensor.empty(%n) : tensor<?xf32>
  %blocks = arith.ceildivui %n, %c256 : index
  %bytes = arith.muli %n, %c12 : index
  %sum = mptile.launch @add ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%empty : tensor<?xf32>)
    grid(%blocks, %c1, %c1) cost(%n, %bytes) {label = "add"} -> tensor<?xf32>
  return %sum : tensor<?xf32>
}
