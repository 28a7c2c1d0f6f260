// What is wrong with a precision, a policy or a calibration file, with its line and column.
// RUN: split-file %s %t

// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast=f8 2>&1 | FileCheck %s --check-prefix=PRECISION
// PRECISION: error: autocast knows no precision 'f8'; known are tf32, f16, bf16, fp8, int8
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast 2>&1 | FileCheck %s --check-prefix=NO-PRECISION
// NO-PRECISION: error: autocast knows no precision ''; known are tf32
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 polcy=x" 2>&1 | FileCheck %s --check-prefix=OPTION
// OPTION: no such option polcy

// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/nothing.json" 2>&1 | FileCheck %s --check-prefix=NO-FILE
// NO-FILE: error: cannot open input file '{{.*}}nothing.json'

// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/malformed.json" 2>&1 | FileCheck %s --check-prefix=MALFORMED
// MALFORMED: malformed.json:3:22: error: malformed JSON: Expected , or } after object property
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/unknown-key.json" 2>&1 | FileCheck %s --check-prefix=UNKNOWN-KEY
// UNKNOWN-KEY: unknown-key.json:3:17: error: unknown key 'layers'; known are layer, asked, last, a, b, m, n, k, work, absmax_a, absmax_b
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/twice.json" 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: twice.json:1:15: error: the key 'format' is there twice
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/precision.json" 2>&1 | FileCheck %s --check-prefix=BAD-PRECISION
// BAD-PRECISION: precision.json:2:41: error: unknown value 'fp4'; known are f32, tf32, f16, bf16, fp8, int8, asked
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/kind.json" 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: kind.json:2:30: error: expected true or false for 'last', got a number
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/missing.json" 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: missing.json:2:13: error: has no 'action'
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/format.json" 2>&1 | FileCheck %s --check-prefix=FORMAT
// FORMAT: format.json:1:12: error: this policy has format 2; this compiler reads format 1
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/interval.json" 2>&1 | FileCheck %s --check-prefix=INTERVAL
// INTERVAL: interval.json:2:33: error: min 9.000000e+00 is above max 8.000000e+00
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/glob.json" 2>&1 | FileCheck %s --check-prefix=GLOB
// GLOB: glob.json:2:34: error: 'main.[' is no pattern: invalid glob pattern
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/granularity.json" 2>&1 | FileCheck %s --check-prefix=GRANULARITY
// GRANULARITY: granularity.json:2:61: error: unknown granularity 'row'; known are channel, tensor, and blocks as in 1x128
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/not-quantised.json" 2>&1 | FileCheck %s --check-prefix=NOT-QUANTISED
// NOT-QUANTISED: not-quantised.json:2:52: error: 'ranges' belongs to fp8 and int8; the precision is bf16
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/static-token.json" 2>&1 | FileCheck %s --check-prefix=STATIC-TOKEN
// STATIC-TOKEN: static-token.json:2:86: error: static scales are one for a tensor; write "tensor", or "ranges": "dynamic"
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/zero-point.json" 2>&1 | FileCheck %s --check-prefix=ZERO-POINT
// ZERO-POINT: zero-point.json:2:71: error: a zero point needs calibrated ranges; dynamic scales are symmetric
// RUN: head -c 100000 /dev/zero | tr '\0' '[' > %t/deep.json
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="bf16 policy=%t/deep.json" 2>&1 | FileCheck %s --check-prefix=DEEP
// DEEP: deep.json:1:65: error: values are nested more than 64 deep

// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 calibration=%t/no-max.json" 2>&1 | FileCheck %s --check-prefix=NO-MAX
// NO-MAX: no-max.json:1:44: error: has no 'max'
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 calibration=%t/min-above-max.json" 2>&1 | FileCheck %s --check-prefix=MIN-ABOVE-MAX
// MIN-ABOVE-MAX: min-above-max.json:1:52: error: min 3.000000e+00 is above max 2.000000e+00
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 calibration=%t/version.json" 2>&1 | FileCheck %s --check-prefix=VERSION
// VERSION: version.json:1:12: error: this calibration file has format 7; this compiler reads format 1
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 policy=%t/static.json calibration=%t/other-layer.json" 2>&1 | FileCheck %s --check-prefix=STATIC
// STATIC: model.mlir:3:8: error: 'mpgemm.matmul' op main.0 is to have static scales, but the calibration file has no range of its operand A; calibrate with inputs that reach it, or let the policy say "ranges": "dynamic"
// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 policy=%t/static.json" 2>&1 | FileCheck %s --check-prefix=NO-CALIBRATION
// NO-CALIBRATION: error: 'mpgemm.matmul' op main.0 is to have static scales, but no calibration file is given; name one with --calibration, or

// RUN: mpgemm-opt %t/model.mlir --mpgemm-autocast="int8 calibration=%t/other-layer.json" 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: warning: {{.*}}other-layer.json has ranges of main.1, which this model does not have; calibrate this model

// RUN: not mpgemm-opt %t/model.mlir --mpgemm-autocast="fp8 target=sm_80" 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: 'mpgemm.matmul' op main.0 is to be multiplied as 'f8E4M3FN' x 'f8E4M3FN', for which sm_80 has no instruction; choose another precision, or a policy that gives this layer one
// RUN: not mpgemm-opt %t/elided.mlir --mpgemm-autocast=bf16 2>&1 | FileCheck %s --check-prefix=ELIDED
// ELIDED: error: the resource 'w' has no data in this file; it was elided when the file was printed
// RUN: not mpgemm-opt %t/short.mlir --mpgemm-autocast=bf16 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: error: the resource 'w' has 4 bytes, but 'tensor<32x64xf32>' takes 8192

//--- model.mlir
func.func @main(%x: tensor<?x32xf32>) -> tensor<?x64xf32> {
  %w = arith.constant dense<0.5> : tensor<32x64xf32>
  %h = mpgemm.matmul(%x : tensor<?x32xf32>, %w : tensor<32x64xf32>) accumulate <f32> -> tensor<?x64xf32>
  return %h : tensor<?x64xf32>
}

//--- elided.mlir
func.func @main(%x: tensor<?x32xf32>) -> tensor<?x64xf32> {
  %w = arith.constant dense_resource<w> : tensor<32x64xf32>
  %h = mpgemm.matmul(%x : tensor<?x32xf32>, %w : tensor<32x64xf32>) accumulate <f32> -> tensor<?x64xf32>
  return %h : tensor<?x64xf32>
}

//--- short.mlir
func.func @main(%x: tensor<?x32xf32>) -> tensor<?x64xf32> {
  %w = arith.constant dense_resource<w> : tensor<32x64xf32>
  %h = mpgemm.matmul(%x : tensor<?x32xf32>, %w : tensor<32x64xf32>) accumulate <f32> -> tensor<?x64xf32>
  return %h : tensor<?x64xf32>
}
{-# dialect_resources: { builtin: { w: "0x040000000000803F" } } #-}

//--- malformed.json
{
  "format": 1,
  "rules": [{"a": 1 "b": 2}]
}

//--- unknown-key.json
{"format": 1, "rules": [
  {"match":
    {"last": 1, "layers": "main.*"}, "action": {"precision": "f32"}}
]}

//--- twice.json
{"format": 1, "format": 1, "rules": []}

//--- precision.json
{"format": 1, "rules": [
  {"match": {}, "action": {"precision": "fp4"}}]}

//--- kind.json
{"format": 1, "rules": [
  {"match": {"k": 3, "last": 1}, "action": {"precision": "f32"}}]}

//--- missing.json
{"format": 1, "rules": [
            {"match": {}}]}

//--- format.json
{"format": 2, "rules": []}

//--- interval.json
{"format": 1, "rules": [
  {"match": {"last": true, "k": {"min": 9, "max": 8}}, "action": {"precision": "f32"}}]}

//--- glob.json
{"format": 1, "rules": [
  {"match": {"layer": ["main.0", "main.["]}, "action": {"precision": "f32"}}]}

//--- granularity.json
{"format": 1, "rules": [
  {"match": {}, "action": {"precision": "asked", "weights": "row"}}]}

//--- not-quantised.json
{"format": 1, "rules": [
  {"match": {}, "action": {"precision": "bf16",    "ranges": "auto"}}]}

//--- static-token.json
{"format": 1, "rules": [
  {"match": {}, "action": {"precision": "asked", "ranges": "static", "activations":  "token"}}]}

//--- zero-point.json
{"format": 1, "rules": [
  {"match": {}, "action": {"precision": "int8", "ranges": "dynamic",  "zero_point": true}}]}

//--- static.json
{"format": 1, "rules": [{"match": {}, "action": {"precision": "asked", "ranges": "static"}}]}

//--- no-max.json
{"format": 1, "layers": {"main.0": {"a":   {"min": 1, "absmax": 2}}}}

//--- min-above-max.json
{"format": 1, "layers": {"main.0": {"a": {"min":   3, "max": 2, "absmax": 3}}}}

//--- version.json
{"format": 7, "layers": {}}

//--- other-layer.json
{"format": 1, "function": "main", "layers": {"main.1": {"a": {"min": -1, "max": 2, "absmax": 2, "samples": 3}}}}
