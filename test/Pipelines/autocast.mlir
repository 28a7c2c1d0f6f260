// An f32 MLP by the driver's --autocast: casts are part of the epilogues, weights are stored in the low type.

// RUN: mpgemm-opt %s --target=sm_90a --autocast=bf16 --autocast-last-layer --emit=mpgemm | FileCheck %s
// CHECK-LABEL: func.func @main
// CHECK-DAG: arith.constant dense_resource<w1.bf16> : tensor<8x8xbf16>
// CHECK-DAG: arith.constant dense_resource<w2.bf16> : tensor<8x8xbf16>
// The argument has no producer: one elementwise op casts it. All else is in the two products.
// CHECK: linalg.generic
// CHECK: linalg.yield
// CHECK-NOT: linalg.
// CHECK: %[[H:.*]] = mpgemm.matmul(%{{.*}} : tensor<?x8xbf16>, %{{.*}} : tensor<8x8xbf16>) accumulate <f32>
// CHECK: %[[R:.*]] = arith.maximumf %{{.*}} : f32
// CHECK-NEXT: %[[LOW:.*]] = arith.truncf %[[R]] : f32 to bf16
// CHECK-NEXT: mpgemm.yield %[[LOW]] : bf16
// CHECK: -> tensor<?x8xbf16>
// CHECK-NOT: linalg.
// CHECK: mpgemm.matmul(%[[H]] : tensor<?x8xbf16>, %{{.*}} : tensor<8x8xbf16>) accumulate <f32>
// CHECK-SAME: -> tensor<?x8xf32>

// The last layer stays f32 unless it is asked for.
// RUN: mpgemm-opt %s --target=sm_90a --autocast=bf16 --emit=mpgemm --mlir-elide-resource-strings-if-larger=8 > %t.mlir
// RUN: FileCheck %s --check-prefix=LAST < %t.mlir
// LAST: mpgemm.matmul(%{{.*}} : tensor<?x8xbf16>, %{{.*}} : tensor<8x8xbf16>)
// LAST: mpgemm.matmul(%{{.*}} : tensor<?x8xf32>, %{{.*}} : tensor<8x8xf32>)

// The artifact has the weights once, in bf16.
// RUN: mpgemm-opt %s --target=sm_90a --autocast=bf16 --autocast-last-layer --emit=ptx -o %t.ptx
// RUN: mpgemm-run %t.ptx --print-manifest | FileCheck %s --check-prefix=MANIFEST
// MANIFEST: {"bytes": 128, "name": "w1.bf16", "shape": [8, 8], "source": "file", "type": "bf16"}
// MANIFEST-NEXT: {"bytes": 128, "name": "w2.bf16", "shape": [8, 8], "source": "file", "type": "bf16"}
// MANIFEST-SAME: ],

// RUN: mpgemm-opt --print-autocast-policy > %t.policy.json
// RUN: FileCheck %s --check-prefix=POLICY < %t.policy.json
// POLICY: "rules": [
// POLICY: {"last": true}
// The built-in policy, read from a file, decides as it does without one.
// RUN: mpgemm-opt %s --target=sm_90a --autocast=bf16 --autocast-policy=%t.policy.json --emit=mpgemm --mlir-elide-resource-strings-if-larger=8 | diff - %t.mlir

// RUN: not mpgemm-opt %s --target=sm_90a --autocast=f8 --emit=ptx -o %t.no.ptx 2>&1 | FileCheck %s --check-prefix=PRECISION
// PRECISION: error: autocast knows no precision 'f8'; known are tf32, f16, bf16, fp8, int8
// RUN: not mpgemm-opt %s --autocast=bf16 2>&1 | FileCheck %s --check-prefix=NO-EMIT
// NO-EMIT: error: --autocast belongs to the driver, with --emit; the pass is --mpgemm-autocast
// RUN: not mpgemm-opt %s --target=sm_90a --calibration=x.json --emit=ptx -o %t.no.ptx 2>&1 | FileCheck %s --check-prefix=NO-AUTOCAST
// NO-AUTOCAST: error: --calibration needs --autocast, one of tf32, f16, bf16, fp8, int8
// RUN: not mpgemm-opt %s --target=sm_90a --autocast=int8 --calibration=%t.nothing --emit=ptx -o %t.no.ptx 2>&1 | FileCheck %s --check-prefix=NO-FILE
// NO-FILE: error: cannot open input file '{{.*}}.nothing'

func.func @main(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %w1 = arith.constant dense_resource<w1> : tensor<8x8xf32>
  %w2 = arith.constant dense_resource<w2> : tensor<8x8xf32>
  %0 = tensor.empty(%n) : tensor<?x8xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %2 = linalg.matmul ins(%x, %w1 : tensor<?x8xf32>, tensor<8x8xf32>) outs(%1 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %3 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%2 : tensor<?x8xf32>) outs(%0 : tensor<?x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.maximumf %in, %zero : f32
    linalg.yield %r : f32
  } -> tensor<?x8xf32>
  %4 = tensor.empty(%n) : tensor<?x8xf32>
  %5 = linalg.fill ins(%zero : f32) outs(%4 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %6 = linalg.matmul ins(%3, %w2 : tensor<?x8xf32>, tensor<8x8xf32>) outs(%5 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

{-# dialect_resources: { builtin: {
  w1: "0x040000000000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F",
  w2: "0x040000000000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F0000003F"
} } #-}
