// RUN: mpgemm-opt %s --mpgemm-schedule --split-input-file | FileCheck %s
// RUN: mpgemm-opt %s --mpgemm-schedule=dynamic-m=4096 --split-input-file | FileCheck %s --check-prefix=ONE
// RUN: mpgemm-opt %s --mpgemm-schedule --mpgemm-tile --split-input-file | FileCheck %s --check-prefix=TILE
// A dynamic M gets a few schedules for few rows beside the one for many, and one launch that chooses among their kernels.

// CHECK-LABEL: @any_rows
// CHECK: schedule <tile = [128, 256, 64],
// CHECK-SAME: dispatch <[{{[0-9, ]+}}] : [<tile = [{{[0-9]+}}, {{[0-9]+}}, 64]
// ONE-LABEL: @any_rows
// ONE: schedule <tile = [128, 256, 64],
// ONE-NOT: dispatch <
// ONE: return
// TILE-LABEL: @any_rows
// TILE: %[[M:.+]] = tensor.dim %arg0, %c0
// TILE: %[[FEW:.+]] = arith.cmpi sle, %[[M]], %{{.+}}
// TILE: mptile.launch @any_rows_matmul_[[LAST:[0-9]+]] ins(%arg0, %arg1
// TILE-SAME: alternatives(%[[FEW]] -> @any_rows_matmul_0(
// TILE: mptile.kernel @any_rows_matmul_0(
// TILE: schedule = #mpgemm.schedule<tile = [
// TILE: mptile.kernel @any_rows_matmul_[[LAST]](
// TILE: schedule = #mpgemm.schedule<tile = [128, 256, 64]
func.func @any_rows(%x: tensor<?x4096xbf16>, %w: tensor<14336x4096xbf16>) -> tensor<?x14336xbf16> {
  %d = mpgemm.matmul(%x : tensor<?x4096xbf16>, %w transposed : tensor<14336x4096xbf16>) accumulate <f32> -> tensor<?x14336xbf16>
  return %d : tensor<?x14336xbf16>
}

// -----

// A known number of rows needs no choice.

// CHECK-LABEL: @known_rows
// CHECK: schedule <tile
// CHECK-NOT: dispatch <
// CHECK: return
func.func @known_rows(%x: tensor<64x4096xbf16>, %w: tensor<14336x4096xbf16>) -> tensor<64x14336xbf16> {
  %d = mpgemm.matmul(%x : tensor<64x4096xbf16>, %w transposed : tensor<14336x4096xbf16>) accumulate <f32> -> tensor<64x14336xbf16>
  return %d : tensor<64x14336xbf16>
}

// -----

// A dispatch written by hand is kept.

// CHECK-LABEL: @by_hand
// CHECK: schedule <tile = [128, 128, 64], stages = 4,
// CHECK-SAME: dispatch <[32] : [<tile = [64, 32, 64], stages = 4>]>
// TILE-LABEL: @by_hand
// TILE: arith.cmpi sle, %{{.+}}, %c32
// TILE: mptile.launch @by_hand_matmul_1
// TILE-SAME: alternatives(%{{.+}} -> @by_hand_matmul_0(
func.func @by_hand(%x: tensor<?x256xbf16>, %w: tensor<512x256xbf16>) -> tensor<?x512xbf16> {
  %d = mpgemm.matmul(%x : tensor<?x256xbf16>, %w transposed : tensor<512x256xbf16>) accumulate <f32>
      schedule <tile = [128, 128, 64], stages = 4> dispatch <[32] : [<tile = [64, 32, 64], stages = 4>]> -> tensor<?x512xbf16>
  return %d : tensor<?x512xbf16>
}
