// Every product of warpgroups beside those of 16 bits: the instruction, and that ptxas takes it without a warning.
// REQUIRES: ptxas
// RUN: mpgemm-opt %s --mptile-to-nvvm -o %t.nvvm.mlir
// RUN: mpgemm-opt %t.nvvm.mlir --pass-pipeline='builtin.module(gpu.module(convert-scf-to-cf,convert-to-llvm,reconcile-unrealized-casts))' -o %t.llvm.mlir
// RUN: mpgemm-opt %t.llvm.mlir --pass-pipeline='builtin.module(gpu-module-to-binary{format=isa})' | sed -n 's/.*assembly = "\(.*\)">.*/\1/p' | sed -e 's/\\0A/\n/g' -e 's/\\09/\t/g' -e 's/\\22/"/g' > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %ptxas -arch=sm_90a -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=PTXAS

// PTXAS-NOT: {{[Ww]arning|error|C75|C76}}
// PTXAS: 0 bytes spill stores

// CHECK-LABEL: .entry f32_e4m3_e4m3
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f32.e4m3.e4m3
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f32_e4m3_e4m3() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E4M3FN, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>, !mptile.smem<32x128xf8E4M3FN, swizzle = 128>, !mptile.pending<64x32xf32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf32, warps = 4x1>) -> !mptile.acc<64x32xf32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f32_e4m3_e5m2
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f32.e4m3.e5m2
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f32_e4m3_e5m2() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E5M2, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>, !mptile.smem<32x128xf8E5M2, swizzle = 128>, !mptile.pending<64x32xf32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf32, warps = 4x1>) -> !mptile.acc<64x32xf32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f32_e5m2_e4m3
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f32.e5m2.e4m3
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f32_e5m2_e4m3() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E5M2, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E4M3FN, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E5M2, swizzle = 128>, !mptile.smem<32x128xf8E4M3FN, swizzle = 128>, !mptile.pending<64x32xf32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf32, warps = 4x1>) -> !mptile.acc<64x32xf32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f32_e5m2_e5m2
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f32.e5m2.e5m2
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f32_e5m2_e5m2() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E5M2, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E5M2, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E5M2, swizzle = 128>, !mptile.smem<32x128xf8E5M2, swizzle = 128>, !mptile.pending<64x32xf32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf32, warps = 4x1>) -> !mptile.acc<64x32xf32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f16_e4m3_e4m3
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f16.e4m3.e4m3
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f16_e4m3_e4m3() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E4M3FN, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf16, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>, !mptile.smem<32x128xf8E4M3FN, swizzle = 128>, !mptile.pending<64x32xf16, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf16, warps = 4x1>) -> !mptile.acc<64x32xf16, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f16_e4m3_e5m2
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f16.e4m3.e5m2
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f16_e4m3_e5m2() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E5M2, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf16, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E4M3FN, swizzle = 128>, !mptile.smem<32x128xf8E5M2, swizzle = 128>, !mptile.pending<64x32xf16, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf16, warps = 4x1>) -> !mptile.acc<64x32xf16, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f16_e5m2_e4m3
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f16.e5m2.e4m3
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f16_e5m2_e4m3() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E5M2, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E4M3FN, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf16, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E5M2, swizzle = 128>, !mptile.smem<32x128xf8E4M3FN, swizzle = 128>, !mptile.pending<64x32xf16, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf16, warps = 4x1>) -> !mptile.acc<64x32xf16, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f16_e5m2_e5m2
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.f16.e5m2.e5m2
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f16_e5m2_e5m2() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xf8E5M2, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xf8E5M2, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf16, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xf8E5M2, swizzle = 128>, !mptile.smem<32x128xf8E5M2, swizzle = 128>, !mptile.pending<64x32xf16, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf16, warps = 4x1>) -> !mptile.acc<64x32xf16, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry s32_s8_s8
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.s32.s8.s8
// CHECK-NOT: wgmma.mma_async
mptile.kernel @s32_s8_s8() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xi8, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xi8, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xi32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x128xi8, swizzle = 128>, !mptile.smem<32x128xi8, swizzle = 128>, !mptile.pending<64x32xi32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xi32, warps = 4x1>) -> !mptile.acc<64x32xi32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry s32_s8_u8
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.s32.s8.u8
// CHECK-NOT: wgmma.mma_async
mptile.kernel @s32_s8_u8() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xi8, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xi8, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xi32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z {unsigned_b} : !mptile.smem<64x128xi8, swizzle = 128>, !mptile.smem<32x128xi8, swizzle = 128>, !mptile.pending<64x32xi32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xi32, warps = 4x1>) -> !mptile.acc<64x32xi32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry s32_u8_s8
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.s32.u8.s8
// CHECK-NOT: wgmma.mma_async
mptile.kernel @s32_u8_s8() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xi8, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xi8, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xi32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z {unsigned_a} : !mptile.smem<64x128xi8, swizzle = 128>, !mptile.smem<32x128xi8, swizzle = 128>, !mptile.pending<64x32xi32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xi32, warps = 4x1>) -> !mptile.acc<64x32xi32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry s32_u8_u8
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k32.s32.u8.u8
// CHECK-NOT: wgmma.mma_async
mptile.kernel @s32_u8_u8() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x128xi8, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x128xi8, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xi32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z {unsigned_a, unsigned_b} : !mptile.smem<64x128xi8, swizzle = 128>, !mptile.smem<32x128xi8, swizzle = 128>, !mptile.pending<64x32xi32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xi32, warps = 4x1>) -> !mptile.acc<64x32xi32, warps = 4x1>
  mptile.return
}

// CHECK-LABEL: .entry f32_tf32_tf32
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k8.f32.tf32.tf32
// CHECK-NOT: wgmma.mma_async
mptile.kernel @f32_tf32_tf32() attributes {target = "sm_90a", threads = 128 : i64} {
  %a = mptile.alloc : !mptile.smem<64x32xf32, swizzle = 128>
  %b = mptile.alloc : !mptile.smem<32x32xf32, swizzle = 128>
  %z = mptile.acc_zero : !mptile.pending<64x32xf32, warps = 4x1>
  %p = mptile.mma_async %a, %b, %z : !mptile.smem<64x32xf32, swizzle = 128>, !mptile.smem<32x32xf32, swizzle = 128>, !mptile.pending<64x32xf32, warps = 4x1>
  %r = mptile.mma_wait %p : (!mptile.pending<64x32xf32, warps = 4x1>) -> !mptile.acc<64x32xf32, warps = 4x1>
  mptile.return
}

