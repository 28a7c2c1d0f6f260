// The stages of the driver, standard input and output, and the constants beside the artifact.

// RUN: rm -rf %t && mkdir %t
// RUN: mpgemm-opt - --target=sm_90a --emit=ptx -o %t/m.ptx < %s && FileCheck %s < %t/m.ptx
// CHECK: "constants": [
// CHECK-NEXT: {"bytes": 8, "name": "weight", "shape": [2], "source": "file", "type": "f32"}
// CHECK: {"bytes": 3, "name": "flags", "shape": [3], "source": "file", "type": "i1"}
// CHECK: {"bytes": 8, "name": "constant_0", "shape": [4], "source": "file", "type": "bf16"}
// CHECK: "constants_file": {"name": "m.safetensors", "sha256": "{{[0-9a-f]+}}"}
// CHECK: .target sm_90a

// RUN: mpgemm-run %t/m.ptx --print-manifest | FileCheck %s --check-prefix=READ
// READ: "format": 1

// RUN: not mpgemm-opt %s --target=sm_90a --emit=ptx -o - 2>&1 | FileCheck %s --check-prefix=STDOUT
// STDOUT: error: the program has constants, which are written beside the artifact; name a file with -o

// RUN: mpgemm-opt %s --target=sm_90a --emit=mpgemm | FileCheck %s --check-prefix=STAGE-TENSOR
// RUN: mpgemm-opt %s --target=sm_90a --emit=mptile -o - | FileCheck %s --check-prefix=STAGE-TENSOR
// STAGE-TENSOR: func.func @main() -> (tensor<2xf32>, tensor<3xi1>, tensor<4xbf16>)
// RUN: mpgemm-opt %s --target=sm_90a --emit=nvvm | FileCheck %s --check-prefix=STAGE-BUFFER
// STAGE-BUFFER: mptile.result_buffer 0() : memref<2xf32>

ml_program.global private @weight(dense<[1.0, 2.0]> : tensor<2xf32>) : tensor<2xf32>

func.func @main() -> (tensor<2xf32>, tensor<3xi1>, tensor<4xbf16>) {
  %w = ml_program.global_load_const @weight : tensor<2xf32>
  %f = arith.constant dense_resource<flags> : tensor<3xi1>
  %c = arith.constant dense<1.5> : tensor<4xbf16>
  return %w, %f, %c : tensor<2xf32>, tensor<3xi1>, tensor<4xbf16>
}

{-# dialect_resources: { builtin: { flags: "0x01000000010001" } } #-}
