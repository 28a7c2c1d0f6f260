// REQUIRES: ptxas
// RUN: mpgemm-opt %S/Inputs/gemm-sm80.mlir --mptile-to-nvvm -o %t.nvvm.mlir
// RUN: mpgemm-opt %t.nvvm.mlir --pass-pipeline='builtin.module(gpu.module(convert-scf-to-cf,convert-to-llvm,reconcile-unrealized-casts))' -o %t.llvm.mlir
// RUN: mpgemm-opt %t.llvm.mlir --pass-pipeline='builtin.module(gpu-module-to-binary{format=isa})' | sed -n 's/.*assembly = "\(.*\)">.*/\1/p' | sed -e 's/\\0A/\n/g' -e 's/\\09/\t/g' -e 's/\\22/"/g' > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %ptxas -arch=sm_80 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=PTXAS

// CHECK: .target sm_80
// CHECK: cp.async.cg.shared.global [%rd{{.*}}], [%rd{{.*}}], 16, %r
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32

// PTXAS-NOT: {{warning|error}}
// PTXAS: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
// PTXAS-NOT: {{warning|error}}
