// RUN: mpgemm-opt %s --mptile-plan --split-input-file --verify-diagnostics

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @sub_byte(%x: memref<8xf32>) {
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{cannot place a buffer of 'i4', whose elements are not whole bytes}}
  %a = memref.alloc() : memref<8xi4>
  mptile.launch @k outs(%a : memref<8xi4>) grid(%c1, %c1, %c1)
  return
}

// -----

llvm.func @k() attributes {nvvm.kernel} { llvm.return }
func.func @data_dependent(%x: memref<8xindex>) {
  %c1 = arith.constant 1 : index
  %n = memref.load %x[%c1] : memref<8xindex>
  // expected-error @+1 {{has a size that depends on the values of a tensor; sizes may only depend on the sizes of the arguments}}
  %a = memref.alloc(%n) : memref<?xf32>
  mptile.launch @k outs(%a : memref<?xf32>) grid(%c1, %c1, %c1)
  return
}

// -----

func.func @too_large() {
  // expected-error @+1 {{of 'memref<4611686018427387904x4xf32>' has more than 2^63 bytes}}
  %a = memref.alloc() : memref<4611686018427387904x4xf32>
  %c1 = arith.constant 1 : index
  mptile.launch @k outs(%a : memref<4611686018427387904x4xf32>) grid(%c1, %c1, %c1)
  return
}
llvm.func @k() attributes {nvvm.kernel} { llvm.return }
