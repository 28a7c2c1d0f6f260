// The dense product written by hand in Inputs/gemm.mlir of the lowering's tests, as an artifact: ptxas has nothing to say, and the
// simulator computes it to the bit, with its checks of synchronisation on. Two tiles in each direction, both partly outside;
// ten K blocks are more than two turns of the ring; with one CTA its ring and its staging tiles wrap between tiles.
// RUN: cat %S/../../Conversion/MPTileToNVVM/Inputs/gemm.mlir %s > %t.mlir
// RUN: rm -f %t.ptx && mpgemm-opt %t.mlir --target=sm_90a --emit=ptx -o %t.ptx
// RUN: %if ptxas %{ %ptxas -arch=sm_90a -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=PTXAS %}
// RUN: python3 %S/Inputs/product.py 140 264 584 %t
// RUN: mpgemm-run %t.ptx --device=sim:sms=1 --input=140x584xbf16=@%t.a.bin --input=264x584xbf16=@%t.b.bin \
// RUN:   --input=264xbf16=@%t.bias.bin --expected_output=140x264xbf16=@%t.d.bin
// RUN: mpgemm-run %t.ptx --device=sim:sms=3,order=random,seed=5 --input=140x584xbf16=@%t.a.bin --input=264x584xbf16=@%t.b.bin \
// RUN:   --input=264xbf16=@%t.bias.bin --expected_output=140x264xbf16=@%t.d.bin

// PTXAS-NOT: C75
// PTXAS-NOT: C76
// PTXAS: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
// PTXAS: Used 168 registers

func.func @main(%x: tensor<?x?xbf16>, %w: tensor<?x?xbf16>, %bias: tensor<?xbf16>) -> tensor<?x?xbf16> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xbf16>
  %n = tensor.dim %w, %c0 : tensor<?x?xbf16>
  %init = tensor.empty(%m, %n) : tensor<?x?xbf16>
  %r = mptile.launch @gemm ins(%x, %w, %bias : tensor<?x?xbf16>, tensor<?x?xbf16>, tensor<?xbf16>)
      outs(%init : tensor<?x?xbf16>) grid(%c3, %c1, %c1) -> tensor<?x?xbf16>
  return %r : tensor<?x?xbf16>
}
