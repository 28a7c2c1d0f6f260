// RUN: mpgemm-opt %s --mptile-expand-scalars --split-input-file --verify-diagnostics

func.func @unknown_function(%x: f32) -> f32 {
  // expected-error @below {{'math.acosh' op is not supported in a kernel; docs/math.md lists the supported functions}}
  %0 = math.acosh %x : f32
  return %0 : f32
}

// -----

func.func @f64_function(%x: f64) -> f64 {
  // expected-error @below {{'math.exp' op is not supported in a kernel with an operand of type 'f64'; it takes f32, f16, bf16}}
  %0 = math.exp %x : f64
  return %0 : f64
}

// -----

func.func @arithmetic_in_8_bits(%x: f8E4M3FN) -> f8E4M3FN {
  // expected-error @below {{'arith.addf' op is not supported in a kernel with an operand of type 'f8E4M3FN'; it takes f64, f32, f16, bf16}}
  %0 = arith.addf %x, %x : f8E4M3FN
  return %0 : f8E4M3FN
}

// -----

func.func @odd_integer(%x: i5) -> i5 {
  // expected-error @below {{'arith.addi' op is not supported in a kernel with an operand of type 'i5'; it takes i1, i8, i16, i32, i64, index}}
  %0 = arith.addi %x, %x : i5
  return %0 : i5
}

// -----

func.func @vectors(%x: vector<2xf32>) -> vector<2xf32> {
  // expected-error @below {{with an operand of type 'vector<2xf32>'}}
  %0 = arith.addf %x, %x : vector<2xf32>
  return %0 : vector<2xf32>
}

// -----

func.func @rounding_mode(%x: f32) -> bf16 {
  // expected-error @below {{'arith.truncf' op rounding mode toward_zero is not supported in a kernel; use to_nearest_even}}
  %0 = arith.truncf %x toward_zero : f32 to bf16
  return %0 : bf16
}

// -----

func.func @f64_to_8_bits(%x: f64) -> f8E5M2 {
  // expected-error @below {{between f64 and an 8-bit float is not supported in a kernel; convert by way of f32}}
  %0 = arith.truncf %x : f64 to f8E5M2
  return %0 : f8E5M2
}
