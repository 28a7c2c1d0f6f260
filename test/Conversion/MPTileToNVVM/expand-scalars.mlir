// RUN: mpgemm-opt %s --mptile-expand-scalars | FileCheck %s
// RUN: mpgemm-opt %s --mptile-expand-scalars --convert-to-llvm | FileCheck %s --check-prefix=LLVM

// LLVM-NOT: math.
// LLVM-NOT: arith.

// CHECK-LABEL: func @exp_uses_two_floats
//  CHECK-SAME: %[[X:.*]]: f32
//       CHECK: %[[HIGH:.*]] = arith.mulf
//       CHECK: %[[POWER:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.f32"(%[[HIGH]])
//       CHECK: math.fma %[[POWER]], %{{.*}}, %[[POWER]]
func.func @exp_uses_two_floats(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  return %0 : f32
}

// CHECK-LABEL: func @bf16_function_is_computed_in_f32
//       CHECK: arith.extf %{{.*}} : bf16 to f32
//       CHECK: ex2.approx
//       CHECK: %[[R:.*]] = arith.truncf %{{.*}} : f32 to bf16
//       CHECK: return %[[R]]
func.func @bf16_function_is_computed_in_f32(%x: bf16) -> bf16 {
  %0 = math.tanh %x : bf16
  return %0 : bf16
}

// CHECK-LABEL: func @bf16_arithmetic_stays
//       CHECK: arith.addf %{{.*}} : bf16
//   CHECK-NOT: extf
//       CHECK: return
func.func @bf16_arithmetic_stays(%x: bf16, %y: bf16) -> bf16 {
  %0 = arith.addf %x, %y : bf16
  return %0 : bf16
}

// CHECK-LABEL: func @cube_is_products
//  CHECK-SAME: %[[X:.*]]: f32
//       CHECK: %[[SQUARE:.*]] = arith.mulf %[[X]], %[[X]]
//       CHECK: %[[CUBE:.*]] = arith.mulf %[[X]], %[[SQUARE]]
//       CHECK: return %[[CUBE]]
func.func @cube_is_products(%x: f32) -> f32 {
  %three = arith.constant 3.0 : f32
  %0 = math.powf %x, %three : f32
  return %0 : f32
}

// CHECK-LABEL: func @power_of_two_values
//       CHECK: ex2.approx
func.func @power_of_two_values(%x: f32, %y: f32) -> f32 {
  %0 = math.powf %x, %y : f32
  return %0 : f32
}

// CHECK-LABEL: func @division_is_exact
//       CHECK: arith.divf
func.func @division_is_exact(%x: f32, %y: f32) -> f32 {
  %0 = arith.divf %x, %y : f32
  return %0 : f32
}

// CHECK-LABEL: func @division_may_be_inexact
//       CHECK: "llvm.nvvm.div.full"
func.func @division_may_be_inexact(%x: f32, %y: f32) -> f32 {
  %0 = arith.divf %x, %y fastmath<arcp> : f32
  return %0 : f32
}

// 464 rounds to 448; above, arith.truncf gives NaN (0x7f).
// CHECK-LABEL: func @truncf_to_e4m3_overflows_to_nan
//   CHECK-DAG: %[[LIMIT:.*]] = arith.constant 4.640000e+02 : f32
//   CHECK-DAG: arith.cmpf ogt, %{{.*}}, %[[LIMIT]]
//       CHECK: arith.bitcast %{{.*}} : i8 to f8E4M3FN
func.func @truncf_to_e4m3_overflows_to_nan(%x: f32) -> f8E4M3FN {
  %0 = arith.truncf %x : f32 to f8E4M3FN
  return %0 : f8E4M3FN
}

// CHECK-LABEL: func @extf_from_e5m2
//       CHECK: arith.bitcast %{{.*}} : f8E5M2 to i8
//       CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @extf_from_e5m2(%x: f8E5M2) -> bf16 {
  %0 = arith.extf %x : f8E5M2 to bf16
  return %0 : bf16
}
