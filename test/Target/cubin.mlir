// --emit=cubin: the assembled kernels with their manifest beside them; slow kernels are refused and leave no file.
// REQUIRES: ptxas
// RUN: rm -rf %t && mkdir -p %t
// RUN: mpgemm-opt %s --target=sm_90a --emit=cubin -o %t/model.cubin
// RUN: FileCheck %s --check-prefix=MANIFEST --input-file=%t/model.cubin.json
// RUN: mpgemm-run %t/model.cubin --print-manifest | FileCheck %s --check-prefix=MANIFEST
// RUN: not mpgemm-run %t/model.cubin --device=sim --input=64x64xbf16=1 --input=64x64xbf16=1 2>&1 | FileCheck %s --check-prefix=SIM
// RUN: env PATH=%S/Inputs/ptxas-spills:%PATH% not mpgemm-opt %s --target=sm_90a --emit=cubin -o %t/slow.cubin 2>&1 | FileCheck %s --check-prefix=SPILLS
// RUN: env PATH=%S/Inputs/ptxas-serialises:%PATH% not mpgemm-opt %s --target=sm_90a --emit=cubin -o %t/slow.cubin 2>&1 | FileCheck %s --check-prefix=SERIALISES
// RUN: not ls %t/slow.cubin %t/slow.cubin.json

// MANIFEST: "functions"
// MANIFEST: "kernels"
// MANIFEST: "name": "main_matmul_0"
// MANIFEST: "target": "sm_90a"
// SIM: the simulator runs PTX text, not a cubin; emit PTX
// SPILLS: ptxas made a slow kernel: 16 bytes stack frame, 24 bytes spill stores, 24 bytes spill loads
// SERIALISES: ptxas made a slow kernel: {{.*}}C7510
func.func @main(%a: tensor<64x64xbf16>, %b: tensor<64x64xbf16>) -> tensor<64x64xbf16> {
  %d = mpgemm.matmul(%a : tensor<64x64xbf16>, %b : tensor<64x64xbf16>) accumulate <f32> -> tensor<64x64xbf16>
  return %d : tensor<64x64xbf16>
}
