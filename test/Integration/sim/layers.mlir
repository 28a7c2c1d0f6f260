// Layers from the model to the tools: two versions of a model in different types call their products alike, ranges come out of the
// simulator exactly, and the error of each layer is measured against the other version.
// RUN: rm -f %t.json && mpgemm-opt %s --target=sm_80 --emit=ptx -o %t.bf16.ptx
// RUN: sed s/bf16/f16/g %s > %t.f16.mlir && mpgemm-opt %t.f16.mlir --target=sm_80 --emit=ptx -o %t.f16.ptx
// RUN: mpgemm-run %t.bf16.ptx --device=sim --input=2x16xbf16=1 --input=8x16xbf16=2 --input=4x8xbf16=-1 \
// RUN:   --input=1x16xbf16=-1 --input=8x16xbf16=2 --input=4x8xbf16=-1 --calibrate=%t.json
// RUN: FileCheck %s < %t.json
// RUN: mpgemm-run %t.bf16.ptx --device=sim --input=33x16xbf16=random --input=random --input=random --compare-layers=%t.f16.ptx --min-snr=40 \
// RUN:   | FileCheck %s --check-prefix=COMPARE
// RUN: not mpgemm-run %t.bf16.ptx --device=sim --input=33x16xbf16=random --input=random --input=random --compare-layers=%t.f16.ptx --min-snr=90 \
// RUN:   | FileCheck %s --check-prefix=FAILED

// CHECK: "main.0": {
// CHECK-NEXT: "a": {
// CHECK-NEXT: "min": -1.0,
// CHECK-NEXT: "max": 1.0,
// CHECK-NEXT: "absmax": 1.0,
// CHECK-NEXT: "samples": 48
// CHECK: "b": {
// CHECK-NEXT: "min": 2.0,
// CHECK: "result": {
// CHECK-NEXT: "min": -32.0,
// CHECK-NEXT: "max": 32.0,
// CHECK: "main.1": {
// CHECK: "result": {
// CHECK-NEXT: "min": -256.0,
// CHECK-NEXT: "max": 256.0,
// CHECK-NEXT: "absmax": 256.0,
// CHECK-NEXT: "samples": 12

// COMPARE: main.0         264 {{.*}} bf16 against f16
// COMPARE: main.1         132 {{.*}} f32 against f32
// COMPARE: result0        132 {{.*}} f32 against f32
// COMPARE: [SUCCESS] smallest signal-to-noise ratio:
// FAILED: [FAILED] smallest signal-to-noise ratio:

func.func @main(%x: tensor<?x16xbf16>, %up: tensor<8x16xbf16>, %down: tensor<4x8xbf16>) -> tensor<?x4xf32> {
  %h = mpgemm.matmul(%x : tensor<?x16xbf16>, %up transposed : tensor<8x16xbf16>) accumulate <f32> -> tensor<?x8xbf16>
  %y = mpgemm.matmul(%h : tensor<?x8xbf16>, %down transposed : tensor<4x8xbf16>) accumulate <f32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
